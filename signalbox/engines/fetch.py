"""Brings tables that Spark wrote into the warehouse: DuckDB reads their Parquet files where they lie.

Belongs here: from a folder of Parquet files to a table or view of the warehouse with the types that DuckDB itself would
have given it. Not here: which tables come back (``orchestration.spark``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from signalbox.contracts.schema import literal, quoted
from signalbox.engines.session import connected, run
from signalbox.errors import SignalboxError
from signalbox.settings import Settings

if TYPE_CHECKING:
    import duckdb

# Spark's names of types, where DuckDB's are others; an instant of Spark's is UTC.
_DUCKDB_TYPES = {"string": "VARCHAR", "int": "INTEGER"}
_INSTANT = "TIMESTAMP WITH TIME ZONE"


@dataclass(frozen=True)
class FetchedTable:
    """A table to bring back. ``declared``: types that are promised; ``required``: columns that must not be null.

    ``stays``: its rows are read where Spark wrote them.
    """

    schema: str
    name: str
    declared: Mapping[str, str] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    stays: bool = False

    @property
    def relation(self) -> str:
        return f"{quoted(self.schema)}.{quoted(self.name)}"


def fetch(con: duckdb.DuckDBPyConnection, settings: Settings, wanted: Iterable[FetchedTable]) -> None:
    """Make each table in the database of ``con``. Raises SignalboxError when one is not there or breaks its promise.

    A table that stays in Spark's files becomes a view.
    """
    import duckdb

    for table in wanted:
        files = files_of(settings, table.schema, table.name)
        columns = _written(con, files) if files else _described(settings, table)
        cells = ", ".join(_cell(name, kind, table.declared.get(name)) for name, kind in columns.items())
        listed = ", ".join(literal(str(path)) for path in files)
        con.execute(f"create schema if not exists {quoted(table.schema)}")
        _drop(con, table)
        try:
            if files and table.stays:
                con.execute(f"create or replace view {table.relation} as select {cells} from read_parquet([{listed}])")
                continue
            con.execute(f"create or replace table {table.relation} ({_definition(table, columns)})")
            if files:
                con.execute(f"insert into {table.relation} select {cells} from read_parquet([{listed}])")
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise SignalboxError(f"{table.schema}.{table.name}: what Spark wrote does not fit: {reason}") from error


def _drop(con: duckdb.DuckDBPyConnection, table: FetchedTable) -> None:
    """What stood under its name may have been a view where it is a table now."""
    for kind in ("view", "table"):
        known = con.execute(
            f"select 1 from duckdb_{kind}s() where schema_name = ? and {kind}_name = ?", [table.schema, table.name]
        ).fetchone()
        if known:
            con.execute(f"drop {kind} {table.relation}")


def files_of(settings: Settings, schema: str, name: str) -> list[Path]:
    """The files of a table of Spark's; a table without rows may have none."""
    return sorted((settings.shared_dir / "warehouse" / f"{schema}.db" / name).glob("*.parquet"))


def _written(con: duckdb.DuckDBPyConnection, files: list[Path]) -> dict[str, str]:
    rows = con.execute(f"describe select * from read_parquet({literal(str(files[0]))})").fetchall()
    return {str(row[0]): str(row[1]) for row in rows}


def _described(settings: Settings, table: FetchedTable) -> dict[str, str]:
    """Spark writes no file for a table without rows; its catalogue knows the columns."""
    with connected(settings) as connection:
        rows = run(connection, f"describe table `{table.schema}`.`{table.name}`")
    return {str(row[0]): _DUCKDB_TYPES.get(str(row[1]), str(row[1]).upper()) for row in rows}


def _definition(table: FetchedTable, columns: Mapping[str, str]) -> str:
    cells = (
        f"{quoted(name)} {_type(kind, table.declared.get(name))}{' not null' if name in table.required else ''}"
        for name, kind in columns.items()
    )
    return ", ".join(cells)


def _cell(name: str, kind: str, declared: str | None) -> str:
    wanted = _type(kind, declared)
    return quoted(name) if wanted == kind else f"cast({quoted(name)} as {wanted}) as {quoted(name)}"


def _type(kind: str, declared: str | None) -> str:
    return declared or ("TIMESTAMP" if kind == _INSTANT else kind)
