"""A wrong KPI model is noticed: models are changed by a program, and tests must fail.

Quick set: two changes of each metric model. ``make prove``: every change of the metric models and of the items that
they are made of, with the share that was noticed. A boundary that is moved (``<`` for ``<=``) is counted by itself.
What no test notices gives the same figures for the most part: a filter that a join repeats, a greatest of equal values.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
import sqlglot

from orchestration.dbt import DbtProject
from signalbox.settings import load_settings
from tests.conftest import Record, Retailer
from tests.dbt.conftest import UnitTestsRun
from tests.mutants.change import BOUNDARY, changed, changes
from tests.mutants.hunt import Built, Hunt, Mutant


@pytest.fixture(scope="module")
def hunt(unit_tests_run: UnitTestsRun) -> Hunt:
    return Hunt(unit_tests_run.folder)


@pytest.fixture(scope="module")
def con(unit_tests_run: UnitTestsRun) -> Iterator[duckdb.DuckDBPyConnection]:
    with _opened(unit_tests_run.folder / "signalbox.duckdb") as opened:
        yield opened


@pytest.fixture(scope="module")
def built(tiny_clean: Retailer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """The retailer whose KPIs are compared with their twins."""
    home = tmp_path_factory.mktemp("mutants") / "home"
    shutil.copytree(tiny_clean.home, home, symlinks=True)
    project = DbtProject(load_settings(home))
    statements = project.compile()
    named = {key: str(node["name"]) for key, node in project.relations.items()}
    with _opened(load_settings(home).warehouse_path) as opened:
        yield Built(
            opened,
            {named[key]: sql for key, sql in statements.items() if key in named},
            {
                named[key]: [parent.split(".")[-1] for parent in node["depends_on"].get("nodes", ())]
                for key, node in project.relations.items()
            },
            {named[key]: str(node["relation_name"]) for key, node in project.relations.items()},
        )


@contextmanager
def _opened(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A scratch database with the warehouse, to be read only, under the name that compiled SQL has for it."""
    with duckdb.connect() as con:
        con.execute(f"attach '{warehouse}' as signalbox (read_only); use signalbox")
        con.execute("set TimeZone = 'UTC'; set default_null_order = 'nulls_first_on_asc_last_on_desc'")
        yield con


def _shares(made: Iterable[Mutant], left: Iterable[Mutant]) -> str:
    count, missed = (Counter(mutant.change.kind for mutant in found) for found in (made, left))
    return ", ".join(f"{kind}: {count[kind] - missed[kind]} of {count[kind]}" for kind in sorted(count))


def test_two_changes_of_each_metric_model_are_noticed(
    hunt: Hunt, con: duckdb.DuckDBPyConnection, built: Built, record_property: Record
) -> None:
    made, left = [], []
    for model in hunt.models:
        if model.startswith("kpi_"):
            mutants, missed = hunt.hunt(con, model, lambda found, model=model: _two(found, model))
            made += mutants
            left += [mutant for mutant in missed if not built.noticed_by(mutant)]
    share = 1 - len(left) / len(made)
    print(_shares(made, left), *left, sep="\n")
    assert len(made) >= 60 and len({mutant.change.kind for mutant in made}) >= 4
    assert share >= 0.9, f"{share:.1%} of {len(made)} noticed"
    record_property("wrong versions of metric models, two each", len(made))
    record_property("wrong versions of metric models, two each: noticed", len(made) - len(left))


def _two(found: list[Mutant], model: str) -> list[Mutant]:
    """Two of a model's mutants, the same in each run and of two kinds where it has two; no moved boundary."""
    fair = [mutant for mutant in found if mutant.change.kind != BOUNDARY]
    random.Random(model).shuffle(fair)
    first = fair[:1]
    return first + [mutant for mutant in fair[1:] if mutant.change.kind != first[0].change.kind][:1]


@pytest.mark.prove
@pytest.mark.slow
def test_every_change_of_the_kpi_models(
    hunt: Hunt, con: duckdb.DuckDBPyConnection, built: Built, record_property: Record
) -> None:
    made, left = [], []
    for model in hunt.models:
        mutants, missed = hunt.hunt(con, model)
        made += mutants
        left += [mutant for mutant in missed if not built.noticed_by(mutant)]
    print(_shares(made, left), *left, sep="\n")
    for title, most, wanted in (
        ("boundaries moved in KPI models", 0.05, lambda kind: kind == BOUNDARY),
        ("other wrong versions of KPI models", 0.02, lambda kind: kind != BOUNDARY),
    ):
        all_of, missed_of = (sum(wanted(mutant.change.kind) for mutant in found) for found in (made, left))
        record_property(title, all_of)
        record_property(f"{title}: noticed", all_of - missed_of)
        assert missed_of / all_of < most


def test_changes_are_small_and_made_where_they_are_named() -> None:
    """Of a comparison written twice by a macro both change; the made-up rows of a unit test stay as they are."""
    sql = """
        with __dbt__cte__lines as (select 1 as a, 2 as b where 1 < 2)
        select min(a) as first_a, max(_line) as line, case when b < 3 then 1 end as numerator, b < 3 as again
        from __dbt__cte__lines where a = 1 and b <> 2
    """
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    found = {(change.kind, change.before): change for change in changes(tree)}
    assert {(kind, before) for kind, before in found if kind != BOUNDARY} == {
        ("flip a comparison", "b < 3"),
        ("flip a comparison", "a = 1"),
        ("flip a comparison", "b <> 2"),
        ("drop the last condition", "WHERE a = 1 AND b <> 2"),
        ("drop the first condition", "WHERE a = 1 AND b <> 2"),
        ("swap first and last", "MIN(a)"),
    }
    flipped = changed(tree, found["flip a comparison", "b < 3"]).sql("duckdb")
    assert flipped.count("b > 3") == 2 and "1 < 2" in flipped
    assert (
        changed(tree, found["drop the last condition", "WHERE a = 1 AND b <> 2"]).sql("duckdb").endswith("WHERE a = 1")
    )
    with pytest.raises(LookupError):
        changed(sqlglot.parse_one("select 1"), found["swap first and last", "MIN(a)"])
