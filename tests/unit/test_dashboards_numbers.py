"""Numbers as people read them."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd
import pytest

from dashboards.components import numbers as n

S = n.SPACE


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (1_240_000, f"€{S}1.24{S}M"),
        (12_400, f"€{S}12.4{S}k"),
        (999_499, f"€{S}999{S}k"),
        (999_500, f"€{S}1.00{S}M"),
        (9_999, f"€{S}9,999"),
        (0, f"€{S}0"),
        (-18_250, f"−€{S}18.2{S}k"),
        (-0.2, f"€{S}0"),
        (None, "–"),
        (float("nan"), "–"),
        (pd.NA, "–"),
    ],
)
def test_money_has_three_figures_and_a_scale(amount: float | None, shown: str) -> None:
    assert n.money(amount) == shown


def test_other_currencies_have_their_sign_or_their_code() -> None:
    assert n.money(640, "GBP") == f"£{S}640"
    assert n.money(640, "SEK") == f"SEK{S}640"
    assert n.money_whole(-1234.6, "EUR") == f"−€{S}1,235"


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.943, "94.3"), (1, "100.0"), (0, "0.0"), (0.0042, "0.42"), (-0.017, "−1.7"), (1.08, "108.0")],
)
def test_shares_are_percentages_and_small_ones_are_not_zero(share: float, shown: str) -> None:
    assert n.percent(share) == f"{shown}{S}%"


def test_a_tiny_share_says_that_it_is_not_zero() -> None:
    assert n.percent(0.00003) == f"<{S}0.01{S}%"


@pytest.mark.parametrize(
    ("amount", "unit", "shown"),
    [
        (3.2, "hours", f"3.2{S}h"),
        (96.1, "seconds", f"96.1{S}s"),
        (7200, "seconds", f"2.0{S}h"),
        (100, "hours", f"4.2{S}d"),
        (0.5, "days", f"12.0{S}h"),
        (-90, "minutes", f"−90.0{S}min"),
    ],
)
def test_durations_take_the_unit_that_reads_best(amount: float, unit: str, shown: str) -> None:
    assert n.value(amount, unit) == shown


def test_other_units_are_named() -> None:
    assert n.value(3615, "units") == f"3,615{S}units"
    assert n.value(42.94, "per_1000") == f"42.9{S}/{S}1,000"
    assert n.value(None, "share") == "–"


def test_changes_are_signed_and_shares_differ_in_points() -> None:
    assert n.change(0.916, 0.957, "share") == f"−4.1{S}pp"
    assert n.change(0.95, 0.95, "share") == f"0.0{S}pp"
    assert n.change(126.0, 88.1, "seconds") == f"+0.63{S}min"  # both are read in minutes
    assert n.change(40_160, 38_936, "money") == f"+€{S}1,224"
    assert n.change(None, 1, "share") == "–"


def test_one_unit_serves_a_whole_column() -> None:
    unit = n.unit_of("money", 1_240_000, "EUR")
    assert [unit.text(x) for x in (1_240_000, 5_000, None)] == [f"€{S}1.24{S}M", f"€{S}0.01{S}M", "–"]
    share = n.unit_of("share", 0.9)
    assert share.text(0.943) == f"94.3{S}%" and share.of_change().text(-0.041) == f"−4.10{S}pp"
    assert share.printf == f"%.1f{S}%%"
    assert list(share.shown(pd.Series([0.9431, -0.00001]))) == [94.3, 0.0]


def test_values_side_by_side_share_a_unit_unless_one_would_vanish() -> None:
    assert n.together((67.2, 72), "hours") == [f"67.2{S}h", f"72.0{S}h"]
    assert n.together((7.7, 300), "seconds") == [f"7.7{S}s", f"5.0{S}min"]
    assert n.together((0.00004, 0.02, None), "share") == [f"<{S}0.01{S}%", f"2.0{S}%", "–"]


def test_times_are_shown_in_the_reporting_zone() -> None:
    stamp = datetime(2025, 10, 14, 4, 55)  # stored in UTC; Berlin is two hours ahead in October
    assert n.moment(stamp, "Europe/Berlin") == "14 Oct 2025, 06:55"
    assert n.moment(stamp, "Europe/Berlin", weekday=True) == "Tue 14 Oct 2025, 06:55"
    assert n.moment(pd.NaT, "Europe/Berlin") == "–"
    assert n.day(date(2025, 10, 14)) == "14 Oct 2025"


def test_spans_of_time_are_short() -> None:
    assert [n.elapsed(x) for x in (45, 5_400, 11_520, 500_000, None)] == [
        f"45{S}s",
        f"90{S}min",
        f"3.2{S}h",
        f"5.8{S}d",
        "–",
    ]
