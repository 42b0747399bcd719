"""The stock ledger: movements, balances that never fall below zero, and what each place needs again.

Belongs here: movements from what was sold, shipped, returned, received; replenishment of stores by transfers. Not
here: what the other systems see of it (``views``), purchase orders (``purchasing``).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, code, join, nullify
from signalbox.simulate.demand import PICKUP, World
from signalbox.simulate.emit_orders import key
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.network import CARRIERS, STORE, TPL

MOVES = (
    "opening",
    "receipt",
    "sale",
    "ship",
    "collect",
    "transfer_out",
    "transfer_in",
    "return",
    "adjustment",
    "count",
)
OPENING, RECEIPT, SALE, SHIP, COLLECT, TRANSFER_OUT, TRANSFER_IN, RETURN, ADJUST, COUNT = range(10)
STATES = ("sellable", "damaged", "hold", "returns")
REFERENCES = ("order", "pos", "transfer", "purchase_order", "return", "count", "none")
REF_ORDER, REF_POS, REF_TRANSFER, REF_PO, REF_RETURN, REF_COUNT, REF_NONE = range(7)
REASONS = ("damage", "shrink", "expiry", "correction", "recount", "other")
NAMES = ("id", "loc", "sku", "kind", "qty", "state", "ts", "ref", "ref_no", "reason")


def movement(
    number: np.ndarray, loc: np.ndarray, sku: np.ndarray, kind: int, qty: np.ndarray, ts: np.ndarray,
    ref: int, ref_no: np.ndarray, state: np.ndarray | int = 0, reason: int = -1,
) -> Cols:  # fmt: skip
    """Movement rows; scalars are repeated."""
    n = loc.size

    def full(value: np.ndarray | int) -> np.ndarray:
        return np.broadcast_to(np.asarray(value, dtype=np.int64), n).copy()

    return Cols(
        id=full(number), loc=full(loc), sku=full(sku), kind=full(kind), qty=full(qty), state=full(state), ts=full(ts),
        ref=full(ref), ref_no=full(ref_no), reason=full(reason),
    )  # fmt: skip


def of_sales(o: Cols, lines: Cols, f: Cols, t: Cols, sold: Cols) -> Cols:
    """Units that leave with shipments, collections and till sales."""
    gone = f.take((f.done_qty > 0) & ~f.rejected)
    when = np.where(gone.pickup, o.collected[gone.at], gone.shipped)
    number = key(o, gone.at, lines.line[gone.li], gone.part) * 10 + 1
    ships = movement(number, gone.loc, lines.sku[gone.li], SHIP, -gone.done_qty, when, REF_ORDER, o.no[gone.at])
    ships.kind = np.where(o.kind[gone.at] == PICKUP, COLLECT, SHIP)
    ships = ships.take(ships.ts < NEVER)
    tills = movement(
        t.no[sold.at] * 1000 + sold.line,
        t.store[sold.at],
        sold.sku,
        SALE,
        -sold.qty,
        t.ts[sold.at],
        REF_POS,
        t.no[sold.at],
    )
    return join([ships, tills])


def of_returns(r: Cols) -> Cols:
    """Units that come back: restocked when available, else set aside as damaged or on hold; scrap never enters."""
    enters = np.flatnonzero((r.disposed < NEVER) & (r.disposition < 3))
    e = r.take(enters)
    state = np.array([0, 2, 1])[e.disposition]
    when = np.where(e.disposition == 0, e.available, e.disposed)
    return movement(e.no * 10 + 3, e.loc, e.sku, RETURN, e.qty, when, REF_RETURN, e.no, state)


class Stock:
    """Balances by (location, item) and what is still to come; one for the whole run.

    ``on_hand`` holds all states, ``aside`` the damaged and held part, both (locations, items) at the start of the
    slice.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        shape = (world.net.size, world.cat.sku.size)
        self.on_hand = np.zeros(shape, dtype=np.int64)
        self.aside = np.zeros(shape, dtype=np.int64)
        self.future: list[Cols] = []
        self.needs: list[Cols] = []
        self.expected = expected_outflow(world)
        rng = world.rng("cycles")
        self.phase = self._phases(rng)

    def _phases(self, rng: np.random.Generator) -> np.ndarray:
        """Day offset of each pair's replenishment cycle;

        boundaries of a store fall on one weekday, Monday to Friday.
        """
        net, cycle = self.world.net, self.world.scale.cycle_days
        weekday = 1 + np.arange(net.stores) % 5
        anchor = (weekday - self.world.clock.first_weekday) % 7
        week = rng.integers(0, cycle // 7, (net.stores, self.world.cat.sku.size))
        return (cycle - anchor[:, None] + 7 * week) % cycle

    def opening(self) -> Cols:
        """Opening rows: cover for the first cycles and a reserve."""
        world, net = self.world, self.world.net
        loc, sku = np.nonzero(world.cat.ranged)
        daily = self.expected[loc, sku]
        store = net.kind[loc] == STORE
        cover = np.where(store, world.scale.cycle_days + 7, world.cat.lead_days[sku] + 24)
        mean = daily * cover * 1.25
        qty = np.ceil(mean + 2.4 * np.sqrt(mean) + np.where(store, 3, 12) + (20 if world.scale.is_calm else 0)).astype(
            np.int64
        )
        rows = movement(
            5_000_000_000_000 + loc * 100_000 + sku,
            loc,
            sku,
            OPENING,
            qty,
            np.full(loc.size, world.clock.start_ts),
            REF_NONE,
            loc * 0,
        )
        return rows

    def due(self, new: list[Cols], end_ts: int) -> Cols:
        """What moves before ``end_ts``; the rest waits for a later slice."""
        rows = join([*self.future, *new])
        now = rows.ts < end_ts
        self.future = [rows.take(~now)]
        return rows.take(now)

    def settle(self, rows: Cols, start_ts: int) -> Cols:
        """The slice's movements in order of time, with the counts that keep every balance at or above zero."""
        rows = join([rows, self._found(rows, start_ts)])
        return rows.take(np.lexsort((rows.id, rows.qty < 0, rows.ts)))

    def _found(self, rows: Cols, start_ts: int) -> Cols:
        """Count surpluses at the start of the slice where sales would otherwise exceed the books."""
        width = self.world.cat.sku.size
        pair = rows.loc * width + rows.sku
        order = np.lexsort((rows.id, rows.qty < 0, rows.ts, pair))
        pair, qty = pair[order], np.where(rows.state == 0, rows.qty, 0)[order]
        total = np.cumsum(qty)
        first = np.r_[True, pair[1:] != pair[:-1]]
        base = np.repeat((total - qty)[first], np.diff(np.r_[np.flatnonzero(first), pair.size]))
        sellable = (self.on_hand - self.aside).ravel()
        running = sellable[pair] + total - base
        lowest = np.minimum.reduceat(running, np.flatnonzero(first)) if pair.size else running
        at = pair[first]
        short = np.flatnonzero(lowest < 0)
        loc, sku = at[short] // width, at[short] % width
        when = np.full(short.size, start_ts) + 3 * HOUR + (loc * 37 + sku) % 3000
        day = int(self.world.clock.day(np.array([start_ts]))[0])
        number = 6_000_000_000_000 + day * 10_000_000_000 + loc * 100_000 + sku
        return movement(
            number, loc, sku, COUNT, 2 - lowest[short], when, REF_COUNT, number, reason=REASONS.index("recount")
        )

    def apply(self, rows: Cols) -> None:
        """Add movements to the balances."""
        np.add.at(self.on_hand, (rows.loc, rows.sku), rows.qty)
        aside = rows.state != 0
        np.add.at(self.aside, (rows.loc[aside], rows.sku[aside]), rows.qty[aside])

    def transfers(self, rows: Cols, end: int) -> Cols:
        """Transfer lines due before day ``end``: each store gets again what left since its last cycle."""
        clock, net, cycle = self.world.clock, self.world.net, self.world.scale.cycle_days
        out = (rows.qty < 0) & (net.kind[rows.loc] == STORE) & (rows.kind != ADJUST)
        day = clock.day(rows.ts[out])
        loc, sku = rows.loc[out], rows.sku[out]
        count = (day + self.phase[loc, sku]) // cycle
        fresh = Cols(loc=loc, sku=sku, cycle=count, qty=-rows.qty[out])
        need = join([*self.needs, fresh])
        width = self.world.cat.sku.size
        group = (need.cycle * net.size + need.loc) * width + need.sku
        keys, member = np.unique(group, return_inverse=True)
        qty = np.bincount(member.reshape(-1), weights=need.qty, minlength=keys.size).astype(np.int64)
        sku, loc, count = keys % width, keys // width % net.size, keys // width // net.size
        due = (count + 1) * cycle - self.phase[loc, sku]
        ready = due < end
        self.needs = [Cols(loc=loc, sku=sku, cycle=count, qty=qty).take(~ready)]
        return self._transfer_lines(Cols(loc=loc, sku=sku, qty=qty, day=due).take(ready))

    def _transfer_lines(self, x: Cols) -> Cols:
        clock, net = self.world.clock, self.world.net
        order = np.lexsort((x.sku, x.loc, x.day))
        x = x.take(order)
        south = np.isin(net.region[x.loc], (2, 3, 4))
        x.source = np.where(south, net.dcs[1], net.dcs[0])
        x.no = 300_000_000 + x.day * 1000 + x.loc
        start = np.r_[True, x.no[1:] != x.no[:-1]] if x.size else np.zeros(0, dtype=bool)
        begin = np.maximum.accumulate(np.where(start, np.arange(x.size), 0)) if x.size else np.zeros(0, dtype=np.int64)
        x.line = np.arange(x.size) - begin + 1
        x.created = clock.utc(x.day, np.full(x.size, 2 * HOUR)) + x.loc % 600
        x.shipped = clock.utc(x.day, np.full(x.size, 15 * HOUR)) + x.loc * 7 % 1500
        x.received = clock.utc(x.day + 1, 10 * HOUR + (x.loc * 13 + x.line * 11) % 5400, net.zone[x.loc])
        draw = self.world.rng("transfers", int(x.day[0]) if x.size else 0).random(x.size)
        x.got = x.qty - ((draw < self.world.scale.odds(0.012)) & (x.qty > 1))
        return x

    def transfer_moves(self, x: Cols) -> Cols:
        number = (x.no * 1000 + x.line) * 10
        out = movement(number + 4, x.source, x.sku, TRANSFER_OUT, -x.qty, x.shipped, REF_TRANSFER, x.no)
        inn = movement(number + 5, x.loc, x.sku, TRANSFER_IN, x.got, x.received, REF_TRANSFER, x.no)
        return join([out, inn])


def expected_outflow(world: World) -> np.ndarray:
    """Units a day that each (location, item) is expected to give, from the demand model's own weights."""
    scale, net, cat = world.scale, world.net, world.cat
    per_day = scale.orders / scale.days
    units = per_day * 1.9 * 1.2
    expected = np.zeros((net.size, cat.sku.size))
    width = cat.ranges.shape[1]
    rank = ((np.arange(width) + 1) / width) ** (1 / 1.7) - (np.arange(width) / width) ** (1 / 1.7)
    till = per_day * scale.pos_ratio * 2.0 * 1.2 + units * 0.17
    rows = np.arange(net.stores)[:, None]
    expected[rows, cat.ranges] = till * net.weight[:, None] * rank[None, :]
    online = units * cat.popularity * 0.85
    south = np.isin(net.region[: net.stores], (2, 3, 4))
    expected[net.dcs[0]] = online * 0.5 + expected[: net.stores][~south].sum(axis=0)
    expected[net.dcs[1]] = online * 0.38 + expected[: net.stores][south].sum(axis=0)
    expected[net.tpl] = online * 0.3
    expected[net.drop] = online
    return np.where(cat.ranged, expected, 0)


def shrink(world: World, first: int, end: int) -> Cols:
    """Ordinary losses and damage in stores and warehouses: a few rows a day."""
    rng, clock, net, cat = world.rng("shrink", first), world.clock, world.net, world.cat
    count = world.scale.mishaps * max(2, net.stores // 12) * (end - first)
    loc = rng.integers(0, net.tpl + 1, count)
    ranged = cat.ranges[np.minimum(loc, net.stores - 1), rng.integers(0, cat.ranges.shape[1], count)]
    fits = cat.ranged[loc, ranged]
    loc, sku = loc[fits], ranged[fits]
    when = clock.utc(rng.integers(first, end, loc.size), rng.integers(10 * HOUR, 17 * HOUR, loc.size), net.zone[loc])
    number = 6_500_000_000_000 + first * 10_000_000 + np.arange(loc.size) * 10
    half = rng.random(loc.size) < 0.5
    minus = np.full(loc.size, -1)
    lost = movement(number, loc, sku, ADJUST, minus, when, REF_NONE, number, reason=REASONS.index("shrink")).take(~half)
    broken = movement(number + 1, loc, sku, ADJUST, minus, when, REF_NONE, number, reason=REASONS.index("damage")).take(
        half
    )
    aside = movement(
        number + 2, loc, sku, ADJUST, -minus, when, REF_NONE, number, state=1, reason=REASONS.index("damage")
    ).take(half)
    return join([lost, broken, aside])


def movement_frame(world: World, rows: Cols) -> pl.DataFrame:
    """inventory_movement. The cost is that of the movement's day."""
    day = world.clock.day(rows.ts)
    prefix = code(rows.ref, ("O", "T", "TR", "PO", "R", "CN", "")).cast(pl.String)
    reference = prefix + pl.Series(rows.ref_no).cast(pl.String).str.zfill(9)
    return rows.frame(
        movement_id="id", location_id="loc", sku="sku", movement_type=code(rows.kind, MOVES), quantity="qty",
        state_code=code(rows.state, STATES), unit_cost_amount=world.cat.unit_cost(rows.sku, day),
        currency_code=pl.Series(["EUR"]).new_from_index(0, rows.size),
        event_ts="ts", reference_type=code(rows.ref, REFERENCES), reference_id=nullify(reference, rows.ref == REF_NONE),
        reason_code=code(rows.reason, REASONS),
    )  # fmt: skip


def transfer_frame(world: World, x: Cols) -> pl.DataFrame:
    """transfer_line by version: open, shipped, received (closed where short)."""
    n = x.size
    none = np.full(n, NEVER)
    zero = np.zeros(n, dtype=np.int64)
    short = x.got < x.qty
    rows = [
        (1, zero, x.created, zero, zero, none, none),
        (2, zero + 1, x.shipped, x.qty, zero, x.shipped, none),
        (3, np.where(short, 3, 2), x.received, x.qty, x.got, x.shipped, x.received),
    ]
    v = join(
        [
            Cols(xi=np.arange(n), version=zero + k, state=st, ts=ts, sent=sent, got=got, out=out, done=done)
            for k, st, ts, sent, got, out, done in rows
        ]
    )
    xi = v.xi
    return v.frame(
        transfer_id=x.no[xi], line_no=x.line[xi], sku=x.sku[xi], from_location_id=x.source[xi],
        to_location_id=x.loc[xi],
        ordered_qty=x.qty[xi], shipped_qty="sent", received_qty="got", created_ts=x.created[xi],
        shipped_ts=nullify(pl.Series(v.out), v.out >= NEVER),
        completed_ts=nullify(pl.Series(v.done), v.done >= NEVER),
        carrier_id=code(np.full(xi.size, CARRIERS.index("roadways")), CARRIERS),
        due_date=world.clock.epoch_day(x.day[xi] + 1), cost_amount=120 + 35 * x.qty[xi],
        currency_code=code(np.zeros(xi.size), ("EUR",)),
        status_code=code(v.state, ("open", "shipped", "received", "closed", "cancelled")),
        version_no="version", updated_ts="ts",
    )  # fmt: skip


__all__ = ["DAY", "TPL", "Stock", "movement", "movement_frame", "of_returns", "of_sales", "shrink", "transfer_frame"]
