"""The ledger: which files were landed, into which parts, and what they touched. SQLite under home.

Belongs here: its tables and the transactions on them. Not here: Parquet, or anything that reads a file's rows.
One transaction records a batch after its parts have their final names; a part that no row names was left by a crash.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType

from signalbox.errors import SignalboxError
from signalbox.settings import Settings

_FORMAT = "1"
_TABLES = """
create table if not exists meta (name text primary key, value text not null) without rowid;
create table if not exists batch (
    sequence integer primary key autoincrement, kind text not null, entity text not null,
    started_at text not null, finished_at text not null
);
create table if not exists file (
    file_digest text primary key, content_digest text not null, entity text not null, feed_id text not null,
    system_code text not null, adapter_name text not null, file_name text not null, path text not null,
    size_bytes integer not null, mtime_ns integer not null, business_date text, received_ts text not null,
    rows_read integer not null, rows_accepted integer not null, rows_quarantined integer not null,
    key_count integer not null, min_event_ts text, max_event_ts text,
    status_code text not null check (status_code in ('landed', 'quarantined')), is_scheduled integer not null,
    sequence integer not null references batch, check (rows_read = rows_accepted + rows_quarantined)
) without rowid;
create index if not exists file_content on file (content_digest);
create table if not exists part (
    path text primary key, kind text not null check (kind in ('raw', 'quarantine')), entity text not null,
    rows integer not null, columns text not null, sequence integer not null references batch
) without rowid;
create index if not exists part_entity on part (kind, entity);
create table if not exists part_file (
    path text not null references part on delete cascade, file_digest text not null, primary key (path, file_digest)
) without rowid;
create index if not exists part_of_file on part_file (file_digest);
create table if not exists file_day (
    file_digest text not null, entity text not null, event_date text not null, rows integer not null,
    sequence integer not null, primary key (file_digest, event_date, sequence)
) without rowid;
create table if not exists day_removed (
    entity text not null, event_date text not null, sequence integer not null,
    primary key (entity, event_date, sequence)
) without rowid;
create table if not exists new_column (
    file_digest text not null, column_name text not null, primary key (file_digest, column_name)
) without rowid;
create table if not exists open_code (
    file_digest text not null, entity text not null, column_name text not null, code text not null,
    rows integer not null, first_received_ts text not null, line integer not null, sequence integer not null,
    primary key (file_digest, column_name, code, sequence)
) without rowid;
create table if not exists replayed (
    file_digest text not null, line integer not null, replayed_ts text not null, primary key (file_digest, line)
) without rowid;
create table if not exists seen (
    path text primary key, size_bytes integer not null, mtime_ns integer not null, content_digest text not null
) without rowid;
"""


@dataclass(frozen=True)
class FileFacts:
    """A landed or refused file. Times are UTC without zone; ``key_count`` is an estimate (some per cent)."""

    file_digest: str
    content_digest: str
    entity: str
    feed_id: str
    system_code: str
    adapter_name: str
    path: Path
    size_bytes: int
    mtime_ns: int
    business_date: date | None
    received_ts: datetime
    is_scheduled: bool
    rows_read: int = 0
    rows_accepted: int = 0
    rows_quarantined: int = 0
    key_count: int = 0
    min_event_ts: datetime | None = None
    max_event_ts: datetime | None = None
    status_code: str = "landed"


@dataclass(frozen=True)
class Part:
    """A Parquet file of rows. ``path`` is relative to home; ``columns`` name and DuckDB type, in order."""

    path: str
    kind: str
    entity: str
    rows: int
    columns: dict[str, str]
    digests: frozenset[str]


@dataclass(frozen=True)
class OpenCode:
    """A code that an open list does not have, in one file."""

    file_digest: str
    column_name: str
    code: str
    rows: int
    first_received_ts: datetime
    line: int


@dataclass
class Batch:
    """Everything that one transaction records."""

    kind: str
    entity: str
    started_at: datetime
    files: list[FileFacts] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    removed_parts: list[str] = field(default_factory=list)
    removed_files: list[str] = field(default_factory=list)
    days: list[tuple[str, date, int]] = field(default_factory=list)
    new_columns: list[tuple[str, str]] = field(default_factory=list)
    open_codes: list[OpenCode] = field(default_factory=list)
    # replay: (file_digest, line, replayed_ts)
    replayed: list[tuple[str, int, datetime]] = field(default_factory=list)


def as_text(moment: datetime | date | None) -> str | None:
    """A time as the ledger keeps it: ISO, microseconds, sorts like the time."""
    if isinstance(moment, datetime):
        return moment.isoformat(sep=" ", timespec="microseconds")
    return moment.isoformat() if moment else None


def now() -> datetime:
    """The landing clock, UTC without zone. It goes to the ledger's own times only, never into data."""
    return datetime.now(UTC).replace(tzinfo=None)


