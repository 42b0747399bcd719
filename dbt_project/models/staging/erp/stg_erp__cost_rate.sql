-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "cost_rate",
    key=["cost_type", "location_type", "valid_from"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "cost_type",
        "location_type",
        "valid_from",
        "unit_amount",
        "currency_code",
        "updated_ts",
    ]
) }}
