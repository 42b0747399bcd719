"""How a figure worked out by hand is written down."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass(frozen=True)
class Anchor:
    """One published figure. ``day`` None: all days together; durations in seconds; ``out`` and ``no_data`` are items.

    ``value``: in the measure's unit, None where nothing can be divided. ``out`` None: not asked (a slice by reason).
    ``among``: reasons whose rows are added up, where others are not worked out; the quotient is then not asked.
    """

    measure: str
    numerator: Decimal | float | str
    denominator: Decimal | float | str
    value: float | None
    out: int | None = 0
    no_data: int = 0
    day: str | None = None
    where: dict[str, str] = field(default_factory=dict)
    among: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "-".join([self.measure, self.day or "all", *self.where.values()])


@dataclass(frozen=True)
class Rank:
    """Nearest-rank percentiles of a measure in its unit, which the histogram knows to 1 %."""

    measure: str
    p50: float
    p90: float
    p99: float
    day: str | None = None

    def __str__(self) -> str:
        return f"{self.measure}-{self.day or 'all'}-percentiles"


def web(**more: str) -> dict[str, str]:
    """The slice of the web shop."""
    return {"channel": "web", **more}


def share(
    measure: str,
    numerator: Decimal | float | str,
    denominator: Decimal | float | str,
    *,
    out: int | None = 0,
    no_data: int = 0,
    day: str | None = None,
    **where: str,
) -> Anchor:
    """A quotient: nothing where the denominator is not above zero."""
    value = float(numerator) / float(denominator) if float(denominator) > 0 else None
    return Anchor(measure, numerator, denominator, value, out, no_data, day, where)


def per_thousand(measure: str, numerator: Decimal | float | str, denominator: int, **more: Any) -> Anchor:
    """A quotient that is read per thousand."""
    found = share(measure, numerator, denominator, **more)
    return replace(found, value=None if found.value is None else found.value * 1000)


def mean(measure: str, seconds: Decimal | float, items: float | str, unit: int, **more: Any) -> Anchor:
    """A mean duration, stored in seconds and read in ``unit`` seconds."""
    found = share(measure, seconds, items, **more)
    return replace(found, value=None if found.value is None else found.value / unit)


def total(measure: str, amount: Decimal | float | str, items: int, **more: Any) -> Anchor:
    """A total with the number of items behind it."""
    return replace(share(measure, amount, items, **more), value=float(amount))
