"""What is planned ahead: node capacity, handover times, prices with their floors, approvals, forecasts, periods.

Belongs here: reference feeds that say what should happen. Not here: what did (``office`` for the back office, the
other modules for orders, stock and money).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.catalogue import CATEGORIES, promo_name
from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, code, join, same
from signalbox.simulate.demand import World
from signalbox.simulate.ledger import expected_outflow
from signalbox.simulate.money import div
from signalbox.simulate.network import CARRIERS, CHANNELS, CURRENCIES, DC, DROP, LEGAL_ENTITIES, REGIONS, STORE, TPL

# Standard minutes of labour for a unit, in ten-thousandths, by kind of location.
UNIT_MINUTES = np.array([42_000, 12_500, 14_000, 20_000])
CUTOFFS = ("15:00", "17:30", "16:00", "14:00")
STATUSES = (  # system, its own status, what that means
    ("erp", "UR", "sellable"),
    ("erp", "QI", "hold"),
    ("erp", "BL", "damaged"),
    ("erp", "IT", "in_transit"),
    ("erp", "VC", "vendor_managed"),
    ("wms", "AVL", "sellable"),
    ("wms", "RSV", "reserved"),
    ("wms", "DMG", "damaged"),
    ("wms", "QA", "hold"),
    ("wms", "RET", "returns"),
    ("pos", "FLOOR", "sellable"),
    ("pos", "BACK", "sellable"),
    ("pos", "DEFECT", "damaged"),
    ("3pl", "A", "sellable"),
    ("3pl", "D", "damaged"),
    ("3pl", "H", "hold"),
    ("ecommerce", "in_stock", "sellable"),
    ("marketplace", "fulfillable", "sellable"),
)


def master_frames(world: World) -> dict[str, pl.DataFrame]:
    """carrier_cutoff, stock_status, fiscal_period, price_list, price_policy, approval_request, demand_event."""
    return {
        "carrier_cutoff": _cutoffs(world),
        "stock_status": _statuses(world),
        "fiscal_period": _periods(world),
        "price_list": _prices(world),
        "price_policy": _floors(world),
        "approval_request": _approvals(world),
        "demand_event": _events(world),
    }


def capacity(world: World, first: int, end: int) -> pl.DataFrame:
    """node_capacity of the days ``first`` to ``end - 1``: a third above what is expected, planned a day ahead."""
    net, clock = world.net, world.clock
    expected = expected_outflow(world).sum(axis=1)
    per_day = world.scale.orders / world.scale.days * 1.9 * 1.2
    online = np.where(net.kind == STORE, np.r_[net.weight, np.zeros(net.size - net.stores)] * per_day * 0.2, expected)
    online = np.where(net.kind == DC, per_day * 0.5, online)
    day = np.repeat(np.arange(first, end), net.size)
    loc = np.tile(np.arange(net.size), end - first)
    swing = world.rng("capacity", first).uniform(0.9, 1.1, day.size)
    room, least = (5, 60) if world.scale.is_calm else (1.35, 4)
    units = np.ceil(np.maximum(online[loc] * room * swing, least)).astype(np.int64)
    is_open = net.weekdays[loc, clock.weekday(day) - 1]
    minutes = np.where(is_open, div(units * UNIT_MINUTES[net.kind[loc]] * 11, 100_000), 0)
    return pl.DataFrame(
        {
            "location_id": loc,
            "capacity_date": clock.epoch_day(day),
            "units_capacity": np.where(is_open, units, 0),
            "rostered_minutes": minutes,
            "standard_unit_minutes": UNIT_MINUTES[net.kind[loc]],
            "is_open": is_open,
            "updated_ts": clock.utc(day - 1, np.full(day.size, 14 * HOUR)),
        }
    )


def _cutoffs(world: World) -> pl.DataFrame:
    net = world.net
    sends = np.isin(net.kind, (STORE, DC, TPL, DROP))
    loc, carrier, weekday = (
        axis.ravel()
        for axis in np.meshgrid(np.flatnonzero(sends), np.arange(len(CARRIERS)), np.arange(7), indexing="ij")
    )
    some = net.weekdays[loc, weekday]
    loc, carrier, weekday = loc[some], carrier[some], weekday[some]
    return pl.DataFrame(
        {
            "location_id": loc,
            "carrier_id": code(carrier, CARRIERS),
            "weekday_no": weekday + 1,
            "cutoff_local": code(net.kind[loc], CUTOFFS),
            "updated_ts": np.full(loc.size, world.clock.start_ts - 90 * DAY),
        }
    )


def _statuses(world: World) -> pl.DataFrame:
    since = world.clock.start_ts - 300 * DAY
    return pl.DataFrame(
        {
            "system_code": [s for s, _, _ in STATUSES],
            "status_code": [c for _, c, _ in STATUSES],
            "meaning_code": [m for _, _, m in STATUSES],
            "updated_ts": [since] * len(STATUSES),
        }
    )


def _periods(world: World) -> pl.DataFrame:
    clock = world.clock
    first, last = clock.first.replace(day=1), clock.date(clock.days + 40).replace(day=1)
    months = pl.date_range(first, last, "1mo", eager=True)
    starts = months[:-1]
    return pl.concat(
        [
            pl.DataFrame(
                {
                    "legal_entity_id": same(entity, starts.len()),
                    "fiscal_period": starts.dt.strftime("%Y-%m"),
                    "start_date": starts.cast(pl.Int32),
                    "end_date": months[1:].cast(pl.Int32) - 1,
                    "updated_ts": np.full(starts.len(), clock.start_ts - 90 * DAY),
                }
            )
            for entity in LEGAL_ENTITIES
        ]
    )


def _prices(world: World) -> pl.DataFrame:
    """Regular prices with priority 1, promotions with priority 5; of these one in a hundred is listed too high."""
    cat, clock = world.cat, world.clock
    channel, sku = (axis.ravel() for axis in np.meshgrid(np.arange(4), np.arange(cat.sku.size), indexing="ij"))
    since = clock.start_ts - 40 * DAY
    regular = Cols(
        promo=np.full(sku.size, -1),
        channel=channel,
        sku=sku,
        amount=cat.price[sku, channel] * 100,
        begin=np.full(sku.size, since),
        end=np.full(sku.size, -1),
        approved=np.full(sku.size, since - DAY),
    )
    promo, channel, sku = np.nonzero(cat.promo_channels[:, :, None] & cat.promo_items[:, None, :])
    zero = np.zeros(promo.size, dtype=np.int64)
    begin, end = clock.utc(cat.promo_start[promo], zero), clock.utc(cat.promo_end[promo], zero)
    cut = cat.price[sku, channel] * (10_000 - cat.promo_share_bp[promo]) // 100
    cut = np.where(world.rng("price list").random(promo.size) < 0.01, cut * 21 // 20, cut)
    p = join(
        [
            regular,
            Cols(promo=promo, channel=channel, sku=sku, amount=cut, begin=begin, end=end, approved=begin - 5 * DAY),
        ]
    )
    kind = (p.promo >= 0).astype(np.int64)
    number = (p.promo + 2) * 1_000_000 + p.channel * 100_000 + p.sku
    return p.frame(
        price_id=number,
        sku="sku",
        channel_id=code(p.channel, CHANNELS),
        location_id=pl.Series([None] * p.size, dtype=pl.Int64),
        price_type=code(kind, ("regular", "promotion", "markdown")),
        promotion_id=pl.Series(p.promo).replace(-1, None),
        price_amount="amount",
        currency_code=pl.Series(np.array(CURRENCIES)[p.channel]),
        priority_no=1 + 4 * kind,
        approved_ts="approved",
        valid_from_ts="begin",
        valid_to_ts=pl.Series(p.end).replace(-1, None),
        updated_ts="approved",
    )


def _floors(world: World) -> pl.DataFrame:
    """No price below 45 % of the regular one; of one item in fifty none below 85 %."""
    cat, clock = world.cat, world.clock
    channel, sku = (axis.ravel() for axis in np.meshgrid(np.arange(4), np.arange(cat.sku.size), indexing="ij"))
    return pl.DataFrame(
        {
            "sku": sku,
            "channel_id": code(channel, CHANNELS),
            "valid_from": np.full(sku.size, int(clock.epoch_day(np.array([-200]))[0]), dtype=np.int32),
            "floor_amount": cat.price[sku, channel] * np.where(sku % 50 == 7, 85, 45),
            "currency_code": [CURRENCIES[c] for c in channel.tolist()],
            "updated_ts": np.full(sku.size, clock.start_ts - 40 * DAY),
        }
    )


_APPROVALS = ("promotion", "price", "discount", "purchase_order", "refund", "adjustment", "transfer", "channel_launch")


def _approvals(world: World) -> pl.DataFrame:
    """Each promotion in two steps, and some price changes; a promotion in thirty is decided only after its start."""
    cat, clock, rng = world.cat, world.clock, world.rng("approvals")
    promo = np.arange(cat.promo_start.size)
    begin = clock.utc(cat.promo_start, np.zeros(promo.size, dtype=np.int64))
    first = begin - 13 * DAY + 9 * HOUR
    taken = np.maximum(world.scale.odds(rng.gamma(2.0, 9 * HOUR, promo.size)), 1800).astype(np.int64)
    second = first + taken + 600
    late = rng.random(promo.size) < world.scale.odds(1 / 30)
    end = np.where(
        late,
        begin + 5 * HOUR,
        second + np.maximum(world.scale.odds(rng.gamma(2.0, 7 * HOUR, promo.size)), 1800).astype(np.int64),
    )
    steps = [(1, 0, first, first + taken), (2, 1, second, end)]
    a = join(
        [
            Cols(
                number=promo,
                promo=promo,
                step=np.full(promo.size, k),
                role=np.full(promo.size, r),
                kind=np.zeros(promo.size, dtype=np.int64),
                asked=q,
                decided=d,
            )
            for k, r, q, d in steps
        ]
    )
    count = max(3, clock.days // 3)
    asked = clock.utc(rng.integers(0, clock.days, count), rng.integers(8 * HOUR, 17 * HOUR, count))
    other = Cols(
        number=100_000 + np.arange(count),
        promo=np.full(count, -1),
        step=np.ones(count, dtype=np.int64),
        role=rng.integers(0, 3, count),
        kind=rng.integers(1, 8, count),
        asked=asked,
        decided=asked + np.maximum(world.scale.odds(rng.gamma(1.6, 6 * HOUR, count)), 1800).astype(np.int64),
    )
    a = join([a, other])
    n = a.size
    names = pl.Series(
        np.where(a.promo >= 0, promo_name(np.maximum(a.promo, 0)), np.char.add("X", a.number.astype(str)))
    )
    opened = a.frame(
        request_id="number",
        step_no="step",
        approval_type=code(a.kind, _APPROVALS),
        object_id=names,
        promotion_id=pl.Series(a.promo).replace(-1, None),
        channel_id=pl.Series([None] * n, dtype=pl.String),
        region_code=same(REGIONS[0], n),
        approver_role=code(a.role, ("merchandising", "pricing", "finance controller")),
        submitted_ts="asked",
        decided_ts=pl.Series([None] * n, dtype=pl.Int64),
        decision_code=code(np.zeros(n), ("open", "approved", "rejected", "expired")),
        version_no=np.ones(n, dtype=np.int64),
        updated_ts="asked",
    )
    done = opened.with_columns(
        decided_ts=pl.Series(a.decided),
        version_no=pl.lit(2, dtype=pl.Int64),
        updated_ts=pl.Series(a.decided),
        decision_code=code(np.where(rng.random(n) < 0.06, 2, 1) * 1, ("open", "approved", "rejected", "expired")),
    )
    return pl.concat([opened, done])


def _events(world: World) -> pl.DataFrame:
    cat, clock = world.cat, world.clock
    peak = cat.peak
    day = clock.epoch_day(np.array([int(cat.promo_start[peak]), int(cat.promo_end[peak]) - 1]))
    return pl.DataFrame(
        {
            "demand_event_id": ["DE001"],
            "event_name": ["Peak promotion"],
            "region_code": pl.Series([None], dtype=pl.String),
            "category_code": pl.Series([None], dtype=pl.String),
            "starts_date": day[:1],
            "ends_date": day[1:],
            "updated_ts": [clock.start_ts - 30 * DAY],
        }
    )


def forecasts(world: World, first: int, end: int) -> pl.DataFrame:
    """demand_forecast issued on Mondays for the week that begins a week later, of items that a place ranges."""
    clock, net, cat = world.clock, world.net, world.cat
    mondays = np.arange(first, end)
    mondays = mondays[clock.weekday(mondays) == 1]
    expected = expected_outflow(world)
    loc, sku = np.nonzero(cat.ranged & (expected > 0))
    parts = []
    for day in mondays.tolist():
        week = expected[loc, sku] * 7
        told = week * world.rng("forecast", day).lognormal(0.0, world.scale.spread(0.25), loc.size)
        spread = 1.2816 * np.sqrt(np.maximum(told, 0.05))
        parts.append(
            pl.DataFrame(
                {
                    "sku": sku,
                    "location_id": loc,
                    "channel_id": np.where(net.kind[loc] == STORE, "store", "web"),
                    "week_start_date": np.full(loc.size, int(clock.epoch_day(np.array([day + 7]))[0]), dtype=np.int32),
                    "issued_ts": np.full(loc.size, clock.midnight(day) + 4 * HOUR),
                    "forecast_qty": _units(told),
                    "p10_qty": _units(np.maximum(told - spread, 0)),
                    "p50_qty": _units(told),
                    "p90_qty": _units(told + spread),
                }
            )
        )
    return pl.concat(parts) if parts else pl.DataFrame()


def _units(units: np.ndarray) -> np.ndarray:
    return np.round(units * 10_000).astype(np.int64)


__all__ = ["CATEGORIES", "capacity", "forecasts", "master_frames"]
