"""Faults of orders: what strikes headers, lines, pickups and shipments, and the truth about all of them.

Belongs here: E04, E05, E07a, E07b, E08a, E10, E12, E24, E27. Not here: stock, messages, money, files. Each ``*_faults``
function changes the arrays before the later parts read them; each ``*_truth`` reads the final state and tells
ordinary occurrences as well.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, code
from signalbox.simulate.demand import DELIVERY, PICKUP, PREORDER, World
from signalbox.simulate.emit_orders import Events, external_key, headers, line_frames, promise_frame
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import (
    BACKORDER,
    CUSTOMER,
    DELIVERED,
    FRAUD,
    HOLD,
    NEVER,
    NO_CAPACITY,
    NO_STOCK_CANCEL,
    NO_STOCK_LATER,
    NOT_FOUND,
    OK,
    SPLIT,
    gets_new_promise,
)  # fmt: skip
from signalbox.simulate.inject_payments import unpaid_truth
from signalbox.simulate.network import CHANNELS, DC, MKT_A, MKT_B, SHOP
from signalbox.simulate.truth import INJECTED, NEAR_MISS, ORDINARY, Truth

NONE = 0
FIRST_DUPLICATE = 950_000_001
_MARK = {c: i + 1 for i, c in enumerate(("E04", "E07a", "E07b", "E08a", "E10", "E12", "E24", "E27"))}


def header_faults(plan: Plan, o: Cols, first: int, end: int) -> None:
    """E04: marketplace orders whose tax, shipping or item mapping comes long after the order."""
    o.mark, o.near = np.zeros(o.size, dtype=np.int64), np.zeros(o.size, dtype=np.int64)
    market = np.isin(o.channel, (MKT_A, MKT_B)) & (o.fate < FRAUD) & (o.meta_ts >= NEVER)
    hit = plan.pick("E04", first, end, np.flatnonzero(market))
    o.meta_ts[hit] = o.ts[hit] + plan.minutes("E04", first, hit.size, 40, 2500)
    o.mark[hit] = _MARK["E04"]
    market[hit] = False
    close = plan.pick("E04", first, end, np.flatnonzero(market), near=True)
    o.meta_ts[close] = o.ts[close] + plan.minutes("E04", first, close.size, 11, 14.8, "near size")
    o.near[close] = _MARK["E04"]


def line_faults(world: World, plan: Plan, listed: np.ndarray, o: Cols, lines: Cols, first: int, end: int) -> None:
    """E07a, E07b, E08a, E10, E27: allocation that stalls, fails, finds nothing, not all, or not by its date."""
    lines.mark, lines.near = np.zeros(lines.at.size, dtype=np.int64), np.zeros(lines.at.size, dtype=np.int64)
    _oversell(plan, listed, o, lines, first, end)
    _stalls(world, plan, o, lines, first, end)
    _empty_shelves(world, plan, o, lines, first, end)
    _missing_rests(world, plan, o, lines, first, end)
    _overdue_backorders(world, plan, o, lines, first, end)


def _free(o: Cols, lines: Cols) -> np.ndarray:
    fate = o.fate[lines.at]
    return (
        (lines.outcome == OK)
        & (lines.mark == NONE)
        & (lines.near == NONE)
        & (fate < HOLD)
        & (o.kind[lines.at] == DELIVERY)
    )


def _oversell(plan: Plan, listed: np.ndarray, o: Cols, lines: Cols, first: int, end: int) -> None:
    sold = np.isin(lines.sku, listed) & (o.channel[lines.at] < SHOP)
    hit = plan.pick("E27", first, end, np.flatnonzero(_free(o, lines) & sold))
    lines.outcome[hit], lines.mark[hit] = NO_STOCK_CANCEL, _MARK["E27"]
    knowing = (lines.outcome == OK) & (o.kind[lines.at] == PREORDER) & (o.fate[lines.at] < HOLD)
    close = plan.pick("E27", first, end, np.flatnonzero(knowing), near=True)
    lines.outcome[close], lines.near[close] = NO_STOCK_CANCEL, _MARK["E27"]


def _stalls(world: World, plan: Plan, o: Cols, lines: Cols, first: int, end: int) -> None:
    """The allocation of a warehouse stops for some hours:

    lines that come in wait, or are refused for want of capacity.
    """
    rng = plan.stream("E07a", first, "shape")
    warehouse = world.net.kind[lines.node] == DC
    for anchor in plan.pick("E07a", first, end, np.flatnonzero(_free(o, lines) & warehouse)):
        start, hours = lines.try1[anchor], int(rng.integers(2, 9))
        caught = np.flatnonzero(
            _free(o, lines) & (lines.node == lines.node[anchor]) & (lines.try1 >= start) & (lines.try1 < start + HOUR)
        )
        caught = caught[np.argsort(lines.try1[caught], kind="stable")][: plan.size_of("E07a")]
        if rng.random() < 0.4:
            lines.outcome[caught], lines.later[caught] = NO_CAPACITY, hours * HOUR + rng.integers(0, 900, caught.size)
        else:
            lines.try1[caught] = start + hours * HOUR + HOUR + rng.integers(0, 900, caught.size)
        lines.mark[caught] = _MARK["E07a"]
    close = plan.pick("E07a", first, end, np.flatnonzero(_free(o, lines) & warehouse), near=True)
    lines.try1[close] = o.release[lines.at[close]] + plan.minutes("E07a", first, close.size, 50, 59.5, "near size")
    lines.near[close] = _MARK["E07a"]


def _empty_shelves(world: World, plan: Plan, o: Cols, lines: Cols, first: int, end: int) -> None:
    """An item is not where the books have it: every line of a day that asks the node for it finds none at first."""
    warehouse = world.net.kind[lines.node] == DC
    for anchor in plan.pick("E07b", first, end, np.flatnonzero(_free(o, lines) & warehouse)):
        same = (
            (lines.sku == lines.sku[anchor])
            & (lines.node == lines.node[anchor])
            & (o.day[lines.at] == o.day[lines.at[anchor]])
        )
        caught = np.flatnonzero(_free(o, lines) & same)[: plan.size_of("E07b")]
        lines.outcome[caught], lines.mark[caught] = NO_STOCK_LATER, _MARK["E07b"]
    some = _free(o, lines) & warehouse & (lines.qty > 1) & (o.channel[lines.at] == 0)
    close = plan.pick("E07b", first, end, np.flatnonzero(some), near=True)
    lines.outcome[close], lines.near[close] = SPLIT, _MARK["E07b"]


def _missing_rests(world: World, plan: Plan, o: Cols, lines: Cols, first: int, end: int) -> None:
    """E08a: the last unit of a line is found hours after the others; near misses within the hour."""
    some = _free(o, lines) & (world.net.kind[lines.node] == DC) & (lines.qty > 1) & (o.channel[lines.at] == 0)
    for near, low, high in ((False, 61, 2400), (True, 50, 60)):
        caught = plan.pick("E08a", first, end, np.flatnonzero(some), near)
        wait = plan.minutes("E08a", first, caught.size, low, high, "near size" if near else "size")
        lines.outcome[caught], lines.later[caught] = SPLIT, (wait - 30) * 60
        (lines.near if near else lines.mark)[caught] = _MARK["E08a"]
        some[caught] = False


def _overdue_backorders(world: World, plan: Plan, o: Cols, lines: Cols, first: int, end: int) -> None:
    """E10: goods that come after the date of their backorder, or that nobody gave a date; near misses just in time."""
    lines.undated = np.zeros(lines.at.size, dtype=bool)
    some = _free(o, lines) & (world.net.kind[lines.node] == DC) & (o.channel[lines.at] == 0)
    some &= ~o.rescheduled[lines.at]
    for near in (False, True):
        caught = plan.pick("E10", first, end, np.flatnonzero(some), near)
        low, high = (-55, 0) if near else (30, 7000)
        late = plan.minutes("E10", first, caught.size, low, high, "near size" if near else "size")
        undated = plan.stream("E10", first, "near undated" if near else "undated").random(caught.size) < 0.4
        wait = lines.promised_wait[caught] * DAY - lines.backorder_lag[caught] - 3 * DAY
        lines.outcome[caught], lines.undated[caught] = BACKORDER, undated
        lines.backorder_slack[caught] = np.where(undated, wait, 0) - late
        (lines.near if near else lines.mark)[caught] = _MARK["E10"]
        some[caught] = False


def pickup_faults(world: World, plan: Plan, o: Cols, lines: Cols, f: Cols, first: int, end: int) -> None:
    """E24: stores that stage late, or stage in time and forget to tell."""
    o.untold = np.zeros(o.size, dtype=np.int64)
    plain = np.ones(o.size, dtype=bool)
    plain[lines.at[lines.outcome != OK]] = False
    latest_pick = np.zeros(o.size, dtype=np.int64)
    np.maximum.at(latest_pick, f.at, f.pick_end)
    fit = plain & (o.kind == PICKUP) & (o.fate < HOLD) & (latest_pick + 900 < o.latest)
    hit = plan.pick("E24", first, end, np.flatnonzero(fit))
    wait = plan.minutes("E24", first, hit.size, 15, 420)
    forgot = plan.stream("E24", first, "forgot").random(hit.size) < 0.35
    o.untold[hit[forgot]] = o.latest[hit[forgot]] - latest_pick[hit[forgot]] + wait[forgot]
    staged = np.zeros(o.size, dtype=np.int64)
    late = hit[~forgot]
    staged[late] = world.net.hours.add(o.store[late], o.latest[late], wait[~forgot])
    fit[hit] = False
    close = plan.pick("E24", first, end, np.flatnonzero(fit), near=True)
    staged[close] = o.latest[close] - 400
    o.near[close] = _MARK["E24"]
    o.mark[hit] = _MARK["E24"]
    moved = staged[f.at] > f.pick_end
    f.pick_end = np.where(moved, staged[f.at], f.pick_end)
    o.prompt = np.zeros(o.size, dtype=bool)
    o.prompt[close] = True


def shipment_faults(plan: Plan, o: Cols, lines: Cols, s: Cols, first: int, end: int) -> None:
    """E12: parcels that the carrier loses sight of for days."""
    o.ship_mark = np.zeros(o.size, dtype=np.int64)
    single = np.bincount(s.at, minlength=o.size) == 1
    plain = single.copy()
    plain[lines.at[(lines.outcome != OK)]] = False
    due = first_promise(o)
    fit = (s.result == DELIVERED) & (s.end < due[s.at]) & plain[s.at] & ~o.scheduled[s.at]
    hit = plan.pick("E12", first, end, np.flatnonzero(fit))
    s.end[hit] = due[s.at[hit]] + plan.stream("E12", first, "days").integers(1, 6, hit.size) * DAY - 8 * HOUR
    s.attempt[hit] = NEVER
    o.ship_mark[s.at[hit]] = 1
    fit[hit] = False
    close = plan.pick("E12", first, end, np.flatnonzero(fit), near=True)
    s.end[close] = due[s.at[close]] + plan.minutes("E12", first, close.size, 5, 58, "near size")
    s.attempt[close] = NEVER
    o.ship_mark[s.at[close]] = 2
    s.delivered = np.where(s.result == DELIVERED, s.end, NEVER)


def first_promise(o: Cols) -> np.ndarray:
    """End of each order's first promise: the first shown, or the newest that the customer asked for."""
    return np.where(o.rescheduled, o.moved_latest, o.latest)


