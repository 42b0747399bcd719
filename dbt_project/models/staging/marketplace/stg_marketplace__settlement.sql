-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "settlement",
    key=["settlement_id"],
    version="closed_ts",
    event="closed_ts",
    columns=[
        "settlement_id",
        "channel_id",
        "period_start_date",
        "period_end_date",
        "payout_due_date",
        "payout_amount",
        "currency_code",
        "closed_ts",
    ]
) }}
