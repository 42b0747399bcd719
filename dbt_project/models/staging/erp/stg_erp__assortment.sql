-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "assortment",
    key=["sku", "location_id", "valid_from"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "sku",
        "location_id",
        "valid_from",
        "valid_to",
        "updated_ts",
    ]
) }}
