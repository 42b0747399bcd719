"""Faults of what is not told: statuses of drop-ship suppliers, and records that a target loses without a word; and the
truth about them.

Belongs here: E63, E66e. Not here: messages that fail or stay away (``inject_messages``, ``inject_interfaces``), what
suppliers of stock answer (``inject_supplier``).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, code
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.inject_money import business_deadline
from signalbox.simulate.inject_orders import line_keys
from signalbox.simulate.inject_supplier import business_time
from signalbox.simulate.network import CHANNELS, DROP
from signalbox.simulate.truth import INJECTED, NEAR_MISS, Truth
from signalbox.simulate.writer import Writer

STATUSES = ("acknowledged", "invoiced")
ANSWER, BILL = 8 * HOUR, 5  # office hours after the assignment, and business days after the promise
TOLERANCE, CUTS = 0.001, 3


def unsaid(
    world: World, plan: Plan, truth: Truth, o: Cols, lines: Cols, f: Cols, events: pl.DataFrame, first: int, end: int
) -> pl.DataFrame:
    """E63: order events without the acknowledgement or invoice of some drop-ship lines, or with a late one.

    Near misses come in the last hour.
    """
    if not plan.due("E63", first, end) + plan.due("E63", first, end, near=True):
        return events
    clock = world.clock
    whole = (f.done_qty == f.qty) & ~f.stopped & ~f.rejected & (f.part == 1) & ~o.is_test[f.at]
    some = np.flatnonzero((world.net.kind[f.loc] == DROP) & whole)
    d = f.take(np.tile(some, 2))
    status = np.repeat([0, 1], some.size)
    promised = clock.day(np.minimum(o.latest[d.at], clock.end_ts + 30 * DAY))
    due = np.where(status == 0, business_time(clock, d.assigned, ANSWER), business_deadline(clock, promised, BILL))
    fit = due < clock.end_ts - DAY
    of_line = Cols(at=d.at, line=lines.line[d.li])
    for near in (False, True):
        hit = plan.pick("E63", first, end, np.flatnonzero(fit), near)
        wait = plan.minutes("E63", first, hit.size, *((1, 55) if near else (20, 4000)), "near size" if near else "size")
        never = (plan.stream("E63", first, "how").random(hit.size) < 0.5) & (not near)
        told = np.where(never, NEVER, due[hit] + np.where(near, -wait, wait))
        fit[np.isin(d.li, d.li[hit])] = False
        v = of_line.take(hit)
        asked = pl.DataFrame({
            "order_id": o.no[v.at], "line_no": v.line, "event_type": code(status[hit], STATUSES).cast(pl.String),
            "_told": told,
        })  # fmt: skip
        events = _retold(events, asked)
        truth.add(
            "E63", line_keys(o, v) + pl.Series(["|"]) + asked["event_type"], NEAR_MISS if near else INJECTED, due[hit],
            due[hit] if near else told, "a drop-ship status missing", channel=code(o.channel[v.at], CHANNELS),
            location=pl.Series(world.net.ids[d.loc[hit]]),
        )  # fmt: skip
    return events


def _retold(events: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """Events with other times; what is told NEVER is left out."""
    keys = ["order_id", "line_no", "_name"]
    asked = asked.rename({"event_type": "_name"}).with_columns(
        pl.col("order_id").cast(events["order_id"].dtype), pl.col("line_no").cast(events["line_no"].dtype)
    )
    found = events.with_columns(_name=pl.col("event_type").cast(pl.String)).join(
        asked, on=keys, how="left", maintain_order="left"
    )
    told = pl.coalesce("_told", "event_ts")
    return found.with_columns(event_ts=told).filter(told < NEVER).select(events.columns)


def drift(
    plan: Plan, truth: Truth, writer: Writer, totals: pl.DataFrame, first: int, end: int
) -> pl.DataFrame:  # fmt: skip
    """E66e: control totals of targets that lack records for some days, until somebody loads them again.

    Near misses lack them at two cuts only, or so few that it is within the tolerance.
    """
    if not plan.due("E66e", first, end) + plan.due("E66e", first, end, near=True):
        return totals
    days, half = end - first, totals.height // 2
    source, target = totals[:half], totals[half:]  # each by interface and day
    sent = source["record_count"].to_numpy().reshape(-1, days)
    cut = source["cut_ts"].to_numpy().astype(np.int64).reshape(-1, days)
    name = (source["interface_id"].cast(pl.String) + "|" + source["object_type"].cast(pl.String))[::days]
    lost, fit = np.zeros_like(sent), sent[:, days // 3] >= 60
    for near in (False, True):
        hit = plan.pick("E66e", first, end, np.flatnonzero(fit), near)
        fit[hit] = False
        rng = plan.stream("E66e", first, "near size" if near else "size")
        for k, which in enumerate(hit.tolist()):
            day = int(rng.integers(days // 3, max(days * 2 // 3, days // 3 + 1)))
            few = int(TOLERANCE * sent[which, day])
            stays = 2 if near and not (few and k % 2) else int(rng.integers(4, 10))
            part = few if near and stays > 2 else max(int(sent[which, day] * rng.uniform(0.003, 0.02)), 1)
            lost[which, day : min(day + stays, days - 1)] = part
            _drift_row(truth, writer, name[which], lost[which] > TOLERANCE * sent[which], cut[which], near, day)
    share = pl.Series(lost.ravel() / np.maximum(sent.ravel(), 1))
    less = [
        (pl.col(c) - (pl.col(c) * share).round().cast(pl.Int64)).alias(c) for c in ("quantity_total", "value_total")
    ]
    return pl.concat([source, target.with_columns(pl.col("record_count") - pl.Series(lost.ravel()), *less)])


def _drift_row(
    truth: Truth, writer: Writer, name: str, is_off: np.ndarray, cut: np.ndarray, near: bool, day: int
) -> None:  # fmt: skip
    """One run of cuts that are off: open with the third, closed by the first that is not."""
    off = np.flatnonzero(is_off)
    real = off.size >= CUTS
    opened = cut[[off[CUTS - 1]]] if real else cut[[day]]
    closed = cut[[off[-1] + 1]] if real and off[-1] + 1 < cut.size else np.array([NEVER])
    if real == near:
        return
    told = np.minimum(writer.clock.day(opened), writer.clock.days - 1)  # a cut at midnight comes with the day after it
    truth.add(
        "E66e", pl.Series([name]), NEAR_MISS if near else INJECTED, opened, opened if near else closed,
        "a target lacks records and no message says so", known=writer.arrivals("control_total")[told],
    )  # fmt: skip


__all__ = ["drift", "unsaid"]
