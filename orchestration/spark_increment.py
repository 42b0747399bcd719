"""An increment on Spark: DuckDB finds what is touched, from the landed rows and Spark's own files; Spark computes it.

The SQL is what dbt compiled for Spark. Parquet files are not changed: a table is written anew beside the old one, which
is then dropped; a table of units is the old rows of no touched unit, and the touched. Not here: what has to be done
with a node (``walk``), which units are touched (``signalbox.increments``), a full build (``spark``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from orchestration import spark
from orchestration.compiled import Compiled, compiled
from orchestration.dbt import DbtProject
from orchestration.increment import Models
from orchestration.walk import Code, Increment, compared
from signalbox.contracts.schema import literal, quoted
from signalbox.duckdb_session import cursor
from signalbox.engines.built import forget_built
from signalbox.engines.fetch import fetch, files_of
from signalbox.engines.session import connected, run
from signalbox.engines.sources import give_sources, give_tables
from signalbox.errors import SignalboxError
from signalbox.increments.references import Span
from signalbox.increments.units import ENTITIES, KINDS, Unit
from signalbox.landing.rows import insert_rows
from signalbox.settings import Settings

if TYPE_CHECKING:
    import duckdb
    from pyhive.hive import Connection

_TOUCHED = ("message_row", *KINDS)
_NOTHING = "increment_nothing"


@dataclass
class Session:
    """A session of Spark's, and a cursor of the warehouse, which reads files of Spark's tables."""

    connection: Connection
    con: duckdb.DuckDBPyConnection

    def run(self, statement: str) -> Sequence[tuple[Any, ...]]:
        return run(self.connection, statement)

    def write(self, relation: str, select: str) -> None:
        """A table of these rows, in the place of what a build before may have left there."""
        self.run(f"drop table if exists {relation}")
        self.run(f"create table {relation} using parquet as\n{select}")


@dataclass
class SparkIncrement(Increment):
    """One increment on Spark; the warehouse gets what is published and differs."""

    settings: Settings = field(kw_only=True)
    # The SQL of the warehouse's own views.
    here: Compiled = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._idle: SimpleQueue[Connection] = SimpleQueue()
        self._relations = {
            source["name"]: f"{source['schema']}.{source['identifier']}"
            for source in self.models.project.sources.values()
        } | {name: f"{node['schema']}.{node['alias']}" for name, node in self.models.nodes.items()}
        self._told_before = self._read_by_metrics()
        # Metric model -> its measures that stand on the day of the build.
        self._of_today: dict[str, list[str]] = {}

    def begin(self, con: duckdb.DuckDBPyConnection) -> None:
        forget_built(self.settings)
        nodes = self.models.project.relations.values()
        fetch(con, self.settings, [spark.wanted(node, stays=True) for node in nodes if spark.stays_there(node)])
        give_sources(con, self.settings, None)
        schemas = sorted({node["schema"] for node in nodes})
        with connected(self.settings) as connection:
            for name in (_NOTHING, *(f"{side}_{schema}" for side in ("touched", "before") for schema in schemas)):
                run(connection, f"create database if not exists {name}")

    def references(self) -> bool:
        """As in the warehouse; which then sees each table that differs, and as ``__old`` what it was."""
        if not super().references():
            return False
        tables = [name for name in self.models.references if not self.models.is_view(name)]
        differing = [name for name in tables if self._codes[name].change != "unchanged"]
        with self.warehouse() as con:
            for now in (spark.wanted(self.models.nodes[name], stays=True) for name in differing):
                fetch(con, self.settings, [now, replace(now, name=f"{now.name}__old")])
        return True

    def rest(self) -> bool:
        if not super().rest():
            return False
        with self.warehouse() as con:
            self._bring_back(con)
            make_views_of_the_instant(con, self.models, self.here, self.span.now)
        return True

    def _take_touched(self, con: duckdb.DuckDBPyConnection) -> None:
        names = {"increment": [f"touched_{kind}" for kind in _TOUCHED], "touched_raw": list(ENTITIES)}
        give_tables(con, self.settings, names)
        for model, measure in con.execute(
            "select model_name, kpi_id from seeds.kpi_catalog where time_axis = 'as_of' order by all"
        ).fetchall():
            self._of_today.setdefault(model, []).append(measure)

    def _bring_back(self, con: duckdb.DuckDBPyConnection) -> None:
        """What is published and was written anew; then what became of every table, for who publishes it."""
        written = {name for name, code in self._codes.items() if code.change != "unchanged"}
        nodes = [node for name, node in self.models.nodes.items() if name in written]
        fetch(con, self.settings, [spark.wanted(node) for node in nodes if spark.comes_back(node)])
        con.execute("delete from increment.change where schema_name <> 'raw'")
        rows = [
            (node["schema"], name, "whole" if name in written else "unchanged", False)
            for name, node in self.models.nodes.items()
        ]
        insert_rows(con, "increment.change", rows)

    def _run(self, names: Sequence[str], void: Iterable[str] = ()) -> bool:
        """With sessions of its own: a session keeps the list of files of each table that it has read."""
        with ExitStack() as stack:
            self._idle = SimpleQueue()
            for _ in range(self.threads):
                self._idle.put(stack.enter_context(connected(self.settings)))
            return super()._run(names, void)

    @contextmanager
    def _session(self, shared: duckdb.DuckDBPyConnection) -> Iterator[Session]:
        connection = self._idle.get()
        try:
            with cursor(shared) as con:
                yield Session(connection, con)
        finally:
            self._idle.put(connection)

    def _row(self, session: Session, statement: str) -> Sequence[Any]:
        return session.run(statement)[0]

    def _model(self, session: Session, name: str) -> Code:
        code = super()._model(session, name)
        if code.is_void:
            session.run(
                f"create or replace view {self._nothing(name)} as select * from {self._relation(name)} where false"
            )
        return code

    def _view(self, session: Session, name: str, is_changed: bool, is_clocked: bool) -> Code:
        if self.models.nodes[name]["schema"] == "metrics":
            return self._metric(session, name) if is_changed or is_clocked else Code("unchanged")
        is_unit, relation = name in self.models.unit_views, self._relation(name)
        is_void = is_unit and self._is_untouched(name)
        if is_clocked:
            session.run(f"create or replace view {relation} as\n{self._sql(name)}")
        if is_unit and self._is_steady(name) and not is_void:
            for side in ("touched", "before") if name in self._told_before else ("touched",):
                session.run(f"create or replace view {self._side(relation, side)} as\n{self._side_sql(name, side)}")
        return self._code_of_view(name, is_changed, is_clocked, is_void)

    def _metric(self, session: Session, name: str) -> Code:
        """Metric rows, a table here: those of touched items in the place of what they were, and all of measures that
        stand on the day of the build."""
        if name not in self.models.unit_metrics or not self._is_steady(name):
            return self._whole(session, name)
        today = ", ".join(map(literal, self._of_today.get(name, ())))
        if self._is_untouched(name) and not today:
            return Code("unchanged")
        target, lasting = self._relation(name), f"kpi_id not in ({today})" if today else "true"
        touched, before, fresh = self._side(target, "touched"), self._side(target, "before"), f"{target}__fresh"
        rows_now, rows_before = self._promised(name, self._side_sql(name, "touched")), self._side_sql(name, "before")
        session.write(touched, f"select * from ({rows_now}\n) as rows_now where {lasting}")
        session.write(
            before,
            f"select distinct kpi_id, item_key from (select kpi_id, item_key from ({rows_before}\n) as rows_before"
            f" union all select kpi_id, item_key from {touched}) as items",
        )
        anew = f" union all select * from ({self._promised(name, self._sql(name))}\n) as anew where kpi_id in ({today})"
        session.write(
            fresh,
            f"select old.* from {target} as old left anti join {before} as gone"
            f" on old.kpi_id = gone.kpi_id and old.item_key = gone.item_key where {lasting}"
            f" union all select * from {touched}{anew if today else ''}",
        )
        self._put_in_place(session, name, fresh)
        return Code("whole")

    def _units(self, session: Session, name: str, unit: Unit) -> Code:
        target = self._relation(name)
        touched, fresh = self._side(target, "touched"), f"{target}__fresh"
        if name in self._told_before:
            session.write(self._side(target, "before"), f"select * from {target} where {self._in_touched(unit)}")
        session.write(touched, self._promised(name, self._side_sql(name, "touched")))
        for part, sql in self._touched_parts(name):
            if not self._codes[part].is_void:
                session.run(f"insert into {touched}\n{sql}")
        self._require(session, name, touched)
        session.write(fresh, f"{untouched_rows(target, touched, unit)} union all select * from {touched}")
        self._put_in_place(session, name, fresh)
        return Code("keys", False)

    def _read_by_metrics(self) -> set[str]:
        """Units of which metric rows need to know what they were, through views over them."""
        found: set[str] = set()
        waiting = [parent for metric in self.models.unit_metrics for parent in self.models.parents[metric]]
        while waiting:
            name = waiting.pop()
            if name in self.models.remembered and name not in found:
                found.add(name)
                waiting += self.models.parents[name] if name in self.models.unit_views else []
        return found

    def _fact(self, session: Session, name: str) -> Code:
        """Sums of the models whose rows differ are summed anew, from all of their rows."""
        target, fresh = self._relation(name), f"{self._relation(name)}__fresh"
        parts = {m: sql for m, sql in self.compiled.parts[name].items() if self._codes[m].change != "unchanged"}
        if not parts:
            return Code("unchanged")
        listed = ", ".join(map(literal, parts))
        session.write(
            fresh,
            f"select facts.* from {target} as facts left anti join"
            f" (select kpi_id from seeds.kpi_catalog where model_name in ({listed})) as anew"
            " on facts.kpi_id = anew.kpi_id",
        )
        for sql in parts.values():
            session.run(f"insert into {fresh}\n{self._now(sql)}")
        return self._where_it_differs(session, name, fresh)

    def _whole(self, session: Session, name: str) -> Code:
        fresh = f"{self._relation(name)}__fresh"
        session.write(fresh, self._promised(name, self._sql(name)))
        for sql in self.compiled.parts.get(name, {}).values():
            session.run(f"insert into {fresh}\n{self._now(sql)}")
        return self._where_it_differs(session, name, fresh)

    def _where_it_differs(self, session: Session, name: str, fresh: str) -> Code:
        """The fresh table in the place of the old one, unless both are the same; the old one stays, as ``__old``, where
        rules look at what a reference table said before."""
        self._require(session, name, fresh)
        now, was = self._files(fresh), self._files(self._relation(name))
        if now and was:
            code = compared(session.con, was, now)
        else:
            code = Code("whole", False) if now or was else Code("unchanged")
        if code.change == "unchanged":
            session.run(f"drop table {fresh}")
        else:
            self._put_in_place(session, name, fresh, keeps_old=name in self.models.references)
        return code

    def _put_in_place(self, session: Session, name: str, fresh: str, keeps_old: bool = False) -> None:
        target = self._relation(name)
        if keeps_old:
            session.run(f"drop table if exists {target}__old")
            session.run(f"alter table {target} rename to {target}__old")
        else:
            session.run(f"drop table {target}")
        session.run(f"alter table {fresh} rename to {target}")

    def _files(self, relation: str) -> str:
        """The rows of a table of Spark's as DuckDB reads them; empty when it has no file."""
        files = files_of(self.settings, *relation.split("."))
        return f"read_parquet([{', '.join(literal(str(path)) for path in files)}])" if files else ""

    def _promised(self, name: str, sql: str) -> str:
        """The select with its columns in the order of the model's contract."""
        node = self.models.nodes[name]
        if not node["config"]["contract"]["enforced"]:
            return sql
        return f"select {', '.join(f'`{column}`' for column in node['columns'])} from (\n{sql}\n) as promised"

    def _require(self, session: Session, name: str, relation: str) -> None:
        """Columns that must not be null: no constraint of a Parquet table, so they are counted in what was written."""
        node = self.models.nodes[name]
        columns, files = sorted(spark.required(node)), self._files(relation)
        if not (columns and files and node["config"]["contract"]["enforced"]):
            return
        counts = ", ".join(f"count(*) filter (where {quoted(column)} is null)" for column in columns)
        found = session.con.execute(f"select {counts} from {files}").fetchone() or ()
        broken = [column for column, rows in zip(columns, found, strict=True) if rows]
        if broken:
            raise SignalboxError(f"{relation}: not null constraint failed: {', '.join(broken)}")

    def _relation(self, name: str) -> str:
        return self._relations[name]

    def _side(self, relation: str, side: str) -> str:
        return f"{side}_{relation}"

    def _nothing(self, name: str) -> str:
        return f"{_NOTHING}.{name}"

    def _swapped(self, sql: str, relation: str, there: str) -> str:
        return swapped(sql, relation, there)


