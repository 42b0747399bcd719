-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "supplier_claim",
    key=["claim_id"],
    version="version_no",
    event="claimed_ts",
    columns=[
        "claim_id",
        "supplier_id",
        "claim_type",
        "return_id",
        "return_line_no",
        "po_id",
        "amount",
        "credited_amount",
        "currency_code",
        "claimed_ts",
        "credited_ts",
        "status_code",
        "version_no",
        "updated_ts",
    ]
) }}
