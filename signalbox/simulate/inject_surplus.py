"""Faults of too much stock: lines ordered many times too large, seasons that end with stock; and the truth about them.

Belongs here: E37a, E37b. Not here: what runs short (``inject_shortages``), promotions (``inject_promotions``). Victims
are chosen by what the planners could have known; whether a condition then holds is read from the stock of each Monday.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate import planning, purchasing
from signalbox.simulate.availability import levels, policies, tell
from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, join
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.ledger import ADJUST, REASONS, REF_NONE, Stock, movement
from signalbox.simulate.network import CHANNELS, CURRENCIES, WEB
from signalbox.simulate.truth import INJECTED, NEAR_MISS, ORDINARY, Truth

COVER, MULTIPLE, LIMIT = 42, 2, 1000_0000  # days; times the cover; ten-thousandths of a euro
SEASON, CLEARANCE = 56, 0.5  # days before its end; share of the price
TAX = np.array([1900, 700, 0])


class Surplus:
    """E37a and E37b over the slices of a run."""

    def __init__(self, world: World, plan: Plan, truth: Truth) -> None:
        self.world, self.plan, self.truth = world, plan, truth
        self.kinds: dict[tuple[str, int], int] = {}
        self.until: dict[int, int] = {}
        self.markdown: dict[int, int] = {}
        self.issued: list[np.ndarray] = []
        self.daily: list[np.ndarray] = []
        self.on_hand: list[np.ndarray] = []
        self.owned: list[np.ndarray] = []
        self.wanted = bool(plan.count.get("E37a") or plan.count.get("E37b"))
        self.busy = np.asarray(world.cat.promo_items.any(axis=0))

    def masters(self, frames: dict[str, pl.DataFrame], opening: Cols) -> None:
        """Seasons that end soon after the run, and the markdowns approved for some of them."""
        if not self.wanted:
            return
        self.safety, _ = policies(self.world, frames["safety_stock_policy"])
        stock = np.zeros_like(self.safety)
        stock[opening.loc, opening.sku] = opening.qty
        frames["assortment"], marked = self._seasons(frames["assortment"], stock)
        frames["price_list"] = pl.concat([frames["price_list"], marked], how="diagonal_relaxed")

    def _seasons(self, ranged: pl.DataFrame, stock: np.ndarray) -> tuple[pl.DataFrame, pl.DataFrame]:
        """E37b: dear items whose season ends soon after the run. Near misses are cheap, or marked down in time."""
        world, clock = self.world, self.world.clock
        fit = np.flatnonzero(~self.busy & (world.cat.drop_node < 0) & (np.arange(self.busy.size) % 50 != 7))
        lost = stock.sum(axis=0) * self._fall()
        dear = fit[lost[fit] > 1.5 * LIMIT]
        cheap = fit[(lost[fit] > 0.5 * LIMIT) & (lost[fit] < 0.9 * LIMIT)]
        hit = self.plan.pick("E37b", 0, clock.days, dear)
        close = self.plan.pick("E37b", 0, clock.days, np.r_[cheap, np.setdiff1d(dear, hit)], near=True)
        both = np.r_[hit, close]
        rng = self.plan.stream("E37b", 0, "ends")
        more, wait = rng.integers(3, 30, both.size), rng.integers(3, 12, both.size)
        self.until = dict(zip(both.tolist(), (clock.days + more).tolist(), strict=True))
        self.kinds |= {("E37b", sku): NEAR_MISS if k >= hit.size else INJECTED for k, sku in enumerate(both.tolist())}
        late, soon = clock.days - wait, clock.days + more - SEASON - wait
        marked = np.where(np.isin(both, close), np.isin(both, dear), np.arange(both.size) % 2 == 1)
        when = clock.utc(np.where(np.isin(both, close), soon, late), np.full(both.size, 11 * HOUR))
        self.markdown = dict(zip(both[marked].tolist(), when[marked].tolist(), strict=True))
        ends = {str(world.cat.sku[sku]): clock.date(day) for sku, day in self.until.items()}
        if ends:
            ranged = ranged.with_columns(
                valid_to=pl.col("sku").replace_strict(ends, default=None, return_dtype=pl.Date)
            )
        return ranged, self._markdowns()

    def _markdowns(self) -> pl.DataFrame:
        """Approved markdowns that begin after the run."""
        sku, approved = np.array(list(self.markdown.items()), dtype=np.int64).reshape(-1, 2).T
        channel = np.tile(np.arange(len(CHANNELS)), sku.size)
        sku, approved = np.repeat(sku, len(CHANNELS)), np.repeat(approved, len(CHANNELS))
        n = sku.size
        return pl.DataFrame({
            "price_id": 950_000_000 + sku * 10 + channel, "sku": sku,
            "channel_id": pl.Series(np.array(CHANNELS)[channel], dtype=pl.String),
            "price_type": pl.repeat("markdown", n, dtype=pl.String, eager=True),
            "price_amount": self.world.cat.price[sku, channel] * 60,
            "currency_code": pl.Series(np.array(CURRENCIES)[channel], dtype=pl.String),
            "priority_no": np.full(n, 3), "approved_ts": approved,
            "valid_from_ts": np.full(n, self.world.clock.end_ts + 2 * DAY), "updated_ts": approved,
        })  # fmt: skip

    def _fall(self) -> np.ndarray:
        """What a unit loses in a clearance, in ten-thousandths of a euro, by item."""
        cat = self.world.cat
        return cat.price[:, WEB] * 10_000 * 100 / (10_000 + TAX[cat.tax]) * CLEARANCE

    def overorder(self, stock: Stock, rows: Cols, bought: Cols, first: int, end: int) -> Cols:
        """E37a: a line ordered many times larger than proposed. Returns what is sent back: some of it, weeks later."""
        bought.beyond = np.zeros(bought.size, dtype=np.int64)
        if not self.plan.count.get("E37a"):
            return _nothing()
        issued, daily = self._forecasts(first, end)
        x, days = bought, self.world.clock.day(issued)
        every = join([rows, purchasing.moves(x)])
        owned = levels(stock.on_hand, every.loc, every.sku, every.ts, every.qty, issued)
        value = self._excess(owned, daily, days)
        at = np.searchsorted(issued, x.done + HOUR)
        free = ~self.busy & ~np.isin(np.arange(self.busy.size), list(self.until))
        fit = np.flatnonzero((at < issued.size - 1) & free[x.sku] & (x.rest >= NEVER))
        fit = fit[daily[at[fit], x.loc[fit], x.sku[fit]] > 0]
        fit = self.plan.stream("E37a", first, "lines").permutation(fit)
        fit = np.sort(fit[np.unique(x.loc[fit] * self.busy.size + x.sku[fit], return_index=True)[1]])
        back: list[Cols] = []
        for near in (False, True):
            hit = self.plan.pick("E37a", first, end, fit, near)
            fit = np.setdiff1d(fit, hit)
            low, high = (0.75, 0.95) if near else (1.3, 3.5)
            share = self.plan.stream("E37a", first, f"share {near}").uniform(low, high, hit.size)
            for k, aim in zip(hit.tolist(), share.tolist(), strict=True):
                loc, sku, week = int(x.loc[k]), int(x.sku[k]), int(at[k])
                cost = int(self.world.cat.unit_cost(x.sku[k], x.day[k]))
                now = value[week:, loc, sku].max() if near else value[week, loc, sku]
                more = (aim * LIMIT - now) / cost
                if not near:
                    more = max(more, 1.2 * MULTIPLE * COVER * daily[week, loc, sku] - owned[week, loc, sku])
                more = max(int(more), 0)
                for name in ("qty", "got", "noticed"):
                    getattr(x, name)[k] += more
                x.beyond[k] = more
                self.kinds["E37a", loc * self.busy.size + sku] = NEAR_MISS if near else INJECTED
                if not near and len(back) == 0:
                    back.append(self._returned(x, k, more, first))
        return join([_nothing(), *back])

    def _returned(self, x: Cols, k: int, more: int, first: int) -> Cols:
        """The surplus goes back to the supplier."""
        number = np.array([6_660_000_000_000 + first * 10_000_000])
        when = x.done[k : k + 1] + 11 * DAY
        return movement(number, x.loc[k : k + 1], x.sku[k : k + 1], ADJUST, np.array([-more]), when, REF_NONE, number,
                        reason=REASONS.index("other"))  # fmt: skip

    def seen(self, stock: Stock, rows: Cols, lines: Cols, first: int, end: int) -> None:
        """Keep what the truth needs of a slice, before its movements are applied."""
        if not self.wanted:
            return
        issued, daily = self._forecasts(first, end)
        on_hand = levels(stock.on_hand, rows.loc, rows.sku, rows.ts, rows.qty, issued)
        way = [(lines.shipped, lines.qty), (lines.received, -lines.qty)]
        coming = [levels(0 * stock.on_hand, lines.loc, lines.sku, ts, qty, issued) for ts, qty in way]
        self.issued.append(issued)
        self.daily.append(daily)
        self.on_hand.append(on_hand)
        self.owned.append(np.maximum(on_hand + coming[0] + coming[1], 0))

    def _forecasts(self, first: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        """When forecasts are issued, and what they expect a day: (issues, locations, items)."""
        told = planning.forecasts(self.world, first, end)
        if not told.width:
            return np.zeros(0, dtype=np.int64), np.zeros((0, *self.world.cat.ranged.shape))
        issued, at = np.unique(told["issued_ts"].to_numpy(), return_inverse=True)
        daily = np.zeros((issued.size, *self.world.cat.ranged.shape))
        daily[at.reshape(-1), told["location_id"].to_numpy(), told["sku"].to_numpy()] = (
            told["forecast_qty"].to_numpy() / 70_000
        )
        return issued, daily

    def _excess(self, owned: np.ndarray, daily: np.ndarray, days: np.ndarray) -> np.ndarray:
        """What is owned beyond the target cover and the safety stock, at cost; below zero where it lacks."""
        cost = self.world.cat.unit_cost(np.arange(self.busy.size)[None, :], days[:, None])
        return (owned - COVER * daily - self.safety) * cost[:, None, :]

    def finish(self) -> None:
        """The truth of the whole run."""
        if not self.wanted:
            return
        issued = np.concatenate(self.issued)
        days = self.world.clock.day(issued)
        daily, owned, on_hand = (np.concatenate(x) for x in (self.daily, self.owned, self.on_hand))
        value = self._excess(owned, daily, days)
        high = (value > LIMIT) & (owned > MULTIPLE * COVER * daily) & (daily > 0)
        width, start = self.busy.size, self.world.clock.start_ts
        marked = [one for code, one in self.kinds if code == "E37a"]
        for one in sorted({*np.flatnonzero(high.any(axis=0).ravel()).tolist(), *marked}):
            loc, sku = divmod(one, width)
            spans = _until_half(high[:, loc, sku], value[:, loc, sku], issued)
            place = str(self.world.net.ids[loc])
            kind = self.kinds.get(("E37a", one), ORDINARY)
            tell(
                self.truth,
                "E37a",
                kind,
                f"{self.world.cat.sku[sku]}|{place}",
                spans,
                start,
                "more stock than is needed",
                place,
            )
        for sku, last in self.until.items():
            left = last - days + 1
            rest = np.maximum(on_hand[:, :, sku] - daily[:, :, sku] * left[:, None], 0) * (daily[:, :, sku] > 0)
            lost = rest.sum(axis=1) * self._fall()[sku]
            spans = _until_half((lost > LIMIT) & (left <= SEASON), lost, issued)
            approved = self.markdown.get(sku, NEVER)
            spans = [(b, min(e, approved)) for b, e in spans if approved > b]
            tell(
                self.truth, "E37b", self.kinds["E37b", sku], str(self.world.cat.sku[sku]), spans, start,
                "stock that its season will not sell",
            )  # fmt: skip


def _nothing() -> Cols:
    empty = np.zeros(0, dtype=np.int64)
    return movement(empty, empty, empty, ADJUST, empty, empty, REF_NONE, empty)


def _until_half(high: np.ndarray, value: np.ndarray, at: np.ndarray) -> list[tuple[int, int]]:
    """From a moment at which a value is too high to the first at which it is below half of the limit."""
    spans, opened = [], -1
    for k in range(at.size):
        if opened < 0 and high[k]:
            opened = int(at[k])
        elif opened >= 0 and 2 * value[k] < LIMIT:
            spans.append((opened, int(at[k])))
            opened = -1
    return [*spans, (opened, NEVER)] if opened >= 0 else spans


__all__ = ["Surplus"]
