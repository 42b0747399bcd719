"""Business time of an owner: how long they worked between two instants, and when so much of it has passed.

Belongs here: reading the published calendar, which also gave every exception its due time. Not here: opening hours
themselves (the seed ``business_calendar``).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

_COLUMNS = "owner_role, opens_ts, work_seconds_before, work_seconds_until"
# Begin of work, working seconds of the role before the day, and until its end.
_Day = tuple[datetime, int, int]


class BusinessClock:
    """Working seconds of owners. A role that the calendar lacks never stops working."""

    def __init__(self, days: Iterable[tuple[str, datetime, int, int]]) -> None:
        self._days: dict[str, list[_Day]] = {}
        for role, opens, before, until in sorted(days):
            self._days.setdefault(role, []).append((opens, before, until))

    @classmethod
    def of(cls, con: Any) -> BusinessClock:
        """From a snapshot's ``int_control__business_day``."""
        return cls(con.execute(f"select {_COLUMNS} from int_control__business_day").fetchall())

    def seconds_between(self, role: str, first: datetime, last: datetime) -> float:
        """Working seconds from ``first`` to ``last``; 0 where ``last`` is not later."""
        if last <= first:
            return 0.0
        if role not in self._days:
            return (last - first).total_seconds()
        return self._worked(role, last) - self._worked(role, first)

    def after(self, role: str, moment: datetime, seconds: float) -> datetime:
        """When ``seconds`` of work have passed since ``moment``; past the calendar's end, elapsed time is added."""
        days = self._days.get(role)
        if days is None or seconds <= 0:
            return moment + timedelta(seconds=max(seconds, 0.0))
        wanted = self._worked(role, moment) + seconds
        position = bisect_left(days, wanted, key=lambda day: day[2])
        if position == len(days):
            return moment + timedelta(seconds=seconds)
        opens, before, _ = days[position]
        return opens + timedelta(seconds=wanted - before)

    def _worked(self, role: str, moment: datetime) -> float:
        days = self._days[role]
        position = bisect_right(days, moment, key=lambda day: day[0]) - 1
        if position < 0:
            return 0.0
        opens, before, until = days[position]
        return before + min((moment - opens).total_seconds(), until - before)
