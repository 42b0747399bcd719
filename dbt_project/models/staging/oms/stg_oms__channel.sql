-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "channel",
    key=["channel_id"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "channel_id",
        "channel_name",
        "channel_type",
        "currency_code",
        "prices_include_tax",
        "allows_backorder",
        "updated_ts",
    ]
) }}