def spark_increment(
    settings: Settings,
    models: Models,
    span: Span,
    warehouse: Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]],
    facts: str,
    on_node: Callable[[str, int, int], None],
) -> SparkIncrement:
    """An increment with the SQL that dbt compiles for Spark from the code of ``facts``."""
    with warehouse() as con:
        context = spark.context_of(con)
    as_of = context["SIGNALBOX_CONTEXT_AS_OF"]
    sql, here = compiled(DbtProject(settings, "spark"), facts, as_of, context), compiled(models.project, facts, as_of)
    return SparkIncrement(models, span, warehouse, sql, on_node, settings.spark.threads, settings=settings, here=here)


def make_views_of_the_instant(con: duckdb.DuckDBPyConnection, models: Models, here: Compiled, now: datetime) -> None:
    """Through the warehouse's own connection: dbt could not open it beside an increment."""
    for name in views_of_the_instant(models):
        sql = here.at(here.nodes[models.ids[name]], now)
        con.execute(f"create or replace view {models.relation(name)} as ({sql})")


def views_of_the_instant(models: Models) -> list[str]:
    """The warehouse's own views whose SQL names the instant of the build, so that each build makes them anew."""
    return sorted(name for name in models.clocked if spark.is_made_here(models.nodes[name]))


def swapped(sql: str, relation: str, there: str) -> str:
    """The SQL with one relation in the place of another; names are not quoted, and one may begin another."""
    return re.sub(rf"(?<![\w.`]){re.escape(relation)}(?!\w)", there, sql)


def untouched_rows(target: str, touched: str, unit: Unit) -> str:
    """The rows of a table that belong to no touched unit, and have no key that a touched unit has now.

    An anti join keeps what names no unit, as a condition with ``not in`` would not.
    """
    joins = [
        f" left anti join increment.touched_{kind} as of_{kind} on ({text}) = of_{kind}.id"
        for kind, text in unit.kinds.items()
    ]
    same = " and ".join(f"old.{column} = again.{column}" for column in unit.key)
    joins.append(f" left anti join {touched} as again on {same}")
    where = f" where not coalesce({unit.loose}, false)" if unit.loose else ""
    return f"select old.* from {target} as old{''.join(joins)}{where}"
