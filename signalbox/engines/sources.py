"""Gives Spark the landed rows of a build's fixed point: schema ``raw``, a table an entity and a table of the ledger;
and in an increment the touched units.

The shared folder holds exactly the parts that the build reads (a link where the file system has links, else a copy),
so that no table reads what lands meanwhile. Belongs here: folders of the shared storage that Spark only reads, and
their tables. Not here: the fixed point itself (``landing.raw``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from signalbox.contracts import Entity, load_contracts
from signalbox.contracts.ledger_tables import LEDGER_TABLES, ledger_columns
from signalbox.contracts.schema import literal, quoted, raw_columns
from signalbox.duckdb_session import PARQUET
from signalbox.engines.session import connected, run
from signalbox.landing import parts
from signalbox.landing.ledger import Ledger, Part
from signalbox.publish.files import link_or_copy, write_atomically
from signalbox.settings import Settings

if TYPE_CHECKING:
    import duckdb

_SESSIONS = 4
# The names of the types that differ.
_SPARK_TYPES = {"VARCHAR": "string", "INTEGER": "int"}


@dataclass(frozen=True)
class SourceTable:
    """A table that Spark only reads: its columns with DuckDB's types, and the folder of its files."""

    name: str
    columns: dict[str, str]
    folder: Path
    schema: str = "raw"

    @property
    def relation(self) -> str:
        return f"{self.schema}.`{self.name}`"

    @property
    def definition(self) -> str:
        cells = ", ".join(f"`{name}` {spark_type(kind)}" for name, kind in self.columns.items())
        return f"create table {self.relation} ({cells}) using parquet location {literal(self.folder.as_uri())}"


def spark_type(kind: str) -> str:
    """Spark's name of a DuckDB type."""
    return _SPARK_TYPES.get(kind.upper(), kind.lower())


def give_sources(con: duckdb.DuckDBPyConnection, settings: Settings, received_until: datetime | None) -> int:
    """Bring the relations of schema ``raw`` of ``con`` to Spark; gives how many files had to be written or linked.

    ``received_until``: the build of a past instant; its rows are written anew. Raises SignalboxError.
    """
    contracts = load_contracts(settings.contracts_dir)
    root = settings.shared_dir / "raw"
    tables, written = [], 0
    with Ledger(settings, create=False) as ledger:
        live = ledger.parts("raw")
    for entity in contracts.values():
        table = SourceTable(entity.entity, raw_columns(entity), root / entity.entity)
        own = [part for part in live if part.entity == entity.entity]
        if received_until is None:
            written += _fill_from_parts(con, settings, entity, own, table.folder)
        else:
            written += _fill_from_relation(con, table)
        tables.append(table)
    for name in LEDGER_TABLES:
        table = SourceTable(name, ledger_columns(name), root / name)
        written += _fill_from_relation(con, table)
        tables.append(table)
    _define(settings, tables)
    return written


def give_tables(con: duckdb.DuckDBPyConnection, settings: Settings, names: Mapping[str, Iterable[str]]) -> None:
    """Write tables of ``con`` (schema -> names), such as the touched units and their rows, where Spark reads them."""
    tables = []
    for schema, listed in names.items():
        for name in listed:
            columns = con.execute(f"describe {quoted(schema)}.{quoted(name)}").fetchall()
            shape = {str(row[0]): str(row[1]) for row in columns}
            table = SourceTable(name, shape, settings.shared_dir / schema / name, schema)
            _fill_from_relation(con, table)
            tables.append(table)
    _define(settings, tables)


def _fill_from_parts(
    con: duckdb.DuckDBPyConnection, settings: Settings, entity: Entity, own: Iterable[Part], folder: Path
) -> int:
    """Make the folder hold these parts and nothing else. A part of an older shape is written in today's."""
    folder.mkdir(parents=True, exist_ok=True)
    columns, wanted, fresh = raw_columns(entity), set(), 0
    for part in own:
        target = folder / Path(part.path).name
        is_current = list(part.columns.items()) == list(columns.items())
        if not is_current:
            shape = hashlib.sha256(json.dumps(columns).encode()).hexdigest()[:8]
            target = target.with_stem(f"{target.stem}_{shape}")
        wanted.add(target.name)
        if target.exists():
            continue
        fresh += 1
        if is_current:
            draft = folder / f".{target.name}"
            draft.unlink(missing_ok=True)
            link_or_copy(settings.home / part.path, draft)
            draft.replace(target)
        else:
            _copy(con, parts.union_select(settings, columns, [part]), target)
    _clear(folder, wanted)
    return fresh


def _fill_from_relation(con: duckdb.DuckDBPyConnection, table: SourceTable) -> int:
    """Write the warehouse's relation of the same name as the folder's only file."""
    table.folder.mkdir(parents=True, exist_ok=True)
    target = table.folder / "rows.parquet"
    _copy(con, f"select * from {quoted(table.schema)}.{quoted(table.name)}", target)
    _clear(table.folder, {target.name})
    return 1


def _copy(con: duckdb.DuckDBPyConnection, select: str, target: Path) -> None:
    draft = target.with_name(f".{target.name}")
    con.execute(f"copy ({select}) to {literal(str(draft))} ({PARQUET})")
    draft.replace(target)


def _clear(folder: Path, wanted: set[str]) -> None:
    for path in folder.iterdir():
        if path.name not in wanted:
            path.unlink()


def _define(settings: Settings, tables: list[SourceTable]) -> None:
    """Create the tables that are new or changed, and have Spark list the files of the others again."""
    digests = {table.relation: hashlib.sha256(table.definition.encode()).hexdigest() for table in tables}
    path = settings.shared_dir / "raw_tables.json"
    before: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    there = set()
    with connected(settings) as connection:
        for schema in sorted({table.schema for table in tables}):
            run(connection, f"create database if not exists {schema}")
            there |= {f"{schema}.`{row[1]}`" for row in run(connection, f"show tables in {schema}")}
    statements: list[list[str]] = []
    for table in tables:
        if table.relation in there and before.get(table.relation) == digests[table.relation]:
            statements.append([f"refresh table {table.relation}"])
        else:
            statements.append([f"drop table if exists {table.relation}", table.definition])

    def in_one_session(mine: list[list[str]]) -> None:
        with connected(settings) as connection:
            for statement in (text for group in mine for text in group):
                run(connection, statement)

    with ThreadPoolExecutor(_SESSIONS) as pool:
        list(pool.map(in_one_session, [statements[number::_SESSIONS] for number in range(_SESSIONS)]))
    write_atomically(path, json.dumps(before | digests, indent=1) + "\n")
