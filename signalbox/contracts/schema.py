"""A contract as schemas: DuckDB column lists, an Arrow schema, the typed relation without rows.

Belongs here: names and types only. Not here: what makes a row valid (``predicates``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from signalbox.contracts.model import Entity

if TYPE_CHECKING:
    import pyarrow as pa

# What landing adds to the contract's columns in every raw row.
LANDING_COLUMNS = {
    "_file_digest": "VARCHAR",
    "_line": "BIGINT",
    "received_ts": "TIMESTAMP",
    "_extra": "VARCHAR",
}


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def raw_columns(entity: Entity) -> dict[str, str]:
    """Name and DuckDB type of every column of a raw row, in their order."""
    return {column.name: column.duckdb_type for column in entity.columns} | LANDING_COLUMNS


def column_definitions(entity: Entity) -> str:
    """The column list of a ``create table`` for raw rows."""
    return ", ".join(f"{quoted(name)} {kind}" for name, kind in raw_columns(entity).items())


def empty_select(entity: Entity) -> str:
    """A select with the raw row's columns and types, and no row."""
    cells = (f"cast(null as {kind}) as {quoted(name)}" for name, kind in raw_columns(entity).items())
    return f"select {', '.join(cells)} where false"


def arrow_schema(entity: Entity) -> pa.Schema:
    """The raw row as an Arrow schema; timestamps are microseconds without a zone."""
    import pyarrow as pa

    def arrow_type(kind: str) -> pa.DataType:
        number = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", kind)
        if number:
            return pa.decimal128(int(number[1]), int(number[2]))
        return {
            "VARCHAR": pa.string(),
            "BIGINT": pa.int64(),
            "BOOLEAN": pa.bool_(),
            "DATE": pa.date32(),
            "TIMESTAMP": pa.timestamp("us"),
        }[kind]

    required = {column.name for column in entity.columns if column.required} | {"_file_digest", "_line", "received_ts"}
    return pa.schema(
        pa.field(name, arrow_type(kind), nullable=name not in required) for name, kind in raw_columns(entity).items()
    )
