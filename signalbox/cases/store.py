"""The cases database: SQLite under home, or the PostgreSQL that the settings name; opened, migrated, written to.

Belongs here: connections and transactions. One writer at a time, from its first statement on: SQLite's own lock, on
PostgreSQL an advisory one; readers never wait. Not here: what is read or written.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from signalbox.cases import log
from signalbox.errors import SignalboxError, UsageError
from signalbox.settings import Settings

_WAIT_SECONDS = 60
# Any number that nobody else in the database takes.
_WRITERS_LOCK = 7_342_519
_MIGRATIONS = Path(__file__).parent / "migrations"


class Store:
    """The cases of one home. ``url`` is SQLAlchemy's; ``key`` seals the log."""

    def __init__(self, url: str, key: bytes) -> None:
        self.key = key
        try:
            parsed = make_url(url)
        except ArgumentError as error:
            raise UsageError(f"cases_url: {error}; such as postgresql+psycopg://user@host/database") from error
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._name = parsed.render_as_string(hide_password=True)
        if self.is_sqlite and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        arguments: dict[str, Any] = {"timeout": _WAIT_SECONDS} if self.is_sqlite else {}
        self.engine = sa.create_engine(parsed, connect_args=arguments, pool_pre_ping=not self.is_sqlite)
        if self.is_sqlite:
            sa.event.listen(self.engine, "connect", _set_up_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)

    def migrate(self) -> None:
        """Bring the tables to this version. Raises SignalboxError when they are of a later one, or not reachable."""
        from alembic import command
        from alembic.config import Config
        from alembic.util import CommandError

        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        try:
            with self._begun(is_writing=True) as con:
                config.attributes["connection"] = con
                command.upgrade(config, "head")
                log.begin(con, self.key)
        except CommandError as error:
            raise SignalboxError(f"{self._name}: made by a later version of Signalbox ({error}); update it") from error

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection that sees one state of all tables."""
        with self._begun(is_writing=False) as con:
            yield con

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction of the only writer; all of it is kept, or nothing when the body raises."""
        with self._begun(is_writing=True) as con:
            yield con

    @contextmanager
    def _begun(self, is_writing: bool) -> Iterator[sa.Connection]:
        options: dict[str, Any] = {"signalbox_writing": is_writing}
        if not self.is_sqlite and not is_writing:
            options["isolation_level"] = "REPEATABLE READ"
        try:
            with self.engine.connect() as con, con.execution_options(**options).begin():
                if not self.is_sqlite and is_writing:
                    con.execute(sa.select(sa.func.pg_advisory_xact_lock(_WRITERS_LOCK)))
                yield con
        except OperationalError as error:
            # gone, full or held by somebody: also in the middle of what is written, all of which is undone
            reason = _first_line(error)
            raise SignalboxError(f"{self._name}: cannot be used: {reason}; check it and try again") from error

    def close(self) -> None:
        self.engine.dispose()


def in_use(settings: Settings) -> bool:
    """Whether anybody has opened the home's cases, or a team's database is named."""
    return settings.cases_url is not None or settings.cases_path.exists()


def open_store(settings: Settings) -> Store:
    """The home's cases, at this version's tables; made when there are none."""
    from signalbox.landing.pseudonym import load_key

    url = settings.cases_url or f"sqlite:///{settings.cases_path}"
    store = Store(url, load_key(settings))
    store.migrate()
    return store


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # The driver begins nothing by itself: `begin` below does, and says whether it will write.
    connection.isolation_level = None
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    connection.execute("pragma foreign_keys = on")


def _begin_sqlite(con: sa.Connection) -> None:
    is_writing = con.get_execution_options().get("signalbox_writing", True)
    con.exec_driver_sql("begin immediate" if is_writing else "begin")


def _first_line(error: Exception) -> str:
    return str(error.__cause__ or error).strip().splitlines()[0]
