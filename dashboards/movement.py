"""What changed between two periods and which slices did it. Pure functions on frames of KPI values.

Not here: where the frames come from, or how a change is shown. The value rules themselves are ``signalbox.metrics``'.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from dashboards.components.numbers import is_missing


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


def status(value: Any, direction: str, target: Any, warn: Any) -> str:
    """Key of ``theme.STATUS``: up to ``target`` good, up to ``warn`` watch, past it bad.

    ``band``: the target is the allowed distance from zero.
    """
    if is_missing(value):
        return "no_data"
    if is_missing(target) or direction == "none":
        return "no_target"
    amount, limit = float(value), float(target)
    far = limit if is_missing(warn) else float(warn)
    if direction == "band":
        amount, limit, far = abs(amount), abs(limit), abs(far)
    if direction == "up":
        return "good" if amount >= limit else "watch" if amount >= far and far != limit else "bad"
    return "good" if amount <= limit else "watch" if amount <= far and far != limit else "bad"


def is_better(now: Any, before: Any, direction: str) -> bool | None:
    """Whether the change is for the better; None when there is no judgement or no change."""
    if is_missing(now) or is_missing(before) or direction == "none" or float(now) == float(before):
        return None
    if direction == "band":
        return abs(float(now)) < abs(float(before))
    return (float(now) > float(before)) == (direction == "up")


def contributions(
    now: pd.DataFrame, before: pd.DataFrame, dimension: str, kind: str, scale: float = 1.0
) -> pd.DataFrame:
    """How much each slice moved the whole: (dimension, contribution, value_now, value_before), largest first.

    Ratio and mean: with weights w = den / Σ den, slice i adds w₁(v₁ − V₀) − w₀(v₀ − V₀), which sums to V₁ − V₀: a slice
    counts both for its own change and for having become more or less of the whole. Total: the difference of numerators.
    ``scale`` is 1,000 for measures per thousand. Frames hold dimension, numerator, denominator, value.
    """
    columns = ["numerator", "denominator", "value"]
    both = now.set_index(dimension)[columns].join(
        before.set_index(dimension)[columns], how="outer", lsuffix="_1", rsuffix="_0"
    )
    sums = both[["numerator_1", "denominator_1", "numerator_0", "denominator_0"]].astype(float).fillna(0.0)
    if kind == "total":
        change = sums["numerator_1"] - sums["numerator_0"]
    else:
        whole_1, whole_0 = sums["denominator_1"].sum(), sums["denominator_0"].sum()
        if not whole_1 or not whole_0:
            return pd.DataFrame(columns=[dimension, "contribution", "value_now", "value_before"])
        base = sums["numerator_0"].sum() / whole_0
        change = (sums["numerator_1"] - base * sums["denominator_1"]) / whole_1
        change -= (sums["numerator_0"] - base * sums["denominator_0"]) / whole_0
    frame = pd.DataFrame(
        {"contribution": change * scale, "value_now": both["value_1"], "value_before": both["value_0"]}
    )
    frame = frame.reset_index(names=dimension)
    order = frame["contribution"].abs().sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def surprise(daily: pd.DataFrame, window: Window, now: Any, before: Any, kind: str) -> float:
    """How large a change is against the measure's own usual one: 1 = as large as usual.

    Usual is the median absolute change between the earlier windows of the same length; with fewer than two of them, a
    twentieth of the value before. For ranking only; it is never shown as a number.
    """
    if is_missing(now) or is_missing(before):
        return 0.0
    steps, current = [], window.before
    frame = daily.assign(day=pd.to_datetime(daily["period_start"]).dt.date)
    previous = _plain(frame, current, kind)
    while previous is not None and len(steps) < 12:
        current = current.before
        earlier = _plain(frame, current, kind)
        if earlier is not None:
            steps.append(abs(previous - earlier))
        previous = earlier
    usual = pd.Series(steps).median() if len(steps) >= 2 else abs(float(before)) / 20
    change = abs(float(now) - float(before))
    return change / usual if usual else (change and float("inf"))


def _plain(frame: pd.DataFrame, window: Window, kind: str) -> float | None:
    part = frame[(frame["day"] >= window.start) & (frame["day"] <= window.end)]
    total = part["denominator"].fillna(0).sum()
    if not total:
        return None
    return float(part["numerator"].sum() if kind == "total" else part["numerator"].sum() / total)
