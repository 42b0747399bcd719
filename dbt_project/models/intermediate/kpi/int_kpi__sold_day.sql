-- One row a sale line and day on which units of it reached the customer (denominator of K60.flow): a line that came in
-- parts stands on the day of each. Where its parts do not tell all its units, it stands on the day of the last.
with parts as (
    select
        order_line_key,
        delivered_ts as handover_ts,
        shipped_qty as quantity
    from {{ ref('fct_shipment_line') }}
    where not is_cancelled and not is_replacement and delivered_ts is not null
    union all
    select
        order_line_key,
        collected_ts as handover_ts,
        collected_qty as quantity
    from {{ ref('fct_pickup_line') }}
    where collected_ts is not null
),

days as (
    select
        order_line_key,
        {{ reporting_date('handover_ts') }} as handover_date,
        {{ whole('sum(quantity)') }} as quantity
    from parts
    group by order_line_key, {{ reporting_date('handover_ts') }}
),

in_parts as (
    select
        order_line_key,
        {{ whole('sum(quantity)') }} as quantity
    from days
    group by order_line_key
    having count(*) > 1
)

select
    case
        when coalesce(days.handover_date, sold.sold_date) = sold.sold_date then sold.sale_key
        else sold.sale_key || '|' || cast(days.handover_date as string)
    end as sale_day_key,
    coalesce(days.quantity, sold.quantity) as quantity,
    coalesce(days.handover_date, sold.sold_date) as handover_date,
    sold.exclusion_reason,
    sold.channel,
    sold.region,
    sold.category,
    sold.supplier,
    sold.order_type,
    sold.reason,
    sold.source_entity,
    sold._file_digest,
    sold._line
from {{ ref('int_kpi__sold_unit') }} as sold
left join in_parts
    on
        sold.sale_key = in_parts.order_line_key
        and sold.quantity = in_parts.quantity
left join days
    on in_parts.order_line_key = days.order_line_key
