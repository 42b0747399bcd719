"""dbt's seeds and models as assets, with their data tests folded into one check each.

Belongs here: specs from dbt's manifest and the step that builds them. Not here: dbt's interface
(``orchestration.dbt``).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import dagster as dg

from orchestration.dbt import DbtProject, NodeResult
from orchestration.keys import MODEL_CHECK, SESSION, feed_key, group_of, ledger_key, node_owner, relation_key
from signalbox.contracts import load_contracts
from signalbox.settings import Settings


def model_assets(settings: Settings, project: DbtProject) -> dg.AssetsDefinition:
    """The step that runs dbt: every seed and model, and one check for each that has data tests."""
    relations = project.relations
    keys = {unique_id: relation_key(node) for unique_id, node in relations.items()}
    tested = set(project.tested.values())
    checks = [
        dg.AssetCheckSpec(MODEL_CHECK, asset=keys[unique_id], description="dbt data tests that belong to it")
        for unique_id in relations
        if unique_id in tested
    ]

    @dg.multi_asset(
        name="dbt", specs=model_specs(settings, project), check_specs=checks, required_resource_keys={SESSION}
    )
    def dbt(context: dg.AssetExecutionContext) -> Iterator[Any]:
        session = context.resources.session
        results = session.models()
        yield from model_events(results, keys, project.tested)
        failed = [result for result in results if result.blocks]
        if failed:
            raise dg.Failure(session.record.error, allow_retries=False)

    return dbt


def model_specs(settings: Settings, project: DbtProject) -> list[dg.AssetSpec]:
    """Seeds and models with lineage: to each other and to the raw assets."""
    feeds = {name: feed_key(entity) for name, entity in load_contracts(settings.contracts_dir).items()}
    sources = {key: feeds.get(item["name"], ledger_key(item["name"])) for key, item in project.sources.items()}
    keys = sources | {key: relation_key(node) for key, node in project.relations.items()}
    return [_spec(node, keys) for node in project.relations.values()]


def _spec(node: Mapping[str, Any], keys: Mapping[str, dg.AssetKey]) -> dg.AssetSpec:
    columns = [
        dg.TableColumn(name, str(column.get("data_type") or "?"), column.get("description") or None)
        for name, column in node["columns"].items()
    ]
    metadata: dict[str, Any] = {"dagster/table_name": f"{node['schema']}.{node['alias']}"}
    if columns:
        metadata["dagster/column_schema"] = dg.TableSchema(columns=columns)
    read = {keys[key] for key in node["depends_on"].get("nodes", ()) if key in keys}
    return dg.AssetSpec(
        relation_key(node),
        deps=sorted(read, key=str),
        group_name=group_of(node),
        description=node.get("description") or None,
        owners=node_owner(node),
        kinds={"dbt", "seed" if node["resource_type"] == "seed" else node["config"]["materialized"]},
        metadata=metadata,
    )


def model_events(
    results: Iterable[NodeResult], keys: Mapping[str, dg.AssetKey], tested: Mapping[str, str]
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """What Dagster is told of a dbt build: what was built, and one check for each relation with data tests.

    A check passes when all its tests did; a relation whose tests did not run has no result.
    """
    tests: dict[str, list[NodeResult]] = defaultdict(list)
    for result in results:
        if result.kind == "test":
            if result.unique_id in tested and result.status != "skipped":
                tests[tested[result.unique_id]].append(result)
        elif result.is_good and result.unique_id in keys:  # an exposure is no asset
            yield dg.MaterializeResult(keys[result.unique_id], metadata={"seconds": result.seconds})
    for unique_id, found in tests.items():
        yield _check(keys[unique_id], found)


def _check(key: dg.AssetKey, tests: list[NodeResult]) -> dg.AssetCheckResult:
    bad = [test for test in tests if not test.is_good]
    blocks = any(test.blocks for test in bad)
    return dg.AssetCheckResult(
        check_name=MODEL_CHECK,
        asset_key=key,
        passed=not bad,
        severity=dg.AssetCheckSeverity.ERROR if blocks or not bad else dg.AssetCheckSeverity.WARN,
        description="; ".join(f"{test.name}: {test.message or test.status}" for test in bad) or None,
        metadata={"tests": len(tests), "failed": len(bad)},
    )
