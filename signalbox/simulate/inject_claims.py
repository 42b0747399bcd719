"""Faults of claims: more is reserved and ordered away than a place has for sale; and the truth about them.

Belongs here: E39. Not here: baskets that outlive their time, transfers on their way (``inject_stock``), books below
zero (``inject_supply``).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import HOUR
from signalbox.simulate.cols import Cols, join
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.inject_nodes import REACH
from signalbox.simulate.ledger import ADJUST, REASONS, REF_NONE, Stock, movement, transfer_frame
from signalbox.simulate.network import DC
from signalbox.simulate.truth import INJECTED, NEAR_MISS, Truth

HOLD = 2  # stock state
GRACE = 900
FIRST_TRANSFER = 390_000_000
MOVEMENTS = 6_870_000_000_000


def claim_faults(
    world: World, plan: Plan, truth: Truth, stock: Stock, rows: Cols, held: Cols, moved: Cols, first: int, end: int
) -> tuple[Cols, dict[str, pl.DataFrame]]:
    """E39: in the morning a warehouse blocks all it has of an item, or somebody types a transfer far too large.

    Both are seen and undone before the trucks leave. Near misses: a block of minutes, and a transfer of just what is
    free. Returns the movements in order of time, and the transfers.
    """
    total = sum(plan.due("E39", first, end, near) for near in (False, True))
    if not total:
        return rows, {}
    c = _candidates(world, plan, stock, rows, held, moved, first, end)
    parts, typed, fit = [rows], [], np.ones(c.loc.size, dtype=bool)
    for near in (False, True):
        hit = plan.pick("E39", first, end, np.flatnonzero(fit), near)
        for one in hit.tolist():  # a pair is struck once
            fit[(c.loc == c.loc[one]) & (c.sku == c.sku[one])] = False
        _, once = np.unique(c.loc[hit] * world.cat.sku.size + c.sku[hit], return_index=True)
        v = c.take(hit[once])
        is_block = (np.arange(v.loc.size) + first) % 2 == near
        stay = plan.minutes(
            "E39", first, v.loc.size, *((5, 13) if near else (25, 190)), "near size" if near else "size"
        )
        v.until = v.begin + np.where(is_block & near, stay, np.maximum(stay, 1500))
        v.extra = np.zeros(v.loc.size, dtype=np.int64) if near else 1 + (v.no % 40)
        number = MOVEMENTS + first * 10_000_000 + near * 100_000 + np.arange(v.loc.size) * 10
        parts += _block(v.take(is_block), number[is_block])
        typed.append(_transfers(world, v.take(~is_block), FIRST_TRANSFER + first * 1000 + near * 500))
        place, due = pl.Series(world.net.ids[v.loc]), v.begin + GRACE
        truth.add(
            "E39", pl.Series(world.cat.sku[v.sku]) + pl.Series(["|"]) + place, NEAR_MISS if near else INJECTED, due,
            due if near else v.until, "more is claimed than there is for sale", location=place,
        )  # fmt: skip
    rows = join(parts)
    return rows.take(np.lexsort((rows.id, rows.qty < 0, rows.ts))), {"transfer_line": pl.concat(typed)}


def _candidates(
    world: World, plan: Plan, stock: Stock, rows: Cols, held: Cols, moved: Cols, first: int, end: int
) -> Cols:
    """Pairs and mornings with units reserved all the time and nothing else that moves: begin, on hand, claimed."""
    clock, width = world.clock, world.cat.sku.size
    day, _ = clock.local(np.minimum(held.end, clock.midnight(end)))  # what is never let go of ends on no morning
    some = np.flatnonzero((world.net.kind[held.loc] == DC) & (day >= first + (REACH if first else 1)) & (day < end - 1))
    c = held.take(some)
    begin = clock.utc(day[some], plan.minutes("E39", first, c.loc.size, 450, 510, "begin"))
    c.begin, c.no = begin, np.arange(c.loc.size)
    c = c.take((held.begin[some] < begin) & (held.end[some] > begin + 4 * HOUR))
    pair = c.loc * width + c.sku
    sellable = rows.state == 0
    supply = (rows.loc * width + rows.sku)[sellable], rows.ts[sellable], rows.qty[sellable]
    taken = held.loc * width + held.sku
    sent = moved.source * width + moved.sku
    claims = [
        (taken, held.begin, held.qty), (taken, held.end, -held.qty), (sent, moved.created, moved.qty),
        (sent, moved.shipped, -moved.qty),
    ]  # fmt: skip
    where, ts, qty = (np.concatenate(part) for part in zip(*claims, strict=True))
    claim = where, ts, qty
    c.on_hand = (stock.on_hand - stock.aside).ravel()[pair] + _until(*supply, pair, c.begin)
    c.claimed = _until(*claim, pair, c.begin)
    later = c.begin + 4 * HOUR
    quiet = np.ones(pair.size, dtype=bool)
    for pairs, times, _ in (supply, claim):
        once = np.ones(times.size, dtype=np.int64)
        quiet &= _until(pairs, times, once, pair, later) == _until(pairs, times, once, pair, c.begin)
    return c.take(quiet & (c.on_hand > c.claimed) & (c.claimed > 0))


def _until(where: np.ndarray, ts: np.ndarray, qty: np.ndarray, pair: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Sum of ``qty`` at each ``pair`` up to each instant ``at``."""
    order = np.lexsort((ts, where))
    span = int(max(ts.max(initial=0), at.max(initial=0))) + 2
    key, total = where[order] * span + ts[order], np.r_[0, np.cumsum(qty[order])]
    return total[np.searchsorted(key, pair * span + at, side="right")] - total[np.searchsorted(key, pair * span)]


def _block(v: Cols, number: np.ndarray) -> list[Cols]:
    """All that is for sale goes on hold, and back."""
    why, parts = REASONS.index("other"), []
    for step, (sign, ts) in enumerate(((1, v.begin), (-1, v.until))):
        for state in (0, HOLD):
            move = sign * v.on_hand if state else -sign * v.on_hand
            parts.append(movement(number + 4 * step + state, v.loc, v.sku, ADJUST, move, ts, REF_NONE, number,
                                  state=state, reason=why))  # fmt: skip
    return parts


def _transfers(world: World, v: Cols, number: int) -> pl.DataFrame:
    """transfer_line of what is free and some more, cancelled before it leaves."""
    n = v.loc.size
    day, _ = world.clock.local(v.begin)
    store = np.argmax(world.cat.ranged[: world.net.stores][:, v.sku], axis=0) if n else v.loc
    x = Cols(
        no=number + np.arange(n), line=np.ones(n, dtype=np.int64), sku=v.sku, source=v.loc, loc=store,
        qty=v.on_hand - v.claimed + v.extra, got=v.on_hand - v.claimed + v.extra, day=day, created=v.begin,
        shipped=v.until, received=v.until,
    )  # fmt: skip
    frame = transfer_frame(world, x).filter(pl.col("version_no") < 3)
    is_last = pl.col("version_no") == 2
    return frame.with_columns(
        shipped_qty=pl.lit(0, dtype=pl.Int64), shipped_ts=pl.lit(None, dtype=frame["shipped_ts"].dtype),
        completed_ts=pl.when(is_last).then("updated_ts"), cost_amount=pl.col("cost_amount") * 0,
        status_code=pl.when(is_last).then(pl.lit("cancelled")).otherwise("status_code").cast(frame["status_code"].dtype),
    )  # fmt: skip


__all__ = ["claim_faults"]
