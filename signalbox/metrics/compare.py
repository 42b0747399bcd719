"""What changed: a period against the one before and the same weekday, and which slices moved it.

Belongs here: arithmetic on values that the door gave. Not here: SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from signalbox.errors import UsageError
from signalbox.metrics import catalog
from signalbox.metrics.query import values
from signalbox.metrics.request import Day, Where, as_day

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Sums:
    """Numerator and denominator of a slice in one period."""

    numerator: float = 0.0
    denominator: float = 0.0


def changes(
    con: duckdb.DuckDBPyConnection,
    kpi_ids: str | Iterable[str],
    by: str | Iterable[str] = (),
    grain: str = "day",
    start: Day = None,
    end: Day = None,
    where: Where | None = None,
) -> pa.Table:
    """``values`` with previous_value, change, change_share (of the period before), and for days same_weekday_value,
    same_weekday_change (a week earlier). Null where either side is unknown. The first period is taken whole,
    wherever in it ``start`` lies. Raises UsageError like ``values``."""
    import pyarrow as pa

    if grain == "all":
        raise UsageError("a change needs periods: ask by day, week or month")
    first = as_day(start, "start")
    begin = first and _earlier(first, grain, 7 if grain == "day" else 1)
    table = values(con, kpi_ids, by, grain, begin, end, where)
    dims = table.column_names[2 : table.column_names.index("value")]
    rows = table.to_pylist()
    known = {(row["kpi_id"], row["period_start"], *(row[dim] for dim in dims)): row["value"] for row in rows}
    shown = [number for number, row in enumerate(rows) if first is None or row["period_start"] >= _begin(first, grain)]
    new: dict[str, list[float | None]] = {name: [] for name in _CHANGE_COLUMNS}
    for number in shown:
        row = rows[number]
        rest = tuple(row[dim] for dim in dims)
        before = known.get((row["kpi_id"], _earlier(row["period_start"], grain, 1), *rest))
        week = known.get((row["kpi_id"], row["period_start"] - timedelta(days=7), *rest)) if grain == "day" else None
        for name, value in zip(_CHANGE_COLUMNS, _compare(row["value"], before, week), strict=True):
            new[name].append(value)
    table = table.take(shown)
    for name, column in new.items():
        table = table.append_column(name, pa.array(column, pa.float64()))
    return table


_CHANGE_COLUMNS = ("previous_value", "change", "change_share", "same_weekday_value", "same_weekday_change")


def _compare(value: float | None, before: float | None, week: float | None) -> tuple[float | None, ...]:
    change = None if value is None or before is None else value - before
    share = None if change is None or not before else change / abs(before)
    return before, change, share, week, None if value is None or week is None else value - week


def contributions(
    con: duckdb.DuckDBPyConnection,
    kpi_id: str,
    by: str,
    grain: str,
    period_start: Day,
    where: Where | None = None,
) -> pa.Table:
    """How much each slice moved a measure from the period before into this one; the contributions add up to the change.

    Columns: the dimension, value, previous_value, contribution (in the measure's unit), largest first. Raises
    UsageError for grain ``all`` and whatever ``values`` refuses.
    """
    import pyarrow as pa

    day = as_day(period_start, "period_start")
    if day is None or grain == "all":
        raise UsageError("contributions need a period: a first day and a grain of day, week or month")
    (measure,) = catalog.resolve(catalog.load(con), kpi_id)[:1]
    first = _begin(day, grain)
    last = _earlier(first, grain, -1) - timedelta(days=1)
    table = values(con, kpi_id, by, grain, _earlier(first, grain, 1), last, where).to_pylist()
    now = {row[by]: row for row in table if row["period_start"] == first}
    before = {row[by]: row for row in table if row["period_start"] != first}
    moved = contribution_of(
        _sums(now), _sums(before), measure.value_kind == "total", by in measure.starred, measure.scale
    )
    names = sorted(moved, key=lambda name: (-abs(moved[name]), name))
    return pa.table(
        {
            by: pa.array(names, pa.string()),
            "value": pa.array([now.get(name, {}).get("value") for name in names], pa.float64()),
            "previous_value": pa.array([before.get(name, {}).get("value") for name in names], pa.float64()),
            "contribution": pa.array([moved[name] for name in names], pa.float64()),
        }
    )


def trend(
    con: duckdb.DuckDBPyConnection,
    kpi_id: str,
    by: str | Iterable[str] = (),
    weeks: int = 26,
    end: Day = None,
    where: Where | None = None,
) -> pa.Table:
    """Slope of the weekly values over the last weeks, by least squares: the dimensions, week_count, slope_per_week.

    The slope is in the measure's unit a week and null below two weeks with a value. The last week is the one that holds
    ``end`` (none: as_of). Raises UsageError like ``values``.
    """
    import pyarrow as pa

    (measure,) = catalog.resolve(catalog.load(con), kpi_id)[:1]
    last = as_day(end, "end") or measure.as_of_date
    table = values(con, kpi_id, by, "week", _earlier(last, "week", weeks - 1), last, where)
    dims = table.column_names[2 : table.column_names.index("value")]
    series: dict[Key, list[tuple[float, float]]] = {}
    for row in table.to_pylist():
        points = series.setdefault(tuple(row[dim] for dim in dims), [])
        if row["value"] is not None:
            points.append(((row["period_start"] - _begin(last, "week")).days / 7, row["value"]))
    columns = {dim: pa.array([key[number] for key in series], pa.string()) for number, dim in enumerate(dims)}
    return pa.table(
        {
            **columns,
            "week_count": pa.array([len(points) for points in series.values()], pa.int64()),
            "slope_per_week": pa.array([slope(points) for points in series.values()], pa.float64()),
        }
    )


def slope(points: list[tuple[float, float]]) -> float | None:
    """Least-squares slope of y over x; None below two different x."""
    if len({x for x, _ in points}) < 2:
        return None
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


def contribution_of(
    now: Mapping[str, Sums], before: Mapping[str, Sums], is_total: bool, is_starred: bool, scale: float
) -> dict[str, float]:
    """Contribution of each slice to the change of a ratio of sums; they add up to it exactly (in real numbers).

    A slice of weight w (its share of the denominator) and value r contributes w̄·Δr, what its own value changed, plus
    Δw·(r̄ - R̄), what its weight changed; bars are means of both periods and R is the whole's value. A total, and a
    slice of a starred dimension, contributes the difference of its terms. A period without denominator: no
    contributions.
    """
    names = sorted(set(now) | set(before))
    if is_total:
        return {n: now.get(n, Sums()).numerator - before.get(n, Sums()).numerator for n in names}
    wholes = [_whole(side.values(), is_starred) for side in (now, before)]
    if any(whole.denominator <= 0 for whole in wholes):
        return {}
    totals = [whole.numerator / whole.denominator for whole in wholes]
    moved = {}
    for name in names:
        parts = (now.get(name, Sums()), before.get(name, Sums()))
        terms = [part.numerator / whole.denominator for part, whole in zip(parts, wholes, strict=True)]
        weights = [part.denominator / whole.denominator for part, whole in zip(parts, wholes, strict=True)]
        moved[name] = terms[0] - terms[1]
        if not is_starred:
            moved[name] -= (weights[0] - weights[1]) * (totals[0] + totals[1]) / 2
    return {name: value * scale for name, value in moved.items()}


def _whole(parts: Iterable[Sums], is_starred: bool) -> Sums:
    parts = list(parts)
    if is_starred:
        return Sums(sum(p.numerator for p in parts), max((p.denominator for p in parts), default=0.0))
    return Sums(sum(p.numerator for p in parts), sum(p.denominator for p in parts))


def _sums(rows: Mapping[str, Mapping[str, Decimal]]) -> dict[str, Sums]:
    return {name: Sums(float(row["numerator"]), float(row["denominator"])) for name, row in rows.items()}


def _begin(day: date, grain: str) -> date:
    """First day of the period that holds a day."""
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day


def _earlier(day: date, grain: str, periods: int) -> date:
    """First day of the period so many periods before the one that holds ``day``; negative: after it."""
    if grain == "week":
        return _begin(day, grain) - timedelta(weeks=periods)
    if grain == "month":
        months = day.year * 12 + day.month - 1 - periods
        return date(months // 12, months % 12 + 1, 1)
    return day - timedelta(days=periods)
