-- K92. Grain: one row a receipt line: units arrived and not put away, on the day of the build, and the time to the
-- shelf.
{% set dims = ['location', 'region', 'supplier', 'category'] %}
{% set shelf = seconds_between('arrived_ts', 'putaway_ts') %}
with lines as (
    select
        *,
        receipt_id || '|' || cast(line_no as string) as receipt_key,
        {{ reporting_date('putaway_ts') }} as putaway_date,
        cast(null as string) as exclusion_reason
    from {{ ref('fct_receipt_line') }}
)

{{ kpi_union([
    kpi_measure(
        'K92', 'lines', 'receipt_key', reporting_date(as_of()), 'received_qty - rejected_qty', dims=dims,
        where='arrived_ts <= ' ~ as_of() ~ ' and coalesce(putaway_ts > ' ~ as_of() ~ ', true)'
    ),
    kpi_measure(
        'K92.dock_to_stock', 'lines', 'receipt_key', 'putaway_date', shelf, exclusion=kpi_duration_exclusion(shelf), dims=dims,
        where='putaway_ts is not null'
    ),
]) }}
