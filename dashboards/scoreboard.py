"""The main measures at one glance: value, change, status and trend of each, over its own last complete window.

Joins the catalogue with values of the one door. Not here: HTML or figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd

from dashboards import session as reads
from dashboards.movement import Window, contributions, is_better, last_window, surprise
from dashboards.session import Session, Slice

_HISTORY_DAYS = 120


@dataclass(frozen=True)
class Score:
    """One measure over ``window`` and over the window before it."""

    measure: pd.Series
    window: Window | None
    now: Any
    before: Any
    status: str
    coverage: Any
    is_provisional: bool
    better: bool | None
    surprise: float
    trend: list[float]
    missing_feeds: list[str]

    @property
    def kpi_id(self) -> str:
        return str(self.measure["kpi_id"])


@dataclass(frozen=True)
class Mover:
    """A score and the slices of one dimension that explain most of its change."""

    score: Score
    dimension: str
    slices: pd.DataFrame


def scores(session: Session, days: int, trend_days: int = 28) -> list[Score]:
    """The main measure of every family in the catalogue's order."""
    catalogue = reads.catalogue(session)
    main = catalogue[catalogue["kpi_id"] == catalogue["kpi_family"]]
    first = session.today - timedelta(days=_HISTORY_DAYS)
    daily = dict(
        list(reads.values(session, tuple(main.index), Slice(first, session.today), grain="day").groupby("kpi_id"))
    )
    empty = pd.DataFrame({"period_start": [], "value": [], "denominator": []})
    courses = {kpi_id: daily.get(kpi_id, empty) for kpi_id in main.index}
    windows = {kpi_id: last_window(course, session.today, days) for kpi_id, course in courses.items()}
    now = _rows(session, windows)
    before = _rows(session, {kpi_id: window and window.before for kpi_id, window in windows.items()})
    landed = reads.query(session, "feeds_landed").set_index("feed_id")["has_landed"]
    found = []
    for kpi_id, measure in main.iterrows():
        rows = now.get(kpi_id, {}), before.get(kpi_id, {})
        found.append(
            _score(measure, windows[kpi_id], *rows, courses[kpi_id], trend_days, missing_feeds(measure, landed))
        )
    return found


def _score(
    measure: pd.Series,
    window: Window | None,
    row: dict[str, Any],
    earlier: dict[str, Any],
    daily: pd.DataFrame,
    trend_days: int,
    missing: list[str],
) -> Score:
    now, before = row.get("value"), earlier.get("value")
    return Score(
        measure=measure,
        window=window,
        now=now,
        before=before,
        status=row.get("status_code", "not_enough_data"),
        coverage=row.get("coverage"),
        is_provisional=bool(row.get("is_provisional", False)),
        better=is_better(now, before, measure["direction"], measure["target_value"]),
        surprise=surprise(daily, window, now, before) if window else 0.0,
        trend=_trend(daily, window, trend_days),
        missing_feeds=missing,
    )


def _rows(session: Session, windows: dict[str, Window | None]) -> dict[str, dict[str, Any]]:
    """The values of each measure over its own window: one question for all measures that share a window."""
    found = {}
    for window in {window for window in windows.values() if window is not None}:
        ids = tuple(kpi_id for kpi_id, own in windows.items() if own == window)
        frame = reads.values(session, ids, Slice(window.start, window.end))
        found.update({row["kpi_id"]: dict(row) for _, row in frame.iterrows()})
    return found


def _trend(daily: pd.DataFrame, window: Window | None, days: int) -> list[float]:
    if window is None:
        return []
    by_day = daily.set_index(pd.to_datetime(daily["period_start"]))["value"]
    return list(by_day.reindex(pd.date_range(end=pd.Timestamp(window.end), periods=days)))


def missing_feeds(measure: pd.Series, landed: pd.Series) -> list[str]:
    """Feeds that the measure is made from and of which nothing ever landed; '*' stands for whichever are scheduled."""
    return [
        feed for feed in reads.names(measure["source_feeds"]) if feed in landed.index and not landed.get(feed, False)
    ]


def movers(session: Session, found: list[Score], count: int) -> list[Mover]:
    """The scores that changed most against their own habit, each with the dimension whose slices explain most of it."""
    changed = [score for score in found if score.better is not None and score.status != "not_enough_data"]
    changed.sort(key=lambda score: (-score.surprise, score.kpi_id))
    return [explain(session, score) for score in changed[:count]]


def explain(session: Session, score: Score) -> Mover:
    """Cut the change by each declared dimension; keep the one whose largest slice explains most of it."""
    best: tuple[float, str, pd.DataFrame] = (-1.0, "", pd.DataFrame())
    measure, window = score.measure, score.window
    starred = reads.names(measure["starred_dimensions"])
    for dimension in [name for name in reads.names(measure["dimensions"]) if name not in starred]:
        frames = [
            reads.values(session, (score.kpi_id,), Slice(part.start, part.end), by=(dimension,))
            for part in (window, window.before)
        ]
        slices = contributions(*frames, dimension, measure)
        if len(slices) < 2:
            continue
        spread = slices["contribution"].abs().sum()
        concentration = float(slices["contribution"].abs().iloc[0] / spread) if spread else 0.0
        # Of two dimensions that point at one slice, the one with more slices says more.
        weight = concentration * (1 - 1 / len(slices))
        if weight > best[0]:
            best = (weight, dimension, slices)
    return Mover(score, best[1], best[2])
