"""Parquet parts of raw rows and of refused rows: written beside, renamed, then recorded.

Belongs here: every write under ``raw/`` and ``quarantine/``, compaction, clearing what a crash left. Not here: what is
in a row (``checks``), or the ledger's tables (``ledger``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from signalbox.contracts import Entity
from signalbox.contracts.schema import literal, quoted, raw_columns
from signalbox.duckdb_session import PARQUET
from signalbox.landing.ledger import Batch, Ledger, Part, now
from signalbox.publish.files import sync
from signalbox.settings import Settings

if TYPE_CHECKING:
    import duckdb

PARTS_BEFORE_COMPACTION = 16
_COMPACTED_BYTES = 256 << 20
QUARANTINE_COLUMNS = {
    "file_digest": "VARCHAR",
    "line": "BIGINT",
    "column_name": "VARCHAR",
    "rule_code": "VARCHAR",
    "value": "VARCHAR",
    "row": "VARCHAR",
    "extra": "VARCHAR",
    "received_ts": "TIMESTAMP",
}


def columns_of(kind: str, entity: Entity) -> dict[str, str]:
    """Name and type of the columns that a new part of this kind gets."""
    return raw_columns(entity) if kind == "raw" else dict(QUARANTINE_COLUMNS)


def part_path(settings: Settings, kind: str, entity: Entity, *facts: str) -> Path:
    """Where the part made from these facts goes; the same facts give the same name."""
    name = hashlib.sha256("\n".join(facts).encode()).hexdigest()[:20]
    folder = settings.raw_dir if kind == "raw" else settings.quarantine_dir
    return folder / entity.system / entity.entity / f"{name}.parquet"


def temporary(path: Path) -> Path:
    """The name under which a part is written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(path.name + ".tmp")


def write(con: duckdb.DuckDBPyConnection, select: str, path: Path) -> int:
    """Write the select's rows to ``path``, which nobody reads yet; gives their number."""
    row = con.execute(f"copy ({select}) to {literal(str(path))} ({PARQUET})").fetchone()
    return int(row[0]) if row else 0


def copy(con: duckdb.DuckDBPyConnection, select: str, path: Path) -> int:
    """Write the select's rows to ``path`` through its temporary name; gives their number."""
    draft = temporary(path)
    rows = write(con, select, draft)
    put(draft, path)
    return rows


def put(draft: Path, path: Path) -> None:
    """Give a complete draft its name, on the disk before the ledger names it."""
    sync(draft)
    draft.replace(path)
    sync(path.parent)


def relation(settings: Settings, paths: Iterable[str]) -> str:
    """SQL that reads the parts named by their ledger paths."""
    return f"read_parquet([{', '.join(literal(str(settings.home / path)) for path in paths)}])"


def relative(settings: Settings, path: Path) -> str:
    """A part's path as the ledger keeps it."""
    return path.relative_to(settings.home).as_posix()


def union_select(settings: Settings, columns: dict[str, str], parts: Sequence[Part]) -> str:
    """A select of ``columns`` over the parts; a column that an older part lacks is null, an older type is cast."""
    shapes: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for part in parts:
        shapes.setdefault(tuple(part.columns.items()), []).append(part.path)
    selects = []
    for shape, paths in shapes.items():
        had = dict(shape)
        cells = [_cell(name, kind, had.get(name)) for name, kind in columns.items()]
        selects.append(f"select {', '.join(cells)} from {relation(settings, paths)}")
    return "\nunion all\n".join(selects)


def _cell(name: str, kind: str, had: str | None) -> str:
    if had == kind:
        return quoted(name)
    return f"cast({'null' if had is None else quoted(name)} as {kind}) as {quoted(name)}"


def without_files(
    con: duckdb.DuckDBPyConnection, settings: Settings, ledger: Ledger, entity: Entity, batch: Batch
) -> None:
    """Add to ``batch`` what takes its removed files out of every part that holds rows of them."""
    gone = frozenset(batch.removed_files)
    for kind, column in (("raw", "_file_digest"), ("quarantine", "file_digest")):
        for part in ledger.parts(kind, entity.entity):
            if not part.digests & gone:
                continue
            batch.removed_parts.append(part.path)
            kept = part.digests - gone
            if kept:
                names = ", ".join(literal(digest) for digest in sorted(gone))
                path = part_path(settings, kind, entity, "without", part.path, *sorted(gone))
                rest = f"select * from {relation(settings, [part.path])} where {column} not in ({names})"
                rows = copy(con, rest, path)
                batch.parts.append(Part(relative(settings, path), kind, entity.entity, rows, part.columns, kept))


def compact(con: duckdb.DuckDBPyConnection, settings: Settings, ledger: Ledger, entity: Entity) -> int:
    """Merge an entity's small parts when there are many; rows keep digest and line. Gives the number merged."""
    merged = 0
    for kind in ("raw", "quarantine"):
        parts = [
            part
            for part in ledger.parts(kind, entity.entity)
            if (settings.home / part.path).stat().st_size < _COMPACTED_BYTES
        ]
        if len(parts) <= PARTS_BEFORE_COMPACTION:
            continue
        batch = Batch("compaction", entity.entity, now())
        columns = columns_of(kind, entity)
        path = part_path(settings, kind, entity, "merged", *(part.path for part in parts))
        rows = copy(con, union_select(settings, columns, parts), path)
        digests = frozenset[str]().union(*(part.digests for part in parts))
        batch.parts.append(Part(relative(settings, path), kind, entity.entity, rows, columns, digests))
        batch.removed_parts = [part.path for part in parts]
        ledger.record(batch)
        remove_unrecorded(settings, ledger)
        merged += len(parts)
    return merged


def remove_unrecorded(settings: Settings, ledger: Ledger) -> int:
    """Delete part files that no ledger row names: what a crash or a merge left. Gives their number."""
    recorded = ledger.part_paths()
    removed = 0
    for folder in (settings.raw_dir, settings.quarantine_dir):
        for path in sorted(folder.glob("*/*/*.parquet*")):
            if relative(settings, path) not in recorded:
                path.unlink()
                removed += 1
    return removed
