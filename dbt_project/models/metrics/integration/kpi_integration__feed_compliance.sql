-- K101. Grain: one row a delivery that is due; K101.rejected: one row a file (denominator: rows received) and one a
-- file and rule (numerator: rows quarantined). A file refused whole counts all its rows, under the rule that refused
-- it.
{% set dims = ['interface', 'process'] %}
with deliveries as (
    select
        *,
        {{ reporting_date('due_ts') }} as period_date,
        cast(null as string) as exclusion_reason
    from {{ ref('fct_delivery') }}
),

files as (
    select
        *,
        file_digest || '|' || entity as file_key,
        {{ reporting_date('file_received_ts') }} as period_date,
        'NONE' as reason
    from {{ ref('fct_landing_file') }}
),

broken_rules as (
    select
        _file_digest,
        entity,
        rule_code,
        min(_line) as _line,
        count(*) filter (where is_first_of_row and _line is not null) as rejected_count,
        row_number() over (partition by _file_digest, entity order by min(_line) nulls first, rule_code) as rule_rank
    from {{ ref('fct_rejected_row') }}
    group by _file_digest, entity, rule_code
),

quarantined as (
    select
        files.file_key || '|' || coalesce(rules.rule_code, 'UNKNOWN') as item_key,
        files.period_date,
        case
            when files.status_code = 'quarantined' then files.rows_quarantined else rules.rejected_count
        end as rejected_count,
        files.interface,
        files.process,
        coalesce(rules.rule_code, 'UNKNOWN') as reason,
        files.source_entity,
        files._file_digest,
        rules._line
    from files
    left join broken_rules as rules on files.file_digest = rules._file_digest and files.entity = rules.entity
    where
        (files.status_code = 'quarantined' and coalesce(rules.rule_rank, 1) = 1 and files.rows_quarantined > 0)
        or (files.status_code != 'quarantined' and rules.rejected_count > 0)
)

{{ kpi_union([
    kpi_measure(
        'K101', 'deliveries', "entity || '|' || cast(business_date as string)", 'period_date',
        'case when is_on_time_and_clean then 1 else 0 end', dims=dims, where='is_due'
    ),
    kpi_measure(
        'K101.rejected', 'files', 'file_key', 'period_date', '0', 'rows_read', exclusion='cast(null as string)',
        dims=dims + ['reason']
    ),
    kpi_measure(
        'K101.rejected', 'quarantined', 'item_key', 'period_date', 'rejected_count', '0', exclusion='cast(null as string)',
        dims=dims + ['reason']
    ),
]) }}
