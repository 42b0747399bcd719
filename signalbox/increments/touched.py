"""Touched units: the identifiers that new rows name, everything that hangs on them, and their raw rows.

Belongs here: tables ``increment.touched_<kind>`` and ``touched_raw.<entity>``. Not here: which columns are identifiers
(``units``), or what reference data touches (``references``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from signalbox.contracts.schema import literal
from signalbox.increments.units import ENTITIES, KINDS, LINKS, LOOSE

if TYPE_CHECKING:
    import duckdb

_MOST_ROUNDS = 20
# Names of columns in an expression of ``ENTITIES``: each has an underscore.
_COLUMN = re.compile(r"[a-z]+(?:_[a-z]+)+")


def clear(con: duckdb.DuckDBPyConnection) -> None:
    """Nothing is touched yet."""
    con.execute("create schema if not exists increment; create schema if not exists touched_raw")
    for kind in KINDS:
        con.execute(f"create or replace table increment.touched_{kind} (id varchar)")
        con.execute(f"create or replace table increment.frontier_{kind} (id varchar)")


def touch(con: duckdb.DuckDBPyConnection, kind: str, select: str) -> None:
    """Add the identifiers of a select of one column."""
    con.execute(
        f"insert into increment.frontier_{kind} select distinct id from ({select}) as found (id) where id is not null"
        f" and id not in (select id from increment.frontier_{kind})"
    )


def seed_from_rows(
    con: duckdb.DuckDBPyConnection, fresh: Mapping[str, Collection[str]], keys: Mapping[str, Sequence[str]]
) -> None:
    """Touch what the rows of newly landed files name, and what earlier rows of the same business key named.

    ``fresh``: digests of files by entity; ``keys``: columns of the business key by entity.
    """
    for entity, digests in fresh.items():
        if entity not in ENTITIES or not digests:
            continue
        listed = ", ".join(literal(digest) for digest in sorted(digests))
        new = f"select * from raw.{entity} where _file_digest in ({listed})"
        for kind, expression in ENTITIES[entity].items():
            touch(con, kind, f"select {expression} from ({new})")
        if not _names_its_unit(entity, keys[entity]):
            same = ", ".join(keys[entity])
            earlier = f"select * from raw.{entity} where ({same}) in (select ({same}) from ({new}))"
            for kind, expression in ENTITIES[entity].items():
                touch(con, kind, f"select {expression} from ({earlier})")


def _names_its_unit(entity: str, key: Collection[str]) -> bool:
    """Whether rows of one business key always are of one unit: what names the unit is a part of the key."""
    named = next(iter(ENTITIES[entity].values()))
    return set(_COLUMN.findall(named)) <= set(key)


def close_over(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Add all that hangs on what is touched, until nothing more does; touched identifiers by kind."""
    for _ in range(_MOST_ROUNDS):
        fresh = {kind: _advance(con, kind) for kind in KINDS}
        if not any(fresh.values()):
            break
        for entity in LINKS:
            kinds = ENTITIES[entity]
            for kind, expression in kinds.items():
                if not fresh[kind]:
                    continue
                con.execute(
                    "create or replace temp table _linked as select distinct "
                    + ", ".join(f"{text} as {name}_id" for name, text in kinds.items())
                    + f" from raw.{entity} where {expression} in (select id from increment.fresh_{kind})"
                )
                for other in kinds:
                    if other != kind:
                        touch(con, other, f"select {other}_id from _linked")
    return {kind: _count(con, f"increment.touched_{kind}") for kind in KINDS}


def copy_touched(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Copy the raw rows of touched units to ``touched_raw``; rows by entity."""
    rows = {}
    for entity, kinds in ENTITIES.items():
        names = list(kinds.items())
        first, expression = names[0]
        selects = [f"select * from raw.{entity} where {expression} in (select id from increment.touched_{first})"]
        if entity == "discount_allocation":
            second, other = names[1]
            selects.append(
                f"select * from raw.{entity} where {expression} is null"
                f" and {other} in (select id from increment.touched_{second})"
            )
        if entity in LOOSE:
            selects.append(f"select * from raw.{entity} where {LOOSE[entity]}")
        con.execute(f"create or replace table touched_raw.{entity} as {' union all '.join(selects)}")
        rows[entity] = _count(con, f"touched_raw.{entity}")
    con.execute(
        "create or replace table increment.touched_message_row as"
        " select distinct message_id as id from touched_raw.integration_message"
    )
    return rows


def _advance(con: duckdb.DuckDBPyConnection, kind: str) -> int:
    """Move what is new of a kind from the frontier into the touched; how many."""
    con.execute(
        f"create or replace table increment.fresh_{kind} as select id from increment.frontier_{kind}"
        f" where id not in (select id from increment.touched_{kind})"
    )
    con.execute(f"insert into increment.touched_{kind} select id from increment.fresh_{kind}")
    con.execute(f"delete from increment.frontier_{kind}")
    return _count(con, f"increment.fresh_{kind}")


def _count(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    row = con.execute(f"select count(*) from {relation}").fetchone()
    return int(row[0]) if row else 0
