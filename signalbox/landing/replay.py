"""Lands what was refused and passes by now: the contract, the code map or the file's fate has changed.

Belongs here: replay. A replayed row keeps its file digest and line, so that raw is as if it had been right at once.
Not here: looking at the quarantine (``quarantine``), or the checks (``checks``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from signalbox.contracts import Entity
from signalbox.contracts.schema import literal, quoted
from signalbox.errors import UsageError
from signalbox.landing import files, parts
from signalbox.landing.adapters import NATIVE
from signalbox.landing.batch import FILES_SHAPE, Session, Unit
from signalbox.landing.checks import Delivered, checked_select
from signalbox.landing.files import FoundFile
from signalbox.landing.land import land_units
from signalbox.landing.ledger import Batch, Part, now
from signalbox.landing.quarantine import ROW_ID, stored_view
from signalbox.landing.rows import make_table
from signalbox.landing.session import open_session
from signalbox.landing.settle import summarise
from signalbox.lock import writer_lock
from signalbox.settings import Settings


@dataclass(frozen=True)
class ReplayReport:
    """Ids: ``replayed`` are no longer refused, ``refused`` still break a rule."""

    replayed: tuple[str, ...]
    refused: tuple[str, ...]


def replay(settings: Settings, ids: Sequence[str] | None = None) -> ReplayReport:
    """Check refused rows again, against today's contracts and code map, and land those that pass, holding the lock.

    ``ids``: as listed; None: all. Lines without cells cannot pass. A file that was refused whole is read again where it
    lay, if it still lies there unchanged. Raises UsageError for an id that is not waiting.
    """
    with writer_lock(settings, "quarantine replay"), open_session(settings, NATIVE, True) as session:
        waiting = _waiting(session)
        chosen = waiting if ids is None else _chosen(waiting, ids)
        stored_view(session.con, settings, session.ledger)
        waiting_rows = "select * from _quarantine where replayed_ts is null"
        session.con.execute(f"create or replace temp table _waiting as {waiting_rows}")
        make_table(session.con, "_chosen", "id varchar", [[row_id] for row_id in sorted(chosen)])
        for name in _entities(session, '"row" is not null'):
            _replay_rows(session, session.contracts[name])
        for name in _entities(session, "status_code = 'quarantined'"):
            _replay_files(session, session.contracts[name])
        for entity in session.contracts.values():
            parts.compact(session.con, settings, session.ledger, entity)
        still = chosen & _waiting(session)
    return ReplayReport(tuple(sorted(chosen - still)), tuple(sorted(still)))


def _waiting(session: Session) -> set[str]:
    stored_view(session.con, session.settings, session.ledger)
    found = session.con.execute(f"select distinct {ROW_ID} from _quarantine where replayed_ts is null").fetchall()
    return {row[0] for row in found}


def _chosen(waiting: Iterable[str], ids: Sequence[str]) -> set[str]:
    chosen = set()
    for row_id in ids:
        matching = {known for known in waiting if known == row_id or known.startswith(row_id.rstrip(":") + ":")}
        if not matching:
            raise UsageError(f"{row_id}: is not waiting in quarantine; `signalbox quarantine list` shows the ids")
        chosen |= matching
    return chosen


def _entities(session: Session, condition: str) -> list[str]:
    found = session.con.execute(
        f"select distinct entity from _waiting where {condition} and {ROW_ID} in (select id from _chosen) order by 1"
    ).fetchall()
    return [row[0] for row in found if row[0] in session.contracts]


def _replay_rows(session: Session, entity: Entity) -> None:
    con, batch = session.con, Batch("replay", entity.entity, now())
    draft = parts.temporary(parts.part_path(session.settings, "raw", entity, "replay draft"))
    parts.write(con, checked_select(entity, _stored_rows(session, entity)), draft)
    passed = f"read_parquet({literal(str(draft))}) where _bad is null"
    keys = con.execute(f"select _file_digest, _line from {passed} order by 1, 2").fetchall()
    if keys:
        columns = parts.columns_of("raw", entity)
        lines = [f"{digest}:{line}" for digest, line in keys]
        path = parts.part_path(session.settings, "raw", entity, "replay", *lines)
        good = ", ".join(quoted(name) for name in columns)
        count = parts.copy(con, f"select {good} from {passed}", path)
        digests = frozenset(digest for digest, _ in keys)
        batch.parts.append(Part(parts.relative(session.settings, path), "raw", entity.entity, count, columns, digests))
        summarise(con, entity, f"read_parquet({literal(str(path))})", batch)
        clock = session.ledger.greatest_received_ts() or now()
        batch.replayed = [(digest, line, clock) for digest, line in keys]
        session.ledger.record(batch)
    draft.unlink(missing_ok=True)


def _stored_rows(session: Session, entity: Entity) -> Delivered:
    """The chosen rows as delivered ones; personal columns are hashed already."""
    con = session.con
    con.execute(
        "create or replace temp table _stored as select cast(row_number() over (order by file_digest, line) as integer)"
        ' as file_no, file_digest, line, any_value("row") as cells, any_value(extra) as extra, min(received_ts)'
        f' as received_ts from _waiting where entity = {literal(entity.entity)} and "row" is not null'
        f" and {ROW_ID} in (select id from _chosen) group by file_digest, line"
    )
    make_table(con, "_files", FILES_SHAPE, [])
    con.execute("insert into _files select file_no, file_digest, received_ts, true from _stored")
    names = [column.name for column in entity.columns]
    shape = literal(json.dumps(dict.fromkeys(names, "VARCHAR")))
    cells = ", ".join(f"_cells.{quoted(name)}" for name in names)
    sql = (
        "select file_no as _file_no, line as _line, null as _rule, null as _column, null as _value, extra as _extra,"
        f" {cells} from (select *, json_transform(cells, {shape}) as _cells from _stored)"
    )
    code_map = session.code_map.get(entity.entity, {})
    return Delivered(sql, dict.fromkeys(names, "VARCHAR"), code_map, is_hashed=True)


def _replay_files(session: Session, entity: Entity) -> None:
    """Land whole files again that lie unchanged where they lay; what they gave before is replaced."""
    found = session.con.execute(
        "select distinct file_digest, content_digest, path from _waiting where status_code = 'quarantined'"
        f" and adapter_name = ? and entity = ? and {ROW_ID} in (select id from _chosen) order by 1",
        [NATIVE, entity.entity],
    ).fetchall()
    units = []
    for digest, content, name in found:
        path = Path(name)
        if not path.is_file() or files.content_digest(path) != content:
            continue
        stat = path.stat()
        row = session.ledger.con.execute(
            "select business_date, received_ts from file where file_digest = ?", [digest]
        ).fetchone()
        business_date = date.fromisoformat(row[0]) if row[0] else None
        file = FoundFile(path, stat.st_size, stat.st_mtime_ns)
        received = datetime.fromisoformat(row[1])
        units.append(Unit(file, digest, content, business_date, received, False, replaces=(digest,)))
    land_units(session, {entity.entity: units})
