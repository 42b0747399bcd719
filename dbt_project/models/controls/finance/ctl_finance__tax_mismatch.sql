-- Grain: one tax document of an order (the first invoice of its lines, or a refund) with a line whose tax differs from
-- the recomputed one, or whose tax data came after the invoice or not at all. E57: a difference of a line beyond the
-- limit in reporting currency, or no tax data when invoiced. What the marketplace remits is out; where the delivery of
-- tax lines of the order's or the invoice's day is missing or broken, silence tells nothing.
with checks as (

    select
        *,
        split_part(tax_key, '|', 1) as kind_code,
        case
            when split_part(tax_key, '|', 1) = 'sale' then substr(tax_key, 6) else substr(tax_key, 8)
        end as object_key
    from {{ ref("int_kpi__tax_line") }}
    where exclusion_reason is null

),

invoices as (

    select
        order_line_key,
        min(order_id) as order_id,
        min(issued_ts) as issued_ts,
        {{ min_by_keys("document_id", ["issued_ts", "document_id"]) }} as document_id,
        {{ min_by_keys("first_received_ts", ["issued_ts", "document_id", "first_received_ts"]) }} as known_ts,
        sum(tax_amount) as tax_amount
    from {{ ref("fct_order_document_line") }}
    where document_type in ('invoice', 'receipt') and order_line_key is not null
    group by order_line_key

),

taxes as (

    select
        order_line_key,
        max(event_ts) as taxed_ts,
        max(first_received_ts) as taxed_known_ts
    from {{ ref("fct_tax_line") }}
    group by order_line_key

),

candidates as (

    select
        invoices.order_id,
        invoices.document_id,
        invoices.issued_ts,
        invoices.known_ts,
        taxes.taxed_ts,
        taxes.taxed_known_ts,
        invoices.tax_amount,
        lines.order_date,
        checks.*
    from checks
    inner join invoices on checks.object_key = invoices.order_line_key
    left join taxes on checks.object_key = taxes.order_line_key
    left join {{ ref("fct_order_line") }} as lines on checks.object_key = lines.order_line_key
    where
        checks.kind_code = 'sale'
        and (
            checks.variance_amount > 0
            or checks.is_missing
            or not checks.has_rate
            or taxes.taxed_ts > invoices.issued_ts
            or taxes.taxed_known_ts > invoices.known_ts
        )
    union all
    select
        coalesce(refunds.order_id, split_part(refunds.order_line_key, '|', 1)) as order_id,
        refunds.refund_id as document_id,
        refunds.refund_ts as issued_ts,
        refunds.first_received_ts as known_ts,
        refunds.refund_ts as taxed_ts,
        refunds.first_received_ts as taxed_known_ts,
        cast(null as decimal(18, 2)) as tax_amount,
        cast(null as date) as order_date,
        checks.*
    from checks
    inner join {{ ref("fct_refund") }} as refunds on checks.object_key = refunds.refund_id
    where
        checks.kind_code = 'refund'
        and not checks.is_missing
        and (checks.variance_amount > 0 or not checks.has_rate)

),

unknown_dates as (

    select business_date
    from {{ ref("fct_delivery") }}
    where entity = 'tax_line' and is_due and (not is_landed or rows_quarantined > 0)

),

limited as (

    select
        candidates.*,
        coverage.is_overdue,
        candidates.is_missing
        and (ordered.business_date is not null or invoiced.business_date is not null) as is_unknown,
        {{ control_threshold("limit", ["channel"]) }} as limit_amount,
        candidates.has_rate
        and candidates.variance_amount > {{ control_threshold("limit", ["channel"]) }} as is_different,
        {{ control_silence_known("candidates.issued_ts", "candidates.known_ts") }} as silence_known_ts
    from candidates
    {{ control_threshold_joins(
        "E57", ["limit"], at="candidates.issued_ts", scopes={"channel": "candidates.channel"}
    ) }}
    left join unknown_dates as ordered on candidates.order_date = ordered.business_date
    left join unknown_dates as invoiced on {{ reporting_date("candidates.issued_ts") }} = invoiced.business_date
    {{ control_coverage("'tax_line'", "candidates.issued_ts") }}

),

lines as (

    select
        *,
        coalesce(is_different, false)
        or (is_missing and not is_unknown)
        or coalesce(taxed_ts > issued_ts, false)
        or coalesce(taxed_known_ts > silence_known_ts, false) as is_fault,
        case
            when is_different then greatest(issued_ts, known_ts, taxed_known_ts) else silence_known_ts
        end as line_known_ts,
        case when not is_different and not is_missing then taxed_ts end as right_ts
    from limited

),

documents as (

    select
        order_id,
        document_id,
        min(channel) as channel,
        min(region) as region,
        min(category) as category,
        min(source_entity) as evidence_entity,
        min(_file_digest) as _file_digest,
        {{ min_by_keys("_line", ["_file_digest", "_line"]) }} as _line,
        max(limit_amount) as threshold_value,
        count(*) filter (where is_fault) as observed_value,
        bool_and(has_rate and not is_unknown) as is_known,
        min(issued_ts) filter (where is_fault) as opened_ts,
        min(line_known_ts) filter (where is_fault) as detected_ts,
        coalesce(bool_or(is_overdue) filter (where is_fault), true) as is_evidence_overdue,
        case
            when count(*) filter (where is_fault) = count(right_ts) filter (where is_fault)
                then max(right_ts) filter (where is_fault)
        end as ended_ts,
        max(taxed_known_ts) filter (where is_fault) as ended_known_ts,
        sum(case when is_different then variance_amount else tax_amount end) filter (where is_fault)
            as value_at_risk_amount
    from lines
    group by order_id, document_id

),

assessed as (

    select
        *,
        order_id || '|' || document_id as business_key,
        document_id as opening_key,
        'corrected' as ended_reason,
        case
            when threshold_value is null or (observed_value = 0 and not is_known) then 'not_enough_data'
        end as blocked_code
    from documents

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E57",
    "evidence_entity",
    has=[
        "channel", "region", "category", "order_id", "observed_value", "threshold_value", "value_at_risk_amount",
    ]
) }}
