-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "promise",
    key=["order_id", "line_no", "promise_version"],
    version="issued_ts",
    event="issued_ts",
    columns=[
        "order_id",
        "line_no",
        "promise_version",
        "issued_ts",
        "promise_earliest_ts",
        "promise_latest_ts",
        "basis_code",
        "requested_by_code",
    ]
) }}
