-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "cycle_count",
    key=["count_id"],
    version="version_no",
    event="count_ts",
    columns=[
        "count_id",
        "location_id",
        "sku",
        "count_no",
        "count_ts",
        "book_qty",
        "counted_qty",
        "process_step",
        "approved_ts",
        "version_no",
        "updated_ts",
    ]
) }}
