"""Faults of interfaces and of customer service that show in numbers, and the truth about them.

Belongs here: E65c, E65d, E65e, E66i. Not here: late, failed, lost or doubled messages (``inject_messages``). Times of
messages are milliseconds.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import HOUR
from signalbox.simulate.cols import Cols, code, same
from signalbox.simulate.demand import World
from signalbox.simulate.emit_orders import key
from signalbox.simulate.faults import Plan
from signalbox.simulate.messages import APPLIED, DEAD, NEVER_MS
from signalbox.simulate.network import CHANNELS, INTERFACE_IDS, SHOP
from signalbox.simulate.truth import INJECTED, NEAR_MISS, ORDINARY, Truth

THROTTLED = 5
SLOT_MS = 300_000
NOBODY = np.zeros(0, dtype=np.int64)
QUIET_DAYS = 36  # the first cases come days after the first orders, and a control limit needs 28 days
THEMES = ("damaged", "defective", "wrong_item", "missing_item", "refund")


def _plain(m: Cols) -> np.ndarray:
    return (m.state == APPLIED) & (m.tries == 1) & (m.applied - m.event * 1000 < 60_000)


def storm(plan: Plan, truth: Truth, m: Cols, first: int, end: int) -> None:
    """E65d: a consumer that retries without pause; near misses stay below a hundred retries in five minutes."""
    plain = _plain(m)
    for near in (False, True):
        hit = plan.pick("E65d", first, end, np.flatnonzero(plain), near)
        draw = plan.stream("E65d", first, "near size" if near else "size").random(hit.size)
        m.tries[hit] = (60 + 30 * draw if near else 130 + 400 * draw).astype(np.int64)
        m.error[hit] = THROTTLED
        plain[hit] = False
        slot_end = (m.applied[hit] // SLOT_MS + 1) * SLOT_MS // 1000
        truth.add(
            "E65d",
            _interfaces(m, hit),
            NEAR_MISS if near else INJECTED,
            slot_end,
            slot_end + (0 if near else HOUR // 2),
            "retries without pause",
        )


def park(plan: Plan, truth: Truth, m: Cols, first: int, end: int) -> None:
    """E65e: messages that end in the dead-letter queue, and that nobody takes out again."""
    hit = plan.pick("E65e", first, end, np.flatnonzero(_plain(m)))
    m.failed[hit] = m.sent[hit] + plan.stream("E65e", first, "after").integers(60_000, 300_000, hit.size)
    m.received[hit], m.applied[hit], m.state[hit], m.tries[hit], m.error[hit] = NEVER_MS, NEVER_MS, DEAD, 5, 3
    parked_truth(truth, m, hit)


def parked_truth(truth: Truth, m: Cols, hit: np.ndarray) -> None:
    opened = m.failed[hit] // 1000 + HOUR
    never = np.full(hit.size, NEVER_MS)
    truth.add("E65e", _interfaces(m, hit), INJECTED, opened, never, "parked for good")


def overtake(plan: Plan, m: Cols, first: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    """E65c: a version that arrives after the next one of its object, or at the last moment before it (near misses).

    Returns the numbers of both kinds of messages.
    """
    order = np.lexsort((m.version, m.group, m.interface))
    now, after = order[:-1], order[1:]
    pair = (m.group[now] == m.group[after]) & (m.interface[now] == m.interface[after])
    pair &= (m.version[now] + 1 == m.version[after]) & (m.event[after] - m.event[now] < 120)
    plain = _plain(m)
    pair &= plain[now] & plain[after] & (m.applied[now] < m.applied[after])
    struck = []
    for near in (False, True):
        hit = plan.pick("E65c", first, end, np.flatnonzero(pair), near)
        lag = plan.stream("E65c", first, "near how" if near else "how").integers(200, 20_000, hit.size)
        late = m.applied[after[hit]] + np.where(near, 0, lag)
        m.received[now[hit]] = np.maximum(m.received[now[hit]], late - 100)
        m.applied[now[hit]] = late
        struck.append(m.no[now[hit]])
        pair &= ~np.isin(m.group[now], m.group[now[hit]])
    return struck[0], struck[1]


def order_truth(
    truth: Truth, m: Cols, keys: pl.Series, struck: tuple[np.ndarray, np.ndarray] = (NOBODY, NOBODY)
) -> None:
    """E65c: every application of a version after a higher one of its object, until that or a later one is applied."""
    rows = pl.DataFrame({
        "key": _interfaces(m, np.arange(m.event.size)) + pl.Series(["|"]) + keys.cast(pl.String),
        "version": m.version, "applied": m.applied, "no": m.no,
    }).filter(pl.col("applied") < NEVER_MS).sort("key", "applied", "version", "no")  # fmt: skip
    close = rows.filter(pl.col("no").is_in(struck[1]))
    when = close["applied"].to_numpy() // 1000
    truth.add("E65c", close["key"], NEAR_MISS, when, when, "applied with the next version, in order")
    rows = rows.with_columns(highest=pl.col("version").cum_max().shift(1).over("key"))
    lower = rows.filter(pl.col("version") < pl.col("highest"))
    if lower.height == 0:
        return
    later = lower.join(rows.select("key", again="applied", newer="version"), on="key").filter(
        (pl.col("again") > pl.col("applied")) & (pl.col("newer") >= pl.col("highest"))
    )
    ends = later.group_by("no").agg(pl.col("again").min())
    lower = lower.join(ends, on="no", how="left", maintain_order="left")
    opened = lower["applied"].to_numpy() // 1000
    closed = np.where(lower["again"].is_null(), NEVER_MS, lower["again"].fill_null(0).to_numpy() // 1000 + 1)
    kind = np.where(np.isin(lower["no"].to_numpy(), struck[0]), INJECTED, ORDINARY)
    truth.add("E65c", lower["key"], kind, opened, closed, "applied after a later version")


def case_clusters(world: World, plan: Plan, truth: Truth, o: Cols, first: int, end: int) -> dict[str, pl.DataFrame]:
    """E66i: many customers of a channel complain of one thing on one day; near misses are fewer than ten."""
    parts: list[pl.DataFrame] = []
    begin, stop = max(first, QUIET_DAYS), min(end, world.clock.days) - 3
    if stop <= begin:
        return {}
    per_day = world.scale.orders / world.scale.days
    for near in (False, True):
        rng = plan.stream("E66i", first, "near" if near else "what")
        for turn in range(plan.due("E66i", first, end, near)):
            day, channel = int(rng.integers(begin, stop)), int(rng.integers(0, SHOP))
            theme = THEMES[(turn * 2 + near) % len(THEMES)]
            fit = np.flatnonzero((o.channel == channel) & (o.ts < world.clock.midnight(day)) & ~o.is_test)
            count = 7 if near else 14 + int(per_day * 0.033)
            if fit.size < count:
                continue
            at = rng.choice(fit, count, replace=False)
            opened = np.sort(world.clock.midnight(day) + rng.integers(8 * HOUR, 20 * HOUR, count))
            parts.append(_cases(o, at, opened, theme, channel, 7 + near))
            row = np.array([opened[min(9, count - 1)]])
            closed = row if near else np.array([world.clock.midnight(day + 3)])
            name = pl.Series([f"{theme}|{CHANNELS[channel]}"])
            truth.add("E66i", name, NEAR_MISS if near else INJECTED, row, closed, "a cluster of complaints")
    return {"customer_case": pl.concat(parts).unique("case_id", keep="first", maintain_order=True)} if parts else {}


def _cases(o: Cols, at: np.ndarray, opened: np.ndarray, theme: str, channel: int, digit: int) -> pl.DataFrame:
    n = at.size
    return pl.DataFrame({
        "case_id": key(o, at) + digit, "order_id": o.no[at], "line_no": pl.Series([None] * n, dtype=pl.Int64),
        "channel_id": same(CHANNELS[channel], n), "theme_code": same(theme, n), "is_escalated": np.zeros(n, dtype=bool),
        "opened_ts": opened, "closed_ts": pl.Series([None] * n, dtype=pl.Int64),
        "version_no": np.ones(n, dtype=np.int64), "updated_ts": opened,
    })  # fmt: skip


def _interfaces(m: Cols, index: np.ndarray) -> pl.Series:
    return code(m.interface[index], INTERFACE_IDS).cast(pl.String)
