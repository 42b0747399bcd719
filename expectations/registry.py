"""The register of suites: every one must have run and passed before a build is published.

Belongs here: collecting them. Not here: what a suite checks.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from expectations.model import Stage, Suite
from expectations.suites import inbound, outbound
from signalbox.contracts import load_contracts
from signalbox.metrics.models import read_catalog
from signalbox.settings import Settings


def all_suites(settings: Settings) -> tuple[Suite, ...]:
    """Every registered suite, in the order in which a build runs them."""
    return _collect(settings.contracts_dir, settings.dbt_project_dir / "seeds" / "kpi_catalog.csv")


def suites_at(settings: Settings, stage: Stage) -> tuple[Suite, ...]:
    """The suites that read the raw batches, the built models, or the files of the next snapshot."""
    return tuple(suite for suite in all_suites(settings) if suite.stage == stage)


@cache
def _collect(contracts_dir: Path, catalogue: Path) -> tuple[Suite, ...]:
    models = sorted({row["model_name"] for row in read_catalog(catalogue) if row["model_name"]})
    return (
        *(inbound.inbound_suite(entity) for entity in load_contracts(contracts_dir).values()),
        *outbound.dimension_suites(),
        *outbound.fact_suites(),
        *outbound.metric_suites(models),
        outbound.snapshot_suite(models),
    )
