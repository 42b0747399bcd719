"""What is asked of the door, checked: which measures, by which dimensions, over which days.

Belongs here: every refusal, each one clear line. Not here: SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from signalbox.errors import UsageError
from signalbox.metrics.catalog import Measure
from signalbox.metrics.dimensions import GRAINS, grouping_name

Where = Mapping[str, str | Sequence[str]]
Day = date | str | None
FIRST_DAY, LAST_DAY = date(1, 1, 1), date(9999, 12, 31)


@dataclass(frozen=True)
class Request:
    """A checked question. ``where`` holds the accepted values of each dimension."""

    measures: tuple[Measure, ...]
    by: tuple[str, ...]
    grain: str
    start: date | None
    end: date | None
    where: dict[str, tuple[str, ...]]

    @property
    def dims(self) -> tuple[str, ...]:
        """Dimensions that the rows must carry: those asked for and those filtered by."""
        return tuple(dict.fromkeys((*self.by, *self.where)))

    @property
    def grouping(self) -> str:
        return grouping_name(self.dims)


def checked(
    measures: Iterable[Measure],
    by: str | Iterable[str] = (),
    grain: str = "day",
    start: Day = None,
    end: Day = None,
    where: Where | None = None,
    over_time: str | None = None,
) -> Request:
    """A request that can be answered. Raises UsageError with one line that says what to change."""
    asked = Request(
        tuple(measures),
        tuple(dict.fromkeys([by] if isinstance(by, str) else by)),
        grain,
        as_day(start, "start"),
        as_day(end, "end"),
        {dim: (value,) if isinstance(value, str) else tuple(value) for dim, value in (where or {}).items()},
    )
    if grain not in GRAINS:
        raise UsageError(f"unknown grain {grain!r}; use one of {', '.join(GRAINS)}")
    if asked.start and asked.end and asked.start > asked.end:
        raise UsageError(f"the first day {asked.start} lies after the last day {asked.end}")
    for measure in asked.measures:
        _check_dimensions(measure, asked)
        _check_time(measure, over_time)
    return asked


def as_day(value: Day, name: str) -> date | None:
    """A day from a date or ISO text; None stays None."""
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    try:
        return date.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name}: {value!r} is not a day; write it as 2026-03-31") from error


def _check_dimensions(measure: Measure, asked: Request) -> None:
    for dim in asked.dims:
        if dim not in measure.dimensions:
            raise UsageError(
                f"{measure.kpi_id} has no dimension {dim!r}; it can be sliced by {', '.join(measure.dimensions)}"
            )
    for dim in measure.required:
        if dim not in asked.by and len(asked.where.get(dim, ())) != 1:
            raise UsageError(f"{measure.kpi_id} must not be added over {dim}: name one {dim}, or ask for it by {dim}")


def _check_time(measure: Measure, over_time: str | None) -> None:
    if over_time is None or over_time == measure.time_aggregation:
        return
    if measure.is_stock and over_time == "sum":
        raise UsageError(
            f"{measure.kpi_id} is a stock and cannot be summed over time; its last day stands for a period"
        )
    raise UsageError(f"{measure.kpi_id} is read over time as {measure.time_aggregation}, not as {over_time!r}")
