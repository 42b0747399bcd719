"""An increment on either engine: each node after those that it reads, and what has to be done with it.

A node under which nothing changed is left. A table of units is computed for what is touched where nothing else differs
that matters; any other node is computed whole. Belongs here: these decisions, the compiled SQL over one side, the
verdict of a data test. Not here: an engine's statements (``merge``, ``spark_increment``), what is touched
(``signalbox.increments``), how models relate (``increment``).
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

from orchestration.compiled import Compiled
from orchestration.dbt import NodeResult
from orchestration.increment import FACTS, Models
from signalbox.errors import SignalboxError
from signalbox.increments.difference import digest
from signalbox.increments.references import LINEAGE, Span
from signalbox.increments.units import ENTITIES, MODELS, Unit
from signalbox.landing.rows import insert_rows

if TYPE_CHECKING:
    import duckdb


@dataclass
class Code:
    """What became of a node: unchanged, keys (some units differ) or whole.

    ``is_harmless``: a whole change that cannot matter to units that are not touched; of metric rows: those that differ
    are aside, as they are and as they were. ``is_void``: no unit is touched. ``is_stray``: rows may differ that name
    units that are not touched (``Unit.loose``); who reads other units beside them would miss those.
    """

    change: str
    is_harmless: bool = True
    is_void: bool = False
    is_stray: bool = False


@dataclass
class Increment(ABC):
    """One increment. ``warehouse`` opens the warehouse; ``span``: the instants of the build before and of this one.

    ``is_quick``: only what quick builds keep up is built. ``behind``: nodes that earlier quick builds left, and those
    that this one leaves; a complete increment builds them as if all that they read had changed.
    """

    models: Models
    span: Span
    warehouse: Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]
    compiled: Compiled
    on_node: Callable[[str, int, int], None]
    threads: int = 2
    is_quick: bool = False
    behind: set[str] = field(default_factory=set)
    results: list[NodeResult] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._codes: dict[str, Code] = {}
        # Kinds of identifiers of which any is touched.
        self._kinds: set[str] = set()
        self._lock = Lock()
        self._done = 0

    @abstractmethod
    def begin(self, con: duckdb.DuckDBPyConnection) -> None:
        """Let the warehouse show what the build before left, and the engine what landed since."""

    def references(self) -> bool:
        """Build what units read, before it is known which are touched; False when something failed."""
        return self._run(self.models.first)

    def rest(self) -> bool:
        """Build touched units and all that reads them; False when something failed."""
        with self.warehouse() as con:
            counts = " union all ".join(f"select '{name}', count(*) from touched_raw.{name}" for name in ENTITIES)
            void = {name for name, rows in con.execute(counts).fetchall() if rows == 0}
            kinds = sorted({kind for unit in MODELS.values() for kind in unit.kinds})
            known = " union all ".join(f"select '{k}' from increment.touched_{k} having count(*) > 0" for k in kinds)
            self._kinds = {kind for (kind,) in con.execute(known).fetchall()}
            self._take_touched(con)
        return self._run(self.models.rest, void)

    def _in_touched(self, unit: Unit) -> str:
        """The condition by which a row belongs to a touched unit."""
        kinds = [kind for kind in unit.kinds if kind in self._kinds]
        found = [f"({unit.kinds[kind]}) in (select id from increment.touched_{kind})" for kind in kinds]
        return " or ".join([*found, *([f"({unit.loose})"] if unit.loose else [])]) or "false"

    @abstractmethod
    def _take_touched(self, con: duckdb.DuckDBPyConnection) -> None:
        """Get ready for touched units, which are all in the warehouse now."""

    @abstractmethod
    def _session(self, shared: duckdb.DuckDBPyConnection) -> AbstractContextManager[Any]:
        """Where the statements of one node run. What the database says against one of them is a SignalboxError."""

    @abstractmethod
    def _row(self, session: Any, statement: str) -> Sequence[Any]:
        """The one row that a statement gives."""

    @abstractmethod
    def _view(self, session: Any, name: str, is_changed: bool, is_clocked: bool) -> Code:
        """A view of DuckDB's, metric rows among them."""

    @abstractmethod
    def _units(self, session: Any, name: str, unit: Unit) -> Code:
        """Touched units computed, and put in the place of what they were."""

    @abstractmethod
    def _fact(self, session: Any, name: str) -> Code:
        """A fact of sums over metric rows."""

    @abstractmethod
    def _whole(self, session: Any, name: str) -> Code:
        """The table computed anew, and put in the place of the old one where they differ."""

    @abstractmethod
    def _relation(self, name: str) -> str:
        """The relation's name as compiled SQL has it."""

    @abstractmethod
    def _side(self, relation: str, side: str) -> str:
        """The same table in the schema of one side: touched or before."""

    @abstractmethod
    def _nothing(self, name: str) -> str:
        """A view without rows, for what reads units of which none is touched."""

    @abstractmethod
    def _swapped(self, sql: str, relation: str, there: str) -> str:
        """The SQL with one relation in the place of another."""

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
            con.execute("reset preserve_insertion_order")
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
        started = time.monotonic()
        key = self.models.ids[name]
        is_test = name in self.models.tests
        status, message, failures = "no-op", "as it was", None
        try:
            with self._session(shared) as session:
                if self._is_left(name, is_test):
                    message = "waits for a complete build"
                elif is_test:
                    status, message, failures = self._test(session, name, key)
                else:
                    self._codes[name] = self._model(session, name)
                    if self._codes[name].change != "unchanged":
                        status, message = "success", self._codes[name].change
        except SignalboxError as error:
            status, message = "error", " ".join(str(error).split())
        with self._lock:
            self._done += 1
            self.on_node(name, self._done, len(self.models.first) + len(self.models.rest))
        kind = "test" if is_test else "model"
        return NodeResult(key, name, kind, status, round(time.monotonic() - started, 3), message, failures)

    def _is_left(self, name: str, is_test: bool) -> bool:
        """Whether a quick build leaves the node as it is; it is behind then, if anything it reads has moved on."""
        above = self._parents(name)
        if not self.is_quick or (name in self.models.kept_up if not is_test else self.behind.isdisjoint(above)):
            return False
        moved = is_test or name in self.models.clocked or not self.behind.isdisjoint(above)
        if moved or any(self._codes[parent].change != "unchanged" for parent in above):
            with self._lock:
                self.behind.add(name)
        if not is_test:
            self._codes[name] = Code("unchanged")
        return True

    def _is_moved(self, name: str) -> bool:
        """Whether what the node reads differs from what it was built of."""
        return name in self.behind or any(self._codes[parent].change != "unchanged" for parent in self._parents(name))

    def _model(self, session: Any, name: str) -> Code:
        is_changed = self._is_moved(name)
        is_clocked = name in self.models.clocked
        if self.models.is_view(name):
            return self._view(session, name, is_changed, is_clocked)
        if name in MODELS and self._is_steady(name):
            if not MODELS[name].loose and self._is_untouched(name):
                return Code("unchanged", is_void=True)
            code = self._units(session, name, MODELS[name])
            code.is_stray = name in self.models.mixed and self._is_stray(name)
            return code
        if not is_changed and not is_clocked:
            return Code("unchanged")
        if name in FACTS:
            return self._fact(session, name)
        code = self._whole(session, name)
        # The touched units of this table are not aside: whoever reads it cannot be computed for them alone.
        return Code("whole", False) if name in MODELS else code

    def _is_stray(self, name: str) -> bool:
        """Whether rows of a mixed unit may differ that name units that are not touched."""
        apart = MODELS[name].tolerates
        above = [(parent, self._codes[parent]) for parent in self._parents(name)]
        return any(code.is_stray or (parent.startswith(apart) and code.change == "whole") for parent, code in above)

    def _is_steady(self, name: str) -> bool:
        """Whether nothing besides units differs in a way that matters to units that are not touched."""
        tolerated = MODELS[name].tolerates if name in MODELS else ""
        mixed = self.models.mixed
        reads_others = name not in mixed and not mixed.issuperset(self._unit_parents(name))
        for parent in self._parents(name):
            code = self._codes[parent]
            if code.is_stray and reads_others:
                return False
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

    def _code_of_view(self, name: str, is_changed: bool, is_clocked: bool, is_void: bool) -> Code:
        """What a view is to its readers, which look through it at what it reads."""
        is_steady = self._is_steady(name)
        change = "unchanged"
        if is_changed or is_clocked:
            change = "keys" if name in self.models.unit_views and is_steady else "whole"
        is_metric = self.models.nodes[name]["schema"] == "metrics"
        return Code(change, is_steady and (name in self.models.unit_metrics if is_metric else not is_clocked), is_void)

    def _test(self, session: Any, name: str, key: str) -> tuple[str, str, int | None]:
        """A data test whose relations changed; one of units alone looks at the touched ones."""
        above = [self._codes[parent] for parent in self._parents(name) if parent in self._codes]
        if name not in self.behind and all(code.change == "unchanged" for code in above):
            return "no-op", "as it was", None
        parents = self._parents(name)
        is_of_units = len(self._unit_parents(name)) == len(parents)
        facts = [parent for parent in parents if parent in FACTS]
        if is_of_units and self._is_steady(name) and all(code.change != "whole" for code in above):
            sql = self._side_sql(name, "touched")
        elif facts and all(self._codes[p].change == ("keys" if p in FACTS else "unchanged") for p in parents):
            # They judge each day of a measure on its own, and all of a changed day is at hand.
            sql = self._sql(name)
            for fact in facts:
                sql = self._swapped(sql, self._relation(fact), f"increment.fresh_{fact}")
        else:
            sql = self._sql(name)
        return self._verdict(session, sql, self.models.project.nodes[key]["config"])

    def _verdict(self, session: Any, sql: str, rule: Mapping[str, Any]) -> tuple[str, str, int | None]:
        """Status, message and failures of a data test with this select, by dbt's settings of the test."""
        limit = f" limit {rule['limit']}" if rule.get("limit") else ""
        calculated = rule["fail_calc"]
        failures, is_error, is_warning = self._row(
            session,
            f"select failures, failures {rule['error_if']}, failures {rule['warn_if']}"
            f" from (select {calculated} as failures from ({sql}{limit}) as found) as judged",
        )
        if is_error and str(rule["severity"]).lower() == "error":
            return "fail", f"Got {failures} results, configured to fail if {rule['error_if']}", failures
        if is_warning:
            return "warn", f"Got {failures} results, configured to warn if {rule['warn_if']}", failures
        return "pass", "", failures

    def _sql(self, name: str) -> str:
        return self._now(self.compiled.nodes[self.models.ids[name]])

    def _now(self, sql: str) -> str:
        return self.compiled.at(sql, self.span.now)

    def _side_sql(self, name: str, side: str) -> str:
        """The node's select reading units from one side; on the side before, as of the build before."""
        moment = self.span.before if side == "before" else self.span.now
        sql = self.compiled.at(self.compiled.nodes[self.models.ids[name]], moment)
        return self._on_side(sql, self._unit_parents(name), side)

    def _touched_parts(self, name: str) -> Iterator[tuple[str, str]]:
        """Model -> the select that fills a fact of units from it, over touched units."""
        for part, sql in self.compiled.parts.get(name, {}).items():
            if self.is_quick and name in self.models.mixed and part not in self.models.units:
                continue
            yield part, self._now(self._on_side(sql, [part], "touched") if part in self.models.units else sql)

    def _on_side(self, sql: str, parents: Iterable[str], side: str) -> str:
        for parent in parents:
            relation = self._relation(parent)
            is_nothing = self._codes[parent].is_void and parent not in ENTITIES
            sql = self._swapped(sql, relation, self._nothing(parent) if is_nothing else self._side(relation, side))
        return sql


def compared(con: duckdb.DuckDBPyConnection, target: str, fresh: str) -> Code:
    """Unchanged, or whole: harmless when the rows differ only in the file that they came from.

    Both stand after ``from``.
    """
    names = [str(row[0]) for row in con.execute(f"describe select * from {fresh}").fetchall()]
    lineage = [name for name in names if name in LINEAGE]
    for left_out, code in (([], Code("unchanged")), (lineage, Code("whole", True))):
        now, was = (con.execute(digest(rows, left_out)).fetchone() for rows in (fresh, target))
        if now == was:
            return code
    return Code("whole", False)


def count(con: duckdb.DuckDBPyConnection, statement: str) -> int:
    """The count that a statement gives: of rows written, or what it selects."""
    row = con.execute(statement).fetchone()
    return int(row[0]) if row else 0
