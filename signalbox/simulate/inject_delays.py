"""Faults of orders that stand still, come in parts, or are promised too soon, and the truth about them.

Belongs here: E06, E08b, E09, E11. Not here: allocation that fails and promises that break (``inject_orders``), what
nodes refuse or do not find (``inject_fulfilment``). Whom a delay strikes has agreed to a later promise, so that the
delay is all that is wrong.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, code
from signalbox.simulate.demand import DELIVERY, World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER, NO_HOLD, OK, REJECTED, next_wave
from signalbox.simulate.network import CHANNELS, DC, WEB
from signalbox.simulate.truth import INJECTED, NEAR_MISS, ORDINARY, Truth

RELEASE, ALLOCATE, PACK = 1, 2, 3  # what an order waits for that stands still
STEPS = ("", "authorised", "released", "picked")
SHORTEST = 4 * HOUR  # the limit of a step that is usually quick
REST_LIMIT = 24 * HOUR  # in which the rest of a shipped order is to be planned
MOST_SHIPMENTS = 2
ENOUGH = 130  # orders in four weeks: more than the hundred cases that make a usual time
CASES, USUAL = 30, 0.8  # of carriers
TOO_SOON, LEFT_BEHIND, KEPT = 1, 2, -1
QUARTER = 900


def plain_orders(world: World, o: Cols, lines: Cols) -> np.ndarray:
    """Orders of the web shop that nothing has struck yet: few lines, all from one warehouse to the customer's door."""
    count = np.bincount(lines.at, minlength=o.size)
    fit = (o.channel == WEB) & (o.kind == DELIVERY) & (o.fate == NO_HOLD) & ~o.is_test & (count <= 4)
    fit &= ~o.struck & ~o.rescheduled & ~o.scheduled & (o.day < world.clock.days - 8)
    first = np.full(o.size, -1)
    first[lines.at] = lines.node
    fit[lines.at[(lines.outcome != OK) | (world.net.kind[lines.node] != DC) | (lines.node != first[lines.at])]] = False
    return fit


def last_lines(lines: Cols, orders: np.ndarray) -> np.ndarray:
    """The last line of each of some orders; lines are sorted by their order."""
    return np.searchsorted(lines.at, orders, side="right") - 1


def line_faults(world: World, plan: Plan, o: Cols, lines: Cols, first: int, end: int) -> None:
    """E06: a release or an allocation that hangs. E08b: a line that its node refuses. Near misses of E09: two nodes."""
    o.struck = np.zeros(o.size, dtype=bool)
    o.stall, o.stall_wait, o.patience = np.zeros((3, o.size), dtype=np.int64)
    lines.rest = np.zeros(lines.at.size, dtype=np.int64)
    fit = plain_orders(world, o, lines)
    for near in (False, True):
        hit = plan.pick("E06", first, end, np.flatnonzero(fit & _is_usual_known(world, o)), near)
        limits = (150, 235) if near else (270, 1500)
        o.stall[hit] = (1 + np.arange(hit.size) % 3) * (-1 if near else 1)
        o.stall_wait[hit] = plan.minutes("E06", first, hit.size, *limits, "near size" if near else "size")
        _strike(o, fit, hit, 3)
    late = np.where(np.abs(o.stall) == RELEASE, o.auth + o.stall_wait - o.release, 0)
    o.release += late
    lines.try1 += late[lines.at]
    hung = np.abs(o.stall[lines.at]) == ALLOCATE
    lines.try1 = np.where(hung, o.release[lines.at] + o.stall_wait[lines.at] + lines.line, lines.try1)
    several = np.bincount(lines.at, minlength=o.size) > 1
    for near in (False, True):
        hit = plan.pick("E08b", first, end, np.flatnonzero(fit & several), near)
        rest = last_lines(lines, hit)
        lines.outcome[rest], lines.rest[rest] = REJECTED, -1 if near else 1
        _strike(o, fit, hit, 7)
    hit = plan.pick("E09", first, end, np.flatnonzero(fit & several), near=True)
    other = last_lines(lines, hit)
    lines.node[other], lines.node2[other] = lines.node2[other], lines.node[other]
    o.planned_apart = np.zeros(o.size, dtype=bool)
    o.planned_apart[hit] = True
    _strike(o, fit, hit, 2)


def _strike(o: Cols, fit: np.ndarray, hit: np.ndarray, days: int) -> None:
    fit[hit], o.struck[hit], o.patience[hit] = False, True, days


def _is_usual_known(world: World, o: Cols) -> np.ndarray:
    """Orders before whose week, in four weeks, enough others were delivered to say what is usual."""
    days = o.day[(o.kind == DELIVERY) & ~o.is_test]
    week = o.day - (world.clock.weekday(o.day) - 1)
    return np.searchsorted(days, week - 1) - np.searchsorted(days, week - 28) >= ENOUGH


