-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "asn_line",
    key=["asn_id", "line_no"],
    version="asn_ts",
    event="asn_ts",
    columns=[
        "asn_id",
        "line_no",
        "po_id",
        "po_line_no",
        "sku",
        "shipped_qty",
        "asn_ts",
        "eta_ts",
    ]
) }}
