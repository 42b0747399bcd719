"""Opening DuckDB so that the same query gives the same rows in the same order wherever it runs.

Belongs here: what the warehouse's and the readers' connections share, and how Parquet files are written. Not here:
queries; landing's connection, which orders nothing; dbt's, which its profile sets up alike.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from signalbox.settings import Settings

if TYPE_CHECKING:
    import duckdb

# How a Parquet file is written (``copy … to … (PARQUET)``). A column of more different values gets no dictionary: one
# of keys only costs time before it is given up.
PARQUET = "format parquet, compression zstd, compression_level 1, dictionary_size_limit 8192"
_SESSION = "set TimeZone = 'UTC'; set default_null_order = 'nulls_first_on_asc_last_on_desc'"


def connect(settings: Settings, path: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A connection within the home's threads and memory, to the database ``path`` or to one in memory."""
    import duckdb

    con = duckdb.connect(
        str(path) if path else ":memory:", config={"threads": settings.threads, "memory_limit": settings.memory_limit}
    )
    con.execute(_SESSION)
    return con


def cursor(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A further connection to the same database, for another thread."""
    made = con.cursor()
    made.execute(_SESSION)
    return made
