-- Grain: one return line of a known customer with several refunds without goods or several returned orders. E50, as a
-- rule and not as a prediction, since no feed carries a score: when the return was asked for, the customer had had that
-- many refunds in 30 days for which nothing had been received, or had returned that share of the orders of 90 days.
with orders as (

    select
        order_id,
        customer_id,
        order_ts
    from {{ ref("fct_order") }}
    where not is_test and customer_id is not null

),

returns as (

    select
        returns.*,
        orders.order_id,
        orders.customer_id,
        returns.first_refund_ts is not null
        and coalesce(returns.goods_received_ts > returns.first_refund_ts, true) as is_without_goods,
        {{ control_threshold("refunds", ["channel"]) }} as refund_limit,
        {{ control_threshold("orders", ["channel"]) }} as order_limit,
        {{ control_threshold("returned_share", ["channel"]) }} as share_limit
    from {{ ref("fct_return_line") }} as returns
    inner join orders on split_part(returns.order_line_key, '|', 1) = orders.order_id
    {{ control_threshold_joins(
        "E50", ["refunds", "orders", "returned_share"], at="returns.initiated_ts", scopes={"channel": "returns.channel"}
    ) }}

),

-- Whoever can never reach a limit is left out.
customers as (

    select customer_id
    from returns
    group by customer_id
    having
        count(*) filter (where is_without_goods) >= min(refund_limit)
        or count(distinct order_id) >= min(order_limit * share_limit)

),

candidates as (

    select returns.*
    from returns
    inner join customers on returns.customer_id = customers.customer_id

),

refunds as (

    select
        candidates.return_key,
        count(*) as refund_count,
        max(refunded.first_refund_known_ts) as known_ts
    from candidates
    inner join candidates as refunded
        on
            candidates.customer_id = refunded.customer_id
            and refunded.is_without_goods
            and candidates.initiated_ts >= refunded.first_refund_ts
            and candidates.initiated_ts < {{ add_seconds("refunded.first_refund_ts", 30 * 86400) }}
    group by candidates.return_key

),

first_returns as (

    select
        order_id,
        min(initiated_ts) as returned_ts
    from candidates
    where not is_withdrawn
    group by order_id

),

placed_orders as (

    select
        candidates.return_key,
        count(distinct orders.order_id) as order_count,
        count(distinct case when candidates.initiated_ts >= first_returns.returned_ts then orders.order_id end)
            as returned_count
    from candidates
    inner join orders
        on
            candidates.customer_id = orders.customer_id
            and candidates.initiated_ts >= orders.order_ts
            and candidates.initiated_ts < {{ add_seconds("orders.order_ts", 90 * 86400) }}
    left join first_returns on orders.order_id = first_returns.order_id
    group by candidates.return_key

),

points as (

    select
        candidates.*,
        refunds.known_ts as refund_known_ts,
        coalesce(refunds.refund_count, 0) as refund_points,
        coalesce(refunds.refund_count >= candidates.refund_limit, false) as has_refunds,
        coalesce(
            placed_orders.order_count >= candidates.order_limit
            and placed_orders.returned_count >= candidates.share_limit * placed_orders.order_count,
            false
        ) as has_returned
    from candidates
    left join refunds on candidates.return_key = refunds.return_key
    left join placed_orders on candidates.return_key = placed_orders.return_key

),

assessed as (

    select
        points.return_key as business_key,
        {{ control_instant("points.initiated_ts") }} as opening_key,
        points.channel,
        points.location,
        points.region,
        points.category,
        points.supplier,
        points.order_line_key,
        points.order_id,
        points.sku,
        points._file_digest,
        points._line,
        1 as customers_affected,
        points.refund_points as observed_value,
        points.refund_limit as threshold_value,
        coalesce(points.refund_gross_amount, points.sold_gross_amount) as value_at_risk_amount,
        case when points.has_refunds or points.has_returned then points.initiated_ts end as opened_ts,
        {{ control_rows_known(
            "greatest(points.first_received_ts, case when points.has_refunds then points.refund_known_ts"
            ~ " else points.first_received_ts end)", "line_coverage"
        ) }} as detected_ts,
        line_coverage.is_overdue as is_evidence_overdue,
        {{ control_first_ending([
            ["endings.decided_ts", "endings.decided_known_ts", "'decided'"],
            ["points.inspected_ts", "points.inspected_known_ts", "'decided'"],
            ["endings.given_up_ts", "endings.given_up_known_ts", "'cancelled'"],
        ]) }},
        case
            when points.refund_limit is null or points.order_limit is null or points.share_limit is null
                then 'not_enough_data'
        end as blocked_code
    from points
    left join {{ ref("int_control__return_ending") }} as endings on points.return_key = endings.return_key
    {{ control_coverage("'return_line'", "points.initiated_ts", alias="line_coverage") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E50",
    "'return_line'",
    has=[
        "channel", "location", "region", "category", "supplier", "order_id", "order_line_key", "sku", "observed_value",
        "threshold_value", "value_at_risk_amount", "customers_affected",
    ]
) }}
