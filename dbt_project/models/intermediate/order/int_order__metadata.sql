-- One row an order: which of tax, shipping and item mapping it lacks, or lacked at first, and since when it has all
-- of them.
with

lines as (
    select
        order_id,
        bool_and(sku is not null) as is_mapped,
        max(mapped_ts) as mapped_ts,
        max(mapped_known_ts) as mapped_known_ts
    from {{ ref('int_order__line_scope') }}
    group by order_id
),

joined as (
    select
        orders.order_id,
        orders.order_ts,
        orders.tax_amount is null as lacks_tax,
        orders.shipping_amount is null as lacks_shipping,
        not coalesce(lines.is_mapped, true) as lacks_item,
        orders.charges_complete_ts,
        lines.mapped_ts,
        {{ greatest_ts('orders.charges_complete_ts', 'lines.mapped_ts') }} as complete_ts,
        {{ greatest_ts('orders.charges_known_ts', 'lines.mapped_known_ts') }} as complete_known_ts
    from {{ ref('stg_oms__sales_order') }} as orders
    left join lines
        on orders.order_id = lines.order_id
)

select
    order_id,
    cast(cast(lacks_tax as integer) + cast(lacks_shipping as integer) + cast(lacks_item as integer) as bigint)
        as metadata_missing_count,
    case when not (lacks_tax or lacks_shipping or lacks_item) then complete_ts end as metadata_complete_ts,
    case when not (lacks_tax or lacks_shipping or lacks_item) then complete_known_ts end
        as metadata_complete_received_ts,
    nullif(
        concat_ws(
            '|',
            case when lacks_tax then 'tax' end,
            case when lacks_shipping then 'shipping' end,
            case when lacks_item then 'item' end
        ),
        ''
    ) as metadata_fields_missing
from joined
