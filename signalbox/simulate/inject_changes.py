"""Faults of changes to orders: substitutes, edits after the release, reservations that outlive their need.

Belongs here: E14, E16, E31, and the truth about them. Not here: orders that stand still (``inject_delays``), what
the channel delivers twice (``inject_orders``).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import HOUR
from signalbox.simulate.cols import Cols, code, join
from signalbox.simulate.demand import World
from signalbox.simulate.emit_orders import BUYER, HUMAN, Events, Frames, key
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER, NO_STOCK_CANCEL, OK, REASONS
from signalbox.simulate.inject_delays import last_lines, order_names, plain_orders
from signalbox.simulate.inject_orders import line_keys
from signalbox.simulate.network import CHANNELS
from signalbox.simulate.truth import INJECTED, NEAR_MISS, Truth

EDIT_LIMIT = 15 * 60
RESERVATION_LIMIT = 30 * 60
TWICE = 7  # last digit of the number of a reservation that was made twice


def substitutes(world: World, plan: Plan, o: Cols, lines: Cols, first: int, end: int) -> Cols:
    """E14: an item that is not there is replaced by another, and nobody asks the customer, or only hours later.

    The customers of near misses had agreed before. The line of the substitute stands behind the others of its order.
    """
    none = np.full(lines.at.size, NEVER)
    lines.sub_for, lines.sub_ts, lines.sub_ok = np.zeros(lines.at.size, dtype=np.int64), none, none.copy()
    lines.sub_near = np.zeros(lines.at.size, dtype=bool)
    plain = plain_orders(world, o, lines)
    some = np.flatnonzero(plain)
    dear = last_lines(lines, some)
    other = _cheaper(world, lines, dear)
    fit = np.zeros(o.size, dtype=bool)
    fit[some[(other >= 0) & (lines.promo[dear] < 0)]] = True
    parts = [lines]
    for near in (False, True):
        hit = plan.pick("E14", first, end, np.flatnonzero(fit), near)
        fit[hit], o.struck[hit], o.patience[hit] = False, True, 3
        gone = last_lines(lines, hit)
        lines.outcome[gone] = NO_STOCK_CANCEL
        lines.later[gone] = plan.minutes("E14", first, hit.size, 10, 50, "near size" if near else "size")
        new = lines.take(gone)
        new.sub_ts = new.try1 + 600 + new.later + new.later // 2 + 60
        new.outcome, new.try1 = np.full(hit.size, OK), new.sub_ts + 60
        new.sub_for, new.line, new.sku = new.line, new.line + 1, other[np.searchsorted(some, hit)]
        asked = plan.minutes("E14", first, hit.size, 60, 1200, "asked")
        new.sub_ok = new.sub_ts - 30 if near else np.where(np.arange(hit.size) % 3 == 1, new.sub_ts + asked, NEVER)
        new.sub_near = np.full(hit.size, near)
        parts.append(new)
    joined = join(parts)
    return joined.take(np.argsort(joined.at, kind="stable"))


def _cheaper(world: World, lines: Cols, index: np.ndarray) -> np.ndarray:
    """The item nearest below each line's in cost, taxed alike and kept by the same warehouse; -1 for none."""
    cat, sku, node = world.cat, lines.sku[index], lines.node[index]
    cost = cat.standard.max(axis=1)
    fit = (cat.drop_node < 0)[None, :] & (cat.tax[None, :] == cat.tax[sku][:, None]) & cat.ranged[node]
    fit &= cost[None, :] < cost[sku][:, None]
    best = np.where(fit, cost[None, :], -1).argmax(axis=1) if index.size else index
    return np.where(fit[np.arange(index.size), best], best, -1)


def change_truth(truth: Truth, world: World, o: Cols, lines: Cols, f: Cols) -> None:
    """E14 and E31 of a slice; a substitute that was never agreed to does not end, since it left."""
    some = lines.take(np.flatnonzero(lines.sub_for > 0))
    truth.add(
        "E14", line_keys(o, some), np.where(some.sub_near, NEAR_MISS, INJECTED), some.try1,
        np.where(some.sub_near, some.try1, some.sub_ok), "substitute that the customer had not agreed to",
        channel=code(o.channel[some.at], CHANNELS).cast(pl.String),
    )  # fmt: skip
    _reservations(truth, world, o, lines, f)


