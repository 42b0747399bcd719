"""Items, suppliers, costs, prices, promotions and ranges.

Belongs here: master data of what is sold and at which price. Not here: sales.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from signalbox.simulate.clock import DAY, HOUR, Clock
from signalbox.simulate.cols import nullify
from signalbox.simulate.money import div
from signalbox.simulate.network import CHANNELS, CURRENCIES, MKT_A, MKT_B, SHOP, TAX_CATEGORIES, WEB, Network
from signalbox.simulate.rand import stream
from signalbox.simulate.scales import Scale

# name, department, tax category, return share, median price in cents, weight kg
CATEGORIES = (
    ("apparel", "fashion", 0, 0.20, 3900, 0.4), ("shoes", "fashion", 0, 0.18, 6900, 1.0),
    ("home", "living", 0, 0.08, 2900, 1.8),
    ("kitchen", "living", 0, 0.07, 2400, 1.2), ("electronics", "technology", 0, 0.11, 8900, 0.9),
    ("toys", "family", 0, 0.07, 1900, 0.7), ("books", "family", 1, 0.04, 1400, 0.5),
    ("food", "consumables", 1, 0.02, 700, 0.6),
    ("beauty", "consumables", 0, 0.06, 1500, 0.3), ("sports", "leisure", 0, 0.11, 3400, 1.5),
    ("garden", "leisure", 0, 0.08, 2600, 2.5), ("solar", "technology", 2, 0.05, 19900, 4.0),
)  # fmt: skip
GBP_PER_EUR = 88  # list prices of the British marketplace, per cent of the euro price


@dataclass(frozen=True)
class Catalogue:
    """Arrays by item index; money in cents, costs in ten-thousandths. ``price`` is (items, channels), tax included.

    ``landed`` and ``standard`` are (items, 2): before and from ``cost_change_day``. ``drop_node`` is -1 or the
    location. ``promo_of`` is (channels, items, days): index of the promotion in force, -1 for none. ``ranges`` is
    (stores, ranged).
    """

    sku: np.ndarray
    category: np.ndarray
    tax: np.ndarray
    weight_kg: np.ndarray
    supplier: np.ndarray
    popularity: np.ndarray
    price: np.ndarray
    standard: np.ndarray
    landed: np.ndarray
    cost_change_day: int
    drop_node: np.ndarray
    pack: np.ndarray
    lead_days: np.ndarray
    ranges: np.ndarray
    ranged: np.ndarray
    promo_of: np.ndarray
    promo_share_bp: np.ndarray
    promo_funding_bp: np.ndarray
    promo_start: np.ndarray
    promo_end: np.ndarray
    promo_items: np.ndarray
    promo_channels: np.ndarray
    suppliers: int
    peak: int

    def unit_cost(self, sku: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Landed, else standard cost valid on reporting days."""
        column = (np.asarray(day) >= self.cost_change_day).astype(np.int64)
        landed = self.landed[sku, column]
        return np.where(landed > 0, landed, self.standard[sku, column])


