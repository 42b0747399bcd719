"""Faults of prices and promotions, and the truth about them.

Belongs here: E41a to E41d, E42, E47a and E47b, on what the channels show. Not here: the price list, and what customers
are charged, which stays as it was. Keys are those of the whole channel: no price is one location's own.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.catalogue import promo_name
from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import nullify
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.inject_price_list import channel_code, list_faults
from signalbox.simulate.network import CHANNELS, CURRENCIES, SHOP
from signalbox.simulate.truth import INJECTED, NEAR_MISS, ORDINARY, Truth
from signalbox.simulate.writer import Writer

LIMIT = 4 * HOUR  # E41a; promotions last six days at least, so a quarter of them is more
TOLERANCE = np.array([3600 if c == SHOP else 300 for c in range(len(CHANNELS))])
LIVE = np.array([3600 if c == SHOP else 900 for c in range(len(CHANNELS))])
WEEK = 7 * DAY
Interval = tuple[int, int, bool]


def price_faults(
    world: World, plan: Plan, truth: Truth, writer: Writer, frames: dict[str, pl.DataFrame]
) -> dict[str, pl.DataFrame]:
    """price_publication and price_list with their faults, in place of those of the master data."""
    shown = Shown(world, plan, truth, writer, frames["price_publication"], frames["price_list"])
    shown.starts()
    shown.ends()
    shown.amounts()
    shown.promotion_truth()
    free = shown.free_units()
    published = [shown.frame(), shown.renewals(free), shown.slips(free)]
    return {
        "price_publication": pl.concat(published, how="diagonal_relaxed"),
        "price_list": list_faults(shown, free, frames["price_list"], frames["price_policy"]),
    }


class Shown:
    """What the channels show: ``live``, ``gone`` and ``amount`` by promotion, channel and item, in one order."""

    def __init__(
        self, world: World, plan: Plan, truth: Truth, writer: Writer, published: pl.DataFrame, listed: pl.DataFrame
    ) -> None:
        cat, clock = world.cat, world.clock
        self.world, self.plan, self.truth, self.writer = world, plan, truth, writer
        self.promo, self.channel, self.sku = np.nonzero(cat.promo_channels[:, :, None] & cat.promo_items[:, None, :])
        zero = np.zeros(self.promo.size, dtype=np.int64)
        self.begin, self.end = (clock.utc(day[self.promo], zero) for day in (cat.promo_start, cat.promo_end))
        n, regular = self.promo.size, 4 * cat.sku.size
        self.regular, self.first, self.last = published[:regular], published[regular:-n], published[-n:]
        self.live = self.first["live_ts"].fill_null(NEVER).to_numpy().astype(np.int64)
        self.gone = self.last["ended_ts"].to_numpy().astype(np.int64)
        self.amount = self.first["price_amount"].to_numpy().astype(np.int64)
        self.listed = listed["price_amount"].to_numpy().astype(np.int64)[-n:]
        self.place = self.promo * len(CHANNELS) + self.channel
        self.hit: dict[str, np.ndarray] = {}

    def known(self, ts: np.ndarray) -> np.ndarray:
        """When the delivery of prices arrives that covers an instant; NEVER when none does."""
        return self.writer.covering("price_publication", ts)

    def _strike(self, code: str, fit: np.ndarray, near: bool = False) -> np.ndarray:
        """Items of the promotions in a channel that are struck: some of each victim's, which leaves ``fit``."""
        places = self.plan.pick(code, 0, self.plan.days, np.unique(self.place[fit]), near)
        rng = self.plan.stream(code, 0, "near items" if near else "items")
        items = []
        for place in places:
            mine = np.flatnonzero(self.place == place)
            items.append(rng.choice(mine, min(mine.size, int(rng.integers(1, 4))), replace=False))
        fit &= ~np.isin(self.place, places)
        if not near:
            self.hit[code] = places
        return np.sort(np.concatenate(items)) if items else np.zeros(0, dtype=np.int64)

    def starts(self) -> None:
        """E41a: hours late or never live; E41b: late, but not that late; E41d: early."""
        plan, wide = self.plan, TOLERANCE[self.channel]
        fit = (self.known(self.begin + LIMIT) < NEVER) & (self.begin > self.world.clock.start_ts + 2 * DAY)
        for code in ("E41a", "E41b", "E41d"):
            hit, close = self._strike(code, fit), self._strike(code, fit, near=True)
            much = plan.stream(code, 0, "size").random(hit.size)
            little = plan.minutes(code, 0, close.size, 0.1, 3, "near size")
            if code == "E41a":
                late = self.begin[hit] + LIMIT + 600 + (much * 40 * HOUR).astype(np.int64)
                self.live[hit] = np.where(much > 0.8, NEVER, late)
                self.live[close] = self.begin[close] + LIMIT - little
            elif code == "E41b":
                room = LIMIT - wide[hit] - 240
                self.live[hit] = self.begin[hit] + wide[hit] + 120 + (much * room).astype(np.int64)
                self.live[close] = self.begin[close] + wide[close] - little
            else:
                self.live[hit] = self.begin[hit] - wide[hit] - 60 - (much * 30 * HOUR).astype(np.int64)
                self.live[close] = self.begin[close] - wide[close] + little
            self._near(code, close, self.begin[close])

    def ends(self) -> None:
        """E41c: the promotion's price stays after the end."""
        wide = TOLERANCE[self.channel]
        fit = (self.known(self.end + DAY) < NEVER) & (self.live < NEVER)
        hit, close = self._strike("E41c", fit), self._strike("E41c", fit, near=True)
        much = self.plan.stream("E41c", 0, "size").random(hit.size)
        self.gone[hit] = self.end[hit] + wide[hit] + 120 + (much * 60 * HOUR).astype(np.int64)
        self.gone[close] = self.end[close] + wide[close] - self.plan.minutes("E41c", 0, close.size, 0.1, 3, "near size")
        self._near("E41c", close, self.end[close])

    def _near(self, code: str, index: np.ndarray, ts: np.ndarray) -> None:
        _, once = np.unique(self.place[index], return_index=True)
        index, ts = index[once], ts[once]
        self.truth.add(
            code, self._key(index), NEAR_MISS, ts, ts, "within the limit", channel=channel_code(self.channel[index])
        )

    def _key(self, index: np.ndarray) -> pl.Series:
        return pl.Series(promo_name(self.promo[index])) + "|" + channel_code(self.channel[index]) + "|*"

    def amounts(self) -> None:
        """E42: one channel shows an item dearer than the others; near misses do so in another currency."""
        euro = np.array([c == "EUR" for c in CURRENCIES])[self.channel]
        item = self.promo * self.world.cat.sku.size + self.sku
        agreed, count = np.unique(np.stack([item[euro], self.listed[euro] // 100]), axis=1, return_counts=True)
        several = np.isin(item, agreed[0][count > 1]) & (self.known(self.begin + DAY) < NEVER)
        fit = several & euro & (self.listed <= self.amount + 100) & (self.live < self.begin + HOUR)
        for near, mask in ((False, fit), (True, several & ~euro)):
            hit = self.plan.pick("E42", 0, self.plan.days, np.flatnonzero(mask), near)
            _, once = np.unique(item[hit], return_index=True)
            hit = hit[once]
            percent = self.plan.stream("E42", 0, f"percent {near}").integers(2, 9, hit.size)
            self.amount[hit] = (self.amount[hit] * (100 + percent) // 10_000 + 1) * 100
            if near:
                version = pl.Series(self.promo[hit] + 2).cast(pl.String)
                key = pl.Series(self.world.cat.sku[self.sku[hit]]) + "|" + version
                self.truth.add("E42", key, NEAR_MISS, self.begin[hit], self.begin[hit], "another currency")
            else:
                self.hit["E42"] = item[hit]

    def promotion_truth(self) -> None:
        """All starts, ends and differences as they became."""
        for place in np.unique(self.place):
            mine = np.flatnonzero(self.place == place)
            one = mine[:1]
            wide = int(TOLERANCE[self.channel[one[0]]])
            begin, end = int(self.begin[one[0]]), int(self.end[one[0]])
            last, first, live = int(self.live[mine].max()), int(self.live[mine].min()), self.live[mine] < NEVER
            gone = int(self.gone[mine][live].max(initial=0))
            for code, is_real, opened, closed in (
                ("E41a", last > begin + LIMIT, begin + LIMIT, last),
                ("E41b", last > begin + wide, begin + wide, min(last, begin + LIMIT)),
                ("E41c", gone > end + wide, end + wide, gone),
                ("E41d", first < begin - wide, first, begin),
            ):
                if is_real:
                    self.add(code, self._key(one), [(opened, closed, place in self.hit[code])], self.channel[one])
        item = self.promo * self.world.cat.sku.size + self.sku
        for one in self.hit["E42"]:
            mine = np.flatnonzero(item == one)
            spans = self._differences(mine)
            key = pl.Series([f"{self.world.cat.sku[self.sku[mine[0]]]}|{self.promo[mine[0]] + 2}"])
            if spans:
                self.add("E42", key, [(min(s[0] for s in spans), max(s[1] for s in spans), True)], None)

    def _differences(self, mine: np.ndarray) -> list[tuple[int, int]]:
        found = []
        for a in mine:
            for b in mine[mine > a]:
                same = CURRENCIES[self.channel[a]] == CURRENCIES[self.channel[b]]
                agree = round(self.listed[a] / 100 + 1e-6) == round(self.listed[b] / 100 + 1e-6)
                wait = int(max(LIVE[self.channel[a]], LIVE[self.channel[b]]))
                opened, closed = int(max(self.live[a], self.live[b])) + wait, int(min(self.gone[a], self.gone[b]))
                if same and agree and self.amount[a] != self.amount[b] and opened < closed:
                    found.append((opened, closed))
        return found

    def add(self, code: str, key: pl.Series, spans: list[Interval], channel: np.ndarray | None) -> None:
        """One row an episode: what begins within a week of an end goes on with it."""
        rows: list[list[int]] = []
        for opened, closed, hit in sorted(spans):
            if rows and opened - rows[-1][1] <= WEEK:
                rows[-1] = [rows[-1][0], max(rows[-1][1], closed), max(rows[-1][2], int(hit))]
            else:
                rows.append([opened, closed, int(hit)])
        for opened, closed, is_hit in rows:
            at = np.array([opened])
            known = at if code == "E47c" else self.known(at)
            self.truth.add(
                code, key, INJECTED if is_hit else ORDINARY, at, np.array([closed]), "prices and promotions",
                channel=None if channel is None else channel_code(channel), known=known,
            )  # fmt: skip

    def frame(self) -> pl.DataFrame:
        """price_publication of regular prices and promotions as it became."""
        never = self.live >= NEVER
        as_was = self.live == self.first["live_ts"].fill_null(NEVER).to_numpy()
        told = np.where(never, self.begin, np.maximum(self.live, self.begin)) + 150
        told = np.where(as_was, self.first["updated_ts"].to_numpy(), told)
        now = {"price_amount": pl.Series(self.amount), "live_ts": nullify(self.live, never)}
        first = self.first.with_columns(**now, updated_ts=pl.Series(told))
        last = self.last.with_columns(
            **now, ended_ts=pl.Series(self.gone), updated_ts=pl.Series(np.maximum(self.gone, told) + 60)
        )
        return pl.concat([self.regular, first, last])

    def free_units(self) -> np.ndarray:
        """Items in a channel that no promotion touches, each for one fault at most, in an order of its own."""
        items = np.arange(self.world.cat.sku.size)
        taken = self.channel * items.size + self.sku
        return self.plan.stream("E47a", 0, "units").permutation(
            np.setdiff1d(np.arange(len(CHANNELS) * items.size), taken)
        )

    def units(self, code: str, free: np.ndarray, near: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Channel, item and begin of the victims, from the part of the free units that is this code's and kind's."""
        part = ("E47a", "E47b", "E47c").index(code) * 2 + near
        unit = self.plan.pick(code, 0, self.plan.days, np.sort(free[part::6]), near)
        channel, sku = np.divmod(unit, self.world.cat.sku.size)
        rng, clock = self.plan.stream(code, 0, f"begin {near}"), self.world.clock
        day = rng.integers(2, max(3, clock.days - 10), unit.size)
        return channel, sku, clock.utc(day, np.full(unit.size, 6 * HOUR))

    def _publication(self, channel: np.ndarray, sku: np.ndarray, version: int, amount: np.ndarray) -> pl.DataFrame:
        n = sku.size
        return pl.DataFrame({
            "sku": self.world.cat.sku[sku], "channel_id": np.array(CHANNELS)[channel], "location_id": ["*"] * n,
            "price_version": np.full(n, version), "price_amount": amount,
            "currency_code": np.array(CURRENCIES)[channel],
            "price_type": ["regular"] * n, "promotion_id": pl.Series([None] * n, dtype=pl.String),
        })  # fmt: skip

    def renewals(self, free: np.ndarray) -> pl.DataFrame:
        """E47a: a new version of the regular price, of the same amount, goes live hours after its time."""
        parts = []
        for near in (False, True):
            channel, sku, begin = self.units("E47a", free, near)
            due = begin + LIVE[channel]
            low, high = (0.1, 4) if near else (2, 3000)
            slip = self.plan.minutes("E47a", 0, sku.size, low, high, f"size {near}")
            live = due - slip if near else due + slip
            row = self._publication(channel, sku, 900, self.world.cat.price[sku, channel] * 100)
            row = row.with_columns(approved_ts=pl.Series(begin - 3 * DAY), effective_ts=pl.Series(begin))
            none = pl.lit(None, dtype=pl.Int64)
            parts.append(row.with_columns(live_ts=none, ended_ts=none, updated_ts=pl.Series(begin - 2 * DAY)))
            parts.append(row.with_columns(live_ts=pl.Series(live), ended_ts=none, updated_ts=pl.Series(live + 150)))
            self.unit_truth("E47a", channel, sku, due, live, near)
        return pl.concat(parts)

    def slips(self, free: np.ndarray) -> pl.DataFrame:
        """E47b: a price far off goes live and is taken down some hours later; near misses are a quarter off."""
        parts = []
        for near in (False, True):
            channel, sku, begin = self.units("E47b", free, near)
            rng = self.plan.stream("E47b", 0, f"factor {near}")
            percent = rng.choice([75, 125] if near else [10, 50, 140, 300], sku.size)
            live, gone = begin + 30, begin + 30 + self.plan.minutes("E47b", 0, sku.size, 30, 1800, f"size {near}")
            row = self._publication(channel, sku, 800, self.world.cat.price[sku, channel] * percent // 100 * 100)
            told = pl.Series(np.where(rng.random(sku.size) < 0.5, begin - DAY, -1))
            row = row.with_columns(
                approved_ts=pl.select(pl.when(told > 0).then(told)).to_series(), effective_ts=pl.Series(begin),
                live_ts=pl.Series(live), ended_ts=pl.Series(gone), updated_ts=pl.Series(gone + 60),
            )  # fmt: skip
            parts.append(row)
            self.unit_truth("E47b", channel, sku, live, gone, near)
        return pl.concat(parts)

    def unit_truth(
        self, code: str, channel: np.ndarray, sku: np.ndarray, opened: np.ndarray, closed: np.ndarray, near: bool
    ) -> None:
        key = pl.Series(self.world.cat.sku[sku]) + "|" + channel_code(channel) + "|*"
        if near:
            self.truth.add(code, key, NEAR_MISS, opened, opened, "within the limit", channel=channel_code(channel))
        else:
            self.truth.add(
                code, key, INJECTED, opened, closed, "prices", channel=channel_code(channel), known=self.known(closed)
            )
