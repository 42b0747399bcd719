"""Payments and invoices of orders, exchange rates: the money that moves with goods.

Belongs here: authorisations, captures, voids, invoice lines. Not here: marketplace statements (``settle``), the
general ledger (``books``).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, code, join, nullify
from signalbox.simulate.demand import World
from signalbox.simulate.emit_orders import currency, optional
from signalbox.simulate.fulfil import FRAUD, NEVER, SPLIT, UNPAID
from signalbox.simulate.money import cost, div, part
from signalbox.simulate.network import MKT_A, MKT_B, SHOP
from signalbox.simulate.rand import lognormal

TENDERS = ("card", "wallet", "invoice", "gift_card", "points", "marketplace")
_FEE_BP, _FEE_FIXED = np.array([120, 180, 250, 0, 0, 0]), np.array([10, 15, 20, 0, 0, 0])
BEFORE = 60  # days of exchange rates before the first day


def exchange_rates(world: World) -> np.ndarray:
    """Euro for a pound in millionths, by day index + BEFORE."""
    steps = world.rng("rates").normal(0, 0.0025, world.clock.days + BEFORE + 1)
    return np.round(1_172_000 * np.exp(np.cumsum(steps) - steps.sum() * 0.3)).astype(np.int64)


def rate_frame(world: World, rates: np.ndarray) -> pl.DataFrame:
    """exchange_rate: published in the morning of its day."""
    days = np.arange(-BEFORE, world.clock.days)
    return pl.DataFrame({
        "from_currency_code": ["GBP"] * days.size, "to_currency_code": ["EUR"] * days.size,
        "rate_date": world.clock.epoch_day(days),
        "rate": rates[: days.size], "updated_ts": world.clock.utc(days, np.full(days.size, 7 * HOUR)),
    })  # fmt: skip


def order_rate(o: Cols, rates: np.ndarray) -> np.ndarray:
    """Millionths of a euro for a unit of each order's currency, on the day of the order."""
    return np.where(o.channel == MKT_B, rates[o.day + BEFORE], 1_000_000)


def handed_over(o: Cols, lines: Cols, f: Cols, s: Cols) -> Cols:
    """Units that left or were collected, with their share of the line's money (rule 4); the basis of every posting.

    ``doc`` numbers the invoice: a shipment's sequence, or the collection; ``ts`` is when the goods were handed over.
    """
    g = f.take(np.flatnonzero((f.done_qty > 0) & ~f.rejected))
    g.ts = np.where(g.pickup, o.collected[g.at], g.shipped)
    g = g.take(g.ts < NEVER)
    before = np.zeros(g.size, dtype=np.int64)
    split = lines.outcome[g.li] == SPLIT
    other = np.full(lines.at.size, 0)
    first_ts, second_ts = np.full(lines.at.size, NEVER), np.full(lines.at.size, NEVER)
    for which, ts in ((1, first_ts), (2, second_ts)):
        some = split & (g.part == which)
        ts[g.li[some]] = g.ts[some] * 4 + np.where(g.ship[some] >= 0, s.no[np.maximum(g.ship[some], 0)] % 4, 0)
    earlier = np.where(g.part == 1, second_ts[g.li] < first_ts[g.li], first_ts[g.li] < second_ts[g.li])
    other = np.where(g.part == 1, 1, lines.qty[g.li] - 1)
    before = np.where(split & earlier, other, 0)
    upto, whole = before + g.done_qty, lines.qty[g.li]
    for name in ("paid_ex", "tax", "discount_ex", "funded_ex"):
        setattr(g, name, part(getattr(lines, name)[g.li], before, upto, whole))
    first = np.full(o.size, NEVER)
    np.minimum.at(first, g.at, g.ts)
    g.is_first = g.ts == first[g.at]
    g.doc = np.where(
        g.pickup, o.no[g.at] * 10, np.where(g.ship >= 0, s.no[np.maximum(g.ship, 0)], 0) if s.size else o.no[g.at] * 10
    )
    return g


