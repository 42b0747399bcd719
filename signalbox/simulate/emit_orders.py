"""The extracts that tell of orders: headers, lines, promises, events, allocation, picking, shipments, pickup.

Belongs here: turning the arrays of ``demand`` and ``fulfil`` into the rows of each entity, with versions. Not here:
deciding anything.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.catalogue import listing_name
from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, code, join, nullify
from signalbox.simulate.demand import ORDER_TYPES, PICKUP, PREORDER, World
from signalbox.simulate.fulfil import (
    BACKORDER,
    FRAUD,
    HOLD,
    INITIATORS,
    LOST,
    NEVER,
    NO_CAPACITY,
    NO_STOCK_CANCEL,
    NO_STOCK_LATER,
    NOT_FOUND,
    REASONS,
    REFUSED,
    REJECTED,
    SPLIT,
    STAFF,
    UNPAID,
)  # fmt: skip
from signalbox.simulate.network import CARRIERS, CHANNELS, COUNTRIES, DC, REGIONS, SHOP, TPL

Frames = dict[str, pl.DataFrame]
EVENT_TYPES = (
    "created", "authorised", "released", "allocated", "picked", "packed", "shipped", "ready", "delivered", "collected",
    "cancelled", "backordered", "hold_placed", "hold_released", "edited", "substituted", "rerouted",
    "manual_allocation",
    "status_forced", "message_reposted", "delay_announced", "customer_notified", "item_not_found",
)  # fmt: skip
EV = {name: i for i, name in enumerate(EVENT_TYPES)}
SYSTEM, HUMAN, BUYER, CARRIER = 0, 1, 2, 3
ACTORS = ("system", "human", "customer", "carrier")
CLASSES = ("progress", "intervention", "exception")


def optional(values: np.ndarray) -> pl.Series:
    """Null where a time is NEVER or an index negative."""
    return nullify(values, (values >= NEVER) | (values < 0))


def key(o: Cols, at: np.ndarray, line: np.ndarray | int = 0, last: np.ndarray | int = 0) -> np.ndarray:
    """A number of order, line and a last digit."""
    return o.no[at] * 1000 + np.asarray(line) * 10 + np.asarray(last)


def external_key(channel: np.ndarray, number: np.ndarray) -> pl.Series:
    """The channel's own order number, of channel and order number."""
    digits = pl.Series(number * 7 % 1_000_000_007).cast(pl.String).str.zfill(10)
    return code(channel, ("W-", "A-", "B-", "S-")).cast(pl.String) + digits


def headers(world: World, o: Cols) -> Frames:
    """sales_order: a second version where the address was edited, or where a marketplace sent tax or shipping later."""
    late = o.meta_ts < NEVER
    o.edit_ts = np.where((o.carrier_draw * 997 % 1 < 0.012) & (o.fate < FRAUD) & ~late, o.ts + 1200, NEVER)
    frame = o.frame(
        order_id="no", external_order_key=external_key(o.channel, o.ext), channel_id=code(o.channel, CHANNELS),
        order_type=code(o.kind, ORDER_TYPES), order_ts="ts", customer_id="customer",
        region_code=code(o.region, REGIONS), ship_to_country_code=code(o.country, COUNTRIES),
        ship_to_postcode="postcode",
        pickup_location_id=optional(o.store), currency_code=currency(o.channel),
        prices_include_tax=np.ones(o.size, dtype=bool),
        shipping_amount="shipping", tax_amount="tax", total_amount="total", is_test="is_test",
        version_no=np.ones(o.size, dtype=np.int64), updated_ts="ts",
    )  # fmt: skip
    first = frame.with_columns(
        tax_amount=nullify(o.tax, late & (o.meta_kind == 0)),
        shipping_amount=nullify(o.shipping, late & (o.meta_kind == 1))
    )  # fmt: skip
    second_ts = np.where(late & (o.meta_kind < 2), o.meta_ts, o.edit_ts)
    second = frame.with_columns(
        ship_to_postcode=pl.Series(o.postcode + (o.edit_ts < NEVER)), version_no=pl.lit(2, dtype=pl.Int64),
        updated_ts=pl.Series(second_ts)
    ).filter(pl.col("updated_ts") < NEVER)  # fmt: skip
    return {"sales_order": pl.concat([first, second])}


def currency(channel: np.ndarray) -> pl.Series:
    return code((channel == 2).astype(np.uint8), ("EUR", "GBP"))


