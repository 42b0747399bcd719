-- K89. Grain: one row an open purchase-order line at as_of: late for certain or not at all, until there is a
-- prediction.
{% set dims = ['location', 'region', 'category', 'supplier'] %}
with lines as (
    select
        *,
        expected_date > need_by_date as is_late,
        case when need_by_date is null then 'no_data:no_need_by' end as exclusion_reason
    from {{ ref('int_kpi__purchase_risk') }}
)

{{ kpi_union([
    kpi_measure(
        'K89', 'lines', 'po_line_key', reporting_date(as_of()), 'case when is_late then 1 else 0 end', dims=dims
    ),
    kpi_measure(
        'K89.value', 'lines', 'po_line_key', reporting_date(as_of()),
        'case when is_late then open_qty * unit_margin_amount else 0 end',
        exclusion="coalesce(exclusion_reason, case when unit_margin_amount is null then 'no_data:no_margin' end)", dims=dims
    ),
]) }}
