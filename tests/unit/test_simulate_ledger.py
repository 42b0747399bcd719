"""Faults of the ledger and of suppliers: deadlines in business time, and what a changed frame looks like."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest

from signalbox.simulate import catalogue, network
from signalbox.simulate.clock import HOUR, Clock
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.inject_ledger import AGAIN, postings
from signalbox.simulate.inject_supplier import business_time, checks
from signalbox.simulate.scales import resolve
from signalbox.simulate.truth import Truth


def _ts(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("sent", "hours", "due"),
    [
        # Friday 14:00 local, five hours: three that day, two on Monday
        ("2026-03-06 13:00", 5, "2026-03-09 09:00"),
        # Saturday counts from Monday morning
        ("2026-03-07 10:00", 1, "2026-03-09 08:00"),
        # Thursday before Easter: Good Friday and Easter Monday are free, and the clocks have changed
        ("2026-04-02 14:00", 2, "2026-04-07 07:00"),
        # nine hours from before the office opens end as it closes
        ("2026-03-10 05:00", 9, "2026-03-10 16:00"),
    ],
)
def test_business_time(sent: str, hours: int, due: str) -> None:
    clock = Clock(date(2026, 5, 17), 60)
    assert business_time(clock, np.array([_ts(sent)]), hours * HOUR).tolist() == [_ts(due)]


def _world() -> World:
    size, last = resolve("tiny", None, None), date(2026, 5, 17)
    clock = Clock(last, size.days)
    net = network.build(size, clock, 7)
    return World(size, clock, net, catalogue.build(size, clock, net, 7), 7)


def test_postings_twice_in_parts_and_in_the_month_before() -> None:
    world, truth = _world(), Truth()
    day = np.arange(10, 20)
    posted = world.clock.utc(day, np.full(10, 86_340))
    frame = pl.DataFrame({
        "posting_id": day, "journal_id": ["J"] * 10, "legal_entity_id": ["DE01"] * 10, "account_code": ["revenue"] * 10,
        "fiscal_period": ["2026-03"] * 10, "channel_id": ["web"] * 10, "amount": np.full(10, 9001),
        "posted_ts": posted, "_deliver": posted,
    })  # fmt: skip
    changed = postings(world, Plan(7, 60, {"E60b": 6, "E60c": 6}, {}), truth, frame, 0, 60)
    made = changed.filter(pl.col("posting_id") >= AGAIN)
    assert made.filter(pl.col("amount") == 9001).height == 6
    assert made.filter(pl.col("amount") == 3000).height == 3
    # what is split keeps its sum, what is posted twice stands twice
    assert changed["amount"].sum() == 16 * 9001
    assert changed.filter(pl.col("fiscal_period") == "2026-02").height == 1
    kinds = pl.concat(truth.parts).group_by("code", "kind").len().sort("code", "kind")
    assert kinds.rows() == [("E60b", 1, 6), ("E60b", 2, 3), ("E60c", 1, 1)]


def test_without_faults_postings_and_checks_stay_as_they_are() -> None:
    world, plan = _world(), Plan(7, 60, {}, {})
    frame = pl.DataFrame({"check_id": [5, 6], "is_passed": [True, False], "checked_ts": [10, 20]})
    truth = Truth()
    assert checks(plan, truth, frame, 0, 60).equals(frame)
    assert truth.parts[0]["business_key"].to_list() == ["VC000000006"]
    assert postings(world, plan, truth, frame, 0, 60).equals(frame)
