"""Publish a build: an immutable snapshot written beside the served one, audited there, then one pointer moved.

Belongs here: the gate, the files of a new snapshot, the moment of publication. Not here: which suites there are, or
clearing old snapshots.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from signalbox.errors import SignalboxError
from signalbox.interrupt import reached
from signalbox.publish import layout
from signalbox.publish.audit import BuildRecord, read_record, refusal, save_record, utc_now
from signalbox.publish.files import digest_of, link_or_copy, sync, write_atomically
from signalbox.publish.tables import PublishedTable, quality_table
from signalbox.settings import Settings

MANIFEST_FORMAT = 1
Progress = Callable[[str, int, int], None]
_STAGED = "staged.json"


@dataclass(frozen=True)
class StagedSnapshot:
    """Tables written for a snapshot that is not published: ``entries`` by table, as the manifest will name them."""

    build_id: str
    folder: Path
    entries: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class PublishReport:
    """What a publication wrote. ``linked`` counts the tables that are the files of the snapshot before."""

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
) -> StagedSnapshot:
    """Write the tables beside what is served, so that suites read what would be published. ``con``: the warehouse.

    Call it under the writer's lock. A staged snapshot that is never published is cleared by the next writer.
    """
    build_id, _ = _built(con)
    clear_unfinished(settings)
    folder = _staged_folder(settings, build_id)
    (folder / "tables").mkdir(parents=True)
    before = _previous(settings)
    entries: dict[str, dict[str, Any]] = {}
    with ThreadPoolExecutor(settings.threads) as pool:
        written = {
            pool.submit(_write_table, con.cursor(), table, folder / "tables", before.get(table.name)): table.name
            for table in tables
        }
        try:
            for number, done in enumerate(as_completed(written), start=1):
                entries[written[done]] = done.result()
                if progress:
                    progress(written[done], number, len(tables))
                if number == len(tables) // 2:
                    reached(settings, "tables_half")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
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
    entries[quality.name] = _write_table(con, quality, folder / "tables", None)
    sync(folder / "tables")
    _write_manifest(settings, folder, record, as_of, entries)
    (folder / _STAGED).unlink()
    reached(settings, "manifest_written")
    is_current = record.requested_as_of is None
    _put_in_place(settings, folder, build_id, is_current)
    record.status, record.snapshot_id, record.finished = "published", build_id, utc_now()
    save_record(settings, record)
    reached(settings, "published")
    written = [entry for entry in entries.values() if not entry["linked"]]
    return PublishReport(
        snapshot_id=build_id,
        tables=len(entries),
        linked=len(entries) - len(written),
        bytes_written=sum(entry["bytes"] for entry in written),
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


def _previous(settings: Settings) -> dict[str, tuple[Path, str]]:
    """Table -> its file in the newest snapshot and that file's digest."""
    ids = layout.snapshot_ids(settings)
    if not ids:
        return {}
    folder = layout.snapshot_dir(settings, ids[-1])
    listed = layout.read_manifest(settings, ids[-1])["tables"]
    return {name: (folder / entry["file"], entry["digest"]) for name, entry in listed.items()}


def _write_table(
    con: duckdb.DuckDBPyConnection, table: PublishedTable, folder: Path, before: tuple[Path, str] | None
) -> dict[str, Any]:
    """Write one table under a new name and rename it; an equal file of the snapshot before is linked in its place."""
    final = folder / f"{table.name}.{'sql' if table.reads else 'parquet'}"
    fresh = folder / f".{table.name}.new"
    columns, rows = _write_select(con, table, fresh) if table.reads else _write_rows(con, table, fresh)
    entry = {
        "file": f"tables/{final.name}",
        "digest": digest_of(fresh),
        "rows": rows,
        "columns": columns,
        "layer": table.layer,
        "description": table.description,
        "reads": list(table.reads),
        "bytes": fresh.stat().st_size,
        "linked": False,
    }
    if before is not None and before[1] == entry["digest"] and before[0].exists():
        fresh.unlink()
        link_or_copy(before[0], final)
        entry["linked"] = True
    else:
        sync(fresh)
        fresh.rename(final)
    return entry


