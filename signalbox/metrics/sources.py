"""Where sums come from: the stored grouping of a slice, else the metric rows. Both give the same rows.

Belongs here: SQL that ends in sums by measure, period and slice. Values are not parts of SQL text: they are parameters;
identifiers come from the catalogue (``signalbox.metrics.catalog``) and from the constants here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from signalbox.metrics.catalog import Measure
from signalbox.metrics.request import FIRST_DAY, LAST_DAY, Request

_SUMS = ("numerator", "denominator", "evaluable_count", "excluded_count", "no_data_count")
_COUNTS = _SUMS[2:]


@dataclass
class Query:
    """SQL text and its parameters, in the order in which they stand."""

    sql: str
    parameters: list[Any] = field(default_factory=list)


def groups(request: Request) -> list[tuple[Measure, ...]]:
    """Measures that one statement can answer: same source, same starred dimensions, same rule over time."""
    found: dict[tuple[Any, ...], list[Measure]] = {}
    for measure in request.measures:
        source = "fct_kpi" if request.grouping in measure.groupings else measure.model_name
        key = (source, tuple(sorted(set(measure.starred) & set(request.dims))), measure.time_aggregation)
        found.setdefault(key, []).append(measure)
    return [tuple(members) for members in found.values()]


def day_rows(request: Request, measures: tuple[Measure, ...], stored: bool | None = None) -> Query:
    """Sums by measure, day and the request's dimensions, before any filter on them."""
    first = measures[0]
    if stored is None:
        stored = request.grouping in first.groupings
    dims = "".join(f", {dim}" for dim in request.dims)
    marks = ", ".join("?" for _ in measures)
    days = [request.start or FIRST_DAY, request.end or LAST_DAY]
    ids: list[Any] = [measure.kpi_id for measure in measures]
    if stored:
        sql = f"""
            select kpi_id, period_date{dims}, {", ".join(_SUMS)}
            from fct_kpi
            where kpi_id in ({marks}) and grouping_name = ? and period_date between ? and ?"""
        return Query(sql, [*ids, request.grouping, *days])
    counted = "".join(f" and {dim} = 'NONE'" for dim in first.starred)
    sql = f"""
            select
                kpi_id, period_date{dims},
                sum(numerator) as numerator,
                sum(denominator) as denominator,
                count(*) filter (where not is_excluded{counted}) as evaluable_count,
                count(*) filter (where exclusion_reason like 'out:%') as excluded_count,
                count(*) filter (where exclusion_reason like 'no_data:%') as no_data_count
            from {first.model_name}
            where kpi_id in ({marks}) and period_date between ? and ?
            group by kpi_id, period_date{dims}"""
    return Query(sql, [*ids, *days])


def sums(request: Request, measures: tuple[Measure, ...], stored: bool | None = None) -> Query:
    """Sums by measure, ``period_start`` and the dimensions asked for, filters applied, starred dimensions resolved."""
    rows = day_rows(request, measures, stored)
    period, period_parameters = period_of(request)
    starred = set(measures[0].starred)
    plain = [dim for dim in request.where if dim not in starred]
    last = ""
    if measures[0].is_stock:
        last = " and period_date = last_date"
    sql = f"""
        with day_rows as ({rows.sql}
        ),
        dated as (select *, {period} as period_start from day_rows),
        kept as (
            select * from (
                select *, max(period_date) over (partition by kpi_id, period_start) as last_date from dated
            ) as ranked
            where true{last}{conditions(request, plain)}
        ),
        {_sliced(request, starred)}"""
    parameters = [*rows.parameters, *period_parameters, *where_values(request, plain)]
    if starred & set(request.dims):
        parameters += where_values(request, [dim for dim in request.where if dim in starred])
    return Query(sql, parameters)


def _sliced(request: Request, starred: set[str]) -> str:
    """CTE ``sliced``. A starred dimension splits the numerator only: the denominator is that of the whole slice."""
    whole = _list(dim for dim in request.by if dim not in starred)
    if not starred & set(request.dims):
        return f"""sliced as (
            select kpi_id, period_start{whole}, {_totals(_SUMS)} from kept group by kpi_id, period_start{whole}
        )"""
    filtered = conditions(request, [dim for dim in request.where if dim in starred])
    none = "".join(f" and ({dim} <> 'NONE' or numerator <> 0)" for dim in request.by if dim in starred)
    split = _list(request.by)
    keys = "".join(f" and wholes.{dim} = parts.{dim}" for dim in request.by if dim not in starred)
    shown = "".join(f", {'parts' if dim in starred else 'wholes'}.{dim}" for dim in request.by)
    join = "inner" if starred & set(request.by) else "left"
    return f"""wholes as (
            select kpi_id, period_start{whole}, {_totals(_SUMS[1:])} from kept group by kpi_id, period_start{whole}
        ),
        parts as (
            select kpi_id, period_start{split}, sum(numerator) as numerator
            from kept
            where true{filtered}{none}
            group by kpi_id, period_start{split}
        ),
        sliced as (
            select
                wholes.kpi_id, wholes.period_start{shown}, coalesce(parts.numerator, 0) as numerator,
                {", ".join(f"wholes.{name}" for name in _SUMS[1:])}
            from wholes {join} join parts
                on wholes.kpi_id = parts.kpi_id and wholes.period_start = parts.period_start{keys}
        )"""


def period_of(request: Request) -> tuple[str, list[Any]]:
    """Expression of a row's period; ``all`` begins with the day asked for, else with the first one there is."""
    if request.grain == "day":
        return "period_date", []
    if request.grain == "all":
        return (
            ("cast(? as date)", [request.start])
            if request.start
            else ("min(period_date) over (partition by kpi_id)", [])
        )
    return f"cast(date_trunc('{request.grain}', period_date) as date)", []


def conditions(request: Request, dims: list[str]) -> str:
    return "".join(f" and {dim} in ({', '.join('?' for _ in request.where[dim])})" for dim in dims)


def where_values(request: Request, dims: list[str]) -> list[str]:
    return [value for dim in dims for value in request.where[dim]]


def _totals(names: tuple[str, ...]) -> str:
    return ", ".join(
        f"cast(sum({name}) as bigint) as {name}" if name in _COUNTS else f"sum({name}) as {name}" for name in names
    )


def _list(dims: Any) -> str:
    return "".join(f", {dim}" for dim in dims)