def order_truth(truth: Truth, world: World, o: Cols, lines: Cols, f: Cols, s: Cols) -> None:
    """E04, E07a, E07b, E08a, E10, E12, E24 of a slice."""
    gone = np.zeros(o.size, dtype=np.int64)
    np.maximum.at(gone, lines.at, np.where(lines.cancelled_all, lines.cancel_ts, NEVER))
    _metadata(truth, o, gone)
    _allocation(truth, world, o, lines)
    _split_lines(truth, o, lines)
    _backorders(truth, o, lines)
    _lateness(truth, o, lines, f, s)
    _readiness(truth, world, o, lines, f)


def _judge(
    truth: Truth,
    which: str,
    key: pl.Series,
    opened: np.ndarray,
    ended: np.ndarray,
    hit: np.ndarray,
    close: np.ndarray,
    text: str,
    channel: pl.Series,
    location: pl.Series | None = None,
) -> None:
    """Rows for what ended after it opened, and near misses for marked ones that did not."""
    real = ended > opened
    for mask, kind in ((real, np.where(hit, INJECTED, ORDINARY)), (~real & close, np.full(real.size, NEAR_MISS))):
        some = np.flatnonzero(mask)
        place = None if location is None else location.gather(some)
        truth.add(
            which,
            key.gather(some),
            kind[some],
            opened[some],
            np.where(real[some], ended[some], opened[some]),
            text,
            channel=channel.gather(some),
            location=place,
        )


