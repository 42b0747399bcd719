-- Grain: one stretch of time in which the tenders of an order differ from its total, and one row an order that never
-- differed. E13: for longer than the grace, since tenders of one order are authorised one after the other. Orders
-- without any tender are E01.
with orders as (

    select
        orders.*,
        {{ control_threshold("tolerance", ["channel"]) }} as tolerance,
        {{ control_threshold("grace", ["channel"]) }} as grace_minutes
    from {{ ref("fct_order") }} as orders
    {{ control_threshold_joins(
        "E13", ["tolerance", "grace"], at="orders.order_ts", scopes={"channel": "orders.channel"}
    ) }}
    where not orders.is_test

),

tenders as (

    select
        order_id,
        event_ts,
        received_ts,
        case when payment_type = 'void' then -amount_local else amount_local end as tender_amount,
        case when amount_local <> 0 then cast(amount as double) / amount_local end as rate
    from {{ ref("fct_payment") }}
    where status_code = 'succeeded' and payment_type in ('authorisation', 'void')

),

totals as (

    select
        order_id,
        version_no,
        updated_ts,
        received_ts,
        total_amount
    from {{ source("raw", "sales_order") }}
    where total_amount is not null

),

tender_sums as (

    select
        order_id,
        count(*) as tender_count,
        sum(tender_amount) as tender_amount
    from tenders
    group by order_id

),

total_ranges as (

    select
        order_id,
        min(total_amount) as least_amount,
        max(total_amount) as greatest_amount
    from totals
    group by order_id

),

-- Most orders have one tender of their one total; only the others are looked at in time.
candidates as (

    select
        orders.order_id,
        orders.tolerance,
        orders.grace_minutes
    from orders
    inner join tender_sums on orders.order_id = tender_sums.order_id
    inner join total_ranges on orders.order_id = total_ranges.order_id
    where
        tender_sums.tender_count > 1
        or total_ranges.least_amount <> total_ranges.greatest_amount
        or abs(tender_sums.tender_amount - total_ranges.greatest_amount) > orders.tolerance

),

instants as (

    select
        candidates.order_id,
        tenders.event_ts
    from candidates
    inner join tenders on candidates.order_id = tenders.order_id
    union
    select
        candidates.order_id,
        totals.updated_ts as event_ts
    from candidates
    inner join totals on candidates.order_id = totals.order_id

),

tendered as (

    select
        instants.order_id,
        instants.event_ts,
        sum(tenders.tender_amount) as tender_amount,
        max(tenders.rate) as rate,
        max(tenders.received_ts) as known_ts
    from instants
    inner join tenders on instants.order_id = tenders.order_id and instants.event_ts >= tenders.event_ts
    group by instants.order_id, instants.event_ts

),

-- Before its first version was written, an order has the total of that version.
demanded as (

    select
        instants.order_id,
        instants.event_ts,
        coalesce(
            {{ max_by_keys(
                "totals.total_amount", ["totals.version_no", "totals.updated_ts"],
                where="totals.updated_ts <= instants.event_ts"
            ) }},
            {{ min_by_keys("totals.total_amount", ["totals.version_no", "totals.updated_ts"]) }}
        ) as total_amount,
        max(totals.received_ts) filter (where totals.updated_ts <= instants.event_ts) as known_ts
    from instants
    inner join totals on instants.order_id = totals.order_id
    group by instants.order_id, instants.event_ts

),

states as (

    select
        tendered.order_id,
        tendered.event_ts,
        tendered.rate,
        tendered.tender_amount - demanded.total_amount as difference,
        greatest(tendered.known_ts, coalesce(demanded.known_ts, tendered.known_ts)) as known_ts,
        tendered.tender_amount > 0
        and abs(tendered.tender_amount - demanded.total_amount) > candidates.tolerance as is_mismatch
    from tendered
    inner join demanded
        on tendered.order_id = demanded.order_id and tendered.event_ts = demanded.event_ts
    inner join candidates on tendered.order_id = candidates.order_id

),

numbered as (

    select
        *,
        count(*) filter (where not is_mismatch) over (
            partition by order_id order by event_ts rows between unbounded preceding and current row
        ) as equal_no
    from states

),

equals as (

    select
        order_id,
        equal_no - 1 as stretch_no,
        event_ts,
        known_ts
    from numbered
    where not is_mismatch

),

stretches as (

    select
        numbered.order_id,
        numbered.equal_no as stretch_no,
        min(numbered.event_ts) as began_ts,
        {{ min_by_keys("numbered.known_ts", ["numbered.event_ts"]) }} as known_ts,
        max(numbered.rate) as rate,
        {{ max_by_keys("abs(numbered.difference)", ["numbered.event_ts"]) }} as difference
    from numbered
    where numbered.is_mismatch
    group by numbered.order_id, numbered.equal_no

),

cancellations as (

    {{ control_cancellations() }}

),

assessed as (

    select
        orders.order_id as business_key,
        {{ control_instant("stretches.began_ts") }} as opening_key,
        orders.order_id,
        orders.channel,
        orders.location,
        orders.region,
        orders.promised_latest_ts as promise_latest_ts,
        orders._file_digest,
        orders._line,
        orders.tolerance as threshold_value,
        case when orders.customer_id is not null then 1 end as customers_affected,
        1 as open_orders_touched,
        coalesce(stretches.difference, 0) as observed_value,
        {{ money("stretches.difference * cast(stretches.rate as double)") }} as value_at_risk_amount,
        {{ add_seconds("stretches.began_ts", "60 * orders.grace_minutes") }} as opened_ts,
        {{ control_first_ending([
            ["equals.event_ts", "equals.known_ts", "'equal'"],
            ["orders.cancelled_ts", "cancellations.cancelled_known_ts", "'cancelled'"],
        ]) }},
        case
            when tender_sums.order_id is null then 'not_applicable'
            when total_ranges.order_id is null or orders.tolerance is null or orders.grace_minutes is null
                then 'not_enough_data'
        end as blocked_code,
        {{ control_silence_known(
            add_seconds("stretches.began_ts", "60 * orders.grace_minutes"),
            "stretches.known_ts",
            beside="event_coverage"
        ) }} as detected_ts,
        coverage.is_overdue or coalesce(event_coverage.is_overdue, false) as is_evidence_overdue
    from orders
    left join tender_sums on orders.order_id = tender_sums.order_id
    left join total_ranges on orders.order_id = total_ranges.order_id
    left join stretches on orders.order_id = stretches.order_id
    left join equals on stretches.order_id = equals.order_id and stretches.stretch_no = equals.stretch_no
    left join cancellations on orders.order_id = cancellations.order_id
    {{ control_coverage("'payment'", add_seconds("stretches.began_ts", "60 * orders.grace_minutes")) }}
    {{ control_coverage(
        "'order_event'", add_seconds("stretches.began_ts", "60 * orders.grace_minutes"), alias="event_coverage"
    ) }}

),

{{ control_verdict("assessed") }},

{{ control_episodes(largest=["value_at_risk_amount"]) }}

{{ control_select(
    "E13",
    "'sales_order'",
    has=[
        "channel", "location", "region", "order_id", "observed_value", "threshold_value", "value_at_risk_amount",
        "customers_affected", "promise_latest_ts", "open_orders_touched",
    ],
    relation="episodes",
    largest=["value_at_risk_amount"]
) }}
