-- Grain: one day on which cases of one theme and channel passed their control limit, and one row a theme and
-- channel that never did. E66i: more than the mean and four standard deviations of the 28 days before, and ten
-- or more; it opens with the case that passes both and ends with the second day running that stays within. The
-- first 28 days of the feed set no limit.
with cases as (

    select
        *,
        {{ reporting_date("opened_ts") }} as date_day,
        row_number() over (
            partition by theme_code, channel, {{ reporting_date("opened_ts") }} order by opened_ts, case_id
        ) as case_no
    from {{ ref("fct_customer_case") }}
    where opened_ts <= {{ as_of() }}

),

themes as (

    select
        theme_code,
        channel,
        min(_file_digest) as _file_digest,
        {{ min_by_keys("_line", ["_file_digest", "_line"]) }} as _line
    from cases
    group by theme_code, channel

),

counts as (

    select
        theme_code,
        channel,
        date_day,
        count(*) as case_count
    from cases
    group by theme_code, channel, date_day

),

days as (

    select
        themes.theme_code,
        themes.channel,
        dates.date_day,
        coalesce(counts.case_count, 0) as case_count
    from themes
    cross join (select min(date_day) as first_date from cases) as feed
    inner join {{ ref("dim_date") }} as dates
        on feed.first_date <= dates.date_day and dates.date_day <= {{ reporting_date(as_of()) }}
    left join counts
        on
            themes.theme_code = counts.theme_code
            and themes.channel = counts.channel
            and dates.date_day = counts.date_day

),

averaged as (

    select
        *,
        count(*) over before_day as days_before,
        cast(sum(case_count) over before_day as double) / 28 as mean_count,
        cast(sum(case_count * case_count) over before_day as double) / 28 as mean_square
    from days
    window before_day as (
        partition by theme_code, channel order by date_day rows between 28 preceding and 1 preceding
    )

),

varied as (

    select
        *,
        mean_square - mean_count * mean_count as variance
    from averaged

),

limited as (

    select
        summed.*,
        {{ end_of_local_day("summed.date_day", reporting_zone()) }} as day_end_ts,
        {{ control_threshold("fewest", ["channel"]) }} as fewest_cases,
        case
            when summed.days_before = 28
                then {{ decimal_of(
                    "summed.mean_count + " ~ control_threshold("sigmas", ["channel"])
                    ~ " * case when summed.variance > 0 then exp(0.5e0 * ln(summed.variance)) else 0 end",
                    18,
                    6
                ) }}
        end as limit_count
    from varied as summed
    {{ control_threshold_joins(
        "E66i",
        ["sigmas", "fewest"],
        at="cast(summed.date_day as timestamp)",
        scopes={"channel": "summed.channel"}
    ) }}

),

judged_days as (

    select
        *,
        coalesce(case_count > limit_count and case_count >= fewest_cases, false) as is_past,
        cast(greatest(floor(limit_count) + 1, fewest_cases) as bigint) as passing_no
    from limited

),

followed as (

    select
        *,
        lag(is_past) over (partition by theme_code, channel order by date_day) as was_past
    from judged_days

),

passing_days as (

    select
        followed.theme_code,
        followed.channel,
        followed.date_day,
        followed.case_count,
        followed.limit_count,
        followed.fewest_cases,
        passing.opened_ts,
        passing._file_digest,
        passing._line
    from followed
    inner join cases as passing
        on
            followed.theme_code = passing.theme_code
            and followed.channel = passing.channel
            and followed.date_day = passing.date_day
            and followed.passing_no = passing.case_no
    where followed.is_past

),

falls as (

    select
        passing_days.theme_code,
        passing_days.channel,
        passing_days.date_day,
        min(followed.day_end_ts) as event_ts
    from passing_days
    inner join followed
        on
            passing_days.theme_code = followed.theme_code
            and passing_days.channel = followed.channel
            and passing_days.date_day < followed.date_day
    where not followed.is_past and not followed.was_past and followed.day_end_ts <= {{ as_of() }}
    group by passing_days.theme_code, passing_days.channel, passing_days.date_day

),

proofs as (

    select
        theme_code,
        channel,
        date_day,
        case_no,
        max(first_received_ts) over (
            partition by theme_code, channel, date_day order by case_no rows between unbounded preceding and current row
        ) as known_ts
    from cases

),

touched as (

    select
        passing_days.theme_code,
        passing_days.channel,
        passing_days.date_day,
        cast(sum({{ control_undelivered_value("line", "passing_days.opened_ts") }}) as decimal(18, 2))
            as value_at_risk_amount,
        count(distinct orders.customer_id) as customers_affected,
        count(distinct line.order_id) as open_orders_touched
    from passing_days
    inner join (
        select distinct
            theme_code,
            channel,
            date_day,
            order_id
        from cases
    ) as asked
        on
            passing_days.theme_code = asked.theme_code
            and passing_days.channel = asked.channel
            and passing_days.date_day = asked.date_day
    inner join {{ ref("fct_order") }} as orders on asked.order_id = orders.order_id
    inner join {{ ref("fct_order_line") }} as line on orders.order_id = line.order_id
    where line.is_in_scope and coalesce(line.closed_ts > passing_days.opened_ts, true)
    group by passing_days.theme_code, passing_days.channel, passing_days.date_day

),

assessed as (

    select
        themes.channel,
        themes.theme_code || '|' || themes.channel as business_key,
        cast(passing_days.date_day as string) as opening_key,
        coalesce(passing_days._file_digest, themes._file_digest) as _file_digest,
        case when passing_days._file_digest is null then themes._line else passing_days._line end as _line,
        passing_days.opened_ts,
        {{ control_rows_known("proofs.known_ts", "coverage") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        falls.event_ts as ended_ts,
        falls.event_ts as ended_known_ts,
        'two days within the limit' as ended_reason,
        cast(null as string) as blocked_code,
        passing_days.case_count as observed_value,
        greatest(passing_days.limit_count, passing_days.fewest_cases) as threshold_value,
        touched.value_at_risk_amount,
        touched.customers_affected,
        touched.open_orders_touched
    from themes
    left join passing_days on themes.theme_code = passing_days.theme_code and themes.channel = passing_days.channel
    left join falls
        on
            passing_days.theme_code = falls.theme_code
            and passing_days.channel = falls.channel
            and passing_days.date_day = falls.date_day
    left join touched
        on
            passing_days.theme_code = touched.theme_code
            and passing_days.channel = touched.channel
            and passing_days.date_day = touched.date_day
    left join judged_days
        on
            passing_days.theme_code = judged_days.theme_code
            and passing_days.channel = judged_days.channel
            and passing_days.date_day = judged_days.date_day
    left join proofs
        on
            judged_days.theme_code = proofs.theme_code
            and judged_days.channel = proofs.channel
            and judged_days.date_day = proofs.date_day
            and judged_days.passing_no = proofs.case_no
    {{ control_coverage("'customer_case'", "passing_days.opened_ts") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["observed_value", "value_at_risk_amount", "customers_affected", "open_orders_touched"]) }}

{{ control_select(
    "E66i",
    "'customer_case'",
    has=[
        "channel", "observed_value", "threshold_value", "value_at_risk_amount", "customers_affected",
        "open_orders_touched",
    ],
    relation="episodes",
    largest=["observed_value", "value_at_risk_amount", "customers_affected", "open_orders_touched"]
) }}
