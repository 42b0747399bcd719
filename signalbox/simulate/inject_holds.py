"""Faults of holds: reviews that stay open, addresses that are not valid; and the truth about them.

Belongs here: E02, E03, and which kind each hold has. Not here: payment holds as E01 (``inject_payments``).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import HOUR, Clock
from signalbox.simulate.cols import Cols
from signalbox.simulate.demand import DELIVERY
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import FRAUD, HOLD, NEVER, NO_HOLD
from signalbox.simulate.inject_money import free_days
from signalbox.simulate.inject_returns import judge
from signalbox.simulate.truth import Truth

KINDS = ("payment", "fraud", "address", "credit")
PAYMENT, REVIEW, ADDRESS, CREDIT = range(4)
OPENS, HOURS, LIMIT = 7 * HOUR, 15 * HOUR, 4 * HOUR  # of who reviews, on every day that is no public holiday
_MARK = {"E02": 1, "E03": 2}


def hold_faults(clock: Clock, plan: Plan, o: Cols, first: int, end: int) -> None:
    """E02: reviews decided after their time. E03: addresses that fail; its near misses are held for their credit."""
    held = np.flatnonzero((o.fate == HOLD) | (o.fate == FRAUD))
    o.hold_kind = np.full(o.size, -1)
    o.hold_kind[held] = np.where(o.fate[held] == FRAUD, REVIEW, np.arange(held.size) % 3)
    o.hold_mark, o.hold_near = np.zeros(o.size, dtype=np.int64), np.zeros(o.size, dtype=np.int64)
    free = (o.fate == NO_HOLD) & (o.kind == DELIVERY)
    for code in _MARK:
        for near in (False, True):
            some = plan.pick(code, first, end, np.flatnonzero(free), near)
            free[some] = False
            o.hold[some] = o.auth[some] + 30
            what = "near size" if near else "size"
            if code == "E02":
                limits = (-40, -1) if near else (10, 2500)
                wait = plan.minutes(code, first, some.size, *limits, what)
                unhold = np.maximum(review_due(clock, o.hold[some]) + wait, o.hold[some] + 60)
            else:
                unhold = o.hold[some] + plan.minutes(code, first, some.size, 20, 3000, what)
            o.hold_kind[some] = REVIEW if code == "E02" else CREDIT if near else ADDRESS
            o.release[some] += unhold - o.auth[some]
            o.unhold[some], o.fate[some] = unhold, HOLD
            (o.hold_near if near else o.hold_mark)[some] = _MARK[code]


def review_due(clock: Clock, placed: np.ndarray) -> np.ndarray:
    """When four hours of work have passed."""
    day, time = clock.local(placed)
    free = np.isin(day, list(free_days(clock)))
    need = np.where(free, 0, np.clip(time - OPENS, 0, HOURS)) + LIMIT
    later = (need > HOURS) | free
    need = np.where(later & ~free, need - HOURS, need)
    last = np.where(later, day + 1, day)
    while (closed := np.isin(last, list(free_days(clock)))).any():
        last = np.where(closed, last + 1, last)
    return clock.utc(last, OPENS + need)


def hold_truth(truth: Truth, clock: Clock, o: Cols, lines: Cols) -> None:
    """E02 and E03 of a slice."""
    gone = np.zeros(o.size, dtype=np.int64)
    np.maximum.at(gone, lines.at, np.where(lines.cancelled_all, lines.cancel_ts, NEVER))
    ended = np.where(o.fate == FRAUD, o.unhold, np.minimum(o.unhold, gone))
    for code, kinds, text in (
        ("E02", (REVIEW,), "fraud review open"),
        ("E03", (ADDRESS, CREDIT), "address not valid"),
    ):
        some = np.flatnonzero(np.isin(o.hold_kind, kinds))
        key = pl.select(pl.lit("O") + pl.Series(o.no[some]).cast(pl.String).str.zfill(9)).to_series()
        opened = review_due(clock, o.hold[some]) if code == "E02" else o.hold[some]
        until = np.where(o.hold_kind[some] == CREDIT, opened, ended[some])
        judge(truth, code, key, opened, until, o.hold_mark[some] == _MARK[code], o.hold_near[some] == _MARK[code], text)


__all__ = ["KINDS", "PAYMENT", "hold_faults", "hold_truth", "review_due"]
