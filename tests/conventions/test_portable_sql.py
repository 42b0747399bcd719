"""Models and data tests say what both engines understand; what differs stands in macros dispatched by engine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conventions.portable_sql import PROJECT, RULES, Renderer, Rule, breaches

MODELS = sorted((PROJECT / "models").rglob("*.sql")) + sorted((PROJECT / "tests").glob("[!g]*/*.sql"))


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_tells_good_from_bad(rule: Rule) -> None:
    assert breaches(rule.good) == []
    assert [line for line in breaches(rule.bad) if line.startswith(rule.name)]


@pytest.mark.parametrize(
    "bad", ["select a::bigint from t", "select cast(a as varchar) from t", "select sum(a > 1) from t"]
)
def test_other_spellings_are_refused(bad: str) -> None:
    assert breaches(bad)


def test_every_model_is_portable(renderer: Renderer) -> None:
    assert len(MODELS) > 150
    found = {}
    for path in MODELS:
        lines = [line for sql in renderer.statements(path.read_text(encoding="utf-8")) for line in breaches(sql)]
        if lines:
            found[path.relative_to(PROJECT).as_posix()] = lines
    assert found == {}


def test_a_macro_for_one_engine_has_its_twin() -> None:
    """A macro that is dispatched has what DuckDB and Spark run, or one text for both."""
    text = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "macros").glob("*.sql"))
    dispatched = set(re.findall(r"adapter\.dispatch\('(\w+)', 'signalbox'\)", text))
    assert len(dispatched) >= 10
    for name in dispatched:
        made = {engine for engine in ("duckdb", "spark", "default") if re.search(rf"macro {engine}__{name}\(", text)}
        assert {"duckdb", "spark"} <= made or "default" in made, name


def test_engine_macros_are_where_they_are_looked_for() -> None:
    homes = [Path(path) for path in PROJECT.rglob("*.sql") if re.search(r"macro (duckdb|spark)__", path.read_text())]
    assert {path.parent for path in homes} == {PROJECT / "macros"}
