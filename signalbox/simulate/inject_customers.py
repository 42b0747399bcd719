"""Faults of what customers ask back: those who return too much, returns outside the policy, products that come back.

Belongs here: E50, E51, E54. Not here: how a return goes on (``inject_returns``), how it is refunded
(``inject_supply``). Cohorts and customers are those of one time slice; that of a small world is the whole run.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import polars as pl

from signalbox.simulate import returns
from signalbox.simulate.catalogue import CATEGORIES
from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, code
from signalbox.simulate.demand import DELIVERY, World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.network import CHANNELS, SHOP, WEB
from signalbox.simulate.returns import ACCEPTED, KEPT, WITHDRAWN
from signalbox.simulate.tills import SALE
from signalbox.simulate.truth import INJECTED, NEAR_MISS, ORDINARY, Truth

NONE, SPARED, BACK, HELD = range(4)  # what a customer who is struck does with an order; HELD: money back, goods kept
STRANGER = 9_000_000  # number of the first customer who is struck
REFUNDS, WITHIN, ORDERS, SHARE, SPAN = 3, 30 * DAY, 5, 0.8, 90 * DAY
WINDOW = 30
AGE, FEWEST, WEEKS = 14 * DAY, 50, 4
WRONG_ITEM = 4
MONEY = ("refunded", "settled", "memo", "memo_posted")
LATER = ("inspected", "decided", "disposed", "available", *MONEY)
HABITS = (  # of customers: what becomes of their orders, first those who are struck and then near misses
    ((BACK,) * 5, (HELD, HELD, HELD, BACK), (BACK, BACK, SPARED, BACK, BACK, BACK)),
    ((BACK,) * 4, (HELD, HELD, BACK), (BACK, SPARED, BACK, BACK, SPARED)),
)


def customers(world: World, plan: Plan, o: Cols, first: int, end: int) -> None:
    """E50: some web orders of one line are those of new customers, who send back, or claim, nearly all of them."""
    if not plan.count.get("E50"):
        return
    o.who, o.habit = np.full(o.size, -1), np.full(o.size, NONE)
    fit = (o.channel == WEB) & (o.kind == DELIVERY) & (o.lines == 1) & ~o.is_test & (o.day < world.clock.days - 20)
    free, number, stride = np.flatnonzero(fit), 0, 20
    for near in (False, True):
        starts = plan.pick("E50", first, end, np.arange(0, max(free.size - 6 * stride, 0), stride), near)
        for start in starts.tolist():
            habit = np.array(HABITS[near][number % 3])
            step = stride if HELD not in habit else stride // 4
            mine = free[start + number + step * np.arange(habit.size)]
            mine, habit = mine[o.who[mine] < 0], habit[o.who[mine] < 0]
            o.customer[mine], o.who[mine] = STRANGER + first * 100 + number, number * 2 + near
            o.habit[mine] = habit
            number += 1


def come_back(
    world: World, plan: Plan, truth: Truth, o: Cols, lines: Cols, f: Cols, s: Cols, t: Cols, sold: Cols, first: int,
    end: int,
) -> tuple[Cols, Cols]:  # fmt: skip
    """Returns of the orders and of the tills of a slice, with the faults of this module."""

    def drawn(draw: np.ndarray) -> np.ndarray:
        if "habit" not in o.__dict__:
            return draw
        return np.select([o.habit[f.at] == SPARED, o.habit[f.at] >= BACK], [np.ones(1), -np.ones(1)], draw)

    back = returns.of_orders(world, o, lines, f, s, first, drawn)
    counter = returns.of_tills(world, t, sold, first)
    if plan.count.get("E54") and (first, end) == (0, world.clock.days):
        units = _Units(world, o, lines, f, s, t, sold)
        more, hit = _spikes(plan, units, back, counter)
        counter = returns.of_tills(world, t, sold, first, partial(_also, more))
        _spike_truth(world, truth, units, back, counter, hit)
    _keep(world, o, back)
    _policy(world, plan, truth, o, back, counter, first, end)
    _customer_truth(truth, o, back)
    return back, counter


def _also(more: np.ndarray, draw: np.ndarray) -> np.ndarray:
    return np.where(more, -1, draw)


def _keep(world: World, o: Cols, r: Cols) -> None:
    """E50: what never arrived or came broken, they say: refunded at once, and nothing is sent back."""
    if "habit" not in o.__dict__:
        return
    some = np.flatnonzero(o.habit[r.at] == HELD)
    wait = r.refunded[some] - np.where(r.must_inspect[some], r.inspected[some], r.received[some])
    r.fate[some], r.reason[some], r.by_mail[some] = KEPT, 4, True
    r.back_channel[some], r.loc[some] = r.channel[some], world.net.dcs[0]
    _move(r, some, r.start[some] + 600 + wait - r.refunded[some], MONEY)
    for name in ("received", "inspected", "decided", "disposed", "available"):
        getattr(r, name)[some] = NEVER


def _move(r: Cols, index: np.ndarray, shift: np.ndarray, names: tuple[str, ...]) -> None:
    for name in names:
        getattr(r, name)[index] += shift


def _key(r: Cols, index: np.ndarray) -> pl.Series:
    return pl.select(pl.lit("R") + pl.Series(r.no[index]).cast(pl.String).str.zfill(9)).to_series() + "|1"


def _customer_truth(truth: Truth, o: Cols, r: Cols) -> None:
    """E50 of each return at the moment at which it is asked for, of every customer who may come so far."""
    if "habit" not in o.__dict__:
        return
    whose = np.where(o.is_test, -1, o.customer)
    sent = np.unique(r.at[whose[r.at] >= 0])
    people, count = np.unique(whose[sent], return_counts=True)
    keeps = np.unique(whose[r.at[r.fate == KEPT]])
    for person in np.union1d(people[count >= SHARE * ORDERS], np.union1d(keeps, people[people >= STRANGER])).tolist():
        orders, mine = np.flatnonzero(whose == person), np.flatnonzero(whose[r.at] == person)
        mine = mine[np.argsort(r.start[mine], kind="stable")]
        hit, who = mine[_risky(o, r, orders, mine)], int(o.who[orders[0]])
        decided = np.where(r.fate[hit] == KEPT, r.refunded[hit], r.decided[hit])
        truth.add("E50", _key(r, hit), INJECTED if who >= 0 else ORDINARY, r.start[hit], decided,
                  "customer who returns nearly everything", channel=code(r.channel[hit], CHANNELS))  # fmt: skip
        if who % 2 and who > 0 and not hit.size:
            truth.add("E50", _key(r, mine[-1:]), NEAR_MISS, r.start[mine[-1:]], r.start[mine[-1:]], "returns much")


def _risky(o: Cols, r: Cols, orders: np.ndarray, mine: np.ndarray) -> np.ndarray:
    """Which returns of a customer are asked for after too much was refunded without goods, or sent back."""
    held = r.refunded[mine[r.fate[mine] == KEPT]]
    begun = np.array([r.start[mine[r.at[mine] == at]].min(initial=NEVER) for at in orders])
    found = np.zeros(mine.size, dtype=bool)
    for i, ts in enumerate(r.start[mine].tolist()):
        placed = (o.ts[orders] <= ts) & (ts < o.ts[orders] + SPAN)
        sent = (placed & (begun <= ts)).sum()
        found[i] = ((held <= ts) & (ts < held + WITHIN)).sum() >= REFUNDS
        found[i] |= placed.sum() >= ORDERS and sent >= SHARE * placed.sum()
    return found


def _policy(world: World, plan: Plan, truth: Truth, o: Cols, back: Cols, counter: Cols, first: int, end: int) -> None:
    """E51: in turn asked for weeks after the window, another item in the parcel, no receipt at the counter.

    Near misses are asked for on the last day of the window, or another item that is decided about at once.
    """
    counter.is_unknown = np.zeros(counter.no.size, dtype=bool)
    hits, nears = (plan.due("E51", first, end, near) for near in (False, True))
    if hits + nears == 0:
        return
    clock, rng = world.clock, plan.stream("E51", first)
    strange = o.who[back.at] >= 0 if "who" in o.__dict__ else np.zeros(back.no.size, dtype=bool)
    fit = back.by_mail & (back.fate == ACCEPTED) & ~strange & (back.received < clock.end_ts - 8 * DAY)
    patient = fit & (back.received < clock.end_ts - 42 * DAY)
    mixed = fit & back.must_inspect & ~np.isin(back.reason, (1, 2, 3))
    age = clock.day(back.start) - clock.day(back.since)
    late = _some(rng, patient & (age > WINDOW - 28) & (age < 14), -(-hits // 3))
    wait = 7 * DAY * rng.integers(4, 6, late.size)
    _move(back, late, wait, ("start", "received", *LATER))
    mixed[late], patient[late] = False, False
    last = _some(rng, patient & (age < 14), -(-nears // 2))
    _move(back, last, (WINDOW - age[last]) * DAY, ("start",))
    mixed[last] = False
    arrives = world.net.hours.next_open(back.loc[last], back.received[last] + (WINDOW - age[last]) * DAY)
    _move(back, last, arrives - back.received[last], ("received", *LATER))
    other = _some(rng, mixed, (hits + 1) // 3)
    mixed[other] = False
    asked = rng.integers(4 * HOUR, 60 * HOUR, other.size)
    back.condition[other], back.is_judged[other] = WRONG_ITEM, False
    _move(back, other, asked, ("decided", *MONEY))
    quick = _some(rng, mixed, nears // 2)
    back.condition[quick] = WRONG_ITEM
    lost = _some(rng, (counter.fate == ACCEPTED) & (counter.start < clock.end_ts - 4 * DAY), hits // 3)
    counter.fate[lost], counter.is_unknown[lost] = WITHDRAWN, True
    for name in ("received", *LATER):
        getattr(counter, name)[lost] = NEVER
    for r, index, opened, closed, kind, text in (
        (back, late, back.start, back.decided, INJECTED, "asked for after the window"),
        (back, other, back.inspected, back.decided, INJECTED, "another item came back"),
        (counter, lost, counter.start, counter.start + 2 * DAY, INJECTED, "no receipt"),
        (back, last, back.start, back.start, NEAR_MISS, "asked for on the last day"),
        (back, quick, back.inspected, back.inspected, NEAR_MISS, "another item, decided at once"),
    ):
        truth.add("E51", _key(r, index), kind, opened[index], closed[index], text)


def _some(rng: np.random.Generator, fit: np.ndarray, count: int) -> np.ndarray:
    free = np.flatnonzero(fit)
    return np.sort(rng.choice(free, min(count, free.size), replace=False))


def without_receipt(lines: pl.DataFrame, r: Cols) -> pl.DataFrame:
    """return_line of the counter, without the sale where the customer has no receipt."""
    if not r.is_unknown.any():
        return lines
    unknown = pl.col("return_id").is_in(r.no[r.is_unknown].tolist())
    names = ("transaction_id", "transaction_line_no")
    return lines.with_columns(pl.when(~unknown).then(pl.col(name)).alias(name) for name in names)


class _Units:
    """Units delivered, collected and sold at tills, by product line and channel (``group``) and week of the run."""

    def __init__(self, world: World, o: Cols, lines: Cols, f: Cols, s: Cols, t: Cols, sold: Cols) -> None:
        clock, self.split = world.clock, f.li.size
        given = np.where(f.ship >= 0, s.delivered[np.maximum(f.ship, 0)] if s.size else NEVER, NEVER)
        given = np.where(f.pickup, o.collected[f.at], given)
        given = np.where((f.done_qty > 0) & ~f.rejected & ~o.is_test[f.at], given, NEVER)
        self.ts = np.concatenate([given, np.where(t.kind[sold.at] == SALE, t.ts[sold.at], NEVER)])
        self.qty = np.concatenate([f.done_qty, sold.qty])
        category = world.cat.category[np.concatenate([lines.sku[f.li], sold.sku])]
        self.group = category * len(CHANNELS) + np.concatenate([o.channel[f.at], np.full(sold.at.size, SHOP)])
        self.week = (clock.day(np.minimum(self.ts, clock.end_ts)) + clock.first_weekday - 1) // 7
        self.is_in = self.ts < clock.end_ts
        self.shape = (len(CATEGORIES) * len(CHANNELS), (clock.days + clock.first_weekday + 12) // 7)
        self.total = self._count(self.qty * self.is_in)
        ends = (np.arange(self.shape[1]) + 1) * 7 - clock.first_weekday + 1
        self.due = clock.utc(ends + AGE // DAY, np.zeros(ends.size, dtype=np.int64))
        sells = (self.total > 0).cumsum(axis=1) - (self.total > 0)
        self.end = clock.end_ts - DAY
        self.judged = (sells >= WEEKS) & (self.total >= FEWEST) & (self.due <= clock.end_ts)

    def _count(self, qty: np.ndarray) -> np.ndarray:
        table = np.zeros(self.shape, dtype=np.int64)
        np.add.at(table, (self.group, np.minimum(self.week, self.shape[1] - 1)), qty)
        return table

    def returned(self, back: Cols, counter: Cols) -> np.ndarray:
        """Units by group and week that were asked back at the age of two weeks."""
        qty = np.zeros(self.ts.size, dtype=np.int64)
        for r, offset in ((back, 0), (counter, self.split)):
            soon = (r.start <= self.ts[r.fi + offset] + AGE) & (r.fate != WITHDRAWN)
            np.add.at(qty, r.fi[soon] + offset, r.qty[soon])
        return self._count(np.minimum(qty, self.qty) * self.is_in)

    def limits(self, returned: np.ndarray) -> np.ndarray:
        """The control limit of the units returned in each week, from those of the weeks before."""
        before = [np.cumsum(table, axis=1) - table for table in (returned, self.total)]
        mean = before[0] / np.maximum(before[1], 1)
        n = np.maximum(self.total, 1)
        return np.maximum(1.5 * mean, mean + 4 * np.sqrt(mean * (1 - mean) / n)) * n


def _spikes(plan: Plan, units: _Units, back: Cols, counter: Cols) -> tuple[np.ndarray, np.ndarray]:
    """E54: of what stores sold of a product line in a week a part too large comes back; near misses nearly as much.

    Which lines of the tills come back too, and the groups that are struck.
    """
    came, shop = units.returned(back, counter), np.arange(units.shape[0]) % len(CHANNELS) == SHOP
    limit = units.limits(came)
    fit = units.judged & shop[:, None] & (units.due < units.end) & (limit > 0) & (limit < 0.5 * units.total)
    _, once = np.unique(np.flatnonzero(fit) // units.shape[1], return_index=True)
    cells = np.flatnonzero(fit)[once]
    hit = plan.pick("E54", 0, plan.days, cells)
    close = plan.pick("E54", 0, plan.days, np.setdiff1d(cells, hit), near=True)
    rng = plan.stream("E54", 0, "size")
    more = np.zeros(units.ts.size, dtype=bool)
    for cell in np.concatenate([hit, close]):
        group, week = divmod(int(cell), units.shape[1])
        factor = rng.uniform(1.4, 2.0) if cell in hit else 0.85
        lack = int(limit[group, week] * factor) - came[group, week]
        mine = np.flatnonzero((units.group == group) & (units.week == week) & units.is_in)
        mine = rng.permutation(mine[(mine >= units.split) & ~np.isin(mine - units.split, counter.fi)])
        more[mine[np.cumsum(units.qty[mine]) <= lack]] = True
    return more[units.split :], np.concatenate([hit, -close])


def _spike_truth(
    world: World, truth: Truth, units: _Units, back: Cols, counter: Cols, struck: np.ndarray
) -> None:  # fmt: skip
    """Spells of weeks above the limit, as it became; two weeks within it end one."""
    came = units.returned(back, counter)
    high = units.judged & (came > units.limits(came))
    groups = np.abs(struck) // units.shape[1]
    for group in np.unique(np.concatenate([groups, np.flatnonzero(high.any(axis=1))])).tolist():
        category, channel = divmod(group, len(CHANNELS))
        key, where = pl.Series([f"{CATEGORIES[category][0]}|{CHANNELS[channel]}"]), pl.Series([CHANNELS[channel]])
        near = group in groups[struck < 0]
        if near and not high[group].any():
            due = units.due[[-int(struck[groups == group][0]) % units.shape[1]]]
            truth.add("E54", key, NEAR_MISS, due, due, "many returns within the limit", channel=where)
        kind = INJECTED if group in groups else ORDINARY
        opened, quiet, spells = NEVER, 0, list[tuple[int, int]]()
        for week in np.flatnonzero(units.judged[group]).tolist():
            quiet = 0 if high[group, week] else quiet + 1
            opened = min(opened, int(units.due[week])) if high[group, week] else opened
            if opened < NEVER and quiet == 2:
                spells.append((opened, int(units.due[week])))
                opened = NEVER
        spells += [(opened, NEVER)] if opened < NEVER else []
        for began, ended in spells:
            truth.add("E54", key, kind, np.array([began]), np.array([ended]), "returns above the limit", channel=where)
