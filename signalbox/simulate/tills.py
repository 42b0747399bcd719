"""Store sales: till transactions, their lines and tenders.

Belongs here: what is sold at tills. Not here: what comes back (``returns``). Tills are in EUR; prices include the tax
of the store's country.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.cols import Cols, code, nullify, same
from signalbox.simulate.demand import World
from signalbox.simulate.money import div, ex_tax
from signalbox.simulate.network import SHOP, TAX_BP
from signalbox.simulate.rand import ranges

FIRST_TRANSACTION = 700_000_001
TENDERS = ("cash", "card", "wallet", "gift_card", "points")
KINDS = ("sale", "return", "void")
SALE, RETURN, VOID = range(3)
CARD = TENDERS.index("gift_card")


def day_counts(world: World, orders_by_day: np.ndarray) -> np.ndarray:
    """Transactions a day: as the orders go, with little on Sundays, when few stores are open."""
    days = np.arange(world.clock.days)
    sunday = world.clock.weekday(days) == 7
    open_share = world.net.weight[world.net.weekdays[: world.net.stores, 6]].sum()
    weight = orders_by_day * np.where(sunday, open_share * 0.7, 1.0)
    total = int(world.scale.orders * world.scale.pos_ratio)
    return world.rng("tills", "days").multinomial(total, weight / weight.sum())


def sales(world: World, counts: np.ndarray, first: int, end: int) -> tuple[Cols, Cols]:
    """Transactions and lines of the days ``first`` to ``end - 1``."""
    rng, net, cat = world.rng("tills", first), world.net, world.cat
    day = np.repeat(np.arange(first, end), counts[first:end])
    n = day.size
    weights = np.where(net.weekdays[: net.stores, 6], net.weight, 0)
    everywhere, sundays = np.cumsum(net.weight), np.cumsum(weights / weights.sum())
    draw = rng.random(n)
    sunday = world.clock.weekday(day) == 7
    store = np.where(sunday, np.searchsorted(sundays, draw), np.searchsorted(everywhere, draw)).clip(0, net.stores - 1)
    opens, closes = net.hours.opens[store], net.hours.closes[store]
    tod = opens + 120 + (rng.beta(2.3, 1.9, n) * (closes - opens - 240)).astype(np.int64)
    ts = world.clock.utc(day, tod, net.zone[store])
    order = np.lexsort((store, ts))
    t = Cols(day=day, store=store, ts=ts).take(order)
    t.no = FIRST_TRANSACTION + int(counts[:first].sum()) + np.arange(n)
    t.register = 1 + rng.integers(0, 4, n)
    t.customer = np.where(rng.random(n) < 0.4, (world.scale.orders * 0.8 * rng.random(n) ** 1.4).astype(np.int64), -1)
    t.kind = np.where(rng.random(n) < 0.003, VOID, SALE)
    t.lines = np.where(t.kind == VOID, 0, 1 + np.minimum(rng.geometric(0.5, n) - 1, 8))
    at = np.repeat(np.arange(n), t.lines)
    width = cat.ranges.shape[1]
    sku = cat.ranges[t.store[at], (width * rng.random(at.size) ** 1.7).astype(np.int64)]
    other = cat.ranges[t.store[at], (width * rng.random(at.size) ** 1.7).astype(np.int64)]
    on_promo = (cat.promo_of[SHOP, other, t.day[at]] >= 0) & (cat.promo_of[SHOP, sku, t.day[at]] < 0)
    sku = np.where(on_promo, other, sku)
    qty = 1 + (rng.random(at.size) < 0.16) + (rng.random(at.size) < 0.05)
    return t, _priced(world, t, at, sku, qty)


def _priced(world: World, t: Cols, at: np.ndarray, sku: np.ndarray, qty: np.ndarray) -> Cols:
    cat = world.cat
    price = cat.price[sku, SHOP]
    promo = cat.promo_of[SHOP, sku, t.day[at]].astype(np.int64)
    gross = qty * price
    discount = np.where(promo >= 0, div(gross * cat.promo_share_bp[promo], 10_000), 0)
    bp = TAX_BP[world.net.country[t.store[at]], cat.tax[sku]]
    paid_ex = ex_tax(gross - discount, bp)
    discount_ex = ex_tax(gross, bp) - paid_ex
    funded = np.where(promo >= 0, div(discount_ex * cat.promo_funding_bp[promo], 10_000), 0)
    t.total = np.bincount(at, weights=gross - discount, minlength=t.size).astype(np.int64)
    return Cols(
        at=at, line=ranges(t.lines) + 1, sku=sku, qty=qty, price=price, promo=promo, gross=gross, discount=discount,
        bp=bp,
        paid_ex=paid_ex, tax=gross - discount - paid_ex, discount_ex=discount_ex, funded_ex=funded,
    )  # fmt: skip


def tenders(world: World, t: Cols, first: int) -> Cols:
    """One tender a sale, two where a gift card pays a part."""
    rng = world.rng("tenders", first)
    kind = rng.choice(4, t.size, p=[0.34, 0.55, 0.08, 0.03])
    split = (rng.random(t.size) < 0.03) & (t.total > 2000) & (kind == 1)
    card = np.where(split, 1000, 0)
    paying = np.flatnonzero(t.kind != VOID)
    both = np.flatnonzero(split & (t.kind != VOID))
    at = np.concatenate([paying, both])
    tender = np.concatenate([kind[paying], np.full(both.size, 3)])
    amount = np.concatenate([(t.total - card)[paying], card[both]])
    number = np.concatenate([np.ones(paying.size, dtype=np.int64), np.full(both.size, 2)])
    return Cols(at=at, no=number, tender=tender, amount=amount, fee=tender_fee(tender, amount))


def tender_fee(tender: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """Fee of the payment provider at a till: card 0.8 % + 0.05, wallet 1.2 %."""
    fee = np.where(tender == 1, div(amount * 80, 10_000) + 5, np.where(tender == 2, div(amount * 120, 10_000), 0))
    return np.where(amount > 0, fee, 0)


def frames(t: Cols, lines: Cols, pays: Cols) -> dict[str, pl.DataFrame]:
    """pos_transaction, pos_transaction_line, pos_tender and the discounts of the lines."""
    at = lines.at
    header = t.frame(
        transaction_id="no", location_id="store", register_id=code(t.register - 1, ("R1", "R2", "R3", "R4")),
        transaction_ts="ts",
        transaction_type=code(t.kind, KINDS), customer_id=nullify(t.customer, t.customer < 0),
        currency_code=same("EUR", t.size),
        total_amount="total",
    )  # fmt: skip
    line = lines.frame(
        transaction_id=t.no[at], line_no="line", sku="sku", quantity="qty", unit_price_amount=lines.price * 100,
        gross_amount="gross", discount_amount="discount", tax_amount="tax",
        promotion_id=nullify(lines.promo, lines.promo < 0),
        transaction_ts=t.ts[at],
    )  # fmt: skip
    tender = pays.frame(
        transaction_id=t.no[pays.at], tender_no="no", tender_type=code(pays.tender, TENDERS), amount="amount",
        fee_amount="fee",
        currency_code=same("EUR", pays.size), transaction_ts=t.ts[pays.at],
    )  # fmt: skip
    shares = []
    for which, amount in enumerate((lines.discount_ex - lines.funded_ex, lines.funded_ex)):
        some = np.flatnonzero(amount != 0)
        shares.append(pl.DataFrame({
            "discount_id": t.no[at[some]] * 1000 + lines.line[some] * 10 + which, "transaction_id": t.no[at[some]],
            "transaction_line_no": lines.line[some],
            "promotion_id": nullify(lines.promo[some], lines.promo[some] < 0),
            "funding_code": code(np.full(some.size, which), ("retailer", "supplier")), "amount": amount[some],
            "currency_code": same("EUR", some.size), "event_ts": t.ts[at[some]],
        }))  # fmt: skip
    return {
        "pos_transaction": header,
        "pos_transaction_line": line,
        "pos_tender": tender,
        "discount_allocation": pl.concat(shares),
    }
