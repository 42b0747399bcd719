-- Grain: one approved promotion in a channel (or one location of it) whose start has come. E41b: at its start and the
-- tolerance some of its items are not live. What is still not live at the limit of E41a goes on as that.
with places as (

    select * from {{ ref("int_control__promotion_start") }}

),

assessed as (

    select
        places.promotion_place_key as business_key,
        {{ control_instant("places.starts_ts") }} as opening_key,
        places.channel,
        places.location,
        places.region,
        places._file_digest,
        places._line,
        places.late_ts as opened_ts,
        {{ control_silence_known("places.late_ts", "places.row_known_ts") }} as detected_ts,
        coverage.is_overdue as is_evidence_overdue,
        {{ control_first_ending([
            ["places.live_after_late_ts", "places.live_after_late_known_ts", "'live'"],
            ["places.withdrawn_ts", "places.withdrawn_known_ts", "'cancelled'"],
            [
                "case when places.not_live_ts <= " ~ as_of() ~ " then places.not_live_ts end",
                "places.not_live_ts",
                "'E41a opened'",
            ],
        ]) }},
        case when places.late_ts is null then 'not_enough_data' end as blocked_code,
        places.late_item_count as observed_value,
        {{ control_minutes("places.starts_ts", "places.late_ts") }} as threshold_value,
        places.late_amount as value_at_risk_amount
    from places
    {{ control_coverage("'price_publication'", "places.late_ts") }}

),

{{ control_verdict("assessed") }}

{{ control_select(
    "E41b",
    "'promotion_line'",
    has=["channel", "location", "region", "observed_value", "threshold_value", "value_at_risk_amount"]
) }}
