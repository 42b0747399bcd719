-- Grain: one run of days on which the gift-card liability of a legal entity breaks, with the days after it until the
-- next; one row of an entity for its days before the first run. E58: the break of a day's close is beyond the limit.
-- A day within the limit is taken as zero again. A break that only card movements told late explain is retracted.
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

late_movements as (

    select
        movements.legal_entity_id,
        movements.event_date,
        movements.liability_amount,
        movements.first_received_ts
    from {{ ref("fct_gift_card_transaction") }} as movements
    {{ control_coverage("'gift_card_transaction'", "movements.event_ts") }}
    where movements.first_received_ts > coverage.known_ts

),

late_days as (

    select
        known_days.legal_entity_id,
        known_days.balance_date,
        sum(movements.liability_amount) as late_amount,
        max(movements.first_received_ts) as late_known_ts
    from known_days
    inner join late_movements as movements
        on
            known_days.legal_entity_id = movements.legal_entity_id
            and known_days.balance_date >= movements.event_date
            and known_days.known_ts < movements.first_received_ts
    where not known_days.is_break
    group by known_days.legal_entity_id, known_days.balance_date

),

disproved as (

    select
        known_days.legal_entity_id,
        late_days.late_known_ts,
        min(known_days.region) as region,
        max(known_days.limit_amount) as limit_amount,
        min(known_days.balance_date) as balance_date,
        min(known_days.day_end_ts) as day_end_ts,
        min(known_days.known_ts) as known_ts,
        max(abs(known_days.break_amount - late_days.late_amount)) as largest_amount,
        {{ min_by_keys("known_days._file_digest", ["known_days.balance_date"]) }} as _file_digest,
        {{ min_by_keys("known_days._line", ["known_days.balance_date"]) }} as _line
    from known_days
    inner join late_days
        on
            known_days.legal_entity_id = late_days.legal_entity_id
            and known_days.balance_date = late_days.balance_date
    where abs(known_days.break_amount - late_days.late_amount) > known_days.limit_amount
    group by known_days.legal_entity_id, late_days.late_known_ts

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
    union all
    select
        legal_entity_id as business_key,
        1 as run_no,
        region,
        limit_amount as threshold_value,
        1 as judged_count,
        cast(balance_date as string) as opening_key,
        day_end_ts as opened_ts,
        known_ts as detected_ts,
        false as is_evidence_overdue,
        day_end_ts as ended_ts,
        late_known_ts as ended_known_ts,
        largest_amount,
        _file_digest,
        _line
    from disproved

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
