-- Grain: one return line that departs from the policy of its channel. E51: asked for after the window, without a known
-- sale, or found to be another item, and not decided. Refunding it decides it, too. An inspection that finds another
-- item and decides about it tells both at once, whenever the return itself says so.
with returns as (

    select * from {{ ref("fct_return_line") }}

),

endings as (

    select * from {{ ref("int_control__return_ending") }}

),

faults as (

    select
        return_key,
        'window' as fault,
        initiated_ts as fault_ts,
        first_received_ts as known_ts
    from returns
    where
        {{ days_between(reporting_date("sale_completed_ts"), reporting_date("initiated_ts")) }} > return_window_days
    union all
    select
        return_key,
        'no receipt' as fault,
        initiated_ts as fault_ts,
        first_received_ts as known_ts
    from returns
    where not has_known_sale
    union all
    select
        return_key,
        'wrong item' as fault,
        inspected_ts as fault_ts,
        inspected_known_ts as known_ts
    from returns
    where condition_code = 'wrong_item' and reason_code <> 'wrong_item'

),

counted as (

    select
        return_key,
        count(*) as fault_count,
        min(fault_ts) as fault_ts,
        {{ min_by_keys("known_ts", ["fault_ts", "fault"]) }} as known_ts
    from faults
    group by return_key

),

assessed as (

    select
        returns.return_key as business_key,
        {{ control_instant("counted.fault_ts") }} as opening_key,
        returns.channel,
        returns.location,
        returns.region,
        returns.category,
        returns.supplier,
        returns.order_line_key,
        split_part(returns.order_line_key, '|', 1) as order_id,
        returns.sku,
        returns._file_digest,
        returns._line,
        counted.fault_count as observed_value,
        {{ control_threshold("exceptions", ["channel", "location"]) }} as threshold_value,
        case
            when counted.fault_count >= {{ control_threshold("exceptions", ["channel", "location"]) }}
                then counted.fault_ts
        end as opened_ts,
        {{ control_rows_known("counted.known_ts", "event_coverage") }} as detected_ts,
        event_coverage.is_overdue as is_evidence_overdue,
        {{ control_first_ending([
            [
                "case when returns.inspection_result_code is not null then returns.inspected_ts end",
                "returns.inspected_known_ts",
                "'decided'",
            ],
            ["endings.decided_ts", "endings.decided_known_ts", "'decided'"],
            ["returns.first_refund_ts", "returns.first_refund_known_ts", "'refunded'"],
            ["endings.given_up_ts", "endings.given_up_known_ts", "'cancelled'"],
        ]) }},
        case
            when {{ control_threshold("exceptions", ["channel", "location"]) }} is null then 'not_enough_data'
            when
                counted.return_key is null and (returns.return_window_days is null or returns.sale_completed_ts is null)
                then 'not_enough_data'
        end as blocked_code,
        coalesce(returns.refund_gross_amount, returns.sold_gross_amount) as value_at_risk_amount
    from returns
    left join counted on returns.return_key = counted.return_key
    left join endings on returns.return_key = endings.return_key
    {{ control_threshold_joins(
        "E51",
        ["exceptions"],
        at="returns.initiated_ts",
        scopes={"channel": "returns.channel", "location": "returns.location"}
    ) }}
    {{ control_coverage("'return_event'", "counted.fault_ts", alias="event_coverage") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E51",
    "'return_line'",
    has=[
        "channel", "location", "region", "category", "supplier", "order_id", "order_line_key", "sku", "observed_value",
        "threshold_value", "value_at_risk_amount",
    ]
) }}
