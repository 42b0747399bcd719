"""Faults of marketplace statements and bank deposits, and the truth about them.

Belongs here: E55a, E55b, E55c, E56. Not here: how statements are made (``settle``).
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from signalbox.simulate.clock import HOUR, Clock
from signalbox.simulate.cols import Cols, code, join, same
from signalbox.simulate.demand import World
from signalbox.simulate.emit_orders import external_key
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.network import CHANNELS
from signalbox.simulate.settle import FEE, PRINCIPAL, settlement_id
from signalbox.simulate.truth import INJECTED, NEAR_MISS, ORDINARY, Truth

STRANGER = 980_000_001  # order numbers that no order has
GRACE = 2  # business days
DRIFT = 20  # cents a fee line


def business_deadline(clock: Clock, day: np.ndarray, count: int) -> np.ndarray:
    """End (UTC) of the ``count``-th business day after ``day``: Monday to Friday, German public holidays out."""
    free = free_days(clock)
    span = np.arange(int(day.max(initial=0)) + 30)
    works = (clock.weekday(span) < 6) & ~np.isin(span, list(free))
    upto = np.cumsum(works)
    target = upto[day] + count
    last = np.searchsorted(upto, target)
    return clock.utc(last + 1, np.zeros(last.size, dtype=np.int64))


def free_days(clock: Clock) -> set[int]:
    """Day indexes of the German public holidays."""
    return {
        (holiday - clock.first).days
        for year in range(clock.first.year - 1, clock.first.year + 12)
        for holiday in holidays(year)
    }


def holidays(year: int) -> list[date]:
    """German public holidays."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    easter = date(year, month, day + 1)
    moved = [easter + timedelta(days=d) for d in (-2, 1, 39, 50)]
    return [*moved, *(date(year, mo, d) for mo, d in ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26)))]


