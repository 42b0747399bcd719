-- Grain: one received return line. E53: its credit memo is missing when the limit after the receipt has passed, was
-- posted before a required inspection, or in another fiscal period than the receipt (than the refund, if that came
-- first), as in K64. A missing memo closes when it is posted in the right period; a wrong one only by a person, since
-- no feed tells that it was corrected.
with receipts as (

    select
        returns.*,
        locations.legal_entity_id,
        products.is_goods,
        endings.credit_memo_known_ts,
        {{ reporting_date("returns.credit_memo_posted_ts") }} as memo_date,
        {{ reporting_date(least_ts("returns.goods_received_ts", "returns.first_refund_ts")) }} as event_date,
        {{ control_threshold("limit", ["channel", "location"]) }} as limit_days,
        {{ add_seconds(
            "returns.goods_received_ts", "86400 * " ~ control_threshold("limit", ["channel", "location"])
        ) }} as due_ts
    from {{ ref("fct_return_line") }} as returns
    left join {{ ref("int_control__return_ending") }} as endings on returns.return_key = endings.return_key
    left join {{ ref("dim_location") }} as locations on returns.location = locations.location_id
    left join {{ ref("dim_product") }} as products on returns.sku = products.sku
    {{ control_threshold_joins(
        "E53",
        ["limit"],
        at="returns.goods_received_ts",
        scopes={"channel": "returns.channel", "location": "returns.location"}
    ) }}
    where returns.goods_received_ts is not null

),

timed as (

    select
        receipts.*,
        receipts.requires_inspection
        and receipts.credit_memo_posted_ts is not null
        and coalesce(receipts.inspected_ts > receipts.credit_memo_posted_ts, true) as is_before_inspection,
        coalesce(event_period.fiscal_period, {{ month_text("receipts.event_date") }})
        <> coalesce(memo_period.fiscal_period, {{ month_text("receipts.memo_date") }}) as is_other_period
    from receipts
    left join {{ ref("dim_fiscal_period") }} as event_period
        on
            receipts.legal_entity_id = event_period.legal_entity_id
            and receipts.event_date >= event_period.start_date
            and receipts.event_date <= event_period.end_date
    left join {{ ref("dim_fiscal_period") }} as memo_period
        on
            receipts.legal_entity_id = memo_period.legal_entity_id
            and receipts.memo_date >= memo_period.start_date
            and receipts.memo_date <= memo_period.end_date

),

judged_memos as (

    select
        *,
        case
            when coalesce(credit_memo_posted_ts > due_ts or credit_memo_known_ts > due_ts, true) then 'missing'
            when is_before_inspection then 'before inspection'
            when is_other_period then 'other period'
        end as fault
    from timed

),

items as (

    select
        *,
        case
            when fault = 'missing' and credit_memo_posted_ts <= due_ts and (is_before_inspection or is_other_period)
                then 'posted wrongly'
            when fault in ('before inspection', 'other period') then 'posted wrongly'
            else fault
        end as kind
    from judged_memos

),

assessed as (

    select
        items.return_key as business_key,
        {{ control_instant("items.goods_received_ts") }} as opening_key,
        items.channel,
        items.location,
        items.region,
        items.category,
        items.supplier,
        items.order_line_key,
        split_part(items.order_line_key, '|', 1) as order_id,
        items.sku,
        items._file_digest,
        items._line,
        items.limit_days as threshold_value,
        coalesce(items.refund_gross_amount, items.sold_gross_amount) as value_at_risk_amount,
        case items.kind when 'missing' then items.due_ts when 'posted wrongly' then items.credit_memo_posted_ts end
            as opened_ts,
        case
            when items.kind = 'posted wrongly'
                then {{ control_rows_known(
                    "greatest(items.credit_memo_known_ts, items.goods_received_known_ts)", "event_coverage"
                ) }}
            else {{ control_silence_known("items.due_ts", "items.goods_received_known_ts") }}
        end as detected_ts,
        case when items.kind = 'posted wrongly' then event_coverage.is_overdue else coverage.is_overdue end
            as is_evidence_overdue,
        case
            when items.kind = 'missing' and not items.is_before_inspection and not items.is_other_period
                then items.credit_memo_posted_ts
        end as ended_ts,
        items.credit_memo_known_ts as ended_known_ts,
        'posted' as ended_reason,
        case
            when not items.is_goods then 'not_applicable'
            when items.status_code = 'refused' or items.inspection_result_code = 'refused' then 'not_applicable'
            when items.due_ts is null then 'not_enough_data'
        end as blocked_code,
        {{ control_days(
            "items.goods_received_ts", "coalesce(items.credit_memo_posted_ts, " ~ as_of() ~ ")"
        ) }} as observed_value
    from items
    {{ control_coverage("'customer_document_line'", "items.due_ts") }}
    {{ control_coverage("'return_event'", "items.credit_memo_posted_ts", alias="event_coverage") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E53",
    "'return_line'",
    has=[
        "channel", "location", "region", "category", "supplier", "order_id", "order_line_key", "sku", "observed_value",
        "threshold_value", "value_at_risk_amount",
    ],
    is_running=true
) }}
