"""What a build changed in each table of the warehouse, as the build itself left it in schema ``increment``.

Belongs here: reading that, and nothing of how it came about. Not here: publishing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import duckdb

from signalbox.errors import SignalboxError

ChangeCode = Literal["unchanged", "keys", "whole"]


@dataclass(frozen=True)
class Change:
    """How a table differs from what the build before left.

    ``keys``: the relation ``keys_relation`` holds, in exactly ``key_columns``, each key whose old rows are gone, and
    ``rows_relation`` the new rows of these keys. Both are names or sub-queries that stand after ``from``.
    """

    code: ChangeCode = "whole"
    key_columns: tuple[str, ...] = ()
    keys_relation: str = ""
    rows_relation: str = ""


@dataclass(frozen=True)
class Changes:
    """The changes since the build ``base_id``; without one every table counts as changed as a whole."""

    base_id: str | None = None
    tables: Mapping[tuple[str, str], Change] = field(default_factory=dict)

    def of(self, schema: str, name: str) -> Change:
        return self.tables.get((schema, name), Change()) if self.base_id else Change()


def read_changes(con: duckdb.DuckDBPyConnection) -> Changes:
    """The changes that the warehouse holds; none known when it was built whole.

    ``increment.base_build`` holds the id of the build that the changes are relative to. Raises SignalboxError for a
    code that does not exist.
    """
    present = con.execute(
        "select count(*) from duckdb_tables()"
        " where schema_name = 'increment' and table_name in ('changed_table', 'base_build')"
    ).fetchone()
    if present is None or present[0] < 2:
        return Changes()
    base = con.execute("select build_id from increment.base_build").fetchone()
    if base is None:
        return Changes()
    found = con.execute(
        "select schema_name, table_name, change_code, coalesce(key_columns, ''), coalesce(keys_relation, ''),"
        " coalesce(rows_relation, '') from increment.changed_table"
    ).fetchall()
    return Changes(str(base[0]), {(row[0], row[1]): _change(*row) for row in found})


def read_behind(con: duckdb.DuckDBPyConnection) -> tuple[str | None, list[str]]:
    """What quick builds left: the instant of the last complete build, and the nodes that stand as they were then."""
    present = con.execute(
        "select 1 from duckdb_tables() where schema_name = 'increment' and table_name = 'state'"
    ).fetchone()
    row = con.execute("select complete_as_of from increment.state").fetchone() if present else None
    if row is None or row[0] is None:
        return None, []
    found = con.execute("select node_name from increment.behind order by 1").fetchall()
    return row[0].isoformat(), [name for (name,) in found]


def _change(schema: str, table: str, code: str, columns: str, keys: str, rows: str) -> Change:
    if code not in get_args(ChangeCode):
        raise SignalboxError(
            f"increment.changed_table: {schema}.{table}: {code!r} is not a kind of change; "
            "run `signalbox build --full-refresh`"
        )
    names = tuple(name.strip() for name in columns.split(",") if name.strip())
    if code == "keys" and not (names and keys and rows):
        raise SignalboxError(
            f"increment.changed_table: {schema}.{table}: no key columns or relations; "
            "run `signalbox build --full-refresh`"
        )
    return Change(code, names, keys, rows)  # type: ignore[arg-type]
