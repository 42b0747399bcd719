"""The files of one published table: written whole, linked from the snapshot before, or linked with one layer more.

Belongs here: every file of a table, under a new name and renamed. Not here: which tables there are, the manifest, the
moment of publication (``write``), or how layers are read (``layers``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from signalbox.duckdb_session import PARQUET
from signalbox.errors import SignalboxError
from signalbox.publish import layers as layered
from signalbox.publish.changes import Change
from signalbox.publish.files import digest_of, link_or_copy, sync
from signalbox.publish.layers import Layer, LayerFile, layer_of, quoted
from signalbox.publish.tables import PublishedTable

Entry = dict[str, Any]


@dataclass(frozen=True)
class Before:
    """A table in the snapshot before: its folder, and its entry in the manifest."""

    folder: Path
    entry: Mapping[str, Any]

    @property
    def layers(self) -> list[Layer]:
        return layered.layers_of(self.entry)

    def can_go_on(self, columns: Mapping[str, str]) -> bool:
        """Whether its layers may be continued: the same columns, and every file in its place."""
        return (
            not self.entry.get("reads")
            and list(self.entry["columns"].items()) == list(columns.items())
            and all((self.folder / item["file"]).exists() for item in layered.files_of(self.layers))
        )


def write_table(
    con: duckdb.DuckDBPyConnection, table: PublishedTable, folder: Path, before: Before | None, change: Change
) -> Entry:
    """Write one table of the warehouse ``con`` into the snapshot's ``folder``; its entry for the manifest.

    ``change`` is relative to ``before``. An entry's ``written`` is the bytes that were not linked. Raises
    SignalboxError when the layers do not hold as many rows as the warehouse.
    """
    columns = _columns(con, _relation(table))
    if table.reads:
        return _write_view(con, table, columns, folder, before, change)
    if change.code != "whole" and before is not None and before.can_go_on(columns):
        entry = _go_on(con, table, columns, folder, before, change)
        if entry is not None:
            return entry
    return _write_whole(con, table, columns, folder, before)


def _write_whole(
    con: duckdb.DuckDBPyConnection, table: PublishedTable, columns: dict[str, str], folder: Path, before: Before | None
) -> Entry:
    """All rows in one file, in one order, whatever the order of their making."""
    name = f"tables/{table.name}.parquet"
    file = _copy(con, _ordered(table, columns, _relation(table)), folder, name)
    return _entry(table, columns, [layer_of(file)], file["rows"], _put_or_link(folder, file, before))


def _put_or_link(folder: Path, file: LayerFile, before: Before | None) -> int:
    """Give a table's only file its name; an equal one of the snapshot before is linked instead. The bytes written."""
    if before is not None and [layer["digest"] for layer in before.layers] == [file["digest"]]:
        same = before.folder / before.layers[0]["file"]
        if same.exists():
            _draft_of(folder, file["file"]).unlink()
            link_or_copy(same, folder / file["file"])
            return 0
    _put(folder, file["file"])
    return file["bytes"]


def _go_on(
    con: duckdb.DuckDBPyConnection,
    table: PublishedTable,
    columns: dict[str, str],
    folder: Path,
    before: Before,
    change: Change,
) -> Entry | None:
    """The layers of the snapshot before, and one more for what changed; None when the table is better written whole."""
    found = before.layers
    for item in layered.files_of(found):
        link_or_copy(before.folder / item["file"], folder / item["file"])
    written = 0
    if change.code == "keys":
        if list(_columns(con, change.rows_relation).items()) != list(columns.items()):
            return None
        fresh = _write_layer(con, table, columns, folder, found, change)
        if fresh["rows"] or fresh["hides"]["rows"]:
            found = _merged(con, table, columns, folder, [*found, fresh])
            written = found[-1]["bytes"] + found[-1]["hides"]["bytes"]
        else:
            _remove(folder, [fresh])
    stored, hidden = layered.stored_rows(found), layered.hidden_rows(found)
    if hidden > layered.HIDDEN_AT_MOST * stored:
        _remove(folder, found)
        return None
    _check_rows(con, table, stored - hidden)
    return _entry(table, columns, found, stored - hidden, written)


def _write_layer(
    con: duckdb.DuckDBPyConnection,
    table: PublishedTable,
    columns: dict[str, str],
    folder: Path,
    found: list[Layer],
    change: Change,
) -> Layer:
    rows = _ordered(table, columns, change.rows_relation)
    hides = layered.positions_select(folder, found, change.keys_relation, change.key_columns)
    return _put_layer(con, table, folder, len(found), rows, hides)


def _merged(
    con: duckdb.DuckDBPyConnection, table: PublishedTable, columns: dict[str, str], folder: Path, found: list[Layer]
) -> list[Layer]:
    """The layers, of which young ones became one where there are too many."""
    first = layered.first_to_merge(found)
    if first is None:
        return found
    rows = _ordered(table, columns, f"({layered.rows_select(folder, found, first)})")
    merged = _put_layer(con, table, folder, first, rows, layered.hides_select(folder, found, first))
    _remove(folder, found[first + 1 :])
    return [*found[:first], merged]


