"""Days, zones and opening hours of the simulated retailer."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np

from signalbox.simulate.clock import DAY, HOUR, Clock, OpenHours

CLOCK = Clock(date(2026, 5, 17), 60)  # from 19 March 2026; summer time began on 29 March


def _ts(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[arg-type,misc]


def test_a_day_is_midnight_to_midnight_in_the_reporting_zone() -> None:
    assert CLOCK.first == date(2026, 3, 19)
    assert CLOCK.start_ts == _ts(2026, 3, 18, 23)  # still winter time
    assert CLOCK.end_ts == _ts(2026, 5, 17, 22)
    days = CLOCK.day(np.array([_ts(2026, 3, 18, 22, 59), _ts(2026, 3, 18, 23), _ts(2026, 5, 17, 21, 59)]))
    assert days.tolist() == [-1, 0, 59]


def test_wall_time_survives_the_change_to_summer_time() -> None:
    change = (date(2026, 3, 29) - CLOCK.first).days
    day, tod = np.array([change] * 3), np.array([HOUR // 2, 4 * HOUR, 20 * HOUR])
    for zone in (0, 1):
        back_day, back_tod = CLOCK.local(CLOCK.utc(day, tod, zone), zone)
        assert back_day.tolist() == day.tolist()
        assert back_tod.tolist() == tod.tolist()
    assert CLOCK.utc(day[1:2], tod[1:2]).tolist() == [_ts(2026, 3, 29, 2)]
    assert CLOCK.midnight(change + 1) - CLOCK.midnight(change) == 23 * HOUR


def test_wall_time_survives_the_change_to_winter_time() -> None:
    clock = Clock(date(2025, 11, 2), 30)
    change = (date(2025, 10, 26) - clock.first).days
    day, tod = np.array([change, change]), np.array([1 * HOUR, 15 * HOUR])
    assert clock.local(clock.utc(day, tod))[1].tolist() == tod.tolist()
    assert clock.midnight(change + 1) - clock.midnight(change) == 25 * HOUR


def test_working_days_leave_sundays_out() -> None:
    saturday = (date(2026, 5, 16) - CLOCK.first).days
    assert CLOCK.weekday(np.array([saturday])).tolist() == [6]
    assert CLOCK.add_workdays(np.array([saturday, saturday]), np.array([1, 0])).tolist() == [saturday + 2, saturday]


def _hours() -> OpenHours:
    weekdays = np.ones((1, 7), dtype=bool)
    weekdays[0, 6] = False
    return OpenHours(CLOCK, np.array([0]), np.array([9 * HOUR]), np.array([20 * HOUR]), weekdays)


def test_opening_time_passes_only_while_open() -> None:
    hours, store = _hours(), np.array([0])
    saturday = (date(2026, 5, 16) - CLOCK.first).days
    evening = CLOCK.utc(np.array([saturday]), np.array([19 * HOUR]))
    monday = CLOCK.utc(np.array([saturday + 2]), np.array([10 * HOUR]))
    assert (
        hours.add(store, evening, np.array([2 * HOUR])).tolist() == (monday + 1).tolist()
    )  # the last second is not open
    closed = CLOCK.utc(np.array([saturday + 1]), np.array([12 * HOUR]))
    assert hours.next_open(store, closed).tolist() == (monday - HOUR).tolist()
    assert hours.next_open(store, monday).tolist() == monday.tolist()


def test_days_are_whole() -> None:
    assert CLOCK.end_ts - CLOCK.start_ts == 60 * DAY - HOUR
