"""What a build is asked for. Not here: where it is asked (the command, a run's configuration) and what it then does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from signalbox.errors import UsageError


@dataclass(frozen=True)
class BuildOptions:
    """What a build is asked for. ``as_of`` is UTC without zone; days are business days, both included.

    ``files_at_most``: how many new files of the drop area are landed; None: all. ``quick``: only what quick builds keep
    up, where there is a build to go on from; what else would change is behind until a build that is not quick.
    """

    as_of: datetime | None = None
    date_from: date | None = None
    date_to: date | None = None
    full_refresh: bool = False
    land: bool = True
    files_at_most: int | None = None
    engine: Literal["duckdb", "spark"] = "duckdb"
    quick: bool = False

    def __post_init__(self) -> None:
        if self.quick and (self.is_backfill or self.full_refresh or self.as_of or self.engine == "spark"):
            raise UsageError(
                "a quick build goes on from the one before: no range, instant, engine or full refresh with it"
            )
        if self.date_from and self.date_to and self.date_from > self.date_to:
            raise UsageError(f"the range is empty: {self.date_from} is after {self.date_to}")

    @property
    def is_backfill(self) -> bool:
        return self.date_from is not None or self.date_to is not None
