"""Laws of the door, searched by hypothesis: slices add up, and a stored grouping says what the metric rows say."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalbox.metrics import catalog, values
from signalbox.metrics.query import value_query
from signalbox.metrics.request import checked
from signalbox.metrics.sources import groups
from tests.unit.metrics_world import Row, world

DAYS = [date(2026, 2, 27) + timedelta(days=n) for n in range(6)]
_DIMS = st.fixed_dictionaries(
    {
        "channel": st.sampled_from(["web", "store"]),
        "location": st.sampled_from(["S1", "S2", "NONE"]),
        "region": st.sampled_from(["north", "UNKNOWN"]),
        "category": st.sampled_from(["toys", "books"]),
        "order_type": st.just("delivery"),
    }
)
_REASONS = ["customer:customer", "retailer:no_stock", "system:UNKNOWN"]


@st.composite
def cancelled_lines(draw: st.DrawFn) -> list[Row]:
    """Rows of K07: ordered units on the NONE row, cancelled ones by reason, some lines left out."""
    rows = []
    for _ in range(draw(st.integers(1, 12))):
        dims, day = draw(_DIMS), draw(st.sampled_from(DAYS))
        left_out = draw(st.sampled_from([None, None, None, "out:test", "no_data:no_cancellation_evidence"]))
        ordered = draw(st.integers(1, 9))
        rows.append(Row("K07", day, 0, ordered, left_out, {**dims, "reason": "NONE"}))
        if left_out is None:
            for reason in draw(st.lists(st.sampled_from(_REASONS), max_size=3)):
                rows.append(Row("K07", day, draw(st.integers(1, 3)), 0, None, {**dims, "reason": reason}))
    return rows


@st.composite
def stock_pairs(draw: st.DrawFn) -> list[Row]:
    """Rows of K30, a stock: pairs at cuts, with mismatches."""
    dims = st.fixed_dictionaries(
        {
            "interface": st.sampled_from(["wms>ecommerce", "pos>ecommerce"]),
            "location": st.sampled_from(["S1", "S2"]),
            "region": st.just("north"),
            "category": st.sampled_from(["toys", "books"]),
        }
    )
    return [
        Row(
            "K30",
            draw(st.sampled_from(DAYS)),
            int(draw(st.booleans())),
            1,
            draw(st.sampled_from([None, None, "no_data:x"])),
            d,
        )
        for d in draw(st.lists(dims, min_size=1, max_size=15))
    ]


def both_sources(con, kpi_id: str, by: list[str], grain: str, where: dict) -> tuple[list[dict], list[dict]]:
    request = checked(catalog.resolve(catalog.load(con), kpi_id), by, grain, where=where)
    (measures,) = groups(request)
    queries = [value_query(request, measures, stored) for stored in (True, False)]
    stored, read = (con.execute(q.sql, q.parameters).to_arrow_table().to_pylist() for q in queries)
    return stored, read


@pytest.mark.parametrize(
    "by", [[], ["channel"], ["location"], ["reason"], ["channel", "region"], ["channel", "reason"]]
)
@given(rows=cancelled_lines(), grain=st.sampled_from(["day", "week", "month", "all"]))
def test_a_stored_grouping_says_what_the_metric_rows_say(by: list[str], rows: list[Row], grain: str) -> None:
    stored, read = both_sources(world(rows), "K07", by, grain, {})
    assert stored == read


@given(rows=cancelled_lines(), reason=st.sampled_from(_REASONS), channel=st.sampled_from(["web", "store"]))
def test_filters_too(rows: list[Row], reason: str, channel: str) -> None:
    con = world(rows)
    for by, where in [
        ([], {"channel": channel}),
        (["region"], {"channel": channel}),
        (["channel"], {"reason": reason}),
        ([], {"reason": reason}),
        (["reason"], {"channel": channel}),
    ]:
        stored, read = both_sources(con, "K07", by, "week", where)
        assert stored == read


@pytest.mark.parametrize("by", [[], ["interface"], ["location"], ["location", "category"]])
@given(rows=stock_pairs(), grain=st.sampled_from(["day", "week", "all"]))
def test_a_stock_reads_the_same_from_both_sources(by: list[str], rows: list[Row], grain: str) -> None:
    stored, read = both_sources(world(rows), "K30", by, grain, {})
    assert stored == read


@given(rows=cancelled_lines(), by=st.sampled_from([["channel"], ["location"], ["category", "region"]]))
def test_the_value_of_a_whole_is_the_ratio_of_the_sums_of_its_parts(rows: list[Row], by: list[str]) -> None:
    con = world(rows)
    for whole in values(con, "K07", grain="week").to_pylist():
        parts = [
            p for p in values(con, "K07", by=by, grain="week").to_pylist() if p["period_start"] == whole["period_start"]
        ]
        top, bottom = (sum((p[name] for p in parts), Decimal(0)) for name in ("numerator", "denominator"))
        assert (top, bottom) == (whole["numerator"], whole["denominator"])
        assert whole["value"] == (float(top) / float(bottom) if bottom > 0 else None)
        for name in ("evaluable", "excluded", "no_data"):
            assert sum(p[name] for p in parts) == whole[name]


@given(rows=cancelled_lines())
def test_slices_by_a_starred_dimension_add_up_to_the_whole(rows: list[Row]) -> None:
    con = world(rows)
    (whole,) = values(con, "K07", grain="all").to_pylist()
    parts = values(con, "K07", by="reason", grain="all").to_pylist()
    assert sum((p["numerator"] for p in parts), Decimal(0)) == whole["numerator"]
    assert {p["denominator"] for p in parts} <= {whole["denominator"]}


@given(rows=cancelled_lines())
def test_a_longer_period_is_the_sum_of_its_days(rows: list[Row]) -> None:
    con = world(rows)
    (whole,) = values(con, "K07", grain="all").to_pylist()
    days = values(con, "K07").to_pylist()
    for name in ("numerator", "denominator", "evaluable", "excluded", "no_data"):
        assert sum(day[name] for day in days) == whole[name]
