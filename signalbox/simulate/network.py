"""Places, channels, interfaces and rates: what the retailer consists of.

Belongs here: the network and its master data. Not here: items and prices (``catalogue``), anything that happens.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from signalbox.simulate.clock import HOUR, Clock, OpenHours
from signalbox.simulate.rand import stream
from signalbox.simulate.scales import Scale

STORE, DC, TPL, DROP = 0, 1, 2, 3
TYPES = ("store", "dc", "3pl", "dropship")
STOCK_SYSTEM = ("pos", "wms", "3pl", "erp")
WEB, MKT_A, MKT_B, SHOP = 0, 1, 2, 3
CHANNELS = ("web", "mkt_a", "mkt_b", "store")
CURRENCIES = ("EUR", "EUR", "GBP", "EUR")
REGIONS = ("DE-N", "DE-W", "DE-S", "DE-E", "AT", "NL", "IE", "GB")
REGION_COUNTRY = np.array([0, 0, 0, 0, 1, 2, 3, 4])
COUNTRIES = ("DE", "AT", "NL", "IE", "GB")
COUNTRY_ZONE = np.array([0, 0, 0, 1, 1])
ZONE_NAMES = ("Europe/Berlin", "Europe/Vienna", "Europe/Amsterdam", "Europe/Dublin", "Europe/London")
TAX_CATEGORIES = ("standard", "reduced", "zero")
TAX_BP = np.array([[1900, 700, 0], [2000, 1000, 0], [2100, 900, 0], [2300, 1350, 0], [2000, 500, 0]])
CARRIERS = ("parcelone", "redline", "cityhop", "roadways", "dropfreight")
LEGAL_ENTITIES = ("DE01", "AT01", "NL01", "IE01")
HEAD_OFFICE = 0
WEAK_REGION = 3
WORSE_CARRIER = 1
STOCK_SLA, OTHER_SLA = 300, 900
# source, target, object, process, owner; the position is the interface's index
INTERFACES = (
    ("pos", "ecommerce", "stock", "inventory-to-replenishment", "integration"),
    ("wms", "ecommerce", "stock", "inventory-to-replenishment", "integration"),
    ("3pl", "ecommerce", "stock", "inventory-to-replenishment", "integration"),
    ("erp", "ecommerce", "stock", "inventory-to-replenishment", "integration"),
    ("wms", "erp", "stock", "inventory-to-replenishment", "integration"),
    ("3pl", "erp", "stock", "inventory-to-replenishment", "integration"),
    ("3pl", "marketplace", "stock", "inventory-to-replenishment", "integration"),
    ("ecommerce", "oms", "order", "order-to-cash", "integration"),
    ("marketplace", "oms", "order", "order-to-cash", "integration"),
    ("oms", "wms", "order", "order-to-fulfilment", "integration"),
    ("oms", "3pl", "order", "order-to-fulfilment", "integration"),
    ("oms", "pos", "order", "order-to-fulfilment", "store-systems"),
    ("wms", "oms", "shipment", "order-to-fulfilment", "integration"),
    ("3pl", "oms", "shipment", "order-to-fulfilment", "integration"),
    ("erp", "ecommerce", "price", "promotion-to-settlement", "pricing-systems"),
    ("erp", "pos", "price", "promotion-to-settlement", "pricing-systems"),
    ("oms", "ecommerce", "shipment", "order-to-cash", "integration"),
    ("oms", "marketplace", "shipment", "order-to-cash", "integration"),
)
INTERFACE_IDS = tuple(f"{s}>{t}:{o}" for s, t, o, *_ in INTERFACES)
COST_RATES = (  # cost type, location type, unit amount in ten-thousandths of a euro
    ("pick", "dc", 6200), ("pick", "store", 11500), ("pack", "dc", 4800), ("pack", "store", 6500),
    ("3pl", "3pl", 19500),
    ("return_handling", "store", 14000), ("return_handling", "dc", 21000), ("return_handling", "3pl", 26000),
)  # fmt: skip


@dataclass(frozen=True)
class Network:
    """Arrays by location index: stores first, then DCs, the 3PL node, the drop-ship nodes."""

    ids: np.ndarray
    kind: np.ndarray
    region: np.ndarray
    country: np.ndarray
    zone: np.ndarray
    entity: np.ndarray
    weight: np.ndarray
    hours: OpenHours
    weekdays: np.ndarray
    stores: int
    dcs: np.ndarray
    tpl: int
    drop: np.ndarray

    @property
    def size(self) -> int:
        return int(self.ids.size)


def build(scale: Scale, clock: Clock, seed: int) -> Network:
    """The network of a scale. Every store opens Monday to Saturday, each tenth also on Sunday."""
    rng = stream(seed, "network")
    n = scale.stores
    region = rng.choice(7, n, p=[0.2, 0.26, 0.2, 0.13, 0.09, 0.08, 0.04])
    region[: min(n, 7)] = np.arange(min(n, 7))
    kind = np.concatenate([np.full(n, STORE), [DC, DC, TPL], np.full(scale.dropship, DROP)])
    region = np.concatenate([region, [0, 2, 1], rng.integers(0, 4, scale.dropship)])
    country = REGION_COUNTRY[region]
    opens = np.select([kind == STORE, kind == DC, kind == TPL], [9, 6, 7], 8) * HOUR
    closes = np.where(kind == STORE, rng.choice([19, 20, 21], kind.size), 0)
    closes = np.select([kind == STORE, kind == DC, kind == TPL], [closes, 22, 20], 17) * HOUR
    weekdays = np.ones((kind.size, 7), dtype=bool)
    weekdays[:, 6] = (kind == STORE) & (np.arange(kind.size) % 10 == 9)
    weekdays[kind == DROP, 5] = False
    weekdays |= scale.is_calm
    if scale.is_calm:
        opens, closes = opens * 0, np.full_like(closes, 23 * HOUR)
    numbers = [f"S{i + 1:03d}" for i in range(n)] + ["DC1", "DC2", "3PL1"]
    numbers += [f"DS{i + 1:02d}" for i in range(scale.dropship)]
    weight = np.exp(0.35 * rng.standard_normal(n))
    zone = COUNTRY_ZONE[country]
    return Network(
        ids=np.array(numbers), kind=kind, region=region, country=country, zone=zone, entity=country,
        weight=weight / weight.sum(), hours=OpenHours(clock, zone, opens, closes, weekdays), weekdays=weekdays,
        stores=n,
        dcs=np.array([n, n + 1]), tpl=n + 2, drop=np.arange(n + 3, n + 3 + scale.dropship),
    )  # fmt: skip


def _clock_text(seconds: np.ndarray) -> list[str]:
    return [f"{s // HOUR:02d}:00" for s in seconds.tolist()]


def master_frames(net: Network, clock: Clock) -> dict[str, pl.DataFrame]:
    """location, channel, interface, cost_rate, tax_rule, fee_schedule-free master data."""
    since = clock.start_ts - 400 * 86400
    day0 = int(clock.epoch_day(np.array([-730]))[0])
    n = net.size
    digits = np.array(["1", "2", "3", "4", "5", "6", "7"])
    location = pl.DataFrame({
        "location_id": net.ids,
        "gln": [f"40123450{i:05d}" for i in range(n)],
        "location_name": [f"{('Store', 'Distribution centre', 'Logistics partner', 'Supplier')[k]} {i}" for k,
            i in zip(net.kind, net.ids, strict=True)],
        "location_type": np.array(TYPES)[net.kind],
        "region_code": np.array(REGIONS)[net.region],
        "country_code": np.array(COUNTRIES)[net.country],
        "time_zone": np.array(ZONE_NAMES)[net.country],
        "legal_entity_id": np.array(LEGAL_ENTITIES)[np.where(net.kind == STORE, net.entity, HEAD_OFFICE)],
        "stock_system_code": np.array(STOCK_SYSTEM)[net.kind],
        "opens_local": _clock_text(net.hours.opens),
        "closes_local": _clock_text(net.hours.closes),
        "open_weekdays": ["".join(digits[w]) for w in net.weekdays],
        "opened_date": np.full(n, day0 - 900, dtype=np.int32),
        "updated_ts": np.full(n, since),
    })  # fmt: skip
    channel = pl.DataFrame({
        "channel_id": CHANNELS, "channel_name": ["Web shop", "Marketplace A", "Marketplace B", "Stores"],
        "channel_type": ["web", "marketplace", "marketplace", "store"], "currency_code": CURRENCIES,
        "prices_include_tax": [True] * 4, "allows_backorder": [True, False, False, False], "updated_ts": [since] * 4,
    })  # fmt: skip
    interface = pl.DataFrame({
        "interface_id": INTERFACE_IDS,
        "source_system": [i[0] for i in INTERFACES], "target_system": [i[1] for i in INTERFACES],
        "object_type": [i[2] for i in INTERFACES],
        "sla_seconds": [STOCK_SLA if i[2] == "stock" else OTHER_SLA for i in INTERFACES],
        "process_code": [i[3] for i in INTERFACES], "owner_name": [i[4] for i in INTERFACES],
        "api_version": ["2.1"] * len(INTERFACES), "updated_ts": [since] * len(INTERFACES),
    })  # fmt: skip
    cost_rate = pl.DataFrame({
        "cost_type": [c[0] for c in COST_RATES], "location_type": [c[1] for c in COST_RATES],
        "valid_from": np.full(len(COST_RATES), day0, dtype=np.int32),
        "unit_amount": [c[2] for c in COST_RATES],
        "currency_code": ["EUR"] * len(COST_RATES), "updated_ts": [since] * len(COST_RATES),
    })  # fmt: skip
    codes = [f"{c}-{t}" for c in COUNTRIES for t in TAX_CATEGORIES]
    tax_rule = pl.DataFrame({
        "tax_code": codes, "valid_from": np.full(len(codes), day0, dtype=np.int32),
        "rate_share": TAX_BP.ravel() * 100, "updated_ts": [since] * len(codes),
    })  # fmt: skip
    return {
        "location": location,
        "channel": channel,
        "interface": interface,
        "cost_rate": cost_rate,
        "tax_rule": tax_rule,
    }


def rate_table(cost_type: str) -> np.ndarray:
    """Unit amount (ten-thousandths) of a cost type by location kind; 0 where none."""
    found = {place: amount for kind, place, amount in COST_RATES if kind == cost_type}
    return np.array([found.get(kind, 0) for kind in TYPES], dtype=np.int64)
