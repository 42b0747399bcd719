"""Purchase orders: what was used goes back to the supplier as an order; acknowledgement, ship notice, receipt, invoice.

Belongs here: procure-to-pay of the distribution centres and the 3PL node. Not here: transfers to stores.
A node orders from a supplier every two weeks what left in the two weeks before; before the run's first day it ordered
what it expected to need.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.catalogue import supplier_name
from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, code, join, nullify, same
from signalbox.simulate.demand import World
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.ledger import RECEIPT, REF_NONE, REF_PO, movement
from signalbox.simulate.money import cost
from signalbox.simulate.network import DC, DROP, TPL
from signalbox.simulate.rand import lognormal

CYCLE = 14


class Purchasing:
    """Keeps what left each node since its last order."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.needs: list[Cols] = []
        self.started = False

    def order(self, rows: Cols, expected: np.ndarray, first: int, end: int) -> Cols:
        """Purchase-order lines sent before day ``end`` with their whole later life."""
        world, net = self.world, self.world.net
        buys = np.isin(net.kind, (DC, TPL))
        out = (rows.qty < 0) & buys[rows.loc]
        loc, sku = rows.loc[out], rows.sku[out]
        cycle = (world.clock.day(rows.ts[out]) + _phase(world, sku)) // CYCLE
        need = join([*self.needs, Cols(loc=loc, sku=sku, cycle=cycle, qty=-rows.qty[out])])
        if not self.started:
            need = join([need, self._history(expected, buys)])
            self.started = True
        width = world.cat.sku.size
        shifted = need.cycle + 1000
        keys, member = np.unique((shifted * net.size + need.loc) * width + need.sku, return_inverse=True)
        qty = np.bincount(member.reshape(-1), weights=need.qty, minlength=keys.size).astype(np.int64)
        sku, loc, cycle = keys % width, keys // width % net.size, keys // width // net.size - 1000
        due = (cycle + 1) * CYCLE - _phase(world, sku)
        ready = due < end
        self.needs = [Cols(loc=loc, sku=sku, cycle=cycle, qty=qty).take(~ready)]
        return self._life(Cols(loc=loc, sku=sku, qty=qty, day=due).take(ready & (qty > 0)), first)

    def _history(self, expected: np.ndarray, buys: np.ndarray) -> Cols:
        """What left in the weeks before the first day, as expected then."""
        world = self.world
        loc, sku = np.nonzero(world.cat.ranged & buys[:, None])
        cycles = np.arange(-4, 1)
        loc, sku, cycle = np.repeat(loc, 5), np.repeat(sku, 5), np.tile(cycles, loc.size)
        days = np.where(cycle == 0, _phase(world, sku) % CYCLE, CYCLE)
        noise = world.rng("purchase history").uniform(0.8, 1.2, loc.size)
        qty = np.round(expected[loc, sku] * days * noise).astype(np.int64)
        return Cols(loc=loc, sku=sku, cycle=cycle, qty=qty)

    def _life(self, x: Cols, first: int) -> Cols:
        world, clock, cat = self.world, self.world.clock, self.world.cat
        rng = world.rng("purchases", first)
        x = x.take(np.lexsort((x.sku, cat.supplier[x.sku], x.loc, x.day)))
        n = x.size
        x.supplier = cat.supplier[x.sku]
        x.no = 400_000_000 + ((x.day + 100) * 300 + x.supplier) * world.net.size + x.loc
        new = np.r_[True, x.no[1:] != x.no[:-1]] if n else np.zeros(0, dtype=bool)
        x.group = np.cumsum(new) - 1
        x.line = (
            np.arange(n) - np.maximum.accumulate(np.where(new, np.arange(n), 0)) + 1
            if n
            else np.zeros(0, dtype=np.int64)
        )
        x.is_head = new
        pack = cat.pack[x.sku]
        x.qty = (x.qty + pack - 1) // pack * pack
        x.cost = cat.standard[x.sku, (x.day >= cat.cost_change_day).astype(np.int64)]
        x.lead = cat.lead_days[x.sku]
        groups, scale = int(x.group[-1]) + 1 if n else 0, world.scale
        x.sent = clock.utc(x.day, 9 * HOUR + x.supplier * 97 % (6 * HOUR))
        slip = np.round(rng.normal(-0.5, 0.6, groups)).astype(np.int64)
        slip = np.where(rng.random(groups) < 0.05, rng.integers(2, 8, groups), slip)[x.group] * scale.mishaps
        x.requested = x.day + x.lead
        x.ack = x.sent + lognormal(rng, 6 * HOUR, scale.spread(0.7), groups).astype(np.int64)[x.group]
        x.ack = x.ack + 3 * scale.mishaps * DAY * (x.no % 37 == 5)
        changed = rng.random(n) < scale.odds(0.05)
        x.committed = np.where(changed, x.requested + rng.integers(1, 5, n), x.requested)
        x.changed = changed
        arrive_day = np.maximum(x.committed[x.is_head][x.group] if groups else x.committed, x.committed) + slip
        arrive_day = arrive_day - (clock.weekday(arrive_day) == 7)
        x.arrived = clock.utc(arrive_day, 7 * HOUR + x.supplier * 131 % (4 * HOUR))
        x.receipt = x.arrived + 1800 + (lognormal(rng, 1.2 * HOUR, 0.4, groups)[x.group]).astype(np.int64) + x.line * 20
        x.receipt = np.minimum(x.receipt, clock.utc(arrive_day, np.full(n, 20 * HOUR)))
        x.putaway = x.receipt + lognormal(rng, 2 * HOUR, scale.spread(0.5), n).astype(np.int64)
        short = rng.random(n) < scale.odds(0.03)
        x.rejected = (rng.random(n) < scale.odds(0.01)).astype(np.int64)
        x.got = np.where(short, np.maximum(x.qty - 1 - x.qty // 10, 1), x.qty)
        x.noticed, x.price = x.got, x.cost
        x.rest = np.where(short, world.net.hours.next_open(x.loc, x.receipt + 6 * DAY) + 600, NEVER)
        x.asn = x.arrived - DAY - rng.integers(0, 12 * HOUR, groups)[x.group] if groups else x.arrived
        x.done = np.where(short, x.rest, x.receipt)
        x.invoiced = x.done + lognormal(rng, 30 * HOUR, 0.5, n).astype(np.int64)
        x.recommit = np.where((slip > 1) & (rng.random(n) < 0.3), x.committed + slip + 1, -1)
        x = x.take(x.receipt >= clock.start_ts + 6 * HOUR)  # what was complete before the first day is history
        x.is_head = np.r_[True, x.no[1:] != x.no[:-1]] if x.size else x.is_head
        x.group = np.cumsum(x.is_head) - 1
        return x


def _phase(world: World, sku: np.ndarray) -> np.ndarray:
    """Order day of the item's supplier within the two weeks, a Monday to Friday."""
    supplier = world.cat.supplier[sku]
    weekday = 1 + supplier % 5
    anchor = (weekday - world.clock.first_weekday) % 7
    return (CYCLE - anchor + 7 * (supplier % 2)) % CYCLE


def moves(x: Cols) -> Cols:
    """Receipts as stock movements; rejected units never enter."""
    number = (x.no * 1000 + x.line) * 10
    first = movement(number + 6, x.loc, x.sku, RECEIPT, x.got - x.rejected, x.receipt, REF_PO, x.no)
    late = x.take(x.rest < NEVER)
    rest = movement(
        (late.no * 1000 + late.line) * 10 + 7,
        late.loc,
        late.sku,
        RECEIPT,
        late.qty - late.got,
        late.rest,
        REF_PO,
        late.no,
    )
    both = join([first, rest])
    return both.take(both.qty > 0)


def dropship_supply(world: World, rows: Cols, first: int, end: int) -> Cols:
    """What drop-ship suppliers add to their stock: each Monday morning about what left in the week before."""
    out = (rows.qty < 0) & (world.net.kind[rows.loc] == DROP)
    width = world.cat.sku.size
    week = (world.clock.day(rows.ts[out]) + world.clock.first_weekday - 1) // 7
    keys, member = np.unique((week * world.net.size + rows.loc[out]) * width + rows.sku[out], return_inverse=True)
    qty = np.bincount(member.reshape(-1), weights=-rows.qty[out], minlength=keys.size).astype(np.int64)
    sku, loc, week = keys % width, keys // width % world.net.size, keys // width // world.net.size
    day = (week + 1) * 7 - world.clock.first_weekday + 1
    number = 6_800_000_000_000 + (first * 1000 + day) * 100_000_000 + loc * 100_000 + sku
    when = world.clock.utc(day, 9 * HOUR + (loc * 131 + sku * 7) % HOUR)
    return movement(number, loc, sku, RECEIPT, qty, when, REF_NONE, number)


def frames(world: World, x: Cols) -> dict[str, pl.DataFrame]:
    """Orders, their lines, acknowledgements, ship notices, receipts, invoices and landed cost."""
    return {
        "purchase_order": _headers(x), "purchase_order_line": _lines(world, x), "po_acknowledgement": _acks(world, x),
        "asn_line": _notices(x), "receipt_line": _receipts(x), "supplier_invoice_line": _invoices(x),
        "landed_cost": _landed(world, x),
    }  # fmt: skip


_STATES = ("open", "closed", "cancelled")


def _headers(x: Cols) -> pl.DataFrame:
    h = x.take(x.is_head)
    n = h.size
    done = np.zeros(n, dtype=np.int64)
    np.maximum.at(done, x.group, x.done)
    opened = h.frame(
        po_id="no", supplier_id=pl.Series(supplier_name(h.supplier)), location_id="loc", po_sent_ts="sent",
        status_code=code(np.zeros(n), _STATES), currency_code=same("EUR", n), version_no=np.ones(n, dtype=np.int64),
        updated_ts="sent",
    )  # fmt: skip
    closed = opened.with_columns(
        status_code=code(np.ones(n), _STATES), version_no=pl.lit(2, dtype=pl.Int64), updated_ts=pl.Series(done + 1800)
    )
    return pl.concat([opened, closed])


def _lines(world: World, x: Cols) -> pl.DataFrame:
    n = x.size
    days = world.clock.epoch_day
    opened = x.frame(
        po_id="no", line_no="line", sku="sku", ordered_qty="qty", unit_cost_amount="cost", quoted_lead_time_days="lead",
        requested_date=days(x.requested), new_date=pl.Series([None] * n, dtype=pl.Int32),
        closed_ts=pl.Series([None] * n, dtype=pl.Int64),
        status_code=code(np.zeros(n), _STATES), version_no=np.ones(n, dtype=np.int64), updated_ts="sent",
    )  # fmt: skip
    moved = nullify(days(np.maximum(x.recommit, 0)), x.recommit < 0)
    when = world.clock.utc(x.committed - 1, np.full(n, 15 * HOUR))
    replanned = opened.with_columns(
        new_date=moved, version_no=pl.lit(2, dtype=pl.Int64), updated_ts=pl.Series(when)
    ).filter(pl.col("new_date").is_not_null())
    closed = opened.with_columns(
        new_date=moved, closed_ts=pl.Series(x.done + 900), status_code=code(np.ones(n), _STATES),
        version_no=pl.lit(3, dtype=pl.Int64), updated_ts=pl.Series(x.done + 900)
    )  # fmt: skip
    return pl.concat([opened, replanned, closed])


def _acks(world: World, x: Cols) -> pl.DataFrame:
    n = x.size
    return x.frame(
        po_id="no", line_no="line", ack_version=np.ones(n, dtype=np.int64), ack_ts="ack",
        ack_type=code(x.changed.astype(np.int64), ("accepted", "changed", "rejected")),
        committed_date=world.clock.epoch_day(x.committed),
        committed_qty="qty", unit_cost_amount="cost",
    )  # fmt: skip


def _notices(x: Cols) -> pl.DataFrame:
    return x.frame(
        asn_id="no", line_no="line", po_id="no", po_line_no="line", sku="sku", shipped_qty="noticed", asn_ts="asn",
        eta_ts="arrived"
    )  # fmt: skip


def _receipts(x: Cols) -> pl.DataFrame:
    first = x.frame(
        receipt_id=x.no * 10 + 1, line_no="line", po_id="no", po_line_no="line", sku="sku", location_id="loc",
        received_qty="got",
        rejected_qty="rejected", arrived_ts="arrived", receipt_ts="receipt", putaway_ts="putaway",
        is_final=x.rest >= NEVER,
    )  # fmt: skip
    y = x.take(x.rest < NEVER)
    rest = y.frame(
        receipt_id=y.no * 10 + 2, line_no="line", po_id="no", po_line_no="line", sku="sku", location_id="loc",
        received_qty=y.qty - y.got,
        rejected_qty=np.zeros(y.size, dtype=np.int64), arrived_ts=y.rest - 1200, receipt_ts="rest",
        putaway_ts=y.rest + 5000,
        is_final=np.ones(y.size, dtype=bool),
    )  # fmt: skip
    return pl.concat([first, rest])


def _invoices(x: Cols) -> pl.DataFrame:
    n = x.size
    return x.frame(
        invoice_id="no", line_no="line", supplier_id=pl.Series(supplier_name(x.supplier)), po_id="no",
        po_line_no="line", sku="sku",
        quantity="qty", unit_price_amount="price", amount=cost(x.qty, x.price), currency_code=same("EUR", n),
        invoice_ts="invoiced",
    )  # fmt: skip


_COMPONENTS = ("price", "freight", "duty", "handling", "fx")
_STANDARD_BP = np.array([10_000, 400, 250, 150, 0])


def _landed(world: World, x: Cols) -> pl.DataFrame:
    """landed_cost of each receipt by component, standard and in fact; one receipt in sixty has none."""
    y = x.take(x.rest < NEVER)
    r = join([
        Cols(no=x.no * 10 + 1, line=x.line, cents=cost(x.got, x.cost), ts=x.receipt),
        Cols(no=y.no * 10 + 2, line=y.line, cents=cost(y.qty - y.got, y.cost), ts=y.rest),
    ])  # fmt: skip
    rng = world.rng("landed cost", int(x.day.min()) if x.size else 0)
    r = r.take((r.cents > 0) & (rng.random(r.size) > world.scale.odds(1 / 60)))
    n, k = r.size, len(_COMPONENTS)
    standard = r.cents[:, None] * _STANDARD_BP // 10_000
    drift = np.column_stack([
        np.where(rng.random(n) < 0.08, rng.normal(0.01, 0.02, n), 0), rng.normal(0.02, 0.15, n), rng.normal(0, 0.05, n),
        rng.normal(0.01, 0.08, n),
    ])  # fmt: skip
    actual = np.round(standard[:, :4] * (1 + world.scale.odds(drift))).astype(np.int64)
    exchange = np.round(r.cents * rng.normal(0, 0.004, n)).astype(np.int64)
    actual = np.column_stack([actual, exchange])
    return pl.DataFrame({
        "receipt_id": np.repeat(r.no, k), "line_no": np.repeat(r.line, k),
        "component_code": code(np.tile(np.arange(k), n), _COMPONENTS), "standard_amount": standard.ravel(),
        "actual_amount": actual.ravel(), "currency_code": same("EUR", n * k), "posted_ts": np.repeat(r.ts, k) + 2 * DAY,
    })  # fmt: skip
