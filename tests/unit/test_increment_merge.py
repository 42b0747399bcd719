"""What an increment does in a warehouse of two rows, by hand. Not here: the real models (``test_increments``)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from orchestration.compiled import Compiled
from orchestration.merge import DuckDBIncrement
from signalbox.increments.references import Span
from signalbox.increments.units import Unit

COMPILED = "2026-05-18 04:38:00"
NOW = datetime(2026, 5, 20, 7, 0)
UNIT = Unit({"order": "order_id"}, ("exception_id",))
EMPTY = "select '' as exception_id, '' as order_id, cast(null as timestamp) as seen_ts where false"
PART = f"select 'e1' as exception_id, 'o1' as order_id, cast('{COMPILED}' as timestamp) as seen_ts"


@pytest.fixture
def con(tmp_path: Path) -> Iterator[Any]:
    with duckdb.connect(str(tmp_path / "signalbox.duckdb")) as opened:
        for schema in ("marts", "touched_marts", "before_marts", "increment"):
            opened.execute(f"create schema {schema}")
        opened.execute(f"create table marts.fct_exception as {EMPTY}")
        opened.execute("insert into marts.fct_exception values ('e0', 'o1', null), ('e9', 'o9', null)")
        opened.execute("create table increment.touched_order as select 'o1' as id")
        yield opened


def test_what_fills_a_fact_of_units_is_computed_for_this_build(con: Any) -> None:
    """The statement was compiled at an earlier one: o1 loses e0 and has e1 as of now, o9 stays."""
    name = "fct_exception"
    models: Any = SimpleNamespace(
        units={name},
        ids={name: name},
        parents={name: []},
        tests={},
        relation=lambda name: f'"signalbox"."marts"."{name}"',
    )
    compiled = Compiled("", COMPILED, {name: EMPTY}, {name: {"ctl_made_up": PART}})
    increment = DuckDBIncrement(models, Span(NOW, NOW), lambda: con, compiled, lambda *_: None)
    increment._kinds = {"order"}
    assert increment._units(con, name, UNIT).change == "keys"
    rows = con.execute("select * from marts.fct_exception order by exception_id").fetchall()
    assert rows == [("e1", "o1", NOW), ("e9", "o9", None)]
