"""Windows, better or worse, and how unusual a change is."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pandas as pd
import pytest

from dashboards.components.course import whole_periods
from dashboards.components.verdict import verdict, verdict_key
from dashboards.movement import Window, contributions, is_better, last_window, surprise

TODAY = date(2025, 10, 14)


def _daily(values: list[float | None], last: str = "2025-10-14") -> pd.DataFrame:
    days = pd.date_range(end=last, periods=len(values))
    return pd.DataFrame(
        {"period_start": days, "value": values, "denominator": [0.0 if v is None else 1.0 for v in values]}
    )


def test_the_window_ends_on_the_last_complete_day() -> None:
    window = last_window(_daily([1.0] * 20), TODAY, 7)
    assert window == Window(date(2025, 10, 7), date(2025, 10, 13))
    assert window.before == Window(date(2025, 9, 30), date(2025, 10, 6))


def test_a_measure_that_is_final_later_ends_where_its_values_end() -> None:
    window = last_window(_daily([1.0] * 20 + [None] * 30), TODAY, 7)
    assert window is not None and window.end == date(2025, 9, 14)


def test_a_measure_with_values_of_today_only_uses_them_and_one_without_has_no_window() -> None:
    assert last_window(_daily([1.0]), TODAY, 7) == Window(date(2025, 10, 8), TODAY)
    assert last_window(_daily([None, None]), TODAY, 7) is None


@pytest.mark.parametrize(
    ("now", "before", "direction", "expected"),
    [
        (0.9, 0.8, "up", True),
        (0.9, 0.8, "down", False),
        (0.9, 0.9, "up", None),
        (0.9, None, "up", None),
        (5, 9, "none", None),
        (0.02, -0.05, "band", True),
        (1.3, 1.1, "band", False),
    ],
)
def test_better_and_worse_follow_the_direction(
    now: float, before: float | None, direction: str, expected: bool
) -> None:
    assert is_better(now, before, direction, 1.0 if direction == "band" and now > 1 else None) is expected


def test_slices_add_up_to_the_change() -> None:
    measure = pd.Series({"value_kind": "ratio", "unit": "per_1000", "starred_dimensions": ""})
    now = pd.DataFrame({"channel": ["web", "store"], "numerator": [30, 10], "denominator": [100, 300]})
    before = pd.DataFrame({"channel": ["web", "store"], "numerator": [20, 10], "denominator": [200, 200]})
    moved = contributions(now, before, "channel", measure)
    # 40 of 400 against 30 of 400, per thousand: 100 - 75
    assert moved["contribution"].sum() == pytest.approx(25.0)
    # web: 1000 x (30/400 - 20/400) - (100/400 - 200/400) x (100 + 75) / 2
    assert dict(zip(moved["channel"], moved["contribution"], strict=True))["web"] == pytest.approx(25 + 0.25 * 87.5)


def test_a_change_is_measured_against_the_habit_of_the_measure() -> None:
    weeks = [10.0, 12.0, 10.0, 12.0, 10.0, 16.0]  # the usual step is 2, the last one 6
    daily = _daily([week for week in weeks for _ in range(7)], "2025-10-13")
    window = Window(date(2025, 10, 7), date(2025, 10, 13))
    assert surprise(daily, window, 16.0, 10.0) == pytest.approx(3.0)


def test_without_a_habit_a_twentieth_of_the_value_is_usual() -> None:
    daily = _daily([10.0] * 7 + [11.0] * 7, "2025-10-13")
    window = Window(date(2025, 10, 7), date(2025, 10, 13))
    assert surprise(daily, window, 11.0, 10.0) == pytest.approx(2.0)
    assert surprise(daily, window, None, 10.0) == 0.0


def test_a_chart_begins_with_a_whole_period() -> None:
    window = Window(date(2025, 9, 18), date(2025, 10, 13))
    assert whole_periods(window, "week") == date(2025, 9, 15)  # a Monday
    assert whole_periods(window, "month") == date(2025, 9, 1)
    assert whole_periods(window, "day") == window.start


@pytest.mark.parametrize(
    ("counts", "overdue", "expected"),
    [
        ({"good": 9, "warn": 2, "bad": 1}, 0, "bad"),
        ({"good": 9}, 1, "bad"),
        ({"good": 9, "warn": 2}, 0, "warn"),
        ({"good": 9, "not_enough_data": 5}, 0, "good"),
        ({"not_enough_data": 14, "no_target": 1}, 0, "not_enough_data"),
    ],
)
def test_a_day_of_which_nothing_is_known_is_not_all_right(counts: dict[str, int], overdue: int, expected: str) -> None:
    assert verdict_key(Counter(counts), overdue) == expected


def test_the_verdict_says_so_in_words() -> None:
    nothing = pd.DataFrame({"severity_code": [], "past_due": [], "value_at_risk": [], "exceptions": []})
    said = verdict([], nothing, "–", "EUR")
    assert "Not enough data." in said and "No measure could be judged; no exception is open." in said
