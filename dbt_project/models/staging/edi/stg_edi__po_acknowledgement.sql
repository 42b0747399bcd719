-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "po_acknowledgement",
    key=["po_id", "line_no", "ack_version"],
    version="ack_ts",
    event="ack_ts",
    columns=[
        "po_id",
        "line_no",
        "ack_version",
        "ack_ts",
        "ack_type",
        "committed_date",
        "committed_qty",
        "unit_cost_amount",
    ]
) }}
