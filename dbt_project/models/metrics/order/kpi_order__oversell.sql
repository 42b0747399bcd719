-- K13. Grain: one row an order line. Only units that the published stock of the channel covered can have been
-- oversold.
with order_lines as (
    select
        lines.*,
        coalesce(
            {{ kpi_unit_exclusion() }},
            case
                when lines.is_backorder_sale then 'out:sold_as_backorder'
                when not evidence.has_publication then 'no_data:no_publication'
                when lines.ats_in_force_qty is null then 'out:no_publication_in_force'
                when not evidence.has_shortage_event then 'no_data:no_shortage_evidence'
            end
        ) as exclusion_reason,
        {{ reporting_date('lines.order_ts') }} as period_date
    from {{ ref('fct_order_line') }} as lines
    cross join {{ ref('int_kpi__evidence') }} as evidence
)

{{ kpi_measure(
    'K13', 'order_lines', 'order_line_key', 'period_date',
    'case when ats_in_force_qty >= ordered_qty then oversold_qty else 0 end', 'ordered_qty',
    dims=['channel', 'location', 'region', 'category']
) }}
