"""The extracts that tell of fulfilment: allocation, reservations, picking, shipments with their scans, pickup.

Belongs here: turning the arrays of ``fulfil`` into the rows of each entity, with versions. Not here: headers, lines,
promises and events (``emit_orders``), or deciding anything.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, code, join, nullify, same
from signalbox.simulate.demand import World
from signalbox.simulate.emit_orders import Frames, key, optional
from signalbox.simulate.fulfil import (
    BACKORDER,
    LOST,
    NEVER,
    NO_CAPACITY,
    NO_STOCK_CANCEL,
    NO_STOCK_LATER,
    REFUSED,
    REJECTED,
    SPLIT,
)  # fmt: skip
from signalbox.simulate.network import CARRIERS, DC, STORE, TPL


def allocation(o: Cols, lines: Cols, f: Cols) -> Frames:
    """allocation_attempt, fulfilment_line (by version), reservation."""
    names = ("ALLOCATED", "NO_STOCK", "PARTIAL", "NO_CAPACITY", "NODE_REJECTED", "RULE_CONFLICT")
    tried = lines.take(np.flatnonzero((lines.try1 < NEVER) & ~lines.before_alloc))
    bad = np.isin(tried.outcome, (NO_STOCK_CANCEL, NO_STOCK_LATER, BACKORDER))
    busy = tried.outcome == NO_CAPACITY
    result = np.select([bad, tried.outcome == SPLIT, busy], [1, 2, np.where(tried.draw < 0.7, 3, 5)], 0)
    got = np.select([bad | busy, tried.outcome == SPLIT], [0, tried.qty - 1], tried.qty)
    parts = [
        Cols(
            at=tried.at,
            line=tried.line,
            no=np.ones(tried.at.size, dtype=np.int64),
            ts=tried.try1,
            result=result,
            loc=tried.node,
            asked=tried.qty,
            got=got,
        )
    ]
    again = tried.take(
        np.isin(tried.outcome, (NO_STOCK_CANCEL, NO_STOCK_LATER, BACKORDER, REJECTED, SPLIT, NO_CAPACITY))
    )
    failed = again.outcome == NO_STOCK_CANCEL
    split = again.outcome == SPLIT
    asked = np.where(split, 1, again.qty)
    when = np.where(again.outcome == BACKORDER, again.alloc, again.try2)
    loc = np.where(np.isin(again.outcome, (BACKORDER, NO_CAPACITY)), again.node, again.node2)
    parts.append(
        Cols(
            at=again.at,
            line=again.line,
            no=np.full(again.at.size, 2),
            ts=when,
            result=np.where(failed, 1, 0),
            loc=loc,
            asked=asked,
            got=np.where(failed, 0, asked),
        )
    )
    a = join(parts)
    attempts = a.frame(
        attempt_id=key(o, a.at, a.line, a.no), order_id=o.no[a.at], line_no="line", attempt_no="no", attempted_ts="ts",
        result_code=code(a.result, names), location_id="loc", requested_qty="asked", allocated_qty="got",
    )  # fmt: skip
    return {
        "allocation_attempt": attempts,
        "fulfilment_line": _fulfilment(o, lines, f),
        "reservation": _reservations(o, lines, f),
    }


_FL_STATES = ("assigned", "rejected", "picked", "short", "packed", "shipped", "ready", "collected", "cancelled")


def _fulfilment(o: Cols, lines: Cols, f: Cols) -> pl.DataFrame:
    """Versions 1 assigned, 2 short, rejected or cancelled, 3 shipped, ready or (nothing found) cancelled, 4 collected.

    A complete pick is told by the event; the version after it is the shipment's.
    """
    nothing, zero = f.done_qty == 0, np.zeros(f.li.size, dtype=np.int64)
    second = np.select([f.rejected, f.stopped, f.done_qty < f.qty], [1, 8, 3], 2)
    second_ts = np.select(
        [f.rejected, f.stopped, second == 3], [f.refused_at, lines.cancel_ts[f.li], f.pick_end], NEVER
    )
    third = np.select([f.pickup & ~nothing, ~nothing], [6, 5], 8)
    third_ts = np.where(nothing, f.pick_end + 300, np.where(f.pickup, f.pick_end + 60, f.shipped))
    third_ts = np.where(f.rejected | f.stopped, NEVER, third_ts)
    collected = np.where(f.pickup & ~nothing, o.collected[f.at], NEVER)
    done = np.where(f.stopped | f.rejected, 0, f.done_qty)
    rows = [
        (1, zero, f.assigned, zero, zero),
        (2, second, second_ts, done, zero),
        (3, third, third_ts, done, done),
        (4, np.full(f.li.size, 7), collected, done, done),
    ]
    versions = [
        Cols(fi=np.arange(f.li.size), version=np.full(f.li.size, v), state=state, ts=ts, picked=picked, shipped=shipped)
        for v, state, ts, picked, shipped in rows
    ]
    v = join(versions)
    v = v.take(v.ts < NEVER)
    return v.frame(
        fulfilment_line_id=key(o, f.at[v.fi], lines.line[f.li[v.fi]], f.part[v.fi]), order_id=o.no[f.at[v.fi]],
        line_no=lines.line[f.li[v.fi]], location_id=f.loc[v.fi], sku=lines.sku[f.li[v.fi]],
        planned_carrier_id=code(f.carrier[v.fi], CARRIERS), assigned_ts=f.assigned[v.fi],
        requested_qty=f.qty[v.fi], picked_qty="picked", shipped_qty="shipped", status_code=code(v.state, _FL_STATES),
        version_no="version", updated_ts="ts",
    )  # fmt: skip


def reservation_end(o: Cols, lines: Cols, f: Cols) -> np.ndarray:
    """When the hard reservation of an FL ends, consumed or released."""
    leaves = np.where(f.pickup, o.collected[f.at], f.shipped + f.kept)
    expired = f.pickup & (f.done_qty > 0) & (o.collected[f.at] >= NEVER)
    leaves = np.where(expired, o.hold_until[f.at] + HOUR, leaves)
    return np.select(
        [f.rejected, f.stopped, f.done_qty == 0], [f.refused_at, lines.cancel_ts[f.li], f.pick_end + 300], leaves
    )


def _reservations(o: Cols, lines: Cols, f: Cols) -> pl.DataFrame:
    end = reservation_end(o, lines, f)
    consumed = (f.done_qty > 0) & ~f.stopped & ~(f.pickup & (o.collected[f.at] >= NEVER))
    base = f.frame(
        reservation_id=key(o, f.at, lines.line[f.li], f.part), order_id=o.no[f.at], line_no=lines.line[f.li],
        sku=lines.sku[f.li],
        location_id="loc", quantity="qty", reservation_type=code(np.zeros(f.li.size), ("hard", "soft")),
        status_code=code(np.zeros(f.li.size), ("active", "released", "consumed")), created_ts="assigned",
        ended_ts=pl.Series([None] * f.li.size, dtype=pl.Int64), version_no=np.ones(f.li.size, dtype=np.int64),
        updated_ts="assigned",
    )  # fmt: skip
    ended = base.with_columns(
        status_code=code(np.where(consumed, 2, 1), ("active", "released", "consumed")), ended_ts=pl.Series(end),
        version_no=pl.lit(2, dtype=pl.Int64), updated_ts=pl.Series(end),
    )  # fmt: skip
    return pl.concat([base, ended])


def warehouse_tasks(world: World, o: Cols, lines: Cols, f: Cols) -> pl.DataFrame:
    """wms_task: pick and pack in the distribution centres, at the 3PL and in stores.

    What waits for pickup is not packed; one pack in 80 is followed by rework.
    """
    w = f.take(~f.rejected & ~f.stopped & np.isin(world.net.kind[f.loc], (DC, TPL, STORE)))
    packed = w.take((w.done_qty > 0) & ~w.pickup)
    rng = world.rng("rework", int(o.no[0]) if o.size else 0)
    redone = packed.take(rng.random(packed.li.size) < world.scale.odds(1 / 80))
    n = redone.li.size
    parts = [
        Cols(kind=np.zeros(w.li.size), w=w.at, li=w.li, part=w.part, loc=w.loc, asked=w.qty, done=w.done_qty,
            start=w.pick_start, end=w.pick_end, again=np.full(w.li.size, -1)),
        Cols(kind=np.ones(packed.li.size), w=packed.at, li=packed.li, part=packed.part, loc=packed.loc,
            asked=packed.done_qty, done=packed.done_qty, start=packed.pick_end, end=packed.pack_end,
            again=np.full(packed.li.size, -1)),
        Cols(kind=np.full(n, 2), w=redone.at, li=redone.li, part=redone.part, loc=redone.loc, asked=redone.done_qty,
            done=redone.done_qty, start=redone.pack_end, end=redone.pack_end + rng.integers(120, 1500, n),
            again=rng.choice(4, n, p=[0.3, 0.4, 0.2, 0.1])),
    ]  # fmt: skip
    t = join(parts)
    fl = key(o, t.w, lines.line[t.li], t.part)
    return t.frame(
        task_id=fl * 10 + t.kind.astype(np.int64) + 1, task_type=code(t.kind, ("pick", "pack", "rework")),
        rework_code=code(t.again, ("repick", "repack", "relabel", "put_back")),
        fulfilment_line_id=fl, location_id="loc",
        sku=lines.sku[t.li], requested_qty="asked", done_qty="done", started_ts="start", ended_ts="end",
    )  # fmt: skip


def shipments(o: Cols, lines: Cols, f: Cols, s: Cols) -> Frames:
    """shipment, shipment_line, shipment_cost, shipment_event."""
    n = s.at.size
    frame = s.frame(
        shipment_id="no", order_id=o.no[s.at], location_id="loc", carrier_id=code(s.carrier, CARRIERS),
        shipped_ts="shipped",
        ship_notice_ts="notice", is_replacement=np.zeros(n, dtype=bool), parcel_count="parcels",
        status_code=code(np.zeros(n), ("shipped", "cancelled")), version_no=np.ones(n, dtype=np.int64),
        updated_ts="notice",
    )  # fmt: skip
    m = f.take(f.ship >= 0)
    parcel = s.no[m.ship] * 10 + 1 + (lines.line[m.li] % s.parcels[m.ship])
    content = m.frame(
        shipment_id=s.no[m.ship], parcel_id=parcel, order_id=o.no[m.at], line_no=lines.line[m.li], sku=lines.sku[m.li],
        quantity="done_qty", packed_ts="pack_end", _deliver=s.notice[m.ship],
    )  # fmt: skip
    costs = [
        (0, s.freight, np.ones(n, dtype=bool)),
        (1, s.freight * 6 // 100, np.ones(n, dtype=bool)),
        (2, s.freight // 2, s.premium),
    ]
    rows = [
        pl.DataFrame({
            "shipment_id": s.no[mask], "cost_type": code(np.full(int(mask.sum()), which), ("freight",
                    "fuel_surcharge", "premium")),
            "amount": amount[mask], "currency_code": same("EUR", int(mask.sum())), "cost_ts": s.shipped[mask] + 7200,
        })
        for which, amount, mask in costs
    ]  # fmt: skip
    return {"shipment": frame, "shipment_line": content, "shipment_cost": pl.concat(rows), "shipment_event": _scans(s)}


ON_WAY = 5_000_000_000_000_000  # added to the number of a scan at a depot
_SCANS = (
    "picked_up",
    "in_transit",
    "attempted",
    "delivered",
    "refused",
    "damaged",
    "lost",
    "held",
    "returned_to_sender",
)


def _scans(s: Cols) -> pl.DataFrame:
    """Scans of every parcel of a shipment; the parcels of one shipment travel together."""
    end_type = np.array([3, 6, 5, 4])[s.result]
    back = np.where(s.result == REFUSED, s.end + 2 * DAY, NEVER)
    end = np.where(s.result == LOST, s.end + 3 * DAY, s.end)
    scans = [(0, s.picked_up), (1, s.hub), (2, s.attempt), (3, end), (8, back)]
    parts = []
    for parcel in (1, 2):
        has = np.flatnonzero(s.parcels >= parcel)
        for which, ts in scans:
            kind = end_type[has] if which == 3 else np.full(has.size, which)
            parts.append(
                Cols(si=has, parcel=np.full(has.size, parcel), which=np.full(has.size, which), kind=kind, ts=ts[has])
            )
        for night in range(s.depots.shape[1]):
            seen = np.flatnonzero((s.parcels >= parcel) & (s.depots[:, night] < NEVER))
            on_way = np.ones(seen.size, dtype=np.int64)
            parts.append(
                Cols(si=seen, parcel=on_way * parcel, which=on_way * 10 + night, kind=on_way, ts=s.depots[seen, night])
            )
    e = join(parts)
    e = e.take(e.ts < NEVER)
    parcel = s.no[e.si] * 10 + e.parcel
    number = np.where(e.which < 10, parcel * 10 + e.which, ON_WAY + parcel * 100 + e.which)
    why = np.select([s.no[e.si] % 25 == 0, s.no[e.si] % 5 == 0], [2, 3], 0)
    reason = np.select([e.which == 2, e.kind == 4], [why, 1], -1)
    return e.frame(
        event_id=number, shipment_id=s.no[e.si], parcel_id=parcel,
        carrier_id=code(s.carrier[e.si], CARRIERS),
        event_type=code(e.kind, _SCANS), event_ts="ts", eta_ts=nullify(s.eta[e.si], e.which > 1),
        reason_code=code(reason, ("absent", "refused", "address", "weather", "customs", "other")),
    )  # fmt: skip


def pickup_tasks(o: Cols, lines: Cols, p: Cols) -> pl.DataFrame:
    """pickup_task: 1 open, 2 ready (told with it or in version 3), 4 collected, expired, cancelled or not found."""
    n, at = p.li.size, p.at
    zero, none = np.zeros(n, dtype=np.int64), np.full(n, NEVER)
    told = o.notified[at]
    prompt = told <= p.ready + 600
    ready_at = np.where(prompt, np.maximum(told, p.ready), p.ready)
    ready_at = np.where(p.done_qty > 0, ready_at, NEVER)
    gone = (p.done_qty > 0) & (p.collected >= NEVER)
    stopped = p.stopped
    end = np.select(
        [p.done_qty > 0, stopped],
        [np.where(gone, o.hold_until[at] + HOUR, p.collected), lines.cancel_ts[p.li]],
        p.pick_end + 60,
    )
    end_state = np.select([gone, p.done_qty > 0, stopped], [3, 2, 4], 5)
    rows = [
        (1, zero, p.assigned, none, none, none), (2, zero + 1, ready_at, p.ready, np.where(prompt, told, NEVER), none),
        (3, zero + 1, np.where(prompt | (p.done_qty == 0), NEVER, told), p.ready, told, none),
        (4, end_state, end, p.ready, told, p.collected),
    ]  # fmt: skip
    v = join([
        Cols(pi=np.arange(n), version=np.full(n, k), state=state, ts=ts, ready=ready, told=tell, taken=taken)
        for k, state, ts, ready, tell, taken in rows
    ])  # fmt: skip
    v = v.take(v.ts < NEVER)
    pi = v.pi
    is_ready = (v.ready < NEVER) & (v.version > 1)
    return v.frame(
        order_id=o.no[at[pi]], line_no=lines.line[p.li[pi]], location_id=p.loc[pi], requested_qty=p.qty[pi],
        ready_qty=np.where(is_ready, p.done_qty[pi], 0), assigned_ts=p.assigned[pi],
        ready_ts=nullify(v.ready, ~is_ready),
        notified_ts=nullify(v.told, ~is_ready | (v.told >= NEVER)), collected_ts=optional(v.taken),
        collected_qty=nullify(p.done_qty[pi], v.taken >= NEVER), hold_until_ts=nullify(o.hold_until[at[pi]], ~is_ready),
        status_code=code(v.state, ("open", "ready", "collected", "expired", "cancelled", "not_found")),
        version_no="version", updated_ts="ts",
    )  # fmt: skip
