"""Percentiles of duration measures, read from additive log histograms.

Belongs here: buckets to percentiles. The bucket of a value is ``kpi_bucket_index`` in
dbt_project/macros/kpi_fill.sql and ``BUCKET`` here, which a test compares. Error bound: a percentile is the
nearest-rank item's value ± 1 %, because all values of a bucket lie within (g^(k-1), g^k] with g = 1.01 / 0.99 and
the value shown is 2·g^k / (g + 1). Source: Masson, Rim, Lee: DDSketch, VLDB 2019.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from signalbox.errors import UsageError
from signalbox.metrics import catalog, sources
from signalbox.metrics.catalog import Measure
from signalbox.metrics.request import FIRST_DAY, LAST_DAY, Day, Request, Where, checked

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

QUANTILES = (0.5, 0.9, 0.95, 0.99)
RELATIVE_ERROR = 0.01
BUCKET = """case
        when {value} = 0 then 0
        when {value} > 0 then 1000 + cast(ceil(ln(cast({value} as double)) / ln(1.01e0 / 0.99e0)) as integer)
        else -1000 - cast(ceil(ln(cast(-({value}) as double)) / ln(1.01e0 / 0.99e0)) as integer)
    end"""
_BUCKET_VALUE = "sign({bucket}) * 2 * pow(1.01 / 0.99, abs({bucket}) - 1000) / (1.01 / 0.99 + 1) * ?"


def percentiles(
    con: duckdb.DuckDBPyConnection,
    kpi_id: str,
    quantiles: Sequence[float] = QUANTILES,
    by: str | Iterable[str] = (),
    grain: str = "day",
    start: Day = None,
    end: Day = None,
    where: Where | None = None,
) -> pa.Table:
    """Nearest-rank percentiles of a duration measure: kpi_id, period_start, the dimensions, p50 …, item_count, unit.

    Values are in the measure's unit, off by at most 1 %. Raises UsageError for a measure without durations, and for
    what ``values`` refuses.
    """
    (measure,) = catalog.resolve(catalog.load(con), kpi_id)[:1]
    if not measure.has_histogram:
        raise UsageError(f"{measure.kpi_id} is no duration: it has no percentiles")
    if not quantiles or any(not 0 < quantile <= 1 for quantile in quantiles):
        raise UsageError(f"percentiles must lie above 0 and at most at 1, not {quantiles}")
    query = percentile_query(checked([measure], by, grain, start, end, where), quantiles)
    return con.execute(query.sql, query.parameters).to_arrow_table()


def percentile_query(request: Request, quantiles: Sequence[float], stored: bool | None = None) -> sources.Query:
    """The statement behind ``percentiles``; ``stored`` forces the source (for tests)."""
    measure = request.measures[0]
    rows = _bucket_rows(request, measure, request.grouping in measure.histogram_groupings if stored is None else stored)
    period, period_parameters = sources.period_of(request)
    last = " and period_date = last_date" if measure.is_stock else ""
    by = "".join(f", {dim}" for dim in request.by)
    shown = ", ".join(
        f"{_BUCKET_VALUE.format(bucket=f'b{number}')} as {column_name(quantile)}"
        for number, quantile in enumerate(quantiles)
    )
    ranks = ", ".join(
        f"min(bucket_index) filter (where upto >= ceil(cast(? as decimal(9, 6)) * total)) as b{number}"
        for number in range(len(quantiles))
    )
    sql = f"""
        with bucket_rows as ({rows.sql}
        ),
        dated as (select *, {period} as period_start from bucket_rows),
        kept as (
            select * from (
                select *, max(period_date) over (partition by period_start) as last_date from dated
            ) as ranked
            where true{last}{sources.conditions(request, list(request.where))}
        ),
        buckets as (
            select period_start{by}, bucket_index, cast(sum(item_count) as bigint) as items
            from kept
            group by period_start{by}, bucket_index
        ),
        running as (
            select
                *,
                sum(items) over (partition by period_start{by} order by bucket_index) as upto,
                sum(items) over (partition by period_start{by}) as total
            from buckets
        ),
        ranked as (
            select period_start{by}, {ranks}, cast(max(total) as bigint) as item_count
            from running
            group by period_start{by}
        )
        select ? as kpi_id, period_start{by}, {shown}, item_count, ? as unit
        from ranked
        order by period_start{by}"""
    return sources.Query(
        sql,
        [
            *rows.parameters,
            *period_parameters,
            *sources.where_values(request, list(request.where)),
            *quantiles,
            measure.kpi_id,
            *[measure.scale for _ in quantiles],
            measure.unit,
        ],
    )


def column_name(quantile: float) -> str:
    """Column of a percentile: p50, p99, p99_9."""
    return "p" + f"{quantile * 100:.4f}".rstrip("0").rstrip(".").replace(".", "_")


def _bucket_rows(request: Request, measure: Measure, stored: bool) -> sources.Query:
    dims = "".join(f", {dim}" for dim in request.dims)
    days: list[Any] = [request.start or FIRST_DAY, request.end or LAST_DAY]
    if stored:
        sql = f"""
            select kpi_id, period_date{dims}, bucket_index, item_count
            from fct_kpi_histogram
            where kpi_id = ? and grouping_name = ? and period_date between ? and ?"""
        return sources.Query(sql, [measure.kpi_id, request.grouping, *days])
    sql = f"""
            select kpi_id, period_date{dims}, {BUCKET.format(value="numerator")} as bucket_index, count(*) as item_count
            from {measure.model_name}
            where kpi_id = ? and not is_excluded and period_date between ? and ?
            group by all"""
    return sources.Query(sql, [measure.kpi_id, *days])
