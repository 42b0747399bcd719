-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "fulfilment_line",
    key=["fulfilment_line_id"],
    version="version_no",
    event="assigned_ts",
    columns=[
        "fulfilment_line_id",
        "order_id",
        "line_no",
        "location_id",
        "sku",
        "planned_carrier_id",
        "assigned_ts",
        "requested_qty",
        "picked_qty",
        "shipped_qty",
        "status_code",
        "version_no",
        "updated_ts",
    ],
    over_versions={
        "answered_ts": ["min", "case when status_code <> 'assigned' then updated_ts end"],
        "left_ts": ["min", "case when status_code in ('shipped', 'ready', 'collected') then updated_ts end"],
        "ended_ts": ["min", "case when status_code in ('rejected', 'cancelled', 'shipped', 'ready', 'collected') then updated_ts end"],
    }
) }}
