"""What becomes of an order: holds, allocation, picking, shipping, delivery, pickup, cancellation.

Belongs here: the timeline of orders, lines, fulfilment lines (FL) and shipments as arrays. Not here: the extracts
that tell of it (``emit_orders``), stock, money. Times are UTC seconds; ``NEVER`` marks what does not happen.
"""

from __future__ import annotations

import numpy as np

from signalbox.simulate.clock import DAY, HOUR, Clock
from signalbox.simulate.cols import Cols, join
from signalbox.simulate.demand import DELIVERY, PICKUP, PREORDER, World
from signalbox.simulate.network import DC, DROP, MKT_A, MKT_B, STORE, TPL, WEAK_REGION, WEB, WORSE_CARRIER
from signalbox.simulate.rand import lognormal

NEVER = 1 << 40
(
    OK,
    CUSTOMER,
    MARKETPLACE,
    NO_STOCK_CANCEL,
    NO_STOCK_LATER,
    BACKORDER,
    NOT_FOUND,
    REJECTED,
    STAFF,
    SPLIT,
    DEAD,
    NO_CAPACITY,
) = range(12)
NO_HOLD, HOLD, FRAUD, UNPAID, TEST = range(5)
DELIVERED, LOST, DAMAGED, REFUSED = range(4)
INITIATORS = ("customer", "retailer", "supplier", "marketplace", "system")
REASONS = (
    "customer_request",
    "no_stock",
    "not_found",
    "fraud",
    "payment",
    "address",
    "system",
    "price",
    "carrier",
    "other",
)
DEPOTS = 12  # most nights that a parcel is seen on its way
BAD_DC = 0  # position among the distribution centres of the one with a bad week


def head_times(world: World, o: Cols, first: int) -> None:
    """Authorisation, holds and release of each order; fate of those that never get so far."""
    rng, n, scale = world.rng("heads", first), o.size, world.scale
    o.auth = o.ts + 2 + lognormal(rng, 18, 0.8, n).astype(np.int64)
    o.fate = rng.choice(4, n, p=[0.9745, 0.02, 0.0022, 0.0033]) * scale.mishaps
    o.fate = np.where(o.is_test, TEST, o.fate)
    o.hold = o.auth + rng.integers(5, 40, n)
    o.unhold = o.hold + lognormal(rng, 1.4 * HOUR, 0.7, n).astype(np.int64)
    o.release = np.where(o.fate == HOLD, o.unhold, o.auth) + 20 + lognormal(rng, 110, 0.7, n).astype(np.int64)
    o.release = np.where(o.kind == PREORDER, o.release + rng.integers(4, 10, n) * DAY, o.release)
    dead = o.fate >= FRAUD
    o.dead_ts = np.where(dead, np.where(o.fate == TEST, o.ts + 60, o.unhold), NEVER)
    o.release = np.where(dead, NEVER, o.release)
    market = (o.channel == MKT_A) | (o.channel == MKT_B)
    o.meta_kind = rng.integers(0, 3, n)
    o.meta_ts = np.where(market & (rng.random(n) < scale.odds(0.015)) & ~dead, o.ts + rng.integers(40, 540, n), NEVER)
    o.carrier_draw = rng.random(n)
    o.scheduled = (rng.random(n) < scale.odds(0.07)) & (o.kind == DELIVERY)
    o.rescheduled = (rng.random(n) < scale.odds(0.008)) & (o.kind == DELIVERY) & ~o.scheduled & ~dead