def line_frames(world: World, o: Cols, lines: Cols) -> Frames:
    """sales_order_line, tax_line, discount_allocation."""
    at, n = lines.at, lines.at.size
    channel = o.channel[at]
    listing = nullify(listing_name(channel, lines.sku), channel == SHOP)
    order_line = lines.frame(
        order_id=o.no[at], line_no="line", sku="sku", listing_id=listing, quantity="qty",
        unit_price_amount=lines.price * 100,
        gross_amount="gross", discount_amount="discount", tax_amount="tax", promotion_id=optional(lines.promo),
        is_backorder_sale=o.kind[at] == PREORDER, version_no=np.ones(n, dtype=np.int64), updated_ts=o.ts[at],
    )  # fmt: skip
    unmapped = (o.meta_ts[at] < NEVER) & (o.meta_kind[at] == 2) & (lines.line == 1)
    mapped = order_line.with_columns(version_no=pl.lit(2, dtype=pl.Int64), updated_ts=pl.Series(o.meta_ts[at])).filter(
        pl.Series(unmapped)
    )
    order_line = pl.concat([order_line.with_columns(sku=nullify(lines.sku, unmapped)), mapped])
    tax = lines.frame(
        order_id=o.no[at], line_no="line", tax_code=o.country[at] * 3 + world.cat.tax[lines.sku],
        taxable_amount="paid_ex",
        tax_amount="tax", currency_code=currency(channel), remitter_code=code((channel == 2).astype(np.uint8),
            ("retailer", "marketplace")),
        event_ts=o.ts[at],
    )  # fmt: skip
    shares = []
    for which, amount in enumerate((lines.discount_ex - lines.funded_ex, lines.funded_ex)):
        some = np.flatnonzero(amount != 0)
        shares.append(pl.DataFrame({
            "discount_id": key(o, at[some], lines.line[some], which), "order_id": o.no[at[some]],
            "line_no": lines.line[some],
            "promotion_id": lines.promo[some], "funding_code": code(np.full(some.size, which), ("retailer",
                    "supplier")),
            "amount": amount[some], "currency_code": currency(channel[some]), "event_ts": o.ts[at[some]],
        }))  # fmt: skip
    return {"sales_order_line": order_line, "tax_line": tax, "discount_allocation": pl.concat(shares)}


def promise_frame(o: Cols, lines: Cols) -> pl.DataFrame:
    """First promises, what the customer moved, and what the retailer had to move."""
    at, n = lines.at, lines.at.size
    base = lines.frame(
        order_id=o.no[at], line_no="line", promise_version=np.ones(n, dtype=np.int64), issued_ts=o.ts[at],
        promise_earliest_ts=optional(o.earliest[at]), promise_latest_ts=o.latest[at],
        basis_code=code(np.where(o.kind[at] == PICKUP, 1, np.where(lines.outcome == BACKORDER, 0, 0)),
            ("standard", "pickup", "backorder")),
        requested_by_code=code(np.zeros(n), ("retailer", "customer")),
    )  # fmt: skip
    moved = o.rescheduled[at] & (lines.cancel_ts > o.moved_ts[at])
    second = base.with_columns(
        promise_version=pl.lit(2, dtype=pl.Int64), issued_ts=pl.Series(o.moved_ts[at]),
        promise_latest_ts=pl.Series(o.moved_latest[at]),
        requested_by_code=code(np.ones(n), ("retailer", "customer")),
    ).filter(pl.Series(moved))  # fmt: skip
    late = (lines.outcome == BACKORDER) & ~moved
    third = base.with_columns(
        promise_version=pl.lit(2, dtype=pl.Int64), issued_ts=pl.Series(lines.try1 + lines.backorder_lag + 120),
        promise_latest_ts=pl.Series(lines.planned + 3 * DAY),
        basis_code=code(np.full(n, 2), ("standard", "pickup", "backorder")),
    ).filter(pl.Series(late))  # fmt: skip
    return pl.concat([base, second, third])


