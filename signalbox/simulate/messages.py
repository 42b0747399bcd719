"""The log of the integration layer.

Belongs here: which messages a change sends, their latency, retries and states. Not here: the stock they tell of, and
the snapshots that follow from what was applied (``views``). Latencies are milliseconds; a message that is not applied
by the end of its day is delivered as sent first and again when it is applied.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.cols import Cols, code, join, nullify, same
from signalbox.simulate.demand import World
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.ledger import OPENING
from signalbox.simulate.network import DC, DROP, INTERFACE_IDS, STORE, TPL

OBJECTS = ("stock", "order", "price", "shipment", "return", "settlement")
STATES = ("sent", "received", "applied", "failed", "dead_lettered")
SENT, RECEIVED, APPLIED, FAILED, DEAD = range(5)
ERRORS = ("TIMEOUT", "SCHEMA", "AUTH", "CONFLICT", "UNKNOWN_KEY", "THROTTLED")
# interfaces that a movement at a kind of location feeds, by the target system
STOCK_ROUTES = ((STORE, 0), (DC, 1), (TPL, 2), (DROP, 3), (DC, 4), (TPL, 5), (TPL, 6))
OMS_FROM_WEB, OMS_FROM_MARKET, TO_WMS, TO_TPL, TO_POS, WMS_SHIPPED, TPL_SHIPPED, PRICE_WEB, PRICE_POS = range(7, 16)
STATUS_WEB, STATUS_MARKET = 16, 17
NEVER_MS = NEVER * 1000
_MIX = np.uint64(0x9E3779B97F4A7C15)


def _hash(number: np.ndarray) -> np.ndarray:
    """A digest of numbers (splitmix64)."""
    with np.errstate(over="ignore"):
        x = number.astype(np.uint64) + _MIX
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def _transport(m: Cols, world: World, rng: np.random.Generator) -> None:
    """Sent, received, applied, tries and last error of ordinary messages; ``event`` is in seconds."""
    n = m.event.size
    event = m.event * 1000
    m.sent = event + rng.integers(20, 900, n)
    travel = np.minimum(4200 * np.exp(0.85 * rng.standard_normal(n)), 170_000).astype(np.int64)
    draw = rng.random(n)
    retried = draw < world.scale.odds(0.006)
    slow = draw > 1 - world.scale.odds(0.00006)
    travel = (
        travel
        + np.where(retried, rng.integers(20_000, 90_000, n), 0)
        + np.where(slow, rng.integers(310_000, 700_000, n), 0)
    )
    m.received = m.sent + travel
    m.applied = m.received + rng.integers(30, 2500, n)
    m.tries = 1 + retried + (draw < world.scale.odds(0.001))
    m.error = np.where(retried, np.where(draw < 0.004, 0, 5), -1)
    m.state = np.full(n, APPLIED)
    m.failed = np.full(n, NEVER_MS)
    _keep_order(m)


def _keep_order(m: Cols) -> None:
    """The messages of one object pass an interface one after the other: none is applied before an earlier version."""
    order = np.lexsort((m.version, m.group * 64 + m.interface))
    queue = pl.DataFrame({"object": (m.group * 64 + m.interface)[order], "applied": m.applied[order]})
    m.applied[order] = queue.select(pl.col("applied").cum_max().over("object")).to_series().to_numpy()


class StockLog:
    """Stock messages of the run; keeps the version of every key."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.version = np.zeros((world.net.size, world.cat.sku.size), dtype=np.int64)

    def messages(self, rows: Cols, first: int) -> Cols:
        """One message a movement and target system. ``rows`` in order of time; opening rows send none."""
        rows = rows.take(rows.kind != OPENING)
        width = self.world.cat.sku.size
        pair = rows.loc * width + rows.sku
        version = self.version.ravel()[pair] + 1 + _rank(pair)
        np.maximum.at(self.version.ravel(), pair, version)
        kind = self.world.net.kind[rows.loc]
        parts = []
        for place, interface in STOCK_ROUTES:
            some = np.flatnonzero(kind == place)
            parts.append(Cols(
                interface=np.full(some.size, interface), object=np.zeros(some.size, dtype=np.int64),
                no=rows.id[some] * 10 + interface,
                version=version[some], loc=rows.loc[some], sku=rows.sku[some], qty=rows.qty[some],
                event=rows.ts[some], group=pair[some],
            ))  # fmt: skip
        m = join(parts)
        _transport(m, self.world, self.world.rng("stock messages", first))
        return m


