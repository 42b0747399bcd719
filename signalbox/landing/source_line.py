"""From a row of any table back to the line of the file that it came from.

Belongs here: looking up one landed row. Not here: looking up refused ones (``quarantine``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from signalbox.contracts import load_contracts
from signalbox.errors import UsageError
from signalbox.landing import parts
from signalbox.landing.ledger import Ledger
from signalbox.settings import Settings


@dataclass(frozen=True)
class SourceLine:
    """A landed row in its file. ``values``: the contract's columns as landed, personal ones hashed; ``extra``: JSON."""

    file_digest: str
    file_name: str
    path: Path
    entity: str
    feed_id: str
    line: int
    received_ts: datetime
    values: dict[str, Any]
    extra: str | None


def source_line(settings: Settings, file_digest: str, line: int) -> SourceLine:
    """The row that this line of the file gave. Raises UsageError when the file or an accepted row there is unknown."""
    import duckdb

    with Ledger(settings, create=False) as ledger, duckdb.connect() as con:
        found = ledger.con.execute(
            "select file_name, path, entity, feed_id from file where file_digest = ?", [file_digest]
        ).fetchone()
        if found is None:
            raise UsageError(f"{file_digest}: no such file was landed")
        name, path, entity_name, feed_id = found
        holding = [part for part in ledger.parts("raw", entity_name) if file_digest in part.digests]
        entity = load_contracts(settings.contracts_dir)[entity_name]
        con.execute("set TimeZone = 'UTC'")
        rows: list[tuple[Any, ...]] = []
        if holding:
            select = parts.union_select(settings, parts.columns_of("raw", entity), holding)
            result = con.execute(f"select * from ({select}) where _file_digest = ? and _line = ?", [file_digest, line])
            rows, names = result.fetchall(), [column[0] for column in result.description or []]
        if not rows:
            raise UsageError(f"{name}: line {line} gave no accepted row; it may be in quarantine")
    cells = dict(zip(names, rows[0], strict=True))
    values = {column.name: cells[column.name] for column in entity.columns}
    received, extra = cells["received_ts"], cells["_extra"]
    return SourceLine(file_digest, name, Path(path), entity_name, feed_id, line, received, values, extra)
