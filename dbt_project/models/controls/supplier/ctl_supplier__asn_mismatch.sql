-- Grain: one receipt line of an order without an equal ship notice (same item and units) that was sent and known when
-- it was received. E62b: it differs from its notice, or came without one from a supplier that sends notices. An equal
-- notice sent later, or a claim for shortage filed for the order, ends it. Where a delivery of notices of the two weeks
-- before is missing, a receipt without a notice is not judged.
with notices as (

    select
        *,
        {{ line_key("po_id", "po_line_no") }} as po_line_key
    from {{ ref("stg_edi__asn_line") }}

),

receipts as (

    select
        receipts.*,
        split_part(receipts.po_line_key, '|', 1) as po_id,
        lines.unit_cost_amount,
        products.list_price_amount
    from {{ ref("fct_receipt_line") }} as receipts
    left join {{ ref("fct_purchase_order_line") }} as lines on receipts.po_line_key = lines.po_line_key
    left join {{ ref("dim_product") }} as products on receipts.sku = products.sku
    where receipts.po_line_key is not null

),

equal_notices as (

    select
        receipts.receipt_id,
        receipts.line_no,
        min(notices.asn_ts) as noticed_ts,
        {{ min_by_keys("notices.first_received_ts", ["notices.asn_ts", "notices.first_received_ts"]) }}
            as noticed_known_ts
    from receipts
    inner join notices
        on
            receipts.po_line_key = notices.po_line_key
            and receipts.sku = notices.sku
            and receipts.received_qty = notices.shipped_qty
    group by receipts.receipt_id, receipts.line_no

),

candidates as (

    select
        receipts.*,
        equal_notices.noticed_ts,
        equal_notices.noticed_known_ts,
        {{ control_threshold("units", ["supplier", "location"]) }} as limit_qty
    from receipts
    left join equal_notices
        on receipts.receipt_id = equal_notices.receipt_id and receipts.line_no = equal_notices.line_no
    {{ control_threshold_joins(
        "E62b",
        ["units"],
        at="receipts.receipt_ts",
        scopes={"supplier": "receipts.supplier", "location": "receipts.location"}
    ) }}
    where coalesce(
        equal_notices.noticed_ts > receipts.receipt_ts
        or equal_notices.noticed_known_ts > receipts.first_received_ts,
        true
    )

),

announced as (

    select
        po_line_key,
        sum(shipped_qty) as noticed_qty
    from notices
    group by po_line_key

),

noticing_suppliers as (

    select
        lines.supplier,
        min(notices.asn_ts) as first_notice_ts
    from notices
    inner join {{ ref("fct_purchase_order_line") }} as lines on notices.po_line_key = lines.po_line_key
    group by lines.supplier

),

received as (

    select
        receipt_id,
        line_no,
        sum(received_qty) over (
            partition by po_line_key order by receipt_ts, receipt_id, line_no
            rows between unbounded preceding and current row
        ) as received_upto_qty
    from receipts

),

claims as (

    select
        candidates.receipt_id,
        candidates.line_no,
        min(claims.claimed_ts) as claimed_ts,
        min(claims.first_received_ts) as claimed_known_ts
    from candidates
    inner join {{ ref("stg_erp__supplier_claim") }} as claims
        on candidates.po_id = claims.po_id and candidates.receipt_ts <= claims.claimed_ts
    where claims.claim_type = 'shortage'
    group by candidates.receipt_id, candidates.line_no

),

unknown_dates as (

    select distinct days.date_day
    from {{ ref("fct_delivery") }} as deliveries
    inner join {{ ref("dim_date") }} as days
        on
            deliveries.business_date <= days.date_day
            and {{ add_days("deliveries.business_date", 14) }} >= days.date_day
    where
        deliveries.entity = 'asn_line'
        and deliveries.is_due
        and (not deliveries.is_landed or deliveries.rows_quarantined > 0)

),

measured as (

    select
        candidates.*,
        suppliers.first_notice_ts,
        claims.claimed_ts,
        claims.claimed_known_ts,
        announced.po_line_key is not null as is_announced,
        unknown_dates.date_day is not null as is_unknown,
        received.received_upto_qty - coalesce(announced.noticed_qty, 0) as surplus_qty,
        greatest(
            abs(received.received_upto_qty - coalesce(announced.noticed_qty, 0)), 1
        ) as different_qty
    from candidates
    left join received on candidates.receipt_id = received.receipt_id and candidates.line_no = received.line_no
    left join announced on candidates.po_line_key = announced.po_line_key
    left join noticing_suppliers as suppliers on candidates.supplier = suppliers.supplier
    left join claims on candidates.receipt_id = claims.receipt_id and candidates.line_no = claims.line_no
    left join unknown_dates on {{ reporting_date("candidates.receipt_ts") }} = unknown_dates.date_day

),

assessed as (

    select
        measured.receipt_id || '|' || cast(measured.line_no as string) as business_key,
        measured.receipt_id as opening_key,
        measured.supplier,
        measured.location,
        measured.region,
        measured.category,
        measured.sku,
        measured._file_digest,
        measured._line,
        case when measured.different_qty >= measured.limit_qty then measured.receipt_ts end as opened_ts,
        {{ control_silence_known("measured.receipt_ts", "measured.first_received_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        {{ control_first_ending([
            ["measured.noticed_ts", "measured.noticed_known_ts", "'corrected'"],
            ["measured.claimed_ts", "measured.claimed_known_ts", "'claim filed'"],
        ]) }},
        case
            when
                not measured.is_announced
                and coalesce(measured.first_notice_ts > measured.receipt_ts, true)
                then 'not_applicable'
            when measured.limit_qty is null or (measured.is_unknown and not measured.is_announced)
                then 'not_enough_data'
        end as blocked_code,
        measured.different_qty as observed_value,
        measured.limit_qty as threshold_value,
        case
            when not measured.is_announced then 0
            when measured.surplus_qty > 0 then {{ money("measured.surplus_qty * measured.unit_cost_amount") }}
            else {{ control_margin(
                "measured.list_price_amount", "measured.unit_cost_amount", "-measured.surplus_qty"
            ) }}
        end as value_at_risk_amount
    from measured
    {{ control_coverage("'asn_line'", "measured.receipt_ts") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E62b",
    "'receipt_line'",
    has=[
        "location", "region", "category", "supplier", "sku", "observed_value", "threshold_value",
        "value_at_risk_amount",
    ]
) }}
