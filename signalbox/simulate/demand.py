"""What customers order: headers and lines with their prices.

Belongs here: when, where and what is ordered, and the order's money. Not here: what becomes of it (``fulfil``).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from signalbox.simulate.catalogue import Catalogue
from signalbox.simulate.clock import HOUR, Clock
from signalbox.simulate.cols import Cols
from signalbox.simulate.money import div, ex_tax
from signalbox.simulate.network import MKT_A, MKT_B, REGION_COUNTRY, SHOP, TAX_BP, WEB, Network
from signalbox.simulate.rand import ranges, stream
from signalbox.simulate.scales import Scale

DELIVERY, PICKUP, PREORDER = 0, 1, 2
ORDER_TYPES = ("delivery", "pickup", "preorder")
FIRST_ORDER = 100_000_001
_WEEKDAY = np.array([1.08, 1.0, 0.97, 0.98, 1.02, 0.92, 1.12])
_REGION = {WEB: [0.2, 0.25, 0.2, 0.15, 0.1, 0.08, 0.02, 0], MKT_A: [0.23, 0.28, 0.22, 0.15, 0.12, 0, 0, 0],
           MKT_B: [0, 0, 0, 0, 0, 0, 0, 1.0], SHOP: [0.25, 0.28, 0.24, 0.13, 0.06, 0.04, 0, 0]}  # fmt: skip


@dataclass(frozen=True)
class World:
    """What every part needs: sizes, calendar, network, catalogue, seed."""

    scale: Scale
    clock: Clock
    net: Network
    cat: Catalogue
    seed: int

    def rng(self, *name: object) -> np.random.Generator:
        return stream(self.seed, *name)


def day_counts(world: World, name: str, total: int) -> np.ndarray:
    """Orders of each day: weekday profile, slow growth, the promotion peak."""
    rng = world.rng(name, "days")
    days = np.arange(world.clock.days)
    weight = _WEEKDAY[world.clock.weekday(days) - 1] * (1 + 0.12 * days / days.size) * rng.normal(1, 0.05, days.size)
    peak = world.cat.peak
    start, end = world.cat.promo_start[peak], world.cat.promo_end[peak]
    weight = weight * np.where((days >= start) & (days < end), 1.7, 1.0)
    return rng.multinomial(total, weight / weight.sum())


def slices(world: World, counts: np.ndarray) -> list[tuple[int, int]]:
    """Day ranges of about ``slice_orders`` orders each, at least a week long."""
    days = world.clock.days
    width = max(7, int(days * world.scale.slice_orders / max(1, counts.sum())))
    pieces = max(1, round(days / width))
    bounds = [round(days * k / pieces) for k in range(pieces + 1)]
    return list(pairwise(bounds))


def _time_of_day(rng: np.random.Generator, n: int) -> np.ndarray:
    noon, evening = rng.normal(12.3, 2.6, n), rng.normal(20.2, 1.9, n)
    hours = np.where(rng.random(n) < 0.42, noon, evening)
    hours = np.where(rng.random(n) < 0.06, rng.uniform(0, 24, n), hours)
    return (hours % 24 * HOUR).astype(np.int64)


def orders(world: World, counts: np.ndarray, first: int, last: int) -> Cols:
    """Headers of the days ``first`` to ``last - 1``, in order of time. ``ts`` is the order time."""
    rng, net = world.rng("orders", first), world.net
    day = np.repeat(np.arange(first, last), counts[first:last])
    n = day.size
    ts = world.clock.utc(day, _time_of_day(rng, n))
    order = np.lexsort((ts, day))
    ts, day = ts[order], day[order]
    channel = rng.choice(4, n, p=[0.58, 0.24, 0.14, 0.04])
    kind = np.where((channel == WEB) & (rng.random(n) < 0.25), PICKUP, DELIVERY)
    kind = np.where((channel == WEB) & (kind == DELIVERY) & (rng.random(n) < 0.012), PREORDER, kind)
    region, draw = np.zeros(n, dtype=np.int64), rng.random(n)
    for c, weights in _REGION.items():
        region = np.where(channel == c, np.searchsorted(np.cumsum(weights), draw, side="right").clip(0, 7), region)
    store = np.searchsorted(np.cumsum(net.weight), rng.random(n)).clip(0, net.stores - 1)
    region = np.where(kind == PICKUP, net.region[store], region)
    people = max(50, int(world.scale.orders * 0.55))
    customer = (people * rng.random(n) ** 1.6).astype(np.int64)
    lines = 1 + np.minimum(rng.geometric(0.52, n) - 1, 6)
    return Cols(
        no=FIRST_ORDER + int(counts[:first].sum()) + np.arange(n), day=day, ts=ts, channel=channel, kind=kind,
        region=region,
        country=REGION_COUNTRY[region], store=np.where(kind == PICKUP, store, -1), customer=customer,
        postcode=rng.integers(1000, 99999, n), lines=lines, is_test=rng.random(n) < 0.001,
    )  # fmt: skip


def _items(world: World, o: Cols, rng: np.random.Generator, at: np.ndarray) -> np.ndarray:
    """Item of each line: by popularity, drawn towards promotions; pickups from the store's range."""
    cat, n = world.cat, at.size
    cumulative = np.cumsum(cat.popularity)
    top = cat.sku.size - 1
    sku = np.searchsorted(cumulative, rng.random(n)).clip(0, top)
    channel, day = o.channel[at], o.day[at]
    for _ in range(2):
        other = np.searchsorted(cumulative, rng.random(n)).clip(0, top)
        better = (cat.promo_of[channel, other, day] >= 0) & (cat.promo_of[channel, sku, day] < 0)
        sku = np.where(better, other, sku)
    width = cat.ranges.shape[1]
    ranged = cat.ranges[np.maximum(o.store[at], 0), (width * rng.random(n) ** 1.7).astype(np.int64)]
    return np.where(o.store[at] >= 0, ranged, sku)


