-- K74. Grain: one row a measure, stream, legal entity and fiscal period: the last that ended, and earlier ones that
-- are not signed off.
{% set dims = ['region', 'stream'] %}
{% set build_date = reporting_date(as_of()) %}
with periods as (
    select
        *,
        concat_ws('|', stream, legal_entity_id, fiscal_period) as period_key,
        cast(null as string) as exclusion_reason
    from {{ ref('mart_reconciliation_period') }}
    where is_last_ended or (is_ended and state_code <> 'signed_off')
)

{{ kpi_union([
    kpi_measure('K74', 'periods', 'period_key', build_date, 'cleared_amount', 'asked_amount', dims=dims),
    kpi_measure('K74.open_value', 'periods', 'period_key', build_date, 'open_amount', dims=dims),
]) }}
