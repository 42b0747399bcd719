"""Divides a draft into accepted and refused rows and records the batch: parts first, then one ledger transaction.

Belongs here: what becomes of a checked batch, and what the ledger is told of it. Not here: reading it (``batch``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from signalbox.contracts import Entity
from signalbox.contracts.schema import literal, quoted
from signalbox.landing import parts
from signalbox.landing.batch import Draft, Session, Unit
from signalbox.landing.files import FoundFile
from signalbox.landing.ledger import Batch, FileFacts, OpenCode, Part
from signalbox.landing.report import RefusedFile
from signalbox.landing.rows import make_table
from signalbox.landing.text import UnreadableError, blocks

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class _Counts:
    """Of one file: rows, bad ones, first and last event time and about how many keys of good ones, last receipt."""

    rows: int
    bad: int
    first: datetime | None
    last: datetime | None
    keys: int
    received: datetime


def settle(session: Session, draft: Draft) -> None:
    """Write the draft's parts, record everything, and add to the report."""
    batch = Batch("land", draft.entity.entity, draft.started_at)
    counts = _count(session.con, draft) if draft.rows else {}
    if draft.rows:
        batch.new_columns = _new_columns(session.con, draft)
        _refuse_json_without_key(session.con, draft, counts)
    refused = {u.file_digest: draft.source.refused[u.file] for u in draft.units if u.file in draft.source.refused}
    counts = {digest: count for digest, count in counts.items() if digest not in refused}
    _write_refused(session, draft, refused, counts, batch)
    _write_accepted(session, draft, bool(refused), counts, batch)
    draft.path.unlink(missing_ok=True)
    batch.files = [_facts(session, draft.entity, unit, counts.get(unit.file_digest), refused) for unit in draft.units]
    batch.removed_files = [digest for unit in draft.units for digest in unit.replaces]
    if batch.removed_files:
        parts.without_files(session.con, session.settings, session.ledger, draft.entity, batch)
    session.ledger.record(batch)
    _report(session, draft, batch)


def _drafted(draft: Draft) -> str:
    return f"read_parquet({literal(str(draft.path))})"


def _names(digests: Iterable[str]) -> str:
    return ", ".join(literal(digest) for digest in sorted(digests))


def _count(con: duckdb.DuckDBPyConnection, draft: Draft) -> dict[str, _Counts]:
    event, keys = quoted(draft.entity.event_time_column), ", ".join(quoted(name) for name in draft.entity.key)
    good = "filter (where _bad is null)"
    found = con.execute(
        f"select _file_digest, count(*), count(_bad), min({event}) {good}, max({event}) {good},"
        f" approx_count_distinct(({keys})) {good}, max(received_ts) from {_drafted(draft)} group by 1"
    ).fetchall()
    return {digest: _Counts(*facts) for digest, *facts in found}


def _new_columns(con: duckdb.DuckDBPyConnection, draft: Draft) -> list[tuple[str, str]]:
    return con.execute(
        f"select distinct _file_digest, unnest(json_keys(_extra)) from {_drafted(draft)}"
        " where _extra is not null order by 1, 2"
    ).fetchall()


def _refuse_json_without_key(con: duckdb.DuckDBPyConnection, draft: Draft, counts: dict[str, _Counts]) -> None:
    """A JSON lines file in which a required key never occurs lacks the column; else its rows are bad one by one."""
    files = {unit.file_digest: unit.file for unit in draft.units if unit.file.format == "jsonl"}
    if not files or not any(count.bad for count in counts.values()):
        return
    found = con.execute(
        "select _file_digest, problem.column_name, count(*) from"
        f" (select _file_digest, unnest(_bad) as problem from {_drafted(draft)} where _bad is not null)"
        " where problem.rule_code = 'required' group by 1, 2 order by 1, 2"
    ).fetchall()
    for digest, name, bad in found:
        if bad == counts[digest].rows and not _holds(files[digest], f'"{name}"'.encode()):
            error = UnreadableError(f"required column {name!r} is missing", 1, "missing_column", name)
            draft.source.refused.setdefault(files[digest], error)


def _holds(file: FoundFile, text: bytes) -> bool:
    tail = b""
    for block, _ in blocks(file.path, file.is_gzip):
        data = tail + bytes(block)
        if text in data:
            return True
        tail = data[-len(text) :]
    return False