def _numbers(number: np.ndarray) -> pl.Series:
    return pl.select(pl.lit("O") + pl.Series(number).cast(pl.String).str.zfill(9)).to_series()


def line_keys(o: Cols, lines: Cols) -> pl.Series:
    return _numbers(o.no[lines.at]) + pl.Series(["|"]) + pl.Series(lines.line).cast(pl.String)


def _metadata(truth: Truth, o: Cols, gone: np.ndarray) -> None:
    some = np.flatnonzero((o.meta_ts < NEVER) & ~o.is_test)
    c = o.take(some)
    channel = code(c.channel, CHANNELS).cast(pl.String)
    key = channel + pl.Series(["|"]) + external_key(c.channel, c.ext)
    ended = np.minimum(c.meta_ts, gone[some])
    _judge(
        truth,
        "E04",
        key,
        c.ts + 900,
        ended,
        c.mark == _MARK["E04"],
        c.near == _MARK["E04"],
        "metadata came late",
        channel=channel,
    )


def _allocation(truth: Truth, world: World, o: Cols, lines: Cols) -> None:
    release = o.release[lines.at]
    live = (release < NEVER) & ~o.is_test[lines.at] & (lines.sub_for == 0)
    keys, channel = line_keys(o, lines), code(o.channel[lines.at], CHANNELS).cast(pl.String)
    cancel = np.where(lines.cancelled_all, lines.cancel_ts, NEVER)
    hit, close = lines.mark == _MARK["E07a"], lines.near == _MARK["E07a"]
    waits = np.flatnonzero(live & (np.minimum(lines.try1, cancel) > release + 3000))
    _judge(truth, "E07a", keys.gather(waits), release[waits] + HOUR, np.minimum(lines.try1, cancel)[waits],
        hit[waits], close[waits],
           "no allocation attempt", channel=channel.gather(waits))  # fmt: skip
    busy = np.flatnonzero(live & (lines.outcome == NO_CAPACITY) & ~lines.before_alloc)
    _judge(truth, "E07a", keys.gather(busy), lines.try1[busy], np.minimum(lines.try2, cancel)[busy], hit[busy],
        close[busy],
           "allocation refused for want of capacity", channel=channel.gather(busy))  # fmt: skip
    none = np.flatnonzero(live & np.isin(lines.outcome, (NO_STOCK_CANCEL, NO_STOCK_LATER, BACKORDER)))
    ended = np.select(
        [lines.outcome == NO_STOCK_CANCEL, lines.outcome == BACKORDER],
        [cancel, np.where(lines.undated, lines.alloc, lines.try1 + lines.backorder_lag)],
        lines.try2,
    )
    _judge(truth, "E07b", keys.gather(none), lines.try1[none], ended[none], lines.mark[none] == _MARK["E07b"],
        np.zeros(none.size, dtype=bool),
           "no stock found", channel=channel.gather(none))  # fmt: skip
    part = np.flatnonzero(lines.near == _MARK["E07b"])
    truth.add(
        "E07b",
        keys.gather(part),
        NEAR_MISS,
        lines.try1[part],
        lines.try1[part],
        "some units found",
        channel=channel.gather(part),
    )


