-- One row a disposed return line: what its disposed units brought back, ex tax, less their handling, and what they were
-- sold for (K66). Restocked units are worth what the item is sold for now; units sent back bring what the supplier
-- credited; scrapped units bring nothing, nor do units in quarantine while they stay there. Units sold at a discount
-- have no price until there is a markdown of the item in the channel.
with

markdowns as (
    select
        sku,
        channel_id,
        {{ max_by_keys('price_amount', ['effective_ts', 'price_version'], where="price_type = 'markdown'") }}
            as price_amount,
        {{ max_by_keys('currency_code', ['effective_ts', 'price_version'], where="price_type = 'markdown'") }}
            as currency_code
    from {{ ref('stg_pos__price_publication') }}
    where live_ts <= {{ as_of() }}
    group by sku, channel_id
),

claims as (
    select
        {{ line_key('return_id', 'return_line_no') }} as return_key,
        sum(coalesce(credited_amount, 0)) as credited_amount
    from {{ ref('stg_erp__supplier_claim') }}
    group by return_id, return_line_no
),

disposed as (
    select
        lines.*,
        {{ reporting_date('lines.disposed_ts') }} as disposed_date,
        products.is_goods,
        products.list_price_amount,
        locations.location_type
    from {{ ref('fct_return_line') }} as lines
    left join {{ ref('dim_product') }} as products
        on lines.sku = products.sku
    left join {{ ref('dim_location') }} as locations
        on lines.location = locations.location_id
    where lines.disposed_ts is not null
)

select
    disposed.return_key,
    disposed.disposed_date,
    case
        when not disposed.is_goods then 'out:not_goods'
        when disposed.sold_net_amount is null then 'no_data:unknown_sale'
        when disposed.disposition_code = 'restock' and disposed.list_price_amount is null then 'no_data:no_price'
        when disposed.disposition_code = 'discount' and markdowns.price_amount is null then 'no_data:no_markdown_price'
    end as exclusion_reason,
    {{ cumulative_part(
        'disposed.sold_net_amount', 'least(disposed.disposed_qty, disposed.quantity)', '0', 'disposed.quantity'
    ) }} as sold_net_amount,
    case disposed.disposition_code
        when 'restock' then disposed.disposed_qty * disposed.list_price_amount
        when 'discount' then {{ money(
            'cast(disposed.disposed_qty * markdowns.price_amount * rates.reporting_rate as double)'
            ~ ' * disposed.sold_net_amount / nullif(disposed.sold_gross_amount, 0)'
        ) }}
        when 'supplier' then coalesce(claims.credited_amount, 0)
        else 0
    end - disposed.disposed_qty * coalesce(handling.unit_amount, 0) as recovered_amount,
    coalesce(disposed.disposition_code, 'UNKNOWN') as reason,
    disposed.channel,
    disposed.location,
    disposed.region,
    disposed.category,
    disposed.supplier,
    disposed.source_entity,
    disposed._file_digest,
    disposed._line
from disposed
left join claims
    on disposed.return_key = claims.return_key
left join markdowns
    on
        disposed.sku = markdowns.sku
        and disposed.channel = markdowns.channel_id
left join {{ ref('int_finance__daily_rate') }} as rates
    on
        markdowns.currency_code = rates.currency_code
        and disposed.disposed_date = rates.rate_date
left join {{ ref('int_finance__handling_rate') }} as handling
    on
        handling.cost_type = 'return_handling'
        and disposed.location_type = handling.location_type
        and disposed.disposed_date >= handling.valid_from_date
        and disposed.disposed_date < handling.valid_to_date
