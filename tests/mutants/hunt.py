"""Which wrong versions of the KPI models the tests notice.

First the unit tests of the model, run by DuckDB on the statements that dbt wrote for them. What they let pass is put in
the place of the model in a built warehouse: where a measure then differs from what is published on any day, by more
than its twin may differ, the comparison with the twin (``tests/integration/test_twins.py``) notices.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb
import sqlglot
from sqlglot import exp

from tests.mutants.change import FIXTURE, Change, changed, changes
from tests.twins import MEASURES

_ACTUAL, _EXPECTED = "dbt_internal_unit_test_actual", "dbt_internal_unit_test_expected"
_SIDE = "actual_or_expected"
WITH_A_TWIN = frozenset(measure for measures in MEASURES.values() for measure in measures)


@dataclass(frozen=True)
class Mutant:
    """One wrong version of a model."""

    model: str
    change: Change

    def __str__(self) -> str:
        return f"{self.model}: {self.change.kind}: {self.change.before} -> {self.change.after}"


@dataclass
class UnitTest:
    """A unit test as dbt wrote it: made-up rows, the model over them, and the rows that are expected."""

    name: str
    fixtures: dict[str, str]
    model: exp.Expression
    columns: str
    expected: str

    @classmethod
    def read(cls, name: str, path: Path) -> UnitTest:
        statement = sqlglot.parse_one(path.read_text(encoding="utf-8"), dialect="duckdb")
        parts = {cte.alias: cte.this for cte in statement.args["with_"].expressions}
        fixtures = {}
        actual = parts[_ACTUAL]
        model = actual.find(exp.Subquery).this
        for cte in [cte for cte in model.find_all(exp.CTE) if cte.alias.startswith(FIXTURE)]:
            fixtures[cte.alias] = cte.this.sql("duckdb")
            cte.pop()
        if model.args.get("with_") is not None and not model.args["with_"].expressions:
            model.set("with_", None)
        columns = ", ".join(item.sql("duckdb") for item in actual.expressions if item.alias != _SIDE)
        return cls(name, fixtures, model.copy(), columns, parts[_EXPECTED].sql("duckdb"))

    def prepare(self, con: duckdb.DuckDBPyConnection) -> None:
        """Put the made-up rows and the expected ones in place."""
        for name, sql in self.fixtures.items():
            con.execute(f'create or replace temp table "{name}" as {sql}')
        # A test that expects no rows, dbt writes as one that expects none of the actual ones.
        actual = f"select {self.columns} from ({self.model.sql('duckdb')}) as model"
        con.execute(f"create or replace temp view {_ACTUAL} as {actual}")
        con.execute(f"create or replace temp table expected as select {self.columns} from ({self.expected}) as rows")

    def fails(self, con: duckdb.DuckDBPyConnection, model: exp.Expression) -> bool:
        """Whether a version of the model does not give the expected rows. The test has to be prepared."""
        actual = f"select {self.columns} from ({model.sql('duckdb')}) as model"
        con.execute(f"create or replace temp table actual as {actual}")
        unlike = "(from actual except all from expected) union all (from expected except all from actual)"
        return con.execute(f"{unlike} limit 1").fetchone() is not None


@dataclass
class Hunt:
    """The unit tests that dbt wrote into ``target``."""

    target: Path

    @cached_property
    def _named(self) -> dict[str, list[tuple[str, Path]]]:
        manifest = json.loads((self.target / "manifest.json").read_text(encoding="utf-8"))
        files = {path.stem: path for path in (self.target / "run").rglob("*.yml/**/*.sql")}
        named = defaultdict(list)
        for test in manifest["unit_tests"].values():
            named[test["model"]].append((test["name"], files[test["name"]]))
        return named

    @property
    def models(self) -> list[str]:
        """The models of KPIs that have unit tests: metric rows, and the items that they are made of."""
        return sorted(name for name in self._named if name.startswith(("kpi_", "int_kpi__")))

    def hunt(
        self,
        con: duckdb.DuckDBPyConnection,
        model: str,
        choose: Callable[[list[Mutant]], list[Mutant]] = lambda found: found,
    ) -> tuple[list[Mutant], list[Mutant]]:
        """Chosen mutants of a model, and those of them that no unit test notices. A statement that fails is noticed.

        Raises AssertionError where a unit test fails on the model as it is.
        """
        tests = [UnitTest.read(*named) for named in self._named[model]]
        made = choose([Mutant(model, change) for change in changes(tests[0].model)])
        left = made
        for test in tests:
            test.prepare(con)
            assert not test.fails(con, test.model), f"{test.name} fails on {model} as it is"
            left = [mutant for mutant in left if not _is_noticed(con, test, mutant)]
        return made, left


def _is_noticed(con: duckdb.DuckDBPyConnection, test: UnitTest, mutant: Mutant) -> bool:
    version = _changed_in(test.model, mutant.change)
    try:
        return version is not None and test.fails(con, version)
    except duckdb.Error:
        return True


def _changed_in(model: exp.Expression, change: Change) -> exp.Expression | None:
    try:
        return changed(model, change)
    except LookupError:
        return None


@dataclass
class Built:
    """A built warehouse: ``con`` is open on it; ``compiled``: model -> its SQL; ``parents``: model -> those it reads.

    ``relations``: model -> its name as compiled SQL has it.
    """

    con: duckdb.DuckDBPyConnection
    compiled: Mapping[str, str]
    parents: Mapping[str, Iterable[str]]
    relations: Mapping[str, str]
    tolerance: float = 1e-3
    _proved: set[str] = field(default_factory=set)

    def noticed_by(self, mutant: Mutant) -> str | None:
        """A measure with a twin that the mutant publishes otherwise; None also where it cannot be put in place.

        Raises AssertionError or duckdb.Error where the model as it is, put in place, does not give what is published.
        """
        tree = sqlglot.parse_one(self.compiled[mutant.model], dialect="duckdb")
        if mutant.model not in self._proved:
            assert self._unlike(mutant.model, tree.sql("duckdb")) is None, f"{mutant.model} is unlike itself"
            self._proved.add(mutant.model)
        version = _changed_in(tree, mutant.change)
        if version is None:
            return None
        try:
            return self._unlike(mutant.model, version.sql("duckdb"))
        except duckdb.Error:
            return "the statement fails"

    def _unlike(self, model: str, sql: str) -> str | None:
        if model.startswith("kpi_"):
            return self._differing(model, sql)
        self.con.execute(f"create or replace temp table mutant as {sql}")
        for reader in sorted(self.parents):
            if reader.startswith("kpi_") and model in self.parents[reader]:
                text = self.compiled[reader].replace(self.relations[model], "temp.main.mutant")
                found = self._differing(reader, text)
                if found:
                    return found
        return None

    def _differing(self, model: str, sql: str) -> str | None:
        days = (
            "select kpi_id, period_date, sum(numerator) as top, sum(denominator) as bottom from ({}) as metric"
            " group by all having top <> 0 or bottom <> 0"
        )
        rows = self.con.execute(
            f"select distinct kpi_id from ({days.format(f'select * from metrics.{model}')}) as one"
            f" full join ({days.format(sql)}) as two using (kpi_id, period_date)"
            " where abs(coalesce(one.top, 0) - coalesce(two.top, 0)) > ?"
            " or abs(coalesce(one.bottom, 0) - coalesce(two.bottom, 0)) > ?",
            [self.tolerance, self.tolerance],
        ).fetchall()
        return next((str(row[0]) for row in sorted(rows) if row[0] in WITH_A_TWIN), None)