def invoices(world: World, o: Cols, lines: Cols, g: Cols, first: int) -> tuple[pl.DataFrame, Cols]:
    """customer_document_line of orders, and one row a document with its total for the captures.

    The shipping charge stands on the first document, as a line without item.
    """
    rng = world.rng("billing", first)
    keys, at, member = np.unique(g.doc, return_index=True, return_inverse=True)
    member = member.reshape(-1)
    d = Cols(no=keys, at=g.at[at], ts=g.ts[at], pickup=g.pickup[at], is_first=g.is_first[at])
    shipping = np.where(_first_of_order(d), o.shipping[d.at], 0)
    shipping_tax = np.where(shipping > 0, o.shipping_tax[d.at], 0)
    total = np.bincount(member, weights=g.paid_ex + g.tax, minlength=keys.size).astype(np.int64)
    d.amount, d.shipping, d.shipping_tax = total + shipping, shipping, shipping_tax
    d.issued = d.ts + np.where(d.pickup, 5, 120 + lognormal(rng, 900, 0.6, keys.size).astype(np.int64))
    d.posted = d.issued + 600 + rng.integers(0, 5400, keys.size)
    day = world.clock.day(np.minimum(g.ts, world.clock.end_ts + 60 * DAY))
    kind = ("invoice", "receipt", "credit_memo")
    goods = g.frame(
        document_id="doc", line_no=lines.line[g.li] * 10 + g.part,
        document_type=code(g.pickup.astype(np.int64), kind), order_id=o.no[g.at],
        order_line_no=lines.line[g.li], sku=lines.sku[g.li], location_id="loc", quantity="done_qty",
        net_amount="paid_ex", tax_amount="tax",
        cost_amount=cost(g.done_qty, world.cat.unit_cost(lines.sku[g.li], day)),
        currency_code=currency(o.channel[g.at]),
        issued_ts=d.issued[member], posted_ts=d.posted[member],
    )  # fmt: skip
    paid = d.take(d.shipping > 0)
    charge = paid.frame(
        document_id="no", line_no=np.full(paid.size, 900), document_type=code(np.zeros(paid.size), kind),
        order_id=o.no[paid.at],
        quantity=np.ones(paid.size, dtype=np.int64), net_amount=paid.shipping - paid.shipping_tax,
        tax_amount="shipping_tax",
        currency_code=currency(o.channel[paid.at]), issued_ts="issued", posted_ts="posted",
    )  # fmt: skip
    return pl.concat([goods, charge], how="diagonal"), d


def _first_of_order(d: Cols) -> np.ndarray:
    """Exactly one document an order: the earliest, by number."""
    some = np.flatnonzero(d.is_first)
    _, lowest = np.unique(d.at[some], return_index=True)
    first = np.zeros(d.no.size, dtype=bool)
    first[some[lowest]] = True
    return first


def payments(world: World, o: Cols, lines: Cols, d: Cols, first: int) -> tuple[pl.DataFrame, Cols]:
    """payment rows and the captures with their fees."""
    rng = world.rng("payments", first)
    draw = rng.random(o.size)
    market = (o.channel == MKT_A) | (o.channel == MKT_B)
    o.tender = np.where(market, 5, np.where(o.channel == SHOP, 0, np.searchsorted([0.5, 0.84], draw)))
    live = np.flatnonzero(~o.is_test)
    ok = o.fate[live] != UNPAID
    parts = [
        _rows(
            o,
            live,
            o.no[live] * 100,
            0,
            o.total[live] - o.rest[live],
            np.zeros(live.size, dtype=np.int64),
            np.where(ok, 0, 1),
            o.auth[live],
        )
    ]
    rest = np.flatnonzero((o.rest > 0) & (o.rest_ts < NEVER))
    parts.append(_rows(o, rest, o.no[rest] * 100 + 1, 0, o.rest[rest], rest * 0, rest * 0, o.rest_ts[rest]))
    tender = o.tender[d.at]
    fee = div(d.amount * _FEE_BP[tender], 10_000) + np.where(d.amount > 0, _FEE_FIXED[tender], 0)
    sequence = d.no - o.no[d.at] * 10
    captures = _rows(
        o,
        d.at,
        o.no[d.at] * 100 + 10 + sequence,
        1,
        d.amount,
        fee,
        np.zeros(d.no.size, dtype=np.int64),
        d.ts + 30 + d.lag,
    )
    stopped = np.ones(o.size, dtype=bool)
    stopped[lines.at[~lines.cancelled_all]] = False
    last = np.zeros(o.size, dtype=np.int64)
    np.maximum.at(last, lines.at, np.where(lines.cancel_ts < NEVER, lines.cancel_ts, 0))
    void = np.flatnonzero(stopped & ~o.is_test & (o.fate != UNPAID))
    parts += [captures, _rows(o, void, o.no[void] * 100 + 90, 2, o.total[void], void * 0, void * 0, last[void] + 60)]
    p = join(parts)
    frame = p.frame(
        payment_id="no", order_id=o.no[p.at], payment_type=code(p.kind, ("authorisation", "capture", "void",
                "chargeback")),
        tender_type=code(o.tender[p.at], TENDERS), amount="amount", currency_code=currency(o.channel[p.at]),
        fee_amount=nullify(p.fee, p.kind != 1), status_code=code(p.state, ("succeeded", "failed", "pending")),
        event_ts="ts",
    )  # fmt: skip
    return frame, captures


def _rows(
    o: Cols,
    at: np.ndarray,
    no: np.ndarray,
    kind: int,
    amount: np.ndarray,
    fee: np.ndarray,
    state: np.ndarray,
    ts: np.ndarray,
) -> Cols:
    return Cols(at=at, no=no, kind=np.full(at.size, kind), amount=amount, fee=fee, state=state, ts=ts)


__all__ = ["FRAUD", "exchange_rates", "handed_over", "invoices", "optional", "order_rate", "payments", "rate_frame"]
