"""The rows of a batch of files as one relation of delivered cells, read as a stream.

Belongs here: from files of one format to ``checks.Delivered``. Text and damaged Parquet come through an Arrow stream,
sound Parquet straight from DuckDB. A file that turns out unreadable is noted in ``refused``; if rows of it were given
already, the stream breaks and the caller reads the batch again without it. Not here: the checks, or what is written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from signalbox.contracts import Entity
from signalbox.contracts.schema import literal, quoted
from signalbox.landing.checks import CodeMap, Delivered
from signalbox.landing.csv_bulk import read_csv
from signalbox.landing.files import FoundFile
from signalbox.landing.rows import make_table
from signalbox.landing.text import BadLine, Chunk, UnreadableError, read_jsonl

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_STREAM = "_input_stream"
_PARQUET_ROWS = 65_536


class BrokenStreamError(Exception):
    """A file broke after rows of it were given; it stands in ``refused`` now."""


@dataclass
class Input:
    """Files of one entity and format; ``numbers`` gives each its _file_no."""

    entity: Entity
    numbers: dict[FoundFile, int]
    code_map: CodeMap
    refused: dict[FoundFile, UnreadableError] = field(default_factory=dict)
    on_file: Callable[[], None] = lambda: None
    broke: bool = False

    @property
    def known(self) -> list[str]:
        return [*(column.name for column in self.entity.columns), "received_ts"]

    def files(self) -> Iterator[tuple[FoundFile, int]]:
        for file, number in self.numbers.items():
            if file not in self.refused:
                yield file, number

    def stream(self, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> pa.RecordBatchReader:
        import pyarrow as pa

        return pa.RecordBatchReader.from_batches(schema, batches)

    def each(self, read: Callable[[FoundFile, int], Iterator[pa.RecordBatch]]) -> Iterator[pa.RecordBatch]:
        """The batches of every file; a file that breaks before it gave any is noted and passed over."""
        for file, number in self.files():
            given = 0
            try:
                for batch in read(file, number):
                    if batch.num_rows:
                        yield batch
                        given += 1
            except UnreadableError as error:
                self.refused[file] = error
                if given:
                    self.broke = True
                    raise BrokenStreamError(str(file.path)) from error
            self.on_file()

    def check_columns(self, names: Sequence[str]) -> None:
        """Raise UnreadableError when a required column is missing."""
        missing = [column.name for column in self.entity.columns if column.required and column.name not in names]
        if missing:
            raise UnreadableError(
                f"required column {missing[0]!r} is missing", 1, rule="missing_column", column=missing[0]
            )


def open_input(con: duckdb.DuckDBPyConnection, source: Input, file_format: str) -> Delivered:
    """Make the files' rows readable by ``con``. Call again for each try: a stream is read once."""
    return {"csv": _open_csv, "jsonl": _open_jsonl, "parquet": _open_parquet}[file_format](con, source)


def _meta_arrays(entity: Entity, number: int, lines: Any, bad: Sequence[BadLine]) -> dict[str, Any]:
    """The columns beside the cells: good rows first, then bad lines without cells and without personal text."""
    import pyarrow as pa

    good, count = len(lines), len(lines) + len(bad)
    nulls = [None] * good
    texts = [line.text if _is_showable(entity, line.column) else None for line in bad]
    return {
        "_file_no": pa.array(np.full(count, number, dtype=np.int32)),
        "_line": pa.array(np.concatenate([lines, np.array([line.line for line in bad], dtype=np.int64)])),
        "_rule": pa.array(nulls + [line.rule for line in bad], pa.string()) if bad else pa.nulls(good, pa.string()),
        "_column": pa.array(nulls + [line.column for line in bad], pa.string()) if bad else pa.nulls(good, pa.string()),
        "_value": pa.array(nulls + texts, pa.string()) if bad else pa.nulls(good, pa.string()),
    }


def _is_showable(entity: Entity, column: str | None) -> bool:
    """Whether the text of a bad line, or of one column of it, cannot hold a personal value."""
    known = entity.by_name.get(column or "")
    return not entity.has_personal or (known is not None and not known.is_personal)


