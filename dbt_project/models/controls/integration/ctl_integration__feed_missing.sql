-- Grain: one expected delivery of an entity. E65h: no file within its rhythm has come by its due time and grace. A file
-- that came and was refused whole is E65g. The silence of a delivery is known at its deadline: the tower
-- itself waits for it.
with rhythm as (

    select
        entity,
        frequency_days
    from {{ source("raw", "feed_contract") }}

),

arrivals as (

    select
        delivery.entity,
        delivery.business_date,
        min(files.file_received_ts) as came_ts
    from {{ ref("fct_delivery") }} as delivery
    inner join rhythm on delivery.entity = rhythm.entity
    inner join {{ ref("fct_landing_file") }} as files
        on
            delivery.entity = files.entity
            and delivery.business_date >= files.business_date
            and {{ add_days("delivery.business_date", "-rhythm.frequency_days") }} < files.business_date
    group by delivery.entity, delivery.business_date

),

deliveries as (

    select
        delivery.*,
        arrivals.came_ts,
        {{ add_seconds(
            "delivery.deadline_ts", "60 * " ~ control_threshold("extra_grace", ["interface"])
        ) }} as late_ts,
        {{ control_threshold("extra_grace", ["interface"]) }} + delivery.grace_minutes as allowed_minutes
    from {{ ref("fct_delivery") }} as delivery
    left join arrivals on delivery.entity = arrivals.entity and delivery.business_date = arrivals.business_date
    {{ control_threshold_joins(
        "E65h", ["extra_grace"], at="delivery.due_ts", scopes={"interface": "delivery.interface"}
    ) }}

),

open_lines as (

    select * from {{ ref("fct_order_line") }}
    where is_in_scope

),

orders as (

    select
        order_id,
        customer_id
    from {{ ref("fct_order") }}

),

missing as (

    select * from deliveries
    where
        late_ts < {{ as_of() }}
        and coalesce(came_ts > late_ts, true)
        and process in ('order-to-cash', 'order-to-fulfilment')

),

touched as (

    select
        missing.entity,
        missing.business_date,
        sum({{ control_undelivered_value("open_lines", "missing.late_ts") }}) as value_at_risk_amount,
        count(distinct orders.customer_id) as customers_affected,
        count(distinct open_lines.order_id) as open_orders_touched
    from missing
    inner join open_lines
        on
            missing.late_ts >= open_lines.order_ts
            and coalesce(missing.late_ts < open_lines.closed_ts, true)
            and {{ add_seconds("missing.late_ts", 86400) }} >= open_lines.first_promise_latest_ts
    inner join orders on open_lines.order_id = orders.order_id
    group by missing.entity, missing.business_date

),

assessed as (

    select
        deliveries.entity || '|' || cast(deliveries.business_date as string) as business_key,
        {{ control_instant("deliveries.due_ts") }} as opening_key,
        deliveries.interface,
        deliveries._file_digest,
        deliveries._line,
        deliveries.late_ts as opened_ts,
        deliveries.late_ts as detected_ts,
        false as is_evidence_overdue,
        deliveries.came_ts as ended_ts,
        deliveries.came_ts as ended_known_ts,
        'landed' as ended_reason,
        case when deliveries.late_ts is null then 'not_enough_data' end as blocked_code,
        {{ control_minutes("deliveries.due_ts", "coalesce(deliveries.came_ts, " ~ as_of() ~ ")") }}
            as observed_value,
        deliveries.allowed_minutes as threshold_value,
        touched.value_at_risk_amount,
        touched.customers_affected,
        touched.open_orders_touched
    from deliveries
    left join touched on deliveries.entity = touched.entity and deliveries.business_date = touched.business_date

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E65h",
    "'landing_file'",
    has=[
        "interface", "observed_value", "threshold_value", "value_at_risk_amount", "customers_affected",
        "open_orders_touched",
    ]
) }}
