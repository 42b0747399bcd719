"""What the tower does by itself: routes new cases, raises those that nobody takes or settles; once, and told."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from signalbox.cases import queue, rules, work
from signalbox.cases.calendar import BusinessClock
from tests.unit.cases_world import NO_INCIDENTS, START, World, case, world


@pytest.fixture
def office(tmp_path: Path) -> Any:
    """Service levels of four hours from 07:00 on, a clock that never stops; case 2 is worth a planner (routing.csv)."""
    base: World = world(tmp_path)
    rows = [
        case(1),
        case(2, code="E27", owner_role="inventory", severity_code="S1", value_at_risk_amount=Decimal("5000.00")),
        case(3, code="E27", owner_role="inventory", severity_code="S1", value_at_risk_amount=Decimal("4999.99")),
    ]
    facts = pa.Table.from_pylist(  # noqa: F841 - DuckDB finds it by its name
        [{**row, "category_code": "fulfilment", "customers_affected": 1, "order_id": None} for row in rows]
    ).append_column("settled_ts", pa.nulls(len(rows), pa.timestamp("us")))
    con = duckdb.connect()
    con.execute("create table fct_exception as from facts")
    con.execute(NO_INCIDENTS)
    con.execute("create table mart_open_exception as select exception_id, null::varchar as customer_tier from facts")
    return SimpleNamespace(
        base=base, store=base.store, policy=base.policy, overlay=queue.Overlay(base.store), clock=BusinessClock([]),
        snapshot=SimpleNamespace(con=con, snapshot_id="s"), moment=START - timedelta(minutes=1),
    )  # fmt: skip


def test_a_case_that_fits_a_route_goes_there_once(office: Any) -> None:
    assert rules.apply(office) == rules.Applied(1, 0)
    assert office.base.row(2)["owner_role"] == "planning"
    assert rules.apply(office) == rules.Applied(0, 0)
    (told,) = office.base.told()
    assert (told["action"], told["actor_type"], told["policy_result"]) == ("route", "rule", "allowed")


def test_half_of_the_service_level_without_anybody_raises_a_case_and_its_end_again(office: Any) -> None:
    office.moment = START
    work.acknowledge(office.base.desk("order_operations"), [case(1)])
    assert rules.apply(office) == rules.Applied(1, 2)
    assert [office.base.row(number)["escalation_level"] for number in (1, 2, 3)] == [0, 1, 1]
    office.moment = START + timedelta(hours=2)
    assert rules.apply(office) == rules.Applied(0, 3)
    assert [office.base.row(number)["escalation_level"] for number in (1, 2, 3)] == [2, 2, 2]
    assert rules.apply(office) == rules.Applied(0, 0)


def test_the_clock_of_a_paused_case_stands_still(office: Any) -> None:
    work.pause(office.base.desk("order_operations"), [case(1)], "waiting")
    office.moment = START + timedelta(hours=9)
    rules.apply(office)
    assert office.base.row(1)["escalation_level"] == 0


def test_a_case_that_was_resolved_in_vain_is_on_the_queue_again(office: Any) -> None:
    """Not before a build knows of the resolution, and not a second time after it was taken again."""
    work.resolve(office.base.desk("order_operations"), [case(1)], "corrected")
    rules.apply(office)
    assert office.base.row(1)["state_code"] == "resolved"
    office.snapshot.con.execute("update fct_exception set settled_ts = ? where business_key = 'order 1'", [START])
    rules.apply(office)
    assert (office.base.row(1)["state_code"], office.base.row(1)["resolved_ts"]) == ("new", None)
    version = office.base.row(1)["version_no"]
    rules.apply(office)
    assert office.base.row(1)["version_no"] == version
