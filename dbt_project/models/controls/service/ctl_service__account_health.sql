-- Grain: one run of days at whose end a measure of a marketplace account stood past the warning share of its
-- limit, and one row an account and measure that had none. E66j: it ends with the first day that ends back
-- within. A limit is the share that fails; windows and limits are the marketplace's own, by channel.
{%- set measures = {
    "defect": "marketplace_claim",
    "cancel": "order_event",
    "late_ship": "shipment",
    "tracking": "shipment_event",
    "on_time": "shipment_event",
} %}
with items as (

    select
        items.*,
        {{ add_days(
            "items.counted_from_date",
            "case items.measure "
            ~ "when 'defect' then " ~ control_threshold("defect_days", ["channel"])
            ~ " when 'cancel' then " ~ control_threshold("cancel_days", ["channel"])
            ~ " when 'late_ship' then " ~ control_threshold("late_ship_days", ["channel"])
            ~ " when 'tracking' then " ~ control_threshold("tracking_days", ["channel"])
            ~ " else " ~ control_threshold("on_time_days", ["channel"]) ~ " end"
        ) }} as counted_until_date
    from {{ ref("int_control__account_item") }} as items
    {{ control_threshold_joins(
        "E66j",
        ["defect_days", "cancel_days", "late_ship_days", "tracking_days", "on_time_days"],
        at="cast(items.counted_from_date as timestamp)",
        scopes={"channel": "items.channel"}
    ) }}

),

failing as (

    select
        *,
        greatest(counted_from_date, failed_from_date) as fails_from_date,
        least(counted_until_date, failed_until_date) as fails_until_date
    from items
    where failed_from_date is not null

),

changes as (

    select
        channel,
        measure,
        counted_from_date as date_day,
        1 as more_items,
        0 as more_failed
    from items
    union all
    select
        channel,
        measure,
        counted_until_date as date_day,
        -1 as more_items,
        0 as more_failed
    from items
    union all
    select
        channel,
        measure,
        fails_from_date as date_day,
        0 as more_items,
        1 as more_failed
    from failing
    where fails_from_date < fails_until_date
    union all
    select
        channel,
        measure,
        fails_until_date as date_day,
        0 as more_items,
        -1 as more_failed
    from failing
    where fails_from_date < fails_until_date

),

accounts as (

    select
        channels.channel_id as channel,
        measures.measure,
        measures.entity,
        min(items.counted_from_date) as first_date
    from {{ ref("dim_channel") }} as channels
    cross join (
        {%- for measure, entity in measures.items() %}
        select
            '{{ measure }}' as measure,
            '{{ entity }}' as entity{{ " union all" if not loop.last }}
        {%- endfor %}
    ) as measures
    left join items on channels.channel_id = items.channel and measures.measure = items.measure
    where channels.channel_type = 'marketplace'
    group by channels.channel_id, measures.measure, measures.entity

),

days as (

    select
        accounts.channel,
        accounts.measure,
        dates.date_day,
        {{ end_of_local_day("dates.date_day", reporting_zone()) }} as cut_ts,
        coalesce(sum(changes.more_items), 0) as more_items,
        coalesce(sum(changes.more_failed), 0) as more_failed
    from accounts
    inner join {{ ref("dim_date") }} as dates on accounts.first_date <= dates.date_day
    left join changes
        on
            accounts.channel = changes.channel
            and accounts.measure = changes.measure
            and dates.date_day = changes.date_day
    where dates.date_day <= {{ reporting_date(as_of()) }}
    group by accounts.channel, accounts.measure, dates.date_day

),

cuts as (

    select
        channel,
        measure,
        date_day,
        cut_ts,
        {{ whole("sum(more_items) over by_day") }} as item_count,
        {{ whole("sum(more_failed) over by_day") }} as failed_count
    from days
    where cut_ts <= {{ as_of() }}
    window by_day as (
        partition by channel, measure order by date_day rows between unbounded preceding and current row
    )

),

limited as (

    select
        cuts.*,
        {{ control_threshold("warning_share", ["channel"]) }} * case cuts.measure
            when 'defect' then {{ control_threshold("defect_limit", ["channel"]) }}
            when 'cancel' then {{ control_threshold("cancel_limit", ["channel"]) }}
            when 'late_ship' then {{ control_threshold("late_ship_limit", ["channel"]) }}
            when 'tracking' then {{ control_threshold("tracking_limit", ["channel"]) }}
            else {{ control_threshold("on_time_limit", ["channel"]) }}
        end as threshold_value
    from cuts
    {{ control_threshold_joins(
        "E66j",
        ["warning_share", "defect_limit", "cancel_limit", "late_ship_limit", "tracking_limit", "on_time_limit"],
        at="cuts.cut_ts",
        scopes={"channel": "cuts.channel"}
    ) }}

),

