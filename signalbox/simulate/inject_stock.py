"""Faults of transfers, counts, adjustments, holds and reservations, and the truth about them.

Belongs here: E32, E33, E34, E35, E40. Not here: the ledger's balances below zero (``inject_supply``), messages.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, code, join, nullify
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.ledger import ADJUST, REASONS, REF_NONE, Stock, movement
from signalbox.simulate.network import STORE
from signalbox.simulate.truth import INJECTED, NEAR_MISS, ORDINARY, Truth

HOLD = 2  # stock state
HOLD_DAYS, GRACE_DAYS, LIMIT = 5, 2, 250_00
DECISIONS = ("open", "approved", "rejected", "expired")


def _names(prefix: str, number: np.ndarray) -> pl.Series:
    return pl.select(pl.lit(prefix) + pl.Series(number).cast(pl.String).str.zfill(9)).to_series()


def _places(world: World, loc: np.ndarray) -> pl.Series:
    return pl.Series(world.net.ids).gather(loc.astype(np.uint32))


def transfer_faults(world: World, plan: Plan, truth: Truth, x: Cols, first: int, end: int) -> None:
    """E33: units lost on the way, lines that come days late or never; near misses come on the last day of grace."""
    clock, zone = world.clock, world.net.zone[x.loc]
    midnight = np.zeros(x.size, dtype=np.int64)
    deadline = clock.utc(x.day + 1 + GRACE_DAYS + 1, midnight, zone)
    fit = (x.got == x.qty) & (x.qty > 1) & (deadline < clock.end_ts)
    hit = plan.pick("E33", first, end, np.flatnonzero(fit))
    how = plan.stream("E33", first, "how").integers(0, 3, hit.size)
    late = deadline[hit] + plan.minutes("E33", first, hit.size, 180, 9 * 1440)
    x.received[hit] = np.select([how == 1, how == 2], [late, NEVER], x.received[hit])
    x.got[hit] = np.where(how == 0, x.qty[hit] - np.maximum(x.qty[hit] // 2, 1), x.got[hit])
    fit[hit] = False
    close = plan.pick("E33", first, end, np.flatnonzero(fit), near=True)
    x.received[close] = clock.utc(x.day[close] + 1 + GRACE_DAYS, np.full(close.size, 16 * HOUR), zone[close])
    key = _names("TR", x.no) + pl.Series(["|"]) + pl.Series(x.line).cast(pl.String)
    real = np.flatnonzero((x.got < x.qty) | (x.received > deadline))
    closed = np.where(x.got < x.qty, NEVER, x.received)
    kind = np.where(np.isin(real, hit), INJECTED, ORDINARY)
    place = _places(world, x.loc)
    truth.add(
        "E33", key.gather(real), kind, deadline[real], closed[real], "not received in full in time",
        location=place.gather(real),
    )  # fmt: skip
    truth.add(
        "E33", key.gather(close), NEAR_MISS, deadline[close], deadline[close], "received on the last day of grace",
        location=place.gather(close),
    )  # fmt: skip


def baskets(world: World, plan: Plan, truth: Truth, first: int, end: int) -> dict[str, pl.DataFrame]:
    """E32: baskets whose units are released hours after they expired; near misses within the grace."""
    days, parts = np.arange(first, end), []
    for near in (False, True):
        n = plan.due("E32", first, end, near)
        rng = plan.stream("E32", first, "near" if near else "victims")
        store = rng.integers(0, world.net.stores, n)
        begin = world.clock.utc(rng.choice(days, n), rng.integers(9 * HOUR, 20 * HOUR, n))
        expires = begin + 1800
        low, high = (1, 14) if near else (20, 2400)
        ended = expires + plan.minutes("E32", first, n, low, high, "near size" if near else "size")
        number = 700_000_000_000 + first * 100_000 + 50_000 * near + np.arange(n)
        parts.append(Cols(
            number=number, loc=store, sku=world.cat.ranges[store, rng.integers(0, world.cat.ranges.shape[1], n)],
            qty=rng.integers(1, 4, n), begin=begin, expires=expires, ended=ended, near=np.full(n, near),
        ))  # fmt: skip
    b = join(parts)
    due = b.expires + 900
    truth.add(
        "E32", _names("RS", b.number), np.where(b.near, NEAR_MISS, INJECTED), due, np.where(b.near, due, b.ended),
        "a basket kept its units past its expiry", location=_places(world, b.loc),
    )  # fmt: skip
    n = b.size
    states = ("active", "released", "consumed")
    made = b.frame(
        reservation_id="number", order_id=pl.Series([None] * n, dtype=pl.Int64),
        line_no=pl.Series([None] * n, dtype=pl.Int64), sku="sku", location_id="loc", quantity="qty",
        reservation_type=code(np.ones(n), ("hard", "soft")), status_code=code(np.zeros(n), states),
        created_ts="begin", expires_ts="expires", ended_ts=pl.Series([None] * n, dtype=pl.Int64),
        version_no=np.ones(n, dtype=np.int64), updated_ts="begin",
    )  # fmt: skip
    gone = made.with_columns(
        status_code=code(np.ones(n), states), ended_ts=pl.Series(b.ended), version_no=pl.lit(2, dtype=pl.Int64),
        updated_ts=pl.Series(b.ended),
    )  # fmt: skip
    return {"reservation": pl.concat([made, gone])}


def count_faults(world: World, plan: Plan, truth: Truth, made: Cols, first: int, end: int) -> None:
    """E34: first counts far from the book, half of them never approved; near misses are two cheap units off.

    ``made`` are the first counts; its ``signed`` says whose difference is approved five hours later.
    """
    cost = world.cat.unit_cost(made.sku, world.clock.day(made.ts))
    fit = (made.got == made.book) & (made.book >= 8) & (made.book < 100)
    hit = plan.pick("E34", first, end, np.flatnonzero(fit))
    rng = plan.stream("E34", first, "size")
    made.got[hit] -= rng.integers(3, 8, hit.size)
    made.signed[hit] = rng.random(hit.size) < 0.5
    fit[hit] = False
    cheap = np.flatnonzero(fit & (2 * cost < 100 * 10_000))
    close = plan.pick("E34", first, end, cheap, near=True)
    made.got[close] -= 2
    off = np.abs(made.got - made.book)
    cents = (off * cost + 50) // 100
    real = np.flatnonzero(((off > 2) & (50 * off > np.abs(made.book))) | (cents > 100_00))
    key, place = _names("CT", made.number), _places(world, made.loc)
    kind = np.where(np.isin(real, hit), INJECTED, ORDINARY)
    closed = np.where(made.signed[real], made.ts[real] + 5 * HOUR, NEVER)
    truth.add(
        "E34", key.gather(real), kind, made.ts[real], closed, "count far from the book", location=place.gather(real)
    )
    truth.add(
        "E34", key.gather(close), NEAR_MISS, made.ts[close], made.ts[close], "count two units from the book",
        location=place.gather(close),
    )  # fmt: skip


class LedgerFaults:
    """E35 and E40 over the slices of a run: postings without approval, units kept on hold."""

    def __init__(self, world: World, plan: Plan, truth: Truth) -> None:
        self.world, self.plan, self.truth = world, plan, truth
        self.kinds: dict[int, int] = {}
        self.ended: dict[int, int] = {}
        self.held: list[Cols] = []

    def rows(self, stock: Stock, first: int, end: int) -> tuple[Cols, pl.DataFrame]:
        """Movements to be settled with those of the slice, and the approvals of some of them."""
        full = stock.on_hand - stock.aside
        if first == 0:
            opening = stock.opening()
            full = np.zeros_like(full)
            np.add.at(full, (opening.loc, opening.sku), opening.qty)
        loc, sku = np.nonzero(full >= 12)
        shop = self.world.net.kind[loc] == STORE
        pairs = Cols(loc=loc, sku=sku, full=full[loc, sku])
        lost, asked = self._losses(pairs.take(~shop), first, end)
        return join([lost, self._holds(pairs.take(shop), first, end)]), asked

    def _when(self, what: str, n: int, first: int, end: int) -> np.ndarray:
        rng = self.plan.stream(what, first, "when")
        return self.world.clock.utc(rng.integers(first, end, n), rng.integers(10 * HOUR, 17 * HOUR, n))

    def _losses(self, pairs: Cols, first: int, end: int) -> tuple[Cols, pl.DataFrame]:
        """E35: losses of 300 to 900 euros, approved later, refused or never asked; near misses are approved before."""
        cost = self.world.cat.unit_cost(pairs.sku, np.full(pairs.size, first))
        units = np.maximum(-(-3_000_000 // np.maximum(cost, 1)), 1)
        fit = (units < pairs.full // 2) & (cost < 6_000_000)
        hit = self.plan.pick("E35", first, end, np.flatnonzero(fit))
        fit[hit] = False
        close = self.plan.pick("E35", first, end, np.flatnonzero(fit), near=True)
        at = np.concatenate([hit, close])
        n, near = at.size, np.arange(at.size) >= hit.size
        number = 6_700_000_000_000 + first * 10_000_000 + np.arange(n) * 10
        when = self._when("E35", n, first, end)
        rows = movement(
            number, pairs.loc[at], pairs.sku[at], ADJUST, -units[at], when, REF_NONE, number,
            reason=REASONS.index("shrink"),
        )  # fmt: skip
        self.kinds |= dict(zip(number.tolist(), np.where(near, NEAR_MISS, INJECTED).tolist(), strict=True))
        wait = self.plan.minutes("E35", first, n, 300, 6000)
        how = np.where(near, 1, self.plan.stream("E35", first, "how").integers(0, 3, n))
        decided = np.where(near, when - wait, when + wait)
        self.ended |= dict(zip(number.tolist(), np.where(how == 1, decided, NEVER).tolist(), strict=True))
        return rows, self._approvals(number, how, decided)

    def _approvals(self, number: np.ndarray, how: np.ndarray, decided: np.ndarray) -> pl.DataFrame:
        """approval_request in two versions; ``how``: 0 never asked, 1 approved, 2 refused."""
        some = np.flatnonzero(how > 0)
        n, states = some.size, DECISIONS
        asked = decided[some] - 2 * HOUR
        opened = pl.DataFrame({
            "request_id": number[some], "step_no": np.ones(n, dtype=np.int64),
            "approval_type": pl.repeat("adjustment", n, dtype=pl.String, eager=True),
            "object_id": _names("MV", number[some]),
            "approver_role": pl.repeat("finance controller", n, dtype=pl.String, eager=True),
            "submitted_ts": asked, "decided_ts": pl.Series([None] * n, dtype=pl.Int64),
            "decision_code": code(np.zeros(n), states), "version_no": np.ones(n, dtype=np.int64), "updated_ts": asked,
        })  # fmt: skip
        done = opened.with_columns(
            decided_ts=pl.Series(decided[some]), decision_code=code(how[some], states),
            version_no=pl.lit(2, dtype=pl.Int64), updated_ts=pl.Series(decided[some]),
        )  # fmt: skip
        return pl.concat([opened, done])

    def _holds(self, pairs: Cols, first: int, end: int) -> Cols:
        """E40: units taken aside for inspection and forgotten for days; near misses are released in time."""
        hit = self.plan.pick("E40", first, end, np.arange(pairs.size))
        close = self.plan.pick("E40", first, end, np.setdiff1d(np.arange(pairs.size), hit), near=True)
        at = np.concatenate([hit, close])
        n, near = at.size, np.arange(at.size) >= hit.size
        number = 6_800_000_000_000 + first * 10_000_000 + np.arange(n) * 10
        begin = self._when("E40", n, first, end)
        stays = np.where(
            near,
            self.plan.minutes("E40", first, n, 3000, HOLD_DAYS * 1440 - 5, "near size"),
            self.plan.minutes("E40", first, n, HOLD_DAYS * 1440 + 10, 20 * 1440),
        )
        self.kinds |= dict(zip((number + 2).tolist(), np.where(near, NEAR_MISS, INJECTED).tolist(), strict=True))
        qty, why = np.full(n, 2), REASONS.index("other")
        loc, sku = pairs.loc[at], pairs.sku[at]
        parts = []
        for step, (sign, ts) in enumerate(((1, begin), (-1, begin + stays))):
            for state in (0, HOLD):
                move = sign * qty if state else -sign * qty
                parts.append(movement(number + 4 * step + state, loc, sku, ADJUST, move, ts, REF_NONE, number,
                                      state=state, reason=why))  # fmt: skip
        return join(parts)

    def seen(self, rows: Cols) -> None:
        """The truth of E35 about all adjustments of a slice; what is on hold waits for ``finish``."""
        self.held.append(rows.take(rows.state == HOLD))
        posted = rows.take((rows.kind == ADJUST) & (rows.ref == REF_NONE))
        if posted.size == 0:
            return
        group = np.stack([posted.loc, posted.sku, posted.ts])
        _, member = np.unique(group, axis=1, return_inverse=True)
        member = member.reshape(-1)
        size = int(member.max(initial=-1)) + 1
        net, number = np.zeros(size, dtype=np.int64), np.full(size, NEVER * 10**6)
        np.add.at(net, member, posted.qty)
        np.minimum.at(number, member, posted.id)
        one = np.zeros(size, dtype=np.int64)
        one[member] = np.arange(posted.size)
        cost = self.world.cat.unit_cost(posted.sku[one], self.world.clock.day(posted.ts[one]))
        real = np.flatnonzero((np.abs(net) * cost + 50) // 100 >= LIMIT)
        ids = number[real]
        kind = np.array([self.kinds.get(i, ORDINARY) for i in ids.tolist()], dtype=np.int64)
        opened = posted.ts[one[real]]
        ended = np.array([self.ended.get(i, NEVER) for i in ids.tolist()], dtype=np.int64)
        self.truth.add(
            "E35", _names("MV", ids), kind, opened, np.where(kind == NEAR_MISS, opened, ended),
            "a large adjustment and its approval", location=_places(self.world, posted.loc[one[real]]),
        )  # fmt: skip

    def finish(self) -> None:
        """The truth of E40: units leave the hold in the order in which they came."""
        held = join(self.held)
        pair = held.loc * self.world.cat.sku.size + held.sku
        order = np.lexsort((held.id, held.ts, pair))
        held, pair = held.take(order), pair[order]
        for one in np.unique(pair).tolist():  # a few hundred at most
            mine = held.take(pair == one)
            out = mine.take(mine.qty < 0)
            came, gone = mine.take(mine.qty > 0), np.cumsum(-out.qty)
            upto = np.searchsorted(gone, np.cumsum(came.qty))
            ended = np.r_[out.ts, NEVER][np.minimum(upto, out.size)]
            opened = came.ts + HOLD_DAYS * DAY
            is_real = ended > opened
            known = np.array([self.kinds.get(i, ORDINARY) for i in came.id.tolist()], dtype=np.int64)
            kind = np.where(is_real & (known == NEAR_MISS), ORDINARY, known)
            some = is_real | (known == NEAR_MISS)
            self.truth.add(
                "E40", _names("MV", came.id).filter(pl.Series(some)), kind[some], opened[some],
                np.where(is_real, ended, opened)[some], "units on hold",
                location=_places(self.world, came.loc).filter(pl.Series(some)),
            )  # fmt: skip


def signed_at(ts: np.ndarray, is_signed: np.ndarray) -> pl.Series:
    """When the differences of counts were approved; null where they were not."""
    return nullify(ts + 5 * HOUR, ~is_signed)
