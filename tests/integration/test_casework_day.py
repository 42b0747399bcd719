"""A day's work by the command: what people do is told in a log that holds, and moves the KPIs of the next build.

Not here: every way a case can go (``test_casework_kpis``), or the pages (``tests/browser``).
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from signalbox.publish import open_snapshot
from signalbox.settings import load_settings
from tests.conftest import Retailer, signalbox

pytestmark = pytest.mark.slow
# Whose desks are looked at for one that has work enough for the day.
DESKS = ("procurement", "order_operations", "planner", "store_manager")


@pytest.fixture(scope="module")
def home(tiny: Retailer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The tests of this file are one day, in their order."""
    yield shutil.copytree(tiny.home, tmp_path_factory.mktemp("day") / "home", symlinks=True)


@pytest.fixture(scope="module")
def person(home: Path) -> str:
    """Who has the most on their desk."""
    return max(DESKS, key=lambda name: len(_queue(home, name)))


def _run(home: Path, *arguments: str, fails: bool = False) -> str:
    done = signalbox(home, *arguments, check=not fails)
    assert (done.returncode != 0) is fails, done.stderr
    return done.stderr if fails else done.stdout


def _queue(home: Path, person: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(
        _run(home, "exceptions", "queue", "--as", person, "--limit", "10000", "--format", "json")
    )
    return listed


def _fact(home: Path, sql: str, *parameters: Any) -> list[Any]:
    with open_snapshot(load_settings(home)) as snapshot:
        return snapshot.con.execute(sql, parameters).fetchall()


def test_a_person_sees_their_own_desk_and_what_they_do_is_in_the_log(home: Path, person: str) -> None:
    mine, all_of_it = _queue(home, person), _queue(home, "executive")
    assert 0 < len(mine) < len(all_of_it)
    assert {row["case_id"] for row in mine} < {row["case_id"] for row in all_of_it}
    paces = [row["saving_per_minute"] for row in mine if row["saving_per_minute"] is not None]
    assert paces == sorted(paces, reverse=True)
    first, second, third = (row["case_id"] for row in mine[:3])
    _run(home, "exceptions", "ack", first, second, third, "--as", person)
    _run(home, "exceptions", "resolve", first, "--outcome", "rerouted", "--text", "another store", "--as", person)
    _run(home, "exceptions", "dismiss", second, "--reason", "a test order", "--as", person)
    proposed = ("--outcome", "refunded", "--amount", "400", "--reason", "lost", "--as", person)
    approval = _run(home, "exceptions", "propose", third, *proposed).strip()
    refused = _run(home, "approvals", "approve", approval, "--as", person, fails=True)
    assert "may not approve" in refused or "had a part in" in refused
    assert "may not approve" in _run(home, "approvals", "approve", approval, "--as", "pricing", fails=True)
    assert _run(home, "approvals", "approve", approval, "--as", "finance_controller").strip() == "approved"
    assert "may not acknowledge" in _run(home, "exceptions", "ack", first, "--as", "executive", fails=True)
    assert "rows hold" in _run(home, "audit", "verify")
    told = json.loads(_run(home, "audit", "show", third, "--format", "json"))
    assert [row["action"] for row in told] == ["acknowledge", "propose", "approve", "approve", "approve", "resolve"]
    assert told[0]["details"]["seen"]["exception_id"] == third
    assert {row["case_id"] for row in _queue(home, person)} == {row["case_id"] for row in mine[3:]}


def test_the_next_build_closes_what_was_settled_and_the_kpis_move(home: Path, person: str) -> None:
    narrowed = ("--where", "state=resolved", "--where", "state=dismissed", "--format", "json")
    settled = json.loads(_run(home, "exceptions", "queue", "--as", person, *narrowed))
    assert len(settled) == 3
    assert _sum(home, "K94", "denominator") == 0 and _sum(home, "K104", "denominator") == 0
    alarms, closed = _sum(home, "K97.false_alarm", "numerator"), _sum(home, "K93.closed", "numerator")
    _run(home, "build")
    rows = _fact(
        home,
        "select status_code, close_reason, outcome_code, outcome_amount from fct_exception"
        " where exception_id in (select unnest(?)) order by close_reason, outcome_code",
        [row["case_id"] for row in settled],
    )
    assert rows == [
        ("closed", "NOT_AN_ISSUE", "NOT_AN_ISSUE", None),
        ("closed", "resolved", "refunded", Decimal("400.00")),
        ("closed", "resolved", "rerouted", None),
    ]
    assert _sum(home, "K94", "denominator") == 3
    assert _sum(home, "K97.false_alarm", "numerator") == alarms + 1
    assert _sum(home, "K93.closed", "numerator") >= closed + 3
    # three acknowledgements, a resolution, a false alarm, a proposal, two refused votes and one that counted, the
    # rule's resolution, and an acknowledgement that was refused: eleven, of which eight conform
    assert (_sum(home, "K104", "numerator"), _sum(home, "K104", "denominator")) == (8, 11)
    assert (_sum(home, "K105", "numerator"), _sum(home, "K105", "denominator")) == (1, 1)


def _sum(home: Path, kpi_id: str, column: str) -> Decimal:
    sql = f"select coalesce(sum({column}), 0) from fct_kpi where kpi_id = ? and grouping_name = 'total'"
    found: Decimal = _fact(home, sql, kpi_id)[0][0]
    return found


def test_a_row_altered_behind_the_towers_back_is_named(home: Path) -> None:
    with sqlite3.connect(load_settings(home).cases_path) as con:
        con.execute("update audit_log set actor = 'nobody' where row_no = 4")
    assert "row 4 was altered" in _run(home, "audit", "verify", fails=True)
