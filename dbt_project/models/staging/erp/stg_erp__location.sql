-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "location",
    key=["location_id"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "location_id",
        "gln",
        "location_name",
        "location_type",
        "region_code",
        "country_code",
        "time_zone",
        "legal_entity_id",
        "stock_system_code",
        "opens_local",
        "closes_local",
        "open_weekdays",
        "opened_date",
        "closed_date",
        "updated_ts",
    ]
) }}
