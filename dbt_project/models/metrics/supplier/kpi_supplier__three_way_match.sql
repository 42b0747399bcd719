-- K83. Grain: one row a measure and goods invoice line that was matched, and for K83.fail one more a line that failed.
{% set dims = ['supplier', 'location', 'region'] %}
with lines as (
    select
        *,
        invoice_id || '|' || cast(line_no as string) as invoice_key,
        {{ reporting_date('matched_ts') }} as matched_date,
        cast(null as string) as exclusion_reason
    from {{ ref('fct_supplier_invoice_line') }}
    where matched_ts <= {{ as_of() }}
)

{{ kpi_union([
    kpi_measure('K83', 'lines', 'invoice_key', 'matched_date', 'case when failure_code is null then 1 else 0 end', dims=dims),
    kpi_measure('K83.fail', 'lines', 'invoice_key', 'matched_date', '0', dims=dims + ['reason'], reason="'NONE'"),
    kpi_measure(
        'K83.fail', 'lines', 'invoice_key', 'matched_date', '1', '0', dims=dims + ['reason'], reason='failure_code',
        where='failure_code is not null'
    ),
]) }}
