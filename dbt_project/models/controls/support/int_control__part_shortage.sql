-- Grain: one moment at which units of a part of an order line were refused by its node (rejected), not found by a
-- closed pick (short), told of as not found without such a pick (not_found), or reported damaged (damaged), with the
-- moment at which the line lacked them no more. What a line was lacking first is filled first: a loss is over when the
-- line was given as many units as it had lost until then, in order of time.
{{ config(contract={"enforced": false}) }}

with losses as (

    select
        *,
        cast(sum(lost_qty) over (
            partition by order_line_key
            order by event_ts, loss_kind = 'ordered' desc, loss_key, loss_kind
            rows between unbounded preceding and current row
        ) as bigint) as lost_until_qty
    from {{ ref("int_control__line_loss") }}
    where lost_qty > 0

),

gifts as (

    select
        *,
        cast(sum(given_qty) over so_far as bigint) as given_until_qty,
        max(known_ts) over so_far as known_until_ts
    from {{ ref("int_control__line_gift") }}
    where given_qty > 0
    window so_far as (
        partition by order_line_key
        order by event_ts, gift_key, gift_kind
        rows between unbounded preceding and current row
    )

),

fillings as (

    select
        losses.order_line_key,
        losses.loss_key,
        min(gifts.event_ts) as ended_ts,
        {{ min_by_keys("gifts.known_until_ts", ["gifts.given_until_qty"]) }} as ended_known_ts,
        {{ min_by_keys("gifts.gift_kind", ["gifts.given_until_qty"]) }} as ended_reason
    from losses
    inner join gifts
        on losses.order_line_key = gifts.order_line_key and losses.lost_until_qty <= gifts.given_until_qty
    group by losses.order_line_key, losses.loss_key

)

select
    losses.order_line_key,
    losses.loss_key as shortage_key,
    losses.loss_kind as shortage_kind,
    losses.fulfilment_line_id,
    losses.location_id,
    losses.lost_qty as missing_qty,
    losses.event_ts as short_ts,
    losses.known_ts as short_known_ts,
    {{ control_first_ending([
        ["fillings.ended_ts", "fillings.ended_known_ts", "fillings.ended_reason"],
        ["lines.closed_ts", "lines.closed_known_ts", "'line completed'"],
    ]) }},
    losses.evidence_entity,
    losses._file_digest,
    losses._line
from losses
inner join {{ ref("int_control__short_line") }} as lines on losses.order_line_key = lines.order_line_key
left join fillings on losses.order_line_key = fillings.order_line_key and losses.loss_key = fillings.loss_key
where losses.loss_kind in ('rejected', 'short', 'not_found', 'damaged')
