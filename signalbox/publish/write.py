"""Publish a build: an immutable snapshot written beside the served one, audited there, then one pointer moved.

Belongs here: the gate, the files of a new snapshot, the moment of publication. Not here: which suites there are, or
clearing old snapshots.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import duckdb

from signalbox.errors import SignalboxError
from signalbox.interrupt import reached
from signalbox.publish import layout
from signalbox.publish.audit import BuildRecord, read_record, refusal, save_record, utc_now
from signalbox.publish.changes import Change, Changes, read_behind
from signalbox.publish.files import sync, write_atomically
from signalbox.publish.layers import MANIFEST_FORMAT
from signalbox.publish.table_files import Before, Entry, write_table
from signalbox.publish.tables import PublishedTable, quality_table
from signalbox.settings import Settings

Progress = Callable[[str, int, int], None]
_STAGED = "staged.json"


@dataclass(frozen=True)
class StagedSnapshot:
    """Tables written for a snapshot that is not published: ``entries`` by table, as the manifest will name them."""

    build_id: str
    folder: Path
    entries: dict[str, Entry]


@dataclass(frozen=True)
class PublishReport:
    """What a publication wrote. ``linked`` counts the tables that are the files of the snapshot before, all of them."""

    snapshot_id: str
    tables: int
    linked: int
    bytes_written: int
    is_current: bool


def stage(
    settings: Settings,
    con: duckdb.DuckDBPyConnection,
    tables: Sequence[PublishedTable],
    progress: Progress | None = None,
    changes: Changes | None = None,
) -> StagedSnapshot:
    """Write the tables beside what is served, so that suites read what would be published. ``con``: the warehouse.

    ``changes`` count only when the newest snapshot is that of the build they are relative to; else every table is
    written whole. Call it under the writer's lock. A staged snapshot that is never published is cleared by the next
    writer.
    """
    build_id, _ = _built(con)
    clear_unfinished(settings)
    folder = _staged_folder(settings, build_id)
    (folder / "tables").mkdir(parents=True)
    newest, before = _newest(settings)
    known = changes if changes is not None and changes.base_id == newest else Changes()
    entries: dict[str, Entry] = {}

    def write(table: PublishedTable) -> Entry:
        change = known.of(table.schema, table.name)
        return write_table(con.cursor(), table, folder, before.get(table.name), change)

    def note(name: str, entry: Entry) -> None:
        entries[name] = entry
        if progress:
            progress(name, len(entries), len(tables))
        if len(entries) == len(tables) // 2:
            reached(settings, "tables_half")

    alone: list[PublishedTable] = []
    with ThreadPoolExecutor(settings.threads) as pool:
        written = {pool.submit(write, table): table for table in tables}
        try:
            for done in as_completed(written):
                try:
                    note(written[done].name, done.result())
                except duckdb.OutOfMemoryException:  # each may have the memory that two of them have not
                    alone.append(written[done])
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    for table in alone:
        note(table.name, write(table))
    entries = {table.name: entries[table.name] for table in tables}
    write_atomically(folder / _STAGED, json.dumps(entries))
    reached(settings, "tables_written")
    return StagedSnapshot(build_id, folder, entries)


def read_staged(settings: Settings, build_id: str) -> StagedSnapshot:
    """What ``stage`` wrote for a build. Raises SignalboxError when nothing of it is there."""
    folder = _staged_folder(settings, build_id)
    try:
        return StagedSnapshot(build_id, folder, json.loads((folder / _STAGED).read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise SignalboxError(f"build {build_id}: its tables were not written") from error


def publish(settings: Settings, con: duckdb.DuckDBPyConnection, registered_suites: Collection[str]) -> PublishReport:
    """Publish the staged snapshot of the build that the warehouse (``con``) holds. Call it under the writer's lock.

    A build that was asked for a past instant becomes a snapshot but not the current one. Raises SignalboxError when the
    warehouse's build has no complete, passed audit record or was not staged; then what is served is unchanged.
    """
    build_id, as_of = _built(con)
    record = read_record(settings, build_id)
    reason = refusal(record, build_id, registered_suites)
    if reason:
        raise SignalboxError(f"build {build_id} is not published: {reason}; the served snapshot stays")
    staged = read_staged(settings, build_id)
    folder, entries = staged.folder, staged.entries
    quality = quality_table()
    entries[quality.name] = write_table(con, quality, folder, None, Change())
    sync(folder / "tables")
    complete_as_of, behind = read_behind(con)
    left = {"complete_as_of": complete_as_of, "behind": [name for name in behind if name in entries]}
    _write_manifest(settings, folder, record, as_of, left, entries)
    (folder / _STAGED).unlink()
    reached(settings, "manifest_written")
    is_current = record.requested_as_of is None
    _put_in_place(settings, folder, build_id, is_current)
    record.status, record.snapshot_id, record.finished = "published", build_id, utc_now()
    save_record(settings, record)
    reached(settings, "published")
    return PublishReport(
        snapshot_id=build_id,
        tables=len(entries),
        linked=sum(entry["written"] == 0 for entry in entries.values()),
        bytes_written=sum(entry["written"] for entry in entries.values()),
        is_current=is_current,
    )


def clear_unfinished(settings: Settings) -> None:
    """Remove what a killed publication or prune left. Nobody can have such a directory open as a snapshot."""
    folder = layout.snapshots_dir(settings)
    for prefix in (layout.UNFINISHED, layout.LEAVING):
        for left in folder.glob(f"{prefix}*"):
            shutil.rmtree(left)


def _staged_folder(settings: Settings, build_id: str) -> Path:
    return layout.snapshots_dir(settings) / f"{layout.UNFINISHED}{build_id}"


def _built(con: duckdb.DuckDBPyConnection) -> tuple[str, str]:
    try:
        row = con.execute("select build_id, as_of from raw.build_context").fetchone()
    except duckdb.CatalogException as error:
        raise SignalboxError("the warehouse holds no build; run `signalbox build`") from error
    if row is None:
        raise SignalboxError("the warehouse holds no build; run `signalbox build`")
    return str(row[0]), row[1].isoformat()


def _newest(settings: Settings) -> tuple[str | None, dict[str, Before]]:
    """The newest snapshot, and each of its tables."""
    ids = layout.snapshot_ids(settings)
    if not ids:
        return None, {}
    folder = layout.snapshot_dir(settings, ids[-1])
    listed = layout.read_manifest(settings, ids[-1])["tables"]
    return ids[-1], {name: Before(folder, entry) for name, entry in listed.items()}


def _write_manifest(
    settings: Settings,
    fresh: Path,
    record: BuildRecord,
    as_of: str,
    left: Mapping[str, str | list[str] | None],
    entries: dict[str, Entry],
) -> None:
    manifest = {
        "format": MANIFEST_FORMAT,
        "snapshot_id": record.build_id,
        "build_id": record.build_id,
        "as_of": as_of,
        **left,
        "created": utc_now(),
        "created_from": {
            "code_digest": record.code_digest,
            "inputs_digest": record.inputs_digest,
            "requested_as_of": record.requested_as_of,
        },
        "reporting_time_zone": settings.reporting_time_zone,
        "reporting_currency": settings.reporting_currency,
        "tables": {
            name: {key: value for key, value in entry.items() if key != "written"} for name, entry in entries.items()
        },
    }
    write_atomically(fresh / "manifest.json", json.dumps(manifest, indent=1) + "\n")


def _put_in_place(settings: Settings, fresh: Path, snapshot_id: str, is_current: bool) -> None:
    with layout.pointer_lock(settings):
        fresh.rename(layout.snapshot_dir(settings, snapshot_id))
        sync(layout.snapshots_dir(settings))
        reached(settings, "snapshot_in_place")
        if is_current:
            write_atomically(layout.current_path(settings), snapshot_id + "\n")
