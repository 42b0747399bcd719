-- Grain: one purchase-order line with posted landed cost. E64b: the actual landed cost of what was received so far is
-- off the standard by more than both limits. It ends when later costs bring it back, a newer standard cost of the item
-- takes effect, or an approval of the line or its order is complete.
with postings as (

    select
        po_line_key,
        posted_ts,
        max(first_received_ts) as known_ts,
        sum(actual_amount) as actual_amount,
        sum(standard_amount) as standard_amount,
        bool_and(actual_amount is not null and standard_amount is not null) as is_known,
        min(_file_digest) as _file_digest,
        {{ min_by_keys("_line", ["_file_digest", "_line"]) }} as _line
    from {{ ref("fct_landed_cost") }}
    where po_line_key is not null
    group by po_line_key, posted_ts

),

running as (

    select
        po_line_key,
        posted_ts,
        _file_digest,
        _line,
        max(known_ts) over in_order as known_ts,
        bool_and(is_known) over in_order as is_known,
        sum(actual_amount) over in_order as actual_amount,
        sum(standard_amount) over in_order as standard_amount
    from postings
    window in_order as (
        partition by po_line_key order by posted_ts rows between unbounded preceding and current row
    )

),

lines as (

    select
        po_line_key,
        po_id,
        sku,
        supplier,
        location,
        region,
        category
    from {{ ref("fct_purchase_order_line") }}

),

limited as (

    select
        running.*,
        running.actual_amount - running.standard_amount as variance_amount,
        {{ control_threshold("amount", ["supplier", "location"]) }} as amount_limit,
        {{ control_threshold("share", ["supplier", "location"]) }} as share_limit
    from running
    left join lines on running.po_line_key = lines.po_line_key
    {{ control_threshold_joins(
        "E64b",
        ["amount", "share"],
        at="running.posted_ts",
        scopes={"supplier": "lines.supplier", "location": "lines.location"}
    ) }}

),

flagged as (

    select
        *,
        case
            when is_known
                then abs(variance_amount) > amount_limit and abs(variance_amount) > share_limit * abs(standard_amount)
        end as is_over
    from limited

),

variances as (

    select
        po_line_key,
        max(amount_limit) as threshold_value,
        bool_and(is_over is not null) as is_known,
        min(posted_ts) filter (where is_over) as opened_ts,
        {{ min_by_keys("known_ts", ["posted_ts"], where="is_over") }} as known_ts,
        max(abs(variance_amount)) as largest_amount,
        {{ max_by_keys("variance_amount", ["posted_ts"]) }} as variance_amount,
        case when not {{ max_by_keys("is_over", ["posted_ts"]) }} then max(posted_ts) end as within_ts,
        max(known_ts) as within_known_ts,
        {{ min_by_keys("_file_digest", ["posted_ts"]) }} as _file_digest,
        {{ min_by_keys("_line", ["posted_ts"]) }} as _line
    from flagged
    group by po_line_key

),

standards as (

    select
        variances.po_line_key,
        min({{ local_instant("costs.valid_from", "'00:00'", reporting_zone()) }}) as standard_ts,
        min(costs.received_ts) as standard_known_ts
    from variances
    inner join lines on variances.po_line_key = lines.po_line_key
    inner join {{ ref("stg_erp__item_cost") }} as costs
        on lines.sku = costs.sku and costs.valid_from > {{ reporting_date("variances.opened_ts") }}
    where {{ local_instant("costs.valid_from", "'00:00'", reporting_zone()) }} <= {{ as_of() }}
    group by variances.po_line_key

),

approvals as (

    select
        object_id,
        max(decided_ts) as approved_ts,
        max(received_ts) as approved_known_ts
    from {{ ref("fct_approval_step") }}
    group by object_id
    having count(*) = count(*) filter (where decision_code = 'approved')

),

assessed as (

    select
        variances.po_line_key as business_key,
        {{ control_instant("variances.opened_ts") }} as opening_key,
        lines.supplier,
        lines.location,
        lines.region,
        lines.category,
        lines.sku,
        variances._file_digest,
        variances._line,
        variances.opened_ts,
        greatest(variances.opened_ts, variances.known_ts) as detected_ts,
        false as is_evidence_overdue,
        {{ control_first_ending([
            ["variances.within_ts", "variances.within_known_ts", "'within the limits again'"],
            ["standards.standard_ts", "standards.standard_known_ts", "'standard updated'"],
            [
                "case when of_line.approved_ts >= variances.opened_ts then of_line.approved_ts end",
                "of_line.approved_known_ts",
                "'variance approved'",
            ],
            [
                "case when of_order.approved_ts >= variances.opened_ts then of_order.approved_ts end",
                "of_order.approved_known_ts",
                "'variance approved'",
            ],
        ]) }},
        case when not variances.is_known then 'not_enough_data' end as blocked_code,
        variances.variance_amount as observed_value,
        variances.threshold_value,
        variances.largest_amount as value_at_risk_amount
    from variances
    left join lines on variances.po_line_key = lines.po_line_key
    left join standards on variances.po_line_key = standards.po_line_key
    left join approvals as of_line on variances.po_line_key = of_line.object_id
    left join approvals as of_order on lines.po_id = of_order.object_id

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E64b",
    "'landed_cost'",
    has=[
        "location", "region", "category", "supplier", "sku", "observed_value", "threshold_value",
        "value_at_risk_amount",
    ]
) }}
