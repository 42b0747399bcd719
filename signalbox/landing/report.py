"""What a call of ``land`` tells its caller.

Belongs here: the counts and lists. Not here: how they are printed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

Progress = Callable[[str, int, int], None]


def no_progress(text: str, done: int, total: int) -> None:
    """The progress callback of a caller that does not want any."""


@dataclass(frozen=True)
class LeftFile:
    """A file that was not touched, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class RefusedFile:
    """A file that was quarantined whole. ``line`` is where it broke, if known."""

    path: Path
    entity: str
    rule: str
    column: str | None
    line: int | None
    reason: str


@dataclass
class LandReport:
    """Counts of one call. ``files`` were landed; rows_read = rows_accepted + rows_quarantined."""

    files: int = 0
    rows_read: int = 0
    rows_accepted: int = 0
    rows_quarantined: int = 0
    duplicates: int = 0
    left: list[LeftFile] = field(default_factory=list)
    # what the files that were landed or refused are called, and new ones beyond the number that was asked for
    taken: list[Path] = field(default_factory=list)
    waiting: list[Path] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)
    # entity -> column that its contract does not know -> files that have it
    new_columns: dict[str, dict[str, int]] = field(default_factory=dict)
    # (entity, column, code) of open code lists -> rows
    unknown_codes: dict[tuple[str, str, str], int] = field(default_factory=dict)
    # what a person should know, a sentence each
    notes: list[str] = field(default_factory=list)

    def count_new_column(self, entity: str, column: str) -> None:
        columns = self.new_columns.setdefault(entity, {})
        columns[column] = columns.get(column, 0) + 1
