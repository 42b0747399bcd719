-- Grain: one sold line, of an order or a till, with a discount that no promotion gave and the retailer bears. E48: it
-- is more than the right of a role, and nobody had approved it. The feeds tell neither person nor role, so the limit is
-- that of the channel or location, and a cent more is rounding. Discounts without allocation are those of lines without
-- promotion.
with allocations as (

    select
        coalesce(
            'till|' || {{ line_key("transaction_id", "transaction_line_no") }},
            'order|' || {{ line_key("order_id", "line_no") }}
        ) as sale_key,
        min(event_ts) as given_ts,
        sum(case when promotion_id is null and funding_code = 'retailer' then amount else 0 end) as manual_amount_local,
        max(received_ts) as received_ts,
        max(currency_code) as currency_code
    from {{ ref("stg_oms__discount_allocation") }}
    group by
        coalesce(
            'till|' || {{ line_key("transaction_id", "transaction_line_no") }},
            'order|' || {{ line_key("order_id", "line_no") }}
        )

),

sold as (

    select
        'till|' || transaction_line_key as sale_key,
        transaction_id as document_id,
        transaction_line_key as line_key,
        cast(null as string) as order_id,
        cast(null as string) as order_line_key,
        sku,
        sale_ts,
        sale_date,
        gross_amount,
        discount_amount,
        channel,
        location,
        region,
        category,
        supplier,
        promotion,
        source_entity,
        received_ts,
        _file_digest,
        _line
    from {{ ref("fct_store_sale_line") }}
    where is_in_scope and transaction_type = 'sale' and discount_amount > 0
    union all
    select
        'order|' || order_line_key as sale_key,
        order_id as document_id,
        order_line_key as line_key,
        order_id,
        order_line_key,
        sku,
        order_ts as sale_ts,
        order_date as sale_date,
        gross_amount,
        discount_amount,
        channel,
        location,
        region,
        category,
        supplier,
        promotion,
        source_entity,
        received_ts,
        _file_digest,
        _line
    from {{ ref("fct_order_line") }}
    where is_in_scope and discount_amount > 0

),

{# Only lines with a discount that a promotion does not explain are looked at. #}
overrides as (

    select
        sold.*,
        coalesce(allocations.given_ts, sold.sale_ts) as given_ts,
        greatest(sold.received_ts, coalesce(allocations.received_ts, sold.received_ts)) as known_ts,
        case
            when allocations.sale_key is null then sold.discount_amount
            else {{ money("allocations.manual_amount_local * rates.reporting_rate") }}
        end as manual_amount
    from sold
    left join allocations on sold.sale_key = allocations.sale_key
    left join {{ ref("int_finance__daily_rate") }} as rates
        on allocations.currency_code = rates.currency_code and sold.sale_date = rates.rate_date
    where allocations.manual_amount_local > 0 or (sold.promotion = 'NONE' and allocations.sale_key is null)

),

decisions as (

    select
        object_id,
        request_id,
        max(decided_ts) as approved_ts,
        max(received_ts) as approved_known_ts
    from {{ ref("fct_approval_step") }}
    where process in ('discount', 'price')
    group by object_id, request_id
    having count(*) = count(case when decision_code = 'approved' then decided_ts end)

),

{# A request names the line, or the whole order or transaction. #}
approvals as (

    select
        overrides.sale_key,
        min(decisions.approved_ts) as approved_ts,
        {{ min_by_keys("decisions.approved_known_ts", ["decisions.approved_ts", "decisions.request_id"]) }}
            as approved_known_ts
    from (
        select
            sale_key,
            line_key as object_id
        from overrides
        union all
        select
            sale_key,
            document_id as object_id
        from overrides
    ) as overrides
    inner join decisions on overrides.object_id = decisions.object_id
    group by overrides.sale_key

),

limited as (

    select
        overrides.*,
        approvals.approved_ts,
        approvals.approved_known_ts,
        {{ decimal_of(
            "cast(overrides.manual_amount as double) / nullif(overrides.gross_amount, 0)", 38, 6
        ) }} as observed_value,
        {{ control_threshold("share", ["location", "channel"]) }} as threshold_value
    from overrides
    left join approvals on overrides.sale_key = approvals.sale_key
    {{ control_threshold_joins(
        "E48",
        ["share"],
        at="overrides.given_ts",
        scopes={"channel": "overrides.channel", "location": "overrides.location"}
    ) }}

),

assessed as (

    select
        limited.*,
        limited.sale_key as business_key,
        {{ control_instant("limited.given_ts") }} as opening_key,
        case
            when
                limited.manual_amount > limited.threshold_value * limited.gross_amount + 0.01
                and not coalesce(limited.approved_ts <= limited.given_ts, false)
                then limited.given_ts
        end as opened_ts,
        {{ control_rows_known("greatest(limited.given_ts, limited.known_ts)", "coverage") }} as detected_ts,
        coalesce(coverage.is_overdue, true) as is_evidence_overdue,
        case when limited.approved_ts > limited.given_ts then limited.approved_ts end as ended_ts,
        limited.approved_known_ts as ended_known_ts,
        'approved' as ended_reason,
        case
            when limited.observed_value is null or limited.threshold_value is null then 'not_enough_data'
        end as blocked_code,
        limited.manual_amount as value_at_risk_amount
    from limited
    {{ control_coverage("'approval_request'", "limited.given_ts") }}

),

{{ control_verdict("assessed", is_event=true) }}

{{ control_select(
    "E48",
    "source_entity",
    has=[
        "channel", "location", "region", "category", "supplier", "order_id", "order_line_key", "sku", "observed_value",
        "threshold_value", "value_at_risk_amount",
    ]
) }}
