"""Days, zones and opening hours of the simulated period, vectorised.

Belongs here: turning local wall time into UTC and back, and working-time arithmetic. Not here: what happens at those
times. Timestamps are whole seconds since 1970 in UTC; days are indexes, 0 = first business day, in the reporting zone
unless a zone is named. Zone 0 is Europe/Berlin (Vienna and Amsterdam keep the same clock), zone 1 Europe/Dublin
(London too).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

HOUR = 3600
DAY = 86400
ZONES = ("Europe/Berlin", "Europe/Dublin")
_EPOCH = date(1970, 1, 1)


class Clock:
    """The calendar of a run: ``days`` business days that end with ``last_day``."""

    BEFORE, AFTER = 500, 400

    def __init__(self, last_day: date, days: int) -> None:
        self.days = days
        self.first = last_day - timedelta(days=days - 1)
        self.first_epoch_day = (self.first - _EPOCH).days
        self.first_weekday = self.first.isoweekday()
        self._mid = np.array([self._midnights(zone) for zone in ZONES])
        utc_one = (np.arange(self._mid.shape[1]) - self.BEFORE + self.first_epoch_day) * DAY + HOUR
        self._switch = utc_one[None, :-1] - self._mid[:, :-1]
        self._shift = DAY - np.diff(self._mid, axis=1)

    def _midnights(self, zone: str) -> list[int]:
        info = ZoneInfo(zone)
        start = self.first - timedelta(days=self.BEFORE)
        count = self.BEFORE + self.days + self.AFTER
        return [
            int(datetime(d.year, d.month, d.day, tzinfo=info).timestamp())
            for d in (start + timedelta(days=i) for i in range(count))
        ]

    @property
    def start_ts(self) -> int:
        return int(self._mid[0, self.BEFORE])

    @property
    def end_ts(self) -> int:
        """First second after the last business day."""
        return int(self._mid[0, self.BEFORE + self.days])

    def midnight(self, day: int) -> int:
        return int(self._mid[0, self.BEFORE + day])

    def date(self, day: int) -> date:
        return self.first + timedelta(days=int(day))

    def epoch_day(self, day: np.ndarray) -> np.ndarray:
        """Days since 1970 of day indexes, for date columns."""
        return (np.asarray(day) + self.first_epoch_day).astype(np.int32)

    def weekday(self, day: np.ndarray) -> np.ndarray:
        """ISO weekday, 1 = Monday."""
        return (np.asarray(day) + self.first_weekday - 1) % 7 + 1

    def utc(self, day: np.ndarray, tod: np.ndarray, zone: np.ndarray | int = 0) -> np.ndarray:
        """UTC second of local time of day ``tod`` (wall clock) on local day ``day``."""
        at = np.asarray(day, dtype=np.int64) + self.BEFORE
        tod = np.asarray(tod, dtype=np.int64)
        shift, switch = self._shift[zone, at], self._switch[zone, at]
        after = tod >= switch + np.maximum(shift, 0)
        return self._mid[zone, at] + tod - np.where(after, shift, 0)

    def local(self, ts: np.ndarray, zone: np.ndarray | int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Local day index and wall-clock second of the day of UTC seconds."""
        ts = np.asarray(ts, dtype=np.int64)
        at = np.searchsorted(self._mid[0], ts, side="right") - 1
        if not (np.isscalar(zone) and zone == 0):
            at = np.where(ts >= self._mid[zone, at], at, at - 1)
        elapsed = ts - self._mid[zone, at]
        tod = elapsed + np.where(elapsed >= self._switch[zone, at], self._shift[zone, at], 0)
        return at - self.BEFORE, tod

    def day(self, ts: np.ndarray) -> np.ndarray:
        """Reporting day index of UTC seconds."""
        return np.searchsorted(self._mid[0], np.asarray(ts), side="right") - 1 - self.BEFORE

    def add_workdays(self, day: np.ndarray, count: np.ndarray) -> np.ndarray:
        """``count`` working days (Monday to Saturday) after ``day``."""
        day, count = np.array(day), np.asarray(count)
        for step in range(int(count.max(initial=0))):
            moved = day + 1
            moved = moved + (self.weekday(moved) == 7)
            day = np.where(step < count, moved, day)
        return day


class OpenHours:
    """Opening hours of the locations: arrays by location index. ``weekdays`` is a bool array (locations, 7)."""

    def __init__(
        self, clock: Clock, zone: np.ndarray, opens: np.ndarray, closes: np.ndarray, weekdays: np.ndarray
    ) -> None:
        self.clock, self.zone, self.opens, self.closes = clock, zone, opens, closes
        wait = np.stack([np.roll(weekdays, -k, axis=1) for k in range(7)])
        self._wait = wait.argmax(axis=0)

    def _settle(self, loc: np.ndarray, ts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        day, tod = self.clock.local(ts, self.zone[loc])
        late = tod >= self.closes[loc]
        day, tod = day + late, np.where(late, self.opens[loc], np.maximum(tod, self.opens[loc]))
        wait = self._wait[loc, self.clock.weekday(day) - 1]
        return day + wait, np.where(wait > 0, self.opens[loc], tod)

    def next_open(self, loc: np.ndarray, ts: np.ndarray) -> np.ndarray:
        """``ts`` if the location is open then, else its next opening."""
        day, tod = self._settle(loc, ts)
        return self.clock.utc(day, tod, self.zone[loc])

    def add(self, loc: np.ndarray, ts: np.ndarray, seconds: np.ndarray) -> np.ndarray:
        """The moment at which ``seconds`` of opening time have passed since ``ts``; looks six openings ahead."""
        day, tod = self._settle(loc, ts)
        left = np.asarray(seconds, dtype=np.int64)
        for _ in range(6):
            room = self.closes[loc] - 1 - tod
            over = left > room
            if not over.any():
                break
            left = np.where(over, left - room, left)
            day = day + over
            wait = np.where(over, self._wait[loc, self.clock.weekday(day) - 1], 0)
            day, tod = day + wait, np.where(over, self.opens[loc], tod)
        return self.clock.utc(day, np.minimum(tod + left, self.closes[loc] - 1), self.zone[loc])