def _put_layer(
    con: duckdb.DuckDBPyConnection, table: PublishedTable, folder: Path, number: int, rows: str, hides: str
) -> Layer:
    """Write layer ``number``. Both files are complete before one has its name: it may stand for a layer they read."""
    names = [f"tables/{table.name}.{number}.{kind}" for kind in ("parquet", "hides.parquet")]
    files = [_copy(con, select, folder, name) for select, name in zip((rows, hides), names, strict=True)]
    for name in names:
        _put(folder, name)
    return layer_of(*files)


def _write_view(
    con: duckdb.DuckDBPyConnection,
    table: PublishedTable,
    columns: dict[str, str],
    folder: Path,
    before: Before | None,
    change: Change,
) -> Entry:
    """Write the view's select, which names the published tables that it reads; what has not changed is not counted."""
    found = con.execute(
        "select sql, database_name from duckdb_views() where schema_name = ? and view_name = ?",
        [table.schema, table.name],
    ).fetchone()
    if found is None:
        raise SignalboxError(f"{table.schema}.{table.name}: published over other tables, but it is no view")
    text = str(found[0]).partition(" AS ")[2].strip().rstrip(";")
    for schema, name in table.reads:
        pattern = rf"\b(?:{re.escape(str(found[1]))}\.)?{re.escape(schema)}\.{re.escape(name)}\b"
        text = re.sub(pattern, quoted(name), text)
    _check_reads(con, table, text)
    name = f"tables/{table.name}.sql"
    _draft_of(folder, name).write_text(text + "\n", encoding="utf-8")
    rows = before.entry["rows"] if before and change.code == "unchanged" else _count(con, _relation(table))
    file = _facts(folder, name, rows)
    return _entry(table, columns, [layer_of(file)], file["rows"], _put_or_link(folder, file, before))


def _check_reads(con: duckdb.DuckDBPyConnection, table: PublishedTable, text: str) -> None:
    """Raise SignalboxError when the select needs more than the published tables that the view says it reads."""
    with duckdb.connect() as empty:
        for schema, name in table.reads:
            try:
                columns = _columns(con, f"{quoted(schema)}.{quoted(name)}")
            except duckdb.CatalogException as error:
                raise SignalboxError(
                    f"{table.name}: published over {schema}.{name}, which the warehouse does not hold"
                ) from error
            listed = ", ".join(f"{quoted(column)} {kind}" for column, kind in columns.items())
            empty.execute(f"create table {quoted(name)} ({listed})")
        try:
            empty.execute(f"create view readable as {text}")
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise SignalboxError(f"{table.name}: meta.published_over is not all that it reads: {reason}") from error


def _check_rows(con: duckdb.DuckDBPyConnection, table: PublishedTable, rows: int) -> None:
    """What the layers hold is what the warehouse holds. A view's rows would have to be computed to be counted."""
    kind = con.execute(
        "select table_type from information_schema.tables where table_schema = ? and table_name = ?",
        [table.schema, table.name],
    ).fetchone()
    if kind != ("BASE TABLE",):
        return
    held = _count(con, _relation(table))
    if held != rows:
        raise SignalboxError(
            f"{table.schema}.{table.name}: its layers hold {rows:,} rows, the warehouse {held:,}; "
            "run `signalbox build --full-refresh`"
        )


def _entry(table: PublishedTable, columns: dict[str, str], found: list[Layer], rows: int, written: int) -> Entry:
    entry: Entry = {
        "layers": found,
        "rows": rows,
        "columns": columns,
        "layer": table.layer,
        "description": table.description,
        "reads": [name for _, name in table.reads],
    }
    entry["bytes"] = sum(item["bytes"] for item in layered.files_of(found))
    return entry | {"written": written}


def _ordered(table: PublishedTable, columns: dict[str, str], source: str) -> str:
    """All rows of ``source``, sorted by the table's own order and then by every other column."""
    leading = [name for name in table.order_by if name in columns]
    order = ", ".join(quoted(name) for name in [*leading, *(name for name in columns if name not in leading)])
    return f"select * from {source} order by {order}"


def _copy(con: duckdb.DuckDBPyConnection, select: str, folder: Path, name: str) -> LayerFile:
    """Write the select's rows to the draft of ``name``."""
    target = str(_draft_of(folder, name)).replace("'", "''")
    con.execute(f"copy ({select}) to '{target}' ({PARQUET})")
    copied = con.fetchone()
    return _facts(folder, name, int(copied[0]) if copied else 0)


def _facts(folder: Path, name: str, rows: int) -> LayerFile:
    draft = _draft_of(folder, name)
    return LayerFile(file=name, digest=digest_of(draft), rows=rows, bytes=draft.stat().st_size)


def _draft_of(folder: Path, name: str) -> Path:
    path = folder / name
    return path.with_name(f".{path.name}.new")


def _put(folder: Path, name: str) -> None:
    """Give a draft its name; what had that name here stays what it is in the snapshots that it was linked from."""
    draft = _draft_of(folder, name)
    sync(draft)
    draft.rename(folder / name)


def _remove(folder: Path, found: list[Layer]) -> None:
    for item in layered.files_of(found):
        (folder / item["file"]).unlink()


def _relation(table: PublishedTable) -> str:
    return f"{quoted(table.schema)}.{quoted(table.name)}"


def _count(con: duckdb.DuckDBPyConnection, source: str) -> int:
    row = con.execute(f"select count(*) from {source}").fetchone()
    return int(row[0]) if row else 0


def _columns(con: duckdb.DuckDBPyConnection, source: str) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in con.execute(f"describe (select * from {source})").fetchall()}
