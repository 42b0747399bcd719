"""What changed between two periods and which slices did it. Pure functions on frames of KPI values.

Not here: where the frames come from, or how a change is shown. The value rules themselves are ``signalbox.metrics``'.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

import pandas as pd

from dashboards.components.numbers import is_missing
from signalbox.metrics.compare import Sums, contribution_of
from signalbox.metrics.dimensions import scale_of

_HABIT_WINDOWS = 12


@dataclass(frozen=True)
class Window:
    """Days from ``start`` to ``end``, both included."""

    start: date
    end: date

    @property
    def before(self) -> Window:
        """The window of the same length that ends on the day before."""
        days = (self.end - self.start).days + 1
        return Window(self.start - timedelta(days=days), self.start - timedelta(days=1))


def last_window(daily: pd.DataFrame, today: date, days: int) -> Window | None:
    """The last ``days`` complete days up to the newest one that has values; None when there is none.

    ``daily`` holds one measure by day (period_start, denominator). Today is not complete. A measure that becomes final
    later (returns after 30 days) ends where its values end.
    """
    stamps = daily.loc[daily["denominator"].fillna(0) != 0, "period_start"]
    past = [day for day in pd.to_datetime(stamps).dt.date if day < today] or list(pd.to_datetime(stamps).dt.date)
    if not past:
        return None
    return Window(max(past) - timedelta(days=days - 1), max(past))


def is_better(now: Any, before: Any, direction: str, target: Any = None) -> bool | None:
    """Whether the change is for the better; None when there is no judgement or no change.

    ``direction`` up, down, none, or band: nearer to ``target`` (zero when there is none) is better.
    """
    if is_missing(now) or is_missing(before) or direction == "none" or float(now) == float(before):
        return None
    if direction == "band":
        middle = 0.0 if is_missing(target) else float(target)
        return abs(float(now) - middle) < abs(float(before) - middle)
    return (float(now) > float(before)) == (direction == "up")


def contributions(now: pd.DataFrame, before: pd.DataFrame, dimension: str, measure: pd.Series) -> pd.DataFrame:
    """How much each slice moved the whole: (dimension, contribution in the measure's unit), largest first.

    Between any two windows; the rule is ``signalbox.metrics``'. Frames hold dimension, numerator, denominator.
    """
    moved = contribution_of(
        _sums(now, dimension),
        _sums(before, dimension),
        is_total=measure["value_kind"] == "total",
        is_starred=dimension in str(measure["starred_dimensions"]).split("|"),
        scale=scale_of(measure["unit"]),
    )
    frame = pd.DataFrame({dimension: list(moved), "contribution": list(moved.values())})
    order = frame["contribution"].abs().sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def _sums(frame: pd.DataFrame, dimension: str) -> dict[str, Sums]:
    rows = zip(frame[dimension], frame["numerator"].astype(float), frame["denominator"].astype(float), strict=True)
    return {str(name): Sums(numerator, denominator) for name, numerator, denominator in rows}


def surprise(daily: pd.DataFrame, window: Window, now: Any, before: Any) -> float:
    """How large a change is against the measure's own usual one: 1 = as large as usual.

    Usual is the median absolute change between the means of the earlier windows of the same length; with fewer than two
    of them, a twentieth of the value before. For ranking only; it is never shown as a number.
    """
    if is_missing(now) or is_missing(before):
        return 0.0
    days = pd.to_datetime(daily["period_start"]).dt.date
    means: list[float] = []
    current = window.before
    while len(means) < _HABIT_WINDOWS:
        inside = daily.loc[(days >= current.start) & (days <= current.end), "value"].dropna()
        if inside.empty:
            break
        means.append(float(inside.mean()))
        current = current.before
    steps = [abs(later - earlier) for later, earlier in pairwise(means)]
    usual = median(steps) if len(steps) >= 2 else abs(float(before)) / 20
    change = abs(float(now) - float(before))
    return change / usual if usual else (math.inf if change else 0.0)
