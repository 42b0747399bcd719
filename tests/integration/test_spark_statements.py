"""What an increment on Spark does to tables of a few rows, by hand, on an embedded Spark.

Skipped, with the reason, without Java or the extra. Not here: what is done with which node
(``tests/dbt/test_increment_plan.py``), whole increments (``test_spark_increments``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from orchestration import spark_increment
from orchestration.compiled import Compiled
from orchestration.spark_increment import Session, SparkIncrement, swapped, untouched_rows
from orchestration.walk import Code
from signalbox.engines import install
from signalbox.engines.fetch import files_of
from signalbox.errors import SignalboxError
from signalbox.increments.references import Span
from signalbox.increments.units import Unit
from signalbox.settings import Settings, load_settings

REASON = install.missing()
pytestmark = pytest.mark.skipif(REASON is not None, reason=REASON or "")

BEFORE, NOW = datetime(2026, 5, 18, 4, 38), datetime(2026, 5, 20, 7, 0)
UNIT = Unit({"order": "order_id"}, ("item_key",))
# The order of a contract's columns is not that of the select.
LINES = f"select order_id, item_key, amount, cast('{BEFORE}' as timestamp) as seen_ts from raw.sales_order"
METRIC = " union all ".join(f"select '{kpi}' as kpi_id, item_key, amount from core.fct_line" for kpi in ("K1", "K2"))
KPI = "select kpi_id, cast(sum(amount) as int) as total from metrics.kpi_made_up group by kpi_id"
NODES = {
    "fct_line": ("core", ["item_key", "order_id", "amount", "seen_ts"]),
    "kpi_made_up": ("metrics", []),
    "fct_kpi": ("marts", []),
    "dim_thing": ("core", ["thing_id", "_line"]),
}


def node(schema: str, name: str, columns: list[str]) -> dict[str, Any]:
    promised = {column: {"constraints": [{"type": "not_null"}] if column == "item_key" else []} for column in columns}
    return {
        "schema": schema,
        "alias": name,
        "columns": promised,
        "config": {"contract": {"enforced": bool(columns)}},
    }


class World:
    """Tables of a build before, and an increment over them; every method of it may be called alone."""

    def __init__(self, embedded: Any, settings: Settings) -> None:
        self.embedded, self.settings, self.con = embedded, settings, duckdb.connect()
        self.session = Session(None, self.con)  # type: ignore[arg-type]
        models: Any = SimpleNamespace(
            project=SimpleNamespace(
                sources={"s": {"name": "sales_order", "schema": "raw", "identifier": "sales_order"}}
            ),
            nodes={name: node(schema, name, columns) for name, (schema, columns) in NODES.items()},
            ids={name: name for name in NODES},
            parents={"fct_line": ["sales_order"], "kpi_made_up": ["fct_line"], "fct_kpi": ["kpi_made_up"]},
            tests={},
            units={"fct_line"},
            remembered={"fct_line"},
            unit_views=set(),
            unit_metrics={"kpi_made_up"},
            mixed=set(),
            references=["dim_thing"],
        )
        models.parents["dim_thing"] = []
        sql = {"fct_line": LINES, "kpi_made_up": METRIC, "dim_thing": "select 1 as thing_id, 8 as _line"}
        compiled = Compiled("", str(BEFORE), sql, {"fct_kpi": {"kpi_made_up": KPI}})
        told, warehouse = (lambda *_: None), (lambda: nullcontext(self.con))
        self.increment = SparkIncrement(
            models, Span(BEFORE, NOW), warehouse, compiled, told, settings=settings, here=Compiled("", str(BEFORE), {})
        )
        self.increment._codes = {"sales_order": Code("keys"), "fct_line": Code("keys", False)}
        self.increment._of_today = {"kpi_made_up": ["K2"]}
        self.increment._kinds = {"order"}
        self.write("raw.sales_order", "order_id, item_key, amount", "('o1', 'a', 1), ('o2', 'b2', 7), ('o2', 'd', 3)")
        self.write("touched_raw.sales_order", "order_id, item_key, amount", "('o2', 'b2', 7), ('o2', 'd', 3)")
        self.write("increment.touched_order", "id", "('o2')")
        old = "('a', 'o1', 1, null), ('b', 'o2', 2, null), ('c', null, 5, null), ('d', 'o3', 9, null)"
        self.write("core.fct_line", "item_key, order_id, amount, seen_ts", old, "cast(seen_ts as timestamp) as seen_ts")
        rows = "('K1', 'a', 1), ('K1', 'b', 2), ('K1', 'c', 5), ('K1', 'd', 9), ('K2', 'gone', 100)"
        self.write("metrics.kpi_made_up", "kpi_id, item_key, amount", rows)
        self.write("seeds.kpi_catalog", "kpi_id, model_name", "('K1', 'kpi_made_up'), ('K2', 'kpi_made_up')")
        self.write("marts.fct_kpi", "kpi_id, total", "('K1', 17), ('K2', 100), ('K9', 4)")
        self.write("core.dim_thing", "thing_id, _line", "(1, 7)")

    def write(self, relation: str, columns: str, rows: str, last: str = "") -> None:
        cells = f"{columns.rpartition(', ')[0]}, {last}" if last else columns
        self.embedded.sql(f"create database if not exists {relation.split('.')[0]}")
        for schema in ("touched_core", "before_core", "touched_metrics", "before_metrics"):
            self.embedded.sql(f"create database if not exists {schema}")
        self.session.write(relation, f"select {cells} from values {rows} as t ({columns})")

    def rows(self, relation: str) -> list[tuple[Any, ...]]:
        return sorted((tuple(row) for row in self.embedded.sql(f"select * from {relation}").collect()), key=str)


@pytest.fixture
def world(embedded: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    storage = Path(embedded.conf.get("spark.sql.warehouse.dir").removeprefix("file:")).parent
    (tmp_path / "signalbox.toml").write_text(f'[spark]\nstorage = "{storage}"\n', encoding="utf-8")
    monkeypatch.setattr(spark_increment, "run", lambda _connection, statement: embedded.sql(statement).collect())
    yield World(embedded, load_settings(tmp_path))


def test_touched_units_in_the_place_of_what_they_were(world: World) -> None:
    """By hand: o2 loses b and has b2 and d, which was o3's; what names no unit stays; the instant is this build's."""
    assert world.increment._units(world.session, "fct_line", UNIT) == Code("keys", False)
    assert world.rows("core.fct_line") == [
        ("a", "o1", 1, None),
        ("b2", "o2", 7, NOW),
        ("c", None, 5, None),
        ("d", "o2", 3, NOW),
    ]
    assert world.rows("before_core.fct_line") == [("b", "o2", 2, None)]


def test_metric_rows_of_touched_items_and_of_today(world: World) -> None:
    """By hand: K1 loses b, has b2 and another d; a and c stay as they were; K2, of today, has all rows there are."""
    world.increment._units(world.session, "fct_line", UNIT)
    assert world.increment._metric(world.session, "kpi_made_up") == Code("whole")
    lasting = [("K1", "a", 1), ("K1", "b2", 7), ("K1", "c", 5), ("K1", "d", 3)]
    today = [("K2", key, amount) for _, key, amount in lasting]
    assert world.rows("metrics.kpi_made_up") == lasting + today


def test_sums_of_models_that_differ_are_summed_anew(world: World) -> None:
    """K9 is of another model and stays."""
    world.increment._units(world.session, "fct_line", UNIT)
    world.increment._codes["kpi_made_up"] = world.increment._metric(world.session, "kpi_made_up")
    assert world.increment._fact(world.session, "fct_kpi").change == "whole"
    assert world.rows("marts.fct_kpi") == [("K1", 16), ("K2", 16), ("K9", 4)]


def test_a_table_is_replaced_where_it_differs(world: World) -> None:
    """Only the line of the file differs: harmless. Done again nothing does, and no file of it is written."""
    assert world.increment._whole(world.session, "dim_thing") == Code("whole", True)
    assert world.rows("core.dim_thing") == [(1, 8)] and world.rows("core.dim_thing__old") == [(1, 7)]
    files = files_of(world.settings, "core", "dim_thing")
    assert world.increment._whole(world.session, "dim_thing") == Code("unchanged")
    assert files_of(world.settings, "core", "dim_thing") == files and not files_of(
        world.settings, "core", "dim_thing__fresh"
    )
    world.write("core.dim_thing", "thing_id, _line", "(2, 8)")
    assert world.increment._whole(world.session, "dim_thing") == Code("whole", False)


def test_a_column_without_a_value_that_it_must_have(world: World) -> None:
    """The table of before stays."""
    before = world.rows("core.fct_line")
    world.write("touched_raw.sales_order", "order_id, item_key, amount", "('o2', cast(null as string), 7)")
    with pytest.raises(SignalboxError, match="not null constraint failed: item_key"):
        world.increment._units(world.session, "fct_line", UNIT)
    assert world.rows("core.fct_line") == before


def test_old_rows_that_stay_beside_touched_units(world: World) -> None:
    """By hand: o2 is touched and has key d now, which o3 had; a row without order stays unless it is loose."""
    unit = Unit({"order": "order_id", "sale": "sale_id"}, ("item_key",), loose="item_key = 'loose'")
    old = "('a', 'o1', 's1'), ('b', 'o2', null), ('c', null, null), ('d', 'o3', null), ('loose', null, null)"
    world.write("increment.old_rows", "item_key, order_id, sale_id", old + ", ('e', null, 's2')")
    world.write("increment.new_rows", "item_key, order_id, sale_id", "('d', 'o2', null)")
    world.write("increment.touched_sale", "id", "('s2')")
    query = untouched_rows("increment.old_rows", "increment.new_rows", unit)
    assert sorted(row[0] for row in world.embedded.sql(query).collect()) == ["a", "c"]


def test_a_name_that_begins_another_is_not_replaced() -> None:
    found = swapped("from raw.order, raw.order_line, touched_raw.order, `raw.order`", "raw.order", "x.order")
    assert found == "from x.order, raw.order_line, touched_raw.order, `raw.order`"
