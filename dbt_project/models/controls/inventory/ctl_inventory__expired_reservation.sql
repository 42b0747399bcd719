-- Grain: one reservation that has not ended before its expiry, or of which that was told late. E32: it is still active
-- past its expiry and the grace. Reservations without expiry, and those ended in time, have no row.
with reservations as (

    select * from {{ ref("fct_reservation") }}
    where
        expires_ts is not null
        and (
            coalesce(ended_ts >= expires_ts, true)
            or {{ seconds_between("expires_ts", "received_ts") }} > 86400
        )

),

lines as (

    select
        order_line_key,
        order_id,
        channel,
        supplier
    from {{ ref("fct_order_line") }}

),

deadlines as (

    select
        reservations.*,
        lines.order_id,
        lines.supplier,
        coalesce(lines.channel, 'NONE') as channel,
        {{ control_threshold("grace", ["location"]) }} as grace_minutes,
        {{ add_seconds("reservations.expires_ts", "60 * " ~ control_threshold("grace", ["location"])) }} as deadline_ts,
        cast(reservations.expires_ts as date) as expires_date
    from reservations
    left join lines on reservations.order_line_key = lines.order_line_key
    {{ control_threshold_joins(
        "E32", ["grace"], at="reservations.expires_ts", scopes={"location": "reservations.location"}
    ) }}

),

assessed as (

    select
        deadlines.channel,
        deadlines.location,
        deadlines.region,
        deadlines.category,
        deadlines.supplier,
        deadlines.order_id,
        deadlines.order_line_key,
        deadlines.sku,
        deadlines._file_digest,
        deadlines._line,
        deadlines.reservation_id as business_key,
        {{ control_instant("deadlines.expires_ts") }} as opening_key,
        deadlines.deadline_ts as opened_ts,
        {{ control_silence_known("deadlines.deadline_ts", "deadlines.first_received_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        coalesce(
            deadlines.ended_ts, case when deadlines.status_code <> 'active' then deadlines.created_ts end
        ) as ended_ts,
        deadlines.received_ts as ended_known_ts,
        deadlines.status_code as ended_reason,
        case when deadlines.deadline_ts is null then 'not_enough_data' end as blocked_code,
        {{ control_minutes("deadlines.expires_ts", "coalesce(deadlines.ended_ts, " ~ as_of() ~ ")") }}
            as observed_value,
        deadlines.grace_minutes as threshold_value,
        {{ money("deadlines.quantity * costs.unit_cost_amount") }} as value_at_risk_amount
    from deadlines
    left join {{ ref("dim_item_cost") }} as costs
        on
            deadlines.sku = costs.sku
            and deadlines.expires_date >= costs.valid_from_date
            and deadlines.expires_date < costs.valid_to_date
    {{ control_coverage("'reservation'", "deadlines.deadline_ts") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E32",
    "'reservation'",
    has=[
        "channel", "location", "region", "category", "supplier", "order_id", "order_line_key", "sku", "observed_value",
        "threshold_value", "value_at_risk_amount",
    ],
    is_running=true
) }}