def _split_lines(truth: Truth, o: Cols, lines: Cols) -> None:
    split = np.flatnonzero((o.release[lines.at] < NEVER) & ~o.is_test[lines.at] & (lines.outcome == SPLIT))
    c = lines.take(split)
    _judge(truth, "E08a", line_keys(o, c), c.try1 + HOUR, c.try2, c.mark == _MARK["E08a"], c.near == _MARK["E08a"],
           "rest not allocated", channel=code(o.channel[c.at], CHANNELS).cast(pl.String))  # fmt: skip


def _backorders(truth: Truth, o: Cols, lines: Cols) -> None:
    some = np.flatnonzero((o.release[lines.at] < NEVER) & ~o.is_test[lines.at] & (lines.outcome == BACKORDER))
    c = lines.take(some)
    due = np.where(c.undated, c.try1 + c.backorder_lag + 3 * DAY, c.planned)
    _judge(truth, "E10", line_keys(o, c), due, c.alloc, c.mark == _MARK["E10"], c.near == _MARK["E10"],
           "backorder not filled by its date", channel=code(o.channel[c.at], CHANNELS).cast(pl.String))  # fmt: skip


def _ended(o: Cols, lines: Cols, f: Cols, done: np.ndarray) -> np.ndarray:
    """When each line was closed: last uncancelled unit done, or all cancelled; ``done`` is by FL."""
    last = np.zeros(lines.at.size, dtype=np.int64)
    some = (f.done_qty > 0) & ~f.rejected
    np.maximum.at(last, f.li[some], done[some])
    last = np.where(last == 0, NEVER, last)
    return np.where(lines.cancelled_all, lines.cancel_ts, last)


