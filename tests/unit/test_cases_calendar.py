"""Business time: Friday 08:00 to 17:00, a weekend, Monday 08:00 to 17:00, as the calendar's table tells it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalbox.cases.calendar import BusinessClock

HOURS = 9 * 3600
CLOCK = BusinessClock(
    [
        ("finance", datetime(2026, 3, 6, 8), 0, HOURS),
        ("finance", datetime(2026, 3, 7), HOURS, HOURS),
        ("finance", datetime(2026, 3, 8), HOURS, HOURS),
        ("finance", datetime(2026, 3, 9, 8), HOURS, 2 * HOURS),
        ("finance", datetime(2026, 3, 10, 8), 2 * HOURS, 3 * HOURS),
    ]
)
BEGIN = datetime(2026, 3, 6)


@pytest.mark.parametrize(
    ("first", "last", "hours"),
    [
        (datetime(2026, 3, 6, 9), datetime(2026, 3, 6, 11), 2),
        (datetime(2026, 3, 6, 16), datetime(2026, 3, 9, 9), 2),
        (datetime(2026, 3, 6, 7), datetime(2026, 3, 6, 9), 1),
        (datetime(2026, 3, 6, 18), datetime(2026, 3, 9, 7), 0),
        (datetime(2026, 3, 7), datetime(2026, 3, 10, 20), 18),
        (datetime(2026, 3, 6, 11), datetime(2026, 3, 6, 9), 0),
    ],
)
def test_nights_and_weekends_do_not_count(first: datetime, last: datetime, hours: int) -> None:
    assert CLOCK.seconds_between("finance", first, last) == hours * 3600


@pytest.mark.parametrize(
    ("moment", "hours", "then"),
    [
        (datetime(2026, 3, 6, 9), 2, datetime(2026, 3, 6, 11)),
        (datetime(2026, 3, 6, 16), 2, datetime(2026, 3, 9, 9)),
        (datetime(2026, 3, 6, 16), 1, datetime(2026, 3, 6, 17)),
        (datetime(2026, 3, 7, 12), 1, datetime(2026, 3, 9, 9)),
        (datetime(2026, 3, 6, 9), 0, datetime(2026, 3, 6, 9)),
    ],
)
def test_work_is_added_within_opening_hours(moment: datetime, hours: int, then: datetime) -> None:
    assert CLOCK.after("finance", moment, hours * 3600) == then


def test_who_has_no_hours_always_works() -> None:
    assert CLOCK.seconds_between("robot", BEGIN, BEGIN + timedelta(days=2)) == 172_800
    assert CLOCK.after("robot", BEGIN, 3600) == BEGIN + timedelta(hours=1)


@given(start=st.integers(0, 5 * 86_400), seconds=st.integers(1, HOURS))
def test_what_was_added_has_passed(start: int, seconds: int) -> None:
    moment = BEGIN + timedelta(seconds=start)
    then = CLOCK.after("finance", moment, seconds)
    if then <= datetime(2026, 3, 10, 17):
        assert CLOCK.seconds_between("finance", moment, then) == seconds
