-- Written by dbt_project/generate_staging.py from data/contracts; do not edit.
{{ deduplicated(
    "replenishment_proposal",
    key=["proposal_id"],
    version="version_no",
    event="created_ts",
    columns=[
        "proposal_id",
        "sku",
        "location_id",
        "proposal_type",
        "proposed_qty",
        "order_up_to_qty",
        "reorder_point_qty",
        "need_by_date",
        "created_ts",
        "decided_ts",
        "decision_code",
        "po_id",
        "po_line_no",
        "transfer_id",
        "version_no",
        "updated_ts",
    ]
) }}
