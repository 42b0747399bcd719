"""What is available to fulfil: sellable units less reservations and transfers that have not left, moment by moment.

Belongs here: the arithmetic of a slice's changes, and telling stretches of it. Not here: what is wrong with it
(``inject_shortages``, ``inject_surplus``, ``inject_promotions``), what other systems see (``views``).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.cols import Cols, join
from signalbox.simulate.demand import World
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.ledger import Stock
from signalbox.simulate.truth import INJECTED, NEAR_MISS, Truth


class Running:
    """Availability of every pair (location, item) over the days ``first`` to ``end - 1``.

    ``level`` and ``out`` are (days, pairs): units at the end of each day, and how many left or were promised in it.
    """

    def __init__(
        self, world: World, stock: Stock, rows: Cols, held: Cols, lines: Cols, first: int, end: int
    ) -> None:  # fmt: skip
        self.world, self.first, self.end = world, first, end
        own = rows.take(rows.state == 0)
        changes = join([
            Cols(loc=x.loc if where is None else where, sku=x.sku, ts=ts, qty=qty)
            for x, where, ts, qty in (
                (own, None, own.ts, own.qty), (held, None, held.begin, -held.qty), (held, None, held.end, held.qty),
                (lines, lines.source, lines.created, -lines.qty), (lines, lines.source, lines.shipped, lines.qty),
            )
        ])  # fmt: skip
        self.changes = changes.take(changes.ts < world.clock.midnight(end))
        self.base = (stock.on_hand - stock.aside).ravel()
        c = self.changes
        self.level = self.base + np.cumsum(self.by_day(c.loc, c.sku, c.ts, c.qty), axis=0)
        self.out = self.by_day(c.loc, c.sku, c.ts, np.maximum(-c.qty, 0))
        self.moved = self.by_day(c.loc, c.sku, c.ts, np.ones(c.size, dtype=np.int64)) > 0

    def by_day(self, loc: np.ndarray, sku: np.ndarray, ts: np.ndarray, qty: np.ndarray) -> np.ndarray:
        """Sums of a quantity by (day, pair); what was before the first day counts for it, what is later nowhere."""
        days = self.end - self.first
        total = np.zeros((days, self.base.size), dtype=np.int64)
        day = np.maximum(self.world.clock.day(np.minimum(ts, self.world.clock.end_ts)) - self.first, 0)
        some = day < days
        np.add.at(total, (day[some], (loc * self.world.cat.sku.size + sku)[some]), qty[some])
        return total

    def still(self, days: int) -> np.ndarray:
        """By (day, pair): nothing changes on this day and those after it, ``days`` in all."""
        moved = np.concatenate([self.moved, np.ones((days, self.base.size), dtype=bool)])
        count = self.end - self.first
        return ~np.any([moved[k : k + count] for k in range(days)], axis=0)

    def days_between(self, loc: np.ndarray, sku: np.ndarray, begin: np.ndarray, until: np.ndarray) -> np.ndarray:
        """By (day, pair): some interval has begun and not ended on the day."""
        one = np.ones(loc.size, dtype=np.int64)
        begun = np.cumsum(self.by_day(loc, sku, begin, one), axis=0)
        ended = np.cumsum(self.by_day(loc, sku, until, one), axis=0)
        return begun > np.r_[np.zeros((1, self.base.size), dtype=np.int64), ended[:-1]]

    def latest(self, loc: np.ndarray, sku: np.ndarray, ts: np.ndarray, value: np.ndarray) -> np.ndarray:
        """By (day, pair): the value set last by the end of the day; 0 before any."""
        found = np.zeros((self.end - self.first, self.base.size), dtype=np.int64)
        day = np.maximum(self.world.clock.day(ts) - self.first, 0)
        some = np.flatnonzero(day < found.shape[0])
        some = some[np.argsort(ts[some], kind="stable")]
        found[day[some], (loc * self.world.cat.sku.size + sku)[some]] = value[some]
        index = np.where(found > 0, np.arange(found.shape[0])[:, None], 0)
        return np.take_along_axis(found, np.maximum.accumulate(index, axis=0), axis=0)

    def moments(self, loc: int, sku: int) -> Moments:
        """One pair's availability after each of its changes."""
        mine = self.changes.take((self.changes.loc == loc) & (self.changes.sku == sku))
        ts, at = np.unique(mine.ts, return_inverse=True)
        change = np.bincount(at.reshape(-1), weights=mine.qty, minlength=ts.size).astype(np.int64)
        return Moments(ts, self.base[loc * self.world.cat.sku.size + sku] + np.cumsum(change))

    def at(self, loc: np.ndarray, sku: np.ndarray, ts: np.ndarray) -> np.ndarray:
        """What is available of some pairs at some moments."""
        found = [
            self.moments(where, item).level_at(np.array([when]))[0]
            for where, item, when in zip(loc.tolist(), sku.tolist(), ts.tolist(), strict=True)  # a handful
        ]
        return np.array(found, dtype=np.int64)


