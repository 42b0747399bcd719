"""The one door to KPI values: ratios of sums, scaled to their unit, judged against their targets.

Belongs here: ``values``. Not here: percentiles, comparisons, the drill (their own modules), and what a KPI means
(the metric models).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from signalbox.metrics import catalog, sources
from signalbox.metrics.catalog import Measure
from signalbox.metrics.request import Day, Request, Where, checked

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

# Below this share of items that could be judged, a value is shown and not judged.
MIN_COVERAGE = 0.5

_STATUS = """
    case
        when value is null or coalesce(coverage, 1) < ? then 'not_enough_data'
        when direction = 'none' or target_value is null then 'no_target'
        when direction = 'up' and value >= target_value then 'good'
        when direction = 'up' and value >= warn_value then 'warn'
        when direction = 'down' and value <= target_value then 'good'
        when direction = 'down' and value <= warn_value then 'warn'
        when direction = 'band' and abs(value - target_value) <= warn_value then 'good'
        when direction = 'band' and abs(value - target_value) <= 2 * warn_value then 'warn'
        else 'bad'
    end"""


def values(
    con: duckdb.DuckDBPyConnection,
    kpi_ids: str | Iterable[str],
    by: str | Iterable[str] = (),
    grain: str = "day",
    start: Day = None,
    end: Day = None,
    where: Where | None = None,
    over_time: str | None = None,
) -> pa.Table:
    """KPI values of any slice, one row a measure, period and value of ``by``.

    ``kpi_ids``: ``K72`` is the main measure, ``K72.*`` all of it. ``grain``: day, week, month or all; ``start`` and
    ``end`` are days, both included. ``where``: values of dimensions, one or several. ``over_time`` may say how the
    caller expects days to be combined and is refused when the catalogue says otherwise: a stock is never summed,
    its last day stands.

    Columns: kpi_id, period_start, the dimensions, value (in ``unit``; null when the denominator is not positive),
    numerator, denominator (sums as stored; durations in seconds), evaluable, excluded, no_data (items), coverage, unit,
    is_provisional, target_value, warn_value, status_code {good|warn|bad|not_enough_data|no_target}. Ordered by
    period and slice within each measure. Raises UsageError for what cannot be asked.
    """
    import pyarrow as pa
    from pyarrow import compute

    measures = catalog.resolve(catalog.load(con), kpi_ids)
    request = checked(measures, by, grain, start, end, where, over_time)
    tables = [_run(con, request, group) for group in sources.groups(request)]
    whole = pa.concat_tables(tables)
    if len(measures) == 1:
        return whole
    rank = compute.index_in(whole["kpi_id"], value_set=pa.array([measure.kpi_id for measure in measures]))
    return whole.take(compute.sort_indices(rank))


def _run(con: duckdb.DuckDBPyConnection, request: Request, measures: tuple[Measure, ...]) -> pa.Table:
    query = value_query(request, measures)
    return con.execute(query.sql, query.parameters).to_arrow_table()


def value_query(request: Request, measures: tuple[Measure, ...], stored: bool | None = None) -> sources.Query:
    """The statement behind ``values`` for measures of one group; ``stored`` forces the source (for tests)."""
    base = sources.sums(request, measures, stored)
    shown = "".join(f", {dim}" for dim in request.by)
    facts, fact_parameters = _measure_rows(measures)
    joins, join_parameters = _target_joins(request)
    target, warn = (_first(f"{name}_value", len(join_parameters)) for name in ("target", "warn"))
    sql = f"""{base.sql},
        measures as ({facts}),
        valued as (
            select
                sliced.*, measures.unit, measures.direction,
                case
                    when measures.is_total then cast(numerator as double)
                    when denominator > 0 then cast(numerator as double) / cast(denominator as double) * measures.scale
                end as value,
                evaluable_count / nullif(cast(evaluable_count + no_data_count as double), 0) as coverage,
                measures.final_from is not null and {_period_end(request)} >= measures.final_from as is_provisional
            from sliced inner join measures on sliced.kpi_id = measures.kpi_id
        ),
        targeted as (
            select valued.*, cast({target} as double) as target_value, cast({warn} as double) as warn_value
            from valued{joins}
        )
        select
            kpi_id, period_start{shown}, value, numerator, denominator,
            evaluable_count as evaluable, excluded_count as excluded, no_data_count as no_data,
            coverage, unit, is_provisional, target_value, warn_value, {_STATUS} as status_code
        from targeted
        order by kpi_id, period_start{shown}"""
    flat = [value for pair in join_parameters for value in pair]
    return sources.Query(sql, [*base.parameters, *fact_parameters, *flat, MIN_COVERAGE])


def _measure_rows(measures: tuple[Measure, ...]) -> tuple[str, list[Any]]:
    """A table of what the catalogue says of each measure; ``final_from`` is the first day that is not final yet."""
    row = (
        "select ? as kpi_id, ? as unit, ? as direction, ? as is_total, cast(? as double) as scale, "
        "cast(? as date) - cast(? as integer) as final_from"
    )
    parameters: list[Any] = []
    for m in measures:
        parameters += [
            m.kpi_id,
            m.unit,
            m.direction,
            m.value_kind == "total",
            m.scale,
            m.as_of_date,
            m.final_after_days,
        ]
    return " union all ".join(row for _ in measures), parameters


def _period_end(request: Request) -> str:
    """Expression of a period's last day."""
    if request.grain == "all":
        return "date '9999-12-31'" if request.end is None else f"date '{request.end.isoformat()}'"
    return {
        "day": "period_start",
        "week": "period_start + 6",
        "month": "last_day(period_start)",
    }[request.grain]


def _target_joins(request: Request) -> tuple[str, list[list[str]]]:
    """Joins to the target of the whole company and of each dimension that names one value in a row."""
    joins, parameters = "", []
    scopes = [(dim, f"valued.{dim}", [dim]) for dim in request.by]
    scopes += [(dim, "?", [dim, v[0]]) for dim, v in request.where.items() if len(v) == 1 and dim not in request.by]
    for number, (_, value, names) in enumerate([*scopes, ("all", "'*'", ["all"])]):
        alias = f"scope_{number}"
        joins += f"""
            left join dim_kpi_target as {alias}
                on valued.kpi_id = {alias}.kpi_id and {alias}.scope_type = ? and {alias}.scope_value = {value}
                and valued.period_start between {alias}.valid_from and coalesce({alias}.valid_to, date '9999-12-31')"""
        parameters.append(names)
    return joins, parameters


def _first(column: str, count: int) -> str:
    """The most specific target: scopes come first, the whole company last."""
    return "coalesce(" + ", ".join(f"scope_{number}.{column}" for number in range(count)) + ")"