class StatementFaults:
    """Strikes statements while they are closed."""

    def __init__(self, world: World, plan: Plan, truth: Truth) -> None:
        self.world, self.plan, self.truth = world, plan, truth
        self.strangers = 0

    def lines(self, body: Cols, monday: int, start: int) -> Cols:
        """E55a and E55b on the lines of one statement (one week of one marketplace)."""
        if body.channel.size == 0:
            return body
        channel = int(body.channel[0])
        first, end = self._window(monday, channel)
        sales = np.flatnonzero((body.kind == PRINCIPAL) & (body.amount > 3000))
        hit = self.plan.pick("E55a", first, end, sales)
        rng = self.plan.stream("E55a", first, "share")
        body.amount = body.amount.copy()
        body.amount[hit] -= np.maximum(body.amount[hit] * rng.integers(8, 45, hit.size) // 100, 250)
        close = self.plan.pick("E55a", first, end, np.setdiff1d(sales[body.amount[sales] < 9000], hit), near=True)
        body.amount[close] -= rng.integers(20, 60, close.size)
        self._short(body, hit, INJECTED, monday, "paid less than expected")
        self._short(body, close, NEAR_MISS, monday, "paid a few cents less than expected")
        body = self._unmatched(body, np.setdiff1d(sales, np.concatenate([hit, close])), monday, channel)
        return self._overcharged(body, monday, channel)

    def _overcharged(self, body: Cols, monday: int, channel: int) -> Cols:
        """E56: a few cents too much on every referral fee, too little to be seen on a line; near misses within 1 %."""
        first, end = self._window(monday, channel)
        fees = np.flatnonzero((body.kind == FEE) & (body.order >= 0))
        limit = max(100, int(-body.amount[fees].sum()) // 100)
        if self.plan.due("E56", first, end) and fees.size * DRIFT * 10 > limit * 13:
            kind, extra = INJECTED, np.full(fees.size, DRIFT)
        elif self.plan.due("E56", first, end, near=True) and fees.size:
            kind, extra = NEAR_MISS, np.full(fees.size, min(DRIFT, limit * 6 // (10 * fees.size)))
        else:
            return body
        body.amount = body.amount.copy()
        body.amount[fees] -= extra
        name = np.array([channel])
        key = settlement_id(name, np.array([monday])) + pl.Series(["|referral"])
        opened = self.world.clock.utc(np.array([monday]), np.array([3 * HOUR]))
        closed = np.array([NEVER]) if kind == INJECTED else opened
        self.truth.add(
            "E56", key, kind, opened, closed, "referral fees above the schedule",
            channel=code(name, CHANNELS).cast(pl.String),
        )  # fmt: skip
        return body

    def _window(self, monday: int, channel: int) -> tuple[int, int]:
        """Half of the statement's week for each marketplace, so that the plan's counts add up."""
        middle = monday - 4
        return (monday - 7, middle) if channel == 1 else (middle, monday)

    def _short(self, body: Cols, index: np.ndarray, kind: int, monday: int, text: str) -> None:
        opened = self.world.clock.utc(np.full(index.size, monday), np.full(index.size, 3 * HOUR))
        bar = pl.Series(["|"])
        channel = body.channel[index]
        key = settlement_id(channel, np.full(index.size, monday)) + bar + external_key(channel, body.order[index]) + bar
        key = key + pl.Series(body.line[index]).cast(pl.String)
        closed = np.full(index.size, NEVER) if kind == INJECTED else opened
        self.truth.add("E55a", key, kind, opened, closed, text, channel=code(channel, CHANNELS).cast(pl.String))

    def _unmatched(self, body: Cols, sales: np.ndarray, monday: int, channel: int) -> Cols:
        """E55b: a sale left out of the statement, and a line for an order that nobody knows."""
        first, end = self._window(monday, channel)
        early = sales[body.posted[sales] < self.world.clock.midnight(monday - 3)]
        left_out = self.plan.pick("E55b", first, end, early)
        due = self.world.clock.add_workdays(np.array([monday]), np.array([3]))
        opened = business_deadline(self.world.clock, due, GRACE)
        if left_out.size:
            sale = body.order[left_out] * 1000 + body.line[left_out]
            key = pl.Series([f"O{o:09d}|{n}" for o, n in zip(body.order[left_out], body.line[left_out], strict=True)])
            name = code(body.channel[left_out], CHANNELS).cast(pl.String)
            self.truth.add(
                "E55b",
                key,
                INJECTED,
                np.repeat(opened, left_out.size),
                np.full(left_out.size, NEVER),
                "shipped sale in no settlement",
                channel=name,
            )
            body = body.take(~np.isin(body.order * 1000 + body.line, sale) | (body.order < 0))
        if self.plan.due("E55b", first, end) == 0:
            return body
        stranger = body.take(np.flatnonzero(body.kind == PRINCIPAL)[:1])
        stranger.order = np.full(stranger.channel.size, STRANGER + self.strangers)
        stranger.line = np.ones(stranger.channel.size, dtype=np.int64)
        self.strangers += 1
        return join([body, stranger])

    def numbered(self, body: Cols, monday: int) -> None:
        """Truth about lines of unknown orders, once the lines have their numbers."""
        some = np.flatnonzero(body.order >= STRANGER)
        if some.size == 0:
            return
        due = self.world.clock.add_workdays(np.array([monday]), np.array([3]))
        opened = np.repeat(business_deadline(self.world.clock, due, GRACE), some.size)
        key = (
            settlement_id(body.channel[some], np.full(some.size, monday))
            + pl.Series(["|"])
            + pl.Series(body.no[some]).cast(pl.String)
        )
        self.truth.add("E55b", key, INJECTED, opened, np.full(some.size, NEVER), "settlement line of an unknown order")

    def deposits(self, heads: Cols, first: int, end: int) -> None:
        """E55c: payouts that come days late or not at all; near misses come on the last day of grace."""
        clock, n = self.world.clock, heads.channel.size
        positive = np.flatnonzero((heads.payout > 0) & (heads.due < clock.days - 4))
        hit = self.plan.pick("E55c", first, end, positive)
        rng = self.plan.stream("E55c", first, "days")
        heads.paid[hit] = np.where(
            rng.random(hit.size) < 0.3, clock.days + 200, heads.due[hit] + rng.integers(6, 12, hit.size)
        )
        close = self.plan.pick("E55c", first, end, np.setdiff1d(positive, hit), near=True)
        limit = business_deadline(clock, heads.due, GRACE)
        heads.paid[close] = clock.day(limit[close] - HOUR)
        value = clock.utc(heads.paid, np.full(n, 9 * HOUR))
        key, channel = settlement_id(heads.channel, heads.monday), code(heads.channel, CHANNELS).cast(pl.String)
        real = np.flatnonzero((value > limit) & (heads.payout > 0))
        kind = np.where(np.isin(real, hit), INJECTED, ORDINARY)
        closed = np.where(value[real] >= clock.end_ts, NEVER, value[real])
        self.truth.add(
            "E55c", key.gather(real), kind, limit[real], closed, "payout late in the bank", channel=channel.gather(real)
        )
        self.truth.add(
            "E55c",
            key.gather(close),
            NEAR_MISS,
            limit[close],
            limit[close],
            "payout on the last day of grace",
            channel=channel.gather(close),
        )

    def strays(self, first: int, end: int) -> pl.DataFrame:
        """E55b: deposits without a payout. bank_deposit rows."""
        count = self.plan.due("E55b", first, end)
        rng = self.plan.stream("E55b", first, "deposits")
        day = np.sort(rng.integers(first, end, count))
        day = np.where(self.world.clock.weekday(day) > 5, np.maximum(day - 2, 0), day)
        number = 830_000_000 + first * 100 + np.arange(count)
        key = pl.Series(number).cast(pl.String).str.replace("^", "DEP")
        opened = business_deadline(self.world.clock, day, GRACE)
        self.truth.add("E55b", key, INJECTED, opened, np.full(count, NEVER), "deposit without payout")
        return pl.DataFrame({
            "deposit_id": number, "reference": pl.Series([None] * count, dtype=pl.String),
            "amount": rng.integers(20_000, 900_000, count),
            "currency_code": same("EUR", count), "deposit_ts": self.world.clock.utc(day, np.full(count, 10 * HOUR)),
        })  # fmt: skip
