"""Faults of promotions' stock: more planned than there is, or not planned again in time; and the truth about them.

Belongs here: E45, E46, and the renewals that a calm world's planners never forget. Not here: promotions' prices
(``inject_prices``) and funding (``inject_funding``). Whether a plan exceeds the stock is read at every day's end.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from signalbox.simulate.availability import Running, policies, stretches, tell
from signalbox.simulate.catalogue import promo_name
from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, join
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.ledger import Stock
from signalbox.simulate.office import proposal_frame
from signalbox.simulate.truth import INJECTED, NEAR_MISS, Truth
from signalbox.simulate.writer import Writer

APPROVED, STATED, WINDOW, HISTORY, AHEAD = 9, 8, 7, 28, 14  # days


class PromotionStock:
    """E45 and E46 over the slices of a run."""

    def __init__(self, world: World, plan: Plan, truth: Truth, writer: Writer) -> None:
        self.world, self.plan, self.truth, self.writer = world, plan, truth, writer
        self.kinds: dict[tuple[str, int], int] = {}
        self.promised: dict[int, int] = {}
        self.free: list[np.ndarray] = []
        self.bought: list[Cols] = []
        self.started: list[Cols] = []
        self.wanted = bool(plan.count.get("E45") or plan.count.get("E46"))

    def masters(self, frames: dict[str, pl.DataFrame], opening: Cols) -> None:
        """Promotions that plan more than there is."""
        if not self.wanted:
            return
        self.kept = sum(policies(self.world, frames["safety_stock_policy"]))
        stock = np.zeros_like(self.kept)
        stock[opening.loc, opening.sku] = opening.qty
        frames["promotion_line"] = self._promises(frames["promotion_line"], stock)

    def _promises(self, lines: pl.DataFrame, stock: np.ndarray) -> pl.DataFrame:
        """E45: promotions planned for up to thrice what is free; the near misses for most of it."""
        cat, width = self.world.cat, self.world.cat.sku.size
        free = np.maximum(stock - self.kept, 0).sum(axis=0)
        item = {name: number for number, name in enumerate(cat.sku.tolist())}
        names = {name: number for number, name in enumerate(promo_name(np.arange(cat.promo_start.size)).tolist())}
        pair = (
            lines["promotion_id"].replace_strict(names, return_dtype=pl.Int64).to_numpy() * width
            + lines["sku"].replace_strict(item, return_dtype=pl.Int64).to_numpy()
        )
        planned = lines["planned_qty"].to_numpy().copy()
        total = np.bincount(pair, weights=planned, minlength=cat.promo_start.size * width).astype(np.int64)
        soon = (cat.promo_start >= APPROVED) & (cat.promo_start < self.world.clock.days - 1)
        fit = np.flatnonzero((total > 0) & np.repeat(soon, width))
        for near in (False, True):
            some = fit if not near else fit[total[fit] < free[fit % width] // 2]
            hit = self.plan.pick("E45", 0, self.world.clock.days, some, near)
            fit = np.setdiff1d(fit, hit)
            share = self.plan.stream("E45", 0, f"share {near}").uniform(*((0.6, 0.8) if near else (1.7, 3.0)), hit.size)
            for one, target in zip(hit.tolist(), (free[hit % width] * share).tolist(), strict=True):
                self.kinds["E45", one] = NEAR_MISS if near else INJECTED
                mine = pair == one
                planned[mine] = np.ceil(planned[mine] * target / total[one]).astype(np.int64)
        for one in {one for code, one in self.kinds if code == "E45"}:
            self.promised[one] = int(planned[pair == one].sum())
        margin = lines["planned_margin_amount"].to_numpy() * planned // np.maximum(lines["planned_qty"].to_numpy(), 1)
        return lines.with_columns(planned_qty=pl.Series(planned), planned_margin_amount=pl.Series(margin))

    def renewals(self, proposed: pl.DataFrame, bought: Cols, lines: Cols, first: int, end: int) -> pl.DataFrame:
        """replenishment_proposal with one for each promoted item after its approval.

        E46: forgotten for items that nothing else renews in time; the near misses are renewed at the last moment.
        """
        world, clock = self.world, self.world.clock
        if not world.scale.is_calm:
            return proposed
        promo, sku = np.nonzero(world.cat.promo_items)
        zero = np.zeros(promo.size, dtype=np.int64)
        start = world.cat.promo_start[promo]
        begin = clock.utc(start, zero)
        approved, due = begin - APPROVED * DAY, begin - WINDOW * DAY
        now = (clock.day(approved) >= first) & (clock.day(approved) < end)
        covered = _renewed(started(proposed, bought, lines), sku, approved) <= due + DAY
        fit = np.flatnonzero(now & ~covered & (start - WINDOW > HISTORY) & (start - WINDOW < end - 1))
        hit = self.plan.pick("E46", first, end, fit)
        close = self.plan.pick("E46", first, end, np.setdiff1d(fit, hit), near=True)
        for kind, some in ((INJECTED, hit), (NEAR_MISS, close)):
            self.kinds |= {("E46", one): kind for one in (promo * self.world.cat.sku.size + sku)[some].tolist()}
        when = approved + 2 * HOUR + sku * 977 % (20 * HOUR)
        when[close] = due[close] - self.plan.minutes("E46", first, close.size, 5, 240)
        some = np.setdiff1d(np.flatnonzero(now), hit)
        n = some.size
        none = np.full(n, -1)
        asked = proposal_frame(Cols(
            number=9_000_000_000_000 + promo[some] * 1_000_000 + sku[some], loc=np.full(n, world.net.dcs[0]),
            sku=sku[some], kind=np.zeros(n, dtype=np.int64), qty=world.cat.pack[sku[some]],
            need=clock.epoch_day(start[some]).astype(np.int64), ts=when[some], decided=when[some] + 3 * HOUR,
            po=none, line=none, tr=none,
        ), np.full(n, 2))  # fmt: skip
        return pl.concat([proposed, asked])

    def seen(
        self, stock: Stock, rows: Cols, held: Cols, lines: Cols, bought: Cols, proposed: pl.DataFrame,
        first: int, end: int,
    ) -> None:  # fmt: skip
        """Keep what the truth needs of a slice, before its movements are applied."""
        if not self.wanted:
            return
        way = [(lines.shipped, lines.qty), (lines.received, -lines.qty)]
        running = Running(self.world, stock, rows, held, lines, first, end)
        level = running.level.reshape(-1, *stock.on_hand.shape)
        inside = [np.cumsum(running.by_day(lines.loc, lines.sku, ts, qty), axis=0) for ts, qty in way]
        free = np.maximum(level - self.kept, 0) + (inside[0] + inside[1]).reshape(level.shape)
        self.free.append(free.sum(axis=1))
        self.bought.append(bought)
        self.started.append(started(proposed, bought, lines))

    def finish(self) -> None:
        """The truth of the whole run."""
        if not self.wanted:
            return
        free, bought, made = np.concatenate(self.free), join(self.bought), join(self.started)
        clock, cat = self.world.clock, self.world.cat
        zero = np.zeros(cat.promo_start.size, dtype=np.int64)
        begins, ends = clock.utc(cat.promo_start, zero), clock.utc(cat.promo_end, zero)
        for (code, one), kind in self.kinds.items():
            promo, sku = divmod(one, cat.sku.size)
            begin, end = int(begins[promo]), int(ends[promo])
            key = f"{promo_name(promo)}|{cat.sku[sku]}"
            planned = int(self.writer.covering("promotion_line", np.array([begin - STATED * DAY + 1]))[0])
            if code == "E46":
                renewed = _renewed(made, np.array([sku]), np.array([begin - APPROVED * DAY]))
                due, ended = begin - WINDOW * DAY, min(int(renewed[0]), end)
                spans = [(due, ended)] if ended > due and due < clock.end_ts else []
                tell(self.truth, code, kind, key, spans, begin, "the promotion's stock was not planned again",
                     beside=planned)  # fmt: skip
                continue
            days = np.arange(
                max(0, int(cat.promo_start[promo]) - APPROVED), min(clock.days, int(cat.promo_end[promo]) - 1)
            )
            mine = bought.take(bought.sku == sku)
            cuts = np.array([clock.midnight(day + 1) for day in days.tolist()], dtype=np.int64)
            least = [
                _least(int(free[day, sku]), self.promised[one], mine, int(cut), day, begin, end, clock.utc)
                for day, cut in zip(days.tolist(), cuts.tolist(), strict=True)
            ]  # fmt: skip
            spans = [(b, min(e, end)) for b, e in stretches(np.array(least) < 0, cuts)]
            tell(self.truth, code, kind, key, spans, begin, "more planned for the promotion than there is",
                 beside=planned)  # fmt: skip


def started(proposed: pl.DataFrame, bought: Cols, lines: Cols) -> Cols:
    """When anything was proposed, ordered or sent of an item."""
    made = proposed.filter(pl.col("version_no") == 1)
    return Cols(
        sku=np.r_[made["sku"].to_numpy().astype(np.int64), bought.sku, lines.sku],
        ts=np.r_[made["created_ts"].to_numpy().astype(np.int64), bought.sent, lines.created],
    )


def _renewed(made: Cols, sku: np.ndarray, after: np.ndarray) -> np.ndarray:
    """When an item was first planned after a moment; NEVER where it was not."""
    keys = np.sort(made.sku << 40 | np.minimum(made.ts, (1 << 40) - 1))
    at = np.searchsorted(keys, sku << 40 | after, side="right")
    found = keys[np.minimum(at, keys.size - 1)] if keys.size else sku
    return np.where((at < keys.size) & (found >> 40 == sku), found & (1 << 40) - 1, NEVER)


def _least(free: int, planned: int, x: Cols, cut: int, day: int, begin: int, end: int, utc: Any) -> float:
    """The lowest stock until the promotion's end, as seen at the end of a day, when it sells evenly as planned."""
    coming = x.take((x.sent <= cut) & (x.done > cut) & (x.committed <= day + AHEAD))
    due = np.maximum(utc(coming.committed, np.zeros(coming.size, dtype=np.int64)), cut)
    coming, due = coming.take(due < end), due[due < end]
    points = np.r_[due, end]
    before = (coming.qty[None, :] * (due[None, :] < points[:, None])).sum(axis=1)
    used = planned * np.clip((points - max(cut, begin)) / (end - begin), 0, 1)
    return float((free + before - used).min())


__all__ = ["PromotionStock"]
