-- Grain: one transfer line that left its origin and was not received in full by its lane's day, or of which that was
-- told late. E33: the end of the day and the grace have passed and not every unit that left was received. A line closed
-- short stays open until an approval of the transfer says so.
with transfers as (

    select
        transfers.*,
        {{ line_key("transfers.transfer_id", "transfers.line_no") }} as transfer_key,
        lanes.due_date as lane_date,
        lanes.received_ts as latest_known_ts,
        coalesce(locations.time_zone, {{ reporting_zone() }}) as time_zone
    from {{ ref("fct_transfer_line") }} as transfers
    inner join {{ ref("stg_erp__transfer_line") }} as lanes
        on transfers.transfer_id = lanes.transfer_id and transfers.line_no = lanes.line_no
    left join {{ ref("dim_location") }} as locations on transfers.to_location_id = locations.location_id
    where
        transfers.shipped_ts is not null
        and (
            transfers.received_qty < transfers.shipped_qty
            or transfers.completed_ts is null
            or {{ reporting_date("transfers.completed_ts") }} > transfers.due_date
            or {{ seconds_between("transfers.completed_ts", "lanes.received_ts") }} > 172800
        )

),

sent_known as (

    select
        {{ line_key("transfer_id", "line_no") }} as transfer_key,
        min(received_ts) as sent_known_ts
    from {{ source("raw", "transfer_line") }}
    where shipped_ts is not null
    group by transfer_id, line_no

),

approvals as (

    select
        object_id,
        min(decided_ts) as approved_ts,
        min(received_ts) as approved_known_ts
    from {{ ref("fct_approval_step") }}
    where process = 'transfer' and decision_code = 'approved'
    group by object_id

),

write_offs as (

    select
        transfers.transfer_key,
        min(approvals.approved_ts) as approved_ts,
        min(approvals.approved_known_ts) as approved_known_ts
    from transfers
    inner join approvals on transfers.transfer_id = approvals.object_id
    group by transfers.transfer_key

),

limited as (

    select
        transfers.*,
        {{ control_threshold("grace", ["location"]) }} as grace_days,
        coalesce(
            transfers.lane_date,
            {{ add_days(
                local_date("transfers.shipped_ts", "transfers.time_zone"), control_threshold("lane", ["location"])
            ) }}
        ) as last_date
    from transfers
    {{ control_threshold_joins(
        "E33", ["lane", "grace"], at="transfers.shipped_ts", scopes={"location": "transfers.location"}
    ) }}

),

deadlines as (

    select
        *,
        shipped_qty - received_qty as missing_qty,
        {{ end_of_local_day(add_days("last_date", "grace_days"), "time_zone") }} as deadline_ts
    from limited

),

-- What came in full, but late, was missing whole: no version tells how much of it had come before.
stakes as (

    select
        transfer_key,
        case
            when missing_qty > 0 then missing_qty
            when completed_ts > deadline_ts then shipped_qty
            else 0
        end as stake_qty
    from deadlines

),

assessed as (

    select
        deadlines.location,
        deadlines.region,
        deadlines.category,
        deadlines.sku,
        deadlines._file_digest,
        deadlines._line,
        deadlines.transfer_key as business_key,
        cast(deadlines.last_date as string) as opening_key,
        deadlines.deadline_ts as opened_ts,
        {{ control_silence_known("deadlines.deadline_ts", "sent_known.sent_known_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        {{ control_first_ending([
            [
                "case when deadlines.missing_qty <= 0 then deadlines.completed_ts end",
                "deadlines.latest_known_ts",
                "'received in full'",
            ],
            [
                "case when deadlines.status_code = 'closed' and write_offs.approved_ts is not null"
                ~ " then greatest(deadlines.completed_ts, write_offs.approved_ts) end",
                "greatest(deadlines.latest_known_ts, write_offs.approved_known_ts)",
                "'written off with approval'",
            ],
            [
                "case when deadlines.status_code = 'cancelled' then deadlines.completed_ts end",
                "deadlines.latest_known_ts",
                "'cancelled'",
            ],
        ]) }},
        case
            when deadlines.status_code = 'cancelled' and deadlines.completed_ts is null then 'not_applicable'
            when deadlines.deadline_ts is null then 'not_enough_data'
        end as blocked_code,
        stakes.stake_qty as observed_value,
        deadlines.grace_days as threshold_value,
        {{ money("stakes.stake_qty * deadlines.unit_cost_amount") }} as value_at_risk_amount
    from deadlines
    inner join stakes on deadlines.transfer_key = stakes.transfer_key
    left join sent_known on deadlines.transfer_key = sent_known.transfer_key
    left join write_offs on deadlines.transfer_key = write_offs.transfer_key
    {{ control_coverage("'transfer_line'", "deadlines.deadline_ts") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E33",
    "'transfer_line'",
    has=["location", "region", "category", "sku", "observed_value", "threshold_value", "value_at_risk_amount"]
) }}
