-- K60. Grain: one row a sale line (denominator) and one a return line (numerator, by reason). K60 stands on the day
-- of the sale and K60.flow on the day of each event, with a row a sale line and day: never mix the two series.
{% set sold = ref('int_kpi__sold_unit') %}
{% set dims = ['channel', 'region', 'category', 'supplier', 'order_type', 'reason'] %}
-- In a starred dimension NONE carries the denominator: a return without a stated reason stands at UNKNOWN.
with returned as (
    select
        *,
        case when reason = 'NONE' then 'UNKNOWN' else reason end as stated_reason
    from {{ ref('int_kpi__return_scope') }}
    where exclusion_reason is null
)

{{ kpi_union([
    kpi_measure(
        'K60', sold, 'sale_key', 'sold_date', '0', 'quantity',
        exclusion="coalesce(exclusion_reason, case when not is_mature then 'out:window_still_open' end)", dims=dims
    ),
    kpi_measure(
        'K60', 'returned', 'return_key', 'sold_date', 'cohort_qty', '0', dims=dims, reason='stated_reason',
        where='cohort_qty > 0'
    ),
    kpi_measure('K60.flow', ref('int_kpi__sold_day'), 'sale_day_key', 'handover_date', '0', 'quantity', dims=dims),
    kpi_measure(
        'K60.flow', 'returned', 'return_key', 'goods_received_date', 'received_qty', '0', dims=dims, reason='stated_reason',
        where='goods_received_date is not null'
    ),
]) }}