class Events:
    """Collects order events; every call adds rows of one kind."""

    def __init__(self, o: Cols) -> None:
        self.o, self.parts = o, list[Cols]()

    def add(
        self, kind: str, at: np.ndarray, ts: np.ndarray, line: np.ndarray | int = 0, qty: np.ndarray | int = -1,
        loc: np.ndarray | int = -1, actor: np.ndarray | int = SYSTEM, klass: np.ndarray | int = 0,
        initiator: np.ndarray | int = -1, reason: np.ndarray | int = -1, planned: np.ndarray | int = NEVER,
        part: np.ndarray | int = 0,
    ) -> None:  # fmt: skip
        n = at.size

        def full(value: np.ndarray | int) -> np.ndarray:
            return np.broadcast_to(np.asarray(value, dtype=np.int64), n)

        self.parts.append(Cols(
            at=at, kind=full(EV[kind]), ts=full(ts), line=full(line), qty=full(qty), loc=full(loc), actor=full(actor),
            klass=full(klass), initiator=full(initiator), reason=full(reason), planned=full(planned), part=full(part),
        ))  # fmt: skip

    def frame(self) -> pl.DataFrame:
        e = join(self.parts)
        e = e.take(e.ts < NEVER)
        number = ((self.o.no[e.at] * 10 + e.line) * 100 + e.kind) * 10 + e.part
        staff = nullify(code(e.at % 40, tuple(f"agent{i:02d}@signalbox.example" for i in range(40))), e.actor != HUMAN)
        return e.frame(
            event_id=number, order_id=self.o.no[e.at], line_no=nullify(e.line, e.line == 0),
            event_type=code(e.kind, EVENT_TYPES),
            event_ts="ts", quantity=optional(e.qty), location_id=optional(e.loc), actor_type=code(e.actor, ACTORS),
            actor_id=staff,
            event_class=code(e.klass, CLASSES), initiator_code=code(e.initiator, INITIATORS),
            reason_code=code(e.reason, REASONS),
            planned_ts=optional(e.planned),
        )  # fmt: skip


def events(world: World, o: Cols, lines: Cols, f: Cols, s: Cols, p: Cols) -> pl.DataFrame:
    """order_event."""
    e = Events(o)
    every = np.arange(o.size)
    live = every[o.fate < FRAUD]
    e.add("created", every, o.ts, actor=BUYER)
    e.add("authorised", every[o.fate < UNPAID], o.auth[o.fate < UNPAID])
    e.add("released", live, o.release[live])
    held = every[(o.fate == HOLD) | (o.fate == FRAUD)]
    e.add("hold_placed", held, o.hold[held], klass=2, reason=REASONS.index("fraud"))
    freed = every[o.fate == HOLD]
    e.add("hold_released", freed, o.unhold[freed], actor=HUMAN, klass=1, reason=REASONS.index("fraud"))
    edited = every[o.edit_ts < NEVER]
    e.add("edited", edited, o.edit_ts[edited], actor=HUMAN, klass=1, initiator=0, reason=REASONS.index("address"))
    _line_events(e, o, lines, f)
    _move_events(e, world, o, lines, f, s, p)
    return e.frame()