def _write_rows(con: duckdb.DuckDBPyConnection, table: PublishedTable, path: Path) -> tuple[dict[str, str], int]:
    """Write the rows as Parquet in one order, whatever the order of their making; their columns and number."""
    source = f'"{table.schema}"."{table.name}"'
    columns = _columns(con, source)
    leading = [name for name in table.order_by if name in columns]
    order = ", ".join(f'"{name}"' for name in [*leading, *(name for name in columns if name not in leading)])
    target = str(path).replace("'", "''")
    con.execute(f"copy (select * from {source} order by {order}) to '{target}' (format parquet, compression zstd)")
    copied = con.fetchone()
    return columns, int(copied[0]) if copied else 0


def _write_select(con: duckdb.DuckDBPyConnection, table: PublishedTable, path: Path) -> tuple[dict[str, str], int]:
    """Write the view's select, which names the published tables that it reads; its columns and number of rows."""
    found = con.execute(
        "select sql, database_name from duckdb_views() where schema_name = ? and view_name = ?",
        [table.schema, table.name],
    ).fetchone()
    if found is None:
        raise SignalboxError(f"{table.schema}.{table.name}: published over other tables, but it is no view")
    text = str(found[0]).partition(" AS ")[2].strip().rstrip(";")
    for name in table.reads:
        text = re.sub(rf"\b(?:{re.escape(str(found[1]))}\.)?\w+\.{re.escape(name)}\b", f'"{name}"', text)
    _check_reads(con, table, text)
    path.write_text(text + "\n", encoding="utf-8")
    counted = con.execute(f'select count(*) from "{table.schema}"."{table.name}"').fetchone()
    return _columns(con, f'"{table.schema}"."{table.name}"'), int(counted[0]) if counted else 0


def _check_reads(con: duckdb.DuckDBPyConnection, table: PublishedTable, text: str) -> None:
    """Raise SignalboxError when the select needs more than the published tables that the view says it reads."""
    with duckdb.connect() as empty:
        for name in table.reads:
            row = con.execute("select schema_name from duckdb_tables() where table_name = ?", [name]).fetchone()
            columns = _columns(con, f'"{row[0] if row else ""}"."{name}"')
            listed = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
            empty.execute(f'create table "{name}" ({listed})')
        try:
            empty.execute(f"create view readable as {text}")
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise SignalboxError(f"{table.name}: meta.published_over is not all that it reads: {reason}") from error


def _columns(con: duckdb.DuckDBPyConnection, source: str) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in con.execute(f"describe {source}").fetchall()}


def _write_manifest(
    settings: Settings, fresh: Path, record: BuildRecord, as_of: str, entries: dict[str, dict[str, Any]]
) -> None:
    kept = ("file", "digest", "rows", "columns", "layer", "description", "reads", "bytes")
    manifest = {
        "format": MANIFEST_FORMAT,
        "snapshot_id": record.build_id,
        "build_id": record.build_id,
        "as_of": as_of,
        "created": utc_now(),
        "created_from": {
            "code_digest": record.code_digest,
            "inputs_digest": record.inputs_digest,
            "requested_as_of": record.requested_as_of,
        },
        "reporting_time_zone": settings.reporting_time_zone,
        "reporting_currency": settings.reporting_currency,
        "tables": {name: {key: entry[key] for key in kept} for name, entry in entries.items()},
    }
    write_atomically(fresh / "manifest.json", json.dumps(manifest, indent=1) + "\n")


def _put_in_place(settings: Settings, fresh: Path, snapshot_id: str, is_current: bool) -> None:
    with layout.pointer_lock(settings):
        fresh.rename(layout.snapshot_dir(settings, snapshot_id))
        sync(layout.snapshots_dir(settings))
        reached(settings, "snapshot_in_place")
        if is_current:
            write_atomically(layout.current_path(settings), snapshot_id + "\n")
