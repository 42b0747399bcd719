"""The door to KPI values on facts made by hand; every expected number is worked out in the test beside it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from signalbox.errors import UsageError
from signalbox.metrics import catalogue, values
from tests.unit.metrics_world import Row, catalog_rows, world

MON, TUE = date(2026, 3, 2), date(2026, 3, 3)
PROMISE = {"location": "S1", "region": "north", "category": "toys", "carrier": "dhl", "order_type": "delivery"}


def promise(day: date, kept: int, channel: str = "web", exclusion: str | None = None, **dims: str) -> Row:
    return Row("K02", day, kept, 1, exclusion, {**PROMISE, "channel": channel, **dims})


def one(table) -> dict:
    (row,) = table.to_pylist()
    return row


def test_a_value_is_the_ratio_of_sums_with_what_was_left_out() -> None:
    """2 of 3 lines kept = 0.666…; one line has no promise: coverage 3 of 4; one is out and costs none."""
    con = world(
        [
            promise(MON, 1),
            promise(MON, 1),
            promise(MON, 0),
            promise(MON, 0, exclusion="no_data:no_promise"),
            promise(MON, 0, exclusion="out:test"),
        ]
    )
    row = one(values(con, "K02"))
    assert row["period_start"] == MON
    assert row["value"] == pytest.approx(2 / 3)
    assert (row["numerator"], row["denominator"]) == (Decimal(2), Decimal(3))
    assert (row["evaluable"], row["excluded"], row["no_data"], row["coverage"]) == (3, 1, 1, 0.75)
    assert (row["unit"], row["is_provisional"]) == ("share", False)


def test_periods_are_ratios_of_sums_and_not_means_of_ratios() -> None:
    """Monday 1 of 1, Tuesday 0 of 3: the week is 1 of 4 = 0.25 (the mean of the days would be 0.5)."""
    con = world([promise(MON, 1), *[promise(TUE, 0)] * 3])
    assert one(values(con, "K02", grain="week"))["value"] == 0.25
    month = one(values(con, "K02", grain="month"))
    assert (month["period_start"], month["value"]) == (date(2026, 3, 1), 0.25)
    whole = one(values(con, "K02", grain="all"))
    assert (whole["period_start"], whole["value"]) == (MON, 0.25)
    assert one(values(con, "K02", grain="all", start="2026-03-01"))["period_start"] == date(2026, 3, 1)
    assert one(values(con, "K02", start=TUE, end=TUE))["value"] == 0.0


def test_slices_come_with_their_own_sums() -> None:
    con = world([promise(MON, 1, "web"), promise(MON, 0, "store"), promise(MON, 0, "store")])
    table = values(con, "K02", by="channel").to_pylist()
    assert [(row["channel"], row["value"], row["denominator"]) for row in table] == [("store", 0, 2), ("web", 1, 1)]
    assert one(values(con, "K02", where={"channel": "web"}))["value"] == 1
    assert one(values(con, "K02", where={"channel": ["web", "store"]}))["denominator"] == 3
    assert values(con, "K02", where={"channel": "'; drop table fct_kpi; --"}).num_rows == 0


def test_zero_denominator_is_null_and_not_zero() -> None:
    con = world([promise(MON, 0, exclusion="no_data:no_promise")])
    row = one(values(con, "K02"))
    assert row["value"] is None
    assert (row["coverage"], row["status_code"]) == (0, "not_enough_data")


def test_negative_net_sales_give_no_margin() -> None:
    """More refunds than sales: contribution -30 on net sales -20 is no ratio."""
    con = world([Row("K72", MON, -20, -20, dims=_sale()), Row("K72", MON, -10, 0, dims=_sale())])
    row = one(values(con, "K72"))
    assert row["value"] is None
    assert (row["numerator"], row["denominator"]) == (Decimal(-30), Decimal(-20))


def test_durations_and_rates_are_scaled_when_read() -> None:
    """Two orders of 36 h and 12 h: sum 172,800 s, mean 24 h. 3 interventions on 2 orders: 1,500 per 1,000."""
    order = {"channel": "web", "location": "S1", "region": "north", "order_type": "pickup"}
    con = world(
        [Row("K05", MON, 36 * 3600, dims=order), Row("K05", MON, 12 * 3600, dims=order)]
        + [Row("K14", MON, 0, 1, dims={**order, "reason": "NONE"})] * 2
        + [Row("K14", MON, 1, 0, dims={**order, "reason": "edited"})] * 3
    )
    cycle = one(values(con, "K05"))
    assert (cycle["value"], cycle["numerator"], cycle["unit"]) == (24, Decimal(172_800), "hours")
    effort = one(values(con, "K14"))
    assert (effort["value"], effort["evaluable"], effort["unit"]) == (1500, 2, "per_1000")


def test_a_total_is_its_numerator() -> None:
    con = world(
        [Row("K72.amount", MON, 10, dims=_sale("gross_sales")), Row("K72.amount", MON, -4, dims=_sale("refund"))]
    )
    assert one(values(con, "K72.amount"))["value"] == 6
    steps = values(con, "K72.amount", by="reason").to_pylist()
    assert [(row["reason"], row["value"]) for row in steps] == [("gross_sales", 10), ("refund", -4)]


def test_a_starred_dimension_splits_the_numerator_and_shares_the_denominator() -> None:
    """10 units ordered, 2 cancelled by the customer, 1 for want of stock: 0.2 + 0.1 = 0.3."""
    line = {"channel": "web", "location": "S1", "region": "north", "category": "toys", "order_type": "delivery"}
    con = world(
        [
            Row("K07", MON, 0, 10, dims={**line, "reason": "NONE"}),
            Row("K07", MON, 2, 0, dims={**line, "reason": "customer:customer"}),
            Row("K07", MON, 1, 0, dims={**line, "reason": "retailer:no_stock"}),
        ]
    )
    assert one(values(con, "K07"))["value"] == pytest.approx(0.3)
    table = values(con, "K07", by="reason").to_pylist()
    assert [row["reason"] for row in table] == ["customer:customer", "retailer:no_stock"]
    assert [row["value"] for row in table] == [pytest.approx(0.2), pytest.approx(0.1)]
    assert {row["denominator"] for row in table} == {Decimal(10)}
    assert {row["evaluable"] for row in table} == {1}
    filtered = one(values(con, "K07", where={"reason": "retailer:no_stock"}))
    assert (filtered["value"], filtered["denominator"]) == (pytest.approx(0.1), Decimal(10))
    assert one(values(con, "K07", where={"reason": "retailer:fraud"}))["value"] == 0
    by_both = values(con, "K07", by=["location", "reason"]).to_pylist()
    assert [(row["location"], row["value"]) for row in by_both] == [
        ("S1", pytest.approx(0.2)),
        ("S1", pytest.approx(0.1)),
    ]


def test_a_stock_takes_the_last_day_of_a_period_for_all_its_slices() -> None:
    """Monday 5 + 3 units; Tuesday only S1 was cut: the week is Tuesday's 4, for S1 too, and S2 has no row."""

    def stock(day: date, units: int, location: str) -> Row:
        return Row("K27", day, units, dims={"location": location, "region": "north", "category": "toys"})

    con = world([stock(MON, 5, "S1"), stock(MON, 3, "S2"), stock(TUE, 4, "S1")])
    assert [row["value"] for row in values(con, "K27").to_pylist()] == [8, 4]
    assert one(values(con, "K27", grain="week"))["value"] == 4
    table = values(con, "K27", by="location", grain="all").to_pylist()
    assert [(row["location"], row["value"]) for row in table] == [("S1", 4)]
    assert values(con, "K27", where={"location": "S2"}, grain="week").num_rows == 0


