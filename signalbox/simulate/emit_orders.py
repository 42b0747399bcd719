"""The extracts that tell of orders: headers, lines, promises, events.

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
    NEVER,
    NO_STOCK_CANCEL,
    NO_STOCK_LATER,
    NOT_FOUND,
    REASONS,
    STAFF,
    UNPAID,
    gets_new_promise,
)  # fmt: skip
from signalbox.simulate.network import CHANNELS, COUNTRIES, DROP, REGIONS, SHOP
from signalbox.simulate.rand import lognormal

Frames = dict[str, pl.DataFrame]
EVENT_TYPES = (
    "created", "authorised", "released", "allocated", "picked", "packed", "shipped", "ready", "delivered", "collected",
    "cancelled", "backordered", "hold_placed", "hold_released", "edited", "substituted", "rerouted",
    "manual_allocation",
    "status_forced", "message_reposted", "delay_announced", "customer_notified", "item_not_found", "acknowledged",
    "invoiced",
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
    edited = (o.carrier_draw * 997 % 1 < world.scale.odds(0.012)) & (o.fate < FRAUD) & ~late
    o.edit_ts = np.where(edited, o.ts + 1200, NEVER)
    frame = o.frame(
        order_id="no", external_order_key=external_key(o.channel, o.ext), channel_id=code(o.channel, CHANNELS),
        order_type=code(o.kind, ORDER_TYPES), order_ts="ts", expected_ship_ts=optional(o.ship_by),
        customer_id="customer",
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
    moved = gets_new_promise(o, lines)
    second = base.with_columns(
        promise_version=pl.lit(2, dtype=pl.Int64), issued_ts=pl.Series(o.moved_ts[at]),
        promise_latest_ts=pl.Series(o.moved_latest[at]),
        requested_by_code=code(np.ones(n), ("retailer", "customer")),
    ).filter(pl.Series(moved))  # fmt: skip
    late = (lines.outcome == BACKORDER) & ~moved & ~lines.undated
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
    _supplier_events(e, world, o, lines, f)
    return e.frame()


def _supplier_events(e: Events, world: World, o: Cols, lines: Cols, f: Cols) -> None:
    """What drop-ship suppliers tell besides the goods: acknowledged, invoiced; one in fifty of each is not told."""
    d = f.take((world.net.kind[f.loc] == DROP) & ~f.rejected)
    rng = world.rng("supplier status", int(o.no[0]) if o.size else 0)
    n = d.li.size
    told = world.net.hours.add(
        d.loc, d.assigned, lognormal(rng, 1.5 * HOUR, world.scale.spread(0.6), n).astype(np.int64)
    )
    some = rng.random(n) > world.scale.odds(0.02)
    heard = d.take(some)
    e.add("acknowledged", heard.at, told[some], lines.line[heard.li], heard.qty, heard.loc, part=heard.part)
    billed = d.take((d.done_qty > 0) & ~d.stopped & (rng.random(n) > world.scale.odds(0.02)))
    at = billed.shipped + lognormal(rng, 30 * HOUR, 0.5, billed.li.size).astype(np.int64)
    e.add("invoiced", billed.at, at, lines.line[billed.li], billed.done_qty, billed.loc, part=billed.part)


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