def reservation_faults(world: World, plan: Plan, o: Cols, lines: Cols, f: Cols, first: int, end: int) -> None:
    """E31: units reserved a second time after a time-out, or kept after they left; near misses are released soon."""
    f.kept = np.zeros(f.li.size, dtype=np.int64)
    f.twin_from, f.twin_until = np.full((2, f.li.size), NEVER)
    f.twin_near = np.zeros(f.li.size, dtype=bool)
    fit = plain_orders(world, o, lines)[f.at] & (f.done_qty == f.qty) & ~f.rejected & ~f.pickup
    for near in (False, True):
        hit = plan.pick("E31", first, end, np.flatnonzero(fit), near)
        limits = (5, 29) if near else (32, 2400)
        wait = plan.minutes("E31", first, hit.size, *limits, "near size" if near else "size")
        kept = np.arange(hit.size) % 3 == 1
        f.kept[hit[kept]] = wait[kept]
        again = hit[~kept]
        f.twin_from[again] = f.assigned[again] + 40
        forgotten = np.arange(again.size) % 3 == 2
        f.twin_until[again] = np.where(forgotten & (not near), NEVER, f.twin_from[again] + wait[~kept])
        f.twin_near[hit] = near
        o.struck[f.at[hit]] = True
        fit &= ~o.struck[f.at]


def reserved_twice(o: Cols, lines: Cols, f: Cols) -> pl.DataFrame:
    """The reservations that a time-out made a second time: active, and released where somebody saw them."""
    index = np.flatnonzero(f.twin_from < NEVER)
    t = f.take(index)
    states = ("active", "released", "consumed")
    base = t.frame(
        reservation_id=key(o, t.at, lines.line[t.li], TWICE), order_id=o.no[t.at], line_no=lines.line[t.li],
        sku=lines.sku[t.li], location_id="loc", quantity="qty",
        reservation_type=code(np.zeros(t.li.size), ("hard", "soft")), status_code=code(np.zeros(t.li.size), states),
        created_ts="twin_from", ended_ts=pl.Series([None] * t.li.size, dtype=pl.Int64),
        version_no=np.ones(t.li.size, dtype=np.int64), updated_ts="twin_from",
    )  # fmt: skip
    until = pl.Series(t.twin_until)
    ended = base.with_columns(
        status_code=code(np.ones(t.li.size), states), ended_ts=until, version_no=pl.lit(2, dtype=pl.Int64),
        updated_ts=until,
    )  # fmt: skip
    return pl.concat([base, ended.filter(pl.col("updated_ts") < NEVER)])


def held_twice(lines: Cols, f: Cols) -> Cols:
    """Their intervals, as hard reservations."""
    t = f.take(f.twin_from < NEVER)
    return Cols(loc=t.loc, sku=lines.sku[t.li], qty=t.qty, begin=t.twin_from, end=t.twin_until)


def _reservations(truth: Truth, world: World, o: Cols, lines: Cols, f: Cols) -> None:
    some = np.flatnonzero((f.kept > 0) | (f.twin_from < NEVER))
    t = f.take(some)
    twin = t.twin_from < NEVER
    opened = np.where(twin, t.twin_from, t.shipped) + RESERVATION_LIMIT
    ended = np.where(twin, t.twin_until, t.shipped + t.kept)
    truth.add(
        "E31", line_keys(o, lines).gather(t.li), np.where(t.twin_near, NEAR_MISS, INJECTED), opened,
        np.where(t.twin_near, opened, ended), "more is reserved than the line needs",
        location=pl.Series(world.net.ids).gather(t.loc.astype(np.uint32)),
        channel=code(o.channel[t.at], CHANNELS).cast(pl.String),
    )  # fmt: skip


