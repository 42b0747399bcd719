"""Faults of carriers: parcels that nobody scans for days, and the truth about them.

Belongs here: E22a. Not here: what a carrier tells as lost, damaged or refused (``inject_fulfilment``), broken promises
(``inject_orders``). The hours of the limit run on working days without the holidays of the business calendar.
"""

from __future__ import annotations

import csv
from datetime import date

import numpy as np
import polars as pl

from signalbox.settings import PROJECT_ROOT
from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, code
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import DELIVERED, LOST, NEVER, OK
from signalbox.simulate.inject_orders import first_promise
from signalbox.simulate.network import CHANNELS
from signalbox.simulate.truth import INJECTED, NEAR_MISS, ORDINARY, Truth

CALENDAR = PROJECT_ROOT / "dbt_project" / "seeds" / "business_calendar.csv"
LIMIT_DAYS = 2  # working days of 24 hours without a scan
_SPAN = 400  # days before the first and after the last that deadlines may fall on


def deadline(world: World, ts: np.ndarray) -> np.ndarray:
    """When the limit has passed since a scan, in working time of the carriers."""
    clock = world.clock
    with CALENDAR.open(encoding="utf-8", newline="") as handle:
        closed = {r["calendar_date"] for r in csv.DictReader(handle) if r["owner_role"] == "*" and not r["opens_local"]}
    off = {(date.fromisoformat(day) - clock.first).days for day in closed if day}
    days = np.arange(-_SPAN, clock.days + _SPAN)
    works = (clock.weekday(days) != 7) & ~np.isin(days, sorted(off))
    number = np.cumsum(works)
    begun, tod = clock.local(np.minimum(ts, clock.end_ts + 300 * DAY))
    at = begun + _SPAN
    due = np.searchsorted(number, number[at] + LIMIT_DAYS) - _SPAN
    return np.where(works[at], clock.utc(due, tod), clock.utc(due + 1, np.zeros_like(tod)))


def silence_faults(world: World, plan: Plan, o: Cols, lines: Cols, s: Cols, first: int, end: int) -> None:
    """E22a: parcels that stand at the last depot for days; near misses are delivered some hours before the limit."""
    s.silent = np.zeros(s.at.size, dtype=np.int64)
    plain = np.ones(o.size, dtype=bool)
    plain[lines.at[lines.outcome != OK]] = False
    limit = deadline(world, s.hub)
    fit = (s.result == DELIVERED) & (s.attempt >= NEVER) & (o.ship_mark[s.at] == 0) & plain[s.at] & ~o.is_test[s.at]
    fit &= (s.end < limit) & (s.eta <= first_promise(o)[s.at])
    for near in (False, True):
        hit = plan.pick("E22a", first, end, np.flatnonzero(fit), near)
        wait = plan.minutes("E22a", first, hit.size, 60, 600 if near else 6000, "near size" if near else "size")
        s.end[hit] = limit[hit] + np.where(near, -wait, wait)
        s.silent[hit] = -1 if near else 1
        fit[hit] = False
    s.delivered = np.where(s.result == DELIVERED, s.end, NEVER)


def silence_truth(truth: Truth, world: World, o: Cols, lines: Cols, f: Cols, s: Cols) -> None:
    """E22a of a slice: every parcel without a scan for the limit, or with an estimate after its promise."""
    moved = np.flatnonzero(f.ship >= 0)
    ship = f.ship[moved]
    parcel, index = np.unique(s.no[ship] * 10 + 1 + lines.line[f.li[moved]] % s.parcels[ship], return_index=True)
    ship = ship[index]
    keep = ~o.is_test[s.at[ship]]
    parcel, ship = parcel[keep], ship[keep]
    promise = first_promise(o)[s.at[ship]]
    final = s.end[ship] + np.where(s.result[ship] == LOST, 3 * DAY, 0)
    tried = s.attempt[ship]
    opened = np.full(ship.size, NEVER)
    last_way = np.where(s.depots[ship] < NEVER, s.depots[ship], 0).max(axis=1, initial=0)
    way = np.maximum(last_way, s.picked_up[ship])
    for begun, until in ((way, s.hub[ship]), (s.hub[ship], np.minimum(tried, final)), (tried, final)):
        limit = np.where(begun < NEVER, deadline(world, np.minimum(begun, NEVER - 1)), NEVER)
        opened = np.minimum(opened, np.where((begun < NEVER) & (until > limit), limit, NEVER))
    opened = np.where(s.eta[ship] > promise, s.picked_up[ship], opened)
    real = opened < NEVER
    kind = np.where(real, np.where(s.silent[ship] == 1, INJECTED, ORDINARY), NEAR_MISS)
    rows = np.flatnonzero(real | (s.silent[ship] == -1))
    names = [
        pl.select(pl.lit(prefix) + pl.Series(number).cast(pl.String).str.zfill(9)).to_series()
        for prefix, number in (("SH", s.no[ship[rows]]), ("PC", parcel[rows]))
    ]
    begun = np.where(real, opened, s.hub[ship] + HOUR)[rows]
    truth.add(
        "E22a",
        names[0] + pl.Series(["|"]) + names[1],
        kind[rows],
        begun,
        np.where(real[rows], final[rows], begun),
        "no scan for days, or expected after the promise",
        channel=code(o.channel[s.at[ship[rows]]], CHANNELS).cast(pl.String),
    )
