"""Write an export to a file: batch by batch, under a temporary name that is renamed when it is complete.

Belongs here: formats and the target file. Not here: which rows (``listing``).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from signalbox.errors import UsageError
from signalbox.export.guard import guard_batch, is_text
from signalbox.export.listing import export_rows
from signalbox.export.sheet import write_sheet

if TYPE_CHECKING:
    from signalbox.publish import Snapshot


def export(snapshot: Snapshot, name: str, fmt: str = "csv", out: Path | None = None) -> Path:
    """Write the export ``name`` of a snapshot and return the file's path.

    ``out``: a file, or a folder in which ``<name>.<fmt>`` is made; default the working folder. Raises UsageError for a
    name or format that does not exist, and for a folder that is not there.
    """
    _check_format(fmt)
    path = _target(out, f"{name}.{fmt}")
    rows = export_rows(snapshot, name)
    fresh = path.with_name(f".{path.name}.new")
    try:
        _WRITERS[fmt](rows.schema, rows, fresh, name)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return path


def table_bytes(table: pa.Table, fmt: str, title: str = "export") -> bytes:
    """The file that ``export`` would write for these rows, as bytes; for downloads of what a page shows."""
    _check_format(fmt)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"export.{fmt}"
        _WRITERS[fmt](table.schema, iter(table.to_batches()), path, title)
        return path.read_bytes()


def _check_format(fmt: str) -> None:
    if fmt not in _WRITERS:
        raise UsageError(f"format {fmt}: there are {', '.join(_WRITERS)}")


def _target(out: Path | None, default: str) -> Path:
    path = Path(default) if out is None else out / default if out.is_dir() else out
    if not path.parent.exists():
        raise UsageError(f"{path.parent}: there is no such folder; make it, or name another file")
    return path


def _write_csv(schema: pa.Schema, batches: Iterable[pa.RecordBatch], path: Path, title: str) -> None:
    import pyarrow.csv as pa_csv

    plain = _plain_schema(schema)
    with pa_csv.CSVWriter(path, plain, write_options=pa_csv.WriteOptions(quoting_style="needed")) as writer:
        for batch in _guarded(batches, plain):
            writer.write_batch(batch)


def _write_xlsx(schema: pa.Schema, batches: Iterable[pa.RecordBatch], path: Path, title: str) -> None:
    plain = _plain_schema(schema)
    write_sheet(plain, _guarded(batches, plain), path, title)


def _write_parquet(schema: pa.Schema, batches: Iterable[pa.RecordBatch], path: Path, title: str) -> None:
    import pyarrow.parquet as pa_parquet

    with pa_parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)


def _guarded(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield guard_batch(batch).cast(schema)


def _plain_schema(schema: pa.Schema) -> pa.Schema:
    """Text columns as plain strings, whatever way they are stored."""
    return pa.schema([pa.field(field.name, pa.string() if is_text(field.type) else field.type) for field in schema])


_WRITERS: dict[str, Callable[[pa.Schema, Iterable[pa.RecordBatch], Path, str], None]] = {
    "csv": _write_csv,
    "xlsx": _write_xlsx,
    "parquet": _write_parquet,
}
FORMATS = tuple(_WRITERS)
