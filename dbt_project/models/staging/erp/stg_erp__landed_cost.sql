-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "landed_cost",
    key=["receipt_id", "line_no", "component_code"],
    version="posted_ts",
    event="posted_ts",
    columns=[
        "receipt_id",
        "line_no",
        "component_code",
        "standard_amount",
        "actual_amount",
        "currency_code",
        "posted_ts",
    ]
) }}