def test_families_and_several_measures_keep_the_order_asked_for() -> None:
    con = world([promise(MON, 1), Row("K02.early", MON, 0, dims=dict(channel="web", **PROMISE))])
    assert values(con, "K02.*")["kpi_id"].to_pylist() == ["K02", "K02.early"]
    assert values(con, ["K02.early", "K02"])["kpi_id"].to_pylist() == ["K02.early", "K02"]
    assert values(con, "K02")["kpi_id"].to_pylist() == ["K02"]
    assert values(con, "K85.*").num_rows == 0


def test_status_follows_the_target_of_the_slice_and_of_the_day() -> None:
    """Target 0.95, warning 0.92; 0.50 for stores from 3 March; good, warn and bad worked out from 100 lines."""
    lines = [promise(MON, int(n < 95)) for n in range(100)] + [promise(TUE, int(n < 93)) for n in range(100)]
    con = world([*lines, *[promise(TUE, int(n < 50), "store") for n in range(100)]])
    con.execute("insert into dim_kpi_target values ('K02', 'channel', 'store', 0.5, 0.4, '2026-03-03', null)")
    by_channel = values(con, "K02", by="channel").to_pylist()
    assert [(r["period_start"], r["channel"], r["status_code"]) for r in by_channel] == [
        (MON, "web", "good"),
        (TUE, "store", "good"),
        (TUE, "web", "warn"),
    ]
    assert by_channel[1]["target_value"] == 0.5
    assert [r["status_code"] for r in values(con, "K02").to_pylist()] == ["good", "bad"]
    assert one(values(con, "K02", start=TUE, where={"channel": "store"}))["status_code"] == "good"