def _open_csv(con: duckdb.DuckDBPyConnection, source: Input) -> Delivered:
    import pyarrow as pa

    extra_type = pa.map_(pa.string(), pa.string())
    meta = {
        "_file_no": pa.int32(),
        "_line": pa.int64(),
        "_rule": pa.string(),
        "_column": pa.string(),
        "_value": pa.string(),
    }
    schema = pa.schema(meta | {"_extra": extra_type} | {name: pa.string() for name in source.known})

    def read(file: FoundFile, number: int) -> Iterator[pa.RecordBatch]:
        for index, chunk in enumerate(read_csv(file.path, file.is_gzip)):
            if not index:
                source.check_columns(chunk.table.column_names)
            yield _csv_batch(source, number, chunk, schema)

    con.register(_STREAM, source.stream(schema, source.each(read)))
    columns = ", ".join(quoted(name) for name in source.known)
    sql = f"select _file_no, _line, _rule, _column, _value, to_json(_extra) as _extra, {columns} from {_STREAM}"
    return Delivered(sql, dict.fromkeys(source.known, "VARCHAR"), source.code_map)


def _csv_batch(source: Input, number: int, chunk: Chunk, schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa

    table, bad = chunk.table.combine_chunks(), chunk.bad
    meta = _meta_arrays(source.entity, number, chunk.lines, bad)
    names = set(table.column_names)
    arrays = []
    for item in schema:
        if item.name in meta:
            arrays.append(meta[item.name])
            continue
        if item.name == "_extra":
            cells = _extra_map(table, [name for name in table.column_names if name not in source.known])
        else:
            cells = _one_array(table, item.name) if item.name in names else pa.nulls(table.num_rows, item.type)
        arrays.append(pa.concat_arrays([cells, pa.nulls(len(bad), item.type)]) if bad else cells)
    return pa.record_batch(arrays, schema=schema)


def _one_array(table: pa.Table, name: str) -> pa.Array:
    import pyarrow as pa

    chunks = table.column(name).chunks
    return chunks[0] if len(chunks) == 1 else pa.concat_arrays(chunks or [pa.array([], pa.string())])


def _extra_map(table: pa.Table, names: Sequence[str]) -> pa.Array:
    """A map from name to value a row, of the columns that the contract does not know."""
    import pyarrow as pa

    kind = pa.map_(pa.string(), pa.string())
    count, width = table.num_rows, len(names)
    if not width or not count:
        return pa.nulls(count, kind)
    by_row = np.arange(count * width).reshape(width, count).T.ravel()
    values = pa.concat_arrays([_one_array(table, name) for name in names]).take(pa.array(by_row))
    offsets = pa.array(np.arange(0, (count + 1) * width, width, dtype=np.int32))
    return pa.MapArray.from_arrays(offsets, pa.array(list(names) * count), values)


def _open_jsonl(con: duckdb.DuckDBPyConnection, source: Input) -> Delivered:
    import pyarrow as pa

    names = ["_file_no", "_line", "_rule", "_column", "_value", "_text"]
    schema = pa.schema(zip(names, [pa.int32(), pa.int64(), *[pa.string()] * 4], strict=True))

    def read(file: FoundFile, number: int) -> Iterator[pa.RecordBatch]:
        for chunk in read_jsonl(file.path, file.is_gzip):
            meta = _meta_arrays(source.entity, number, chunk.lines, chunk.bad)
            text = _one_array(chunk.table, "text")
            if chunk.bad:
                text = pa.concat_arrays([text, pa.nulls(len(chunk.bad), pa.string())])
            yield pa.record_batch([*meta.values(), text], schema=schema)

    con.register(_STREAM, source.stream(schema, source.each(read)))
    return Delivered(_json_sql(source), dict.fromkeys(source.known, "VARCHAR"), source.code_map)


def _json_sql(source: Input) -> str:
    shape = ", ".join(f'"{name}": "VARCHAR"' for name in source.known)
    known = ", ".join(literal(name) for name in source.known)
    drop = ", ".join(f'"{name}": null' for name in source.known)
    text = "null" if source.entity.has_personal else "left(rtrim(_text, chr(10) || chr(13)), 500)"
    columns = ", ".join(f"_cells.{quoted(name)}" for name in source.known)
    has_extra = f"not list_has_all([{known}], json_keys(_text))"
    usual = _usual_keys(source)
    if usual:
        has_extra = f"case when json_keys(_text) = [{', '.join(map(literal, usual))}] then false else {has_extra} end"
    return f"""
with lines as (
    select *, json_valid(_text) and starts_with(ltrim(_text), '{{') as _is_json from {_STREAM}
), parsed as (
    select *, json_transform(case when _is_json then _text end, '{{{shape}}}') as _cells,
        case when _is_json then {has_extra} end as _has_extra
    from lines
)
select _file_no, _line, _column,
    coalesce(_rule, case when not _is_json then 'broken_json' end) as _rule,
    case when _rule is null and not _is_json then {text} else _value end as _value,
    case when _has_extra then json_merge_patch(_text, '{{{drop}}}') end as _extra,
    {columns}
from parsed"""


def _usual_keys(source: Input) -> list[str]:
    """Keys of the first line, if the contract knows them all: lines that are like it need no closer look."""
    for file, _ in source.files():
        try:
            chunk = next(read_jsonl(file.path, file.is_gzip), None)
            first = json.loads(chunk.table.column("text")[0].as_py()) if chunk and len(chunk.lines) else None
        except (UnreadableError, ValueError):
            continue
        if isinstance(first, dict):
            return list(first) if set(first) <= set(source.known) else []
    return []


def _open_parquet(con: duckdb.DuckDBPyConnection, source: Input) -> Delivered:
    paths = ", ".join(literal(str(file.path)) for file, _ in source.files())
    read = f"read_parquet([{paths}], filename = '_path', file_row_number = true)"
    types = {row[0]: str(row[1]) for row in con.execute(f"describe select * from {read}").fetchall()}
    members = [[str(file.path), number] for file, number in source.files()]
    make_table(con, "_paths", "path varchar, file_no integer", members)
    sql = (
        f"select file_no as _file_no, file_row_number + 1 as _line, r.* from {read} as r"
        " inner join _paths on r._path = path"
    )
    return Delivered(*typed_relation(source, sql, types), source.code_map)


def open_damaged_parquet(con: duckdb.DuckDBPyConnection, source: Input) -> Delivered:
    """Parquet that DuckDB refuses, for a text that is not UTF-8, say: texts come as bytes, broken files are noted."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    first = pq.read_schema(next(source.files())[0].path)
    cells = [pa.field(item.name, pa.binary() if pa.types.is_string(item.type) else item.type) for item in first]
    schema = pa.schema([pa.field("_file_no", pa.int32()), pa.field("_line", pa.int64()), *cells])

    def read(file: FoundFile, number: int) -> Iterator[pa.RecordBatch]:
        row = 1
        try:
            with pq.ParquetFile(file.path) as handle:
                for batch in handle.iter_batches(_PARQUET_ROWS):
                    arrays = [batch.column(item.name).cast(item.type, safe=False) for item in cells]
                    lines = pa.array(np.arange(row, row + batch.num_rows, dtype=np.int64))
                    numbers = pa.array(np.full(batch.num_rows, number, dtype=np.int32))
                    yield pa.record_batch([numbers, lines, *arrays], schema=schema)
                    row += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise UnreadableError(f"not readable as Parquet: {error}".splitlines()[0], row) from error

    con.register(_STREAM, source.stream(schema, source.each(read)))
    types = {row[0]: str(row[1]) for row in con.execute(f"describe select * from {_STREAM}").fetchall()}
    return Delivered(*typed_relation(source, f"select * from {_STREAM}", types), source.code_map)


def typed_relation(source: Input, sql: str, types: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The relation as delivered rows, columns that the contract does not know in ``_extra``; and the types it has."""
    own = {name: kind for name, kind in types.items() if name in source.known}
    passed_over = {"_file_no", "_line", "_path", "file_row_number", "_file_digest", *own}
    new = [name for name in types if name not in passed_over]
    extra = f"to_json({{{', '.join(f'{literal(name)}: {quoted(name)}' for name in new)}}})" if new else "null"
    columns = ", ".join(quoted(name) for name in own)
    nulls = "null as _rule, null as _column, null as _value"
    return f"select _file_no, _line, {nulls}, {extra} as _extra, {columns} from ({sql})", own
