"""Faults of nodes and of what is not told: what a node can do, sums up to an instant, totals that drift."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from signalbox.simulate import catalogue, network
from signalbox.simulate.clock import Clock
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.inject_claims import _until
from signalbox.simulate.inject_nodes import _able
from signalbox.simulate.inject_silence import drift
from signalbox.simulate.messages import Totals
from signalbox.simulate.scales import resolve
from signalbox.simulate.truth import Truth
from signalbox.simulate.writer import Writer


def _world() -> World:
    size, last = resolve("tiny", None, None, is_calm=True), date(2026, 5, 17)
    clock = Clock(last, size.days)
    net = network.build(size, clock, 7)
    return World(size, clock, net, catalogue.build(size, clock, net, 7), 7)


def test_a_node_with_three_full_mornings_can_do_what_it_did_on_most_of_them() -> None:
    opening, left, units = (np.array(a) for a in ([10, 12, 16, 17, 3], [5, 6, 8, 7, 9], [10] * 5))
    # before three mornings the plan holds; then the third quartile of 5, 6, 8 and of 5, 6, 7, 8
    assert _able(opening, left, units).tolist() == [10, 10, 10, 8, 7]
    assert _able(np.zeros(5), left, units).tolist() == [10] * 5


def test_sums_up_to_an_instant_keep_pairs_apart() -> None:
    where, ts, qty = np.array([2, 1, 1, 2]), np.array([50, 10, 30, 5]), np.array([7, 1, 2, 4])
    assert _until(where, ts, qty, np.array([1, 1, 2, 3]), np.array([10, 29, 50, 99])).tolist() == [1, 1, 11, 0]


def test_targets_lack_records_for_some_days(tmp_path: Path) -> None:
    world, truth = _world(), Truth()
    writer = Writer(tmp_path, world.clock, 7, {})
    totals = Totals(world)
    totals.records[:] = 40
    frame = totals.frame(0, 60)
    assert drift(Plan(7, 60, {}, {}), truth, writer, frame, 0, 60).equals(frame)
    changed = drift(Plan(7, 60, {"E66e": 3}, {}), truth, writer, frame, 0, 60)
    off = frame.with_columns(lost=frame["record_count"] - changed["record_count"]).filter(pl.col("lost") > 0)
    assert set(off["side_code"].cast(pl.String)) == {"target"}
    told = truth.frame(writer)
    real = told.filter(pl.col("kind") == "injected")
    assert real.height == 3
    assert (real["known_ts"] > real["opened_ts"]).all()
    names = off["interface_id"].cast(pl.String) + "|" + off["object_type"].cast(pl.String)
    counts = dict(names.value_counts().iter_rows())
    assert all(counts[key] >= 3 for key in real["business_key"])
    assert set(counts) == set(told["business_key"])
