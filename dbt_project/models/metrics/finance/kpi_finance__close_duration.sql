-- K78. Grain: one row a legal entity and fiscal period of which every stream is signed off (K78.open_age: not every
-- one). The business days are those of finance.
{% set worked = '86400 * (finished_day_no - ended_day_no)' %}
with periods as (
    select
        legal_entity_id || '|' || fiscal_period as period_key,
        end_date,
        case when count(signed_ts) = count(*) then max(signed_ts) end as signed_ts,
        max(region) as region,
        'sign_off' as source_entity,
        min(_file_digest) as _file_digest,
        {{ min_by_keys('_line', ['_file_digest', '_line']) }} as _line
    from {{ ref('fct_sign_off') }}
    where end_date < {{ reporting_date(as_of()) }} or end_date is null
    group by legal_entity_id, fiscal_period, end_date
),

counted as (
    select
        periods.*,
        {{ reporting_date('coalesce(periods.signed_ts, ' ~ as_of() ~ ')') }} as finished_date,
        case when periods.end_date is null then 'no_data:no_period' end as exclusion_reason,
        ended.business_day_no as ended_day_no,
        finished.business_day_no as finished_day_no
    from periods
    left join {{ ref('int_control__business_day') }} as ended
        on
            ended.owner_role = 'finance'
            and periods.end_date = ended.date_day
    left join {{ ref('int_control__business_day') }} as finished
        on
            finished.owner_role = 'finance'
            and {{ reporting_date('coalesce(periods.signed_ts, ' ~ as_of() ~ ')') }} = finished.date_day
)

{{ kpi_union([
    kpi_measure(
        'K78', 'counted', 'period_key', 'finished_date', worked, exclusion=kpi_duration_exclusion(worked),
        dims=['region'], where='signed_ts is not null'
    ),
    kpi_measure(
        'K78.open_age', 'counted', 'period_key', 'finished_date', worked, exclusion=kpi_duration_exclusion(worked),
        dims=['region'], where='signed_ts is null'
    ),
]) }}
