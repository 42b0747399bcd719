"""What is served: the tables of the next snapshot, written beside the served one, and the publication.

Belongs here: two assets. Not here: writing and publishing (``signalbox.publish``), which itself refuses what failed.
"""

from typing import Any

import dagster as dg

from orchestration.dbt import DbtProject
from orchestration.keys import PLATFORM, SESSION, SNAPSHOT, STAGED, ledger_key, owner_of, relation_key
from signalbox.publish import tables


def snapshot_assets(project: DbtProject) -> list[dg.AssetsDefinition]:
    """The staged snapshot, downstream of everything that is published, and the served one."""
    published = {table.name for table in tables.from_dbt_manifest(project.relations.values())}
    upstream = [relation_key(node) for node in project.relations.values() if node["alias"] in published]
    upstream += [ledger_key(table.name) for table in tables.landing_tables()]

    @dg.asset(
        key=STAGED,
        deps=upstream,
        group_name="serving",
        kinds={"parquet"},
        owners=owner_of(PLATFORM),
        required_resource_keys={SESSION},
        description="Tables of the next snapshot, written beside the served one and read by nobody but its suites.",
    )
    def staged_snapshot(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        staged = context.resources.session.stage()
        rows = sum(entry["rows"] for entry in staged.entries.values())
        return dg.MaterializeResult(metadata={"tables": len(staged.entries), "dagster/row_count": rows})

    @dg.asset(
        key=SNAPSHOT,
        deps=[STAGED],
        group_name="serving",
        kinds={"parquet"},
        owners=owner_of(PLATFORM),
        required_resource_keys={SESSION},
        description="The immutable snapshot that pages, exports and the command read. Publication refuses a build "
        "without a complete, passed audit record.",
    )
    def serving_snapshot(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        report = context.resources.session.publish()
        facts = {"snapshot": report.snapshot_id, "tables": report.tables, "unchanged": report.linked}
        return dg.MaterializeResult(metadata={**facts, "is current": report.is_current})

    return [staged_snapshot, serving_snapshot]
