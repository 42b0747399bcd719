"""Faults of returns: parcels that come late, stages that stand still, credit memos that are posted late; and the truth.

Belongs here: E52a, E52b, E52c, E53. Not here: refunds before the inspection (``inject_supply``). Times that fall into
opening hours are moved by whole weeks, so that they still do.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import DAY
from signalbox.simulate.cols import Cols
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.returns import ACCEPTED, KEPT, LOST, WITHDRAWN
from signalbox.simulate.truth import INJECTED, NEAR_MISS, ORDINARY, Truth

WEEK = 7 * DAY
BROKEN = (2, 3)  # conditions that E52c looks after
_LATER = ("inspected", "decided", "disposed", "available", "refunded", "settled", "memo", "memo_posted")
_MONEY = ("refunded", "settled", "memo", "memo_posted")
_MARK = {c: i + 1 for i, c in enumerate(("E52a", "E52b", "E52c", "E53"))}


def return_faults(plan: Plan, r: Cols, first: int, end: int, end_ts: int) -> None:
    """Strikes returns by mail that are accepted; each has one fault at most. The run ends at ``end_ts``."""
    r.mark, r.near = np.zeros(r.no.size, dtype=np.int64), np.zeros(r.no.size, dtype=np.int64)
    fit = (r.fate == ACCEPTED) & r.by_mail & (r.received < NEVER)
    _slow_parcels(plan, r, fit, first, end)
    _standing_still(plan, r, fit, first, end)
    _damaged(plan, r, fit, first, end)
    _late_memos(plan, r, fit & (r.received < end_ts - 8 * DAY), first, end)


def _slow_parcels(plan: Plan, r: Cols, fit: np.ndarray, first: int, end: int) -> None:
    """E52b: parcels two or three weeks longer on their way; near misses a week, which is just not enough."""
    hit = plan.pick("E52b", first, end, np.flatnonzero(fit))
    weeks = 2 + plan.stream("E52b", first, "weeks").integers(0, 2, hit.size)
    fit[hit] = False
    short = r.received + WEEK - _handed_over(r) < 14 * DAY
    close = plan.pick("E52b", first, end, np.flatnonzero(fit & short), near=True)
    fit[close] = False
    for index, shift in ((hit, weeks * WEEK), (close, np.full(close.size, WEEK))):
        _move(r, index, shift, ("received", *_LATER))
    r.mark[hit], r.near[close] = _MARK["E52b"], _MARK["E52b"]


def _standing_still(plan: Plan, r: Cols, fit: np.ndarray, first: int, end: int) -> None:
    """E52a: the inspection, the disposition or the refund waits for days; near misses refund just in time."""
    hit = plan.pick("E52a", first, end, np.flatnonzero(fit & ~np.isin(r.condition, BROKEN)))
    stage = plan.stream("E52a", first, "stage").integers(0, 3, hit.size)
    fit[hit] = False
    close = plan.pick("E52a", first, end, np.flatnonzero(fit), near=True)
    fit[close] = False
    for which, names in ((0, _LATER), (1, ("disposed", "available"))):
        some = hit[stage == which]
        _move(r, some, np.full(some.size, WEEK), names)
    some = hit[stage == 2]
    _move(r, some, plan.minutes("E52a", first, some.size, 4400, 12_000), _MONEY)
    early = plan.minutes("E52a", first, close.size, 2, 600, "near size")
    _move(r, close, _refundable(r)[close] + 3 * DAY - early - r.refunded[close], _MONEY)
    r.mark[hit], r.near[close] = _MARK["E52a"], _MARK["E52a"]


def _damaged(plan: Plan, r: Cols, fit: np.ndarray, first: int, end: int) -> None:
    """E52c: damaged goods that nobody decides about for a week; near misses just in time."""
    broken = fit & np.isin(r.condition, BROKEN)
    hit = plan.pick("E52c", first, end, np.flatnonzero(broken))
    broken[hit] = False
    _move(r, hit, np.full(hit.size, WEEK), ("disposed", "available"))
    close = plan.pick("E52c", first, end, np.flatnonzero(broken), near=True)
    early = plan.minutes("E52c", first, close.size, 1, 300, "near size")
    _move(r, close, r.inspected[close] + 2 * DAY - early - r.disposed[close], ("disposed", "available"))
    fit[hit], fit[close] = False, False
    r.mark[hit], r.near[close] = _MARK["E52c"], _MARK["E52c"]


def _late_memos(plan: Plan, r: Cols, fit: np.ndarray, first: int, end: int) -> None:
    """E53: credit memos posted days late; near misses within the hour before the limit."""
    hit = plan.pick("E53", first, end, np.flatnonzero(fit))
    fit[hit] = False
    _move(r, hit, plan.minutes("E53", first, hit.size, 8000, 18_000), ("memo_posted",))
    close = plan.pick("E53", first, end, np.flatnonzero(fit & (r.memo < r.received + 4 * DAY)), near=True)
    fit[close] = False
    r.memo_posted[close] = r.received[close] + 5 * DAY - plan.minutes("E53", first, close.size, 1, 50, "near size")
    r.mark[hit], r.near[close] = _MARK["E53"], _MARK["E53"]


def _move(r: Cols, index: np.ndarray, shift: np.ndarray, names: tuple[str, ...]) -> None:
    for name in names:
        getattr(r, name)[index] += shift


def _handed_over(r: Cols) -> np.ndarray:
    """When the carrier got a return; when it was asked for where nobody told."""
    return np.where(r.by_mail & (r.fate != WITHDRAWN), np.minimum(r.start + DAY, r.received - 60), r.start)


def _refundable(r: Cols) -> np.ndarray:
    return np.where(r.must_inspect, r.inspected, r.received)


def return_truth(truth: Truth, world: World, r: Cols) -> None:
    """E52a, E52b, E52c and E53 of the returns of a slice, of orders or of tills."""
    if "mark" not in r.__dict__:
        r.mark, r.near = np.zeros(r.no.size, dtype=np.int64), np.zeros(r.no.size, dtype=np.int64)
    key = pl.select(pl.lit("R") + pl.Series(r.no).cast(pl.String).str.zfill(9)).to_series() + pl.Series(["|1"])
    comes = np.flatnonzero(r.fate != KEPT)
    given_up = np.select([r.fate == WITHDRAWN, r.fate == LOST], [r.start + 2 * DAY, r.start + 30 * DAY], NEVER)
    due, ended = _handed_over(r) + 14 * DAY, np.minimum(r.received, given_up)
    judge(truth, "E52b", key.gather(comes), due[comes], ended[comes],
          r.mark[comes] == _MARK["E52b"], r.near[comes] == _MARK["E52b"], "return parcel not received")  # fmt: skip
    here = r.received < NEVER
    for stage, some, began, ended in (
        ("inspect", here, r.received, r.inspected),
        ("dispose", here & ~np.isin(r.condition, BROKEN), r.inspected, r.disposed),
        ("refund", here & (r.fate == ACCEPTED), _refundable(r), r.refunded),
    ):
        at = np.flatnonzero(some)
        near = (r.near[at] == _MARK["E52a"]) & (stage == "refund")
        judge(truth, "E52a", key.gather(at) + pl.Series([f"|{stage}"]), began[at] + 3 * DAY, ended[at],
              r.mark[at] == _MARK["E52a"], near, f"{stage} stands still")  # fmt: skip
    hurt = np.flatnonzero(here & np.isin(r.condition, BROKEN))
    judge(truth, "E52c", key.gather(hurt), (r.inspected + 2 * DAY)[hurt], r.disposed[hurt],
          r.mark[hurt] == _MARK["E52c"], r.near[hurt] == _MARK["E52c"], "damaged return undecided")  # fmt: skip
    _memo_truth(truth, world, r, key)


def _memo_truth(truth: Truth, world: World, r: Cols, key: pl.Series) -> None:
    """A memo is missing at its limit, or posted before the inspection or in another month than the first event."""
    some = np.flatnonzero((r.received < NEVER) & (r.fate == ACCEPTED))
    c, names = r.take(some), key.gather(some)
    due, event = c.received + 5 * DAY, np.minimum(c.received, c.refunded)
    months = [world.clock.epoch_day(world.clock.local(ts)[0]).astype("datetime64[D]") for ts in (event, c.memo_posted)]
    wrong = months[0].astype("datetime64[M]") != months[1].astype("datetime64[M]")
    wrong |= c.must_inspect & (c.inspected > c.memo_posted)
    late = c.memo_posted > due
    opened = np.where(late, due, c.memo_posted)
    ended = np.where(wrong, NEVER, np.where(late, c.memo_posted, opened))
    judge(truth, "E53", names, opened, ended, c.mark == _MARK["E53"], c.near == _MARK["E53"],
          "credit memo late or in another period")  # fmt: skip


def judge(
    truth: Truth, code: str, key: pl.Series, opened: np.ndarray, ended: np.ndarray, hit: np.ndarray, close: np.ndarray,
    text: str,
) -> None:  # fmt: skip
    """Rows for what ended after it opened, and near misses for marked ones that did not."""
    real = ended > opened
    kinds = np.where(hit, INJECTED, ORDINARY)
    for mask, kind in ((real, kinds), (~real & close, np.full(real.size, NEAR_MISS))):
        some = np.flatnonzero(mask)
        truth.add(code, key.gather(some), kind[some], opened[some], np.where(real, ended, opened)[some], text)


__all__ = ["judge", "return_faults", "return_truth"]
