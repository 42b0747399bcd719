"""Faults of the integration layer, and the truth about messages.

Belongs here: E29, E30, E65a, E65b, E65f. Not here: what messages are about. Times of messages are milliseconds.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.cols import Cols, code, join
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.inject_interfaces import parked_truth
from signalbox.simulate.messages import APPLIED, DEAD, ERRORS, NEVER_MS
from signalbox.simulate.network import INTERFACE_IDS, OTHER_SLA, STOCK_SLA
from signalbox.simulate.truth import INJECTED, NEAR_MISS, ORDINARY, Truth
from signalbox.simulate.views import SYSTEMS, TARGET, cut_ts

HOUR_MS = 3_600_000
TWIN = 4_000_000_000_000_000  # added to the number of a message that is delivered twice


def stall(plan: Plan, which: str, m: Cols, group: np.ndarray, first: int, end: int, sla: int) -> np.ndarray:
    """Feeds of a source stop for a while and catch up at once. Returns the victims' groups; ``m`` is changed.

    A near miss is longer than the service level, shorter than three times it, and strikes where an hour has few
    messages.
    """
    hour = group * 100_000_000 + m.event // 3600
    _, member, per_hour = np.unique(hour, return_inverse=True, return_counts=True)
    quiet = per_hour[member.reshape(-1)] < 12
    struck: list[int] = []
    for near in (False, True):
        candidates = np.flatnonzero(quiet) if near else np.arange(m.event.size)
        anchors = plan.pick(which, first, end, candidates, near)
        longest = plan.size_of(which)
        low, high = (sla / 60 * 1.2, sla / 60 * 2.6) if near else (max(sla / 60 * 3.2, longest * 0.7), longest * 1.5)
        length = plan.minutes(which, first, anchors.size, low, max(high, low), "near size" if near else "size")
        for anchor, seconds in zip(anchors, length, strict=True):  # a handful of windows
            start = m.event[anchor]
            caught = np.flatnonzero((group == group[anchor]) & (m.event >= start) & (m.event < start + seconds))
            if near and (caught.size > 8 or np.isin(group[anchor], struck)):
                continue
            back = (start + seconds) * 1000 + 400 * np.arange(caught.size)
            late = back > m.received[caught]
            m.received[caught[late]], m.applied[caught[late]] = back[late], back[late] + 300
            if not near:
                struck.append(int(group[anchor]))
    return np.unique(np.array(struck, dtype=np.int64))


def lose(world: World, plan: Plan, m: Cols, first: int, end: int) -> tuple[Cols, Cols]:
    """E30:

    stock messages that never reach the log. Returns the rest, and what a system's view misses until it is repaired.
    """
    enough = (np.abs(m.qty) >= 2) & (m.interface == 0)
    hit = plan.pick("E30", first, end, np.flatnonzero(enough))
    rng = plan.stream("E30", first, "how")
    enough[hit] = False
    short = plan.pick("E30", first, end, np.flatnonzero(enough | (m.interface == 0) & (np.abs(m.qty) == 1)), near=True)
    lost = np.concatenate([hit, short])
    near = np.arange(lost.size) >= hit.size
    day = world.clock.day(m.event[lost])
    begin = np.where(m.event[lost] <= cut_ts(world, day), day, day + 1)
    keeps = np.where(near & (np.abs(m.qty[lost]) >= 2), 1, rng.integers(3, 10, lost.size))
    target = np.array([TARGET[i] for i in range(7)])
    gap = Cols(
        interface=m.interface[lost], system=target[m.interface[lost]], loc=m.loc[lost], sku=m.sku[lost],
        qty=m.qty[lost],
        first_cut=begin, repaired=begin + keeps,
    )  # fmt: skip
    stays = np.ones(m.event.size, dtype=bool)
    stays[lost] = False
    return m.take(stays), gap


def deliver_twice(
    plan: Plan, truth: Truth, m: Cols, keys: pl.Series, first: int, end: int, what: str
) -> tuple[Cols, pl.Series]:
    """E65b: messages applied a second time at the target. Stock messages only of one unit, within any tolerance."""
    plain = (m.state == APPLIED) & (m.applied - m.event * 1000 < 60_000) & (m.tries == 1)
    plain &= (m.object != 0) | (np.abs(m.qty) == 1)
    rng = plan.stream("E65b", first, what)
    half = plan.due("E65b", first, end)
    count = half - half // 2 if what == "stock" else half // 2
    candidates = np.flatnonzero(plain)
    hit = np.sort(rng.choice(candidates, min(count, candidates.size), replace=False)) if count else candidates[:0]
    close = np.sort(rng.choice(candidates, min(max(count // 2, 1), candidates.size), replace=False)) if count else hit
    m.tries[np.setdiff1d(close, hit)] = 4
    twin = m.take(hit)
    twin.no = twin.no + TWIN
    delay = rng.integers(50_000, 2_400_000, hit.size)
    twin.received, twin.applied = twin.received + delay, twin.applied + delay
    truth.add(
        "E65b",
        _version_key(m, keys, hit),
        INJECTED,
        twin.applied // 1000,
        np.full(hit.size, NEVER_MS),
        "applied twice at the target",
    )
    near = np.setdiff1d(close, hit)
    truth.add(
        "E65b",
        _version_key(m, keys, near),
        NEAR_MISS,
        m.applied[near] // 1000,
        m.applied[near] // 1000,
        "retried, applied once",
    )
    return join([m, twin]), pl.concat([keys, keys.gather(hit)])


def _version_key(m: Cols, keys: pl.Series, index: np.ndarray) -> pl.Series:
    bar = pl.Series(["|"])
    return _names(m.interface[index]) + bar + keys.gather(index) + bar + pl.Series(m.version[index]).cast(pl.String)


def _names(interface: np.ndarray) -> pl.Series:
    return code(interface, INTERFACE_IDS).cast(pl.String)


def fail(plan: Plan, truth: Truth, m: Cols, first: int, end: int) -> None:
    """E65a: messages refused for good, in runs of one interface and error; most are reprocessed hours later.

    Near misses are reprocessed within the grace of a quarter of an hour.
    """
    rng = plan.stream("E65a", first, "how")
    plain = (m.applied - m.event * 1000 < 120_000) & (m.object == 1)
    for near in (False, True):
        for anchor in plan.pick("E65a", first, end, np.flatnonzero(plain), near):
            same = np.flatnonzero((m.interface == m.interface[anchor]) & plain & (m.event >= m.event[anchor]))
            struck = same[np.argsort(m.event[same], kind="stable")][: 1 if near else plan.size_of("E65a")]
            struck = struck[m.event[struck] < m.event[anchor] + 14_400]
            plain[struck] = False
            error = int(rng.choice([1, 2, 3, 4]))
            m.error[struck], m.tries[struck] = error, 5
            m.failed[struck] = m.sent[struck] + rng.integers(60_000, 300_000, struck.size)
            wait = int(rng.integers(200_000, 700_000)) if near else int(rng.integers(2, 20)) * HOUR_MS
            never = not near and rng.random() < 0.25
            again = (
                np.full(struck.size, NEVER_MS)
                if never
                else (m.failed[struck].max() if not near else m.failed[struck]) + wait
            )
            m.received[struck], m.applied[struck] = again, again
            m.state[struck] = DEAD if never else APPLIED
            deadline = m.failed[struck].min() // 1000 + 900
            closed = int(np.max(again)) // 1000
            key = pl.Series([f"{INTERFACE_IDS[int(m.interface[anchor])]}|{ERRORS[error]}"])
            if never:  # what is parked is not waiting to be reprocessed: the dead-letter queue tells of it
                parked_truth(truth, m, struck)
                continue
            truth.add(
                "E65a",
                key,
                NEAR_MISS if near else INJECTED,
                np.array([deadline]),
                np.array([deadline if near else closed]),
                "messages failed for good",
            )


def effective_applied(m: Cols, some: np.ndarray) -> np.ndarray:
    """For the messages ``some``: own application, or that of a later version of the key if it came first."""
    group = m.group * 64 + m.interface
    kin = np.flatnonzero(np.isin(group, np.unique(group[some])))
    order = kin[np.lexsort((-m.version[kin], group[kin]))]
    applied, best = m.applied[order], m.applied[order].copy()
    frame = pl.DataFrame({"g": group[order], "a": applied})
    best = frame.select(pl.col("a").cum_min().over("g")).to_series().to_numpy()
    found = np.full(m.event.size, NEVER_MS)
    found[order] = best
    return found[some]


def late_truth(truth: Truth, world: World, which: str, m: Cols, key_of: np.ndarray, struck: np.ndarray) -> None:
    """E29, E65f:

    sources whose messages pass the service level, by the catalogue's two limits. ``key_of`` groups messages.
    """
    sla = (STOCK_SLA if which == "E29" else OTHER_SLA) * 1000
    due = m.event * 1000 + sla
    suspect = np.flatnonzero((m.applied > due) & (due <= world.clock.end_ts * 1000))
    if suspect.size == 0:
        return
    applied = effective_applied(m, suspect)
    late = suspect[applied > due[suspect]]
    applied = applied[applied > due[suspect]]
    slot = key_of * 10_000_000 + due // HOUR_MS
    slots, counts = np.unique(slot[np.isin(key_of, np.unique(key_of[late]))], return_counts=True)
    late_slots, late_counts = np.unique(slot[late], return_counts=True)
    whole = counts[np.searchsorted(slots, late_slots)]
    loud = late_slots[(whole >= 20) & (late_counts * 20 >= whole)]
    stale = applied > m.event[late] * 1000 + 3 * sla
    alarm = np.where(stale, m.event[late] + 3 * sla // 1000, 1 << 50)
    alarm = np.minimum(alarm, np.where(np.isin(slot[late], loud), (due[late] // HOUR_MS + 1) * 3600, 1 << 50))
    clean = np.where(applied >= NEVER_MS, NEVER_MS, (np.maximum(due[late], applied) // HOUR_MS + 2) * 3600)
    _spells(
        truth,
        world,
        which,
        Cols(key=key_of[late], due=due[late] // 1000, alarm=alarm, clean=clean, row=late),
        m,
        struck,
    )


def _spells(truth: Truth, world: World, which: str, late: Cols, m: Cols, struck: np.ndarray) -> None:
    """Runs of late messages that end with a clock hour without any; near miss: a run that reached no limit."""
    late = late.take(np.lexsort((late.due, late.key)))
    frame = pl.DataFrame({"key": late.key, "due": late.due, "alarm": late.alarm, "clean": late.clean, "row": late.row})
    spell = (pl.col("due") > pl.col("clean").cum_max().shift(1).over("key")).fill_null(True).cum_sum()
    runs = frame.with_columns(spell=spell).group_by("spell", maintain_order=True).agg(
        pl.col("key").first(), pl.col("due").min(), pl.col("alarm").min(), pl.col("clean").max(), pl.col("row").first()
    )  # fmt: skip
    row = runs["row"].to_numpy()
    alarm, clean = runs["alarm"].to_numpy(), runs["clean"].to_numpy()
    real = alarm < 1 << 50
    kind = np.where(real, np.where(np.isin(runs["key"].to_numpy(), struck), INJECTED, ORDINARY), NEAR_MISS)
    key = _names(m.interface[row])
    place = None
    if which == "E29":
        place = pl.Series(world.net.ids).gather(m.loc[row].astype(np.uint32))
        key = key + pl.Series(["|"]) + place
    opened = np.where(real, alarm, runs["due"].to_numpy())
    truth.add(
        which, key, kind, opened, np.where(real, clean, opened), "messages past the service level", location=place
    )


def view_truth(truth: Truth, world: World, negative: list[Cols]) -> None:
    """E28 of the systems that are not the record: views below zero at a cut; each closes within a week or so."""
    if not negative:
        return
    c = join(negative)
    frame = pl.DataFrame({"system": c.system, "loc": c.loc, "sku": c.sku, "day": c.day}).sort(
        "system", "loc", "sku", "day"
    )
    pair = ["system", "loc", "sku"]
    frame = frame.with_columns(run=(pl.col("day") - pl.col("day").shift(1).over(pair) > 8).fill_null(True).cum_sum())
    runs = frame.group_by("run", maintain_order=True).agg(
        pl.col(pair).first(), begin=pl.col("day").min(), end=pl.col("day").max()
    )
    bar, places = pl.Series(["|"]), pl.Series(world.net.ids).gather(runs["loc"].cast(pl.UInt32))
    key = (
        pl.Series(SYSTEMS).gather(runs["system"].cast(pl.UInt32))
        + bar
        + pl.Series(world.cat.sku).gather(runs["sku"].cast(pl.UInt32))
        + bar
        + places
    )
    opened = cut_ts(world, runs["begin"].to_numpy()) + 3600
    truth.add(
        "E28",
        key,
        ORDINARY,
        opened,
        cut_ts(world, runs["end"].to_numpy() + 8),
        "a system's view below zero",
        location=places,
    )


def mismatch_truth(truth: Truth, world: World, compared: list[Cols]) -> None:
    """E30: pairs whose views differ beyond the tolerance at two compared cuts running, from what the views held."""
    if not compared:
        return
    c = join(compared)
    frame = pl.DataFrame({
        "system": c.system, "loc": c.loc, "sku": c.sku, "day": c.day, "at": cut_ts(world, c.day),
        "bad": np.abs(c.gap) > np.maximum(1, 0.02 * np.abs(c.own)),
        "own": c.own_system,
    })  # fmt: skip
    frame = frame.unique(["system", "loc", "sku", "day"], maintain_order=True).sort("system", "loc", "sku", "day")
    pair = ["system", "loc", "sku"]
    frame = frame.with_columns(
        turn=(pl.col("bad") != pl.col("bad").shift(1).over(pair)).fill_null(True).cum_sum(),
        next=pl.col("at").shift(-1).over(pair),
    )
    runs = frame.filter("bad").group_by("turn", maintain_order=True).agg(
        pl.col("system", "loc", "sku", "own").first(), pl.len().alias("cuts"),
        pl.col("at").sort().slice(1, 1).first().alias("second"),
        pl.col("at").min().alias("begin"), pl.col("next").last(),
    )  # fmt: skip
    harmless = (
        frame.group_by(pair, maintain_order=True)
        .agg(pl.col("bad").any(), pl.col("at").min(), pl.col("own").first())
        .filter(~pl.col("bad"))
    )
    opened = runs.select(pl.coalesce("second", "begin")).to_series().to_numpy()
    real = runs["cuts"].to_numpy() >= 2
    closed = np.where(real, runs["next"].fill_null(NEVER_MS).to_numpy(), opened)
    truth.add(
        "E30",
        _pair_key(world, runs),
        np.where(real, INJECTED, NEAR_MISS),
        opened,
        closed,
        "a message was lost; the view stays off",
    )
    start = harmless["at"].to_numpy()
    truth.add("E30", _pair_key(world, harmless), NEAR_MISS, start, start, "a message was lost; within the tolerance")


def _pair_key(world: World, rows: pl.DataFrame) -> pl.Series:
    names, bar = pl.Series(SYSTEMS), pl.Series(["|"])
    own, other = names.gather(rows["own"].cast(pl.UInt32)), names.gather(rows["system"].cast(pl.UInt32))
    items, places = pl.Series(world.cat.sku), pl.Series(world.net.ids)
    return (
        own
        + pl.Series([">"])
        + other
        + pl.Series([":stock"])
        + bar
        + items.gather(rows["sku"].cast(pl.UInt32))
        + bar
        + places.gather(rows["loc"].cast(pl.UInt32))
    )
