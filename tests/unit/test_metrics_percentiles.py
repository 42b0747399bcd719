"""Percentiles from log histograms: within 1 % of the nearest-rank item, from the histogram and from the rows alike."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalbox.errors import UsageError
from signalbox.metrics import catalog, percentiles
from signalbox.metrics.dimensions import DIMENSIONS
from signalbox.metrics.percentiles import BUCKET, QUANTILES, RELATIVE_ERROR, column_name, percentile_query
from signalbox.metrics.request import checked
from tests.unit.metrics_world import Row, world

MON = date(2026, 3, 2)
MACROS = Path(__file__).resolve().parents[2] / "dbt_project" / "macros"
_LINE = {"supplier": "V1", "location": "DC1", "region": "north", "category": "toys"}


def slips(seconds: list[Decimal]) -> list[Row]:
    return [Row("K85.slip", MON, value, dims=_LINE) for value in seconds]


def store_histogram(con) -> None:
    """The stored histogram of the total, from the same rows; the bucket is worked out in Python."""
    con.execute(
        "create table fct_kpi_histogram (kpi_id varchar, period_date date, grouping_name varchar, "
        + ", ".join(f"{dim} varchar" for dim in DIMENSIONS)
        + ", bucket_index integer, item_count bigint)"
    )
    for kpi_id, day, value in con.execute(
        "select kpi_id, period_date, numerator from kpi_supplier__lead_time"
    ).fetchall():
        con.execute(
            f"insert into fct_kpi_histogram values (?, ?, 'total', {', '.join('null' for _ in DIMENSIONS)}, ?, 1)",
            [kpi_id, day, bucket(value)],
        )


def bucket(value: Decimal) -> int:
    if value == 0:
        return 0
    index = math.ceil(math.log(abs(float(value))) / math.log(1.01 / 0.99))
    return 1000 + index if value > 0 else -1000 - index


@given(
    seconds=st.lists(st.decimals(min_value=-(10**7), max_value=10**7, places=3), min_size=1, max_size=60),
    quantile=st.sampled_from(QUANTILES),
)
def test_a_percentile_is_within_one_percent_of_the_nearest_rank_item(seconds: list[Decimal], quantile: float) -> None:
    con = world(slips(seconds))
    store_histogram(con)
    (row,) = percentiles(con, "K85.slip", [quantile]).to_pylist()
    exact = sorted(seconds)[math.ceil(Decimal(str(quantile)) * len(seconds)) - 1] / Decimal(86_400)
    assert row[column_name(quantile)] == pytest.approx(float(exact), rel=RELATIVE_ERROR * 1.0000001, abs=1e-12)
    assert row["item_count"] == len(seconds)


@given(seconds=st.lists(st.decimals(min_value=-(10**6), max_value=10**6, places=3), min_size=1, max_size=40))
def test_rows_and_histogram_give_the_same_percentiles(seconds: list[Decimal]) -> None:
    con = world(slips(seconds))
    store_histogram(con)
    request = checked(catalog.resolve(catalog.load(con), "K85.slip"), grain="all")
    queries = [percentile_query(request, QUANTILES, stored) for stored in (True, False)]
    stored, read = (con.execute(q.sql, q.parameters).fetchall() for q in queries)
    assert stored == read


def test_known_percentiles_of_a_hundred_days() -> None:
    """1 to 100 days: p50 is the 50th, p90 the 90th, p99 the 99th; an excluded row does not count."""
    rows = [Row("K85.days", MON, day * 86_400, dims=_LINE) for day in range(1, 101)]
    con = world([*rows, Row("K85.days", MON, 10**9, exclusion="no_data:negative_duration", dims=_LINE)])
    (row,) = percentiles(con, "K85.days", by=["supplier", "category"]).to_pylist()
    assert row["item_count"] == 100
    for name, exact in {"p50": 50, "p90": 90, "p95": 95, "p99": 99}.items():
        assert row[name] == pytest.approx(exact, rel=0.01)
    assert row["unit"] == "days"


def test_what_has_no_percentiles_is_refused() -> None:
    con = world([])
    with pytest.raises(UsageError, match="K02 is no duration"):
        percentiles(con, "K02")
    with pytest.raises(UsageError, match="above 0 and at most at 1"):
        percentiles(con, "K85.days", [50])


def test_the_bucket_stands_in_macro_and_door_alike() -> None:
    """One rule in two places: the text of the macro, normalised, is the text of the door."""
    macro = (MACROS / "kpi_fill.sql").read_text(encoding="utf-8")
    body = macro.split("{% macro kpi_bucket_index(value) -%}")[1].split("{%- endmacro %}")[0]
    assert " ".join(body.replace("{{ value }}", "{value}").split()) == " ".join(BUCKET.split())