def part_faults(world: World, plan: Plan, o: Cols, lines: Cols, f: Cols, first: int, end: int) -> None:
    """E06: a parcel that nobody packs. E08b: when the rest is planned. E09: a line that misses its wave. E11."""
    stalled = np.flatnonzero(np.abs(o.stall[f.at]) == PACK)
    picked = _latest(o, f, f.pick_end)
    f.pack_end[stalled] = picked[f.at[stalled]] + o.stall_wait[f.at[stalled]]
    f.shipped[stalled] = next_wave(world, f.loc[stalled], f.pack_end[stalled])
    _plan_rests(world, plan, o, lines, f, first)
    fit = plain_orders(world, o, lines)
    several = np.bincount(lines.at, minlength=o.size) > 1
    hit = plan.pick("E09", first, end, np.flatnonzero(fit & several))
    late = np.isin(f.li, last_lines(lines, hit))
    f.pack_end[late] = f.shipped[late] + plan.minutes("E09", first, int(late.sum()), 20, 90)
    f.shipped[late] = next_wave(world, f.loc[late], f.pack_end[late])
    _strike(o, fit, hit, 2)
    o.latest += o.patience * DAY
    _promise_too_soon(world, plan, o, f, fit & _is_usual_known(world, o), first, end)


def _plan_rests(world: World, plan: Plan, o: Cols, lines: Cols, f: Cols, first: int) -> None:
    """The refused line of an order waits until a day after the others left, or (near misses) not quite so long."""
    rest = np.flatnonzero((lines.rest[f.li] != 0) & ~f.rejected)
    o.first_left = np.full(o.size, NEVER)
    np.minimum.at(o.first_left, f.at[lines.rest[f.li] == 0], f.shipped[lines.rest[f.li] == 0])
    near = lines.rest[f.li[rest]] < 0
    short = plan.minutes("E08b", first, rest.size, 20, 180, "near size")
    over = plan.minutes("E08b", first, rest.size, 40, 960)
    start = o.first_left[f.at[rest]] + REST_LIMIT + np.where(near, -short, over)
    shift = start - f.assigned[rest]
    for name in ("assigned", "pick_start", "pick_end", "pack_end"):
        getattr(f, name)[rest] += shift
    f.shipped[rest] = next_wave(world, f.loc[rest], f.pack_end[rest])
    lines.try2[f.li[rest]] = start


def _promise_too_soon(world: World, plan: Plan, o: Cols, f: Cols, fit: np.ndarray, first: int, end: int) -> None:
    """E11: promised for the same evening, or for the next when the parcel is left behind; near misses leave in time."""
    clock = world.clock
    o.soon = np.zeros(o.size, dtype=np.int64)
    day, tod = clock.local(o.ts)
    fit = fit & (tod >= 7 * HOUR) & (tod < 11 * HOUR) & (clock.weekday(day) <= 3)
    for near in (False, True):
        hit = plan.pick("E11", first, end, np.flatnonzero(fit), near)
        o.soon[hit] = KEPT if near else np.where(np.arange(hit.size) % 2 == 0, LEFT_BEHIND, TOO_SOON)
        evening = day[hit] + (o.soon[hit] != TOO_SOON)
        o.latest[hit] = clock.utc(evening, np.full(hit.size, 21 * HOUR), o.zone[hit])
        _strike(o, fit, hit, 0)
    left = np.flatnonzero(o.soon[f.at] == LEFT_BEHIND)
    morning = clock.utc(day[f.at[left]] + 1, np.full(left.size, 9 * HOUR))
    f.shipped[left] = next_wave(world, f.loc[left], morning)


def _latest(o: Cols, f: Cols, ts: np.ndarray) -> np.ndarray:
    last = np.zeros(o.size, dtype=np.int64)
    np.maximum.at(last, f.at[~f.rejected], ts[~f.rejected])
    return last


def delay_truth(truth: Truth, world: World, plan: Plan, o: Cols, lines: Cols, f: Cols, s: Cols) -> None:
    """E06, E08b, E09, E11 of a slice."""
    _stalls(truth, o, f)
    rest = np.flatnonzero((lines.rest[f.li] != 0) & ~f.rejected)
    at = f.at[rest]
    due = o.first_left[at] + REST_LIMIT
    _tell(truth, "E08b", o, at, due, np.where(f.assigned[rest] > due, f.shipped[rest], due), "rest not planned")
    if world.scale.is_calm or "E09" in plan.count:
        _split_orders(truth, o, lines, f, s)
    _risks(truth, world, o, s)