def _lateness(truth: Truth, o: Cols, lines: Cols, f: Cols, s: Cols) -> None:
    delivered = (
        np.where(f.ship >= 0, s.delivered[np.maximum(f.ship, 0)], NEVER) if s.size else np.full(f.li.size, NEVER)
    )
    ended = _ended(o, lines, f, delivered)
    moved = gets_new_promise(o, lines)
    last = np.zeros(o.size, dtype=np.int64)
    np.maximum.at(last, lines.at, np.where(moved | ~o.rescheduled[lines.at], ended, 0))
    due = first_promise(o)
    some = np.flatnonzero((o.kind != PICKUP) & ~o.is_test & (last > 0))
    stamp = pl.Series(due[some] * 1_000_000).cast(pl.Datetime("us")).dt.strftime("%Y-%m-%dT%H:%M:%S")
    key = _numbers(o.no[some]) + pl.Series(["|"]) + stamp
    channel = code(o.channel[some], CHANNELS).cast(pl.String)
    _judge(
        truth,
        "E12",
        key,
        due[some] + HOUR,
        last[some],
        o.ship_mark[some] == 1,
        o.ship_mark[some] == 2,
        "promise missed",
        channel=channel,
    )


def _readiness(truth: Truth, world: World, o: Cols, lines: Cols, f: Cols) -> None:
    ended = _ended(o, lines, f, np.maximum(f.pick_end, o.notified[f.at]))
    last = np.zeros(o.size, dtype=np.int64)
    np.maximum.at(last, lines.at, ended)
    some = np.flatnonzero((o.kind == PICKUP) & ~o.is_test)
    channel = code(o.channel[some], CHANNELS).cast(pl.String)
    place = pl.Series(world.net.ids).gather(o.store[some].astype(np.uint32))
    _judge(truth, "E24", _numbers(o.no[some]), o.latest[some], last[some], o.mark[some] == _MARK["E24"],
        o.near[some] == _MARK["E24"],
           "pickup not ready or customer not told", channel=channel, location=place)  # fmt: skip


