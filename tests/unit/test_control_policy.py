"""The controls judge people by the same conflict matrix and rights as casework does."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from signalbox.cases.policy import SHIPPED
from signalbox.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))[1:]


@pytest.mark.parametrize(("seed", "table"), [("duty_conflict", "conflict"), ("role_right", "access")])
def test_a_seed_of_the_controls_is_the_shipped_policy(seed: str, table: str) -> None:
    assert _rows(SEEDS / f"{seed}.csv") == _rows(SHIPPED / f"{table}.csv")
