-- Grain: one promotion that has ended in a channel. E59a: discounts of it that are not reconciled with the ledger some
-- business days after its end. A discount given after the end (goods handed over later) has the same days from then.
with items as (

    select
        items.promotion,
        items.channel,
        items.is_cleared,
        items.cleared_ts,
        greatest(items.transaction_date, {{ reporting_date("promotions.ends_ts") }}) as start_date,
        min(items.region) as region,
        count(*) as item_count,
        count(*) filter (where items.amount is null) as unvalued_count,
        sum(items.size_amount) as size_amount,
        sum(items.open_amount) as open_amount,
        max(items.known_ts) as known_ts,
        {{ min_by_keys("items.source_entity", ["items.item_key"]) }} as evidence_entity,
        {{ min_by_keys("items._file_digest", ["items.item_key"]) }} as _file_digest,
        {{ min_by_keys("items._line", ["items.item_key"]) }} as _line
    from {{ ref("fct_reconciliation_item") }} as items
    inner join {{ ref("dim_promotion") }} as promotions on items.promotion = promotions.promotion_id
    where
        items.stream = 'discount'
        and items.side_code = 'reference'
        and items.promotion <> 'NONE'
        and promotions.ends_ts <= {{ as_of() }}
    group by
        items.promotion,
        items.channel,
        items.is_cleared,
        items.cleared_ts,
        greatest(items.transaction_date, {{ reporting_date("promotions.ends_ts") }})

),

deadlines as (

    select
        items.*,
        {{ control_threshold("limit", ["channel"]) }} as limit_days
    from items
    {{ control_threshold_joins(
        "E59a", ["limit"], at="cast(items.start_date as timestamp)", scopes={"channel": "items.channel"}
    ) }}

),

due_items as (

    select
        deadlines.*,
        due_day.day_end_ts as deadline_ts,
        coverage.is_overdue,
        {{ control_silence_known("due_day.day_end_ts", "deadlines.known_ts") }} as detected_ts,
        deadlines.item_count > deadlines.unvalued_count
        and (not deadlines.is_cleared or deadlines.cleared_ts > due_day.day_end_ts) as is_late
    from deadlines
    {{ control_business_deadline("E59a", "deadlines.start_date", "deadlines.limit_days") }}
    {{ control_coverage("'gl_posting'", "due_day.day_end_ts") }}

),

grouped as (

    select
        promotion,
        channel,
        min(region) as region,
        max(limit_days) as threshold_value,
        min(deadline_ts) as first_deadline_ts,
        sum(unvalued_count) as unvalued_count,
        min(deadline_ts) filter (where is_late) as opened_ts,
        {{ min_by_keys("detected_ts", ["deadline_ts", "detected_ts"], where="is_late") }} as detected_ts,
        bool_or(is_overdue) filter (where is_late) as is_evidence_overdue,
        case when count(*) filter (where is_late) = count(cleared_ts) filter (where is_late)
            then max(cleared_ts) filter (where is_late)
        end as ended_ts,
        sum(case when is_cleared then size_amount else open_amount end) filter (where is_late) as value_at_risk_amount,
        {{ min_by_keys("evidence_entity", ["start_date", "_file_digest", "_line"]) }} as evidence_entity,
        {{ min_by_keys("_file_digest", ["start_date", "_file_digest", "_line"]) }} as _file_digest,
        {{ min_by_keys("_line", ["start_date", "_file_digest", "_line"]) }} as _line
    from due_items
    group by promotion, channel

),

assessed as (

    select
        *,
        promotion || '|' || channel as business_key,
        {{ control_instant("opened_ts") }} as opening_key,
        ended_ts as ended_known_ts,
        'cleared' as ended_reason,
        case
            when first_deadline_ts is null or (opened_ts is null and unvalued_count > 0) then 'not_enough_data'
            when opened_ts is null and first_deadline_ts > {{ as_of() }} then 'not_applicable'
        end as blocked_code,
        {{ control_days("opened_ts", "coalesce(ended_ts, " ~ as_of() ~ ")") }} as observed_value
    from grouped

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E59a",
    "evidence_entity",
    has=["channel", "region", "observed_value", "threshold_value", "value_at_risk_amount"]
) }}
