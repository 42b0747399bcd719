"""Faults of marketplace accounts: what a marketplace counts against the seller until it passes a limit; and the truth.

Belongs here: E66j. Not here: single late, cancelled or silent parcels as faults of their own (``inject_orders``,
``inject_carriers``). The measures and the truth are those of the catalogue (K109), day by day, from what became of all
orders and parcels: other faults may drive an account past a limit, too. A share of a few orders moves with each of
them, so that a fault is made of as many as the account's own pace asks for.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, code, join
from signalbox.simulate.demand import DELIVERY, World
from signalbox.simulate.emit_orders import external_key
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import FRAUD, HOLD, NEVER, OK, STAFF
from signalbox.simulate.inject_orders import first_promise
from signalbox.simulate.network import CHANNELS, MKT_A, MKT_B
from signalbox.simulate.truth import INJECTED, NEAR_MISS, ORDINARY, Truth

MEASURES = ("defect", "cancel", "late_ship", "tracking", "on_time")
DEFECT, CANCEL, LATE_SHIP, TRACKING, ON_TIME = range(5)
WINDOW = np.array([60, 7, 30, 30, 30])  # days
WARNED = np.array([0.8, 2.0, 3.2, 4.0, 8.0]) / 100  # four fifths of the limits
CLAIMS = ("claim", "chargeback", "negative_feedback")
STRUCK = (DEFECT, CANCEL, LATE_SHIP)  # without those that break promises, too
OUR_OWN = (1, 2, 4)  # initiators of a cancellation that counts: retailer, supplier, system
PARDONED = (3, 4)  # reasons that do not count: fraud, payment
NO_DAY = 1 << 20


class Accounts:
    """What the accounts were struck with, and all that their measures count."""

    def __init__(self, world: World, plan: Plan, truth: Truth) -> None:
        self.world, self.plan, self.truth = world, plan, truth
        self.struck: dict[int, int] = {}
        self.due: list[tuple[int, int, int, int]] = []
        self.items: list[Cols] = []
        self.defects: list[Cols] = []

    def cancel(self, o: Cols, lines: Cols, first: int, end: int) -> None:
        """Choose what the days of a slice bring; cancellations: what is sold at a wrong price is not sent."""
        self.due = self._choose(o, first, end)
        for market, measure, day, count in self.due:
            if measure == CANCEL:
                touched = (lines.outcome != OK) | (lines.mark != 0) | (lines.near != 0) | (o.fate[lines.at] >= HOLD)
                free = (o.channel == market) & (o.day >= day) & (o.kind == DELIVERY) & ~o.is_test
                free[lines.at[touched]] = False
                lines.outcome[np.isin(lines.at, np.flatnonzero(free)[:count])] = STAFF

    def _choose(self, o: Cols, first: int, end: int) -> list[tuple[int, int, int, int]]:
        """Account, measure, day and count of each fault: more than the share warned of, or fewer (near misses)."""
        market, measure = (axis.ravel() for axis in np.meshgrid((MKT_A, MKT_B), STRUCK, indexing="ij"))
        due, free = [], np.arange(market.size)
        for near in (False, True):
            rng = self.plan.stream("E66j", first, "near size" if near else "size")
            days = first + ((end - first) * rng.uniform(0.5, 0.8, market.size)).astype(np.int64)
            pace = np.array([((o.channel == m) & ~o.is_test).sum() for m in market]) / (end - first)
            room = WARNED[measure] * pace * np.minimum(WINDOW[measure], days)
            count = (room * 0.75).astype(np.int64) if near else np.ceil(room * 1.2).astype(np.int64) + 1
            count = count + (0 if near else rng.integers(0, 3, market.size))
            hit = self.plan.pick("E66j", first, end, free[count[free] > 0], near)
            free = np.setdiff1d(free, hit)
            for place in hit:
                self.struck[int(market[place] * len(MEASURES) + measure[place])] = NEAR_MISS if near else INJECTED
                due.append((int(market[place]), int(measure[place]), int(days[place]), int(count[place])))
        return due

    def ship(self, o: Cols, s: Cols) -> None:
        """Handling time that is set to the same day by mistake: what leaves on the next day is late."""
        last = np.zeros(o.size, dtype=np.int64)
        np.maximum.at(last, s.at, s.shipped)
        for market, measure, day, count in self.due:
            if measure == LATE_SHIP:
                mine = (o.channel == market) & (o.day >= day) & ~o.is_test & (o.kind == DELIVERY)
                tight = self.world.clock.utc(o.day, np.full(o.size, 23 * HOUR))
                late = np.flatnonzero(mine & (last > tight) & (tight > o.ts))
                until = late[min(count, late.size - 1)] if late.size else 0
                hasty = mine & (np.arange(o.size) < until) & (tight > o.ts)
                o.ship_by = np.where(hasty, tight, o.ship_by)

    def claims(self, o: Cols, frame: pl.DataFrame, first: int) -> pl.DataFrame:
        """marketplace_claim with a run of complaints that count: upheld claims, chargebacks, bad feedback."""
        parts = [frame]
        for market, measure, day, count in self.due:
            if measure == DEFECT:
                rng = self.plan.stream("E66j", first, "claims")
                before = (o.channel == market) & (o.day < day) & ~o.is_test & (o.dead_ts >= NEVER)
                taken = np.isin(o.no * 10 + 3, frame["claim_id"].to_numpy())
                parts.append(self._complaints(o, np.flatnonzero(before & ~taken)[-count:], day, rng))
        claims = pl.concat(parts)
        counted = claims.with_columns(
            ts=pl.when(pl.col("claim_type").cast(pl.String) != "claim").then("opened_ts")
            .when("is_upheld").then("closed_ts"),
            no=(pl.col("claim_id") - 3) // 10,
        ).filter(pl.col("ts").is_not_null())  # fmt: skip
        self.defects.append(Cols(no=counted["no"].to_numpy(), ts=counted["ts"].to_numpy()))
        return claims

    def _complaints(self, o: Cols, some: np.ndarray, day: int, rng: np.random.Generator) -> pl.DataFrame:
        n = some.size
        opened = self.world.clock.midnight(day) + np.sort(rng.integers(0, 4 * DAY, n))
        closed = opened + rng.integers(DAY, 4 * DAY, n)
        base = pl.DataFrame({
            "claim_id": o.no[some] * 10 + 3, "channel_id": code(o.channel[some], CHANNELS),
            "external_order_key": external_key(o.channel[some], o.no[some]),
            "claim_type": code(rng.integers(0, 3, n), CLAIMS), "is_upheld": pl.Series([None] * n, dtype=pl.Boolean),
            "opened_ts": opened, "closed_ts": pl.Series([None] * n, dtype=pl.Int64),
            "version_no": np.ones(n, dtype=np.int64), "updated_ts": opened,
        })  # fmt: skip
        done = base.with_columns(
            is_upheld=pl.lit(True), closed_ts=pl.Series(closed), version_no=pl.lit(2, dtype=pl.Int64),
            updated_ts=pl.Series(closed),
        )  # fmt: skip
        return pl.concat([base, done])

    def note(self, o: Cols, lines: Cols, f: Cols, s: Cols) -> None:
        """Keep what the measures count of a slice's finished orders and parcels, where the truth asks for it."""
        if self.plan.count.get("E66j", 0) == 0:
            return
        day = self._day
        market = np.flatnonzero(((o.channel == MKT_A) | (o.channel == MKT_B)) & ~o.is_test)
        ours = np.isin(lines.cancel_by, OUR_OWN) & ~np.isin(lines.cancel_why, PARDONED) & (lines.cancel_ts < NEVER)
        ours &= o.fate[lines.at] < FRAUD
        gone, left = np.full(o.size, NEVER), np.zeros(o.size, dtype=np.int64)
        np.minimum.at(gone, lines.at[ours], lines.cancel_ts[ours])
        np.maximum.at(left, s.at, s.shipped)
        live = np.bincount(lines.at[~lines.cancelled_all], minlength=o.size)
        never_sent = ~np.isin(np.arange(lines.at.size), f.li[f.ship >= 0]) & ~lines.cancelled_all
        left[lines.at[never_sent]] = NEVER
        self._add(o, market, CANCEL, o.day[market], day(gone[market]))
        self._add(o, market, DEFECT, o.day[market], np.full(market.size, NO_DAY), o.no[market])
        due = market[(live[market] > 0) & (o.ship_by[market] < NEVER)]
        by = day(o.ship_by[due])
        self._add(o, due, LATE_SHIP, by, np.where(left[due] > o.ship_by[due], by, NO_DAY))
        self._parcels(o, lines, f, s)

    def _day(self, ts: np.ndarray) -> np.ndarray:
        """The reporting day; NO_DAY of what never happens."""
        clock = self.world.clock
        return np.where(ts < NEVER, clock.day(np.minimum(ts, clock.end_ts + 300 * DAY)), NO_DAY)

    def _parcels(self, o: Cols, lines: Cols, f: Cols, s: Cols) -> None:
        moved = np.flatnonzero(f.ship >= 0)
        _, one = np.unique(
            s.no[f.ship[moved]] * 10 + lines.line[f.li[moved]] % s.parcels[f.ship[moved]], return_index=True
        )
        ship = f.ship[moved][one]
        ship = ship[np.isin(o.channel[s.at[ship]], (MKT_A, MKT_B)) & ~o.is_test[s.at[ship]]]
        sent, seen = self._day(s.shipped[ship]), self._day(s.picked_up[ship])
        unseen = np.where(seen > sent + 1, sent + 1, NO_DAY)
        self._add(o, s.at[ship], TRACKING, sent, unseen, until=seen)
        promise = first_promise(o)[s.at[ship]]
        told = (seen < NO_DAY) & (promise < self.world.clock.end_ts)
        ship, promise = ship[told], promise[told]
        by = self._day(promise)
        late = np.where(s.delivered[ship] > promise, by, NO_DAY)
        self._add(o, s.at[ship], ON_TIME, by, late)

    def _add(
        self, o: Cols, at: np.ndarray, measure: int, begin: np.ndarray, fails: np.ndarray,
        no: np.ndarray | None = None, until: np.ndarray | None = None,
    ) -> None:  # fmt: skip
        n = at.size
        self.items.append(Cols(
            which=o.channel[at] * len(MEASURES) + measure, begin=begin, fails=fails,
            until=np.full(n, NO_DAY) if until is None else until, no=np.full(n, -1) if no is None else no,
        ))  # fmt: skip

    def finish(self) -> None:
        """The truth: runs of days at whose end a measure stood past the share that is warned of."""
        if not self.items:
            return
        days, items = self.world.clock.days, join(self.items)
        self._date_defects(items)
        for which in np.unique(items.which):
            i = items.take(items.which == which)
            measure = int(which) % len(MEASURES)
            end = i.begin + WINDOW[measure]
            fails, until = np.maximum(i.fails, i.begin), np.minimum(i.until, end)
            bad = fails < until
            count = _standing(i.begin, end, days)
            failed = _standing(fails[bad], until[bad], days)
            self._tell(int(which), failed > WARNED[measure] * count, failed / np.maximum(count, 1))

    def _date_defects(self, items: Cols) -> None:
        """The day of the first complaint that counts, of the orders that have one."""
        defects = join(self.defects)
        order = np.argsort(defects.ts, kind="stable")
        numbers, first = np.unique(defects.no[order], return_index=True)
        when = defects.ts[order][first]
        place = np.searchsorted(numbers, items.no).clip(max=max(numbers.size - 1, 0))
        if numbers.size:
            has = (items.no >= 0) & (numbers[place] == items.no)
            items.fails = np.where(has, self.world.clock.day(when[place]), items.fails)

    def _tell(self, which: int, past: np.ndarray, share: np.ndarray) -> None:
        clock, measure = self.world.clock, which % len(MEASURES)
        channel = CHANNELS[which // len(MEASURES)]
        name, place = pl.Series([f"{channel}|{MEASURES[measure]}"]), pl.Series([channel])
        turn = np.flatnonzero(np.diff(np.r_[False, past, False].astype(np.int64)))
        begins, ends = turn[::2], turn[1::2]
        struck = self.struck.get(which)
        for begin, end in zip(begins, ends, strict=True):  # a run of days
            closed = NEVER if end == clock.days else clock.midnight(end + 1)
            self.truth.add(
                "E66j", name, INJECTED if struck == INJECTED else ORDINARY, np.array([clock.midnight(begin + 1)]),
                np.array([closed]), "too much that the marketplace counts against the account", channel=place,
            )  # fmt: skip
        if struck == NEAR_MISS and not begins.size:
            most = np.array([clock.midnight(int(np.argmax(share)) + 1)])
            self.truth.add("E66j", name, NEAR_MISS, most, most, "within what the marketplace lets pass", channel=place)


def _standing(begin: np.ndarray, end: np.ndarray, days: int) -> np.ndarray:
    """How many stand at the end of each day."""
    change = np.zeros(days + 1, dtype=np.int64)
    np.add.at(change, np.clip(begin, 0, days), 1)
    np.add.at(change, np.clip(end, 0, days), -1)
    return np.cumsum(change)[:days]


__all__ = ["Accounts"]