class Ledger:
    """An open ledger; use it as a context manager. ``create`` is for writers: a reader of none finds it empty."""

    def __init__(self, settings: Settings, create: bool = True) -> None:
        self.path = settings.ledger_path
        if create:
            settings.home.mkdir(parents=True, exist_ok=True)
        self.con = sqlite3.connect(self.path if create or self.path.exists() else ":memory:", isolation_level=None)
        self.con.execute("pragma journal_mode = wal")
        self.con.execute("pragma foreign_keys = on")
        self.con.executescript(_TABLES)
        if self.meta("format") is None:
            self.set_meta("format", _FORMAT)
        if self.meta("format") != _FORMAT:
            raise SignalboxError(f"{self.path}: ledger format {self.meta('format')}; this Signalbox reads {_FORMAT}")

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.con.close()

    def meta(self, name: str) -> str | None:
        row = self.con.execute("select value from meta where name = ?", [name]).fetchone()
        return str(row[0]) if row else None

    def set_meta(self, name: str, value: str) -> None:
        self.con.execute("insert or replace into meta values (?, ?)", [name, value])

    def sequence(self) -> int:
        """Number of the last batch; 0 when nothing was recorded."""
        return int(self.con.execute("select coalesce(max(sequence), 0) from batch").fetchone()[0])

    def known_digests(self) -> set[str]:
        return {row[0] for row in self.con.execute("select file_digest from file")}

    def seen(self) -> dict[str, tuple[int, int, str]]:
        """Path -> size, mtime_ns and content digest, as last read."""
        return {row[0]: (row[1], row[2], row[3]) for row in self.con.execute("select * from seen")}

    def remember(self, rows: Iterable[tuple[str, int, int, str]]) -> None:
        self.con.execute("begin")
        self.con.executemany("insert or replace into seen values (?, ?, ?, ?)", rows)
        self.con.execute("commit")

    def parts(self, kind: str, entity: str | None = None) -> list[Part]:
        """Live parts, in the order of their paths."""
        wanted, given = "kind = ? and ? in (entity, '')", [kind, entity or ""]
        digests: dict[str, set[str]] = {}
        for path, digest in self.con.execute(
            f"select path, file_digest from part_file where path in (select path from part where {wanted})", given
        ):
            digests.setdefault(path, set()).add(digest)
        rows = self.con.execute(
            f"select path, kind, entity, rows, columns from part where {wanted} order by path", given
        )
        return [
            Part(path, kind, name, count, json.loads(columns), frozenset(digests.get(path, ())))
            for path, kind, name, count, columns in rows
        ]

    def part_paths(self) -> set[str]:
        return {row[0] for row in self.con.execute("select path from part")}

    def greatest_received_ts(self) -> datetime | None:
        """The data clock: when the last file was received."""
        row = self.con.execute("select max(received_ts) from file").fetchone()
        return datetime.fromisoformat(row[0]) if row[0] else None

    def older_units(self, adapter: str, entity: str, content_digest: str, file_digest: str) -> list[str]:
        """What an adapter made of the same file before its SQL, its YAML or a joined file changed."""
        rows = self.con.execute(
            "select file_digest from file"
            " where adapter_name = ? and entity = ? and content_digest = ? and file_digest <> ?",
            [adapter, entity, content_digest, file_digest],
        )
        return [row[0] for row in rows]

    def record(self, batch: Batch) -> int:
        """Commit a batch; gives its sequence number."""
        self.con.execute("begin immediate")
        try:
            sequence = self._record(batch)
        except BaseException:
            self.con.execute("rollback")
            raise
        self.con.execute("commit")
        return sequence

    def _record(self, batch: Batch) -> int:
        con = self.con
        times = [as_text(batch.started_at), as_text(now())]
        cursor = con.execute(
            "insert into batch (kind, entity, started_at, finished_at) values (?, ?, ?, ?)",
            [batch.kind, batch.entity, *times],
        )
        sequence = int(cursor.lastrowid or 0)
        con.executemany("delete from part where path = ?", [[path] for path in batch.removed_parts])
        con.executemany(
            "insert or ignore into day_removed select entity, event_date, ? from file_day where file_digest = ?",
            [[sequence, digest] for digest in batch.removed_files],
        )
        for table in ("file", "new_column", "open_code", "file_day", "replayed"):
            con.executemany(f"delete from {table} where file_digest = ?", [[name] for name in batch.removed_files])
        con.executemany(
            f"insert into file values ({', '.join('?' * 21)})", [_file_row(file, sequence) for file in batch.files]
        )
        con.executemany(
            "insert into part values (?, ?, ?, ?, ?, ?)",
            [[p.path, p.kind, p.entity, p.rows, json.dumps(p.columns), sequence] for p in batch.parts],
        )
        con.executemany(
            "insert into part_file values (?, ?)",
            [[p.path, digest] for p in batch.parts for digest in sorted(p.digests)],
        )
        con.executemany(
            "insert into file_day values (?, ?, ?, ?, ?)",
            [[digest, batch.entity, as_text(day), rows, sequence] for digest, day, rows in batch.days],
        )
        con.executemany("insert or ignore into new_column values (?, ?)", batch.new_columns)
        con.executemany(
            "insert into open_code values (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                [
                    c.file_digest,
                    batch.entity,
                    c.column_name,
                    c.code,
                    c.rows,
                    as_text(c.first_received_ts),
                    c.line,
                    sequence,
                ]
                for c in batch.open_codes
            ],
        )
        _record_replay(con, batch)
        return sequence


def _file_row(file: FileFacts, sequence: int) -> Sequence[object]:
    return [
        file.file_digest,
        file.content_digest,
        file.entity,
        file.feed_id,
        file.system_code,
        file.adapter_name,
        file.path.name,
        str(file.path),
        file.size_bytes,
        file.mtime_ns,
        as_text(file.business_date),
        as_text(file.received_ts),
        file.rows_read,
        file.rows_accepted,
        file.rows_quarantined,
        file.key_count,
        as_text(file.min_event_ts),
        as_text(file.max_event_ts),
        file.status_code,
        int(file.is_scheduled),
        sequence,
    ]


def _record_replay(con: sqlite3.Connection, batch: Batch) -> None:
    con.executemany(
        "insert into replayed values (?, ?, ?)", [[digest, line, as_text(ts)] for digest, line, ts in batch.replayed]
    )
    con.executemany(
        "update file set rows_accepted = rows_accepted + 1, rows_quarantined = rows_quarantined - 1"
        " where file_digest = ?",
        [[digest] for digest, _, _ in batch.replayed],
    )
