-- Grain: one spell of weekly delivery cohorts of a category and channel with a return rate above the control limit, and
-- every cohort that is within it. E54: the rate at an age of 14 days is above both the mean of up to 26 weeks before by
-- some standard deviations and a multiple of that mean, in cohorts of enough units with enough weeks before; two weeks
-- running within the limit end it.
with sales as (

    select
        sale_key,
        sold_ts,
        quantity,
        category,
        channel,
        {{ add_days("sold_date", "1 - " ~ iso_weekday("sold_date")) }} as week_date
    from {{ ref("int_kpi__sold_unit") }}
    where exclusion_reason is null

),

returns as (

    select
        coalesce(order_line_key, transaction_line_key) as sale_key,
        return_key,
        initiated_ts,
        quantity,
        first_received_ts,
        _file_digest,
        _line,
        coalesce(refund_gross_amount, sold_gross_amount) as refund_amount
    from {{ ref("fct_return_line") }}
    where not is_withdrawn and coalesce(order_line_key, transaction_line_key) is not null

),

returned as (

    select
        sales.sale_key,
        least(sum(returns.quantity), max(sales.quantity)) as returned_qty,
        sum(returns.refund_amount) as refund_amount,
        max(returns.first_received_ts) as known_ts,
        {{ min_by_keys("returns._file_digest", ["returns.return_key"]) }} as _file_digest,
        {{ min_by_keys("returns._line", ["returns.return_key"]) }} as _line
    from sales
    inner join returns
        on
            sales.sale_key = returns.sale_key
            and returns.initiated_ts <= {{ add_seconds("sales.sold_ts", 14 * 86400) }}
    group by sales.sale_key

),

cohorts as (

    select
        sales.category,
        sales.channel,
        sales.week_date,
        cast(cast({{ days_between("cast('1970-01-05' as date)", "sales.week_date") }} as double) / 7 as bigint)
            as week_no,
        {{ end_of_local_day(add_days("sales.week_date", 6 + 14), reporting_zone()) }} as due_ts,
        cast(sum(sales.quantity) as bigint) as unit_count,
        cast(sum(coalesce(returned.returned_qty, 0)) as bigint) as returned_count,
        sum(returned.refund_amount) as value_at_risk_amount,
        max(returned.known_ts) as known_ts,
        {{ min_by_keys("returned._file_digest", ["sales.sale_key"], where="returned.sale_key is not null") }}
            as _file_digest,
        {{ min_by_keys("returned._line", ["sales.sale_key"], where="returned.sale_key is not null") }} as _line
    from sales
    left join returned on sales.sale_key = returned.sale_key
    group by sales.category, sales.channel, sales.week_date

),

baselines as (

    select
        *,
        count(*) over earlier_weeks as week_count,
        cast(sum(returned_count) over earlier_weeks as double) / nullif(sum(unit_count) over earlier_weeks, 0)
            as mean_rate
    from cohorts
    window earlier_weeks as (
        partition by category, channel order by week_no range between 26 preceding and 1 preceding
    )

),

limited as (

    select
        baselines.*,
        cast(baselines.returned_count as double) / baselines.unit_count as return_rate,
        {{ control_threshold("min_weeks", ["channel"]) }} as min_weeks,
        {{ control_threshold("min_units", ["channel"]) }} as min_units,
        {{ control_threshold("quiet_weeks", ["channel"]) }} as quiet_weeks,
        cast({{ control_threshold("ratio", ["channel"]) }} as double) as ratio,
        cast({{ control_threshold("sigma", ["channel"]) }} as double) as sigma,
        cast(baselines.mean_rate * (1 - baselines.mean_rate) as double) / baselines.unit_count as variance
    from baselines
    {{ control_threshold_joins(
        "E54",
        ["min_weeks", "min_units", "quiet_weeks", "ratio", "sigma"],
        at="baselines.due_ts",
        scopes={"channel": "baselines.channel"}
    ) }}

),

-- The engines have no root in common; the power of a half is one by logarithm.
charted as (

    select
        *,
        {{ decimal_of("return_rate", 38, 6) }} as observed_value,
        {{ decimal_of(
            "greatest(ratio * mean_rate, mean_rate + sigma * coalesce(exp(0.5e0 * ln(nullif(variance, 0))), 0))", 38, 6
        ) }} as threshold_value
    from limited

),

judged_weeks as (

    select
        *,
        observed_value > threshold_value as is_high,
        row_number() over (partition by category, channel order by week_no) as cohort_no
    from charted
    where
        week_count >= min_weeks
        and unit_count >= min_units
        and threshold_value is not null
        and due_ts <= {{ as_of() }}

),

quiet as (

    select
        *,
        coalesce(
            cohort_no - max(case when is_high then cohort_no end) over upto_week >= quiet_weeks, false
        ) as is_quiet
    from judged_weeks
    window upto_week as (
        partition by category, channel order by cohort_no rows between unbounded preceding and current row
    )

),

numbered as (

    select
        *,
        count(*) filter (where is_quiet) over (
            partition by category, channel order by cohort_no rows between unbounded preceding and current row
        ) as quiet_no
    from quiet

),

spells as (

    select
        category,
        channel,
        quiet_no,
        min(due_ts) filter (where is_high) as opened_ts,
        min(week_date) filter (where is_high) as opened_date
    from numbered
    group by category, channel, quiet_no
    having count(*) filter (where is_high) > 0

),

quiet_starts as (

    select
        category,
        channel,
        quiet_no - 1 as spell_no,
        min(due_ts) as ended_ts
    from numbered
    where is_quiet
    group by category, channel, quiet_no

),

assessed as (

    select
        weeks.category || '|' || weeks.channel as business_key,
        cast(weeks.week_date as string) as opening_key,
        weeks.category,
        weeks.channel,
        weeks._file_digest,
        weeks._line,
        weeks.value_at_risk_amount,
        weeks.observed_value,
        weeks.threshold_value,
        case when weeks.is_high then weeks.due_ts end as opened_ts,
        {{ control_silence_known("weeks.due_ts", "weeks.known_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        case when spells.opened_ts is not null then quiet_starts.ended_ts end as ended_ts,
        case when spells.opened_ts is not null then quiet_starts.ended_ts end as ended_known_ts,
        'two weeks within the limit' as ended_reason,
        cast(null as string) as blocked_code
    from numbered as weeks
    left join spells
        on
            weeks.category = spells.category
            and weeks.channel = spells.channel
            and weeks.quiet_no = spells.quiet_no
            and weeks.week_date = spells.opened_date
    left join quiet_starts
        on
            spells.category = quiet_starts.category
            and spells.channel = quiet_starts.channel
            and spells.quiet_no = quiet_starts.spell_no
    {{ control_coverage("'return_line'", "weeks.due_ts") }}
    where not weeks.is_high or spells.opened_ts is not null

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E54",
    "'return_line'",
    has=["channel", "category", "observed_value", "threshold_value", "value_at_risk_amount"],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