judged_days as (

    select
        *,
        coalesce(failed_count > threshold_value * item_count, false) as is_past
    from limited

),

turns as (

    select
        *,
        count(*) filter (where not is_past) over (
            partition by channel, measure order by date_day rows between unbounded preceding and current row
        ) as run_no,
        lead(cut_ts) over (partition by channel, measure order by date_day) as next_cut_ts
    from judged_days

),

runs as (

    select
        channel,
        measure,
        run_no,
        min(cut_ts) as opened_ts,
        min(date_day) as opened_date,
        case when max(coalesce(next_cut_ts, cast('9999-12-31' as timestamp))) <= {{ as_of() }} then max(next_cut_ts) end
            as ended_ts,
        max({{ decimal_of("cast(failed_count as double) / nullif(item_count, 0)", 38, 6) }}) as observed_value
    from turns
    where is_past
    group by channel, measure, run_no

),

proofs as (

    select
        runs.channel,
        runs.measure,
        runs.run_no,
        {{ max_by_keys("failing._file_digest", ["failing.fails_from_date", "failing.item_key"]) }} as _file_digest,
        {{ max_by_keys("failing._line", ["failing.fails_from_date", "failing.item_key"]) }} as _line
    from runs
    inner join failing on runs.channel = failing.channel and runs.measure = failing.measure
    where failing.fails_from_date <= runs.opened_date and runs.opened_date < failing.fails_until_date
    group by runs.channel, runs.measure, runs.run_no

),

touched as (

    select
        runs.channel,
        runs.measure,
        runs.run_no,
        cast(sum({{ control_undelivered_value("line", "runs.opened_ts") }}) as decimal(18, 2)) as value_at_risk_amount,
        count(distinct line.order_id) as open_orders_touched
    from runs
    inner join {{ ref("fct_order_line") }} as line
        on
            runs.channel = line.channel
            and runs.opened_ts >= line.order_ts
            and coalesce(runs.opened_ts < line.closed_ts, true)
    where line.is_in_scope
    group by runs.channel, runs.measure, runs.run_no

),

feeds as (

    select distinct entity
    from {{ ref("int_control__feed_coverage") }}

),

shares as (

    select
        channel,
        measure,
        max(threshold_value) as threshold_value
    from judged_days
    group by channel, measure

),

assessed as (

    select
        accounts.channel,
        accounts.channel || '|' || accounts.measure as business_key,
        {{ control_instant("runs.opened_ts") }} as opening_key,
        case when accounts.measure in ('tracking', 'on_time') then 'shipment_line' else 'sales_order' end
            as evidence_entity,
        proofs._file_digest,
        proofs._line,
        runs.opened_ts,
        {{ control_silence_known("runs.opened_ts", "runs.opened_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        runs.ended_ts,
        runs.ended_ts as ended_known_ts,
        'back within the warning share' as ended_reason,
        case
            when feeds.entity is null or shares.threshold_value is null then 'not_enough_data'
        end as blocked_code,
        runs.observed_value,
        shares.threshold_value,
        touched.value_at_risk_amount,
        touched.open_orders_touched
    from accounts
    left join shares on accounts.channel = shares.channel and accounts.measure = shares.measure
    left join feeds on accounts.entity = feeds.entity
    left join runs on accounts.channel = runs.channel and accounts.measure = runs.measure
    left join proofs
        on runs.channel = proofs.channel and runs.measure = proofs.measure and runs.run_no = proofs.run_no
    left join touched
        on runs.channel = touched.channel and runs.measure = touched.measure and runs.run_no = touched.run_no
    {{ control_coverage("accounts.entity", "runs.opened_ts") }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["observed_value", "value_at_risk_amount", "open_orders_touched"]) }}

{{ control_select(
    "E66j",
    "evidence_entity",
    has=["channel", "observed_value", "threshold_value", "value_at_risk_amount", "open_orders_touched"],
    relation="episodes",
    largest=["observed_value", "value_at_risk_amount", "open_orders_touched"]
) }}
