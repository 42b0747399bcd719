"""What people did, on its way back into the tower: the log and the handling time as files of the feed `tower` (F62).

Belongs here: writing what was not sent yet into the landing area, each row once. A file is written under another name
and renamed, and only then is it noted how far the log was sent: after a kill in between the same rows come in a second
file, which landing's keys make harmless. Not here: landing.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from signalbox.cases import claims
from signalbox.cases.store import Store, in_use, open_store
from signalbox.cases.tables import audit_log, case_file, claim, log_head
from signalbox.settings import Settings

_SECONDS = "%Y%m%dT%H%M%SZ"


def send_waiting(settings: Settings, is_people_only: bool = False) -> list[Path]:
    """``send`` for a build: nothing where nobody has opened a case yet.

    With ``is_people_only`` nothing as long as only rules acted: what they did after a build is no reason for the next.
    """
    if not in_use(settings):
        return []
    store = open_store(settings)
    try:
        with store.reading() as con:
            sent, last = con.execute(sa.select(log_head.c.sent_row_no, log_head.c.row_no)).one()
            moment = con.execute(sa.select(sa.func.max(audit_log.c.moment_ts))).scalar_one()
            acted = sa.select(audit_log.c.row_no).where(audit_log.c.row_no > sent, audit_log.c.actor_type == "person")
            has_acted = not is_people_only or con.execute(acted.limit(1)).first() is not None
        if moment is None or not has_acted or (last == sent and settings.clock == "data"):
            return []
        return send(settings, store, datetime.now(UTC).replace(tzinfo=None) if settings.clock == "wall" else moment)
    finally:
        store.close()


def send(settings: Settings, store: Store, moment: datetime) -> list[Path]:
    """Write what was done since the last time; gives the files, none when there was nothing."""
    written = []
    with store.writing() as con:
        claims.close_quiet(con, moment)
        sent, last = con.execute(sa.select(log_head.c.sent_row_no, log_head.c.row_no)).one()
        if last > sent:
            written += _file(settings, "audit_log", moment, map(_action, _log_rows(con, sent)))
        ended = _ended_claims(con)
        written += _file(settings, "work_log", moment, map(_stretch, ended))
        con.execute(sa.update(log_head).values(sent_row_no=last))
        con.execute(sa.update(claim).where(claim.c.ended_ts.is_not(None)).values(is_sent=True))
    return written


def _log_rows(con: sa.Connection, sent: int) -> Iterable[Mapping[str, Any]]:
    found = (
        sa.select(audit_log, case_file.c.exception_id)
        .outerjoin(case_file, case_file.c.case_id == audit_log.c.case_id)
        .where(audit_log.c.row_no > sent)
        .order_by(audit_log.c.row_no)
    )
    return con.execute(found).mappings()  # type: ignore[return-value]


def _ended_claims(con: sa.Connection) -> Iterable[Mapping[str, Any]]:
    found = (
        sa.select(claim, case_file.c.exception_id)
        .join(case_file, case_file.c.case_id == claim.c.case_id)
        .where(claim.c.ended_ts.is_not(None), claim.c.is_sent.is_(False))
        .order_by(claim.c.claim_id, claim.c.case_id)
    )
    return con.execute(found).mappings()  # type: ignore[return-value]


def _action(row: Mapping[str, Any]) -> dict[str, Any]:
    details = json.loads(row["details"])
    return {
        "row_no": row["row_no"], "event_ts": row["moment_ts"], "actor_id": row["actor"],
        "actor_type": row["actor_type"], "role_code": row["role"], "action_code": row["action"],
        "object_type": row["object_type"], "object_id": row["object_id"], "case_id": row["case_id"],
        "exception_id": row["exception_id"], "policy_result": row["policy_result"],
        "rule_version": row["rule_version"], "inputs_digest": row["inputs_digest"],
        "approval_id": row["approval_id"], "outcome_code": row["outcome"], "outcome_amount": details.get("amount"),
        "merged_into_id": details.get("into"), "assignee_id": details.get("to"),
        "is_approval_needed": row["approval_id"] is not None, "log_hash": row["hash"],
    }  # fmt: skip


def _stretch(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "work_id": f"{row['claim_id']}|{row['case_id']}", "item_id": row["case_id"], "actor_id": row["actor"],
        "started_ts": row["started_ts"], "ended_ts": row["ended_ts"],
    }  # fmt: skip


def _file(settings: Settings, entity: str, moment: datetime, rows: Iterable[Mapping[str, Any]]) -> list[Path]:
    folder = settings.landing_dir / "tower"
    folder.mkdir(parents=True, exist_ok=True)
    path = _free(folder, f"{entity}_{moment:{_SECONDS}}")
    draft = settings.home / f".{path.name}.new"
    count = 0
    with draft.open("w", encoding="utf-8") as file:
        for row in rows:
            held = {name: value for name, value in row.items() if value is not None}
            file.write(json.dumps(held, ensure_ascii=False, default=_plain) + "\n")
            count += 1
    if not count:
        draft.unlink()
        return []
    # Whole as it stands: landing need not wait to see whether it grows.
    long_ago = time.time() - settings.settle_seconds - 1
    os.utime(draft, (long_ago, long_ago))
    return [draft.rename(path)]


def _free(folder: Path, stem: str) -> Path:
    """A name that no file has: two sendings may fall into one second of the tower's time."""
    names: Callable[[int], Path] = lambda number: folder / f"{stem}{f'_{number}' if number else ''}.jsonl"  # noqa: E731
    number = 0
    while names(number).exists():
        number += 1
    return names(number)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value.isoformat(timespec='microseconds')}Z"
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} cannot be told in a file")
