-- Everything that is known to have happened to one order, in the order in which it happened.
select *
from mart_order_timeline
where order_id = $order_id
order by event_ts, event_seq
