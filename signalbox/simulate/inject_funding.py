"""Faults of supplier funding, and the truth about them.

Belongs here: E44a. Not here: what suppliers owe and pay (``books``).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import DAY
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.truth import INJECTED, NEAR_MISS, ORDINARY, Truth

LIMIT = 3 * DAY


def evidence_faults(
    world: World, plan: Plan, truth: Truth, promo: np.ndarray, key: pl.Series, shown: np.ndarray
) -> np.ndarray:
    """When the evidence of each agreement is recorded, with that of some late or never; near misses just in time."""
    start = world.clock.utc(world.cat.promo_start[promo], np.zeros(promo.size, dtype=np.int64))
    opened, shown = start - LIMIT, shown.copy()
    fit = (shown <= opened) & (opened > world.clock.start_ts) & (opened < world.clock.end_ts - 8 * DAY)
    hit = plan.pick("E44a", 0, plan.days, np.flatnonzero(fit))
    much = plan.stream("E44a", 0, "size").random(hit.size)
    shown[hit] = np.where(much > 0.6, NEVER, opened[hit] + 600 + (much * 9 * DAY).astype(np.int64))
    fit[hit] = False
    close = plan.pick("E44a", 0, plan.days, np.flatnonzero(fit), near=True)
    shown[close] = opened[close] - plan.minutes("E44a", 0, close.size, 0.1, 50, "near size")
    real = np.flatnonzero(shown > opened)
    kind = np.where(np.isin(real, hit), INJECTED, ORDINARY)
    truth.add("E44a", key.gather(real), kind, opened[real], shown[real], "no evidence three days before the start")
    truth.add("E44a", key.gather(close), NEAR_MISS, opened[close], opened[close], "evidence just in time")
    return shown
