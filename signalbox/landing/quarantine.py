"""The quarantine: what was refused and why.

Belongs here: listing and showing. Not here: refusing (``checks``, ``settle``), landing again (``replay``), or printing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from signalbox.errors import UsageError
from signalbox.landing import parts
from signalbox.landing.ledger import Ledger
from signalbox.landing.rows import make_table
from signalbox.settings import Settings

if TYPE_CHECKING:
    import duckdb

ID_DIGITS = 12
ROW_ID = f"left(file_digest, {ID_DIGITS}) || ':' || coalesce(line, 0)"


@dataclass(frozen=True)
class Problem:
    """One broken rule. ``value`` as delivered; personal values are hashed or left out."""

    column: str | None
    rule: str
    value: str | None


@dataclass(frozen=True)
class QuarantinedRow:
    """A refused row, or a file refused whole (``line`` is then where it broke, if known).

    ``id``: begin of the file's digest, colon, line (0: no line). ``row``: column -> text, None when the line had no
    cells. ``replayed_ts``: data clock at which it was replayed, None while it waits.
    """

    id: str
    file_digest: str
    file_name: str
    feed_id: str
    entity: str
    line: int | None
    received_ts: datetime
    problems: tuple[Problem, ...]
    row: dict[str, str | None] | None
    extra: dict[str, Any] | None
    replayed_ts: datetime | None


def list_quarantine(
    settings: Settings, entity: str | None = None, with_replayed: bool = False, limit: int | None = None
) -> list[QuarantinedRow]:
    """What is in quarantine, by entity, file name and line; replayed rows only if asked for."""
    conditions = [] if with_replayed else ["replayed_ts is null"]
    return _select(settings, entity, conditions, [], limit)


def show_quarantine(settings: Settings, row_id: str) -> QuarantinedRow:
    """The row of that id, replayed or not. Raises UsageError when there is none or several."""
    digest, _, line = row_id.partition(":")
    conditions, values = ["starts_with(file_digest, ?)"], [digest]
    if line:
        conditions, values = [*conditions, "cast(coalesce(line, 0) as varchar) = ?"], [digest, line]
    found = _select(settings, None, conditions, values, 2) if digest else []
    if len(found) != 1:
        reason = "names several rows; give more of it" if found else "is not in quarantine"
        raise UsageError(f"{row_id}: {reason}; `signalbox quarantine list` shows the ids")
    return found[0]


def stored_view(con: duckdb.DuckDBPyConnection, settings: Settings, ledger: Ledger, entity: str | None = None) -> None:
    """Create the temporary view ``_quarantine``: stored problems with file facts and replayed_ts."""
    facts = ledger.con.execute(
        "select file_digest, file_name, feed_id, entity, path, content_digest, status_code, adapter_name from file"
        " where ? in (entity, '')",
        [entity or ""],
    ).fetchall()
    names = ("file_digest", "file_name", "feed_id", "entity", "path", "content_digest", "status_code", "adapter_name")
    make_table(con, "_facts", ", ".join(f"{name} varchar" for name in names), facts)
    replayed = ledger.con.execute("select * from replayed").fetchall()
    make_table(con, "_replayed", "file_digest varchar, line bigint, replayed_ts timestamp", replayed)
    columns = parts.QUARANTINE_COLUMNS
    live = ledger.parts("quarantine", entity)
    empty = ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in columns.items())
    stored = parts.union_select(settings, columns, live) if live else f"select {empty} where false"
    con.execute(
        "create or replace temp view _quarantine as"
        f" select q.*, f.* exclude (file_digest), r.replayed_ts from ({stored}) as q"
        " inner join _facts as f on q.file_digest = f.file_digest"
        " left join _replayed as r on q.file_digest = r.file_digest and q.line = r.line"
    )


def _select(
    settings: Settings, entity: str | None, conditions: Sequence[str], values: Sequence[str], limit: int | None
) -> list[QuarantinedRow]:
    import duckdb

    with Ledger(settings, create=False) as ledger, duckdb.connect() as con:
        stored_view(con, settings, ledger, entity)
        found = con.execute(
            f"select {ROW_ID}, file_digest, any_value(file_name), any_value(feed_id), any_value(entity), line,"
            ' min(received_ts), any_value("row"), any_value(extra), min(replayed_ts),'
            " list({'column': column_name, 'rule': rule_code, 'value': value} order by column_name, rule_code)"
            f" from _quarantine where {' and '.join(['true', *conditions])} group by file_digest, line"
            f" order by any_value(entity), any_value(file_name), coalesce(line, 0), file_digest limit {limit or 'all'}",
            list(values),
        ).fetchall()
    return [_row(*facts) for facts in found]


def _row(
    row_id: str,
    digest: str,
    file_name: str,
    feed_id: str,
    entity: str,
    line: int | None,
    received_ts: datetime,
    row: str | None,
    extra: str | None,
    replayed_ts: datetime | None,
    problems: Sequence[dict[str, Any]],
) -> QuarantinedRow:
    return QuarantinedRow(
        id=row_id,
        file_digest=digest,
        file_name=file_name,
        feed_id=feed_id,
        entity=entity,
        line=line,
        received_ts=received_ts,
        problems=tuple(Problem(**problem) for problem in problems),
        row=json.loads(row) if row else None,
        extra=json.loads(extra) if extra else None,
        replayed_ts=replayed_ts,
    )