def _plain(
    interface: int | np.ndarray,
    kind: int,
    number: np.ndarray,
    event: np.ndarray,
    group: np.ndarray,
    sku: np.ndarray | int = -1,
) -> Cols:
    n = number.size
    some = [np.broadcast_to(np.asarray(v, dtype=np.int64), n) for v in (interface, kind, sku)]
    none = np.full(n, -1)
    return Cols(
        interface=some[0], object=some[1], no=number, version=np.ones(n, dtype=np.int64), loc=none, sku=some[2],
        qty=none * NEVER,
        event=event, group=group,
    )  # fmt: skip


def of_orders(world: World, o: Cols, f: Cols, s: Cols, first: int) -> tuple[Cols, pl.Series]:
    """Order and shipment messages and their business keys."""
    kind = world.net.kind
    live = np.flatnonzero(~o.is_test)
    market = (o.channel[live] == 1) | (o.channel[live] == 2)
    heard = _plain(np.where(market, OMS_FROM_MARKET, OMS_FROM_WEB), 1, o.no[live] * 100 + 1, o.ts[live], o.no[live])
    pairs = f.at * world.net.size + f.loc
    _, firsts = np.unique(pairs, return_index=True)
    told = f.take(firsts)
    told = told.take(np.lexsort((told.assigned, told.at)))  # versions follow time
    route = np.select(
        [kind[told.loc] == DC, kind[told.loc] == TPL, kind[told.loc] == STORE], [TO_WMS, TO_TPL, TO_POS], -1
    )
    told, route = told.take(route >= 0), route[route >= 0]
    passed = _plain(route, 1, o.no[told.at] * 1_000_000 + told.loc * 100 + 2, told.assigned + 2, o.no[told.at])
    passed.version = 1 + _rank(told.at * 100 + route)
    sent = s.take(np.isin(kind[s.loc], (DC, TPL)))
    shipped = _plain(
        np.where(kind[sent.loc] == TPL, TPL_SHIPPED, WMS_SHIPPED), 3, sent.no * 100 + 3, sent.shipped + 5, sent.no
    )
    m = join([heard, passed, shipped])
    names = [_number("O", o.no[live]), _number("O", o.no[told.at]), _number("SH", sent.no)]
    _transport(m, world, world.rng("order messages", first))
    return m, pl.concat(names)


def of_statuses(world: World, o: Cols, s: Cols, first: int) -> tuple[Cols, pl.Series]:
    """What channels hear of shipments, of all but one in 400, and their business keys."""
    rng = world.rng("status messages", first)
    market = (o.channel[s.at] == 1) | (o.channel[s.at] == 2)
    heard = np.flatnonzero(rng.random(s.at.size) > world.scale.odds(1 / 400))
    route = np.where(market[heard], STATUS_MARKET, STATUS_WEB)
    m = _plain(route, 3, s.no[heard] * 100 + 4, s.shipped[heard], s.no[heard])
    _transport(m, world, rng)
    return m, _number("SH", s.no[heard])


class Totals:
    """What both sides of each interface hold at the end of a day: records and units since the beginning.

    ``sent`` and ``applied`` are told every message once; what is lost on the way is sent and never applied.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.records = np.zeros((2, len(INTERFACE_IDS), world.clock.days), dtype=np.int64)
        self.units, self.cents = np.zeros_like(self.records), np.zeros_like(self.records)

    def sent(self, m: Cols, cents: np.ndarray | int = 0) -> None:
        self._add(0, m, m.sent, cents)

    def applied(self, m: Cols, cents: np.ndarray | int = 0) -> None:
        self._add(1, m, m.applied, cents)

    def _add(self, side: int, m: Cols, ms: np.ndarray, cents: np.ndarray | int) -> None:
        day = np.maximum(self.world.clock.day(np.minimum(ms, NEVER_MS) // 1000), 0)
        some = (day < self.world.clock.days) & (ms < NEVER_MS)
        place = (side, m.interface[some], day[some])
        np.add.at(self.records, place, 1)
        np.add.at(self.units, place, np.where(m.qty[some] <= -NEVER, 0, m.qty[some]))
        np.add.at(self.cents, place, np.broadcast_to(np.asarray(cents, dtype=np.int64), m.event.size)[some])

    def frame(self, first: int, end: int) -> pl.DataFrame:
        """control_total of the days ``first`` to ``end - 1``, at midnight.

        Units of stock interfaces alone, value of the orders from the web shop.
        """
        clock, count = self.world.clock, len(INTERFACE_IDS)
        side, interface, day = (
            axis.ravel() for axis in np.meshgrid(np.arange(2), np.arange(count), np.arange(first, end), indexing="ij")
        )
        kind = np.array([OBJECTS.index(name.partition(":")[2]) for name in INTERFACE_IDS])
        records, units, cents = (
            np.cumsum(a, axis=2)[side, interface, day] for a in (self.records, self.units, self.cents)
        )
        cut = np.array([clock.midnight(d + 1) for d in range(first, end)])[day - first]
        return pl.DataFrame(
            {
                "interface_id": code(interface, INTERFACE_IDS),
                "object_type": code(kind[interface], OBJECTS),
                "cut_ts": cut,
                "side_code": code(side, ("source", "target")),
                "record_count": records,
                "quantity_total": nullify(units, kind[interface] > 0),
                "value_total": nullify(cents, interface != OMS_FROM_WEB),
                "currency_code": nullify(same("EUR", day.size), interface != OMS_FROM_WEB),
                "updated_ts": cut + 600,
            }
        )


def _rank(group: np.ndarray) -> np.ndarray:
    """0, 1, … within equal values, in the order of the rows."""
    order = np.argsort(group, kind="stable")
    start = np.r_[True, group[order][1:] != group[order][:-1]] if group.size else np.zeros(0, dtype=bool)
    begin = np.maximum.accumulate(np.where(start, np.arange(group.size), 0))
    rank = np.empty(group.size, dtype=np.int64)
    rank[order] = np.arange(group.size) - begin
    return rank


def of_prices(world: World) -> tuple[Cols, pl.Series]:
    """Price messages of the promotions' starts, to the web shop and to the tills."""
    cat = world.cat
    promo, sku = np.nonzero(cat.promo_items)
    begin = world.clock.utc(cat.promo_start[promo], (sku * 3) % 900)
    number = (promo * 100_000 + sku) * 10
    m = join([_plain(PRICE_WEB, 2, number + 1, begin, sku, sku), _plain(PRICE_POS, 2, number + 2, begin, sku, sku)])
    by_time = np.lexsort((begin, sku))
    version = np.empty_like(sku)
    version[by_time] = 2 + _rank(sku[by_time])
    m.version = np.concatenate([version, version])
    _transport(m, world, world.rng("price messages"))
    return m, pl.concat([pl.Series(cat.sku[sku])] * 2)


