"""Faults of routing: allocations that end because two rules conflict; and the truth about them.

Belongs here: E15. Not here: other refusals (``inject_orders``).
"""

from __future__ import annotations

import numpy as np

from signalbox.simulate.clock import HOUR
from signalbox.simulate.cols import Cols
from signalbox.simulate.demand import DELIVERY, World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import HOLD, NEVER, NO_CAPACITY, OK
from signalbox.simulate.inject_orders import line_keys
from signalbox.simulate.inject_returns import judge
from signalbox.simulate.network import DC
from signalbox.simulate.truth import Truth

CONFLICT = 0.7  # from this draw on a refusal is a conflict of rules, as ``emit_fulfilment`` has it


def route_faults(world: World, plan: Plan, o: Cols, lines: Cols, first: int, end: int) -> None:
    """Lines whose first allocation ends in a conflict; the near misses are refused for want of capacity."""
    lines.route_mark, lines.route_near = np.zeros((2, lines.at.size), dtype=bool)
    free = (lines.outcome == OK) & (lines.mark == 0) & (lines.near == 0) & (o.fate[lines.at] < HOLD)
    free &= (o.kind[lines.at] == DELIVERY) & (world.net.kind[lines.node] == DC)
    for near, draw in ((False, 0.9), (True, 0.3)):
        some = plan.pick("E15", first, end, np.flatnonzero(free), near)
        lines.outcome[some], lines.draw[some] = NO_CAPACITY, draw
        lines.later[some] = plan.minutes("E15", first, some.size, 20, 900, "near size" if near else "size") + HOUR
        (lines.route_near if near else lines.route_mark)[some] = True
        free[some] = False


def route_truth(truth: Truth, o: Cols, lines: Cols) -> None:
    """E15 of a slice."""
    live = (o.release[lines.at] < NEVER) & ~o.is_test[lines.at] & ~lines.before_alloc
    some = np.flatnonzero(live & (lines.outcome == NO_CAPACITY))
    c = lines.take(some)
    routed = np.minimum(c.try2, np.where(c.cancelled_all, c.cancel_ts, NEVER))
    ended = np.where(c.draw < CONFLICT, c.try1, routed)
    judge(truth, "E15", line_keys(o, c), c.try1, ended, c.route_mark, c.route_near, "routing rules conflict")


__all__ = ["route_faults", "route_truth"]
