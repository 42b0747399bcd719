"""An increment in the warehouse: every node under which something changed is computed anew, as far as it changed.

The SQL is what dbt compiled. A table of units reads the touched ones on its own, and the rows of keys that differ take
the place of the old ones; any other table is computed whole and compared. What nothing changed under is not looked at.
Not here: what has to be done with a node (``walk``), what is touched (``signalbox.increments``), how models relate
(``increment``), the order of a build's steps (``session``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from orchestration.walk import Code, Increment, compared, count
from signalbox.contracts.schema import literal
from signalbox.duckdb_session import cursor
from signalbox.errors import SignalboxError
from signalbox.increments.difference import differing
from signalbox.increments.units import MODELS, Unit
from signalbox.metrics.dimensions import DIMENSIONS

if TYPE_CHECKING:
    import duckdb

# Metric rows that are not of units and are made of several relations are compared with what they were up to this many:
# more of them (a row for each day of a span) cost more to compare than to sum.
_MOST_COMPARED = 3_000_000
_DIMENSIONS = ", ".join(DIMENSIONS)
_OF_A_DAY = ("kpi_id", "period_date")
_SUMS = {
    "fct_kpi": ("numerator", "denominator", "evaluable_count", "excluded_count", "no_data_count", "row_count"),
    "fct_kpi_histogram": ("item_count",),
}


class DuckDBIncrement(Increment):
    """One increment in the warehouse."""

    def __post_init__(self) -> None:
        super().__post_init__()
        # Table -> the one that the build before left, where this one put another in its place.
        self._old: dict[str, str] = {}

    def begin(self, con: duckdb.DuckDBPyConnection) -> None:
        """All of it is there."""

    def _take_touched(self, con: duckdb.DuckDBPyConnection) -> None:
        con.execute("begin; create schema if not exists increment_nothing")
        for name in self.models.units:
            con.execute(
                f"create or replace view {self._nothing(name)} as select * from {self._relation(name)} where false"
            )
        con.execute("commit")

    @contextmanager
    def _session(self, shared: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
        """One transaction a node."""
        import duckdb

        try:
            with cursor(shared) as con:
                con.execute("begin")
                yield con
                con.execute("commit")
        except duckdb.Error as error:
            raise SignalboxError(str(error)) from error

    def _row(self, session: duckdb.DuckDBPyConnection, statement: str) -> Sequence[Any]:
        row = session.execute(statement).fetchone()
        assert row is not None
        return row

    def _view(self, con: duckdb.DuckDBPyConnection, name: str, is_changed: bool, is_clocked: bool) -> Code:
        is_metric, is_unit = name in self.models.unit_metrics, name in self.models.unit_views
        is_steady = self._is_steady(name)
        if is_clocked:
            con.execute(f"create or replace view {self._relation(name)} as ({self._sql(name)})")
        if is_metric and is_steady and name not in self.behind:
            # Read several times by what follows, so they are tables.
            for side in ("touched", "before"):
                con.execute(f"create or replace table {side}_metrics.{name} as ({self._side_sql(name, side)})")
        elif self.models.nodes[name]["schema"] == "metrics" and (is_changed or is_clocked):
            return Code("whole", name not in self.behind and self._put_differing_aside(con, name))
        is_void = is_unit and self._is_untouched(name)
        if is_unit and is_steady and not is_void:
            for side in ("touched", "before") if name in self.models.remembered else ("touched",):
                there = self._side(self._relation(name), side)
                con.execute(f"create or replace view {there} as ({self._side_sql(name, side)})")
        return self._code_of_view(name, is_changed, is_clocked, is_void)

    def _put_differing_aside(self, con: duckdb.DuckDBPyConnection, name: str) -> bool:
        """Metric rows that are not of units: those of items that differ, as they are and as they were; False where what
        they were made of is gone, where they are too many to compare, or where each is of the build's day.
        """
        was = self._as_it_was(name)
        if was is None or self._is_of_the_day(con, name) or self._is_long(con, name):
            return False
        sides = {"touched": f"({self._sql(name)})", "before": f"({was})"}
        if len(self.models.parents[name]) > 1:
            # Read three times: not put together as often.
            for side, rows in sides.items():
                sides[side] = f"temp.{side}_{name}"
                con.execute(f"create or replace temp table {side}_{name} as select * from {rows}")
        keys, same = f"increment.items_{name}", "rows.kpi_id = keys.kpi_id and rows.item_key = keys.item_key"
        found = differing(*sides.values(), ("kpi_id", "item_key"), apart_by="period_date")
        con.execute(f"create or replace table {keys} as select distinct kpi_id, item_key from ({found})")
        for side, rows in sides.items():
            con.execute(
                f"create or replace table {side}_metrics.{name} as"
                f" select rows.* from {rows} as rows semi join {keys} as keys on {same}"
            )
            if rows.startswith("temp."):
                con.execute(f"drop table {rows}")
        return True

    def _is_of_the_day(self, con: duckdb.DuckDBPyConnection, name: str) -> bool:
        """Whether all measures of the model stand on the day of the build, and are summed anew in any case."""
        others = "select 1 from seeds.kpi_catalog where model_name = ? and time_axis <> 'as_of' limit 1"
        return con.execute(others, [name]).fetchone() is None

    def _is_long(self, con: duckdb.DuckDBPyConnection, name: str) -> bool:
        if len(self.models.parents[name]) == 1:
            return False
        some = f"select 1 from ({self._sql(name)}) limit {_MOST_COMPARED + 1}"
        return count(con, f"select count(*) from ({some})") > _MOST_COMPARED

    def _as_it_was(self, name: str) -> str | None:
        """The select of a view as the build before had it, over tables that it left; None where one is gone."""
        sql = self.compiled.at(self.compiled.nodes[self.models.ids[name]], self.span.before)
        for parent in self.models.parents[name]:
            if self._codes[parent].change == "unchanged":
                continue
            was = self._old.get(parent)
            if was is None and parent in self.models.nodes and parent not in MODELS and self.models.is_view(parent):
                inner = self._as_it_was(parent)
                was = inner and f"({inner})"
            if was is None:
                return None
            sql = sql.replace(self._relation(parent), was)
        return sql

    def _units(self, con: duckdb.DuckDBPyConnection, name: str, unit: Unit) -> Code:
        """Touched units computed, and the rows of keys that differ put in the place of the old ones."""
        target = self._relation(name)
        touched, before = self._side(target, "touched"), self._side(target, "before")
        wanted = f"where not ({unit.apart})" if self.is_quick and unit.apart else ""
        was = count(
            con,
            f"create or replace table {before} as"
            f" select * from (select * from {target} {wanted}) where {self._in_touched(unit)}",
        )
        con.execute(f"create or replace table {touched} as select * from {target} limit 0")
        sql = self._side_sql(name, "touched")
        now = count(con, f"insert into {touched} by name (select * from ({sql}) {wanted})")
        for _, sql in self._touched_parts(name):
            now += count(con, f"insert into {touched} by name ({sql})")
        keys, columns = f"increment.keys_{name}", ", ".join(unit.key)
        found = f"({differing(before, touched, unit.key)})" if was and now else touched if now else before
        changed = count(con, f"create or replace table {keys} as select distinct {columns} from {found}")
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
        ``__old``, where rules look at what a reference table said before, or metric rows were made of it."""
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
        rows = count(con, f"insert into {fresh} by name ({self._sql(name)})")
        for sql in self.compiled.parts.get(name, {}).values():
            rows += count(con, f"insert into {fresh} by name ({self._now(sql)})")
        code = compared(con, target, fresh)
        if code.change == "unchanged":
            con.execute(f"drop table {fresh}")
            return code
        self._find_keys(con, name, target, fresh, rows)
        if name in self.models.references or name in self.models.items:
            con.execute(f'alter table {target} rename to "{table}__old"')
            self._old[name] = old
        else:
            con.execute(f"drop table {target}")
        con.execute(f'alter table {fresh} rename to "{table}"')
        return code

    def _find_keys(self, con: duckdb.DuckDBPyConnection, name: str, target: str, fresh: str, rows: int) -> None:
        """Keys of a published table of which rows differ, for who publishes it; none where that is most of it."""
        key = self.models.published_keys.get(name)
        if key is None:
            return
        days = [column for column, kind, *_ in con.execute(f"describe {fresh}").fetchall() if kind == "DATE"]
        keys, listed = f"increment.keys_{name}", ", ".join(key)
        differ = differing(fresh, target, key, apart_by=days[0] if days else "")
        found = count(con, f"create or replace table {keys} as select distinct {listed} from ({differ})")
        is_complete = count(con, f"select count(*) from {keys} where {' or '.join(f'{c} is null' for c in key)}") == 0
        if is_complete and 2 * found < rows:
            con.execute("insert into increment.keyed values (?, ?)", [self.models.nodes[name]["schema"], name])

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
            if code.is_harmless:
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
        return Code("keys" if count(con, f"select count(*) from {keys}") else "unchanged", False)

    def _relation(self, name: str) -> str:
        return self.models.relation(name)

    def _side(self, relation: str, side: str) -> str:
        database, schema, table = relation.split(".")
        return f'{database}."{side}_{schema.strip(chr(34))}".{table}'

    def _nothing(self, name: str) -> str:
        return f'"increment_nothing"."{name}"'

    def _swapped(self, sql: str, relation: str, there: str) -> str:
        return sql.replace(relation, there)
