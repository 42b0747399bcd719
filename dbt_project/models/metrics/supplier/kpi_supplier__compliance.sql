-- K90. Grain: one row a check; reason is its rule.
with checks as (
    select
        *,
        {{ reporting_date('checked_ts') }} as checked_date,
        rule_code as reason
    from {{ ref('fct_compliance_check') }}
)

{{ kpi_measure(
    'K90', 'checks', 'check_id', 'checked_date', 'case when is_passed then weight else 0 end', 'weight',
    exclusion='cast(null as string)', dims=['supplier', 'location', 'region', 'reason']
) }}
