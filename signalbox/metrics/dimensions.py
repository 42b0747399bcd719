"""Names that every KPI shares: the dimensions of the uniform fact, units and their scale, grains.

Belongs here: constants and the name of a grouping. Not here: anything about one KPI (that is the catalogue).
"""

from __future__ import annotations

from collections.abc import Iterable

# In the order of the fact's columns; the name of a grouping lists its dimensions in this order.
DIMENSIONS: tuple[str, ...] = (
    "channel",
    "location",
    "region",
    "category",
    "supplier",
    "interface",
    "carrier",
    "order_type",
    "stream",
    "reason",
    "promotion",
    "role",
    "process",
)

GRAINS: tuple[str, ...] = ("day", "week", "month", "all")

# What a stored quotient is multiplied by when read: durations are kept in seconds.
UNIT_SCALE: dict[str, float] = {
    "per_1000": 1000.0,
    "seconds": 1.0,
    "minutes": 1 / 60,
    "hours": 1 / 3600,
    "days": 1 / 86400,
}


def grouping_name(dims: Iterable[str]) -> str:
    """Name of the grouping with exactly these dimensions: ``total``, ``channel``, ``channel+region``."""
    wanted = set(dims)
    return "+".join(name for name in DIMENSIONS if name in wanted) or "total"


def scale_of(unit: str) -> float:
    """Factor from a stored quotient to the measure's unit."""
    return UNIT_SCALE.get(unit, 1.0)
