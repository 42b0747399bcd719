-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "sign_off",
    key=["stream_code", "legal_entity_id", "fiscal_period"],
    version="version_no",
    event="updated_ts",
    columns=[
        "stream_code",
        "legal_entity_id",
        "fiscal_period",
        "state_code",
        "signed_by",
        "signed_ts",
        "version_no",
        "updated_ts",
    ]
) }}
