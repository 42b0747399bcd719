"""The sizes of the simulated retailer.

Belongs here: how many of everything a scale has. Not here: how anything behaves.

``tiny`` is the same kind of retailer with a smaller network (12 stores, two distribution centres, one 3PL node, 2
drop-ship suppliers, 120 items), so that tests take seconds. ``small`` and ``large`` have the whole network of 180
stores.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

import numpy as np

from signalbox.errors import UsageError

Share = TypeVar("Share", float, np.ndarray)
LAST_DAY = date(2026, 5, 17)  # a Sunday, so that the last files hold a complete snapshot; DST began on 29 March


@dataclass(frozen=True)
class Scale:
    """One size.

    ``pos_ratio`` is till transactions an order; ``cycle_days`` how often a store gets an item again. ``packed``: JSON
    lines are gzipped; a year of 10 M order lines is 11 GB instead of 75. ``is_calm``: stock, capacity and collection
    are ample and nobody errs, so that nothing goes wrong but what is injected.
    """

    name: str
    orders: int
    days: int
    stores: int
    skus: int
    ranged: int
    suppliers: int
    dropship: int
    promotions: int
    pos_ratio: float
    cycle_days: int
    slice_orders: int = 40_000
    packed: bool = False
    is_calm: bool = False

    @property
    def mishaps(self) -> int:
        """What ordinary mishaps are multiplied by: 1, or 0 in a calm world."""
        return 0 if self.is_calm else 1

    def odds(self, share: Share) -> Share:
        """The chance of an ordinary mishap; in a calm world there is none."""
        return share * self.mishaps

    def spread(self, sigma: float) -> float:
        """How far ordinary durations differ (sigma of their logarithm); in a calm world hardly."""
        return sigma / 6 if self.is_calm else sigma


SCALES = {
    "tiny": Scale("tiny", 2_000, 60, 12, 120, 60, 8, 2, 4, 1.2, 14),
    "small": Scale("small", 150_000, 90, 180, 1_500, 250, 60, 6, 12, 0.7, 28),
    "large": Scale("large", 1_000_000, 365, 180, 3_000, 400, 90, 8, 40, 0.6, 28, 60_000, True),
}


def resolve(scale: str, orders: int | None, days: int | None, is_calm: bool = False) -> Scale:
    """The scale with the numbers that were asked for. Errors: UsageError for an unknown scale or numbers below one."""
    if scale not in SCALES:
        raise UsageError(f"unknown scale {scale!r}: choose one of {', '.join(SCALES)}")
    chosen = SCALES[scale]
    if orders is not None and orders < 1:
        raise UsageError(f"--orders must be at least 1, not {orders}")
    if days is not None and not 7 <= days <= 3660:
        raise UsageError(f"--days must lie between 7 and 3660, not {days}")
    return replace(chosen, orders=orders or chosen.orders, days=days or chosen.days, is_calm=is_calm)
