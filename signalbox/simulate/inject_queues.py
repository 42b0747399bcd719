"""Faults of queues: an interface that stands still while its source sends far more than usual, and the truth about it.

Belongs here: E65i. Not here: single late messages (``inject_messages``), wrong order and retries
(``inject_interfaces``). Times of messages are milliseconds.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, join
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.messages import APPLIED, PRICE_POS, PRICE_WEB
from signalbox.simulate.network import INTERFACE_IDS
from signalbox.simulate.truth import INJECTED, NEAR_MISS, Truth

LEVEL = 500  # messages that wait; below half of it the backlog is over. Prices are still sent on few hours of a month.
APART = 4  # days between two floods at least
AGAIN = 50_000_000_000  # added to the numbers of prices that are sent anew


def price_floods(world: World, plan: Plan, truth: Truth, m: Cols, keys: pl.Series) -> tuple[Cols, pl.Series]:
    """E65i: all prices are sent anew, some more than once, while the target's consumer hangs; then it works them off.

    The size of a fault is the messages that wait over those that may; a near miss stays somewhat below them.
    """
    clock = world.clock
    days = np.arange(2, clock.days - 2, APART)
    slots = np.arange(days.size)
    hit = plan.pick("E65i", 0, plan.days, slots)
    close = plan.pick("E65i", 0, plan.days, np.setdiff1d(slots, hit), near=True)
    if hit.size + close.size == 0:
        return m, keys
    parts, names, struck = [m], [keys], []
    for near, some in ((False, hit), (True, close)):
        rng = plan.stream("E65i", 0, "near size" if near else "size")
        more = max(plan.size_of("E65i"), 2)
        for turn, slot in enumerate(some):  # a handful of floods
            count = LEVEL + int(rng.integers(-LEVEL // 3, -LEVEL // 20) if near else rng.integers(more // 2, 2 * more))
            begin = int(clock.utc(days[slot : slot + 1], rng.integers(0, 20 * HOUR, 1))[0])
            interface = (PRICE_WEB, PRICE_POS)[(turn + near) % 2]
            stands, drains = int(rng.integers(5400, 4 * HOUR)), int(rng.integers(1800, 2 * HOUR))
            flood, items = _resent(world, rng, count, begin, interface, (1 + near) * 1000 + turn)
            parts.append(flood)
            names.append(items)
            struck.append((near, interface, begin, stands, drains, count))
    m, keys = join(parts), pl.concat(names)
    _renumber(m)
    for near, interface, begin, stands, drains, count in struck:
        _hang(m, interface, begin, begin + stands, drains * 1000 // count)
        _tell(truth, m, interface, begin, near)
    return m, keys


def _resent(
    world: World, rng: np.random.Generator, count: int, begin: int, interface: int, number: int
) -> tuple[Cols, pl.Series]:
    """The price list, item by item, as often as it takes; within about a quarter of an hour."""
    sku = np.arange(count) % world.cat.sku.size
    event = begin + np.arange(count) * int(rng.integers(500, 1000)) // count
    sent = event * 1000 + rng.integers(20, 900, count)
    none = np.full(count, -1)
    flood = Cols(
        interface=np.full(count, interface), object=np.full(count, 2),
        no=AGAIN + (number * 10_000 + np.arange(count)) * 10, version=none, loc=none, sku=sku, qty=none * NEVER,
        event=event, group=sku, sent=sent, received=sent + 3000, applied=sent + 3200,
        tries=np.ones(count, dtype=np.int64), error=none, state=np.full(count, APPLIED),
        failed=np.full(count, NEVER * 1000),
    )  # fmt: skip
    return flood, pl.Series(world.cat.sku[sku])


def _renumber(m: Cols) -> None:
    """Versions of an item's price at an interface follow the time at which they were made."""
    order = np.lexsort((m.no, m.event, m.group, m.interface))
    line = m.interface[order] * 10_000_000 + m.group[order]
    start = np.r_[True, line[1:] != line[:-1]]
    m.version[order] = 2 + np.arange(line.size) - np.maximum.accumulate(np.where(start, np.arange(line.size), 0))


def _hang(m: Cols, interface: int, begin: int, back: int, pace: int) -> None:
    """What is sent while the consumer hangs waits until it is back, and then its turn; milliseconds for each."""
    queue = np.flatnonzero(_around(m, interface, begin))
    queue = queue[np.argsort(m.sent[queue], kind="stable")]
    turn = np.arange(queue.size) * pace
    ready = np.maximum(m.applied[queue], back * 1000)
    done = np.maximum.accumulate(ready - turn) + turn + pace
    late = (m.sent[queue] < back * 1000) | (done - pace > ready)
    caught = queue[: int(np.argmin(late))] if not late.all() else queue
    m.received[caught], m.applied[caught] = done[: caught.size] - 40, done[: caught.size]


def _around(m: Cols, interface: int, begin: int) -> np.ndarray:
    """Messages of an interface from a flood on, long enough for it to be over."""
    return (m.interface == interface) & (m.sent >= begin * 1000) & (m.sent < (begin + 2 * DAY) * 1000)


def _tell(truth: Truth, m: Cols, interface: int, begin: int, near: bool) -> None:
    """From when to when too many waited, by counting what was sent and what was applied."""
    mine = _around(m, interface, begin)
    ts = np.concatenate([m.sent[mine], m.applied[mine]])
    step = np.repeat([1, -1], int(mine.sum()))
    order = np.argsort(ts, kind="stable")
    ts, waiting = ts[order] // 1000, np.cumsum(step[order])
    name = pl.Series([INTERFACE_IDS[interface]])
    first = int(np.argmax(waiting > LEVEL)) if waiting.max() > LEVEL else -1
    if near or first < 0:
        peak = ts[np.argmax(waiting) : np.argmax(waiting) + 1]
        truth.add("E65i", name, NEAR_MISS, peak, peak, "many messages waited, but not too many")
        return
    over = first + int(np.argmax(waiting[first:] * 2 < LEVEL))
    truth.add(
        "E65i", name, INJECTED, ts[first : first + 1], ts[over : over + 1], "prices sent anew to a target that hung"
    )
