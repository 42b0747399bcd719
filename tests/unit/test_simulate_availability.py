"""Running availability of the simulated retailer: what is left, for how long nothing is, and when more comes."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from signalbox.simulate import catalogue, network
from signalbox.simulate.availability import Moments, Running, Supply, stretches, tell
from signalbox.simulate.clock import DAY, HOUR, Clock
from signalbox.simulate.cols import Cols
from signalbox.simulate.demand import World
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.ledger import OPENING, REF_NONE, Stock, movement
from signalbox.simulate.scales import resolve
from signalbox.simulate.truth import INJECTED, NEAR_MISS, Truth


def _world() -> World:
    size, last = resolve("tiny", None, None, is_calm=True), date(2026, 5, 17)
    clock = Clock(last, size.days)
    net = network.build(size, clock, 7)
    return World(size, clock, net, catalogue.build(size, clock, net, 7), 7)


def _one(**values: int) -> Cols:
    return Cols(**{name: np.array([value]) for name, value in values.items()})


def test_what_is_promised_or_about_to_leave_is_not_available() -> None:
    world = _world()
    stock, start = Stock(world), world.clock.start_ts
    loc, sku = int(world.net.dcs[0]), 20
    at = np.array([loc]), np.array([sku])
    rows = movement(np.array([1]), *at, OPENING, np.array([10]), np.array([start]), REF_NONE, np.array([1]))
    held = _one(loc=loc, sku=sku, qty=2, begin=start + DAY + HOUR, end=start + 3 * DAY + HOUR)
    lines = _one(loc=0, source=loc, sku=sku, qty=4, created=start + 2 * DAY + HOUR, shipped=start + 4 * DAY + HOUR)
    running = Running(world, stock, rows, held, lines, 0, 6)
    pair = loc * world.cat.sku.size + sku
    assert running.level[:, pair].tolist() == [10, 8, 4, 6, 10, 10]
    assert running.still(1)[:, pair].tolist() == [False, False, False, False, False, True]
    assert running.at(*at, np.array([start + 2 * DAY + HOUR])).tolist() == [4]
    moments = running.moments(loc, sku)
    assert moments.level_at(np.array([start - 1, start])).tolist() == [0, 10]
    point = running.latest(*(np.array([value, value]) for value in (loc, sku)), start + np.array([3, 1]) * DAY,
                           np.array([7, 5]))  # fmt: skip
    assert point[:, pair].tolist() == [0, 5, 5, 7, 7, 7]


def test_how_long_nothing_is_available() -> None:
    moments = Moments(np.array([0, 100, 200]), np.array([5, 0, -1]))
    begin, until = np.array([0, 50, 150]), np.array([90, 150, 400])
    assert moments.seconds_empty(begin, until).tolist() == [0, 50, 250]


def test_the_next_delivery_or_the_lead_time() -> None:
    lines = _one(loc=1, sku=2, created=0, shipped=10, received=DAY, day=0)
    bought = _one(loc=1, sku=2, sent=2 * DAY, done=8 * DAY, committed=9)
    supply = Supply(lines, bought, 1, 2)
    day = np.array([0, 1, 3, 8])
    assert supply.wait(day * DAY + 20, day, 1, 7).tolist() == [0, 1, 5, 1]


def test_stretches_end_with_the_next_moment_that_is_not_so() -> None:
    assert stretches(np.array([True, True, False, True]), np.arange(4) * 10) == [(0, 20), (30, NEVER)]


def test_a_near_miss_that_holds_all_the_same_was_injected() -> None:
    truth = Truth()
    tell(truth, "E45", NEAR_MISS, "a", [], 5, "text")
    tell(truth, "E45", NEAR_MISS, "b", [(7, 9)], 5, "text")
    rows = pl.concat(truth.parts).select("business_key", "kind", "opened", "closed").rows()
    assert rows == [("a", NEAR_MISS, 5, 5), ("b", INJECTED, 7, 9)]
