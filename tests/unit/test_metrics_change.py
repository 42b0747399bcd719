"""Changes, contributions, trend, spread and drill of the door; expected numbers are worked out by hand in each test."""

from __future__ import annotations

from datetime import date, timedelta
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalbox.errors import UsageError
from signalbox.metrics import changes, contributions, drill, spread, trend
from signalbox.metrics.compare import Sums, contribution_of, slope
from tests.unit.metrics_world import AS_OF, Row, world

MON = date(2026, 3, 2)
_LINE = {"location": "S1", "region": "north", "category": "toys", "carrier": "dhl", "order_type": "delivery"}
_PO = {"supplier": "V1", "location": "DC1", "region": "north", "category": "toys"}


def lines(day: date, kept: int, due: int, channel: str = "web") -> list[Row]:
    return [Row("K02", day, int(number < kept), dims={"channel": channel, **_LINE}) for number in range(due)]


def test_a_day_is_compared_with_the_day_before_and_the_same_weekday() -> None:
    """Monday 2 March 1/2, Sunday 8 March 1/4, Monday 9 March 3/4: +0.50 on Sunday (+200 %), +0.25 on the week."""
    con = world(lines(MON, 1, 2) + lines(MON + timedelta(6), 1, 4) + lines(MON + timedelta(7), 3, 4))
    (row,) = changes(con, "K02", start=MON + timedelta(7)).to_pylist()
    assert (row["value"], row["previous_value"], row["change"], row["change_share"]) == (0.75, 0.25, 0.5, 2.0)
    assert (row["same_weekday_value"], row["same_weekday_change"]) == (0.5, 0.25)


def test_weeks_are_compared_with_the_week_before_and_gaps_are_unknown() -> None:
    con = world(lines(MON, 1, 2) + lines(MON + timedelta(7), 1, 1) + lines(MON + timedelta(21), 0, 1))
    table = changes(con, "K02", by="channel", grain="week").to_pylist()
    assert [row["change"] for row in table] == [None, 0.5, None]
    assert {row["same_weekday_value"] for row in table} == {None}
    with pytest.raises(UsageError, match="needs periods"):
        changes(con, "K02", grain="all")


def test_contributions_name_the_slice_that_moved_the_whole() -> None:
    """Web falls from 9/10 to 5/10 and store stays 8/10: the whole falls 0.85 to 0.65, all by web (w 0.5, Δr -0.4)."""
    tuesday = MON + timedelta(1)
    con = world(lines(MON, 9, 10) + lines(MON, 8, 10, "store") + lines(tuesday, 5, 10) + lines(tuesday, 8, 10, "store"))
    table = contributions(con, "K02", "channel", "day", tuesday).to_pylist()
    assert [(row["channel"], row["contribution"]) for row in table] == [
        ("web", pytest.approx(-0.2)),
        ("store", pytest.approx(0)),
    ]
    assert (table[0]["previous_value"], table[0]["value"]) == (0.9, 0.5)


_SIDE = st.dictionaries(
    st.sampled_from("abcd"), st.builds(Sums, st.integers(0, 50).map(float), st.integers(1, 50).map(float)), min_size=1
)


@given(now=_SIDE, before=_SIDE)
def test_contributions_add_up_to_the_change(now: dict[str, Sums], before: dict[str, Sums]) -> None:
    moved = contribution_of(now, before, is_total=False, is_starred=False, scale=100.0)
    whole = [sum(p.numerator for p in s.values()) / sum(p.denominator for p in s.values()) for s in (now, before)]
    assert sum(moved.values()) == pytest.approx((whole[0] - whole[1]) * 100, abs=1e-6)


def test_contributions_of_totals_starred_slices_and_empty_periods() -> None:
    now, before = {"a": Sums(6, 10), "b": Sums(1, 10)}, {"a": Sums(2, 10)}
    assert contribution_of(now, before, True, False, 1) == {"a": 4, "b": 1}
    assert contribution_of(now, before, False, True, 1) == {"a": pytest.approx(0.4), "b": pytest.approx(0.1)}
    assert contribution_of(now, {}, False, False, 1) == {}


def test_the_trend_is_the_slope_of_weekly_means() -> None:
    """Lead times of 4, 6 and 8 days in three successive weeks rise by 2 days a week."""
    weeks = [AS_OF - timedelta(weeks=number) for number in (2, 1, 0)]
    con = world([Row("K85.days", day, days * 86_400, dims=_PO) for day, days in zip(weeks, (4, 6, 8), strict=True)])
    (row,) = trend(con, "K85.days", by="supplier").to_pylist()
    assert (row["supplier"], row["week_count"], row["slope_per_week"]) == ("V1", 3, pytest.approx(2))
    assert slope([(0, 1)]) is None


def test_spread_is_worked_out_from_sums_of_squares() -> None:
    """2, 4 and 9 days: mean 5, variance of the sample (9 + 1 + 16) / 2 = 13."""
    con = world([Row("K85.days", MON, days * 86_400, dims=_PO) for days in (2, 4, 9)])
    (row,) = spread(con, "K85.days").to_pylist()
    assert (row["item_count"], row["mean"]) == (3, pytest.approx(5))
    assert row["standard_deviation"] == pytest.approx(sqrt(13))
    assert row["variation_share"] == pytest.approx(sqrt(13) / 5)
    with pytest.raises(UsageError, match="K02 is no duration"):
        spread(con, "K02")


def test_the_drill_shows_the_rows_that_hurt_first() -> None:
    con = world(
        lines(MON, 1, 3)
        + [Row("K02", MON, 0, exclusion="no_data:no_promise", dims={"channel": "web", **_LINE})]
        + [
            Row("K05", MON, hours * 3600, dims=dict.fromkeys(("channel", "location", "region", "order_type"), "x"))
            for hours in (1, 9)
        ]
    )
    rows = drill(con, "K02", start=MON, end=MON, where={"channel": "web"}).to_pylist()
    assert [int(row["numerator"]) for row in rows] == [0, 0, 1]
    assert {"item_key", "channel", "carrier", "source_entity", "_file_digest", "_line"} <= set(rows[0])
    assert [row["exclusion_reason"] for row in drill(con, "K02", excluded=True).to_pylist()] == ["no_data:no_promise"]
    assert [int(row["numerator"]) for row in drill(con, "K05", limit=1).to_pylist()] == [9 * 3600]
    with pytest.raises(UsageError, match="at least 1"):
        drill(con, "K02", limit=0)
    with pytest.raises(UsageError, match="has no dimension"):
        drill(con, "K02", where={"supplier": "V1"})


def test_the_drill_of_a_stock_shows_the_day_of_its_value() -> None:
    dims = {"location": "S1", "region": "north", "category": "toys"}
    con = world([Row("K27", MON, 5, dims=dims), Row("K27", MON + timedelta(1), 4, dims=dims)])
    assert [int(row["numerator"]) for row in drill(con, "K27", start=MON).to_pylist()] == [4]
