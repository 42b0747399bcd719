"""Lands one batch: new files of one entity and one shape, in one pass, all or nothing.

Belongs here: reading and checking into a draft, and the retry without a file that broke. What follows is in ``settle``.
Not here: finding files (``land``), or the SQL of the checks (``checks``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from signalbox.contracts import Entity
from signalbox.landing import parts
from signalbox.landing.checks import Delivered, checked_select
from signalbox.landing.files import FoundFile
from signalbox.landing.inputs import Input
from signalbox.landing.ledger import Ledger, now
from signalbox.landing.report import LandReport, LeftFile, Progress
from signalbox.landing.rows import make_table
from signalbox.settings import Settings

if TYPE_CHECKING:
    import duckdb

Opener = Callable[[Input], Delivered]
FILES_SHAPE = "file_no integer, file_digest varchar, received_ts timestamp, is_overridden boolean"


@dataclass
class Session:
    """What every batch of one call shares."""

    settings: Settings
    ledger: Ledger
    con: duckdb.DuckDBPyConnection
    contracts: Mapping[str, Entity]
    code_map: Mapping[str, Mapping[str, Mapping[str, str]]]
    adapter_name: str
    is_scheduled: bool
    progress: Progress
    report: LandReport = field(default_factory=LandReport)


@dataclass(frozen=True)
class Unit:
    """A file to be landed as an entity. ``is_overridden``: its received_ts wins over the rows' own.

    ``replaces``: what the same file gave before its adapter changed.
    """

    file: FoundFile
    file_digest: str
    content_digest: str
    business_date: date | None
    received_ts: datetime
    is_overridden: bool
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """A batch that was read and checked: typed rows, good and bad, in the Parquet file ``path`` (if there are rows)."""

    entity: Entity
    units: tuple[Unit, ...]
    source: Input
    path: Path
    rows: int
    started_at: datetime


class _ChangedError(Exception):
    """Files changed while they were read; they were taken out of the batch."""


def read_batch(
    session: Session, units: Sequence[Unit], source: Input, opener: Opener, damaged_opener: Opener | None = None
) -> Draft:
    """Read and check the units. ``damaged_opener`` is tried when DuckDB cannot read what ``opener`` opened."""
    started_at = now()
    by_file = {unit.file: unit for unit in units}
    digests = sorted(unit.file_digest for unit in units)
    path = parts.temporary(parts.part_path(session.settings, "raw", source.entity, "draft", *digests))
    while True:
        readable = [by_file[file] for file, _ in source.files()]
        try:
            rows = _write_draft(session, readable, source, opener, path) if readable else 0
            break
        except _ChangedError:
            continue
        except Exception:
            if source.broke:
                source.broke = False
            elif damaged_opener is None:
                raise
            else:
                opener, damaged_opener = damaged_opener, None
    kept = tuple(unit for unit in units if unit.file in source.numbers)
    return Draft(source.entity, kept, source, path, rows, started_at)


def _write_draft(session: Session, units: Sequence[Unit], source: Input, opener: Opener, path: Path) -> int:
    con = session.con
    facts = [[source.numbers[unit.file], unit.file_digest, unit.received_ts, unit.is_overridden] for unit in units]
    make_table(con, "_files", FILES_SHAPE, facts)
    rows = parts.write(con, checked_select(source.entity, opener(source)), path)
    changed = [unit.file for unit in units if unit.file.has_changed()]
    for file in changed:
        del source.numbers[file]
        source.refused.pop(file, None)
        session.report.left.append(LeftFile(file.path, "still growing: it changed while it was read"))
    if changed:
        raise _ChangedError
    return rows
