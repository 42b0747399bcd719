"""Every KPI that has values has figures worked out by hand."""

from __future__ import annotations

import csv
from collections import Counter

from signalbox.settings import PROJECT_ROOT
from tests.integration import anchors
from tests.integration.anchors import dropship

ANCHORS = [*anchors.ANCHORS, *dropship.ANCHORS]
CATALOGUE = PROJECT_ROOT / "dbt_project" / "seeds" / "kpi_catalog.csv"


def built() -> set[str]:
    """Numbers of the KPIs of which a measure has a model."""
    with CATALOGUE.open(encoding="utf-8", newline="") as handle:
        return {row["kpi_family"] for row in csv.DictReader(handle) if row["model_name"]}


def test_each_kpi_has_three_anchors() -> None:
    counted = Counter(anchor.measure.split(".")[0] for anchor in ANCHORS)
    assert {kpi: counted[kpi] for kpi in built() if counted[kpi] < 3} == {}
    assert set(counted) <= built()


def test_the_anchors_of_a_kpi_are_of_more_than_one_kind() -> None:
    """A day, the whole, a slice, a further measure."""
    kinds: dict[str, set[object]] = {}
    for anchor in ANCHORS:
        kind = (anchor.measure, anchor.day is None, tuple(anchor.where))
        kinds.setdefault(anchor.measure.split(".")[0], set()).add(kind)
    assert {kpi: kinds[kpi] for kpi in kinds if len(kinds[kpi]) < 2} == {}


def test_no_anchor_is_asked_twice() -> None:
    counted = Counter(str(anchor) for anchor in ANCHORS)
    assert {name: number for name, number in counted.items() if number > 1} == {}
