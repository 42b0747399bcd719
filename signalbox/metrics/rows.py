"""From a figure to its rows: the drill, and what can only be read from rows (spread).

Belongs here: selects on one metric model. The file and line behind a row are ``signalbox.landing.source_line``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from signalbox.errors import UsageError
from signalbox.metrics import catalog, sources
from signalbox.metrics.catalog import Measure
from signalbox.metrics.request import FIRST_DAY, LAST_DAY, Day, Request, Where, checked

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_KEYS = "kpi_id, item_key, period_date"
_FACTS = "numerator, denominator, is_excluded, exclusion_reason, source_entity, _file_digest, _line"


def drill(
    con: duckdb.DuckDBPyConnection,
    kpi_id: str,
    start: Day = None,
    end: Day = None,
    where: Where | None = None,
    excluded: bool = False,
    limit: int = 200,
) -> pa.Table:
    """Rows behind a figure, those that hurt it most first: the metric row's keys, the measure's dimensions, numerator,
    denominator, is_excluded, exclusion_reason, source_entity, _file_digest and _line.

    Of a stock the rows are those of the last day, like its value. ``excluded`` shows what was left out instead.
    A filter on a starred dimension gives the rows of the numerator. Raises UsageError like ``values``.
    """
    (measure,) = catalog.resolve(catalog.load(con), kpi_id)[:1]
    if limit < 1:
        raise UsageError(f"the number of rows must be at least 1, not {limit}")
    request = checked([measure], (), "all", start, end, where)
    days = _days(con, measure, request)
    dims = "".join(f", {dim}" for dim in measure.dimensions)
    sql = f"""
        select {_KEYS}{dims}, {_FACTS}
        from {measure.model_name}
        where kpi_id = ? and period_date between ? and ? and is_excluded = ?
            {sources.conditions(request, list(request.where))}
        order by {_worst_first(measure)}, period_date, item_key, numerator
        limit ?"""
    parameters = [kpi_id, *days, excluded, *sources.where_values(request, list(request.where)), limit]
    return con.execute(sql, parameters).to_arrow_table()


def spread(
    con: duckdb.DuckDBPyConnection,
    kpi_id: str,
    by: str | Iterable[str] = (),
    start: Day = None,
    end: Day = None,
    where: Where | None = None,
) -> pa.Table:
    """Mean, standard deviation and coefficient of variation of a duration measure, from Σx, Σx² and n of its rows.

    Columns: kpi_id, the dimensions, item_count, mean, standard_deviation (of the sample; null below two items),
    both in the measure's unit, and variation_share. Raises UsageError for a measure without durations.
    """
    (measure,) = catalog.resolve(catalog.load(con), kpi_id)[:1]
    if not measure.has_histogram:
        raise UsageError(f"{measure.kpi_id} is no duration: it has no standard deviation")
    request = checked([measure], by, "all", start, end, where)
    by_list = "".join(f", {dim}" for dim in request.by)
    sql = f"""
        with summed as (
            select
                kpi_id{by_list}, count(*) as item_count,
                cast(sum(numerator) as double) as x,
                cast(sum(cast(numerator as decimal(18, 3)) * cast(numerator as decimal(18, 3))) as double) as xx
            from {measure.model_name}
            where kpi_id = ? and not is_excluded and period_date between ? and ?
                {sources.conditions(request, list(request.where))}
            group by kpi_id{by_list}
        ),
        measured as (
            select *, x / item_count as mean_x,
                case when item_count > 1 then sqrt(greatest(xx - x * x / item_count, 0) / (item_count - 1)) end as sigma
            from summed
        )
        select
            kpi_id{by_list}, item_count, mean_x * ? as mean, sigma * ? as standard_deviation,
            sigma / nullif(mean_x, 0) as variation_share
        from measured
        order by kpi_id{by_list}"""
    days = _days(con, measure, request)
    conditions = sources.where_values(request, list(request.where))
    return con.execute(sql, [kpi_id, *days, *conditions, measure.scale, measure.scale]).to_arrow_table()


def _days(con: duckdb.DuckDBPyConnection, measure: Measure, request: Request) -> list[Any]:
    """First and last day of the rows: of a stock the last day that has any."""
    days = [request.start or FIRST_DAY, request.end or LAST_DAY]
    if not measure.is_stock:
        return days
    found = con.execute(
        "select max(period_date) from fct_kpi where kpi_id = ? and period_date between ? and ?", [measure.kpi_id, *days]
    ).fetchone()
    last = found[0] if found and found[0] else days[1]
    return [last, last]


def _worst_first(measure: Measure) -> str:
    if measure.direction == "up" and measure.value_kind == "ratio":
        return "numerator - denominator"
    return "abs(numerator) desc"
