"""Faults of approvals, and the truth about them.

Belongs here: E66g. Not here: what a decision leads to, since nothing else in the simulated world waits for one.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import DAY, HOUR, Clock
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.inject_money import free_days
from signalbox.simulate.truth import INJECTED, NEAR_MISS, ORDINARY, Truth

OPENS, CLOSES, LEVEL = 8 * HOUR, 17 * HOUR, 8 * HOUR  # the hours of the control team, and the service level in them
WEEK = 7 * DAY


def approval_faults(world: World, plan: Plan, truth: Truth, requests: pl.DataFrame) -> pl.DataFrame:
    """approval_request with decisions that come days late, and near misses minutes before the deadline."""
    half = requests.height // 2
    asked, done = requests[:half], requests[half:]
    submitted = asked["submitted_ts"].to_numpy().astype(np.int64)
    decided = done["decided_ts"].to_numpy().astype(np.int64).copy()
    promo = asked["promotion_id"].fill_null(-1).to_numpy().astype(np.int64)
    due = np.array([worked_until(world.clock, int(ts)) for ts in submitted])
    begin = world.clock.utc(world.cat.promo_start, np.zeros(world.cat.promo_start.size, dtype=np.int64))
    start = np.where(promo >= 0, begin[np.maximum(promo, 0)], NEVER)
    due = np.where(start > submitted, np.minimum(due, start), due)
    fit = (promo < 0) & (decided <= due) & (due < world.clock.end_ts - 6 * DAY)
    hit = plan.pick("E66g", 0, plan.days, np.flatnonzero(fit))
    decided[hit] = due[hit] + plan.minutes("E66g", 0, hit.size, 20, 6000)
    fit[hit] = False
    close = plan.pick("E66g", 0, plan.days, np.flatnonzero(fit), near=True)
    decided[close] = due[close] - plan.minutes("E66g", 0, close.size, 0.1, 10, "near size")
    _truth(truth, asked["request_id"].to_numpy(), due, decided, hit, close)
    done = done.with_columns(decided_ts=pl.Series(decided), updated_ts=pl.Series(decided))
    return pl.concat([asked, done])


def _truth(
    truth: Truth, number: np.ndarray, due: np.ndarray, decided: np.ndarray, hit: np.ndarray, close: np.ndarray
) -> None:
    """Steps that were late; what is late again within a week goes on with the same request."""
    for request in np.unique(number[decided > due]):
        rows: list[tuple[int, int]] = []
        steps = np.flatnonzero((number == request) & (decided > due))
        for step in steps[np.argsort(due[steps])]:
            if rows and due[step] - rows[-1][1] <= WEEK:
                rows[-1] = (rows[-1][0], max(rows[-1][1], int(decided[step])))
            else:
                rows.append((int(due[step]), int(decided[step])))
        kind = INJECTED if np.isin(steps, hit).any() else ORDINARY
        for opened, closed in rows:
            key = request_key(np.array([request]))
            truth.add("E66g", key, kind, np.array([opened]), np.array([closed]), "decided too late")
    truth.add("E66g", request_key(number[close]), NEAR_MISS, due[close], due[close], "decided just in time")


def request_key(number: np.ndarray) -> pl.Series:
    return pl.select(pl.lit("AP") + pl.Series(number).cast(pl.String).str.zfill(9)).to_series()


def worked_until(clock: Clock, ts: int) -> int:
    """The instant at which the service level has been worked since ``ts``."""
    days, seconds = clock.local(np.array([ts]))
    day, left = int(days[0]), LEVEL
    begin = max(int(seconds[0]), OPENS)
    free = free_days(clock)
    while True:
        works = int(clock.weekday(np.array([day]))[0]) < 6 and day not in free
        if works and begin < CLOSES:
            if begin + left <= CLOSES:
                return int(clock.utc(np.array([day]), np.array([begin + left]))[0])
            left -= CLOSES - begin
        day, begin = day + 1, OPENS
