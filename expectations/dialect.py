"""DuckDB for Great Expectations: the SQLAlchemy dialect with rows fetched before the connection is given back.

Great Expectations reads a result after its connection returned to the pool, when DuckDB has nothing left to fetch.
Results of expectations are small (counts, a few sample rows), so they are fetched at once. It also selects a whole
batch, only to learn the names of its columns; of such a result no row is kept: of the KPI facts of a year that were
3.7 M rows as Python objects, 13 s. Connections are made with the home's settings alone: the dialect's own would add its
name to them, and DuckDB opens a file with one set of settings at a time, so that a build could not hold the warehouse
meanwhile. Not here: what is queried.
"""

from __future__ import annotations

from typing import Any

import duckdb
from duckdb_sqlalchemy import ConnectionWrapper
from duckdb_sqlalchemy import Dialect as DuckDBDialect
from sqlalchemy.dialects import registry
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy

from signalbox.errors import SignalboxError

URL_SCHEME = "signalboxduckdb"
# Longer than any result that an expectation reads.
ROWS_AT_MOST = 1_000


class _Unread(FullyBufferedCursorFetchStrategy):
    """A result of too many rows: it has columns, and who asks for rows is told that there are none at hand."""

    def _told(self, *_: Any, **__: Any) -> Any:
        raise SignalboxError(
            f"a query of an expectation gave more than {ROWS_AT_MOST:,} rows; let it count, or limit it"
        )

    fetchone = fetchmany = fetchall = _told


class _BufferingContext(DuckDBDialect.execution_ctx_cls):  # type: ignore[misc, name-defined]
    def post_exec(self) -> None:
        super().post_exec()
        if self.cursor.description:
            rows = self.cursor.fetchmany(ROWS_AT_MOST + 1)
            if len(rows) > ROWS_AT_MOST:
                self.cursor_fetch_strategy = _Unread(self.cursor, initial_buffer=())
            else:
                self.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(self.cursor, initial_buffer=rows)


class BufferingDialect(DuckDBDialect):
    """DuckDB's dialect whose results stand on their own."""

    execution_ctx_cls: Any = _BufferingContext
    supports_statement_cache = True

    def connect(self, *, database: str, config: dict[str, Any], **_: Any) -> Any:
        return ConnectionWrapper(duckdb.connect(database, config=config))


registry.register(URL_SCHEME, __name__, BufferingDialect.__name__)
