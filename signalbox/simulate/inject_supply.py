"""Faults of returns, purchase orders and the stock ledger, and the truth about them.

Belongs here: E28, E49, E61a. Not here: orders, messages, money, files.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, join
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.ledger import ADJUST, REASONS, REF_NONE, SALE, Stock, movement
from signalbox.simulate.network import STORE
from signalbox.simulate.returns import ACCEPTED
from signalbox.simulate.truth import INJECTED, NEAR_MISS, ORDINARY, Truth
from signalbox.simulate.views import OWN, SYSTEMS


def refund_faults(plan: Plan, truth: Truth, r: Cols, first: int, end: int) -> None:
    """E49: refunds paid before the inspection that the policy asks for; near misses within a minute after it."""
    bound = (r.fate == ACCEPTED) & r.must_inspect & r.by_mail
    hit = plan.pick("E49", first, end, np.flatnonzero(bound))
    early = np.where(
        plan.stream("E49", first, "how").random(hit.size) < 0.5,
        r.start[hit] + 3 * HOUR,
        (r.received[hit] + r.inspected[hit]) // 2,
    )
    bound[hit] = False
    close = plan.pick("E49", first, end, np.flatnonzero(bound), near=True)
    for index, when in (
        (hit, early),
        (close, r.inspected[close] + plan.minutes("E49", first, close.size, 0.02, 0.9, "near size")),
    ):
        shift = when - r.refunded[index]
        for name in ("refunded", "settled", "memo", "memo_posted"):
            getattr(r, name)[index] += shift
    real = np.flatnonzero((r.fate == ACCEPTED) & r.must_inspect & (r.refunded < r.inspected))
    kind = np.where(np.isin(real, hit), INJECTED, ORDINARY)
    key = _numbers("R", r.no) + pl.Series(["|1"])
    truth.add("E49", key.gather(real), kind, r.refunded[real], r.inspected[real], "refunded before the inspection")
    truth.add(
        "E49", key.gather(close), NEAR_MISS, r.refunded[close], r.refunded[close], "refunded right after the inspection"
    )


def _numbers(prefix: str, number: np.ndarray) -> pl.Series:
    return pl.select(pl.lit(prefix) + pl.Series(number).cast(pl.String).str.zfill(9)).to_series()


def purchase_faults(world: World, plan: Plan, truth: Truth, x: Cols, first: int, end: int) -> None:
    """E61a: suppliers that come days after their commitment; near misses come on the last day of grace."""
    clock = world.clock
    deadline = clock.utc(x.committed + 2, np.zeros(x.size, dtype=np.int64))
    fit = (x.done < deadline - DAY) & (x.rest >= NEVER) & (x.recommit < 0) & (deadline < clock.end_ts)
    hit = plan.pick("E61a", first, end, np.flatnonzero(fit))
    _delay(world, x, hit, x.committed[hit] + 2 + plan.stream("E61a", first, "days").integers(1, 9, hit.size))
    fit[hit] = False
    close = plan.pick("E61a", first, end, np.flatnonzero(fit), near=True)
    _delay(world, x, close, x.committed[close] + 1)
    x.done = np.where(x.rest < NEVER, x.rest, x.receipt)
    replanned = np.where(
        (x.recommit >= 0) & (x.recommit > x.committed), clock.utc(x.committed - 1, np.full(x.size, 15 * HOUR)), NEVER
    )
    ended = np.minimum(x.done, replanned)
    key = _numbers("PO", x.no) + pl.Series(["|"]) + pl.Series(x.line).cast(pl.String)
    place = pl.Series(world.net.ids).gather(x.loc.astype(np.uint32))
    real = np.flatnonzero(ended > deadline)
    kind = np.where(np.isin(real, hit), INJECTED, ORDINARY)
    truth.add(
        "E61a",
        key.gather(real),
        kind,
        deadline[real],
        ended[real],
        "not received by the first commitment",
        location=place.gather(real),
    )
    truth.add(
        "E61a",
        key.gather(close),
        NEAR_MISS,
        deadline[close],
        deadline[close],
        "received on the last day of grace",
        location=place.gather(close),
    )


def _delay(world: World, x: Cols, index: np.ndarray, day: np.ndarray) -> None:
    """Move the arrival and all that follows to other days, a Sunday to the Saturday before."""
    day = day - (world.clock.weekday(day) == 7)
    came, _ = world.clock.local(x.arrived[index])
    shift = world.clock.utc(day, np.full(index.size, 8 * HOUR)) - world.clock.utc(came, np.full(index.size, 8 * HOUR))
    for name in ("arrived", "receipt", "putaway", "invoiced", "asn"):
        getattr(x, name)[index] += shift


def ledger_faults(world: World, plan: Plan, truth: Truth, stock: Stock, rows: Cols, first: int, end: int) -> Cols:
    """E28: a count booked to the wrong store drives its books below zero until somebody corrects it.

    Returns the movements of the slice with the bookings and their corrections, in order of time.
    """
    sold = np.flatnonzero((rows.kind == SALE) & (world.net.kind[rows.loc] == STORE))
    limit = world.clock.midnight(end) if end < world.clock.days else world.clock.end_ts + 9 * DAY
    parts, strict = [rows], []
    for near in (False, True):
        anchors = plan.pick("E28", first, end, sold, near)
        low, high = (18, 48) if near else (150, 5000)
        length = plan.minutes("E28", first, anchors.size, low, high, "near size" if near else "size")
        wrong = _misbookings(plan, stock, rows, anchors, length, limit, 90_000 + first * 100 + 50 * near, near)
        strict.append(wrong)
        parts.append(wrong)
    if not any(w.size for w in strict):
        return rows
    rows = join(parts)
    rows = rows.take(np.lexsort((rows.id, rows.qty < 0, rows.ts)))
    _below_zero(world, truth, stock, rows, strict)
    return rows


def _misbookings(
    plan: Plan, stock: Stock, rows: Cols, anchors: np.ndarray, length: np.ndarray, limit: int, number: int, near: bool
) -> Cols:
    loc, sku, ts = rows.loc[anchors], rows.sku[anchors], rows.ts[anchors] + 300
    stays = ts + length < limit
    loc, sku, ts, length = loc[stays], sku[stays], ts[stays], length[stays]
    _, once = np.unique(loc * 1_000_000 + sku, return_index=True)
    loc, sku, ts, length = loc[once], sku[once], ts[once], length[once]
    balance = stock.on_hand[loc, sku].astype(np.int64)
    for k in range(loc.size):  # a handful of pairs
        mine = (rows.loc == loc[k]) & (rows.sku == sku[k]) & (rows.ts <= ts[k])
        balance[k] += rows.qty[mine].sum()
    qty = -(balance + 1 + np.arange(loc.size) % 3)
    ids = 6_900_000_000_000 + (number + np.arange(loc.size)) * 1000
    why = REASONS.index("correction")
    wrong = movement(ids + 1, loc, sku, ADJUST, qty, ts, REF_NONE, ids, reason=why)
    right = movement(ids + 2, loc, sku, ADJUST, -qty, ts + length, REF_NONE, ids, reason=why)
    return join([wrong, right])


def _below_zero(world: World, truth: Truth, stock: Stock, rows: Cols, strict: list[Cols]) -> None:
    """Stretches of the affected pairs below zero, from the running balance."""
    width = world.cat.sku.size
    hit, near = (set((w.loc * width + w.sku).tolist()) for w in strict)
    pair = rows.loc * width + rows.sku
    some = np.flatnonzero(np.isin(pair, np.array(sorted(hit | near))))
    some = some[np.lexsort((some, pair[some]))]
    total = np.cumsum(rows.qty[some])
    start = np.r_[True, np.diff(pair[some]) != 0]
    base = np.repeat((total - rows.qty[some])[start], np.diff(np.r_[np.flatnonzero(start), some.size]))
    balance = stock.on_hand.ravel()[pair[some]] + total - base
    below = balance < 0
    begins = np.flatnonzero(below & ~np.r_[False, below[:-1] & ~start[1:]])
    for b in begins:  # a handful of stretches
        rest = np.flatnonzero(~below[b:] | np.r_[False, start[b + 1 :]])
        stop = b + int(rest[0]) if rest.size else some.size
        same = stop < some.size and pair[some[stop]] == pair[some[b]]
        opened, ended = int(rows.ts[some[b]]) + HOUR, int(rows.ts[some[stop]]) if same else NEVER
        _negative_row(world, truth, int(pair[some[b]]), opened, ended, int(pair[some[b]]) in hit)


def _negative_row(world: World, truth: Truth, pair: int, opened: int, ended: int, is_hit: bool) -> None:
    loc, sku = divmod(pair, world.cat.sku.size)
    system = SYSTEMS[OWN[world.net.kind[loc]]]
    place = pl.Series([str(world.net.ids[loc])])
    key = pl.Series([f"{system}|{world.cat.sku[sku]}|"]) + place
    real = ended > opened
    kind = (INJECTED if is_hit else ORDINARY) if real else NEAR_MISS
    truth.add(
        "E28", key, kind, np.array([opened]), np.array([ended if real else opened]), "books below zero", location=place
    )
