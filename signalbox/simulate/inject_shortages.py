"""Faults of running availability: items that run short, run out or are not ordered again; and the truth about them.

Belongs here: E36a, E36b, E36c. Not here: what is planned wrongly (``inject_surplus``), a ledger that is wrong in itself
(``inject_stock``, ``inject_supply``). A fault takes units out of sale at a place and gives them back later: they are
put on hold and released, counted too low and counted again, or damaged and replaced by a transfer. The truth follows
from what is available moment by moment, so that a shortage that meets a second condition is told under both.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from signalbox.simulate import ledger
from signalbox.simulate.availability import Moments, Running, Supply, stretches
from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, join
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.ledger import ADJUST, COUNT, REASONS, REF_COUNT, REF_NONE, SALE, STATES, Stock, movement
from signalbox.simulate.network import DC, STORE, TPL
from signalbox.simulate.office import proposal_frame
from signalbox.simulate.truth import INJECTED, NEAR_MISS, Truth

CODES = ("E36a", "E36b", "E36c")
WINDOW, FEWEST_DAYS, LANE, LEAST_LEAD = 28, 20, 1, 7  # days
HOLD, MISCOUNT, DAMAGE = range(3)
TEXT = {
    "E36a": "what is available does not last until the next delivery",
    "E36b": "nothing available for half of a day's open hours",
    "E36c": "at its reorder point, and nobody orders",
}


@dataclass
class Slice:
    """What happens in the days ``first`` to ``end - 1``; ``proposed`` as Cols of what was decided."""

    rows: Cols
    held: Cols
    lines: Cols
    bought: Cols
    proposed: Cols
    first: int
    end: int
    running: Running = field(init=False)


def proposals_of(frame: pl.DataFrame) -> Cols:
    """The decided versions of replenishment_proposal."""
    done = frame.filter(pl.col("version_no") == 2)
    names = {
        "loc": "location_id",
        "sku": "sku",
        "ts": "created_ts",
        "decided": "decided_ts",
        "point": "reorder_point_qty",
    }
    return Cols(**{name: done[column].to_numpy().astype(np.int64) for name, column in names.items()})


class Shortages:
    """E36a, E36b and E36c over the slices of a run."""

    def __init__(self, world: World, plan: Plan, truth: Truth) -> None:
        self.world, self.plan, self.truth = world, plan, truth
        self.held: list[Cols] = []
        self.busy = np.asarray(world.cat.promo_items.any(axis=0))

    def strike(
        self, stock: Stock, rows: Cols, held: Cols, lines: Cols, bought: Cols, proposed: pl.DataFrame,
        first: int, end: int,
    ) -> tuple[Cols, dict[str, pl.DataFrame], Cols]:  # fmt: skip
        """The slice's movements with those of the faults, the frames of what replaces units, and all transfers."""
        if not any(self.plan.count.get(code) for code in CODES):
            return rows, {}, lines
        held = join([*self.held, held])
        self.held = [held.take(held.end >= self.world.clock.midnight(end))]
        s = Slice(rows, held, lines, bought, proposals_of(proposed), first, end)
        s.running = Running(self.world, stock, rows, held, lines, first, end)
        taken: list[Cols] = []
        for code in CODES:
            for near in (False, True):
                taken.append(self._victims(s, code, near, taken))
        hit = join(taken)
        if hit.size == 0:
            return rows, {}, lines
        more, asked = self._replacements(hit, first)
        moves = join([*self._moves(hit, first), ledger.Stock.transfer_moves(stock, more)])
        rows = join([rows, moves])
        s.rows = rows.take(np.lexsort((rows.id, rows.qty < 0, rows.ts)))
        s.lines = join([lines, more])
        s.proposed = join([s.proposed, proposals_of(asked)])
        s.running = Running(self.world, stock, s.rows, held, s.lines, first, end)
        for k in range(hit.size):  # a handful
            self._truth(s, hit.take(slice(k, k + 1)))
        frames = {"replenishment_proposal": asked, "transfer_line": ledger.transfer_frame(self.world, more)}
        return s.rows, frames, s.lines

    # who is struck

    def _victims(self, s: Slice, code: str, near: bool, taken: list[Cols]) -> Cols:
        """Places and items with the time, what is left, and how it happens."""
        find = {"E36a": self._lasting, "E36b": self._quiet, "E36c": self._ordered}[code]
        day, pair, left = find(s, near)
        width = self.world.cat.sku.size
        free = ~self.busy[pair % width]
        free &= ~np.isin(pair, np.concatenate([[-1], *(x.loc * width + x.sku for x in taken)]))
        day, pair, left = day[free], pair[free], left[free]
        once = self.plan.stream(code, s.first, f"days {near}").permutation(pair.size)
        _, at = np.unique(pair[once], return_index=True)  # one day of each pair, by chance
        at = once[at]
        some = at[self.plan.pick(code, s.first, s.end, np.arange(at.size), near)]
        loc, sku = np.divmod(pair[some], width)
        n = some.size
        rng = self.plan.stream(code, s.first, f"size {near}")
        zone = self.world.net.zone[loc]
        how = rng.integers(0, 2, n)
        if code == "E36a":
            begin = self.world.clock.utc(day[some], rng.integers(6 * HOUR, 15 * HOUR, n), zone)
            until = self.world.clock.utc(day[some] + 1, rng.integers(5 * HOUR, 18 * HOUR, n), zone)
        elif code == "E36b":
            begin = self.world.clock.utc(day[some], rng.integers(HOUR // 6, HOUR, n), zone)
            later = np.zeros(n, dtype=np.int64) if near else rng.integers(0, 3, n)
            low, high = (8 * HOUR, 11 * HOUR) if near else (13 * HOUR, 20 * HOUR)
            until = self.world.clock.utc(day[some] + later, rng.integers(low, high, n), zone)
        else:
            begin = self.world.clock.utc(day[some], rng.integers(9 * HOUR, 17 * HOUR, n), zone)
            until = begin + (rng.integers(16 * HOUR, 23 * HOUR, n) if near else rng.integers(27 * HOUR, 96 * HOUR, n))
            how = np.where(np.arange(n) % 2 == 0, DAMAGE, MISCOUNT)
        return Cols(
            loc=loc, sku=sku, begin=begin, until=until, left=left[some], how=how,
            code=np.full(n, CODES.index(code)), near=np.full(n, near),
            qty=s.running.at(loc, sku, begin) - left[some],
        )  # fmt: skip

    def _lasting(self, s: Slice, near: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """E36a: warehouse items that sell, none due, left with some days less (or, near, more) than the lead time."""
        grid, world = s.running, self.world
        pairs = np.arange(grid.level.shape[1])
        warehouse = np.isin(world.net.kind[pairs // world.cat.sku.size], (DC, TPL))
        due = grid.days_between(s.bought.loc, s.bought.sku, s.bought.sent - DAY, s.bought.done)
        sold = np.cumsum(self._sold(s), axis=0)
        last = grid.level.shape[0] - 3
        coming = due[:last] | due[1 : last + 1] | due[2 : last + 2]
        day, pair = np.nonzero(warehouse[None, :] & ~coming)
        some = day >= WINDOW + 1
        day, pair = day[some], pair[some]
        need = LEAST_LEAD * (sold[day, pair] - sold[day - WINDOW, pair]) / WINDOW
        gone = grid.out[day, pair] + grid.out[day + 1, pair]
        left = np.where(near, np.ceil(need * 1.1) + gone + 1, np.floor(need * 0.85)).astype(np.int64)
        fit = (left > gone) & (left < grid.level[day - 1, pair] - gone - 4) & (need >= 2)
        return (day + s.first)[fit], pair[fit], left[fit]

    def _quiet(self, s: Slice, near: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """E36b: items of stores of which nothing moves for three days."""
        grid, world = s.running, self.world
        is_store = world.net.kind[np.arange(grid.level.shape[1]) // world.cat.sku.size] == STORE
        still = grid.still(3)
        day, pair = np.nonzero(still & is_store[None, :])
        fit = (day >= 2) & (grid.level[np.maximum(day - 1, 0), pair] >= 3)
        return (day + s.first)[fit], pair[fit], np.zeros(int(fit.sum()), dtype=np.int64)

    def _ordered(self, s: Slice, near: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """E36c: items of stores with a reorder point, still for six days and with nothing on the way."""
        grid, world = s.running, self.world
        is_store = world.net.kind[np.arange(grid.level.shape[1]) // world.cat.sku.size] == STORE
        coming = grid.days_between(s.lines.loc, s.lines.sku, s.lines.created - DAY, s.lines.received)
        point = grid.latest(s.proposed.loc, s.proposed.sku, s.proposed.ts, s.proposed.point)
        still = grid.still(6)
        for k in range(6):
            still[: still.shape[0] - k] &= ~coming[k:]
        day, pair = np.nonzero(still & is_store[None, :])
        fit = day >= 2
        day, pair = day[fit], pair[fit]
        at = point[day - 1, pair]
        fit = (at >= 2) & (grid.level[day - 1, pair] > at + 4)
        day, pair, at = day[fit], pair[fit], at[fit]
        left = 1 + (pair + day) % np.maximum(at, 1)
        return day + s.first, pair, left

    def _sold(self, s: Slice) -> np.ndarray:
        """Units sold by day and pair: at the till, and on the day of the order where it is served from."""
        tills = s.rows.take(s.rows.kind == SALE)
        sold = s.running.by_day(tills.loc, tills.sku, tills.ts, -tills.qty)
        return sold + s.running.by_day(s.held.loc, s.held.sku, s.held.begin, s.held.qty)

    # what happens

    def _moves(self, hit: Cols, first: int) -> list[Cols]:
        number = 6_650_000_000_000 + first * 10_000_000 + np.arange(hit.size) * 10
        parts = []
        for step, (sign, when) in enumerate(((-1, hit.begin), (1, hit.until))):
            for how, kind, ref, reason in (
                (HOLD, ADJUST, REF_NONE, "other"), (MISCOUNT, COUNT, REF_COUNT, "recount"),
                (DAMAGE, ADJUST, REF_NONE, "damage"),
            ):  # fmt: skip
                some = np.flatnonzero((hit.how == how) & ((how != DAMAGE) | (step == 0)))
                ids, x = number[some] + 2 * step, hit.take(some)
                parts.append(movement(ids, x.loc, x.sku, kind, sign * x.qty, when[some], ref, ids,
                                      reason=REASONS.index(reason)))  # fmt: skip
                if how == HOLD:
                    parts.append(movement(ids + 1, x.loc, x.sku, kind, -sign * x.qty, when[some], ref, ids,
                                          state=STATES.index("hold"), reason=REASONS.index(reason)))  # fmt: skip
        return parts

    def _replacements(self, hit: Cols, first: int) -> tuple[Cols, pl.DataFrame]:
        """Transfers that make good what was damaged, and the proposals that led to them."""
        clock, net = self.world.clock, self.world.net
        x = hit.take(hit.how == DAMAGE)
        n = x.size
        day = clock.day(x.until) + 1
        south = np.isin(net.region[x.loc], (2, 3, 4))
        lines = Cols(
            loc=x.loc, sku=x.sku, qty=x.qty, day=day, source=np.where(south, net.dcs[1], net.dcs[0]),
            no=300_000_500 + day * 1000 + x.loc, line=np.arange(n) + 1,
            created=clock.utc(day, np.full(n, 2 * HOUR)) + x.loc % 600,
            shipped=clock.utc(day, np.full(n, 15 * HOUR)) + x.loc * 7 % 1500,
            received=clock.utc(day + 1, 10 * HOUR + x.loc * 13 % 5400, net.zone[x.loc]), got=x.qty,
        )  # fmt: skip
        none = np.full(n, -1)
        asked = proposal_frame(Cols(
            number=(lines.no * 1000 + lines.line) * 10 + 3, loc=x.loc, sku=x.sku, kind=np.ones(n, dtype=np.int64),
            qty=x.qty, need=clock.epoch_day(day + 1).astype(np.int64), ts=x.until, decided=lines.created - HOUR,
            po=none, line=none, tr=lines.no,
        ), np.ones(n, dtype=np.int64))  # fmt: skip
        return lines, asked.with_columns(reorder_point_qty=pl.lit(2, dtype=pl.Int64))

    # what is true of it

    def _truth(self, s: Slice, hit: Cols) -> None:
        """The stretches of one pair in which a condition holds, and the near miss where the one meant does not."""
        loc, sku = int(hit.loc[0]), int(hit.sku[0])
        place = pl.Series([str(self.world.net.ids[loc])])
        key = pl.Series([f"{self.world.cat.sku[sku]}|"]) + place
        moments = s.running.moments(loc, sku)
        out = self._out_days(moments, loc, s)
        found = {"E36a": self._risk(s, moments, loc, sku, out), "E36b": self._out(loc, s, out),
                 "E36c": self._late(s, moments, loc, sku)}  # fmt: skip
        for code, spans in found.items():
            for opened, ended in spans:
                self.truth.add(code, key, INJECTED, np.array([opened]), np.array([ended]), TEXT[code], location=place)
            if hit.near[0] and CODES[hit.code[0]] == code and not spans:
                self.truth.add(code, key, NEAR_MISS, hit.begin, hit.begin, "short, but not so that it matters",
                               location=place)  # fmt: skip

    def _hours(self, loc: int, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        hours, zone = self.world.net.hours, self.world.net.zone[loc]
        at = (np.full(day.size, hours.opens[loc]), np.full(day.size, hours.closes[loc]))
        return self.world.clock.utc(day, at[0], zone), self.world.clock.utc(day, at[1], zone)

    def _out_days(self, moments: Moments, loc: int, s: Slice) -> np.ndarray:
        """By day of the slice: nothing available for half of the open hours."""
        day = np.arange(s.first, s.end)
        opens, closes = self._hours(loc, day)
        is_open = self.world.net.weekdays[loc, self.world.clock.weekday(day) - 1]
        return is_open & (2 * moments.seconds_empty(opens, closes) >= closes - opens)

    def _out(self, loc: int, s: Slice, out: np.ndarray) -> list[tuple[int, int]]:
        """E36b: from the close of the first day to that of the next open day on which there is stock."""
        day = np.arange(s.first, s.end)
        day = day[self.world.net.weekdays[loc, self.world.clock.weekday(day) - 1]]
        return stretches(out[day - s.first], self._hours(loc, day)[1])

    def _risk(self, s: Slice, moments: Moments, loc: int, sku: int, out: np.ndarray) -> list[tuple[int, int]]:
        """E36a at the ends of days: what four weeks sold a day, until the next delivery, is more than there is."""
        clock, day = self.world.clock, np.arange(s.first, s.end)
        pair = loc * self.world.cat.sku.size + sku
        sold = np.cumsum(np.r_[0, np.where(out, 0, self._sold(s)[:, pair])])
        empty = np.cumsum(np.r_[0, out])
        begin = np.maximum(day - s.first + 1 - WINDOW, 0)
        count = np.minimum(day, WINDOW) - (empty[1:] - empty[begin])
        cut = np.array([clock.midnight(d + 1) for d in day.tolist()])
        wait = Supply(s.lines, s.bought, loc, sku).wait(
            cut, day, LANE if (s.lines.loc == loc).any() else int(self.world.cat.lead_days[sku]), LEAST_LEAD
        )
        have = np.maximum(moments.level_before(cut), 0)
        return stretches((count >= FEWEST_DAYS) & ~out & ((sold[1:] - sold[begin]) * wait > have * count), cut)

    def _late(self, s: Slice, moments: Moments, loc: int, sku: int) -> list[tuple[int, int]]:
        """E36c: a day at or below the reorder point with nothing proposed, ordered or sent."""
        end_ts = self.world.clock.midnight(s.end)
        mine = s.proposed.take((s.proposed.loc == loc) & (s.proposed.sku == sku))
        supply = Supply(s.lines, s.bought, loc, sku)
        begin, until = np.r_[mine.ts, supply.asked], np.r_[mine.decided, supply.came]
        times = np.unique(np.r_[moments.ts, mine.ts, begin, until])
        times = times[times < end_ts]
        point = np.array([(mine.point[mine.ts <= t][-1:].tolist() or [-NEVER])[0] for t in times.tolist()])
        under = np.array([((begin <= t) & (until > t)).sum() == 0 for t in times.tolist()])
        low = under & (moments.level_at(times) <= point)
        found = stretches(low, times)
        return [(b + DAY, e) for b, e in found if min(e, end_ts) > b + DAY]


__all__ = ["Shortages", "proposals_of"]