class Moments:
    """A step function: ``level[k]`` from ``ts[k]`` on."""

    def __init__(self, ts: np.ndarray, level: np.ndarray) -> None:
        self.ts, self.level = ts, level

    def level_at(self, ts: np.ndarray) -> np.ndarray:
        at = np.searchsorted(self.ts, ts, side="right") - 1
        return np.where(at < 0, 0, self.level[np.maximum(at, 0)])

    def level_before(self, ts: np.ndarray) -> np.ndarray:
        return self.level_at(ts - 1)

    def seconds_empty(self, begin: np.ndarray, until: np.ndarray) -> np.ndarray:
        """How long nothing is available within each interval."""
        low = self.level <= 0
        since, to = self.ts[low], np.r_[self.ts[1:], NEVER][low]
        overlap = np.minimum(to[None, :], until[:, None]) - np.maximum(since[None, :], begin[:, None])
        return np.maximum(overlap, 0).sum(axis=1)


class Supply:
    """What is on its way to one pair: transfers and lines of purchase orders."""

    def __init__(self, lines: Cols, bought: Cols, loc: int, sku: int) -> None:
        t = lines.take((lines.loc == loc) & (lines.sku == sku))
        p = bought.take((bought.loc == loc) & (bought.sku == sku))
        self.asked, self.came = np.r_[t.created, p.sent], np.r_[t.received, p.done]
        self.sent, self.due = np.r_[t.shipped, p.sent], np.r_[t.day + 1, p.committed]

    def wait(self, cut: np.ndarray, day: np.ndarray, lead: int, least: int) -> np.ndarray:
        """Days from the end of each day to the next delivery; the lead time where none is on its way."""
        open_at = (self.sent[None, :] <= cut[:, None]) & (self.came[None, :] > cut[:, None])
        due = np.where(open_at, self.due[None, :], NEVER).min(axis=1, initial=NEVER)
        return np.where(due == NEVER, lead, np.minimum(np.maximum(due - day - 1, 0), max(lead, least)))


def stretches(true: np.ndarray, ts: np.ndarray) -> list[tuple[int, int]]:
    """Runs of moments at which something is true: from the first to the next that is not; NEVER where none follows."""
    edge = np.diff(np.r_[False, true, False].astype(np.int64))
    ends = np.r_[ts, NEVER][np.flatnonzero(edge == -1)]
    return list(zip(ts[np.flatnonzero(edge == 1)].tolist(), ends.tolist(), strict=True))


def levels(
    base: np.ndarray, loc: np.ndarray, sku: np.ndarray, ts: np.ndarray, qty: np.ndarray, at: np.ndarray
) -> np.ndarray:  # fmt: skip
    """Balances at some moments: (moments, locations, items)."""
    change = np.zeros((at.size + 1, *base.shape), dtype=np.int64)
    np.add.at(change, (np.searchsorted(at, ts, side="left"), loc, sku), qty)
    return base + np.cumsum(change, axis=0)[:-1]


def policies(world: World, frame: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """safety_stock_policy as (locations, items): safety stock, presentation minimum."""
    place = {name: number for number, name in enumerate(world.net.ids.tolist())}
    item = {name: number for number, name in enumerate(world.cat.sku.tolist())}
    at = tuple(
        frame[name].replace_strict(numbers, return_dtype=pl.Int64).to_numpy()
        for name, numbers in (("location_id", place), ("sku", item))
    )
    safety, shown = np.zeros((2, world.net.size, world.cat.sku.size), dtype=np.int64)
    safety[at], shown[at] = frame["safety_stock_qty"], frame["presentation_min_qty"]
    return safety, shown


def tell(
    truth: Truth, code: str, kind: int, key: str, spans: list[tuple[int, int]], near_ts: int, text: str,
    place: str | None = None, beside: int = -1,
) -> None:  # fmt: skip
    """The stretches in which a key's condition holds; a near miss at ``near_ts`` where it was not meant to, nor does.

    ``beside``: when other evidence arrives that it needs, too. What was meant as a near miss and holds all the same was
    injected.
    """
    if not spans and kind == NEAR_MISS:
        spans = [(near_ts, near_ts)]
    elif kind == NEAR_MISS:
        kind = INJECTED
    where = pl.Series([place], dtype=pl.String)
    for opened, ended in spans:
        truth.add(code, pl.Series([key]), kind, np.array([opened]), np.array([ended]), text, location=where,
                  beside=beside)  # fmt: skip


__all__ = ["Moments", "Running", "Supply", "levels", "policies", "stretches", "tell"]
