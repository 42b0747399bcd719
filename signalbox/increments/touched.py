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
        if entity == "integration_message":
            _find_tails(con)
            selects = [f"select messages.* from raw.{entity} as messages {_OF_A_TAIL}"]
        con.execute(f"create or replace table touched_raw.{entity} as {' union all '.join(selects)}")
        rows[entity] = _count(con, f"touched_raw.{entity}")
    con.execute(
        "create or replace table increment.touched_message_row as"
        " select distinct message_id as id from touched_raw.integration_message"
    )
    return rows


_OBJECT = "messages.interface_id || '|' || messages.business_key"
_OF_A_TAIL = (
    f"inner join increment.message_tail as tails on {_OBJECT} = tails.object_id"
    " and messages.business_version >= tails.first_version"
)


def _find_tails(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``increment.message_tail``: object -> the version from which on its messages may be told differently.

    A version counts as applied when a later one is: so what is touched concerns earlier versions that it may overtake,
    and to tell a version only those after it are needed.
    """
    con.execute(
        "create or replace table increment.message_tail as"
        " select regexp_extract(id, '^(.*)[|]', 1) as object_id,"
        " min(cast(regexp_extract(id, '[^|]*$') as bigint)) as first_version"
        " from increment.touched_message group by object_id"
    )
    # what is overtaken is asked in the aggregate: in the join it would compare each tail with each message
    con.execute(
        "create or replace table increment.message_tail as"
        " select tails.object_id, coalesce(min(earlier.business_version) filter (where"
        " earlier.business_version < tails.first_version and (earlier.effective_applied_ts is null"
        " or earlier.effective_applied_ts > tails.applied_ts"
        " or earlier.effective_applied_known_ts > tails.received_ts)), tails.first_version) as first_version"
        " from (select tails.object_id, tails.first_version, min(messages.applied_ts) as applied_ts,"
        f" min(messages.received_ts) as received_ts from raw.integration_message as messages {_OF_A_TAIL}"
        " group by all) as tails"
        " left join (select interface_id || '|' || business_key as object_id, business_version, effective_applied_ts,"
        " effective_applied_known_ts from core.fct_message) as earlier on tails.object_id = earlier.object_id"
        " group by tails.object_id, tails.first_version"
    )


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
