-- Grain: one run of days on which the gift-card liability of a legal entity breaks, with the days after it until the
-- next; one row of an entity for its days before the first run. E58: the break of a day's close is beyond the limit.
-- A day within the limit is taken as zero again.
with ledger as (

    select * from {{ ref("fct_gl_balance") }}
    where account_code = 'gift_card_liability'

),

days as (

    select
        ledger.legal_entity_id,
        breaks.balance_date,
        breaks.region,
        breaks.exclusion_reason,
        breaks.break_amount,
        breaks._file_digest,
        breaks._line,
        ledger.first_received_ts,
        {{ end_of_local_day("breaks.balance_date", reporting_zone()) }} as day_end_ts,
        {{ control_threshold("limit") }} as limit_amount
    from {{ ref("int_kpi__gift_card_balance") }} as breaks
    inner join ledger
        on breaks.balance_key = ledger.legal_entity_id || '|' || cast(ledger.balance_date as string)
    {{ control_threshold_joins("E58", ["limit"], at="cast(breaks.balance_date as timestamp)") }}

),

known_days as (

    select
        days.*,
        coverage.is_overdue,
        {{ control_silence_known("days.day_end_ts", "days.first_received_ts") }} as known_ts,
        case when days.exclusion_reason is null then abs(days.break_amount) > days.limit_amount end as is_break
    from days
    {{ control_coverage("'gift_card_transaction'", "days.day_end_ts") }}

),

compared as (

    select
        *,
        coalesce(is_break, false)
        and not coalesce(lag(is_break) over (partition by legal_entity_id order by balance_date), false) as is_start
    from known_days
    where is_break is not null or exclusion_reason <> 'no_data:no_opening'

),

numbered as (

    select
        *,
        count(*) filter (where is_start) over (
            partition by legal_entity_id order by balance_date rows between unbounded preceding and current row
        ) as run_no
    from compared

),

runs as (

    select
        legal_entity_id as business_key,
        run_no,
        min(region) as region,
        max(limit_amount) as threshold_value,
        count(is_break) as judged_count,
        cast(min(balance_date) as string) as opening_key,
        min(day_end_ts) filter (where is_break) as opened_ts,
        {{ min_by_keys("known_ts", ["balance_date"], where="is_break") }} as detected_ts,
        bool_or(is_overdue) filter (where is_start) as is_evidence_overdue,
        min(day_end_ts) filter (where not is_break) as ended_ts,
        {{ min_by_keys("known_ts", ["balance_date"], where="not is_break") }} as ended_known_ts,
        max(abs(break_amount)) filter (where is_break) as largest_amount,
        {{ min_by_keys("_file_digest", ["balance_date"]) }} as _file_digest,
        {{ min_by_keys("_line", ["balance_date"]) }} as _line
    from numbered
    group by legal_entity_id, run_no

),

assessed as (

    select
        *,
        case when run_no > 0 then largest_amount end as observed_value,
        case when run_no > 0 then largest_amount end as value_at_risk_amount,
        'zero again' as ended_reason,
        case
            when judged_count = 0 or threshold_value is null then 'not_enough_data'
            when run_no = 0 then 'pass'
        end as blocked_code
    from runs

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E58",
    "'gl_balance'",
    has=["region", "observed_value", "threshold_value", "value_at_risk_amount"],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
