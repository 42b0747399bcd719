"""Open a snapshot to read: an in-memory DuckDB with one view a published table.

Belongs here: finding the served snapshot, holding it while it is read. Not here: queries; pages and exports have
their own.
"""

from __future__ import annotations

import fcntl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import duckdb

from signalbox.duckdb_session import connect
from signalbox.errors import SignalboxError
from signalbox.publish import layout
from signalbox.publish.layers import layers_of, rows_select
from signalbox.settings import Settings

_ATTEMPTS = 5


@dataclass
class Snapshot:
    """A snapshot that is open for reading. ``as_of`` is UTC without zone.

    ``con`` serves many threads through ``cursor()``. While it is open it cannot be pruned; close it, or use it as
    a context.
    """

    snapshot_id: str
    as_of: datetime
    con: duckdb.DuckDBPyConnection
    manifest: dict[str, Any]
    folder: Path
    _lease: IO[str] = field(repr=False)

    @property
    def tables(self) -> dict[str, dict[str, Any]]:
        """Published table -> its entry in the manifest (rows, columns, layer, description)."""
        tables: dict[str, dict[str, Any]] = self.manifest["tables"]
        return tables

    @property
    def behind(self) -> frozenset[str]:
        """Published tables that stand as they were at ``complete_as_of``: the builds since were quick ones."""
        return frozenset(self.manifest.get("behind", ()))

    @property
    def complete_as_of(self) -> datetime:
        """The instant, UTC without zone, of which every table tells."""
        return datetime.fromisoformat(self.manifest.get("complete_as_of") or self.manifest["as_of"])

    def close(self) -> None:
        self.con.close()
        self._lease.close()

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_snapshot(settings: Settings, snapshot_id: str | None = None) -> Snapshot:
    """Open the served snapshot, or the one named. Raises SignalboxError when there is none."""
    for _ in range(_ATTEMPTS):
        wanted = snapshot_id or layout.current_snapshot_id(settings)
        if wanted is None:
            raise SignalboxError(f"{settings.home}: nothing is published yet; run `signalbox build`")
        manifest = layout.read_manifest(settings, wanted)
        lease = _lease(layout.manifest_path(settings, wanted))
        if lease is not None:
            folder = layout.snapshot_dir(settings, wanted).resolve()
            return Snapshot(wanted, _instant(manifest), _connect(settings, folder, manifest), manifest, folder, lease)
    raise SignalboxError(f"{wanted}: the snapshot is being cleared; run this again")


def _lease(path: Path) -> IO[str] | None:
    """A shared lock on the manifest, which pruning asks for alone; None when the snapshot is leaving."""
    try:
        handle = path.open(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    if not path.exists():
        handle.close()
        return None
    return handle


def _connect(settings: Settings, folder: Path, manifest: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    con = connect(settings)
    for name, query in queries(folder, manifest["tables"]).items():
        con.execute(f'create view "{name}" as {query}')
    return con


def queries(folder: Path, entries: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Published table -> a select of its rows from the files of the snapshot in ``folder``."""
    rows = {name: rows_select(folder, layers_of(entry)) for name, entry in entries.items() if not entry.get("reads")}
    for name, entry in entries.items():
        if entry.get("reads"):
            inputs = ", ".join(f'"{read}" as ({rows[read]})' for read in entry["reads"])
            (select,) = layers_of(entry)
            text = (folder / select["file"]).read_text(encoding="utf-8")
            rows[name] = f"select * from (with {inputs} select * from ({text}))"
    return rows


def _instant(manifest: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(manifest["as_of"])
