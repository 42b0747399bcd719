"""Faults of fulfilment: what nodes, stores and carriers do not do, and the truth about it.

Belongs here: E17a, E17b, E19b, E22b, E23, E25, E26. Not here: allocation and promises (``inject_orders``), stock,
messages, money. Each ``*_faults`` function changes the arrays before the later parts read them; each ``*_truth`` reads
the final state and tells ordinary occurrences as well.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, code, join
from signalbox.simulate.demand import DELIVERY, PICKUP, World
from signalbox.simulate.emit_orders import key
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import CUSTOMER, DAMAGED, DELIVERED, HOLD, LOST, NEVER, NOT_FOUND, OK, REFUSED, REJECTED
from signalbox.simulate.ledger import ADJUST, REASONS, REF_ORDER, movement
from signalbox.simulate.network import CHANNELS, DC, STORE
from signalbox.simulate.truth import INJECTED, NEAR_MISS, ORDINARY, Truth

_MARK = {c: i + 101 for i, c in enumerate(("E17a", "E17b", "E23", "E25", "E26", "E22b"))}
GRACE = 900  # seconds that a node has to give units elsewhere
DAMAGES = 6_700_000_000_000  # numbers of the movements of what broke in a pick


def shortage_faults(world: World, plan: Plan, o: Cols, lines: Cols, first: int, end: int) -> None:
    """E17a, E17b, E25: refused or missing units that nobody takes care of for hours; near misses within the grace."""
    lines.refused_wait = np.zeros(lines.at.size, dtype=np.int64)
    lines.unfound_wait = np.full(lines.at.size, 300, dtype=np.int64)
    kind = world.net.kind[lines.node]
    plain = (lines.outcome == OK) & (lines.mark == 0) & (lines.near == 0) & (o.fate[lines.at] < HOLD)
    deliver = o.kind[lines.at] == DELIVERY
    for which, fit, outcome, wait, low, high in (
        ("E17a", deliver & np.isin(kind, (STORE, DC)), REJECTED, lines.refused_wait, 16, 1400),
        ("E17b", deliver & np.isin(kind, (STORE, DC)), NOT_FOUND, lines.unfound_wait, 16, 1800),
        ("E25", o.kind[lines.at] == PICKUP, NOT_FOUND, lines.unfound_wait, 20, 900),
    ):
        for near in (False, True) if which != "E25" else (False,):
            caught = plan.pick(which, first, end, np.flatnonzero(plain & fit), near)
            least, most = (8.0, 14.8) if near else (float(low), float(high))
            wait[caught] = plan.minutes(which, first, caught.size, least, most, "near size" if near else "size")
            lines.outcome[caught] = outcome
            (lines.near if near else lines.mark)[caught] = _MARK[which]
            plain[caught] = False


def carrier_faults(plan: Plan, o: Cols, s: Cols, first: int, end: int) -> None:
    """E22b: parcels that the carrier loses or breaks."""
    fit = (s.result == DELIVERED) & (o.ship_mark[s.at] == 0) & (s.silent == 0) & ~o.is_test[s.at]
    hit = plan.pick("E22b", first, end, np.flatnonzero(fit))
    s.result[hit] = np.where(plan.stream("E22b", first, "how").random(hit.size) < 0.5, LOST, DAMAGED)
    s.delivered = np.where(s.result == DELIVERED, s.end, NEVER)
    s.mark = np.zeros(s.at.size, dtype=np.int64)
    s.mark[hit] = _MARK["E22b"]


def collection_faults(world: World, plan: Plan, o: Cols, p: Cols, first: int, end: int) -> None:
    """E26: customers who come on the last day; near misses come on the day before it."""
    o.late_mark = np.zeros(o.size, dtype=np.int64)
    eve = o.hold_until - DAY
    fit = (o.kind == PICKUP) & ~o.is_test & (o.collected < eve - HOUR) & (o.mark == 0) & (o.near == 0)
    fit &= world.clock.weekday(world.clock.day(np.minimum(eve, world.clock.end_ts + 300 * DAY))) != 7
    for near in (False, True):
        caught = plan.pick("E26", first, end, np.flatnonzero(fit), near)
        before = plan.minutes("E26", first, caught.size, 20, 560, "near size" if near else "size")
        o.collected[caught] = o.hold_until[caught] - before - (DAY if near else 0)
        o.late_mark[caught] = -1 if near else 1
        fit[caught] = False
    p.collected = np.where(p.done_qty > 0, o.collected[p.at], NEVER)


def shortage_truth(truth: Truth, world: World, o: Cols, lines: Cols, f: Cols) -> None:
    """E17a, E17b, E25 of a slice."""
    live = ~o.is_test[f.at]
    parts = _names("FL", key(o, f.at, lines.line[f.li], f.part))
    orders = _names("O", o.no[f.at]) + pl.Series(["|"]) + pl.Series(lines.line[f.li]).cast(pl.String)
    mark, near = lines.mark[f.li], lines.near[f.li]
    missing = ~f.rejected & (lines.outcome[f.li] == NOT_FOUND) & (f.done_qty < f.qty) & (f.pick_end < NEVER)
    stopped = ~f.rejected & (lines.outcome[f.li] == CUSTOMER) & (f.done_qty < f.qty) & (f.done_qty > 0) & f.pickup
    for which, names, some, opened, ended in (
        ("E17a", parts, f.rejected, f.refused_at + GRACE, lines.try2[f.li]),
        ("E17b", parts, missing & ~f.pickup, f.pick_end + GRACE, lines.cancel_ts[f.li]),
        ("E25", orders, (missing & f.pickup) | stopped, f.pick_end, lines.cancel_ts[f.li]),
    ):
        rows = np.flatnonzero(some & live)
        real = ended[rows] > opened[rows]
        kind = np.where(real, np.where(mark[rows] == _MARK[which], INJECTED, ORDINARY), NEAR_MISS)
        rows, kind, real = (a[real | (near[rows] == _MARK[which]) | (which == "E25")] for a in (rows, kind, real))
        truth.add(
            which,
            names.gather(rows),
            kind,
            opened[rows],
            np.where(real, ended[rows], opened[rows]),
            "units that a node did not give",
            channel=code(o.channel[f.at[rows]], CHANNELS).cast(pl.String),
            location=pl.Series(world.net.ids).gather(f.loc[rows].astype(np.uint32)),
        )


def carrier_truth(truth: Truth, o: Cols, lines: Cols, f: Cols, s: Cols) -> None:
    """E22b of a slice: every parcel, with something in it, that the carrier tells of; near misses were tried twice."""
    moved = np.flatnonzero(f.ship >= 0)
    ship = f.ship[moved]
    parcel = s.no[ship] * 10 + 1 + lines.line[f.li[moved]] % s.parcels[ship]
    parcel, index = np.unique(parcel, return_index=True)
    ship = ship[index]
    keep = ~o.is_test[s.at[ship]]
    parcel, ship = parcel[keep], ship[keep]
    bad = s.result[ship] != DELIVERED
    tried = ~bad & (s.attempt[ship] < NEVER)
    opened = s.end[ship] + np.where(s.result[ship] == LOST, 3 * DAY, 0)
    opened = np.where(tried, s.attempt[ship], opened)
    back = np.where(s.result[ship] == REFUSED, s.end[ship] + 2 * DAY, NEVER)
    kind = np.where(bad, np.where(s.mark[ship] > 0, INJECTED, ORDINARY), NEAR_MISS)
    rows = np.flatnonzero(bad | tried)
    truth.add(
        "E22b",
        _names("SH", s.no[ship[rows]]) + pl.Series(["|"]) + _names("PC", parcel[rows]),
        kind[rows],
        opened[rows],
        np.where(bad[rows], back[rows], opened[rows]),
        "told by the carrier",
        channel=code(o.channel[s.at[ship[rows]]], CHANNELS).cast(pl.String),
    )


def collection_truth(truth: Truth, world: World, o: Cols) -> None:
    """E26 of a slice."""
    rows = np.flatnonzero((o.kind == PICKUP) & (o.ready < NEVER) & ~o.is_test)
    opened = np.maximum(o.hold_until[rows] - DAY, o.ready[rows])
    ended = np.minimum(o.collected[rows], o.hold_until[rows] + HOUR)
    real, mark = ended > opened, o.late_mark[rows]
    kind = np.where(real, np.where(mark == 1, INJECTED, ORDINARY), NEAR_MISS)
    some = real | (mark == -1)
    truth.add(
        "E26",
        _names("O", o.no[rows[some]]),
        kind[some],
        opened[some],
        np.where(real, ended, opened)[some],
        "pickup not collected a day before its hold ends",
        channel=code(o.channel[rows[some]], CHANNELS).cast(pl.String),
        location=pl.Series(world.net.ids).gather(o.store[rows[some]].astype(np.uint32)),
    )


def damages(world: World, plan: Plan, truth: Truth, o: Cols, lines: Cols, f: Cols, first: int, end: int) -> list[Cols]:
    """E23: units that break at the pick and are replaced hours later, or in time (near misses); their movements."""
    fit = (world.net.kind[f.loc] == DC) & ~f.pickup & ~f.rejected & (f.done_qty == f.qty) & (f.ship >= 0)
    fit &= (lines.outcome[f.li] == OK) & (lines.mark[f.li] == 0) & ~o.is_test[f.at]
    fit &= f.shipped > f.pick_end + 2 * GRACE
    hit = plan.pick("E23", first, end, np.flatnonzero(fit))
    fit[hit] = False
    close = plan.pick("E23", first, end, np.flatnonzero(fit), near=True)
    rows = np.concatenate([hit, close])
    if rows.size == 0:
        return []
    near = np.arange(rows.size) >= hit.size
    late = f.shipped[rows] - plan.minutes("E23", first, rows.size, 2, 14.5, "near size")
    when = np.where(near, late, f.pick_end[rows])
    truth.add(
        "E23",
        _names("FL", key(o, f.at[rows], lines.line[f.li[rows]], f.part[rows])),
        np.where(near, NEAR_MISS, INJECTED),
        when + GRACE,
        np.where(near, when + GRACE, f.shipped[rows]),
        "a unit broke in the pick",
        location=pl.Series(world.net.ids).gather(f.loc[rows].astype(np.uint32)),
    )
    number = DAMAGES + first * 10_000_000 + np.arange(rows.size) * 10
    less, why = np.full(rows.size, -1), REASONS.index("damage")
    loc, sku, order = f.loc[rows], lines.sku[f.li[rows]], o.no[f.at[rows]]
    broken = movement(number + 1, loc, sku, ADJUST, less, when, REF_ORDER, order, reason=why)
    aside = movement(number + 2, loc, sku, ADJUST, -less, when, REF_ORDER, order, state=1, reason=why)
    return [join([broken, aside])]


def putaway_faults(world: World, plan: Plan, truth: Truth, x: Cols, first: int, end: int) -> None:
    """E19b: lines of a receipt that stand on the dock for days; near misses are put away in the last open hours."""
    hours, n = world.net.hours, x.size
    limit = hours.add(x.loc, x.arrived, np.full(n, 24 * HOUR))
    fit = (x.got > x.rejected) & (x.putaway < limit) & (limit < world.clock.end_ts)
    for near in (False, True):
        for anchor in plan.pick("E19b", first, end, np.flatnonzero(fit), near):
            same = np.flatnonzero((x.no == x.no[anchor]) & fit & (x.arrived == x.arrived[anchor]))
            struck = same[: 1 if near else plan.size_of("E19b")]
            if struck.size == 0:  # the receipt was struck before
                continue
            rng = plan.stream("E19b", first, f"{anchor} {near}")
            wait = np.sort(rng.integers(HOUR, 40 * HOUR, struck.size))
            late = hours.add(x.loc[struck], limit[struck], wait)
            just = hours.add(x.loc[struck], x.arrived[struck], 22 * HOUR + wait % (100 * 60))
            x.putaway[struck] = np.maximum(just, x.receipt[struck] + 60) if near else late
            fit[x.no == x.no[anchor]] = False
            _putaway_row(truth, world, x, struck, limit, near)


def _putaway_row(truth: Truth, world: World, x: Cols, struck: np.ndarray, limit: np.ndarray, near: bool) -> None:
    opened = np.array([limit[struck].min()])
    truth.add(
        "E19b",
        _names("GR", x.no[struck[:1]] * 10 + 1),
        NEAR_MISS if near else INJECTED,
        opened,
        opened if near else np.array([x.putaway[struck].max()]),
        "goods stay on the dock",
        location=pl.Series(world.net.ids).gather(x.loc[struck[:1]].astype(np.uint32)),
    )


def _names(prefix: str, number: np.ndarray) -> pl.Series:
    return pl.select(pl.lit(prefix) + pl.Series(number).cast(pl.String).str.zfill(9)).to_series()
