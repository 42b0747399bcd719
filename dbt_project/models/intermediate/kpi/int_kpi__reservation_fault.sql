-- One row an active reservation: past its expiry, or beyond what its line still needs, the newest first (K44).
{{ config(materialized='view') }}

with active as (
    select
        reservations.*,
        sum(reservations.quantity) over (
            partition by reservations.order_line_key order by reservations.created_ts, reservations.reservation_id
            rows between unbounded preceding and current row
        ) as reserved_upto_qty
    from {{ ref('fct_reservation') }} as reservations
    where reservations.is_active
)

select
    active.reservation_id,
    active.is_expired,
    coalesce(
        active.order_line_key is not null and lines.order_line_key is not null
        and active.reserved_upto_qty > lines.open_qty,
        false
    ) as is_beyond_need,
    cast(null as string) as exclusion_reason,
    active.location,
    active.region,
    coalesce(lines.channel, 'NONE') as channel,
    active.source_entity,
    active._file_digest,
    active._line
from active
left join {{ ref('fct_order_line') }} as lines on active.order_line_key = lines.order_line_key