def edits(
    world: World, plan: Plan, truth: Truth, o: Cols, lines: Cols, f: Cols, ordered: Frames, first: int, end: int
) -> Frames:  # fmt: skip
    """E16: another address while the parcel waits, told to nobody at the node, or confirmed too late.

    Near misses are confirmed within the limit, or packed before it ends. Also what tells of substitutes: whose line
    is replaced, and who agreed.
    """
    events = Events(o)
    _substituted(events, lines)
    packed, left = np.zeros((2, o.size), dtype=np.int64)
    np.maximum.at(packed, f.at, f.pack_end)
    np.maximum.at(left, f.at, f.shipped)
    fit = plain_orders(world, o, lines) & (left - packed > 4 * HOUR)
    struck = []
    for near in (False, True):
        hit = plan.pick("E16", first, end, np.flatnonzero(fit), near)
        rng = plan.stream("E16", first, f"when {near}")
        edit = packed[hit] + ((left[hit] - packed[hit] - 2 * HOUR) * rng.uniform(0.05, 0.95, hit.size)).astype(np.int64)
        early = np.arange(hit.size) % 2 == 1
        edit = np.where(early & near, packed[hit] - rng.integers(60, EDIT_LIMIT - 60, hit.size), edit)
        edit = np.maximum(edit, o.release[hit] + 1)
        told = edit + rng.integers(*((180, EDIT_LIMIT - 30) if near else (EDIT_LIMIT + 60, 2 * HOUR)), hit.size)
        told = np.where(early, NEVER, told)
        opened, kind = edit + EDIT_LIMIT, NEAR_MISS if near else INJECTED
        stamp = pl.Series(edit * 1_000_000).cast(pl.Datetime("us")).dt.strftime("%Y-%m-%dT%H:%M:%S")
        truth.add(
            "E16", order_names(o.no[hit]) + pl.Series(["|"]) + stamp, kind, opened, opened if near else told,
            "address changed after the release", channel=code(o.channel[hit], CHANNELS).cast(pl.String),
        )  # fmt: skip
        events.add("edited", hit, edit, actor=HUMAN, klass=1, initiator=0, reason=REASONS.index("address"), part=TWICE)
        events.add("acknowledged", hit, told, part=TWICE)
        struck.append(Cols(no=o.no[hit], edit=edit))
        fit[hit], o.struck[hit] = False, True
    ordered["sales_order"] = _moved(ordered["sales_order"], join(struck))
    if (lines.sub_for > 0).any():
        ordered["sales_order_line"] = _replaced(o, lines, ordered["sales_order_line"])
    return {"order_event": events.frame()}


def _substituted(events: Events, lines: Cols) -> None:
    some = lines.take(np.flatnonzero(lines.sub_for > 0))
    asked = some.take(some.sub_ok < NEVER)
    no_stock = REASONS.index("no_stock")
    events.add("substituted", some.at, some.sub_ts, some.line, some.qty, actor=HUMAN, klass=1, initiator=1,
               reason=no_stock)  # fmt: skip
    events.add("substituted", asked.at, asked.sub_ok, asked.line, asked.qty, actor=BUYER, initiator=0,
               reason=no_stock, part=1)  # fmt: skip


def _moved(headers: pl.DataFrame, struck: Cols) -> pl.DataFrame:
    """Headers and, of those whose address was changed, the next version."""
    if struck.size == 0:
        return headers
    moved = headers.join(struck.frame(order_id="no", _edit="edit"), on="order_id", how="inner")
    moved = moved.with_columns(
        ship_to_postcode=pl.col("ship_to_postcode") + 1, version_no=pl.col("version_no") + 1, updated_ts=pl.col("_edit")
    )
    return pl.concat([headers, moved.drop("_edit")])


def _replaced(o: Cols, lines: Cols, frame: pl.DataFrame) -> pl.DataFrame:
    """Order lines with the line that each one substitutes."""
    some = lines.take(np.flatnonzero(lines.sub_for > 0))
    links = some.frame(order_id=o.no[some.at], line_no="line", substitute_for_line_no="sub_for", _since="sub_ts")
    joined = frame.join(links, on=["order_id", "line_no"], how="left", maintain_order="left")
    return joined.with_columns(updated_ts=pl.coalesce("_since", "updated_ts")).drop("_since")
