"""Connections to a Spark Thrift server, and the settings under which Spark computes what DuckDB computes.

Not here: which statements are run.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from signalbox.engines.install import require_client
from signalbox.errors import SignalboxError
from signalbox.settings import Settings

if TYPE_CHECKING:
    from pyhive.hive import Connection

# Values depend on these, so every session sets them; dbt's profile says the same and a test compares the two.
SESSION = {
    # A timestamp is UTC without zone: no conversion anywhere, and what DuckDB wrote is read as it is.
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "false",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    # A bad cast or an overflow is an error and not a null.
    "spark.sql.ansi.enabled": "true",
    # `"name"` is a text, as dbt's own statements for Spark assume.
    "spark.sql.ansi.doubleQuotedIdentifiers": "false",
    "spark.sql.parquet.compression.codec": "zstd",
}


@contextmanager
def connected(settings: Settings) -> Iterator[Connection]:
    """A connection to the Thrift server of the settings. Raises SignalboxError that says how to get one running."""
    require_client()
    from pyhive import hive
    from thrift.transport.TTransport import TTransportException

    address = settings.spark.address
    logging.getLogger("thrift.transport.TSocket").setLevel(logging.CRITICAL)  # the error below says it
    try:
        opened = hive.connect(settings.spark.host, settings.spark.port, auth="NONE", configuration=dict(SESSION))
    except (TTransportException, OSError) as error:
        raise SignalboxError(
            f"{address}: no Spark Thrift server answers; start one with `signalbox cluster start`, "
            "or name yours in signalbox.toml ([spark] address)"
        ) from error
    try:
        yield opened
    finally:
        opened.close()


def require_answer(settings: Settings) -> None:
    """Raises SignalboxError when no Spark answers at the address of the settings, or the client is not installed."""
    with connected(settings) as connection:
        run(connection, "select 1")


def run(connection: Connection, statement: str) -> Sequence[tuple[Any, ...]]:
    """Run one statement; its rows, none where it has none. Raises SignalboxError with Spark's own first line."""
    from pyhive.exc import Error

    cursor = connection.cursor()
    try:
        cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []
    except Error as error:
        raise SignalboxError(f"Spark: {first_line(error)}; the statement began: {statement[:120]}") from error
    finally:
        cursor.close()


def first_line(error: Exception) -> str:
    """What Spark says was wrong, without its stack."""
    status = getattr(error.args[0], "status", None) if error.args else None
    text = str(getattr(status, "errorMessage", None) or error)
    return " ".join(text.partition("\n")[0].split())[:400]