def _write_accepted(
    session: Session, draft: Draft, has_refused: bool, counts: dict[str, _Counts], batch: Batch
) -> None:
    accepted = {digest: count.rows - count.bad for digest, count in counts.items() if count.rows > count.bad}
    if not accepted:
        return
    columns = parts.columns_of("raw", draft.entity)
    path = parts.part_path(session.settings, "raw", draft.entity, *sorted(accepted))
    if has_refused or any(count.bad for count in counts.values()):
        good = ", ".join(quoted(name) for name in columns)
        chosen = f"_bad is null and _file_digest in ({_names(accepted)})"
        parts.copy(session.con, f"select {good} from {_drafted(draft)} where {chosen}", path)
    else:
        parts.put(draft.path, path)
    name = parts.relative(session.settings, path)
    batch.parts.append(Part(name, "raw", batch.entity, sum(accepted.values()), columns, frozenset(accepted)))
    summarise(session.con, draft.entity, f"read_parquet({literal(str(path))})", batch)


def summarise(con: duckdb.DuckDBPyConnection, entity: Entity, accepted: str, batch: Batch) -> None:
    """Add to ``batch`` the event dates and the unknown codes of open lists that the relation ``accepted`` holds."""
    event = quoted(entity.event_time_column)
    batch.days += con.execute(
        f"select _file_digest, cast({event} as date), count(*) from {accepted} where {event} is not null"
        " group by 1, 2 order by 1, 2"
    ).fetchall()
    for column in entity.columns:
        if not column.valid_values or column.is_closed_list:
            continue
        name, codes = quoted(column.name), ", ".join(literal(code) for code in column.valid_values)
        found = con.execute(
            f"select _file_digest, {literal(column.name)}, {name}, count(*), min(received_ts),"
            f" arg_min(_line, (received_ts, _line)) from {accepted} where {name} not in ({codes})"
            " group by 1, 3 order by 1, 3"
        ).fetchall()
        batch.open_codes += [OpenCode(*row) for row in found]


def _write_refused(
    session: Session, draft: Draft, refused: dict[str, UnreadableError], counts: dict[str, _Counts], batch: Batch
) -> None:
    bad = {digest for digest, count in counts.items() if count.bad}
    if not refused and not bad:
        return
    columns = parts.columns_of("quarantine", draft.entity)
    shape = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns.items())
    received = {unit.file_digest: unit.received_ts for unit in draft.units}
    whole = [
        [digest, error.line, error.column, error.rule, error.reason, None, None, received[digest]]
        for digest, error in refused.items()
    ]
    make_table(session.con, "_refused", shape, whole)
    if bad:
        session.con.execute(
            "insert into _refused select file_digest, line, problem.column_name, problem.rule_code, problem.value, row,"
            " extra, received_ts from (select _file_digest as file_digest, _line as line, unnest(_bad) as problem,"
            f" _row as row, _extra as extra, received_ts from {_drafted(draft)}"
            f" where _bad is not null and _file_digest in ({_names(bad)}))"
        )
    path = parts.part_path(session.settings, "quarantine", draft.entity, *sorted(refused), *sorted(bad))
    rows = parts.copy(session.con, "select * from _refused order by file_digest, line, column_name, rule_code", path)
    name = parts.relative(session.settings, path)
    batch.parts.append(Part(name, "quarantine", batch.entity, rows, columns, frozenset([*refused, *bad])))


def _facts(
    session: Session, entity: Entity, unit: Unit, counts: _Counts | None, refused: dict[str, UnreadableError]
) -> FileFacts:
    facts = FileFacts(
        file_digest=unit.file_digest,
        content_digest=unit.content_digest,
        entity=entity.entity,
        feed_id=entity.feed_id,
        system_code=entity.system,
        adapter_name=session.adapter_name,
        path=unit.file.path,
        size_bytes=unit.file.size,
        mtime_ns=unit.file.mtime_ns,
        business_date=unit.business_date,
        received_ts=unit.received_ts,
        is_scheduled=session.is_scheduled,
        status_code="quarantined" if unit.file_digest in refused else "landed",
    )
    if counts is None:
        return facts
    return replace(
        facts,
        received_ts=counts.received,
        rows_read=counts.rows,
        rows_accepted=counts.rows - counts.bad,
        rows_quarantined=counts.bad,
        key_count=counts.keys,
        min_event_ts=counts.first,
        max_event_ts=counts.last,
    )


def _report(session: Session, draft: Draft, batch: Batch) -> None:
    report = session.report
    for facts in batch.files:
        report.taken.append(facts.path)
        report.files += facts.status_code == "landed"
        report.rows_read += facts.rows_read
        report.rows_accepted += facts.rows_accepted
        report.rows_quarantined += facts.rows_quarantined
    for unit in draft.units:
        error = draft.source.refused.get(unit.file)
        if error:
            refusal = RefusedFile(unit.file.path, batch.entity, error.rule, error.column, error.line, error.reason)
            report.refused.append(refusal)
    for _, name in batch.new_columns:
        report.count_new_column(batch.entity, name)
    for code in batch.open_codes:
        key = (batch.entity, code.column_name, code.code)
        report.unknown_codes[key] = report.unknown_codes.get(key, 0) + code.rows
