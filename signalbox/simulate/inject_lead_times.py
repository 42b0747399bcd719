"""Faults of lead times: a supplier who can no longer deliver in the time quoted, and the truth about it.

Belongs here: E61b. Not here: one late order (``inject_supply``), short or wrong deliveries (``inject_supplier``).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.catalogue import supplier_name
from signalbox.simulate.clock import HOUR
from signalbox.simulate.cols import Cols, join
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.network import DC
from signalbox.simulate.truth import INJECTED, NEAR_MISS, ORDINARY, Truth

RECEIPTS, DAYS, SHARE = 10, 2, 0.2  # the last deliveries, and the two limits of their median over the quote
PIECES = 5  # in which an order comes at least


class LeadTimes:
    """Which suppliers slip at which place, and all deliveries so far."""

    def __init__(self, world: World, plan: Plan, truth: Truth) -> None:
        self.world, self.plan, self.truth = world, plan, truth
        self.seen: list[Cols] = []
        dcs = np.flatnonzero(world.net.kind == DC)
        items = np.stack([np.bincount(world.cat.supplier, world.cat.ranged[dc]) for dc in dcs], axis=1)
        supplier, which = np.nonzero(items >= 2 * PIECES)
        pairs = supplier * world.net.size + dcs[which]
        self.hit = plan.pick("E61b", 0, plan.days, pairs)
        self.close = plan.pick("E61b", 0, plan.days, np.setdiff1d(pairs, self.hit), near=True)

    def slip(self, x: Cols) -> None:
        """E61b: from some day on a supplier makes what is ordered piece by piece, days after the quote.

        Near misses deliver piecemeal, too, but no more than two days late. Every other supplier says so beforehand.
        The size of a fault is the fewest days that its first pieces are late.
        """
        if self.hit.size + self.close.size == 0:
            return
        x.committed, x.changed = x.committed.copy(), x.changed.copy()
        for near, pairs in ((False, self.hit), (True, self.close)):
            rng = self.plan.stream("E61b", 0, "near size" if near else "size")
            for turn, pair in enumerate(pairs):  # a handful of suppliers
                begin = int(rng.integers(0, max(self.plan.days // 20, 1)))
                pieces, first = int(rng.integers(PIECES, PIECES + 2)), DAYS + max(self.plan.size_of("E61b"), 1)
                late = int(rng.integers(first, first + 3))
                some = np.flatnonzero((_pair(self.world, x) == pair) & (x.day >= begin))
                piece = x.line[some] % pieces
                wait = np.minimum(piece, DAYS) if near else late + piece
                self._move(x, some, wait, late=not near)
                if turn % 2 == 0:
                    x.committed[some], x.changed[some] = self.world.clock.local(x.arrived[some])[0], wait > 0

    def _move(self, x: Cols, some: np.ndarray, days: np.ndarray, late: bool) -> None:
        """All that follows from the arrival moves with it; from a Sunday to the Monday, a near miss to the Saturday."""
        clock = self.world.clock
        came, _ = clock.local(x.arrived[some])
        day = came + days
        day = day + np.where(clock.weekday(day) == 7, 1 if late else -1, 0)
        shift = clock.utc(day, np.full(some.size, 8 * HOUR)) - clock.utc(came, np.full(some.size, 8 * HOUR))
        for name in ("arrived", "receipt", "putaway", "invoiced", "asn", "done"):
            getattr(x, name)[some] += shift

    def note(self, x: Cols) -> None:
        """Keep the deliveries of finished orders, where the truth asks for it: what one day completed of one order."""
        if self.hit.size + self.close.size == 0:
            return
        clock, zone = self.world.clock, self.world.net.zone[x.loc]
        lead = clock.local(x.done, zone)[0] - clock.local(x.sent, zone)[0]
        seen = x.done <= clock.end_ts
        self.seen.append(Cols(
            pair=_pair(self.world, x), no=x.no, day=clock.day(x.done), ts=x.done, lead=lead, quote=x.lead,
        ).take(seen))  # fmt: skip

    def finish(self) -> None:
        """The truth: stretches in which most of the last deliveries were late by both limits."""
        if not self.seen:
            return
        lines = join(self.seen)
        frame = pl.DataFrame({name: getattr(lines, name) for name in ("pair", "no", "day", "ts", "lead", "quote")})
        some = frame.group_by("pair", "no", "day", maintain_order=True).agg(
            pl.col("ts", "lead", "quote").max()
        ).sort("ts", "no").with_columns(slip=pl.col("lead") - pl.col("quote"))  # fmt: skip
        most = RECEIPTS // 2
        over = some.with_columns(
            slow=_most((pl.col("slip") > DAYS) & (pl.col("slip") > SHARE * pl.col("quote"))) > most,
            fast=_most((pl.col("slip") * 2 < DAYS) & (pl.col("slip") * 2 < SHARE * pl.col("quote"))) > most,
        )
        for (pair,), rows in over.group_by("pair", maintain_order=True):
            self._tell(int(pair), rows)

    def _tell(self, pair: int, rows: pl.DataFrame) -> None:
        ts = rows["ts"].to_numpy()
        slow, fast = rows["slow"].fill_null(False).to_numpy(), rows["fast"].fill_null(False).to_numpy()
        supplier, loc = divmod(pair, self.world.net.size)
        place = str(self.world.net.ids[loc])
        key = pl.Series([f"{supplier_name(np.array([supplier]))[0]}|{place}"])
        kind, at = INJECTED if pair in self.hit else ORDINARY, 0
        while at < ts.size and slow[at:].any():
            begin = at + int(np.argmax(slow[at:]))
            at = begin + int(np.argmax(fast[begin:])) if fast[begin:].any() else ts.size
            closed = np.array([ts[at] if at < ts.size else NEVER])
            self.truth.add(
                "E61b", key, kind, ts[begin : begin + 1], closed, "deliveries later than quoted",
                location=pl.Series([place]),
            )  # fmt: skip
        if pair in self.close and not slow.any():
            self.truth.add("E61b", key, NEAR_MISS, ts[-1:], ts[-1:], "deliveries at the limit of what was quoted")


def _pair(world: World, x: Cols) -> np.ndarray:
    return x.supplier * world.net.size + x.loc


def _most(is_so: pl.Expr) -> pl.Expr:
    """How many of the last deliveries of a pair were so; null before there are enough."""
    return is_so.cast(pl.Int64).rolling_sum(RECEIPTS).over("pair")
