"""What comes back: returns of orders and of till sales, inspections, dispositions, refunds, credit memos, service
cases.

Belongs here: the timeline and money of returns. Not here: the stock and ledger they move.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from signalbox.simulate.catalogue import CATEGORIES
from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, code, join, nullify, same
from signalbox.simulate.demand import World
from signalbox.simulate.emit_orders import currency, key, optional
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.money import part
from signalbox.simulate.network import CHANNELS, MKT_B, SHOP, STORE, TPL, WEB
from signalbox.simulate.rand import lognormal

REASONS = ("changed_mind", "damaged", "defective", "wrong_item", "missing_item", "too_late", "wrong_size", "other")
CONDITIONS = ("new", "opened", "damaged", "defective", "wrong_item")
DISPOSITIONS = ("restock", "quarantine", "discount", "scrap", "supplier")
SCRAP = 3
ACCEPTED, REFUSED, WITHDRAWN, LOST, KEPT = range(5)
Strike = Callable[[np.ndarray], np.ndarray]  # changes the draws that decide what comes back: what is below its chance
_NO_INSPECTION = frozenset(
    {(WEB, 6), (MKT_B, -1), (SHOP, -1)}
)  # channel and category (-1 = all) that refund on arrival


def policy_frame(world: World) -> pl.DataFrame:
    """return_policy: one row a channel, one more for books bought on the web."""
    rows = [(c, -1) for c in range(len(CHANNELS))] + [(WEB, 6)]
    n, since = len(rows), world.clock.start_ts - 100 * DAY
    return pl.DataFrame({
        "policy_id": [f"RP{i + 1:02d}" for i in range(n)], "channel_id": [CHANNELS[c] for c, _ in rows],
        "category_code": ["*" if k < 0 else CATEGORIES[k][0] for _, k in rows],
        "valid_from": np.full(n, int(world.clock.epoch_day(np.array([-365]))[0]), dtype=np.int32),
        "return_window_days": [30] * n, "requires_inspection": [r not in _NO_INSPECTION for r in rows],
        "updated_ts": [since] * n,
    })  # fmt: skip


def requires_inspection(channel: np.ndarray, category: np.ndarray) -> np.ndarray:
    """Whether a refund has to wait for the inspection, by channel of the sale and category."""
    return (channel != MKT_B) & (channel != SHOP) & ~((channel == WEB) & (category == 6))


def as_drawn(draw: np.ndarray) -> np.ndarray:
    return draw


def of_orders(
    world: World, o: Cols, lines: Cols, f: Cols, s: Cols, first: int, strike: Strike = as_drawn
) -> Cols:  # fmt: skip
    """Returns of delivered and collected units, one row a fulfilment line that comes back."""
    rng, net, cat = world.rng("returns", first), world.net, world.cat
    delivered = np.where(f.ship >= 0, s.delivered[np.maximum(f.ship, 0)] if s.size else NEVER, NEVER)
    delivered = np.where(f.pickup, o.collected[f.at], delivered)
    delivered = np.where((f.done_qty > 0) & ~f.rejected, delivered, NEVER)
    chance = np.array([c[3] for c in CATEGORIES])[cat.category[lines.sku[f.li]]]
    draw = strike(rng.random(f.li.size))
    some = np.flatnonzero((draw < chance) & (delivered < world.clock.end_ts))
    r = Cols(fi=some, at=f.at[some], li=f.li[some], since=delivered[some])
    n = some.size
    r.no = key(o, r.at, lines.line[r.li], f.part[some])
    r.qty = np.where(rng.random(n) < 0.8, f.done_qty[some], 1)
    r.sku, r.channel = lines.sku[r.li], o.channel[r.at]
    in_store = (r.channel == WEB) & (rng.random(n) < 0.25)
    store = np.where(
        o.store[r.at] >= 0, o.store[r.at], np.searchsorted(np.cumsum(net.weight), rng.random(n)).clip(0, net.stores - 1)
    )
    south = np.isin(o.region[r.at], (2, 3, 4))
    home = np.where(net.kind[f.loc[some]] == TPL, net.tpl, np.where(south, net.dcs[1], net.dcs[0]))
    r.loc = np.where(in_store, store, home)
    r.start = (
        r.since
        + 3 * HOUR
        + np.minimum(lognormal(rng, 6.5 * DAY, world.scale.spread(0.8), n), 42 * DAY).astype(np.int64)
    )
    r.start = np.where(in_store, net.hours.next_open(store, r.start), r.start)
    r.received = np.where(
        in_store,
        r.start + 120,
        net.hours.next_open(
            r.loc, r.start + DAY + lognormal(rng, 3.2 * DAY, world.scale.spread(0.4), n).astype(np.int64)
        ),
    )
    r.by_mail = ~in_store
    r.back_channel = np.where(in_store, SHOP, r.channel)
    paid = lines.gross - lines.discount
    r.amount = part(paid[r.li], np.zeros_like(r.qty), r.qty, lines.qty[r.li])
    r.tax = part(lines.tax[r.li], np.zeros_like(r.qty), r.qty, lines.qty[r.li])
    r.order, r.line = o.no[r.at], lines.line[r.li]
    _judge(world, r, rng)
    return r


def of_tills(world: World, t: Cols, lines: Cols, first: int, strike: Strike = as_drawn) -> Cols:
    """Returns of till sales, over the counter."""
    rng, net, cat = world.rng("till returns", first), world.net, world.cat
    chance = np.array([c[3] for c in CATEGORIES])[cat.category[lines.sku]] * 0.45
    some = np.flatnonzero(strike(rng.random(lines.at.size)) < chance)
    at, n = lines.at[some], some.size
    r = Cols(fi=some, at=at, li=some, since=t.ts[at])
    r.no = t.no[at] * 100 + lines.line[some]
    r.qty = np.where(rng.random(n) < 0.8, lines.qty[some], 1)
    r.sku, r.channel = lines.sku[some], np.full(n, SHOP)
    r.loc = t.store[at]
    r.start = net.hours.next_open(
        r.loc,
        r.since + HOUR + np.minimum(lognormal(rng, 5 * DAY, world.scale.spread(0.8), n), 40 * DAY).astype(np.int64),
    ) + rng.integers(60, 3000, n)
    r.received, r.by_mail, r.back_channel = r.start + 60, np.zeros(n, dtype=bool), np.full(n, SHOP)
    r.amount = part((lines.gross - lines.discount)[some], np.zeros_like(r.qty), r.qty, lines.qty[some])
    r.tax = part(lines.tax[some], np.zeros_like(r.qty), r.qty, lines.qty[some])
    r.order, r.line = t.no[at], lines.line[some]
    _judge(world, r, rng)
    return r


def _judge(world: World, r: Cols, rng: np.random.Generator) -> None:
    """Reason, inspection, disposition and refund of each return."""
    n, net, scale = r.no.size, world.net, world.scale
    category = world.cat.category[r.sku]
    fashion = category < 2
    draw = rng.random(n)
    r.reason = np.searchsorted([0.46, 0.53, 0.62, 0.66, 0.68, 0.72, 0.93], draw)
    r.reason = np.where(fashion & (draw < 0.4), 6, r.reason)
    r.fate = rng.choice(5, n, p=[0.925, 0.02, 0.025, 0.015, 0.015]) * scale.mishaps
    r.fate = np.where(r.by_mail, r.fate, np.where(r.fate == REFUSED, REFUSED, ACCEPTED))
    gone = np.isin(r.fate, (WITHDRAWN, LOST, KEPT))
    r.received = np.where(gone, NEVER, r.received)
    arrived = np.where(gone, r.start, r.received)
    speed = np.where(r.by_mail, max(9 * HOUR * scale.mishaps, 1), max(300 * scale.mishaps, 1))
    inspected = net.hours.add(r.loc, arrived, lognormal(rng, speed, scale.spread(0.6), n).astype(np.int64))
    disposed = net.hours.add(r.loc, inspected, lognormal(rng, speed / 3, scale.spread(0.6), n).astype(np.int64))
    if scale.is_calm:  # at once, so that stock and ledger see a return on the same day
        inspected, disposed = arrived + 1, arrived + 2
    r.inspected, r.disposed = np.where(gone, NEVER, inspected), np.where(gone, NEVER, disposed)
    r.decided, r.is_judged = r.inspected.copy(), np.ones(n, dtype=bool)
    r.available = np.where(gone, NEVER, r.disposed + scale.odds(rng.integers(60, 3600, n)))
    broken = np.isin(r.reason, (1, 2))
    r.condition = np.where(broken, r.reason + 1, np.where(r.reason == 3, 4, (rng.random(n) < 0.3).astype(np.int64)))
    bad = np.searchsorted([0.35, 0.6, 0.85], rng.random(n)) + 1
    r.disposition = np.where(broken | (r.fate == REFUSED), bad, np.where(rng.random(n) < 0.94, 0, 2))
    r.disposition = r.disposition * scale.mishaps
    r.must_inspect = requires_inspection(r.channel, category)
    wait = lognormal(rng, np.where(r.by_mail, max(11 * HOUR * scale.mishaps, 60), 40), scale.spread(0.6), n).astype(
        np.int64
    )
    r.refunded = np.where(r.must_inspect, r.inspected, r.received) + np.maximum(wait, 10)
    r.refunded = np.where(r.fate == KEPT, r.start + 600 + wait, r.refunded)
    r.refunded = np.where(np.isin(r.fate, (ACCEPTED, KEPT)), r.refunded, NEVER)
    r.settled = np.where(
        r.refunded < NEVER,
        r.refunded + np.where(r.by_mail, DAY + lognormal(rng, DAY, scale.spread(0.5), n).astype(np.int64), 5),
        NEVER,
    )
    r.memo = np.where(r.refunded < NEVER, np.maximum(r.refunded, np.minimum(r.received, r.refunded)) + 60, NEVER)
    r.memo_posted = np.where(
        r.refunded < NEVER,
        r.memo + lognormal(rng, max(5 * HOUR * scale.mishaps, 60), scale.spread(0.7), n).astype(np.int64),
        NEVER,
    )


def frames(world: World, o: Cols, r: Cols, from_till: bool) -> dict[str, pl.DataFrame]:
    """return_line, return_event, refund and credit memo lines."""
    names = ("transaction_id", "transaction_line_no") if from_till else ("order_id", "order_line_no")
    link = {names[0]: r.order, names[1]: r.line}
    money = same("EUR", r.no.size) if from_till else currency(r.channel)
    return {
        "return_line": _lines(r, link), "return_event": _events(r), "refund": _refunds(r, link, money),
        "customer_document_line": _memos(world, r, link if not from_till else {}, money),
    }  # fmt: skip


_STATES = ("initiated", "in_transit", "received", "accepted", "refused", "withdrawn", "expired")


def _lines(r: Cols, link: dict[str, np.ndarray]) -> pl.DataFrame:
    n = r.no.size
    mail = np.where(r.by_mail & ~np.isin(r.fate, (WITHDRAWN, KEPT)), r.start + DAY, NEVER)
    end_state = np.select([r.fate == REFUSED, r.fate == WITHDRAWN, r.fate == LOST], [4, 5, 6], 3)
    end = np.select(
        [r.fate == WITHDRAWN, r.fate == LOST, r.fate == KEPT],
        [r.start + 2 * DAY, r.start + 30 * DAY, r.refunded],
        r.decided,
    )
    rows = [
        (1, np.zeros(n), r.start),
        (2, np.ones(n), np.minimum(mail, np.where(r.received < NEVER, r.received - 60, mail))),
        (3, np.full(n, 2), r.received),
        (4, end_state, end),
    ]
    v = join(
        [
            Cols(ri=np.arange(n), version=np.full(n, k), state=np.asarray(state, dtype=np.int64), ts=ts)
            for k, state, ts in rows
        ]
    )
    v = v.take(v.ts < NEVER)
    columns = {name: values[v.ri] for name, values in link.items()}
    return v.frame(
        return_id=r.no[v.ri], line_no=np.ones(v.ri.size, dtype=np.int64), **columns, sku=r.sku[v.ri],
        quantity=r.qty[v.ri],
        return_channel_id=code(r.back_channel[v.ri], CHANNELS), return_location_id=r.loc[v.ri],
        initiated_ts=r.start[v.ri],
        reason_code=code(r.reason[v.ri], REASONS), status_code=code(v.state, _STATES),
        is_refund_without_return=r.fate[v.ri] == KEPT,
        version_no="version", updated_ts="ts",
    ).with_columns(**_missing(link))  # fmt: skip


def _missing(link: dict[str, np.ndarray]) -> dict[str, pl.Expr]:
    every = ("order_id", "order_line_no", "transaction_id", "transaction_line_no")
    return {name: pl.lit(None, dtype=pl.Int64) for name in every if name not in link}


def _events(r: Cols) -> pl.DataFrame:
    n = r.no.size
    restock = (r.disposition == 0) & (r.disposed < NEVER)
    rows = [(0, r.received), (1, r.inspected), (2, r.disposed), (3, np.where(restock, r.available, NEVER))]
    e = join([Cols(ri=np.arange(n), kind=np.full(n, k), ts=ts) for k, ts in rows])
    e = e.take(e.ts < NEVER)
    seen = e.kind == 1
    judged = seen & r.is_judged[e.ri]
    return e.frame(
        event_id=r.no[e.ri] * 10 + e.kind, return_id=r.no[e.ri], line_no=np.ones(e.ri.size, dtype=np.int64),
        event_type=code(e.kind, ("received", "inspected", "disposed", "available")), event_ts="ts",
        quantity=r.qty[e.ri], location_id=r.loc[e.ri],
        result_code=code(np.where(judged, (r.fate[e.ri] == REFUSED).astype(np.int64), -1), ("accepted", "refused")),
        condition_code=code(np.where(seen, r.condition[e.ri], -1), CONDITIONS),
        disposition_code=code(np.where(e.kind == 2, r.disposition[e.ri], -1), DISPOSITIONS),
    )  # fmt: skip


def _refunds(r: Cols, link: dict[str, np.ndarray], money: pl.Series) -> pl.DataFrame:
    some = np.flatnonzero(r.refunded < NEVER)
    n = some.size
    issued = pl.DataFrame({
        "refund_id": r.no[some], **{name: values[some] for name, values in link.items()}, "return_id": r.no[some],
        "return_line_no": np.ones(n, dtype=np.int64), "refund_type": code(np.zeros(n), ("refund", "exchange",
                "goodwill")),
        "amount": r.amount[some], "tax_amount": r.tax[some], "currency_code": money.gather(some),
        "refund_ts": r.refunded[some],
        "settled_ts": pl.Series([None] * n, dtype=pl.Int64),
        "status_code": code(np.zeros(n), ("issued", "settled", "failed", "reclaimed")),
        "version_no": np.ones(n, dtype=np.int64), "updated_ts": r.refunded[some],
    }).with_columns(**_missing(link))  # fmt: skip
    settled = issued.with_columns(
        settled_ts=pl.Series(r.settled[some]), status_code=code(np.ones(n), ("issued", "settled", "failed",
                "reclaimed")),
        version_no=pl.lit(2, dtype=pl.Int64), updated_ts=pl.Series(r.settled[some]),
    )  # fmt: skip
    return pl.concat([issued, settled])


def _memos(world: World, r: Cols, link: dict[str, np.ndarray], money: pl.Series) -> pl.DataFrame:
    some = np.flatnonzero(r.memo < NEVER)
    n = some.size
    columns = {name: values[some] for name, values in link.items()}
    return pl.DataFrame({
        "document_id": r.no[some] * 10 + 9, "line_no": np.ones(n, dtype=np.int64),
        "document_type": code(np.full(n, 2), ("invoice", "receipt", "credit_memo")),
        "channel_id": code(r.channel[some], CHANNELS),
        **columns, "return_id": r.no[some], "return_line_no": np.ones(n, dtype=np.int64), "sku": r.sku[some],
        "location_id": r.loc[some], "quantity": r.qty[some], "net_amount": -(r.amount - r.tax)[some],
        "tax_amount": -r.tax[some],
        "cost_amount": pl.Series([None] * n, dtype=pl.Int64), "currency_code": money.gather(some),
        "issued_ts": r.memo[some],
        "posted_ts": r.memo_posted[some],
    }).with_columns(**{k: v for k, v in _missing(link).items() if k.startswith("order")})  # fmt: skip


def till_frames(r: Cols, t: Cols) -> dict[str, pl.DataFrame]:
    """The till's side of returns over the counter: a transaction of type return with one negative line and tender."""
    some = np.flatnonzero(r.refunded < NEVER)
    n, no = some.size, 800_000_000_000 + r.no[some]
    price = np.where(r.qty[some] > 0, r.amount[some] // r.qty[some], 0)
    header = pl.DataFrame({
        "transaction_id": no, "location_id": r.loc[some], "register_id": ["R1"] * n, "transaction_ts": r.refunded[some],
        "transaction_type": code(np.ones(n), ("sale", "return", "void")),
        "customer_id": pl.Series([None] * n, dtype=pl.Int64),
        "currency_code": same("EUR", n), "total_amount": -r.amount[some],
    }).with_columns(register_id=code(np.zeros(n), ("R1", "R2", "R3", "R4")))  # fmt: skip
    line = pl.DataFrame({
        "transaction_id": no, "line_no": np.ones(n, dtype=np.int64), "sku": r.sku[some], "quantity": -r.qty[some],
        "unit_price_amount": price * 100, "gross_amount": -price * r.qty[some],
        "discount_amount": r.amount[some] - price * r.qty[some],
        "tax_amount": -r.tax[some], "promotion_id": pl.Series([None] * n, dtype=pl.Int64),
        "transaction_ts": r.refunded[some],
    })  # fmt: skip
    tender = pl.DataFrame({
        "transaction_id": no, "tender_no": np.ones(n, dtype=np.int64),
        "tender_type": code(np.ones(n), ("cash", "card", "wallet", "gift_card", "points")),
        "amount": -r.amount[some], "fee_amount": np.zeros(n, dtype=np.int64), "currency_code": same("EUR", n),
        "transaction_ts": r.refunded[some],
    })  # fmt: skip
    return {"pos_transaction": header, "pos_transaction_line": line, "pos_tender": tender}


_THEMES = ("where_is_my_order", "damaged", "defective", "wrong_item", "missing_item", "refund", "invoice", "other")


def cases(world: World, o: Cols, r: Cols, first: int) -> pl.DataFrame:
    """customer_case: questions about orders, complaints about what came."""
    rng = world.rng("cases", first)
    asks = np.flatnonzero((rng.random(o.size) < world.scale.odds(0.022)) & (o.dead_ts >= NEVER))
    theme = np.where(rng.random(asks.size) < 0.6, 0, np.where(rng.random(asks.size) < 0.5, 6, 7))
    opened = o.ts[asks] + DAY + lognormal(rng, 2 * DAY, 0.5, asks.size).astype(np.int64)
    broken = np.flatnonzero(np.isin(r.reason, (1, 2, 3, 4)) & (rng.random(r.no.size) < world.scale.odds(0.5)))
    c = Cols(
        at=np.concatenate([asks, r.at[broken]]), line=np.concatenate([np.full(asks.size, -1), r.line[broken]]),
        theme=np.concatenate([theme, r.reason[broken]]), opened=np.concatenate([opened, r.start[broken] + 1200]),
        number=np.concatenate([o.no[asks] * 1000, r.no[broken] + 5]),
    )  # fmt: skip
    n = c.at.size
    closed = c.opened + lognormal(rng, 20 * HOUR, 0.8, n).astype(np.int64)
    base = c.frame(
        case_id="number", order_id=o.no[c.at], line_no=optional(c.line), channel_id=code(o.channel[c.at], CHANNELS),
        theme_code=code(c.theme, _THEMES),
        is_escalated=rng.random(n) < 0.12, opened_ts="opened", closed_ts=pl.Series([None] * n, dtype=pl.Int64),
        version_no=np.ones(n, dtype=np.int64), updated_ts="opened",
    )  # fmt: skip
    done = base.with_columns(
        closed_ts=pl.Series(closed), version_no=pl.lit(2, dtype=pl.Int64), updated_ts=pl.Series(closed)
    )
    return pl.concat([base, done])


__all__ = ["STORE", "cases", "frames", "nullify", "of_orders", "of_tills", "till_frames"]
