-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "tax_rule",
    key=["tax_code", "valid_from"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "tax_code",
        "valid_from",
        "rate_share",
        "updated_ts",
    ]
) }}
