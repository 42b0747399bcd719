-- Grain: one row an order of the web shop (store 0). Two formats of date stand in one column; a date that is neither keeps its text
-- and is refused. The file has no amounts: the lines are valued at the price list, in US dollars; the currency in which the
-- customer paid is not used. Tax and shipping are not told.
with heads as (
    select
        arg_min(_file_digest, _line) as first_digest,
        min(_line) as first_line,
        "Order Number" as order_id,
        arg_min("Order Date", _line) as order_date,
        arg_min(CustomerKey, _line) as CustomerKey
    from {{ sales }}
    where StoreKey = '0'
    group by "Order Number"
)

select
    o.first_digest as _file_digest,
    o.first_line as _line,
    o.order_id,
    o.order_id as external_order_key,
    'web' as channel_id,
    'delivery' as order_type,
    coalesce(cast(try_strptime(o.order_date, ['%m/%d/%Y', '%m-%d-%Y']) as varchar), o.order_date) as order_ts,
    o.CustomerKey as customer_id,
    case c.Country
        when 'Australia' then 'AU'
        when 'Canada' then 'CA'
        when 'France' then 'FR'
        when 'Germany' then 'DE'
        when 'Italy' then 'IT'
        when 'Netherlands' then 'NL'
        when 'United Kingdom' then 'GB'
        when 'United States' then 'US'
        else c.Country
    end as region_code,
    region_code as ship_to_country_code,
    'USD' as currency_code,
    false as prices_include_tax,
    false as is_test,
    1 as version_no,
    order_ts as updated_ts
from heads as o
left join {{ customers }} as c
    on o.CustomerKey = c.CustomerKey
