-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "demand_forecast",
    key=["sku", "location_id", "channel_id", "week_start_date", "issued_ts"],
    version="issued_ts",
    event="issued_ts",
    columns=[
        "sku",
        "location_id",
        "channel_id",
        "week_start_date",
        "issued_ts",
        "forecast_qty",
        "p10_qty",
        "p50_qty",
        "p90_qty",
    ]
) }}
