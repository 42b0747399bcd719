"""The controls on the tiny retailer: what was injected is found, and the fact keeps its laws."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from signalbox.publish import open_snapshot
from signalbox.settings import load_settings
from signalbox.simulate.score import score
from tests.dbt.command import dbt, warehouse_copy

if TYPE_CHECKING:
    from tests.conftest import Retailer


@pytest.fixture(scope="module")
def con(tiny: Retailer) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_snapshot(load_settings(tiny.home)) as snapshot:
        yield snapshot.con


def test_every_injected_fault_is_found_and_alarms_are_right(con: duckdb.DuckDBPyConnection, tiny: Retailer) -> None:
    figures = score(tiny.truth, con.execute("select * from fct_exception").to_arrow_table())
    missed = {row["code"]: row["recall"] for row in figures if row["injected"] and row["recall"] < 1}
    wrong = {
        row["code"]: row["precision"] for row in figures if row["precision"] is not None and row["precision"] < 0.9
    }
    later = {
        row["code"]: row["found"] - row["in_first_build"] for row in figures if row["found"] > row["in_first_build"]
    }
    assert not missed
    assert not wrong
    assert not later


def test_late_stock_messages_have_a_code_of_their_own(con: duckdb.DuckDBPyConnection) -> None:
    assert not con.execute(
        "select business_key from fct_exception where code = 'E65f' and interface like '%:stock'"
    ).fetchall()


def test_due_falls_into_the_owners_working_hours(con: duckdb.DuckDBPyConnection) -> None:
    """Finance works 08:00 to 17:00 on weekdays in the reporting zone, with Berlin's summer time."""
    outside = con.execute("""
        with due as (
            select exception_id, timezone('Europe/Berlin', timezone('UTC', due_ts)) as due_local
            from fct_exception
            where owner_role = 'finance'
        )
        select exception_id, due_local
        from due
        where isodow(due_local) > 5 or cast(due_local as time) not between time '08:00' and time '17:00'
    """).fetchall()
    assert not outside


def test_go_live_opens_no_backlog(tiny: Retailer, tmp_path: Path) -> None:
    """What opened before the cut-over is no exception; what opened at that instant or later is as it was."""
    warehouse = warehouse_copy(tiny, tmp_path)
    rows = "select exception_id, code, opened_ts, status_code from controls.int_control__exception"
    with duckdb.connect(str(warehouse)) as own:
        before = own.execute(rows).fetchall()
        cut_over = sorted(opened for _, _, opened, _ in before)[len(before) // 2]
        own.execute("update raw.build_context set cut_over_ts = ?", [cut_over])
    dbt(warehouse, "build", "--select", "int_control__exception", "--exclude", "test_type:unit")
    with duckdb.connect(str(warehouse)) as own:
        assert sorted(own.execute(rows).fetchall()) == sorted(row for row in before if row[2] >= cut_over)
