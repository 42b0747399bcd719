"""What the warehouse was built from, kept in its own schema ``increment``, and what follows for the next build.

Belongs here: that state, and whether a build may start from it. Not here: what is touched (``touched``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from signalbox.landing.ledger import Ledger
from signalbox.landing.rows import insert_rows
from signalbox.settings import Settings

if TYPE_CHECKING:
    import duckdb

# Batches of the ledger that only add files or write the same rows into fewer parts.
_ADDING = ("land", "compaction")


@dataclass(frozen=True)
class State:
    """What a build saw. Times are UTC without zone; ``facts`` is a digest of code, zone, currency and settings.

    ``engine``: which engine has the tables. ``complete_as_of``: the instant of the last build that was not quick.
    """

    build_id: str
    as_of: datetime
    sequence: int
    facts: str
    engine: str = "duckdb"
    complete_as_of: datetime | None = None


@dataclass(frozen=True)
class Change:
    """What is new since the state of the warehouse.

    ``digests``: files landed since, by entity; ``references``: what reference data told then, as digests by entity;
    ``behind``: nodes that quick builds left since the last complete one.
    """

    before: State
    digests: dict[str, frozenset[str]]
    references: dict[str, str]
    behind: frozenset[str] = frozenset()


def save_state(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    state: State,
    references: Mapping[str, str],
    behind: Collection[str] = (),
) -> None:
    """Say that the warehouse is whole and what it was built from; call it after the last model and test."""
    con.execute("create schema if not exists increment")
    con.execute("create or replace table increment.landed (entity varchar, file_digest varchar)")
    with Ledger(settings, create=False) as ledger:
        landed = sorted({(part.entity, digest) for part in ledger.parts("raw") for digest in part.digests})
    insert_rows(con, "increment.landed", landed)
    con.execute("create or replace table increment.reference (entity varchar, digest varchar)")
    insert_rows(con, "increment.reference", sorted(references.items()))
    con.execute("create or replace table increment.behind (node_name varchar)")
    insert_rows(con, "increment.behind", [(name,) for name in sorted(behind)])
    con.execute(
        "create or replace table increment.state (build_id varchar, as_of timestamp, sequence bigint, facts varchar,"
        " engine varchar, complete_as_of timestamp)"
    )
    con.execute("insert into increment.state values (?, ?, ?, ?, ?, ?)", list(astuple(state)))


def open_state(
    con: duckdb.DuckDBPyConnection, settings: Settings, facts: str, engine: str = "duckdb"
) -> tuple[Change | None, str]:
    """What is new since ``engine`` built the tables, or None and the reason why all of it must be built."""
    before = _read(con)
    if before is None:
        return None, "the warehouse holds no finished build"
    if before.engine != engine:
        return None, f"the build before was made by {before.engine}"
    if before.facts != facts:
        return None, "models, contracts or settings changed"
    known: dict[str, set[str]] = {}
    for entity, digest in con.execute("select entity, file_digest from increment.landed").fetchall():
        known.setdefault(entity, set()).add(digest)
    with Ledger(settings, create=False) as ledger:
        other = ledger.con.execute(
            "select kind from batch where sequence > ? and kind not in (?, ?) limit 1", [before.sequence, *_ADDING]
        ).fetchone()
        if other:
            return None, f"raw rows were changed by {other[0]}"
        now: dict[str, set[str]] = {}
        for part in ledger.parts("raw"):
            now.setdefault(part.entity, set()).update(part.digests)
    gone = [entity for entity, digests in known.items() if digests - now.get(entity, set())]
    if gone:
        return None, f"files of {gone[0]} were replaced"
    fresh = {entity: frozenset(digests - known.get(entity, set())) for entity, digests in now.items()}
    references = dict(con.execute("select entity, digest from increment.reference").fetchall())
    behind = frozenset(name for (name,) in con.execute("select node_name from increment.behind").fetchall())
    return Change(before, {entity: digests for entity, digests in fresh.items() if digests}, references, behind), ""


def close_state(con: duckdb.DuckDBPyConnection) -> None:
    """Say that the warehouse is being changed: what kills this build makes the next one build all of it."""
    con.execute("drop table if exists increment.state")


def _read(con: duckdb.DuckDBPyConnection) -> State | None:
    known = con.execute(
        "select 1 from duckdb_columns()"
        " where schema_name = 'increment' and table_name = 'state' and column_name = 'complete_as_of'"
    ).fetchone()
    select = "select build_id, as_of, sequence, facts, engine, complete_as_of from increment.state"
    row = con.execute(select).fetchone() if known else None
    return State(*row) if row else None
