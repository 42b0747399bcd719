-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "supplier",
    key=["supplier_id"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "supplier_id",
        "supplier_name",
        "gln",
        "country_code",
        "is_dropship",
        "status_code",
        "updated_ts",
    ]
) }}
