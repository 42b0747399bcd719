-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "supplier_funding",
    key=["agreement_id"],
    version="updated_ts",
    event="updated_ts",
    columns=[
        "agreement_id",
        "promotion_id",
        "supplier_id",
        "sku",
        "funding_unit_amount",
        "planned_amount",
        "accrued_amount",
        "credited_amount",
        "currency_code",
        "evidence_ts",
        "claim_due_date",
        "updated_ts",
    ]
) }}
