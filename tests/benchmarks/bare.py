"""A full build against the same SQL in one plain DuckDB process over the same Parquet.

Belongs here: taking the statements from a build as dbt sends them, and the bare program that runs them again.
``python -m tests.benchmarks.bare HOME STATEMENTS`` is that program: schema ``raw`` as a build attaches it, then every
statement that makes or fills a relation, in the order of the build; no dbt, no tests, no suites, no publication.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.measure import Program, module

if TYPE_CHECKING:
    import duckdb

    from signalbox.settings import Settings

_MAKES = re.compile(r"^(?:/\*.*?\*/\s*)?(?:create|insert)\b", re.IGNORECASE | re.DOTALL)
# dbt's log shortens the rows of a seed: the bare program copies the seeds of the last build.
_SEED = re.compile(r'"seeds"\."\w+"\s*\(')


def programs(home: Path, work: Path) -> list[Program]:
    """A full build of a home whose extracts are landed, and the bare program on it."""
    statements = work / "statements.json"
    if not statements.exists():
        capture(home, statements)
    return [
        Program("signalbox", module("signalbox.cli", "--home", home, "build", "--full-refresh")),
        Program("bare", module("tests.benchmarks.bare", home, statements)),
    ]


def capture(home: Path, path: Path) -> None:
    """Write the statements with which dbt builds the home's warehouse; the warehouse must be attached and empty."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    from orchestration.session import BuildSession
    from signalbox.settings import load_settings

    session = BuildSession(load_settings(home))
    session.attach()
    sent: list[str] = []

    def hear(event: Any) -> None:
        sql = event.data.sql.strip() if event.info.name == "SQLQuery" else ""
        if _MAKES.match(sql) and not _SEED.search(sql):
            sent.append(sql)

    runner = dbtRunner(manifest=session.project.manifest, callbacks=[hear])
    try:
        done = runner.invoke(["build", *session.project.arguments(), "--exclude-resource-type", "unit_test", "test"])
    finally:
        DuckDBConnectionManager.close_all_connections()
        session.forget()
        session.finish()
    if not done.success:
        raise RuntimeError(f"the build whose statements are wanted failed: {done.exception}")
    path.write_text(json.dumps([statement.replace("__dbt_tmp", "") for statement in sent]), encoding="utf-8")


def run_bare(home: Path, statements: Path) -> None:
    """Attach and execute."""
    import duckdb

    from signalbox.landing import raw
    from signalbox.settings import load_settings

    settings = load_settings(home)
    scratch = settings.home / "bare"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    config: dict[str, Any] = {
        "threads": settings.threads,
        "memory_limit": settings.memory_limit,
        "preserve_insertion_order": False,
        "default_null_order": "nulls_first_on_asc_last_on_desc",
    }
    with duckdb.connect(str(scratch / settings.warehouse_path.name), config=config) as con:
        con.execute("set TimeZone = 'UTC'")
        raw.attach(con, settings, "bare")
        _copy_seeds(con, settings)
        for statement in json.loads(statements.read_text(encoding="utf-8")):
            con.execute(statement)
    shutil.rmtree(scratch)


def _copy_seeds(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    built = str(settings.warehouse_path).replace("'", "''")
    con.execute(f"attach '{built}' as built (read_only); create schema seeds")
    rows = con.execute("select table_name from duckdb_tables() where database_name = 'built' and schema_name = 'seeds'")
    for (name,) in rows.fetchall():
        con.execute(f'create table seeds."{name}" as from built.seeds."{name}"')
    con.execute("detach built")


if __name__ == "__main__":
    run_bare(Path(sys.argv[1]), Path(sys.argv[2]))
