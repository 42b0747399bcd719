"""Every registered suite as an asset check that blocks what is downstream when an expectation of severity error
fails.

Belongs here: three steps of checks and their translation. Not here: suites and running them (``expectations``).
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import dagster as dg

from expectations.model import Stage, Suite
from expectations.registry import suites_at
from expectations.results import SuiteResult
from orchestration.dbt import DbtProject
from orchestration.keys import SESSION, relation_key, suite_key
from signalbox.contracts import load_contracts
from signalbox.settings import Settings


def suite_checks(settings: Settings, project: DbtProject) -> list[dg.AssetChecksDefinition]:
    """The suites of the raw batches, of the built models, and of the staged snapshot."""
    feeds = load_contracts(settings.contracts_dir)
    relations = {node["name"]: relation_key(node) for node in project.relations.values()}

    def step(name: str, stage: Stage, run: Callable[[Any], list[SuiteResult]]) -> dg.AssetChecksDefinition:
        suites = [suite for suite in suites_at(settings, stage) if _has_asset(suite, relations)]
        keys = {suite.name: suite_key(suite, feeds, relations) for suite in suites}
        specs = [
            dg.AssetCheckSpec(suite.name, asset=keys[suite.name], blocking=True, description=_describe(suite))
            for suite in suites
        ]

        @dg.multi_asset_check(name=name, specs=specs, required_resource_keys={SESSION})
        def checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
            yield from check_results(run(context.resources.session), keys)

        return checks

    return [
        step("inbound_suites", "raw", lambda session: session.inbound()),
        step("outbound_suites", "models", lambda session: session.outbound()),
        step("snapshot_suites", "snapshot", lambda session: session.snapshot()),
    ]


def check_results(results: Iterable[SuiteResult], keys: dict[str, dg.AssetKey]) -> Iterator[dg.AssetCheckResult]:
    """One check a suite: ERROR when it blocks, WARN when only relaxed expectations failed."""
    for result in results:
        outcome = result.outcome
        if outcome.suite in keys:
            yield dg.AssetCheckResult(
                check_name=outcome.suite,
                asset_key=keys[outcome.suite],
                passed=outcome.failed == 0,
                severity=dg.AssetCheckSeverity.WARN if outcome.success else dg.AssetCheckSeverity.ERROR,
                description=result.summary,
                metadata={"expectations": outcome.expectations, "failed": outcome.failed},
            )


def _has_asset(suite: Suite, relations: dict[str, dg.AssetKey]) -> bool:
    """A suite whose relation dbt does not have still runs and fails; there is only no asset to show it on."""
    return suite.stage != "models" or suite.target in relations


def _describe(suite: Suite) -> str:
    return "; ".join(f"{check.name} ({check.severity})" for check in suite.checks)
