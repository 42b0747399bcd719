"""DuckDB for Great Expectations: the SQLAlchemy dialect with rows fetched before the connection is given back.

Great Expectations reads a result after its connection returned to the pool, when DuckDB has nothing left to fetch.
Results of expectations are small (counts, a few sample rows), so they are fetched at once. Connections are made with
the home's settings alone: the dialect's own would add its name to them, and DuckDB opens a file with one set of
settings at a time, so that a build could not hold the warehouse meanwhile. Not here: what is queried.
"""

from __future__ import annotations

from typing import Any

import duckdb
from duckdb_sqlalchemy import ConnectionWrapper
from duckdb_sqlalchemy import Dialect as DuckDBDialect
from sqlalchemy.dialects import registry
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy

URL_SCHEME = "signalboxduckdb"


class _BufferingContext(DuckDBDialect.execution_ctx_cls):  # type: ignore[misc, name-defined]
    def post_exec(self) -> None:
        super().post_exec()
        if self.cursor.description:
            rows = self.cursor.fetchall()
            self.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(self.cursor, initial_buffer=rows)


class BufferingDialect(DuckDBDialect):
    """DuckDB's dialect whose results stand on their own."""

    execution_ctx_cls: Any = _BufferingContext
    supports_statement_cache = True

    def connect(self, *, database: str, config: dict[str, Any], **_: Any) -> Any:
        return ConnectionWrapper(duckdb.connect(database, config=config))


registry.register(URL_SCHEME, __name__, BufferingDialect.__name__)