def _nodes(world: World, o: Cols, lines: Cols, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """First and second choice of node for each line."""
    net, cat = world.net, world.cat
    draw, pick = rng.random(lines.at.size), rng.random(lines.at.size)
    region, channel = o.region[lines.at], o.channel[lines.at]
    south = np.isin(region, (2, WEAK_REGION, 4))
    home, away = np.where(south, net.dcs[1], net.dcs[0]), np.where(south, net.dcs[0], net.dcs[1])
    share = np.select([channel == MKT_A, channel == MKT_B], [0.4, 0.65], 0.04)
    order_draw = world.rng("third party", int(o.no[0]) if o.size else 0).random(o.size)[lines.at]
    node = np.where((order_draw < world.scale.odds(share)) & cat.ranged[net.tpl, lines.sku], net.tpl, home)
    store = np.searchsorted(np.cumsum(net.weight), pick).clip(0, net.stores - 1)
    from_store = (draw < world.scale.odds(0.13)) & (channel == WEB) & cat.ranged[store, lines.sku]
    node = np.where(from_store, store, node)
    node = np.where(cat.drop_node[lines.sku] >= 0, cat.drop_node[lines.sku], node)
    node = np.where(o.store[lines.at] >= 0, o.store[lines.at], node)
    return node, np.where(node == home, away, home)


def plan_lines(world: World, o: Cols, lines: Cols, first: int) -> None:
    """Node, outcome, allocation times and cancellation of each line."""
    rng, n, at = world.rng("plan", first), lines.at.size, lines.at
    lines.node, lines.node2 = _nodes(world, o, lines, rng)
    lines.outcome = _pick_outcome(world, o, lines, rng)
    release = o.release[at]
    lines.try1 = release + 5 + np.minimum(lognormal(rng, 210, 0.9, n), 2400).astype(np.int64)
    later = lognormal(rng, 2.5 * HOUR, 0.6, n).astype(np.int64)
    lines.later = later
    lines.promised_wait = rng.integers(3, 8, n)
    lines.backorder_lag = 900 + np.where(rng.random(n) < 0.7, later // 20, later)
    lines.stop = lines.try1 + 300 + (later * rng.uniform(0.1, 1.0, n)).astype(np.int64)
    lines.stop_before = rng.random(n) < 0.5
    lines.draw = rng.random(n)
    lines.backorder_slack = rng.integers(0, 20 * HOUR, n)


def settle_allocation(lines: Cols) -> None:
    """When units are allocated at last, after outcomes are final; NEVER where they are not."""
    out = lines.outcome
    lines.try2 = np.where(out == SPLIT, lines.try1 + 30 + lines.later // 60, lines.try1 + 600 + lines.later)
    arrival = lines.try1 + lines.promised_wait * DAY
    lines.planned = np.where((out == BACKORDER) & ~lines.undated, arrival, NEVER)
    lines.alloc = np.select(
        [np.isin(out, (DEAD, NO_STOCK_CANCEL)), np.isin(out, (NO_STOCK_LATER, NO_CAPACITY)), out == BACKORDER],
        [NEVER, lines.try2, arrival - lines.backorder_slack], lines.try1,
    )  # fmt: skip


def _pick_outcome(world: World, o: Cols, lines: Cols, rng: np.random.Generator) -> np.ndarray:
    """One outcome a line; OK unless the draw falls into one of the others."""
    kind, channel, n = o.kind[lines.at], o.channel[lines.at], lines.at.size
    at_store, drop = world.net.kind[lines.node] == STORE, world.net.kind[lines.node] == DROP
    pickup, market = kind == PICKUP, (channel == MKT_A) | (channel == MKT_B)
    split = (lines.qty > 1) & ~pickup & ~drop & ~at_store & ~market
    chances = [
        (CUSTOMER, np.full(n, 0.022)), (MARKETPLACE, np.where(market, 0.004, 0)), (NO_STOCK_CANCEL, np.full(n, 0.0025)),
        (NO_STOCK_LATER, np.where(pickup | drop, 0, 0.005)),
        (BACKORDER, np.where((channel == WEB) & ~pickup & ~drop, 0.005, 0)),
        (NOT_FOUND, np.where(at_store, 0.017, 0.0012)),
        (REJECTED, np.where(pickup | drop, 0, np.where(at_store, 0.05, 0.006))), (STAFF, np.full(n, 0.0012)),
        (SPLIT, np.where(split, 0.05, 0)),
    ]  # fmt: skip
    draw, low = rng.random(n), np.zeros(n)
    outcome = np.full(n, OK)
    for which, share in chances:
        chance = world.scale.odds(share)
        outcome = np.where((draw >= low) & (draw < low + chance), which, outcome)
        low = low + chance
    return np.where(o.fate[lines.at] >= FRAUD, DEAD, outcome)


def promises(world: World, o: Cols, lines: Cols) -> None:
    """First promise of each order: window end (and start where one was offered)."""
    clock, net, at = world.clock, world.net, lines.at
    day, tod = clock.local(o.ts)
    kind = net.kind[lines.node]
    extra = np.select([kind == DROP, kind == DC], [2, 0], 1)
    slow = np.zeros(o.size, dtype=np.int64)
    np.maximum.at(slow, at, extra)
    zone = np.isin(o.country, (3, 4)).astype(np.int64)
    start = np.where(o.kind == PREORDER, day + 11, day)
    start = np.where(
        (tod >= 14 * HOUR) | (clock.weekday(start) == 7), clock.add_workdays(start, np.ones_like(start)), start
    )
    promised = clock.add_workdays(start, slow + _promised_transit(o))
    promised = np.where(o.scheduled, clock.add_workdays(promised, np.ones_like(promised)), promised)
    latest = clock.utc(promised, np.full(o.size, 21 * HOUR), zone)
    market = (o.channel == MKT_A) | (o.channel == MKT_B)
    handover = clock.utc(clock.add_workdays(start, np.maximum(slow, 1)), np.full(o.size, 23 * HOUR))
    o.ship_by = np.where(market, handover, NEVER)
    earliest = np.where(o.scheduled, clock.utc(promised, np.full(o.size, 8 * HOUR), zone), NEVER)
    ready = net.hours.add(np.maximum(o.store, 0), o.ts + 600, np.full(o.size, 2 * HOUR))
    o.latest, o.earliest = np.where(o.kind == PICKUP, ready, latest), np.where(o.kind == PICKUP, NEVER, earliest)
    o.promised_day, o.zone = promised, zone
    moved = clock.add_workdays(promised, np.full(o.size, 3))
    o.moved_day, o.moved_latest = moved, clock.utc(moved, np.full(o.size, 21 * HOUR), zone)
    o.moved_ts = o.ts + 1800 + (o.carrier_draw * 5 * HOUR).astype(np.int64)


def gets_new_promise(o: Cols, lines: Cols) -> np.ndarray:
    """Lines of an order that the customer moved: all but those that were cancelled whole before."""
    return o.rescheduled[lines.at] & ~(lines.cancelled_all & (lines.cancel_ts <= o.moved_ts[lines.at]))


def _promised_transit(o: Cols) -> np.ndarray:
    return np.array([2, 3, 3, 4, 4])[o.country]


def _fulfilment_rows(lines: Cols) -> Cols:
    """FL rows: one for a plain line, two for a split, a rejected one before its replacement."""
    index = np.arange(lines.at.size)
    made = index[lines.alloc < NEVER]
    rejected = index[lines.outcome == REJECTED]
    split = index[lines.outcome == SPLIT]
    first_part = np.where(lines.outcome[made] == SPLIT, lines.qty[made] - 1, lines.qty[made])
    second = lines.outcome[made] == REJECTED
    main = Cols(
        li=made, part=np.where(second, 2, 1), loc=np.where(second | (lines.outcome[made] == NO_STOCK_LATER),
            lines.node2[made], lines.node[made]),
        assigned=np.where(second, lines.try2[made], lines.alloc[made]), qty=first_part,
        rejected=np.zeros(made.size, dtype=bool),
    )  # fmt: skip
    refused = Cols(
        li=rejected, part=np.ones(rejected.size, dtype=np.int64), loc=lines.node[rejected],
        assigned=lines.try1[rejected],
        qty=lines.qty[rejected], rejected=np.ones(rejected.size, dtype=bool),
    )  # fmt: skip
    rest = Cols(
        li=split, part=np.full(split.size, 2), loc=lines.node2[split], assigned=lines.try2[split],
        qty=np.ones(split.size, dtype=np.int64), rejected=np.zeros(split.size, dtype=bool),
    )  # fmt: skip
    return join([main, refused, rest])


def fulfil(world: World, o: Cols, lines: Cols, first: int) -> Cols:
    """FL with pick, pack and ship or ready times. Cancellation times of lines are settled here too."""
    rng, net = world.rng("nodes", first), world.net
    f = _fulfilment_rows(lines)
    f.at = lines.at[f.li]
    kind, n = net.kind[f.loc], f.li.size
    pickup = o.kind[f.at] == PICKUP
    bad = _bad_week(world, f)
    median = np.select([pickup, kind == DC, kind == TPL, kind == DROP], [0.62, 1.5, 2.6, 6.0], 2.2) * HOUR
    wait = lognormal(rng, median, world.scale.spread(0.55), n) * np.where(bad, 14, 0.1 if world.scale.is_calm else 1)
    f.pick_start = net.hours.add(f.loc, f.assigned, (wait * 0.8).astype(np.int64))
    work = np.minimum(lognormal(rng, 240, world.scale.spread(0.5), n) + wait * 0.2, 3 * HOUR).astype(np.int64)
    f.pick_end = net.hours.add(f.loc, f.pick_start, work)
    f.pack_end = net.hours.add(f.loc, f.pick_end, lognormal(rng, 900, world.scale.spread(0.5), n).astype(np.int64))
    if world.scale.is_calm:
        _pack_together(f)
    f.refused_at = net.hours.add(f.loc, f.assigned, lognormal(rng, 1200, 0.5, n).astype(np.int64))
    again = np.flatnonzero(lines.outcome == REJECTED)
    refusal = np.full(lines.at.size, 0)
    refusal[f.li[f.rejected]] = f.refused_at[f.rejected]
    _move_replacements(world, f, lines, refusal, again, rng)
    f.shipped = next_wave(world, f.loc, f.pack_end)
    _cancel(o, lines, f)
    f.done_qty = np.where(f.rejected, 0, f.qty - np.where(f.part == _last_part(lines, f), lines.cancel_qty[f.li], 0))
    f.done_qty = np.where(lines.cancelled_all[f.li], 0, np.maximum(f.done_qty, 0))
    f.pickup = pickup
    f.stopped = lines.cancelled_all[f.li] & (lines.outcome[f.li] != NOT_FOUND)
    return f.take(~lines.before_alloc[f.li])


def _pack_together(f: Cols) -> None:
    """All that an order gets from one place is packed when its last line is: one shipment."""
    _, group = np.unique(np.stack([f.at, f.loc]), axis=1, return_inverse=True)
    last = np.zeros(f.li.size, dtype=np.int64)
    np.maximum.at(last, group.reshape(-1), f.pack_end)
    f.pack_end = last[group.reshape(-1)]


def _last_part(lines: Cols, f: Cols) -> np.ndarray:
    return np.where(np.isin(lines.outcome[f.li], (SPLIT, REJECTED)), 2, 1)


def _move_replacements(
    world: World, f: Cols, lines: Cols, refusal: np.ndarray, again: np.ndarray, rng: np.random.Generator
) -> None:
    """The second attempt of a rejected line follows the rejection within minutes."""
    lag = 60 + lognormal(rng, 360, 0.5, lines.at.size).astype(np.int64)
    lag = np.where(lines.refused_wait > 0, lines.refused_wait, lag)
    lines.try2[again] = refusal[again] + lag[again]
    mask = (lines.outcome[f.li] == REJECTED) & ~f.rejected
    shift = lines.try2[f.li] - f.assigned
    hours, loc = world.net.hours, f.loc
    f.assigned = np.where(mask, lines.try2[f.li], f.assigned)
    for name in ("pick_start", "pick_end", "pack_end"):
        moved = hours.next_open(loc, getattr(f, name) + shift)
        setattr(f, name, np.where(mask, moved, getattr(f, name)))
    f.pick_end = np.maximum(f.pick_end, f.pick_start)
    f.pack_end = np.maximum(f.pack_end, f.pick_end)


def _bad_week(world: World, f: Cols) -> np.ndarray:
    """FL of the distribution centre with a bad week, in that week."""
    start = world.clock.days * 2 // 5
    day = world.clock.day(np.minimum(f.assigned, world.clock.end_ts + 30 * DAY))
    return (f.loc == world.net.dcs[BAD_DC]) & (day >= start) & (day < start + 6 * world.scale.mishaps)


_WAVES = np.array([[17.5, 99, 99], [13.5, 18.0, 21.5], [15.0, 19.5, 99], [16.0, 99, 99]]) * HOUR


def next_wave(world: World, loc: np.ndarray, ts: np.ndarray) -> np.ndarray:
    """Departure of the first carrier collection after ``ts``; all parcels of a wave leave at the same second."""
    clock, net = world.clock, world.net
    zone, kind = net.zone[loc], net.kind[loc]
    ready = net.hours.next_open(loc, ts)
    day, tod = clock.local(ready, zone)
    waves = _WAVES[kind]
    wave = (tod[:, None] > waves).sum(axis=1)
    count = np.array([1, 3, 2, 1])[kind]
    missed = wave >= count
    next_day, _ = clock.local(net.hours.next_open(loc, clock.utc(day + 1, np.zeros_like(day), zone)), zone)
    day, wave = np.where(missed, next_day, day), np.where(missed, 0, wave)
    jitter = (loc * 7919 + day * 104_729 + wave * 31) % 900
    return clock.utc(day, np.take_along_axis(_WAVES[kind], wave[:, None], axis=1)[:, 0].astype(np.int64) + jitter, zone)


def _cancel(o: Cols, lines: Cols, f: Cols) -> None:
    """When, by whom and why units of a line are cancelled; before the pick where the customer or staff does it."""
    pick = np.full(lines.at.size, NEVER)
    np.minimum.at(pick, f.li[~f.rejected], f.pick_start[~f.rejected])
    found = np.full(lines.at.size, 0)
    np.maximum.at(found, f.li[~f.rejected], f.pick_end[~f.rejected])
    out, ts = lines.outcome, o.ts[lines.at]
    release = o.release[lines.at]
    early = ts + 240 + ((np.minimum(release, NEVER) - ts - 240) * lines.draw).astype(np.int64).clip(30, None)
    stop = np.where(
        lines.stop_before & (early < lines.try1), early, np.minimum(lines.stop, np.maximum(pick - 60, lines.try1 + 1))
    )
    personal = np.isin(out, (CUSTOMER, MARKETPLACE, STAFF))
    lines.cancel_ts = np.select(
        [personal, out == NO_STOCK_CANCEL, out == NOT_FOUND, out == DEAD],
        [stop, lines.try2 + lines.later // 2, found + lines.unfound_wait, o.dead_ts[lines.at]], NEVER,
    )  # fmt: skip
    lines.before_alloc = personal & (lines.cancel_ts < lines.try1)
    partial = (lines.qty > 1) & np.isin(out, (CUSTOMER, NOT_FOUND)) & (lines.draw < 0.5) & ~lines.before_alloc
    lines.cancel_qty = np.where(lines.cancel_ts < NEVER, np.where(partial, lines.qty - 1, lines.qty), 0)
    lines.cancelled_all = lines.cancel_qty == lines.qty
    fate = o.fate[lines.at]
    lines.cancel_by = np.select(
        [out == CUSTOMER, out == MARKETPLACE, (out == DEAD) & (fate == FRAUD), out == DEAD], [0, 3, 1, 4], 1
    )
    lines.cancel_why = np.select(
        [np.isin(out, (CUSTOMER, MARKETPLACE)), out == NO_STOCK_CANCEL, out == NOT_FOUND, fate == FRAUD,
            fate == UNPAID, fate == TEST],
        [0, 1, 2, 3, 4, 9], np.where(lines.draw < 0.6, 5, 6),
    )  # fmt: skip


def ship(world: World, o: Cols, lines: Cols, f: Cols, first: int) -> Cols:
    """Shipments (order x node x wave) of what was packed, with carrier and delivery.

    Sets ``f.ship`` (-1 for none) and ``f.carrier``, the planned one (-1 for pickups).
    """
    f.carrier = np.where(f.pickup, -1, planned_carrier(world, o, f.at, f.loc))
    moves = np.flatnonzero((f.done_qty > 0) & ~f.pickup)
    key = np.stack([f.at[moves], f.loc[moves], f.shipped[moves]])
    groups, member = np.unique(key, axis=1, return_inverse=True)
    member = member.reshape(-1)
    f.ship = np.full(f.li.size, -1)
    f.ship[moves] = member
    at, loc, shipped = groups
    s = Cols(
        at=at,
        loc=loc,
        shipped=shipped,
        units=np.bincount(member, weights=f.done_qty[moves], minlength=at.size).astype(np.int64),
    )
    first_of = np.full(o.size, NEVER)
    np.minimum.at(first_of, at, shipped)
    s.no = o.no[at] * 10 + _sequence(at)
    s.is_first = shipped == first_of[at]
    s.weight = np.bincount(
        member, weights=world.cat.weight_kg[lines.sku[f.li[moves]]] * f.done_qty[moves], minlength=at.size
    )
    _carry(world, o, s, world.rng("carrier", first))
    return s


def _sequence(group: np.ndarray) -> np.ndarray:
    """0, 1, … within runs of equal values of a sorted array."""
    start = np.r_[True, group[1:] != group[:-1]] if group.size else np.zeros(0, dtype=bool)
    begin = np.maximum.accumulate(np.where(start, np.arange(group.size), 0))
    return np.arange(group.size) - begin


def planned_carrier(world: World, o: Cols, at: np.ndarray, loc: np.ndarray) -> np.ndarray:
    """The carrier of an order's parcels from a node."""
    draw = o.carrier_draw[at]
    return np.select(
        [world.net.kind[loc] == DROP, o.country[at] >= 3, draw < 0.5, draw < 0.8], [4, 3, 0, WORSE_CARRIER], 2
    )


def _carry(world: World, o: Cols, s: Cols, rng: np.random.Generator) -> None:
    """Carrier, scans and delivery of each shipment."""
    clock, scale, n, at = world.clock, world.scale, s.at.size, s.at
    country = o.country[at]
    abroad = country >= 3
    s.carrier = planned_carrier(world, o, at, s.loc)
    base = np.array([1, 2, 2, 3, 3])[country] + (rng.random(n) < 0.28)
    base = np.minimum(base, 1) if scale.is_calm else base
    late = 0.022 + 0.13 * (s.carrier == WORSE_CARRIER) + 0.08 * (o.region[at] == WEAK_REGION)
    base = base + (rng.random(n) < scale.odds(late)) * (1 + (rng.random(n) < 0.3))
    day, _ = clock.local(s.shipped, world.net.zone[s.loc])
    arrive = clock.add_workdays(day, base)
    target = np.where(o.rescheduled[at], o.moved_day[at], o.promised_day[at])
    planned = o.scheduled[at] | o.rescheduled[at]
    wobble = rng.random(n)
    planned_day = np.maximum(target + np.where(wobble < scale.odds(0.03), -1, 0), day + 1)
    planned_day = np.where(
        wobble > 1 - scale.odds(0.04), clock.add_workdays(planned_day, np.ones(n, dtype=np.int64)), planned_day
    )
    arrive = np.where(planned, np.maximum(planned_day, np.minimum(arrive, planned_day)), arrive)
    arrive = np.where(clock.weekday(arrive) == 7, arrive + 1, arrive)
    zone = o.zone[at]
    s.picked_up = s.shipped + rng.integers(300, 2400, n)
    s.hub = clock.utc(arrive, rng.integers(3 * HOUR, 6 * HOUR, n), zone)
    s.hub = np.maximum(s.hub, s.picked_up + 3600)
    s.depots = _depots(clock, s, day)
    s.scan = clock.utc(
        arrive, (9 * HOUR + rng.beta(2, 2.2, n) * (3 if scale.is_calm else 10.5) * HOUR).astype(np.int64), zone
    )
    s.attempt = np.where(rng.random(n) < scale.odds(0.035), s.scan, NEVER)
    again = clock.add_workdays(arrive, np.ones(n, dtype=np.int64))
    s.end = np.where(s.attempt < NEVER, clock.utc(again, rng.integers(9 * HOUR, 19 * HOUR, n), zone), s.scan)
    s.result = rng.choice(4, n, p=[0.9955, 0.001, 0.0015, 0.002]) * scale.mishaps
    s.delivered = np.where(s.result == DELIVERED, s.end, NEVER)
    s.eta = clock.utc(clock.add_workdays(day, np.array([2, 3, 3, 4, 4])[country]), np.full(n, 18 * HOUR), zone)
    s.notice = s.shipped + rng.integers(120, 1500, n)
    s.parcels = 1 + (s.units > 4)
    s.freight = (290 + 95 * s.weight + 120 * (country > 0) + 330 * abroad + rng.integers(0, 60, n)).astype(np.int64)
    s.premium = rng.random(n) < 0.03


def _depots(clock: Clock, s: Cols, day: np.ndarray) -> np.ndarray:
    """Scans at depots on the way, in the night after every working day; one row a shipment, NEVER = none."""
    nights = []
    for step in range(1, DEPOTS + 1):
        night = clock.add_workdays(day, np.full(day.size, step))
        seen = clock.utc(night, 2 * HOUR + (s.no * 31 + step * 977) % 3600)
        nights.append(np.where((seen < s.hub - HOUR) & (seen > s.picked_up + HOUR), seen, NEVER))
    return np.stack(nights, axis=1)


def pickup_times(world: World, o: Cols, f: Cols, first: int) -> Cols:
    """Pickup tasks: ready, notified, collected or expired, per FL of a pickup order."""
    rng, net, clock = world.rng("pickup", first), world.net, world.clock
    p = f.take(np.flatnonzero(f.pickup))
    p.fi = np.flatnonzero(f.pickup)
    p.ready = np.where(p.done_qty > 0, p.pick_end, NEVER)
    last, any_ready = np.zeros(o.size, dtype=np.int64), np.zeros(o.size, dtype=bool)
    np.maximum.at(last, p.at[p.done_qty > 0], p.ready[p.done_qty > 0])
    any_ready[p.at[p.done_qty > 0]] = True
    o.ready = np.where(any_ready, last, NEVER)
    o.notified = np.where(
        any_ready,
        last + o.untold + np.where(o.prompt, 60, 10 + lognormal(rng, 70, 0.7, o.size).astype(np.int64)),
        NEVER,
    )
    visit = lognormal(rng, 9 * HOUR, world.scale.spread(1.0), o.size).astype(np.int64)
    store = np.maximum(o.store, 0)
    day, _ = clock.local(np.minimum(last, clock.end_ts), net.zone[store])
    o.hold_until = clock.utc(day + 7, np.full(o.size, 20 * HOUR), net.zone[store])
    come = net.hours.next_open(store, np.minimum(o.notified, clock.end_ts + 9 * DAY) + 600 + visit)
    come = come + rng.integers(0, 1500, o.size)
    comes = any_ready & (come < o.hold_until) & (rng.random(o.size) < 1 - world.scale.odds(0.05))
    o.collected = np.where(comes, come, NEVER)
    p.collected = np.where(p.done_qty > 0, o.collected[p.at], NEVER)
    return p
