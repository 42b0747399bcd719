"""Days and instants as people write them, in options and run configurations.

Belongs here: text to value. Not here: the clock; nothing here reads one.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from signalbox.errors import UsageError


def parse_day(text: str, name: str) -> date:
    """A day as YYYY-MM-DD. Raises UsageError that begins with ``name``, the option it was given to."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError as error:
        raise UsageError(f"{name}: {text!r} is not a day such as 2026-10-14") from error


def parse_instant(text: str, name: str) -> datetime:
    """An ISO instant as UTC without zone; without an offset it is UTC, a bare day is midnight. Raises UsageError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{name}: {text!r} is not an instant such as 2026-10-14T04:55 (UTC)") from error
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