def _tell(
    truth: Truth, which: str, o: Cols, at: np.ndarray, opened: np.ndarray, ended: np.ndarray, text: str,
    suffix: pl.Series | None = None, real: np.ndarray | int = INJECTED,
) -> None:  # fmt: skip
    """Rows for what ended after it opened; the others are near misses."""
    name = order_names(o.no[at])
    truth.add(
        which, name if suffix is None else name + pl.Series(["|"]) + suffix,
        np.where(ended > opened, real, NEAR_MISS), opened, np.maximum(opened, ended), text,
        channel=code(o.channel[at], CHANNELS).cast(pl.String),
    )  # fmt: skip


def order_names(number: np.ndarray) -> pl.Series:
    return pl.select(pl.lit("O") + pl.Series(number).cast(pl.String).str.zfill(9)).to_series()


def _stalls(truth: Truth, o: Cols, f: Cols) -> None:
    at = np.flatnonzero(o.stall != 0)
    step = np.abs(o.stall[at])
    allocated = np.full(o.size, NEVER)
    np.minimum.at(allocated, f.at, f.assigned)
    began = np.choose(step - 1, [o.auth[at], o.release[at], _latest(o, f, f.pick_end)[at]])
    ended = np.choose(step - 1, [o.release[at], allocated[at], _latest(o, f, f.pack_end)[at]])
    _tell(truth, "E06", o, at, began + SHORTEST, ended, "no change of status", pl.Series(STEPS).gather(step))


def _split_orders(truth: Truth, o: Cols, lines: Cols, f: Cols, s: Cols) -> None:
    """Every order of which more parcels left than its first allocation had nodes, or than the rule allows."""
    planned = np.flatnonzero(f.assigned == lines.try1[f.li])
    pairs = np.unique(np.stack([f.at[planned], f.loc[planned]]), axis=1)[0]
    allowed = np.minimum(np.bincount(pairs, minlength=o.size), MOST_SHIPMENTS)
    live = np.flatnonzero(~o.is_test[s.at])
    order = live[np.lexsort((s.no[live], s.shipped[live], s.at[live]))]
    rank = np.arange(order.size) - np.searchsorted(s.at[order], s.at[order])
    extra = order[(rank == allowed[s.at[order]]) & (allowed[s.at[order]] > 0)]
    done = np.zeros(o.size, dtype=np.int64)
    np.maximum.at(done, s.at, s.delivered)
    at = s.at[extra]
    kind = np.where(o.struck[at], INJECTED, ORDINARY)
    _tell(truth, "E09", o, at, s.shipped[extra], done[at], "more shipments than planned", real=kind)
    left = _latest(o, f, f.shipped)
    near = np.flatnonzero(o.planned_apart)
    _tell(truth, "E09", o, near, left[near], left[near], "two shipments from two nodes, as planned")


def _risks(truth: Truth, world: World, o: Cols, s: Cols) -> None:
    """Promised too soon: from the order on. Left behind: when the carrier's usual time no longer fits."""
    at = np.flatnonzero(o.soon != 0)
    rows = np.array([np.flatnonzero(s.at == one)[0] for one in at], dtype=np.int64)
    usual = np.array([_carrier_time(world, o, s, row) for row in rows], dtype=np.int64)
    opened = np.where(o.soon[at] == TOO_SOON, o.ts[at], o.latest[at] - usual)
    ended = np.where(o.soon[at] == KEPT, opened, np.minimum(o.latest[at], s.delivered[rows]))
    stamp = pl.Series(o.latest[at] * 1_000_000).cast(pl.Datetime("us")).dt.strftime("%Y-%m-%dT%H:%M:%S")
    _tell(truth, "E11", o, at, opened, ended, "what is left to do takes longer than the promise", stamp)


def _carrier_time(world: World, o: Cols, s: Cols, row: int) -> int:
    """What four parcels in five need from the node to the customer: by what ended in the four weeks before."""
    clock, at = world.clock, s.at[row]
    week = int(o.day[at] - (clock.weekday(o.day[at]) - 1))
    ended = (s.delivered < clock.midnight(week)) & (s.delivered >= clock.midnight(week - 28))
    weekday = clock.weekday(o.day[s.at]) == clock.weekday(o.day[at])
    same = s.carrier == s.carrier[row]
    for some in (ended & same & weekday, ended & weekday, ended & same, ended):
        if some.sum() >= CASES:
            break
    quarters = np.sort(-(-(s.delivered - s.shipped)[some] // QUARTER))
    return int(QUARTER * quarters[int(np.ceil(USUAL * quarters.size)) - 1]) if quarters.size else DAY


__all__ = ["delay_truth", "last_lines", "line_faults", "order_names", "part_faults", "plain_orders"]
