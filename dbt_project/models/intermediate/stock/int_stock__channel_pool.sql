-- One row a channel and item: units free in the locations from which the channel may be served, and units to come
-- there.
with

eligible as (
    select
        channels.channel_id,
        locations.location_id
    from {{ ref('dim_channel') }} as channels
    inner join {{ ref('channel_eligibility') }} as rules
        on channels.channel_type = rules.channel_type
    inner join {{ ref('dim_location') }} as locations
        on rules.location_type = locations.location_type
    where
        rules.is_eligible
        and cast(rules.valid_from as date) <= {{ reporting_date(as_of()) }}
        and (rules.valid_to is null or cast(rules.valid_to as date) >= {{ reporting_date(as_of()) }})
)

select
    eligible.channel_id,
    stock.sku,
    {{ whole('sum(stock.free_qty)') }} as free_qty,
    {{ whole('sum(stock.firm_inbound_qty)') }} as firm_inbound_qty
from eligible
inner join {{ ref('fct_available_to_sell') }} as stock
    on eligible.location_id = stock.location_id
group by eligible.channel_id, stock.sku
