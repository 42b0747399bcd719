-- One row an order line: what it is, where it belongs and which populations it is part of. No quantities that
-- events change.
with

lines as (
    select
        lines.*,
        {{ line_key('lines.order_id', 'lines.line_no') }} as order_line_key
    from {{ ref('stg_oms__sales_order_line') }} as lines
),

orders as (
    select
        *,
        {{ reporting_date('order_ts') }} as order_date
    from {{ ref('stg_oms__sales_order') }}
),

pickup_lines as (
    select distinct
        order_id,
        line_no
    from {{ ref('stg_pos__pickup_task') }}
)

select
    lines.order_line_key,
    lines.order_id,
    lines.line_no,
    orders.external_order_key,
    orders.channel_id,
    orders.order_ts,
    orders.order_date,
    orders.region_code,
    orders.pickup_location_id,
    orders.currency_code,
    orders.prices_include_tax,
    lines.sku,
    case
        when orders.order_type = 'pickup' or pickup_lines.order_id is not null then 'pickup'
        when orders.order_type in ('delivery', 'wholesale') then 'delivery'
        when orders.pickup_location_id is not null then 'pickup'
        else 'delivery'
    end as fulfilment_method_code,
    case
        when orders.order_type <> 'mixed' then orders.order_type
        when lines.is_backorder_sale then 'preorder'
        when pickup_lines.order_id is not null or orders.pickup_location_id is not null then 'pickup'
        else 'delivery'
    end as order_type,
    orders.is_test,
    coalesce(products.is_goods, true) as is_goods,
    coalesce(products.is_kit, false) as is_kit,
    lines.kit_parent_line_no is not null as is_kit_component,
    lines.substitute_for_line_no is not null as is_substitute,
    lines.is_backorder_sale,
    {{ line_key('lines.order_id', 'lines.kit_parent_line_no') }} as kit_parent_key,
    {{ line_key('lines.order_id', 'lines.substitute_for_line_no') }} as substitute_for_key,
    greatest(lines.greatest_quantity, 0) as ordered_qty,
    greatest(lines.quantity, 0) as latest_qty,
    lines.updated_ts,
    lines.gross_amount,
    lines.discount_amount,
    lines.tax_amount,
    products.weight_kg,
    lines.mapped_ts,
    lines.mapped_known_ts,
    {{ mapped_dim('orders.channel_id', 'channels.channel_id') }} as channel,
    coalesce(orders.region_code, 'UNKNOWN') as region,
    coalesce(products.category, 'UNKNOWN') as category,
    coalesce(products.supplier, 'UNKNOWN') as supplier,
    {{ mapped_dim('lines.promotion_id', 'promotions.promotion_id') }} as promotion,
    lines._file_digest,
    lines._line,
    lines.received_ts,
    lines.first_received_ts
from lines
inner join orders
    on lines.order_id = orders.order_id
left join pickup_lines
    on
        lines.order_id = pickup_lines.order_id
        and lines.line_no = pickup_lines.line_no
left join {{ ref('dim_product') }} as products
    on lines.sku = products.sku
left join {{ ref('dim_channel') }} as channels
    on orders.channel_id = channels.channel_id
left join {{ ref('dim_promotion') }} as promotions
    on lines.promotion_id = promotions.promotion_id
