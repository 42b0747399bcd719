"""A vendor's files as temporary tables for an adapter's SQL, lines that cannot be cut into cells apart.

Belongs here: from files of any format and any columns to a table with _file_no, _line and _file_name. Not here: what
the SQL makes of it (``vendor``), or the contract's checks.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from signalbox.contracts.schema import literal, quoted
from signalbox.landing.csv_bulk import read_csv
from signalbox.landing.files import FoundFile
from signalbox.landing.rows import insert_rows
from signalbox.landing.text import BadLine, Chunk, UnreadableError, read_jsonl

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_STREAM = "_relation_stream"
_BAD_COLUMNS = "_file_no integer, _line bigint, _rule varchar, _column varchar, _value varchar"
_META = ("_file_no", "_line", "_file_name")


@dataclass
class Relation:
    """``table`` and ``bad_table`` are temporary tables; ``columns`` the files' own; ``refused`` files gave nothing."""

    table: str
    bad_table: str
    numbers: dict[FoundFile, int]
    columns: list[str] = field(default_factory=list)
    refused: dict[FoundFile, UnreadableError] = field(default_factory=dict)


def read_relation(con: duckdb.DuckDBPyConnection, name: str, files: Sequence[FoundFile]) -> Relation:
    """Read the files of relation ``name`` into temporary tables."""
    table, bad_table = quoted(f"files_{name}"), quoted(f"bad_{name}")
    relation = Relation(table, bad_table, {file: number for number, file in enumerate(files)})
    con.execute(f"create or replace temp table {table} (_file_no integer, _line bigint, _file_name varchar)")
    con.execute(f"create or replace temp table {bad_table} ({_BAD_COLUMNS})")
    readers: dict[str, Callable[..., None]] = {"csv": _read_csv, "jsonl": _read_jsonl, "parquet": _read_parquet}
    for file, number in relation.numbers.items():
        try:
            readers[file.format](con, relation, file, number)
        except UnreadableError as error:
            relation.refused[file] = error
            for each in (table, bad_table):
                con.execute(f"delete from {each} where _file_no = ?", [number])
    described = con.execute(f"describe {table}").fetchall()
    relation.columns = [row[0] for row in described if row[0] not in _META]
    return relation


def _append(con: duckdb.DuckDBPyConnection, relation: Relation, file: FoundFile, number: int, select: str) -> None:
    """Add the select's rows (its columns and _line) to the table; new columns widen it."""
    known = {row[0] for row in con.execute(f"describe {relation.table}").fetchall()}
    for name, kind, *_ in con.execute(f"describe {select}").fetchall():
        if name not in known:
            con.execute(f"alter table {relation.table} add column {quoted(name)} {kind}")
    meta = f"{number} as _file_no, {literal(file.path.name)} as _file_name"
    con.execute(f"insert into {relation.table} by name select {meta}, * from ({select})")


def _append_bad(con: duckdb.DuckDBPyConnection, relation: Relation, number: int, bad: Sequence[BadLine]) -> None:
    if bad:
        rows = [[number, line.line, line.rule, line.column, line.text] for line in bad]
        insert_rows(con, relation.bad_table, rows)


def _append_chunks(
    con: duckdb.DuckDBPyConnection, relation: Relation, file: FoundFile, number: int, chunks: Iterator[Chunk]
) -> None:
    for chunk in chunks:
        table: Any = chunk.table.append_column("_line", _lines(chunk))
        con.register(_STREAM, table)
        _append(con, relation, file, number, f"select * from {_STREAM}")
        con.unregister(_STREAM)
        _append_bad(con, relation, number, chunk.bad)


def _lines(chunk: Chunk) -> pa.ChunkedArray:
    import pyarrow as pa

    return pa.chunked_array([pa.array(chunk.lines, pa.int64())])


def _read_csv(con: duckdb.DuckDBPyConnection, relation: Relation, file: FoundFile, number: int) -> None:
    _append_chunks(con, relation, file, number, read_csv(file.path, file.is_gzip))


def _read_jsonl(con: duckdb.DuckDBPyConnection, relation: Relation, file: FoundFile, number: int) -> None:
    for chunk in read_jsonl(file.path, file.is_gzip):
        con.register(_STREAM, chunk.table.append_column("_line", _lines(chunk)))
        con.execute(
            "create or replace temp table _json_lines as select *,"
            f" starts_with(ltrim(text), '{{') and json_valid(text) as _is_json from {_STREAM}"
        )
        con.unregister(_STREAM)
        _append_bad(con, relation, number, chunk.bad)
        con.execute(
            f"insert into {relation.bad_table} select {number}, _line, 'broken_json', null,"
            " left(rtrim(text, chr(10) || chr(13)), 500) from _json_lines where not _is_json"
        )
        found = con.execute("select distinct unnest(json_keys(text)) from _json_lines where _is_json").fetchall()
        keys = sorted(row[0] for row in found)
        shape = literal(json.dumps(dict.fromkeys(keys, "VARCHAR")))
        cells = ", ".join(f"nullif(_cells.{quoted(key)}, '') as {quoted(key)}" for key in keys)
        parsed = f"select _line, json_transform(text, {shape}) as _cells from _json_lines where _is_json"
        if keys:
            _append(con, relation, file, number, f"select _line, {cells} from ({parsed})")


def _read_parquet(con: duckdb.DuckDBPyConnection, relation: Relation, file: FoundFile, number: int) -> None:
    import duckdb

    path = str(file.path)
    try:
        if any(letter in path for letter in "*?["):
            raise duckdb.IOException("a path with wildcards")
        source = f"read_parquet({literal(path)}, file_row_number = true)"
        _append(
            con,
            relation,
            file,
            number,
            f"select * exclude (file_row_number), file_row_number + 1 as _line from {source}",
        )
    except duckdb.Error:
        con.execute(f"delete from {relation.table} where _file_no = ?", [number])
        _append_damaged(con, relation, file, number)


def _append_damaged(con: duckdb.DuckDBPyConnection, relation: Relation, file: FoundFile, number: int) -> None:
    """Parquet that DuckDB refuses: rows with a text that is not UTF-8 are bad lines, the others are kept."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    line = 1
    try:
        with pq.ParquetFile(file.path) as handle:
            for batch in handle.iter_batches():
                chunk = _decoded(pa.Table.from_batches([batch]), line)
                _append_chunks(con, relation, file, number, iter([chunk]))
                line += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise UnreadableError(f"not readable as Parquet: {str(error).splitlines()[0]}", line) from error


def _decoded(table: pa.Table, first_line: int) -> Chunk:
    import pyarrow as pa

    bad: dict[int, BadLine] = {}
    for item in table.schema:
        if not (pa.types.is_string(item.type) or pa.types.is_large_string(item.type)):
            continue
        values = table.column(item.name).cast(pa.binary())
        for row, value in zip(itertools.count(), values.to_pylist(), strict=False):
            if value is not None and not _is_utf8(value):
                text = value.decode("utf-8", "backslashreplace")
                bad.setdefault(row, BadLine(first_line + row, "encoding", item.name, text))
    keep = np.ones(table.num_rows, dtype=bool)
    keep[list(bad)] = False
    lines = first_line + np.arange(table.num_rows, dtype=np.int64)
    return Chunk(table.filter(pa.array(keep)), lines[keep], list(bad.values()))


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
