-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "purchase_order_line",
    key=["po_id", "line_no"],
    version="version_no",
    event="updated_ts",
    columns=[
        "po_id",
        "line_no",
        "sku",
        "ordered_qty",
        "unit_cost_amount",
        "quoted_lead_time_days",
        "requested_date",
        "new_date",
        "closed_ts",
        "status_code",
        "version_no",
        "updated_ts",
    ],
    over_versions={
        "new_date_set_ts": ["min", "case when new_date is not null then updated_ts end"],
        "new_date_known_ts": ["min", "case when new_date is not null then received_ts end"],
        "closed_known_ts": ["min", "case when closed_ts is not null then received_ts end"],
    }
) }}