def _number(prefix: str, number: np.ndarray) -> pl.Series:
    return pl.select(pl.lit(prefix) + pl.Series(number).cast(pl.String).str.zfill(9)).to_series()


def stock_keys(world: World, m: Cols) -> pl.Series:
    """Business keys ``location|sku``."""
    places, items = pl.Series(world.net.ids), pl.Series(world.cat.sku)
    return places.gather(m.loc.astype(np.uint32)) + pl.Series(["|"]) + items.gather(m.sku.astype(np.uint32))


def frame(world: World, m: Cols, keys: pl.Series) -> pl.DataFrame:
    """integration_message:

    final states; before them "failed", and "sent" for what is not final on the day it was sent.
    """
    clock = world.clock
    final = np.where(m.applied < NEVER_MS, m.applied, m.failed)
    base = m.frame(
        message_id="no", interface_id=code(m.interface, INTERFACE_IDS), object_type=code(m.object, OBJECTS),
        business_key=keys,
        business_version="version", location_id=nullify(m.loc, m.loc < 0), sku=nullify(m.sku, m.sku < 0),
        quantity=nullify(m.qty, m.qty <= -NEVER),
        event_ts=_stamp(m.event * 1000), sent_ts=_stamp(m.sent), target_received_ts=_stamp(m.received),
        applied_ts=_stamp(m.applied),
        status_code=code(m.state, STATES), attempts="tries",
        payload_hash=pl.Series(_hash(m.no // 10 * 7919 + m.version)).cast(pl.String),
        error_code=code(m.error, ERRORS), updated_ts=_stamp(final),
    )  # fmt: skip
    nothing = {name: pl.lit(None, dtype=pl.Datetime("ms")) for name in ("target_received_ts", "applied_ts")}
    failed = np.flatnonzero((m.failed < NEVER_MS) & (m.applied < NEVER_MS))
    first = base[failed].with_columns(
        **nothing, status_code=code(np.full(failed.size, FAILED), STATES), updated_ts=_stamp(m.failed[failed])
    )  # fmt: skip
    told = np.minimum(final, m.failed)
    later = np.flatnonzero(clock.day(np.minimum(told // 1000, clock.end_ts + 86400)) > clock.day(m.sent // 1000))
    waiting = base[later].with_columns(
        **nothing, updated_ts=pl.col("sent_ts"), status_code=code(np.zeros(later.size), STATES),
        attempts=pl.lit(1, dtype=pl.Int64), error_code=code(np.full(later.size, -1), ERRORS),
    )  # fmt: skip
    return pl.concat([base, first, waiting])


def _stamp(ms: np.ndarray) -> pl.Series:
    return nullify(pl.Series(np.minimum(ms, NEVER_MS)).cast(pl.Datetime("ms")), ms >= NEVER_MS)
