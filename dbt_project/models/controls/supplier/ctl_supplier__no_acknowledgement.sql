-- Grain: one purchase order that was not acknowledged within as many hours of the clock. E61c: no acknowledgement of
-- any line some business hours of procurement after it was sent. Goods that came first, or a cancellation, end it too.
with answers as (

    select
        po_id,
        min(ack_ts) as acknowledged_ts,
        {{ min_by_keys("first_received_ts", ["ack_ts", "first_received_ts"]) }} as acknowledged_known_ts
    from {{ ref("stg_edi__po_acknowledgement") }}
    group by po_id

),

receipts as (

    select
        po_id,
        min(receipt_ts) as receipt_ts,
        {{ min_by_keys("first_received_ts", ["receipt_ts", "first_received_ts"]) }} as receipt_known_ts
    from {{ ref("stg_wms__receipt_line") }}
    group by po_id

),

margins as (

    select
        lines.po_id,
        min(lines.supplier) as supplier,
        min(lines.location) as location,
        min(lines.region) as region,
        sum({{ control_margin("products.list_price_amount", "lines.unit_cost_amount", "lines.ordered_qty") }})
            as margin_amount
    from {{ ref("fct_purchase_order_line") }} as lines
    left join {{ ref("dim_product") }} as products on lines.sku = products.sku
    group by lines.po_id

),

orders as (

    select
        orders.*,
        answers.acknowledged_ts,
        answers.acknowledged_known_ts,
        margins.supplier,
        margins.location,
        margins.region,
        margins.margin_amount,
        {{ control_threshold("sla", ["supplier", "location"]) }} as sla_hours
    from {{ ref("stg_erp__purchase_order") }} as orders
    left join margins on orders.po_id = margins.po_id
    left join answers on orders.po_id = answers.po_id
    {{ control_threshold_joins(
        "E61c",
        ["sla"],
        at="orders.po_sent_ts",
        scopes={"supplier": "margins.supplier", "location": "margins.location"}
    ) }}

),

candidates as (

    select * from orders
    where coalesce(
        greatest(acknowledged_ts, acknowledged_known_ts) > {{ add_seconds("po_sent_ts", "3600 * sla_hours") }}, true
    )

),

deadlines as (

    select
        candidates.*,
        {{ control_hours_deadline("candidates.po_sent_ts", "candidates.sla_hours") }} as deadline_ts
    from candidates
    {{ control_hours_joins("E61c", "candidates.po_sent_ts", "candidates.sla_hours") }}

),

assessed as (

    select
        deadlines.po_id as business_key,
        {{ control_instant("deadlines.deadline_ts") }} as opening_key,
        deadlines.supplier,
        deadlines.location,
        deadlines.region,
        deadlines._file_digest,
        deadlines._line,
        deadlines.deadline_ts as opened_ts,
        {{ control_silence_known("deadlines.deadline_ts", "deadlines.first_received_ts", beside="receipt_coverage") }}
            as detected_ts,
        coverage.is_overdue or coalesce(receipt_coverage.is_overdue, false) as is_evidence_overdue,
        {{ control_first_ending([
            ["deadlines.acknowledged_ts", "deadlines.acknowledged_known_ts", "'acknowledged'"],
            ["receipts.receipt_ts", "receipts.receipt_known_ts", "'received'"],
            [
                "case when deadlines.status_code = 'cancelled' then deadlines.updated_ts end",
                "deadlines.received_ts",
                "'cancelled'",
            ],
        ]) }},
        case when deadlines.deadline_ts is null then 'not_enough_data' end as blocked_code,
        {{ control_waited_hours("deadlines.po_sent_ts", "deadlines.acknowledged_ts") }} as observed_value,
        deadlines.sla_hours as threshold_value,
        deadlines.margin_amount as value_at_risk_amount
    from deadlines
    left join receipts on deadlines.po_id = receipts.po_id
    {{ control_coverage("'po_acknowledgement'", "deadlines.deadline_ts") }}
    {{ control_coverage("'receipt_line'", "deadlines.deadline_ts", alias="receipt_coverage") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E61c",
    "'purchase_order'",
    has=["location", "region", "supplier", "observed_value", "threshold_value", "value_at_risk_amount"],
    is_running=true
) }}
