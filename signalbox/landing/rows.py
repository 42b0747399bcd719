"""Rows of plain Python values into a DuckDB table, through Arrow and not one by one.

Nothing else belongs here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def make_table(con: duckdb.DuckDBPyConnection, name: str, shape: str, rows: Sequence[Sequence[object]]) -> None:
    """(Re)create the temporary table ``name`` with the columns of ``shape`` and these rows."""
    con.execute(f"create or replace temp table {name} ({shape})")
    insert_rows(con, name, rows)


def insert_rows(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]) -> None:
    """Add rows, in the order of the table's columns; text becomes a time or date where the table has one."""
    import pyarrow as pa

    if not rows:
        return
    columns = {f"c{index}": list(cells) for index, cells in enumerate(zip(*rows, strict=True))}
    con.register("_inserted_rows", pa.table(columns))
    try:
        con.execute(f"insert into {table} select * from _inserted_rows")
    finally:
        con.unregister("_inserted_rows")
