-- One row an interface, location, item and cut with units on their way: net units of stock messages sent by the cut
-- and not applied at it. Messages that repeat a version count once, by its first application.
with

cuts as (
    select distinct
        snapshot_ts,
        interface_id
    from {{ ref('int_stock__system_cut') }}
    where interface_id is not null
),

messages as (
    select
        interface_id,
        location_id,
        sku,
        quantity,
        sent_ts,
        coalesce(applied_ts, cast('9999-12-31' as timestamp)) as applied_ts
    from {{ ref('fct_message') }}
    where is_stock and is_representative and quantity <> 0 and location_id is not null and sku is not null
)

select
    messages.interface_id,
    messages.location_id,
    messages.sku,
    cuts.snapshot_ts,
    {{ whole('sum(messages.quantity)') }} as in_flight_qty
from messages
inner join cuts
    on
        messages.interface_id = cuts.interface_id
        and messages.sent_ts <= cuts.snapshot_ts
        and messages.applied_ts > cuts.snapshot_ts
group by messages.interface_id, messages.location_id, messages.sku, cuts.snapshot_ts
