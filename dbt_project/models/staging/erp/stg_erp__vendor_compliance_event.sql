-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "vendor_compliance_event",
    key=["check_id"],
    version="checked_ts",
    event="checked_ts",
    columns=[
        "check_id",
        "supplier_id",
        "location_id",
        "po_id",
        "rule_code",
        "weight",
        "is_passed",
        "checked_ts",
    ]
) }}
