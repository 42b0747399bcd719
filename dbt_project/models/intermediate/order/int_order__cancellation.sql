-- One row an order line and event that cancelled units of it: the units that this event took, in the order of the
-- events and never more than were left. A quantity lowered without an event counts as taken back with the line's
-- last version.
with

lines as (
    select * from {{ ref('int_order__line_scope') }}
),

events as (
    select
        lines.order_line_key,
        events.event_id,
        events.event_ts,
        least(
            coalesce(case when events.line_no is not null then events.quantity end, lines.ordered_qty),
            lines.ordered_qty
        ) as asked_qty,
        events.initiator_code,
        events.reason_code,
        events.actor_type,
        events._file_digest,
        events._line,
        events.received_ts,
        events.first_received_ts
    from {{ ref('stg_oms__order_event') }} as events
    inner join lines
        on
            events.order_id = lines.order_id
            and (events.line_no is null or events.line_no = lines.line_no)
    where events.event_type = 'cancelled'
),

edits as (
    select
        lines.order_line_key,
        'edit' as event_id,
        lines.updated_ts as event_ts,
        lines.ordered_qty - lines.latest_qty - coalesce(cancelled.asked_qty, 0) as asked_qty,
        coalesce(milestones.edit_initiator_code, 'customer') as initiator_code,
        'customer_request' as reason_code,
        cast(null as string) as actor_type,
        lines._file_digest,
        lines._line,
        lines.received_ts,
        lines.received_ts as first_received_ts
    from lines
    left join (
        select
            order_line_key,
            sum(asked_qty) as asked_qty
        from events
        group by order_line_key
    ) as cancelled
        on lines.order_line_key = cancelled.order_line_key
    left join {{ ref('int_order__event_milestone') }} as milestones
        on lines.order_line_key = milestones.order_line_key
    where lines.ordered_qty - lines.latest_qty > coalesce(cancelled.asked_qty, 0)
),

sequenced as (
    select
        *,
        sum(asked_qty) over (
            partition by order_line_key order by event_ts, event_id rows unbounded preceding
        ) as asked_upto_qty
    from (
        select * from events
        union all
        select * from edits
    ) as everything
),

capped as (
    select
        sequenced.*,
        lines.ordered_qty,
        lines.order_id,
        {{ whole('least(lines.ordered_qty, sequenced.asked_upto_qty)
            - least(lines.ordered_qty, sequenced.asked_upto_qty - sequenced.asked_qty)') }} as cancelled_qty,
        case
            when sequenced.reason_code = 'customer_request' then 'customer'
            when sequenced.reason_code in ('no_stock', 'not_found', 'fraud', 'payment', 'address', 'system')
                then sequenced.reason_code
            when sequenced.reason_code in ('price', 'carrier', 'other') then 'other'
            when sequenced.reason_code is not null then 'UNKNOWN'
            when sequenced.initiator_code in ('customer', 'system') then sequenced.initiator_code
            else 'other'
        end as class_code
    from sequenced
    inner join lines
        on sequenced.order_line_key = lines.order_line_key
)

select
    capped.order_line_key,
    capped.event_id,
    capped.event_ts,
    capped.cancelled_qty,
    coalesce(capped.initiator_code, 'UNKNOWN') as initiator_code,
    coalesce(capped.reason_code, 'NONE') as reason_code,
    capped.class_code,
    coalesce(capped.actor_type, 'UNKNOWN') as actor_type,
    coalesce(
        capped.initiator_code = 'customer'
        and (promises.first_promise_latest_ts is null or capped.event_ts < promises.first_promise_latest_ts)
        and (milestones.delay_announced_ts is null or capped.event_ts < milestones.delay_announced_ts),
        false
    )
    or (
        capped.class_code in ('fraud', 'payment')
        and (milestones.released_ts is null or capped.event_ts < milestones.released_ts)
    ) as is_before_obligation,
    capped._file_digest,
    capped._line,
    capped.received_ts,
    capped.first_received_ts
from capped
left join {{ ref('int_order__first_promise') }} as promises
    on capped.order_line_key = promises.order_line_key
left join {{ ref('int_order__event_milestone') }} as milestones
    on capped.order_line_key = milestones.order_line_key
where capped.cancelled_qty > 0
