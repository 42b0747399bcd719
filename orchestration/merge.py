"""An increment in the warehouse: every node under which something changed is computed anew, as far as it changed.

The SQL is what dbt compiled. A table of units reads the touched ones on its own, and the rows of keys that differ take
the place of the old ones; any other table is computed whole and compared. What nothing changed under is not looked at.
Not here: what is touched (``signalbox.increments``), how models relate (``increment``), the order of a build's steps
(``session``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

from orchestration.compiled import Compiled
from orchestration.dbt import NodeResult
from orchestration.increment import FACTS, Models
from signalbox.contracts.schema import literal
from signalbox.duckdb_session import cursor
from signalbox.increments.difference import differing
from signalbox.increments.references import LINEAGE, Span
from signalbox.increments.units import ENTITIES, MODELS, Unit
from signalbox.landing.rows import insert_rows
from signalbox.metrics.dimensions import DIMENSIONS

if TYPE_CHECKING:
    import duckdb

# Tables of more rows are not compared with what they were: that would cost more than what reads them.
MOST_COMPARED = 3_000_000
_DIMENSIONS = ", ".join(DIMENSIONS)
_OF_A_DAY = ("kpi_id", "period_date")
_SUMS = {
    "fct_kpi": ("numerator", "denominator", "evaluable_count", "excluded_count", "no_data_count", "row_count"),
    "fct_kpi_histogram": ("item_count",),
}


@dataclass
class Code:
    """What became of a node: unchanged, keys (some units differ) or whole.

    ``is_harmless``: a whole change that cannot matter to units that are not touched. ``is_void``: no unit is touched.
    """

    change: str
    is_harmless: bool = True
    is_void: bool = False


@dataclass
class DuckDBIncrement:
    """One increment. ``warehouse`` opens the warehouse; ``span``: the instants of the build before and of this one."""

    models: Models
    span: Span
    warehouse: Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]
    compiled: Compiled
    on_node: Callable[[str, int, int], None]
    threads: int = 2
    results: list[NodeResult] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._codes: dict[str, Code] = {}
        self._lock = Lock()
        self._done = 0

    def references(self) -> bool:
        """Build what units read, before it is known which are touched; False when something failed."""
        return self._run(self.models.first)

    def rest(self) -> bool:
        """Build touched units and all that reads them; False when something failed."""
        with self.warehouse() as con:
            counts = " union all ".join(f"select '{name}', count(*) from touched_raw.{name}" for name in ENTITIES)
            void = {name for name, rows in con.execute(counts).fetchall() if rows == 0}
            con.execute("begin; create schema if not exists increment_nothing")
            for name in self.models.units:
                con.execute(
                    f"create or replace view {_nothing(name)} as select * from {self._relation(name)} where false"
                )
            con.execute("commit")
        return self._run(self.models.rest, void)

    def _run(self, names: Sequence[str], void: Iterable[str] = ()) -> bool:
        """Each node after those that it reads, some of them side by side; nothing more is begun after a failure."""
        wanted = dict.fromkeys(names)
        waiting = {name: {p for p in self._parents(name) if p in wanted} for name in wanted}
        with self.warehouse() as con, ThreadPoolExecutor(self.threads) as pool:
            con.execute("set preserve_insertion_order = false; set checkpoint_threshold = '2GB'")
            noted = con.execute("select node_name, change_code, is_harmless from increment.change").fetchall()
            self._codes |= {name: Code(change, harmless) for name, change, harmless in noted}
            for name in void:
                self._codes[name] = Code("unchanged", True, is_void=True)
            self._foresee(wanted)
            running: dict[Future[NodeResult], str] = {}
            is_good = True
            while waiting or running:
                ready = [name for name, above in waiting.items() if not above] if is_good else []
                for name in ready:
                    del waiting[name]
                    running[pool.submit(self._node, con, name)] = name
                if not running:
                    break
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    name, result = running.pop(future), future.result()
                    self.results.append(result)
                    is_good = is_good and not result.blocks
                    for above in waiting.values():
                        above.discard(name)
            rows = [
                (self.models.nodes[name]["schema"], name, code.change, code.is_harmless)
                for name, code in self._codes.items()
                if name in wanted
            ]
            insert_rows(con, "increment.change", rows)
        return is_good

    def _foresee(self, wanted: Iterable[str]) -> None:
        """Views over units that are made later are read by reference tables already: changed as the rows below them."""
        for name in self.models.in_order:
            if name in self.models.unit_views and name not in wanted and name not in self._codes:
                above = [self._codes[parent].change for parent in self._parents(name) if parent in self._codes]
                self._codes[name] = Code("unchanged" if all(code == "unchanged" for code in above) else "keys")

    def _parents(self, name: str) -> list[str]:
        return self.models.tests[name] if name in self.models.tests else self.models.parents[name]

    def _node(self, shared: duckdb.DuckDBPyConnection, name: str) -> NodeResult:
        """Do what the node needs; an error of the database is its result."""
        import duckdb

        started = time.monotonic()
        key = self.models.ids[name]
        is_test = name in self.models.tests
        status, message, failures = "no-op", "as it was", None
        try:
            with cursor(shared) as con:
                con.execute("begin")
                if is_test:
                    status, message, failures = self._test(con, name, key)
                else:
                    self._codes[name] = self._model(con, name)
                    if self._codes[name].change != "unchanged":
                        status, message = "success", self._codes[name].change
                con.execute("commit")
        except duckdb.Error as error:
            status, message = "error", " ".join(str(error).split())
        with self._lock:
            self._done += 1
            self.on_node(name, self._done, len(self.models.first) + len(self.models.rest))
        kind = "test" if is_test else "model"
        return NodeResult(key, name, kind, status, round(time.monotonic() - started, 3), message, failures)

    def _model(self, con: duckdb.DuckDBPyConnection, name: str) -> Code:
        above = [self._codes[parent] for parent in self._parents(name)]
        is_changed = any(code.change != "unchanged" for code in above)
        is_clocked = name in self.models.clocked
        if self.models.is_view(name):
            return self._view(con, name, is_changed, is_clocked)
        if name in MODELS and self._is_steady(name):
            if not MODELS[name].loose and self._is_untouched(name):
                return Code("unchanged", is_void=True)
            return self._units(con, name, MODELS[name])
        if not is_changed and not is_clocked:
            return Code("unchanged")
        if name in FACTS:
            return self._fact(con, name)
        return self._whole(con, name)

    def _is_steady(self, name: str) -> bool:
        """Whether nothing besides units differs in a way that matters to units that are not touched."""
        tolerated = MODELS[name].tolerates if name in MODELS else ""
        for parent in self._parents(name):
            code = self._codes[parent]
            if tolerated and parent.startswith(tolerated) and parent not in self.models.units:
                continue
            if code.change == "whole" and not code.is_harmless:
                return False
        return True

    def _is_untouched(self, name: str) -> bool:
        """Whether no unit that this node reads is touched."""
        return all(self._codes[parent].is_void for parent in self._unit_parents(name))

    def _unit_parents(self, name: str) -> list[str]:
        return [parent for parent in self._parents(name) if parent in ENTITIES or parent in self.models.units]

    def _view(self, con: duckdb.DuckDBPyConnection, name: str, is_changed: bool, is_clocked: bool) -> Code:
        is_metric, is_unit = name in self.models.unit_metrics, name in self.models.unit_views
        is_steady = self._is_steady(name)
        if is_clocked:
            con.execute(f"create or replace view {self._relation(name)} as ({self._sql(name)})")
        if is_metric and is_steady:
            # Read several times by what follows, so they are tables.
            for side in ("touched", "before"):
                con.execute(f"create or replace table {side}_metrics.{name} as ({self._side_sql(name, side)})")
        is_void = is_unit and self._is_untouched(name)
        if is_unit and is_steady and not is_void:
            for side in ("touched", "before") if name in self.models.remembered else ("touched",):
                there = _side(self._relation(name), side)
                con.execute(f"create or replace view {there} as ({self._side_sql(name, side)})")
        change = "unchanged"
        if is_changed or is_clocked:
            change = "keys" if is_unit and is_steady else "whole"
        return Code(change, is_steady and (is_metric or not is_clocked), is_void)

    def _units(self, con: duckdb.DuckDBPyConnection, name: str, unit: Unit) -> Code:
        """Touched units computed, and the rows of keys that differ put in the place of the old ones."""
        target = self._relation(name)
        touched, before = _side(target, "touched"), _side(target, "before")
        was = _count(con, f"create or replace table {before} as select * from {target} where {_in_touched(unit)}")
        con.execute(f"create or replace table {touched} as select * from {target} limit 0")
        now = _count(con, f"insert into {touched} by name ({self._side_sql(name, 'touched')})")
        for part, sql in self.compiled.parts.get(name, {}).items():
            if part in self.models.units:
                sql = self._on_side(sql, [part], "touched")
            now += _count(con, f"insert into {touched} by name ({self._now(sql)})")
        keys, columns = f"increment.keys_{name}", ", ".join(unit.key)
        found = f"({differing(before, touched, unit.key)})" if was and now else touched if now else before
        changed = _count(con, f"create or replace table {keys} as select distinct {columns} from {found}")
        if changed:
            same = " and ".join(f"target.{column} = keys.{column}" for column in unit.key)
            if was:
                con.execute(f"delete from {target} as target using {keys} as keys where {same}")
            con.execute(
                f"insert into {target} select target.* from {touched} as target semi join {keys} as keys on {same}"
            )
        return Code("keys" if changed else "unchanged", False, is_void=not was and not now)

    def _whole(self, con: duckdb.DuckDBPyConnection, name: str) -> Code:
        """The table computed anew beside the old one and put in its place where they differ; the old one stays, as
        ``__old``, where rules look at what a reference table said before."""
        target = self._relation(name)
        schema, table = self.models.nodes[name]["schema"], self.models.nodes[name]["alias"]
        fresh, old = f'"{schema}"."{table}__fresh"', f'"{schema}"."{table}__old"'
        con.execute(f"drop table if exists {old}")
        row = con.execute(
            "select sql from duckdb_tables() where schema_name = ? and table_name = ?", [schema, table]
        ).fetchone()
        assert row is not None, name
        _, _, columns = str(row[0]).partition("(")
        con.execute(f"create table {fresh} ({columns}")
        rows = _count(con, f"insert into {fresh} by name ({self._sql(name)})")
        for sql in self.compiled.parts.get(name, {}).values():
            rows += _count(con, f"insert into {fresh} by name ({self._now(sql)})")
        code = self._compared(con, target, fresh, rows)
        if code.change == "unchanged":
            con.execute(f"drop table {fresh}")
            return code
        if name in self.models.references:
            con.execute(f'alter table {target} rename to "{table}__old"')
        else:
            con.execute(f"drop table {target}")
        con.execute(f'alter table {fresh} rename to "{table}"')
        return code

    def _compared(self, con: duckdb.DuckDBPyConnection, target: str, fresh: str, rows: int) -> Code:
        """Unchanged, or whole: harmless when the rows differ only in the file that they came from."""
        if max(rows, _count(con, f"select count(*) from {target}")) > MOST_COMPARED:
            return Code("whole", False)
        names = [str(row[0]) for row in con.execute(f"describe {fresh}").fetchall()]
        lineage = [name for name in names if name in LINEAGE]
        for left_out, code in (([], Code("unchanged")), (lineage, Code("whole", True))):
            if con.execute(f"{differing(fresh, target, (), left_out)} limit 1").fetchone() is None:
                return code
        return Code("whole", False)

    def _fact(self, con: duckdb.DuckDBPyConnection, name: str) -> Code:
        """A fact of sums: rows of touched units are added and those that they had are taken away; measures that stand
        on the day of the build, and those of models that are not of units, are summed anew."""
        target, sums = self._relation(name), _SUMS[name]
        histogram = name == "fct_kpi_histogram"
        more, again, keys = (f"increment.{kind}_{name}" for kind in ("more", "again", "keys"))
        for table in (more, again):
            con.execute(f"create or replace table {table} as select * from {target} limit 0")
        now = "select kpi_id from seeds.kpi_catalog where time_axis = 'as_of'"
        negative = ", ".join(f"-{column} as {column}" for column in sums)
        anew = []
        for model, sql in self.compiled.parts[name].items():
            code, relation = self._codes[model], self._relation(model)
            if code.change == "unchanged":
                continue
            measures = f"select kpi_id from seeds.kpi_catalog where model_name = {literal(model)}"
            if code.is_harmless and model in self.models.unit_metrics:
                for side in ("touched", "before"):
                    rows = sql.replace(relation, f"(select * from {side}_metrics.{model} where kpi_id not in ({now}))")
                    listed = f"* replace ({negative})" if side == "before" else "*"
                    con.execute(f"insert into {more} select {listed} from ({self._now(rows)})")
                measures += " and time_axis = 'as_of'"
            anew.append(measures)
            if con.execute(measures).fetchone():
                rows = sql.replace(relation, f"(select * from {relation} where kpi_id in ({measures}))")
                con.execute(f"insert into {again} {self._now(rows)}")
        if not anew:
            return Code("unchanged")
        ids = " union all ".join(anew)
        group = f"kpi_id, period_date, grouping_name, {_DIMENSIONS}{', bucket_index' if histogram else ''}"
        con.execute(
            f"create or replace table {keys} as select distinct kpi_id, period_date from ("
            f"select kpi_id, period_date from {more} group by {group}"
            f" having {' or '.join(f'sum({column}) <> 0' for column in sums)}"
            f" union all select kpi_id, period_date"
            f" from ({differing(again, f'{target} where kpi_id in ({ids})', _OF_A_DAY)}) as anew) as changed"
        )
        types = {column: "decimal(38, 6)" if column in ("numerator", "denominator") else "bigint" for column in sums}
        summed = ", ".join(f"cast(sum({column}) as {kind}) as {column}" for column, kind in types.items())
        on_keys = f"semi join {keys} as keys on facts.kpi_id = keys.kpi_id and facts.period_date = keys.period_date"
        con.execute(
            f"create or replace table increment.fresh_{name} as select {group}, {summed} from ("
            f"select facts.* from {target} as facts {on_keys} where facts.kpi_id not in ({ids})"
            f" union all select facts.* from {more} as facts {on_keys}) as parts"
            f" group by {group} having sum({sums[-1]}) <> 0"
            f" union all select facts.* from {again} as facts {on_keys}"
        )
        con.execute(
            f"delete from {target} as facts using {keys} as keys"
            " where facts.kpi_id = keys.kpi_id and facts.period_date = keys.period_date"
        )
        con.execute(f"insert into {target} select * from increment.fresh_{name}")
        return Code("keys" if _count(con, f"select count(*) from {keys}") else "unchanged", False)

    def _test(self, con: duckdb.DuckDBPyConnection, name: str, key: str) -> tuple[str, str, int | None]:
        """A data test whose relations changed; one of units alone looks at the touched ones."""
        above = [self._codes[parent] for parent in self._parents(name) if parent in self._codes]
        if all(code.change == "unchanged" for code in above):
            return "no-op", "as it was", None
        parents = self._parents(name)
        is_of_units = len(self._unit_parents(name)) == len(parents)
        if is_of_units and self._is_steady(name) and all(code.change != "whole" for code in above):
            sql = self._side_sql(name, "touched")
        else:
            sql = self._sql(name)
        rule: dict[str, Any] = self.models.project.nodes[key]["config"]
        limit = f" limit {rule['limit']}" if rule.get("limit") else ""
        calculated = rule["fail_calc"]
        row = con.execute(
            f"select failures, failures {rule['error_if']}, failures {rule['warn_if']}"
            f" from (select {calculated} as failures from ({sql}{limit}) as found) as judged"
        ).fetchone()
        assert row is not None
        failures, is_error, is_warning = row
        if is_error and str(rule["severity"]).lower() == "error":
            return "fail", f"Got {failures} results, configured to fail if {rule['error_if']}", failures
        if is_warning:
            return "warn", f"Got {failures} results, configured to warn if {rule['warn_if']}", failures
        return "pass", "", failures

    def _relation(self, name: str) -> str:
        """The relation's name as compiled SQL has it."""
        return self.models.relation(name)

    def _sql(self, name: str) -> str:
        return self._now(self.compiled.nodes[self.models.ids[name]])

    def _now(self, sql: str) -> str:
        return sql.replace(_instant(self.compiled.as_of), _instant(str(self.span.now)))

    def _side_sql(self, name: str, side: str) -> str:
        """The node's select reading units from one side; on the side before, as of the build before."""
        sql = self.compiled.nodes[self.models.ids[name]]
        if side == "before":
            sql = sql.replace(_instant(self.compiled.as_of), _instant(str(self.span.before)))
        return self._now(self._on_side(sql, self._unit_parents(name), side))

    def _on_side(self, sql: str, parents: Iterable[str], side: str) -> str:
        for parent in parents:
            relation = self._relation(parent)
            there = _side(relation, side)
            if self._codes[parent].is_void and parent not in ENTITIES:
                there = _nothing(parent)
            sql = sql.replace(relation, there)
        return sql


def _nothing(name: str) -> str:
    """A view without rows, for what reads units of which none is touched."""
    return f'"increment_nothing"."{name}"'


def _side(relation: str, side: str) -> str:
    """The same table in the schema of one side: touched or before."""
    database, schema, table = relation.split(".")
    return f'{database}."{side}_{schema.strip(chr(34))}".{table}'


def _instant(text: str) -> str:
    return f"cast('{text}' as timestamp)"


def _in_touched(unit: Unit) -> str:
    """The condition by which a row belongs to a touched unit."""
    found = [f"({text}) in (select id from increment.touched_{kind})" for kind, text in unit.kinds.items()]
    return " or ".join([*found, *([f"({unit.loose})"] if unit.loose else [])])


def _count(con: duckdb.DuckDBPyConnection, statement: str) -> int:
    """The count that a statement gives: of rows written, or what it selects."""
    row = con.execute(statement).fetchone()
    return int(row[0]) if row else 0
