-- Grain: one day of transactions of a reconciliation stream of a legal entity, both sides: sales, tenders, refunds and
-- stock to ledger. E59b: what is open some business days after the day is worth more than the limit; what came last and
-- cleared the rest was never open itself. Other streams have their own codes.
with items as (

    select
        stream,
        legal_entity_id,
        transaction_date,
        is_cleared,
        cleared_ts,
        not is_cleared or known_ts < cleared_ts as was_open,
        min(region) as region,
        count(*) as item_count,
        count(*) filter (where amount is null) as unvalued_count,
        sum(size_amount) as size_amount,
        sum(open_amount) as open_amount,
        max(known_ts) as known_ts,
        {{ min_by_keys("source_entity", ["item_key"]) }} as evidence_entity,
        {{ min_by_keys("_file_digest", ["item_key"]) }} as _file_digest,
        {{ min_by_keys("_line", ["item_key"]) }} as _line
    from {{ ref("fct_reconciliation_item") }}
    where stream in ('sales', 'tender', 'refund', 'stock_to_ledger')
    group by
        stream,
        legal_entity_id,
        transaction_date,
        is_cleared,
        cleared_ts,
        not is_cleared or known_ts < cleared_ts

),

deadlines as (

    select
        items.*,
        case items.stream
            when 'tender' then 'payment' when 'refund' then 'customer_document_line' else 'gl_posting'
        end as silent_entity,
        {{ control_threshold("sla") }} as sla_days,
        {{ control_threshold("value") }} as limit_amount
    from items
    {{ control_threshold_joins("E59b", ["sla", "value"], at="cast(items.transaction_date as timestamp)") }}

),

due_items as (

    select
        deadlines.*,
        due_day.day_end_ts as deadline_ts,
        coverage.is_overdue,
        {{ control_silence_known("due_day.day_end_ts", "deadlines.known_ts") }} as detected_ts,
        deadlines.was_open and (not deadlines.is_cleared or deadlines.cleared_ts > due_day.day_end_ts) as is_late
    from deadlines
    {{ control_business_deadline("E59b", "deadlines.transaction_date", "deadlines.sla_days") }}
    {{ control_coverage("deadlines.silent_entity", "due_day.day_end_ts") }}

),

grouped as (

    select
        stream,
        legal_entity_id,
        transaction_date,
        min(region) as region,
        max(limit_amount) as limit_amount,
        max(deadline_ts) as deadline_ts,
        max(detected_ts) filter (where is_late) as detected_ts,
        bool_or(is_overdue) as is_evidence_overdue,
        sum(item_count) as item_count,
        sum(unvalued_count) as unvalued_count,
        max(cleared_ts) filter (where is_late) as cleared_ts,
        coalesce(sum(open_amount) filter (where not is_cleared), 0) as open_amount,
        coalesce(sum(case when is_cleared then size_amount else open_amount end) filter (where is_late), 0)
            as late_amount,
        {{ min_by_keys("evidence_entity", ["_file_digest", "_line"], where="is_late") }} as evidence_entity,
        {{ min_by_keys("_file_digest", ["_file_digest", "_line"], where="is_late") }} as _file_digest,
        {{ min_by_keys("_line", ["_file_digest", "_line"], where="is_late") }} as _line
    from due_items
    group by stream, legal_entity_id, transaction_date

),

assessed as (

    select
        *,
        stream || '|' || legal_entity_id || '|' || cast(transaction_date as string) as business_key,
        {{ control_instant("deadline_ts") }} as opening_key,
        case when late_amount > limit_amount then deadline_ts end as opened_ts,
        case when open_amount <= limit_amount then cleared_ts end as ended_ts,
        case when open_amount <= limit_amount then cleared_ts end as ended_known_ts,
        'cleared' as ended_reason,
        case
            when
                deadline_ts is null
                or limit_amount is null
                or (late_amount <= limit_amount and unvalued_count = item_count)
                then 'not_enough_data'
            when deadline_ts > {{ as_of() }} then 'not_applicable'
        end as blocked_code,
        late_amount as observed_value,
        limit_amount as threshold_value,
        late_amount as value_at_risk_amount
    from grouped

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E59b",
    "evidence_entity",
    has=["region", "observed_value", "threshold_value", "value_at_risk_amount"]
) }}
