-- Grain: one purchase-order line. E61a: the day first committed and the grace have passed and the line is
-- not received in full, not closed and without a newer date. Days end at the receiving location.
with lines as (

    select * from {{ ref("fct_purchase_order_line") }}

),

products as (

    select
        sku,
        list_price_amount
    from {{ ref("dim_product") }}

),

locations as (

    select
        location_id,
        time_zone
    from {{ ref("dim_location") }}

),

deadlines as (

    select
        lines.*,
        products.list_price_amount,
        {{ control_threshold("grace", ["supplier", "location"]) }} as grace_days,
        {{ end_of_local_day(
            add_days("lines.original_commit_date", control_threshold("grace", ["supplier", "location"])),
            "coalesce(locations.time_zone, " ~ reporting_zone() ~ ")"
        ) }} as deadline_ts,
        lines.received_ts as closed_known_ts
    from lines
    left join products on lines.sku = products.sku
    left join locations on lines.location_id = locations.location_id
    {{ control_threshold_joins(
        "E61a",
        ["grace"],
        at="lines.commit_deadline_ts",
        scopes={"supplier": "lines.supplier", "location": "lines.location"}
    ) }}

),

assessed as (

    select
        deadlines.po_line_key as business_key,
        {{ control_instant("deadlines.commit_deadline_ts") }} as opening_key,
        deadlines.location,
        deadlines.region,
        deadlines.category,
        deadlines.supplier,
        deadlines.sku,
        deadlines._file_digest,
        deadlines._line,
        deadlines.deadline_ts as opened_ts,
        {{ control_silence_known("deadlines.deadline_ts", "deadlines.first_received_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        {{ control_first_ending([
            ["deadlines.completing_receipt_ts", "deadlines.completing_received_ts", "'received in full'"],
            ["deadlines.closed_ts", "deadlines.closed_known_ts", "'closed'"],
            [
                "case when deadlines.new_date > deadlines.original_commit_date then deadlines.new_date_set_ts end",
                "deadlines.new_date_received_ts",
                "'new date accepted'",
            ],
        ]) }},
        case
            when deadlines.deadline_ts is null then 'not_enough_data'
            when deadlines.status_code = 'cancelled' and deadlines.closed_ts is null then 'not_applicable'
        end as blocked_code,
        {{ control_days(
            "deadlines.commit_deadline_ts", "coalesce(deadlines.completing_receipt_ts, " ~ as_of() ~ ")"
        ) }} as observed_value,
        deadlines.grace_days as threshold_value,
        {{ control_margin(
            "deadlines.list_price_amount",
            "deadlines.unit_cost_amount",
            "greatest(deadlines.ordered_qty - case when deadlines.completing_receipt_ts is null"
            ~ " then deadlines.good_qty else 0 end, 0)"
        ) }} as value_at_risk_amount
    from deadlines
    {{ control_coverage("'receipt_line'", "deadlines.deadline_ts") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E61a",
    "'purchase_order_line'",
    has=[
        "location", "region", "category", "supplier", "sku", "observed_value", "threshold_value",
        "value_at_risk_amount",
    ]
) }}