def build(scale: Scale, clock: Clock, net: Network, seed: int) -> Catalogue:
    """The catalogue of a scale."""
    rng = stream(seed, "catalogue")
    n = scale.skus
    category = rng.integers(0, len(CATEGORIES), n)
    category[: len(CATEGORIES)] = np.arange(len(CATEGORIES))
    base = np.array([c[4] for c in CATEGORIES])[category] * np.exp(0.45 * rng.standard_normal(n))
    base = np.minimum(base, 1500) if scale.is_calm else base
    euro = (np.maximum(2, np.round(base / 100)) * 100 - 5).astype(np.int64)
    pound = np.maximum(99, div(euro * GBP_PER_EUR, 10_000) * 100 - 1)
    price = np.stack([euro, euro, pound, euro], axis=1)
    tax = np.array([c[2] for c in CATEGORIES])[category]
    supplier = rng.integers(net.drop.size, scale.suppliers, n)
    dropped = rng.random(n) < scale.odds(0.06)
    dropped[: net.drop.size] = True
    supplier = np.where(dropped, np.arange(n) % net.drop.size, supplier)
    standard = np.round(euro * 100 / 1.19 * rng.uniform(0.45, 0.66, n)).astype(np.int64)
    rises = np.where(rng.random(n) < 0.3, 103, 100)
    standard = np.stack([standard, standard * rises // 100], axis=1)
    landed = np.where(
        (rng.random(n) < scale.odds(0.05))[:, None], 0, standard * rng.integers(101, 108, n)[:, None] // 100
    )
    popularity = 1.0 / (rng.permutation(n) + 8) ** 0.8
    promo = _promotions(scale, clock, n, dropped, seed)
    ranges = _ranges(scale, net, popularity, dropped, seed)
    ranged = np.zeros((net.size, n), dtype=bool)
    ranged[np.arange(net.stores)[:, None], ranges] = True
    ranged[net.dcs[:, None], np.flatnonzero(~dropped)] = True
    ranged[net.tpl, ~dropped & (np.arange(n) % 2 == 0)] = True
    ranged[np.where(dropped, net.drop[supplier % net.drop.size], net.dcs[0]), np.arange(n)] = True
    return Catalogue(
        sku=np.array([f"{1000001 + i}" for i in range(n)]), category=category, tax=tax,
        weight_kg=np.array([c[5] for c in CATEGORIES])[category], supplier=supplier,
        popularity=popularity / popularity.sum(),
        price=price, standard=standard, landed=landed, cost_change_day=clock.days // 2,
        drop_node=np.where(dropped, net.drop[supplier % net.drop.size], -1),
        pack=np.minimum(rng.choice([6, 12, 24], n), 6 if scale.is_calm else 24),
        lead_days=rng.integers(7, 8 if scale.is_calm else 36, scale.suppliers)[supplier], ranges=ranges, ranged=ranged,
        suppliers=scale.suppliers,
        **promo,
    )  # fmt: skip


def _ranges(scale: Scale, net: Network, popularity: np.ndarray, dropped: np.ndarray, seed: int) -> np.ndarray:
    """Which items each store keeps: weighted draw without replacement, most popular first."""
    rng = stream(seed, "ranges")
    weight = np.where(dropped, 0, popularity)
    keys = np.log(rng.random((net.stores, weight.size))) / np.maximum(weight, 1e-12)[None, :]
    keys[:, dropped] = -np.inf
    best = np.argsort(-keys, axis=1)[:, : min(scale.ranged, int((~dropped).sum()))]
    order = np.argsort(-popularity[best], axis=1, kind="stable")
    return np.take_along_axis(best, order, axis=1)


def _promotions(scale: Scale, clock: Clock, n: int, dropped: np.ndarray, seed: int) -> dict[str, Any]:
    rng = stream(seed, "promotions")
    count = max(scale.promotions, 2)
    start = np.sort(rng.integers(0, max(1, clock.days - 7), count))
    peak = count * 3 // 5
    start[peak] = clock.days * 3 // 5
    end = np.minimum(start + rng.integers(6, 13, count), clock.days + 6)
    items = rng.random((count, n)) < np.where(np.arange(count) == peak, 0.12, 0.05)[:, None]
    items[:, dropped] = False
    items[:, 12 + np.arange(3) * 7] = True
    if scale.is_calm:  # no item has two promotions at once
        for p in range(1, count):
            items[p] &= ~items[:p][end[:p] > start[p]].any(axis=0)
    channels = rng.random((count, 4)) < 0.75
    channels[:, WEB] = True
    channels[peak] = True
    promo_of = np.full((4, n, clock.days + 1), -1, dtype=np.int16)
    for p in range(count):  # a handful; later promotions win
        days = slice(int(start[p]), int(end[p]))
        promo_of[np.ix_(np.flatnonzero(channels[p]), np.flatnonzero(items[p]), np.arange(clock.days + 1)[days])] = p
    return {
        "promo_of": promo_of, "promo_share_bp": rng.choice([1000, 1500, 2000, 3000], count),
        "promo_funding_bp": rng.choice([0, 0, 5000, 6000, 10_000], count), "promo_start": start, "promo_end": end,
        "promo_items": items, "promo_channels": channels, "peak": peak,
    }  # fmt: skip


def promo_name(index: np.ndarray | int) -> np.ndarray:
    return _numbered("PR", np.asarray(index))


def master_frames(scale: Scale, cat: Catalogue, net: Network, clock: Clock, seed: int) -> dict[str, pl.DataFrame]:
    """Every master-data frame of items, suppliers, ranges, costs, prices, promotions and policies."""
    frames = _items(cat, net, clock)
    frames |= _ranged(cat, net, clock, seed)
    frames |= _priced(scale, cat, clock, seed)
    frames |= _promoted(cat, clock)
    return frames


def _items(cat: Catalogue, net: Network, clock: Clock) -> dict[str, pl.DataFrame]:
    n, since = cat.sku.size, clock.start_ts - 300 * DAY
    names = np.array([c[0] for c in CATEGORIES])
    day0 = int(clock.epoch_day(np.array([-730]))[0])
    change = int(clock.epoch_day(np.array([cat.cost_change_day]))[0])
    product = pl.DataFrame({
        "sku": cat.sku, "gtin": [f"0405555{i:06d}0" for i in range(n)],
        "product_name": [f"{names[c].capitalize()} {i + 1}" for i, c in enumerate(cat.category)],
        "brand_name": [f"Brand {i % 40 + 1}" for i in range(n)], "category_code": names[cat.category],
        "category_name": [names[c].capitalize() for c in cat.category],
        "department_name": np.array([c[1] for c in CATEGORIES])[cat.category], "product_type": ["goods"] * n,
        "base_uom_code": ["EA"] * n, "weight_kg": cat.weight_kg, "tax_category_code": np.array(TAX_CATEGORIES)[cat.tax],
        "supplier_id": supplier_name(cat.supplier), "list_price_amount": div(cat.price[:, WEB] * 10_000,
            10_000 + np.array([1900, 700, 0])[cat.tax]),
        "currency_code": ["EUR"] * n, "is_kit": [False] * n, "status_code": ["active"] * n, "updated_ts": [since] * n,
    })  # fmt: skip
    extra = product.head(3).with_columns(
        sku=pl.Series(["9000001", "9000002", "9000003"]), gtin=pl.lit(None, dtype=pl.String),
        product_name=pl.Series(["Gift card", "Assembly service", "Extended warranty"]),
        product_type=pl.Series(["gift_card", "service", "digital"]), supplier_id=pl.lit(None, dtype=pl.String),
        weight_kg=pl.lit(None, dtype=pl.Float64),
    )  # fmt: skip
    m = cat.suppliers
    supplier = pl.DataFrame({
        "supplier_id": supplier_name(np.arange(m)), "supplier_name": [f"Supplier {i + 1}" for i in range(m)],
        "gln": [f"40999990{i:05d}" for i in range(m)], "country_code": [("DE", "PL", "CN", "IT",
                "NL")[i % 5] for i in range(m)],
        "is_dropship": [i < net.drop.size for i in range(m)], "status_code": ["active"] * m, "updated_ts": [since] * m,
    })  # fmt: skip
    terms = pl.DataFrame({
        "supplier_id": supplier_name(cat.supplier), "sku": cat.sku, "lead_time_days": cat.lead_days,
        "min_order_qty": cat.pack, "pack_qty": cat.pack, "unit_cost_amount": cat.standard[:, 0],
        "currency_code": ["EUR"] * n, "updated_ts": [since] * n,
    })  # fmt: skip
    costs = [
        pl.DataFrame(
            {
                "sku": cat.sku,
                "valid_from": np.full(n, (day0, change)[k], dtype=np.int32),
                "standard_cost_amount": cat.standard[:, k],
                "landed_cost_amount": pl.Series(cat.landed[:, k]).replace(0, None),
                "currency_code": ["EUR"] * n,
                "updated_ts": [(since, clock.midnight(max(0, cat.cost_change_day - 1)) + HOUR)[k]] * n,
            }
        )
        for k in (0, 1)
    ]
    return {
        "product": pl.concat([product, extra]),
        "supplier": supplier,
        "supplier_item": terms,
        "item_cost": pl.concat(costs),
    }


def supplier_name(index: np.ndarray) -> np.ndarray:
    return _numbered("V", index)


def _numbered(prefix: str, index: np.ndarray) -> np.ndarray:
    """Prefix and number of four digits, from 1; numpy cannot fill up none."""
    return np.char.add(prefix, np.char.zfill((index + 1).astype(str), 4)) if index.size else np.zeros(0, dtype=str)


def _ranged(cat: Catalogue, net: Network, clock: Clock, seed: int) -> dict[str, pl.DataFrame]:
    rng = stream(seed, "policies")
    loc, sku = np.nonzero(cat.ranged)
    since, day0 = clock.start_ts - 200 * DAY, int(clock.epoch_day(np.array([-200]))[0])
    start = np.full(loc.size, day0, dtype=np.int32)
    assortment = pl.DataFrame(
        {"sku": cat.sku[sku], "location_id": net.ids[loc], "valid_from": start, "updated_ts": np.full(loc.size, since)}
    )
    store = net.kind[loc] == 0
    safety = pl.DataFrame({
        "sku": cat.sku[sku], "location_id": net.ids[loc], "valid_from": start,
        "safety_stock_qty": np.where(store, 1, rng.integers(5, 20, loc.size)),
        "presentation_min_qty": np.where(store, rng.integers(0, 2, loc.size), 0),
        "updated_ts": np.full(loc.size, since),
    })  # fmt: skip
    some = np.flatnonzero(rng.random(cat.sku.size) < 0.2)
    protection = pl.DataFrame({
        "sku": cat.sku[some], "channel_id": np.array(CHANNELS)[rng.integers(0, 3, some.size)],
        "valid_from": np.full(some.size, day0, dtype=np.int32), "protection_qty": rng.integers(2, 10, some.size),
        "updated_ts": np.full(some.size, since),
    })  # fmt: skip
    listing = pl.concat([
        pl.DataFrame({
            "channel_id": [CHANNELS[c]] * cat.sku.size, "listing_id": listing_name(c, np.arange(cat.sku.size)),
            "sku": cat.sku,
            "status_code": ["active"] * cat.sku.size, "updated_ts": [since] * cat.sku.size,
        })
        for c in (WEB, MKT_A, MKT_B)
    ])  # fmt: skip
    return {
        "assortment": assortment,
        "safety_stock_policy": safety,
        "channel_allocation": protection,
        "channel_listing": listing,
    }


def listing_name(channel: int | np.ndarray, sku: np.ndarray) -> np.ndarray:
    head = np.array(["W", "A", "B", "S"])[channel]
    return np.char.add(head, np.char.zfill((np.asarray(sku) + 1).astype(str), 6))


def _priced(scale: Scale, cat: Catalogue, clock: Clock, seed: int) -> dict[str, pl.DataFrame]:
    """price_publication; of the promotions' prices some are late, early, never live, or stay too long."""
    n, since = cat.sku.size, clock.start_ts - 40 * DAY
    regular = [
        pl.DataFrame({
            "sku": cat.sku, "channel_id": [CHANNELS[c]] * n, "price_version": np.ones(n, dtype=np.int64),
            "price_amount": cat.price[:, c] * 100, "currency_code": [CURRENCIES[c]] * n, "price_type": ["regular"] * n,
            "promotion_id": pl.Series([None] * n, dtype=pl.String), "approved_ts": [since - DAY] * n,
            "effective_ts": [since] * n,
            "live_ts": [since + 40 + 20 * c] * n, "ended_ts": pl.Series([None] * n, dtype=pl.Int64),
            "updated_ts": [since + 120] * n,
        })
        for c in range(4)
    ]  # fmt: skip
    promo, channel, sku = np.nonzero(cat.promo_channels[:, :, None] & cat.promo_items[:, None, :])
    begin = clock.utc(cat.promo_start[promo], np.zeros(promo.size, dtype=np.int64))
    end = clock.utc(cat.promo_end[promo], np.zeros(promo.size, dtype=np.int64))
    rng = stream(seed, "publications")
    draw = 1 - scale.odds(1 - rng.random(promo.size))
    slip = np.select([draw < 0.02, draw < 0.025], [rng.integers(1, 7, promo.size) * HOUR, -26 * HOUR], 0)
    never = (draw >= 0.025) & (draw < 0.03)
    live = begin + 30 + 15 * channel + slip
    gone = end + 60 + np.where(rng.random(promo.size) < scale.odds(0.01), 5 * HOUR, 0)
    frame = pl.DataFrame({
        "sku": cat.sku[sku], "channel_id": np.array(CHANNELS)[channel], "price_version": 2 + promo,
        "price_amount": div(cat.price[sku, channel] * (10_000 - cat.promo_share_bp[promo]), 10_000) * 100,
        "currency_code": np.array(CURRENCIES)[channel], "price_type": ["promotion"] * promo.size,
        "promotion_id": promo_name(promo), "approved_ts": begin - 5 * DAY, "effective_ts": begin,
        "live_ts": nullify(live, never), "ended_ts": pl.Series([None] * promo.size, dtype=pl.Int64),
        "updated_ts": np.maximum(live, begin) + 150,
    })  # fmt: skip
    ended = frame.with_columns(ended_ts=pl.Series(gone), updated_ts=pl.Series(gone + 60))
    prices = pl.concat([*regular, frame, ended]).with_columns(location_id=pl.lit("*"))
    return {"price_publication": prices}


def _promoted(cat: Catalogue, clock: Clock) -> dict[str, pl.DataFrame]:
    count = cat.promo_start.size
    index = np.arange(count)
    zero = np.zeros(count, dtype=np.int64)
    begin, end = clock.utc(cat.promo_start, zero), clock.utc(cat.promo_end, zero)
    promotion = pl.DataFrame({
        "promotion_id": promo_name(index), "promotion_name": [f"Promotion {i + 1}" for i in index],
        "promotion_type": ["percent_off"] * count, "starts_ts": begin, "ends_ts": end,
        "status_code": ["approved"] * count,
        "approved_ts": begin - 9 * DAY, "updated_ts": begin - 9 * DAY,
    })  # fmt: skip
    done = promotion.with_columns(status_code=pl.lit("ended"), updated_ts=pl.Series(end + 600))
    promo, channel, sku = np.nonzero(cat.promo_channels[:, :, None] & cat.promo_items[:, None, :])
    planned = np.maximum(3, (cat.popularity[sku] * 4000).astype(np.int64))
    unit = div(cat.price[sku, channel] * cat.promo_share_bp[promo], 10_000)
    line = pl.DataFrame({
        "promotion_id": promo_name(promo), "sku": cat.sku[sku], "channel_id": np.array(CHANNELS)[channel],
        "location_id": ["*"] * promo.size, "discount_share": cat.promo_share_bp[promo] / 10_000,
        "promotion_price_amount": (cat.price[sku, channel] - unit) * 100,
        "currency_code": np.array(CURRENCIES)[channel],
        "planned_qty": planned, "planned_margin_amount": div(planned * (cat.price[sku, channel] - unit) * 3, 10),
        "funding_share": cat.promo_funding_bp[promo] / 10_000, "updated_ts": begin[promo] - 8 * DAY,
    })  # fmt: skip
    return {"promotion": pl.concat([promotion, done]), "promotion_line": line}


__all__ = ["SHOP", "Catalogue", "build", "listing_name", "master_frames", "promo_name", "supplier_name"]