def _line_events(e: Events, o: Cols, lines: Cols, f: Cols) -> None:
    def some(mask: np.ndarray) -> Cols:
        return lines.take(np.flatnonzero(mask))

    c = some((lines.cancel_ts < NEVER) & (o.fate[lines.at] < FRAUD))
    by_staff = (c.outcome == STAFF) | ((c.outcome == NO_STOCK_CANCEL) & (c.draw < 0.4))
    e.add("cancelled", c.at, c.cancel_ts, c.line, c.cancel_qty,
        actor=np.select([by_staff, c.cancel_by == 0], [HUMAN, BUYER], SYSTEM),
          klass=by_staff.astype(np.int64), initiator=c.cancel_by, reason=c.cancel_why)  # fmt: skip
    dead = np.flatnonzero(o.fate >= FRAUD)
    fraud = o.fate[dead] == FRAUD
    why = np.select([fraud, o.fate[dead] == UNPAID], [3, 4], 9)
    e.add(
        "cancelled",
        dead,
        o.dead_ts[dead],
        actor=np.where(fraud, HUMAN, SYSTEM),
        klass=fraud,
        initiator=np.where(fraud, 1, 4),
        reason=why,
    )
    b = some(lines.outcome == BACKORDER)
    e.add(
        "backordered", b.at, b.try1 + b.backorder_lag, b.line, b.qty, klass=2, initiator=1, reason=1, planned=b.planned
    )
    e.add("delay_announced", b.at, b.try1 + b.backorder_lag + 120, b.line, b.qty, reason=1)
    m = some((lines.outcome == NO_STOCK_LATER) & (lines.draw < 0.5))
    e.add("manual_allocation", m.at, m.try2 - 30, m.line, m.qty, m.node2, actor=HUMAN, klass=1, reason=1)
    made = f.take(~f.rejected)
    e.add("allocated", made.at, made.assigned, lines.line[made.li], made.qty, made.loc, part=made.part)
    r = f.take(f.rejected)
    e.add("rerouted", r.at, lines.try2[r.li] - 10, lines.line[r.li], r.qty, r.loc, reason=2)
    missing = made.take((lines.outcome[made.li] == NOT_FOUND) & (made.pick_end < NEVER))
    e.add(
        "item_not_found",
        missing.at,
        missing.pick_end,
        lines.line[missing.li],
        missing.qty - missing.done_qty,
        missing.loc,
        klass=2,
        reason=2,
    )
    told = some(np.isin(lines.outcome, (NO_STOCK_CANCEL, NOT_FOUND)) & (o.kind[lines.at] != PICKUP))
    e.add("customer_notified", told.at, told.cancel_ts + 600 + told.later // 3, told.line, told.cancel_qty, reason=1)


def _move_events(e: Events, world: World, o: Cols, lines: Cols, f: Cols, s: Cols, p: Cols) -> None:
    """Packed, shipped, delivered: one event for the whole order where it leaves at once, else one a line."""
    shipments = np.bincount(s.at, minlength=o.size)
    cancelled = np.zeros(o.size, dtype=bool)
    cancelled[lines.at[lines.cancel_qty > 0]] = True
    whole = (shipments == 1) & ~cancelled
    moved = f.take(f.ship >= 0)
    picked, packed = np.zeros(o.size, dtype=np.int64), np.zeros(o.size, dtype=np.int64)
    np.maximum.at(picked, moved.at, moved.pick_end)
    np.maximum.at(packed, moved.at, moved.pack_end)
    once = s.take(whole[s.at])
    e.add("picked", once.at, picked[once.at], loc=once.loc)
    e.add("packed", once.at, packed[once.at], loc=once.loc)
    e.add("shipped", once.at, once.shipped, loc=once.loc)
    e.add("delivered", once.at, once.delivered, loc=once.loc, actor=CARRIER)
    part = moved.take(~whole[moved.at])
    line, ship = lines.line[part.li], part.ship
    each = f.take(~f.rejected & (f.done_qty > 0) & ~whole[f.at])
    e.add("picked", each.at, each.pick_end, lines.line[each.li], each.done_qty, each.loc, part=each.part)
    e.add("packed", part.at, part.pack_end, line, part.done_qty, part.loc, part=part.part)
    e.add("shipped", part.at, part.shipped, line, part.done_qty, part.loc, part=part.part)
    e.add("delivered", part.at, s.delivered[ship], line, part.done_qty, part.loc, actor=CARRIER, part=part.part)
    picks = np.flatnonzero((o.kind == PICKUP) & (o.ready < NEVER))
    store = o.store[picks]
    e.add("ready", picks, o.ready[picks], loc=store)
    e.add("customer_notified", picks, o.notified[picks], loc=store)
    e.add("collected", picks, o.collected[picks], loc=store, actor=BUYER)
    gone = p.take((p.done_qty > 0) & (p.collected >= NEVER))
    e.add(
        "cancelled",
        gone.at,
        o.hold_until[gone.at] + HOUR,
        lines.line[gone.li],
        gone.done_qty,
        gone.loc,
        initiator=0,
        reason=9,
        part=5,
    )


def allocation(o: Cols, lines: Cols, f: Cols) -> Frames:
    """allocation_attempt, fulfilment_line (by version), reservation."""
    names = ("ALLOCATED", "NO_STOCK", "PARTIAL", "NO_CAPACITY", "NODE_REJECTED", "RULE_CONFLICT")
    tried = lines.take(np.flatnonzero((lines.try1 < NEVER) & ~lines.before_alloc))
    bad = np.isin(tried.outcome, (NO_STOCK_CANCEL, NO_STOCK_LATER, BACKORDER))
    busy = tried.outcome == NO_CAPACITY
    result = np.select([bad, tried.outcome == SPLIT, busy], [1, 2, np.where(tried.draw < 0.7, 3, 5)], 0)
    got = np.select([bad | busy, tried.outcome == SPLIT], [0, tried.qty - 1], tried.qty)
    parts = [
        Cols(
            at=tried.at,
            line=tried.line,
            no=np.ones(tried.at.size, dtype=np.int64),
            ts=tried.try1,
            result=result,
            loc=tried.node,
            asked=tried.qty,
            got=got,
        )
    ]
    again = tried.take(
        np.isin(tried.outcome, (NO_STOCK_CANCEL, NO_STOCK_LATER, BACKORDER, REJECTED, SPLIT, NO_CAPACITY))
    )
    failed = again.outcome == NO_STOCK_CANCEL
    split = again.outcome == SPLIT
    asked = np.where(split, 1, again.qty)
    when = np.where(again.outcome == BACKORDER, again.alloc, again.try2)
    loc = np.where(np.isin(again.outcome, (BACKORDER, NO_CAPACITY)), again.node, again.node2)
    parts.append(
        Cols(
            at=again.at,
            line=again.line,
            no=np.full(again.at.size, 2),
            ts=when,
            result=np.where(failed, 1, 0),
            loc=loc,
            asked=asked,
            got=np.where(failed, 0, asked),
        )
    )
    a = join(parts)
    attempts = a.frame(
        attempt_id=key(o, a.at, a.line, a.no), order_id=o.no[a.at], line_no="line", attempt_no="no", attempted_ts="ts",
        result_code=code(a.result, names), location_id="loc", requested_qty="asked", allocated_qty="got",
    )  # fmt: skip
    return {
        "allocation_attempt": attempts,
        "fulfilment_line": _fulfilment(o, lines, f),
        "reservation": _reservations(o, lines, f),
    }


_FL_STATES = ("assigned", "rejected", "picked", "short", "packed", "shipped", "ready", "collected", "cancelled")


def _fulfilment(o: Cols, lines: Cols, f: Cols) -> pl.DataFrame:
    """Versions 1 assigned, 2 short, rejected or cancelled, 3 shipped, ready or (nothing found) cancelled, 4 collected.

    A complete pick is told by the event; the version after it is the shipment's.
    """
    nothing, zero = f.done_qty == 0, np.zeros(f.li.size, dtype=np.int64)
    second = np.select([f.rejected, f.stopped, f.done_qty < f.qty], [1, 8, 3], 2)
    second_ts = np.select(
        [f.rejected, f.stopped, second == 3], [f.refused_at, lines.cancel_ts[f.li], f.pick_end], NEVER
    )
    third = np.select([f.pickup & ~nothing, ~nothing], [6, 5], 8)
    third_ts = np.where(nothing, f.pick_end + 300, np.where(f.pickup, f.pick_end + 60, f.shipped))
    third_ts = np.where(f.rejected | f.stopped, NEVER, third_ts)
    collected = np.where(f.pickup & ~nothing, o.collected[f.at], NEVER)
    done = np.where(f.stopped | f.rejected, 0, f.done_qty)
    rows = [
        (1, zero, f.assigned, zero, zero),
        (2, second, second_ts, done, zero),
        (3, third, third_ts, done, done),
        (4, np.full(f.li.size, 7), collected, done, done),
    ]
    versions = [
        Cols(fi=np.arange(f.li.size), version=np.full(f.li.size, v), state=state, ts=ts, picked=picked, shipped=shipped)
        for v, state, ts, picked, shipped in rows
    ]
    v = join(versions)
    v = v.take(v.ts < NEVER)
    return v.frame(
        fulfilment_line_id=key(o, f.at[v.fi], lines.line[f.li[v.fi]], f.part[v.fi]), order_id=o.no[f.at[v.fi]],
        line_no=lines.line[f.li[v.fi]], location_id=f.loc[v.fi], sku=lines.sku[f.li[v.fi]],
        assigned_ts=f.assigned[v.fi],
        requested_qty=f.qty[v.fi], picked_qty="picked", shipped_qty="shipped", status_code=code(v.state, _FL_STATES),
        version_no="version", updated_ts="ts",
    )  # fmt: skip


def reservation_end(o: Cols, lines: Cols, f: Cols) -> np.ndarray:
    """When the hard reservation of an FL ends, consumed or released."""
    leaves = np.where(f.pickup, o.collected[f.at], f.shipped)
    expired = f.pickup & (f.done_qty > 0) & (o.collected[f.at] >= NEVER)
    leaves = np.where(expired, o.hold_until[f.at] + HOUR, leaves)
    return np.select(
        [f.rejected, f.stopped, f.done_qty == 0], [f.refused_at, lines.cancel_ts[f.li], f.pick_end + 300], leaves
    )


def _reservations(o: Cols, lines: Cols, f: Cols) -> pl.DataFrame:
    end = reservation_end(o, lines, f)
    consumed = (f.done_qty > 0) & ~f.stopped & ~(f.pickup & (o.collected[f.at] >= NEVER))
    base = f.frame(
        reservation_id=key(o, f.at, lines.line[f.li], f.part), order_id=o.no[f.at], line_no=lines.line[f.li],
        sku=lines.sku[f.li],
        location_id="loc", quantity="qty", reservation_type=code(np.zeros(f.li.size), ("hard", "soft")),
        status_code=code(np.zeros(f.li.size), ("active", "released", "consumed")), created_ts="assigned",
        ended_ts=pl.Series([None] * f.li.size, dtype=pl.Int64), version_no=np.ones(f.li.size, dtype=np.int64),
        updated_ts="assigned",
    )  # fmt: skip
    ended = base.with_columns(
        status_code=code(np.where(consumed, 2, 1), ("active", "released", "consumed")), ended_ts=pl.Series(end),
        version_no=pl.lit(2, dtype=pl.Int64), updated_ts=pl.Series(end),
    )  # fmt: skip
    return pl.concat([base, ended])


def warehouse_tasks(world: World, o: Cols, lines: Cols, f: Cols) -> pl.DataFrame:
    """wms_task: pick and pack in the distribution centres and at the 3PL."""
    w = f.take(~f.rejected & ~f.stopped & np.isin(world.net.kind[f.loc], (DC, TPL)))
    packed = w.take(w.done_qty > 0)
    parts = [
        Cols(kind=np.zeros(w.li.size), w=w.at, li=w.li, part=w.part, loc=w.loc, asked=w.qty, done=w.done_qty,
            start=w.pick_start, end=w.pick_end),
        Cols(kind=np.ones(packed.li.size), w=packed.at, li=packed.li, part=packed.part, loc=packed.loc,
            asked=packed.done_qty, done=packed.done_qty, start=packed.pick_end, end=packed.pack_end),
    ]  # fmt: skip
    t = join(parts)
    fl = key(o, t.w, lines.line[t.li], t.part)
    return t.frame(
        task_id=fl * 10 + t.kind.astype(np.int64) + 1, task_type=code(t.kind, ("pick", "pack")),
        fulfilment_line_id=fl, location_id="loc",
        sku=lines.sku[t.li], requested_qty="asked", done_qty="done", started_ts="start", ended_ts="end",
    )  # fmt: skip


def shipments(o: Cols, lines: Cols, f: Cols, s: Cols) -> Frames:
    """shipment, shipment_line, shipment_cost, shipment_event."""
    n = s.at.size
    frame = s.frame(
        shipment_id="no", order_id=o.no[s.at], location_id="loc", carrier_id=code(s.carrier, CARRIERS),
        shipped_ts="shipped",
        ship_notice_ts="notice", is_replacement=np.zeros(n, dtype=bool), parcel_count="parcels",
        status_code=code(np.zeros(n), ("shipped", "cancelled")), version_no=np.ones(n, dtype=np.int64),
        updated_ts="notice",
    )  # fmt: skip
    m = f.take(f.ship >= 0)
    parcel = s.no[m.ship] * 10 + 1 + (lines.line[m.li] % s.parcels[m.ship])
    content = m.frame(
        shipment_id=s.no[m.ship], parcel_id=parcel, order_id=o.no[m.at], line_no=lines.line[m.li], sku=lines.sku[m.li],
        quantity="done_qty", packed_ts="pack_end", _deliver=s.notice[m.ship],
    )  # fmt: skip
    costs = [
        (0, s.freight, np.ones(n, dtype=bool)),
        (1, s.freight * 6 // 100, np.ones(n, dtype=bool)),
        (2, s.freight // 2, s.premium),
    ]
    rows = [
        pl.DataFrame({
            "shipment_id": s.no[mask], "cost_type": code(np.full(int(mask.sum()), which), ("freight",
                    "fuel_surcharge", "premium")),
            "amount": amount[mask], "currency_code": ["EUR"] * int(mask.sum()), "cost_ts": s.shipped[mask] + 7200,
        })
        for which, amount, mask in costs
    ]  # fmt: skip
    return {"shipment": frame, "shipment_line": content, "shipment_cost": pl.concat(rows), "shipment_event": _scans(s)}


_SCANS = (
    "picked_up",
    "in_transit",
    "attempted",
    "delivered",
    "refused",
    "damaged",
    "lost",
    "held",
    "returned_to_sender",
)


def _scans(s: Cols) -> pl.DataFrame:
    """Scans of every parcel of a shipment; the parcels of one shipment travel together."""
    end_type = np.array([3, 6, 5, 4])[s.result]
    back = np.where(s.result == REFUSED, s.end + 2 * DAY, NEVER)
    end = np.where(s.result == LOST, s.end + 3 * DAY, s.end)
    scans = [(0, s.picked_up), (1, s.hub), (2, s.attempt), (3, end), (8, back)]
    parts = []
    for parcel in (1, 2):
        has = np.flatnonzero(s.parcels >= parcel)
        for which, ts in scans:
            kind = end_type[has] if which == 3 else np.full(has.size, which)
            parts.append(
                Cols(si=has, parcel=np.full(has.size, parcel), which=np.full(has.size, which), kind=kind, ts=ts[has])
            )
    e = join(parts)
    e = e.take(e.ts < NEVER)
    parcel = s.no[e.si] * 10 + e.parcel
    reason = np.select([e.which == 2, e.kind == 4], [0, 1], -1)
    return e.frame(
        event_id=parcel * 10 + e.which, shipment_id=s.no[e.si], parcel_id=parcel,
        carrier_id=code(s.carrier[e.si], CARRIERS),
        event_type=code(e.kind, _SCANS), event_ts="ts", eta_ts=nullify(s.eta[e.si], e.which > 1),
        reason_code=code(reason, ("absent", "refused", "address", "weather", "customs", "other")),
    )  # fmt: skip


def pickup_tasks(o: Cols, lines: Cols, p: Cols) -> pl.DataFrame:
    """pickup_task: 1 open, 2 ready (told with it or in version 3), 4 collected, expired, cancelled or not found."""
    n, at = p.li.size, p.at
    zero, none = np.zeros(n, dtype=np.int64), np.full(n, NEVER)
    told = o.notified[at]
    prompt = told <= p.ready + 600
    ready_at = np.where(prompt, np.maximum(told, p.ready), p.ready)
    ready_at = np.where(p.done_qty > 0, ready_at, NEVER)
    gone = (p.done_qty > 0) & (p.collected >= NEVER)
    stopped = p.stopped
    end = np.select(
        [p.done_qty > 0, stopped],
        [np.where(gone, o.hold_until[at] + HOUR, p.collected), lines.cancel_ts[p.li]],
        p.pick_end + 60,
    )
    end_state = np.select([gone, p.done_qty > 0, stopped], [3, 2, 4], 5)
    rows = [
        (1, zero, p.assigned, none, none, none), (2, zero + 1, ready_at, p.ready, np.where(prompt, told, NEVER), none),
        (3, zero + 1, np.where(prompt | (p.done_qty == 0), NEVER, told), p.ready, told, none),
        (4, end_state, end, p.ready, told, p.collected),
    ]  # fmt: skip
    v = join([
        Cols(pi=np.arange(n), version=np.full(n, k), state=state, ts=ts, ready=ready, told=tell, taken=taken)
        for k, state, ts, ready, tell, taken in rows
    ])  # fmt: skip
    v = v.take(v.ts < NEVER)
    pi = v.pi
    is_ready = (v.ready < NEVER) & (v.version > 1)
    return v.frame(
        order_id=o.no[at[pi]], line_no=lines.line[p.li[pi]], location_id=p.loc[pi], requested_qty=p.qty[pi],
        ready_qty=np.where(is_ready, p.done_qty[pi], 0), assigned_ts=p.assigned[pi],
        ready_ts=nullify(v.ready, ~is_ready),
        notified_ts=nullify(v.told, ~is_ready | (v.told >= NEVER)), collected_ts=optional(v.taken),
        collected_qty=nullify(p.done_qty[pi], v.taken >= NEVER), hold_until_ts=nullify(o.hold_until[at[pi]], ~is_ready),
        status_code=code(v.state, ("open", "ready", "collected", "expired", "cancelled", "not_found")),
        version_no="version", updated_ts="ts",
    )  # fmt: skip
