-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "return_line",
    key=["return_id", "line_no"],
    version="version_no",
    event="initiated_ts",
    columns=[
        "return_id",
        "line_no",
        "order_id",
        "order_line_no",
        "transaction_id",
        "transaction_line_no",
        "sku",
        "quantity",
        "return_channel_id",
        "return_location_id",
        "initiated_ts",
        "reason_code",
        "status_code",
        "is_refund_without_return",
        "version_no",
        "updated_ts",
    ],
    over_versions={
        "in_transit_ts": ["min", "case when status_code = 'in_transit' then updated_ts end"],
    }
) }}
