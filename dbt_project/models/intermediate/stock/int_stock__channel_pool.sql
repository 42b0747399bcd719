-- One row a channel and item: units free in the locations from which the channel may be served, and units to come
-- there.
select
    eligible.channel_id,
    stock.sku,
    {{ whole('sum(stock.free_qty)') }} as free_qty,
    {{ whole('sum(stock.firm_inbound_qty)') }} as firm_inbound_qty
from {{ ref('int_stock__channel_location') }} as eligible
inner join {{ ref('fct_available_to_sell') }} as stock
    on eligible.location_id = stock.location_id
group by eligible.channel_id, stock.sku
