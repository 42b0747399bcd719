"""A full build against the same SQL in one plain DuckDB process over the same Parquet.

Belongs here: taking the statements from a build as dbt sends them, and the bare program that runs them again.
``python -m tests.benchmarks.bare HOME STATEMENTS [METRIC ...]`` is that program: schema ``raw`` as a build attaches it,
then every statement that makes or fills a relation, in the order of the build; no dbt, no tests, no suites, no
publication. With metric models named, only what ``fct_kpi`` needs to hold their measures.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.measure import Program, measure, module

if TYPE_CHECKING:
    import duckdb

    from signalbox.settings import Settings

_MAKES = re.compile(r"^(?:/\*.*?\*/\s*)?(?:create|insert)\b", re.IGNORECASE | re.DOTALL)
# dbt's log shortens the rows of a seed: the bare program copies the seeds of the last build.
_SEED = re.compile(r'"seeds"\."\w+"\s*\(')
_RELATION = re.compile(r'"signalbox"\."(\w+)"\."(\w+)"')
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_FACT = ("marts", "fct_kpi")


def programs(home: Path) -> list[Program]:
    """A full build of a home whose extracts are landed, and the bare program on it."""
    statements = captured(home)
    return [
        Program("signalbox", module("signalbox.cli", "--home", home, "build", "--full-refresh")),
        Program("bare", module("tests.benchmarks.bare", home, statements)),
    ]


def captured(home: Path) -> Path:
    """The home's statements, taken by a process of its own once."""
    statements = home / "statements.json"
    if not statements.exists():
        measure([sys.executable, "-c", f"from tests.benchmarks import bare; bare.capture({str(home)!r})"])
    return statements


def capture(folder: str) -> None:
    """Build the home's warehouse as a build does and write the statements that dbt sent to its ``statements.json``."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    from orchestration.session import BuildSession
    from signalbox.settings import load_settings

    home = Path(folder)
    session = BuildSession(load_settings(home))
    session.attach()
    session.warehouse.let_go()
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
    path = home / "statements.json"
    path.write_text(json.dumps([statement.replace("__dbt_tmp", "") for statement in sent]), encoding="utf-8")


def upstream(statements: Sequence[str], metrics: Collection[str]) -> list[str]:
    """The statements that ``fct_kpi`` needs to hold the measures of these metric models, in their order."""
    made = [(_RELATION.findall(_COMMENT.sub("", statement)), statement) for statement in statements]
    wanted = {_FACT, *(("metrics", name) for name in metrics)}
    chosen: list[str] = []
    for names, statement in reversed(made):
        if not names:
            chosen.append(statement)
            continue
        own, read = names[0], set(names[1:])
        if own == _FACT:
            if {name for _, name in read - {_FACT}} <= set(metrics):
                chosen.append(statement)
        elif own in wanted:
            wanted |= read
            chosen.append(statement)
    return chosen[::-1]


def run_bare(home: Path, statements: Path, metrics: Collection[str] = ()) -> None:
    """Attach and execute; the warehouse stays under the home's ``bare`` for whoever compares it."""
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
        wanted = json.loads(statements.read_text(encoding="utf-8"))
        for statement in upstream(wanted, metrics) if metrics else wanted:
            con.execute(statement)


def _copy_seeds(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    built = str(settings.warehouse_path).replace("'", "''")
    con.execute(f"attach '{built}' as built (read_only); create schema seeds")
    rows = con.execute("select table_name from duckdb_tables() where database_name = 'built' and schema_name = 'seeds'")
    for (name,) in rows.fetchall():
        con.execute(f'create table seeds."{name}" as from built.seeds."{name}"')
    con.execute("detach built")


if __name__ == "__main__":
    run_bare(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