def oversell_truth(truth: Truth, world: World, o: Cols, lines: Cols, offers: Cols) -> None:
    """E27: lines sold against enough published availability, then cancelled or backordered for want of stock."""
    found = np.isin(lines.outcome, (NO_STOCK_CANCEL, BACKORDER, NOT_FOUND)) & (
        lines.cancel_qty + (lines.outcome == BACKORDER) > 0
    )
    some = np.flatnonzero(found & (o.release[lines.at] < NEVER) & ~o.is_test[lines.at] & (o.channel[lines.at] < SHOP))
    c = lines.take(some)
    asked = pl.DataFrame({
        "row": np.arange(c.at.size), "sku": c.sku, "channel": o.channel[c.at].astype(np.int64), "at": o.ts[c.at],
    }).sort("at")  # fmt: skip
    shown = pl.DataFrame(
        {"sku": offers.sku, "channel": offers.channel.astype(np.int64), "at": offers.live, "ats": offers.ats}
    ).sort("at")
    covered = (
        asked.join_asof(shown, on="at", by=["sku", "channel"], strategy="backward", check_sortedness=False)
        .sort("row")["ats"]
        .fill_null(-1)
        .to_numpy()
    )
    opened = np.where(c.outcome == BACKORDER, c.try1 + c.backorder_lag, c.cancel_ts)
    told = np.where(o.kind[c.at] == PICKUP, NEVER, c.cancel_ts + 600 + c.later // 3)
    ended = np.where(c.outcome == BACKORDER, c.alloc, told)
    knowing = o.kind[c.at] == PREORDER
    real = (covered >= c.qty) & ~knowing
    keys, channel = line_keys(o, c), code(o.channel[c.at], CHANNELS).cast(pl.String)
    kind = np.where(real, np.where(c.mark == _MARK["E27"], INJECTED, ORDINARY), NEAR_MISS)
    rows = np.flatnonzero(real | (c.near == _MARK["E27"]))
    truth.add(
        "E27",
        keys.gather(rows),
        kind[rows],
        opened[rows],
        ended[rows],
        "sold against published availability",
        channel=channel.gather(rows),
    )


def duplicates(
    world: World, plan: Plan, truth: Truth, o: Cols, lines: Cols, first: int, end: int
) -> dict[str, pl.DataFrame]:
    """E05: orders that the channel delivers twice; the second is cancelled when somebody sees it.

    A near miss takes the key of an order that its customer had cancelled before.
    """
    plain = np.ones(o.size, dtype=bool)
    plain[lines.at[lines.outcome != OK]] = False
    dropped = np.zeros(o.size, dtype=np.int64)
    np.maximum.at(
        dropped, lines.at, np.where(lines.cancelled_all & (lines.outcome == CUSTOMER), lines.cancel_ts, NEVER)
    )
    fit = (o.kind == DELIVERY) & (o.fate < HOLD) & (o.channel < SHOP) & (o.meta_ts >= NEVER) & ~o.rescheduled
    hit = plan.pick("E05", first, end, np.flatnonzero(fit & plain))
    close = plan.pick("E05", first, end, np.flatnonzero(fit & (dropped < NEVER)), near=True)
    index = np.concatenate([hit, close])
    if index.size == 0:
        return {}
    copy = o.take(index)
    copy.no = FIRST_DUPLICATE + first * 1000 + np.arange(index.size)
    delay = plan.minutes("E05", first, index.size, 0.1, 3)
    is_near = np.arange(index.size) >= hit.size
    copy.ts = np.where(is_near, dropped[index] + HOUR, copy.ts + delay)
    copy.latest = copy.latest + np.where(is_near, 3 * DAY, 0)
    stop = copy.ts + plan.minutes("E05", first, index.size, 25, 1100, "seen")
    copy.fate, copy.dead_ts = np.full(index.size, FRAUD), stop
    position = np.full(o.size, -1)
    position[index] = np.arange(index.size)
    body = lines.take(np.flatnonzero(position[lines.at] >= 0))
    body.at = position[body.at]
    body = body.take(np.argsort(body.at, kind="stable"))
    body.outcome, body.cancel_ts = np.full(body.at.size, OK), stop[body.at]
    frames = (
        headers(world, copy)
        | line_frames(world, copy, body)
        | {"promise": promise_frame(copy, body), "order_event": _lives(copy, stop, is_near)}
    )
    channel = code(copy.channel, CHANNELS).cast(pl.String)
    key = channel + pl.Series(["|"]) + external_key(copy.channel, copy.ext)
    truth.add(
        "E05",
        key,
        np.where(is_near, NEAR_MISS, INJECTED),
        copy.ts,
        np.where(is_near, copy.ts, stop),
        "order delivered twice by the channel",
        channel=channel,
    )
    unpaid_truth(truth, copy.no, copy.ts, stop)
    return frames


def _lives(copy: Cols, stop: np.ndarray, by_customer: np.ndarray) -> pl.DataFrame:
    events = Events(copy)
    every = np.arange(copy.size)
    events.add("created", every, copy.ts, actor=2)
    events.add("cancelled", every, stop, actor=np.where(by_customer, 2, 1), klass=(~by_customer).astype(np.int64),
               initiator=np.where(by_customer, 0, 1), reason=np.where(by_customer, 0, 6))  # fmt: skip
    return events.frame()
