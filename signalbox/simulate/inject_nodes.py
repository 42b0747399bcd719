"""Faults of nodes: capacity and labour that are not there, late pickers before a cut-off; and the truth about them.

Belongs here: E18, E19a, E20, E21. Not here: allocation that stops (``inject_orders``), goods on the dock
(``inject_fulfilment``). What the plan of a day promises is compared with the units that are due out on it and with
those that stood open when it began, as a world in which every node works every day has them (``is_calm``).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import HOUR
from signalbox.simulate.cols import Cols
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER, planned_carrier
from signalbox.simulate.network import CARRIERS, DC
from signalbox.simulate.planning import CUTOFFS, UNIT_MINUTES
from signalbox.simulate.truth import INJECTED, NEAR_MISS, ORDINARY, Truth

LEAD = 2 * HOUR  # a part is due at the first cut-off that is so long after its assignment
OPENS, CLOSES, LABOUR = 2.0, 1.5, 1.1  # days of backlog, and minutes asked for each minute rostered
FEWEST = 5  # lines of a carrier that are at risk together
SPAN = 6  # days of which one is the first of a plan in pallets
REACH = 12  # days after which an order of an earlier slice may still be open
_CUTOFF = np.array([int(text[:2]) * HOUR + int(text[3:]) * 60 for text in CUTOFFS])
_CODES = ("E20", "E21", "E19a")


def late_pickers(world: World, plan: Plan, truth: Truth, o: Cols, lines: Cols, f: Cols, first: int, end: int) -> None:
    """E18: pickers who come back minutes before a cut-off; what waited is packed after it, in time for the truck.

    In near misses they are late for fewer lines than the limit.
    """
    if not plan.due("E18", first, end) + plan.due("E18", first, end, near=True):
        return
    clock, zone = world.clock, world.net.zone[f.loc]
    day, tod = clock.local(f.assigned, zone)
    cutoff = _CUTOFF[DC]
    fit = (world.net.kind[f.loc] == DC) & (f.done_qty == f.qty) & ~f.pickup & ~f.stopped & ~f.rejected
    fit &= (tod >= cutoff - 4 * HOUR + 600) & (tod <= cutoff - LEAD) & ~o.is_test[f.at]
    fit &= (day >= (15 if first == 0 else first + 1)) & (day < end - 1)
    carrier = planned_carrier(world, o, f.at, f.loc)
    whole = np.ones((o.size, world.net.size), dtype=bool)  # orders of which all lines of the place wait together
    whole[f.at[~fit], f.loc[~fit]] = False
    fit &= whole[f.at, f.loc]
    group = (day * world.net.size + f.loc) * len(CARRIERS) + carrier
    groups, count = np.unique(group[fit], return_counts=True)
    usual = _usual_work(f)
    for near, some in ((False, count >= FEWEST), (True, count == FEWEST - 1)):
        for one in groups[plan.pick("E18", first, end, np.flatnonzero(some), near)].tolist():
            rows = np.flatnonzero(fit & (group == one))
            loc, due = f.loc[rows[:1]], clock.utc(day[rows[:1]], np.array([cutoff]), zone[rows[:1]])
            rng = plan.stream("E18", first, f"start {one}")
            _pick_late(f, rows, int(due[0]), int(rng.integers(240, 600)), int(due[0]) + 25 * 60)
            name = CARRIERS[int(carrier[rows[0]])]
            key = pl.Series(world.net.ids[loc]) + f"|{name}|" + _instant(due)
            opened = np.maximum(due - usual[int(loc[0])], f.assigned[rows].max())
            truth.add(
                "E18", key, NEAR_MISS if near else INJECTED, opened, opened if near else due,
                "lines not begun so shortly before the cut-off", location=pl.Series(world.net.ids[loc]),
            )  # fmt: skip


def _usual_work(f: Cols) -> dict[int, int]:
    """By place: seconds of picking and packing that four parts in five do not exceed."""
    work = f.pack_end - f.pick_start
    return {int(k): int(np.quantile(work[f.loc == k], 0.8, method="higher")) for k in np.unique(f.loc)}


def _pick_late(f: Cols, rows: np.ndarray, cutoff: int, before: int, latest: int) -> None:
    """One after the other is begun ``before`` the cut-off; an order is packed whole, none later than ``latest``."""
    pick, pack = f.pick_end[rows] - f.pick_start[rows], f.pack_end[rows] - f.pick_end[rows]
    f.pick_start[rows] = cutoff - before + np.arange(rows.size) * 120 // rows.size
    f.pick_end[rows] = f.pick_start[rows] + np.minimum(pick, 300)
    done = np.clip(f.pick_end[rows] + np.minimum(pack, 960), cutoff + 60, latest)
    last = np.zeros(int(f.at.max()) + 1, dtype=np.int64)
    np.maximum.at(last, f.at[rows], done)
    f.pack_end[rows] = last[f.at[rows]]


def _instant(ts: np.ndarray) -> pl.Series:
    return pl.Series(ts * 1_000_000).cast(pl.Datetime("us")).dt.strftime("%Y-%m-%dT%H:%M:%S")


def plan_faults(
    world: World, plan: Plan, truth: Truth, frame: pl.DataFrame, o: Cols, lines: Cols, f: Cols, first: int, end: int
) -> pl.DataFrame:
    """node_capacity with days planned too low; E20, E21 and E19a of the slice.

    E20: a machine is out of order. E21: a part of the roster is ill. E19a: a node's plan was entered in pallets for
    some days, so that what stands open in the morning is days of it. Near misses can just do what is due.
    """
    if not any(plan.due(code, first, end, near) for code in _CODES for near in (False, True)):
        return frame
    shape = (end - first, world.net.size)
    due, odd = _due_out(world, o, f, first, end)
    load = np.zeros(shape, dtype=np.int64)
    np.add.at(load, (due.day - first, due.loc), due.qty)
    opening, left = _backlog(world, o, lines, f, first, end)
    units = frame["units_capacity"].to_numpy().reshape(shape).copy()
    minutes = frame["rostered_minutes"].to_numpy().reshape(shape).copy()
    standard = UNIT_MINUTES[world.net.kind]
    free = np.zeros(shape, dtype=bool)
    free[(3 if first == 0 else REACH) : -6] = True
    free &= ~odd
    mark = np.zeros((2, *shape), dtype=np.int64)  # of E20 and E21
    weeks = _pallets(plan, units, opening, free, first)
    for k, code in enumerate(("E20", "E21")):
        for near in (False, True):
            hit = plan.pick(code, first, end, np.flatnonzero(free & (load >= 4)), near)
            at = np.unravel_index(hit, shape)
            part = plan.stream(code, first, "near size" if near else "size").uniform(0.4, 0.85, hit.size)
            if code == "E20":
                units[at] = load[at] if near else np.maximum(load[at] * part, 1)
            else:
                work = load[at] * standard[at[1]] / 10_000
                minutes[at] = np.ceil(work / 1.08) if near else np.maximum(work * part / LABOUR, 1)
            mark[k][at] = -1 if near else 1
            free[at] = False
    _load_truth(truth, world, "E20", due, units, np.ones_like(standard), mark[0], first)
    _load_truth(truth, world, "E21", due, LABOUR * minutes, standard / 10_000, mark[1], first)
    _backlog_truth(truth, world, opening, left, units, weeks, first)
    return frame.with_columns(units_capacity=pl.Series(units.ravel()), rostered_minutes=pl.Series(minutes.ravel()))


def _due_out(world: World, o: Cols, f: Cols, first: int, end: int) -> tuple[Cols, np.ndarray]:
    """Parts with the local day on which they are due out, in order of their assignment.

    Beside them the days and places of parts that are refused, stopped or late, which no fault should touch.
    """
    zone = world.net.zone[f.loc]
    day, tod = world.clock.local(f.assigned, zone)
    day = day + (tod + LEAD > _CUTOFF[world.net.kind[f.loc]])
    day = np.where(f.pickup, world.clock.local(np.minimum(o.latest[f.at], NEVER // 2), zone)[0], day)
    here = (day >= first) & (day < end) & ~o.is_test[f.at]
    out = world.clock.local(np.where(f.pickup, f.pick_end + 60, f.shipped), zone)[0]
    odd = np.zeros((end - first, world.net.size), dtype=bool)
    for late in range(4):
        some = here & (f.rejected | f.stopped | (out > day)) & (day + late < end)
        odd[day[some] + late - first, f.loc[some]] = True
    some = np.flatnonzero(here & ~f.rejected & ~f.stopped)
    some = some[np.argsort(f.assigned[some], kind="stable")]
    parts = Cols(day=day[some], loc=f.loc[some], qty=f.qty[some], assigned=f.assigned[some])
    return parts, odd


def _backlog(world: World, o: Cols, lines: Cols, f: Cols, first: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    """By day and place: units that stood open when the day began, and units that left on it."""
    zone, live = world.net.zone[f.loc], ~o.is_test[f.at]
    gone = np.select(
        [f.rejected, f.stopped, f.done_qty == 0, f.pickup],
        [f.refused_at, lines.cancel_ts[f.li], f.pick_end + 300, f.pick_end + 60], f.shipped,
    )  # fmt: skip
    come, _ = world.clock.local(f.assigned, zone)
    went, _ = world.clock.local(gone, zone)
    opening, left = np.zeros((2, end - first, world.net.size), dtype=np.int64)
    for day, sign in ((come, 1), (went, -1)):
        some = live & (day + 1 < end)
        np.add.at(opening, (np.maximum(day[some] + 1 - first, 0), f.loc[some]), sign * f.qty[some])
    some = live & (went >= first) & (went < end)
    np.add.at(left, (went[some] - first, f.loc[some]), f.done_qty[some])
    return np.cumsum(opening, axis=0), left


def _pallets(
    plan: Plan, units: np.ndarray, opening: np.ndarray, free: np.ndarray, first: int
) -> dict[tuple[int, int], bool]:
    """Plans some days too low at a node; (place, first day) and whether it is a near miss."""
    struck: dict[tuple[int, int], bool] = {}
    low = np.minimum(opening, np.roll(opening, -1, axis=0)) * free  # what stands open on two mornings running
    width = units.shape[1]
    best = np.concatenate([
        (day + low[day : day + SPAN].argmax(axis=0)) * width + np.arange(width) for day in range(0, len(low), SPAN)
    ])  # fmt: skip
    for near in (False, True):
        rng = plan.stream("E19a", first, "near size" if near else "size")
        fit = (low.ravel()[best] >= (2 if near else 3)) & free.ravel()[best]
        for at in best[plan.pick("E19a", first, first + len(low), np.flatnonzero(fit), near)].tolist():
            day, loc = divmod(at, width)
            days = int(rng.integers(2, 5))
            if near:  # two mornings or more, just not above the limit
                units[day : day + days, loc] = -(-int(opening[day : day + days, loc].max()) // int(OPENS))
            else:
                least = -(-int(low[day, loc]) // int(OPENS)) - 1
                units[day : day + days, loc] = max(least - int(rng.integers(0, 2)), 1)
            free[day - 1 : day + days + 1, loc] = False
            struck[loc, day] = near
    return struck


def _load_truth(
    truth: Truth, world: World, code: str, due: Cols, limit: np.ndarray, weight: np.ndarray, mark: np.ndarray,
    first: int,
) -> None:  # fmt: skip
    """Node days whose assigned units pass ``limit``, from the unit that did so to the end of the day."""
    order = np.lexsort((np.arange(due.size), due.loc, due.day))
    d = due.take(order)
    cell = (d.day - first) * limit.shape[1] + d.loc
    total = np.cumsum(d.qty)
    start = np.r_[True, cell[1:] != cell[:-1]] if cell.size else np.zeros(0, dtype=bool)
    base = np.repeat((total - d.qty)[start], np.diff(np.r_[np.flatnonzero(start), cell.size]))
    over = np.flatnonzero((total - base) * weight[d.loc] > limit.ravel()[cell])
    cells, where = np.unique(cell[over], return_index=True)
    near = np.setdiff1d(np.flatnonzero(mark.ravel() < 0), cells)
    kind = np.where(mark.ravel()[cells] > 0, INJECTED, ORDINARY)
    for some, opened, what in ((cells, d.assigned[over[where]], kind), (near, None, np.full(near.size, NEAR_MISS))):
        day, loc = some // limit.shape[1] + first, some % limit.shape[1]
        place, zone = pl.Series(world.net.ids[loc]), world.net.zone[loc]
        date = pl.Series(world.clock.epoch_day(day)).cast(pl.Date).dt.strftime("%Y-%m-%d")
        noon = world.clock.utc(day, np.full(day.size, 12 * HOUR), zone)
        until = noon if opened is None else world.clock.utc(day + 1, np.zeros(day.size, dtype=np.int64), zone)
        truth.add(
            code, place + pl.Series(["|"]) + date, what, noon if opened is None else opened, until,
            "more due out than the plan of the day allows", location=place,
        )  # fmt: skip


def _backlog_truth(
    truth: Truth, world: World, opening: np.ndarray, left: np.ndarray, units: np.ndarray,
    weeks: dict[tuple[int, int], bool], first: int,
) -> None:  # fmt: skip
    """E19a of the nodes that were struck: two mornings running above the limit, until one below the lower limit."""
    for loc in sorted({loc for loc, _ in weeks}):
        able = _able(opening[:, loc], left[:, loc], units[:, loc])
        above, below = opening[:, loc] > OPENS * able, opening[:, loc] < np.maximum(CLOSES * able, 1)
        second = above & np.r_[False, above[:-1]] & ~np.r_[False, False, (above[1:] & above[:-1])[:-1]]
        rows = [(int(day), INJECTED) for day in np.flatnonzero(second)]
        rows += [(day + 1, NEAR_MISS) for (place, day), near in weeks.items() if near and place == loc]
        for day, kind in rows:
            fell = np.flatnonzero(below[day + 1 :])
            zone = int(world.net.zone[loc])
            midnight = world.clock.utc(np.array([first + day]), np.array([0]), zone)
            closed = np.array([NEVER])
            if fell.size:
                closed = world.clock.utc(np.array([first + day + 1 + int(fell[0])]), np.array([0]), zone)
            place = pl.Series(world.net.ids[[loc]])
            truth.add(
                "E19a", place, kind, midnight, midnight if kind == NEAR_MISS else closed,
                "days of the planned capacity stand open", location=place,
            )  # fmt: skip


def _able(opening: np.ndarray, left: np.ndarray, units: np.ndarray) -> np.ndarray:
    """What a node can do in a day: its plan, or less where that was not reached on mornings with a full day to do."""
    able = units.astype(np.float64)
    for day in range(1, units.size):
        week = slice(max(day - 7, 0), day)
        full = np.sort(left[week][(opening[week] >= units[week]) & (units[week] > 0)])
        if full.size >= 3:
            able[day] = min(able[day], full[-(-3 * full.size // 4) - 1])
    return able


__all__ = ["late_pickers", "plan_faults"]