def test_low_coverage_is_not_judged_and_no_target_is_no_judgement() -> None:
    """1 of 3 could be judged: 0.33 is below one half."""
    con = world(
        [
            promise(MON, 1),
            *([promise(MON, 0, exclusion="no_data:no_promise")] * 2),
            Row("K27", MON, 5, dims={"location": "S1", "region": "north", "category": "toys"}),
        ]
    )
    assert one(values(con, "K02"))["status_code"] == "not_enough_data"
    assert one(values(con, "K27"))["status_code"] == "no_target"


def test_a_value_whose_window_still_runs_is_provisional() -> None:
    """K08 is final after 30 days; as_of is 31 March: 1 March is the first day that is not final."""
    order = {"channel": "web", "region": "north", "order_type": "delivery", "reason": "NONE"}
    con = world([Row("K08", date(2026, 2, 28), 0, dims=order), Row("K08", date(2026, 3, 1), 0, dims=order)])
    assert [row["is_provisional"] for row in values(con, "K08").to_pylist()] == [False, True]
    assert one(values(con, "K08", grain="week"))["is_provisional"] is True


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"kpi_ids": "K999"}, "unknown KPI 'K999'"),
        ({"kpi_ids": "K42"}, "K42 has no values yet: it needs decision support"),
        ({"kpi_ids": "K02.erly"}, "did you mean K02.early"),
        ({"kpi_ids": []}, "no KPI named"),
        ({"kpi_ids": "K02", "by": "supplier"}, "K02 has no dimension 'supplier'"),
        ({"kpi_ids": "K02", "where": {"colour": "red"}}, "K02 has no dimension 'colour'"),
        ({"kpi_ids": "K02", "grain": "hour"}, "unknown grain 'hour'"),
        ({"kpi_ids": "K02", "start": "31.03.2026"}, "write it as 2026-03-31"),
        ({"kpi_ids": "K02", "start": "2026-03-02", "end": "2026-03-01"}, "lies after"),
        ({"kpi_ids": "K27", "over_time": "sum"}, "cannot be summed over time"),
        ({"kpi_ids": "K27.channel"}, "must not be added over channel"),
        ({"kpi_ids": "K27.channel", "where": {"channel": ["web", "store"]}}, "must not be added over channel"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(arguments: dict, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        values(world([]), **arguments)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_channel_stock_may_be_asked_one_channel_at_a_time() -> None:
    con = world([Row("K27.channel", MON, 7, dims={"channel": "web", "category": "toys"})])
    assert one(values(con, "K27.channel", by="channel"))["value"] == 7
    assert one(values(con, "K27.channel", where={"channel": "web"}))["value"] == 7


def test_the_catalogue_lists_every_measure_in_counting_order() -> None:
    listed = catalogue(world([]))["kpi_id"].to_pylist()
    assert set(listed) == set(catalog_rows())
    assert listed[:7] == ["K01", "K01.condition_ok", "K01.docs_ok", "K01.in_full", "K01.line", "K01.on_time", "K02"]
    assert listed[-3:] == ["K110", "K110.rework", "K110.wait"]


def _sale(step: str | None = None) -> dict[str, str]:
    dims = dict.fromkeys(["channel", "location", "region", "category", "supplier", "promotion", "order_type"], "x")
    return {**dims, "reason": step} if step else dims
