-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "tax_line",
    key=["order_id", "line_no", "tax_code"],
    version="event_ts",
    event="event_ts",
    columns=[
        "order_id",
        "line_no",
        "tax_code",
        "taxable_amount",
        "tax_amount",
        "currency_code",
        "remitter_code",
        "event_ts",
    ]
) }}
