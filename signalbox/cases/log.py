"""The decision log: append-only, each row sealed with the one before it under the home's key.

Belongs here: appending within a writer's transaction, and proving the chain. A row's hash is HMAC-SHA256 over all its
columns and the hash of the row before; the head's seal binds the number and the hash of the last row, so that rows cut
off the end are missed, too. Whoever can write the table but lacks the key cannot make a chain that holds. Not here:
what is worth a row.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from signalbox.cases.tables import audit_log, log_head

FIRST_HASH = "0" * 64
_ROWS_AT_ONCE = 10_000
_SEALED = [column.name for column in audit_log.columns if column.name != "hash"]


@dataclass(frozen=True)
class Entry:
    """What is told of one action. ``details`` holds what the other columns do not, such as before and after."""

    moment_ts: datetime
    actor: str
    actor_type: str
    role: str
    action: str
    object_type: str
    object_id: str
    rule_version: str
    policy_result: str
    case_id: str | None = None
    snapshot_id: str | None = None
    inputs_digest: str | None = None
    approval_id: str | None = None
    outcome: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Proof:
    """What verifying found: ``rows`` that hold, from the first on; ``trouble`` says what is wrong and at which row."""

    rows: int
    last_hash: str
    row_no: int | None = None
    trouble: str | None = None

    @property
    def holds(self) -> bool:
        return self.trouble is None


def append(con: sa.Connection, key: bytes, entries: Sequence[Entry]) -> list[int]:
    """Add rows within the transaction of the only writer; gives their numbers."""
    if not entries:
        return []
    row_no, previous, _ = _head(con)
    recorded = datetime.now(UTC).replace(tzinfo=None)
    rows = []
    for entry in entries:
        row_no += 1
        row = {name: getattr(entry, name) for name in entry.__dataclass_fields__}
        row |= {"row_no": row_no, "recorded_ts": recorded, "details": text_of(entry.details), "previous_hash": previous}
        previous = row["hash"] = _hash(key, row)
        rows.append(row)
    con.execute(sa.insert(audit_log), rows)
    con.execute(sa.update(log_head).values(row_no=row_no, hash=previous, seal=_seal(key, row_no, previous)))
    return [row["row_no"] for row in rows]


def next_row_no(con: sa.Connection) -> int:
    """The number of the row that is appended next, for the only writer."""
    return _head(con)[0] + 1


def verify(con: sa.Connection, key: bytes) -> Proof:
    """Walk the chain from its first row; ends at the first row that does not hold."""
    number, previous = 0, FIRST_HASH
    found = con.execution_options(yield_per=_ROWS_AT_ONCE).execute(sa.select(audit_log).order_by(audit_log.c.row_no))
    for row in found.mappings():
        trouble = _trouble(key, row, number, previous)
        if trouble:
            return Proof(number, previous, min(row["row_no"], number + 1), trouble)
        number, previous = row["row_no"], row["hash"]
    last_no, last_hash, seal = _head(con)
    if not hmac.compare_digest(seal, _seal(key, last_no, last_hash)):
        return Proof(number, previous, number, "the seal of the log's end was not made with this home's key")
    if last_no > number:
        rows = f"row {last_no} was" if last_no == number + 1 else f"rows {number + 1} to {last_no} were"
        return Proof(number, previous, number + 1, f"{rows} removed from the end")
    if (last_no, last_hash) != (number, previous):
        return Proof(number, previous, last_no + 1, f"row {last_no + 1} was added past the sealed end")
    return Proof(number, previous)


def _trouble(key: bytes, row: sa.RowMapping, number: int, previous: str) -> str | None:
    if row["row_no"] > number + 1:
        last = row["row_no"] - 1
        return f"row {last} was removed" if last == number + 1 else f"rows {number + 1} to {last} were removed"
    if row["row_no"] < 1:
        return f"row {row['row_no']} was inserted before the first"
    if not hmac.compare_digest(row["hash"], _hash(key, row)):
        return f"row {row['row_no']} was altered, or put in from elsewhere"
    if row["previous_hash"] != previous:
        return f"row {row['row_no']} does not follow row {number}: rows were replaced before it"
    return None


def text_of(details: Mapping[str, Any]) -> str:
    """JSON with one form for equal contents."""
    return json.dumps(details, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)


def digest_of(values: Iterable[Any]) -> str:
    """Digest of what a decision was based on, independent of the home's key."""
    text = json.dumps(list(values), ensure_ascii=False, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} has no place in the log")


def _hash(key: bytes, row: Mapping[str, Any] | sa.RowMapping) -> str:
    text = json.dumps([row[name] for name in _SEALED], ensure_ascii=False, separators=(",", ":"), default=_plain)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _seal(key: bytes, row_no: int, last_hash: str) -> str:
    return hmac.new(key, f"head {row_no} {last_hash}".encode(), hashlib.sha256).hexdigest()


def begin(con: sa.Connection, key: bytes) -> None:
    """The head of an empty log, where there is none yet."""
    if con.execute(sa.select(log_head.c.row_no)).first() is not None:
        return
    con.execute(
        sa.insert(log_head).values(head_no=1, row_no=0, hash=FIRST_HASH, seal=_seal(key, 0, FIRST_HASH), sent_row_no=0)
    )


def _head(con: sa.Connection) -> tuple[int, str, str]:
    row = con.execute(sa.select(log_head.c.row_no, log_head.c.hash, log_head.c.seal)).one()
    return row.row_no, row.hash, row.seal
