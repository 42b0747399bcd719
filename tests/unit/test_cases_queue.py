"""The queue: what is on it, in which order, for whom; the published exceptions beside what people did since."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from signalbox.cases import queue, work
from signalbox.cases.policy import Person
from signalbox.errors import UsageError
from tests.unit.cases_world import NO_INCIDENTS, START, World, case, world

# Minutes by category, from handling.csv: fulfilment 8, inventory 12, finance 15.
_FACTS = [
    case(1, value_at_risk_amount=Decimal("80.00")),  # 10.00 a minute
    case(2, value_at_risk_amount=Decimal("80.00"), due_ts=START + timedelta(hours=1)),  # the same, less time
    case(3, value_at_risk_amount=Decimal("180.00"), owner_role="inventory", category_code="inventory"),  # 15.00
    case(4, value_at_risk_amount=None),
    case(5, value_at_risk_amount=Decimal("150.00"), owner_role="finance", category_code="finance", location=None),  # 10
    case(6, value_at_risk_amount=Decimal("9999.00"), status_code="closed"),
    case(7, value_at_risk_amount=Decimal("80.00"), due_ts=START - timedelta(hours=3), severity_code="S1"),  # past due
    case(8, value_at_risk_amount=Decimal("80.00"), due_ts=START - timedelta(hours=3)),  # past due, a gold customer
]


@pytest.fixture
def tower(tmp_path: Path) -> World:
    return world(tmp_path)


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    rows = [{"category_code": "fulfilment", "customers_affected": 1, "order_id": None, **row} for row in _FACTS]
    facts = pa.Table.from_pylist(rows)  # noqa: F841 - DuckDB finds it by its name
    con.execute("create table fct_exception as select * replace (order_id::varchar as order_id) from facts")
    con.execute(NO_INCIDENTS)
    con.execute("create table mart_open_exception as select exception_id, null::varchar as customer_tier from facts")
    con.execute("update mart_open_exception set customer_tier = 'gold' where exception_id = ?", [_id(8)])
    return con


def _id(number: int) -> str:
    return f"{number:032x}"


def _listed(con: Any, tower: World, person: str | Person = "executive", **filters: list[str]) -> list[str]:
    who = tower.policy.people[person] if isinstance(person, str) else person
    cases = queue.Overlay(tower.store).table()
    found = queue.page(con, cases, tower.policy, who, tower.at, filters)
    return [str(row["case_id"]).lstrip("0") for row in found.to_pylist()]


def test_what_saves_most_a_minute_comes_first_then_time_left_then_tier(con: Any, tower: World) -> None:
    assert _listed(con, tower) == ["3", "8", "7", "2", "1", "5", "4"]


def test_every_term_of_the_order_is_shown(con: Any, tower: World) -> None:
    cases = queue.Overlay(tower.store).table()
    rows = queue.page(con, cases, tower.policy, tower.policy.people["executive"], tower.at).to_pylist()
    (eighth,) = [row for row in rows if row["case_id"] == _id(8)]
    terms = ("saving_per_minute", "handling_minutes", "hours_left", "customer_tier", "tier_rank", "state_code")
    assert [eighth[name] for name in terms] == [10.0, 8.0, -3.0, "gold", 1, "new"]


def test_everybody_sees_their_own_desk(con: Any, tower: World) -> None:
    assert _listed(con, tower, "planner") == ["3"]
    assert _listed(con, tower, "finance_controller") == _listed(con, tower)
    assert _listed(con, tower, "administrator") == []
    limited = Person("amy", "Amy", ("executive",), {"location": frozenset({"S001"})})
    assert _listed(con, tower, limited) == ["3", "8", "7", "2", "1", "4"]


def test_an_incident_is_one_line_at_the_earliest_cause_that_is_on_the_list(con: Any, tower: World) -> None:
    """Case 4 explains 3 and 5, 5 explains 8 and 7, which is of the same order as 8: that money counts once.

    All: 180 + 150 + 80 = 410, handled with case 4 in 8 minutes. Finance's work is 5 alone, of 150 in 15 minutes.
    """
    tied = [(4, 0, None), (3, 1, 4), (5, 1, 4), (7, 2, 5), (8, 2, 5)]
    rows = [(_id(case_no), _id(4), parent and _id(parent), "r", "because", depth) for case_no, depth, parent in tied]
    con.executemany("insert into mart_incident_exception values (?, ?, ?, ?, ?, ?)", rows)
    con.execute("update fct_exception set order_id = 'o7' where exception_id in (?, ?)", [_id(7), _id(8)])
    cases = queue.Overlay(tower.store).table()

    def grouped(person: str, fewest: int, right: str = "read") -> list[tuple[Any, ...]]:
        who = tower.policy.people[person]
        found = queue.page(con, cases, tower.policy, who, tower.at, right=right, fewest=fewest).to_pylist()
        terms = ("incident_cases", "incident_amount", "saving_per_minute")
        return [(row["case_id"].lstrip("0"), *(row[name] for name in terms)) for row in found]

    head = ("4", 5, Decimal(410), 51.25)
    assert grouped("executive", 2) == [head]
    assert grouped("executive", 1) == [head, ("2", 1, Decimal(80), 10.0), ("1", 1, Decimal(80), 10.0)]
    assert grouped("finance_controller", 1, "acknowledge") == [("5", 1, Decimal(150), 10.0)]
    assert grouped("finance_controller", 2, "acknowledge") == []


def test_what_somebody_may_work_is_less_than_what_they_may_see(con: Any, tower: World) -> None:
    """A finance controller sees all cases and works those of finance."""
    person, cases = tower.policy.people["finance_controller"], queue.Overlay(tower.store).table()
    mine = queue.page(con, cases, tower.policy, person, tower.at, right="acknowledge")
    assert [one.lstrip("0") for one in mine["case_id"].to_pylist()] == ["5"]
    assert queue.summary(con, cases, tower.policy, person, tower.at, right="acknowledge")["cases"] == 1


def test_what_people_did_stands_beside_what_was_published(con: Any, tower: World) -> None:
    desk = tower.desk("order_operations")
    work.acknowledge(desk, [case(1)])
    work.resolve(desk, [case(2)], "corrected")
    (part,) = work.split(desk, case(1), ["line 2"])
    with tower.store.writing() as writing:
        handed = {**tower.row(1), "owner_role": "customer_service", "version_no": 3}
        work.write(writing, [handed])
    listed = _listed(con, tower)
    assert "2" not in listed and part in listed
    assert _listed(con, tower, state=["resolved"]) == ["2"]
    assert _listed(con, tower, state=["closed"]) == ["6"]
    assert _listed(con, tower, "customer_service", owner=["customer_service"]) == ["1"]
    assert _listed(con, tower, assignee=["order_operations"]) == ["1", part]
    cases = queue.Overlay(tower.store).table()
    rows = queue.page(con, cases, tower.policy, tower.policy.people["executive"], tower.at).to_pylist()
    (found,) = [row for row in rows if row["case_id"] == part]
    assert (found["business_key"], found["value_at_risk_amount"], found["exception_id"]) == (
        "order 1 / line 2", None, _id(1),
    )  # fmt: skip


def test_the_overlay_reads_what_was_done_since(tower: World) -> None:
    overlay, desk = queue.Overlay(tower.store), tower.desk("order_operations")
    assert overlay.table().num_rows == 0
    work.acknowledge(desk, [case(1), case(2)])
    assert overlay.table().num_rows == 2
    assert overlay.table() is overlay.table()
    work.resolve(desk, [case(1)], "corrected")
    assert sorted(overlay.table()["state_code"].to_pylist()) == ["acknowledged", "resolved"]
    assert overlay.table().sort_by("case_id").equals(queue.Overlay(tower.store).table().sort_by("case_id"))


def test_the_summary_counts_the_whole_list(con: Any, tower: World) -> None:
    cases = queue.Overlay(tower.store).table()
    found = queue.summary(con, cases, tower.policy, tower.policy.people["executive"], tower.at)
    assert found == {
        "cases": 7, "severe": 1, "value_at_risk": Decimal("650.00"), "past_due": 2, "customers": 7, "unassigned": 7,
    }  # fmt: skip


def test_a_page_follows_the_one_before(con: Any, tower: World) -> None:
    cases, person = queue.Overlay(tower.store).table(), tower.policy.people["executive"]
    pages = [
        queue.page(con, cases, tower.policy, person, tower.at, limit=3, offset=offset)["case_id"].to_pylist()
        for offset in (0, 3, 6)
    ]
    assert [one.lstrip("0") for page in pages for one in page] == _listed(con, tower)


def test_a_case_is_found_by_the_beginning_of_its_id(con: Any, tower: World) -> None:
    cases, person = queue.Overlay(tower.store).table(), tower.policy.people["planner"]
    assert queue.find(con, cases, tower.policy, person, tower.at, _id(3))["code"] == "E12"
    with pytest.raises(UsageError, match="not yours to see"):
        queue.find(con, cases, tower.policy, person, tower.at, _id(1))
    with pytest.raises(UsageError, match="more than one case begins so"):
        queue.find(con, cases, tower.policy, tower.policy.people["executive"], tower.at, "0000")


@pytest.mark.parametrize(("filters", "words"), [({"colour": ["red"]}, "'colour'"), ({"state": ["odd"]}, "'odd' is no")])
def test_a_filter_that_does_not_exist_is_refused(con: Any, tower: World, filters: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        _listed(con, tower, **filters)
