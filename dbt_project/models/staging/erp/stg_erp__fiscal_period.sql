-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "fiscal_period",
    key=["legal_entity_id", "fiscal_period"],
    version="updated_ts",
    event="start_date",
    columns=[
        "legal_entity_id",
        "fiscal_period",
        "start_date",
        "end_date",
        "updated_ts",
    ]
) }}
