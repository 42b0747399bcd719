"""Run suites with Great Expectations inside DuckDB: one context and one connection for all of them.

Belongs here: building Great Expectations' objects from a suite and running them. Not here: what a result means
(``results``) or which suites there are (``registry``).
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from expectations.model import Check, Suite
from expectations.results import SuiteResult, as_before, nothing_to_assess, summarise, unreadable
from signalbox.settings import Settings

# Relation -> SQL that is read in its place: a file of the snapshot, or only what an increment brought; None: it brought
# nothing. A suite whose ``whole_by`` names columns must be given every row of each value of these, of all relations
# that it reads.
Relations = Mapping[str, str | None]
_READ = re.compile(r"\{read (\w+\.\w+)\}")


@contextmanager
def runner(settings: Settings, build_id: str) -> Iterator[Runner]:
    """A runner on the home's warehouse.

    Nothing else of this process may have it open with other settings meanwhile.
    """
    opened = Runner(settings, build_id)
    try:
        yield opened
    finally:
        opened.close()


class Runner:
    """Runs suites of one build, one after the other."""

    def __init__(self, settings: Settings, build_id: str) -> None:
        gx = _great_expectations()
        from sqlalchemy.pool import StaticPool

        from expectations.dialect import URL_SCHEME

        self.build_id = build_id
        self._gx = gx
        self._context = gx.get_context(mode="ephemeral")
        self._context.variables.progress_bars = {"globally": False}
        config = {"threads": settings.threads, "memory_limit": settings.memory_limit}
        self._source = self._context.data_sources.add_sql(
            "warehouse",
            connection_string=f"{URL_SCHEME}:///{settings.warehouse_path}",
            create_temp_table=False,
            kwargs={"poolclass": StaticPool, "connect_args": {"config": config}},
        )
        self._delivered = {str(row[0]) for row in self._query(_DELIVERED)}

    def run(
        self, suites: Iterable[Suite], relations: Relations | None = None, progress: Callable[[str], None] | None = None
    ) -> list[SuiteResult]:
        """Run the suites in their order. ``relations`` narrows or replaces what they read.

        A relation that cannot be read fails its suite; it never passes by default.
        """
        results = []
        for suite in suites:
            if progress:
                progress(suite.name)
            results.append(self._run(suite, relations or {}))
        return results

    def close(self) -> None:
        self._source.get_execution_engine().close()
        self._source.get_engine().dispose()

    def _run(self, suite: Suite, relations: Relations) -> SuiteResult:
        if suite.delivered_by is not None and suite.delivered_by not in self._delivered:
            return nothing_to_assess(suite, self.build_id)
        query = relations.get(suite.relation, f"select * from {suite.relation}")
        if query is None:
            return as_before(suite, self.build_id)
        try:
            asset = self._source.add_query_asset(suite.name, query=query)
            batch = asset.add_batch_definition_whole_table("all").get_batch()
            expectations = [self._expectation(check, relations) for check in suite.checks]
            wanted = self._gx.ExpectationSuite(name=suite.name, expectations=expectations)
            found = batch.validate(wanted, result_format="SUMMARY")
        except Exception as error:
            return unreadable(suite, self.build_id, error)
        return summarise(suite, self.build_id, found)

    def _expectation(self, check: Check, relations: Relations) -> Any:
        core = self._gx.expectations
        common = {
            "severity": "warning" if check.relaxed else "critical",
            "meta": {"check": check.name},
            "notes": _notes(check),
        }
        if check.kind in ("no_rows", "each_row"):
            from expectations.no_rows import ExpectEachRow, ExpectNoRows

            if check.kind == "no_rows":
                return ExpectNoRows(unexpected_rows_query=_with_relations(check.sql, relations), **common)
            marked = f"select {check.arguments['columns']}, not coalesce({check.sql}, false) as is_bad from {{batch}}"
            return ExpectEachRow(unexpected_rows_query=marked, **common)
        classes = {
            "not_null": core.ExpectColumnValuesToNotBeNull,
            "between": core.ExpectColumnValuesToBeBetween,
            "in_set": core.ExpectColumnValuesToBeInSet,
        }
        return classes[check.kind](column=check.column, **check.arguments, **common)

    def _query(self, sql: str) -> list[Any]:
        import sqlalchemy

        with self._source.get_engine().begin() as connection:
            return list(connection.execute(sqlalchemy.text(sql)).fetchall())


_DELIVERED = "select distinct entity from raw.landing_file where status_code = 'landed'"


def _with_relations(sql: str, relations: Relations) -> str:
    """``{read marts.fct_kpi}`` becomes that relation, or what is read in its place."""
    return _READ.sub(lambda found: f"({relations[found[1]]})" if relations.get(found[1]) else found[1], sql)


def _notes(check: Check) -> str:
    if check.relaxed is None:
        return check.name
    return f"{check.name}. Only a warning since {check.relaxed.since}: {check.relaxed.reason}."


def _great_expectations() -> Any:
    """Imported late and once: it takes seconds. It reports nothing home and draws no progress bars."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    # It imports Spark's Python package where that is installed, which warns of pandas; nothing uses the two together.
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas", category=FutureWarning)
    import great_expectations

    return great_expectations