def order_lines(world: World, o: Cols, first: int) -> Cols:
    """Lines of the headers with money in cents; ``at`` is the header's position in ``o``."""
    rng, cat = world.rng("lines", first), world.cat
    at = np.repeat(np.arange(o.size), o.lines)
    line_no = ranges(o.lines) + 1
    sku = _items(world, o, rng, at)
    qty = 1 + (rng.random(at.size) < 0.14) + (rng.random(at.size) < 0.04)
    channel = o.channel[at]
    price = cat.price[sku, channel]
    promo = cat.promo_of[channel, sku, o.day[at]].astype(np.int64)
    gross = qty * price
    discount = np.where(promo >= 0, div(gross * cat.promo_share_bp[promo], 10_000), 0)
    bp = TAX_BP[o.country[at], cat.tax[sku]]
    paid_ex = ex_tax(gross - discount, bp)
    discount_ex = ex_tax(gross, bp) - paid_ex
    funded = np.where(promo >= 0, div(discount_ex * cat.promo_funding_bp[promo], 10_000), 0)
    return Cols(
        at=at, line=line_no, sku=sku, qty=qty, price=price, promo=promo, gross=gross, discount=discount, bp=bp,
        paid_ex=paid_ex, tax=gross - discount - paid_ex, discount_ex=discount_ex, funded_ex=funded,
    )  # fmt: skip


def add_totals(o: Cols, lines: Cols) -> None:
    """Shipping, tax and total of each header (rule 3)."""
    goods = np.bincount(lines.at, weights=lines.gross - lines.discount, minlength=o.size).astype(np.int64)
    fee, free_from = np.array([495, 399, 350, 0]), np.array([5000, 3000, 3000, 0])
    o.shipping = np.where((o.kind != PICKUP) & (goods < free_from[o.channel]), fee[o.channel], 0)
    o.shipping_tax = o.shipping - ex_tax(o.shipping, TAX_BP[o.country, 0])
    o.tax = np.bincount(lines.at, weights=lines.tax, minlength=o.size).astype(np.int64) + o.shipping_tax
    o.total = goods + o.shipping
    o.ext = o.no.copy()


__all__ = ["DELIVERY", "PICKUP", "PREORDER", "World", "add_totals", "day_counts", "order_lines", "orders", "slices"]
