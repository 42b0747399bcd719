"""The warehouse of one build: opened where the build before left it or made anew, its models built, its state kept.

Belongs here: whether a build goes on from the one before, the order of an increment's parts, which engine builds. Not
here: what has to be done with a node (``walk``), what is touched (``signalbox.increments``), audit and steps
(``session``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from orchestration import increment, suite_rows
from orchestration.compiled import compiled
from orchestration.dbt import DbtProject, NodeResult
from orchestration.merge import DuckDBIncrement
from orchestration.options import BuildOptions
from orchestration.walk import Increment
from signalbox import publish as publishing
from signalbox.contracts import load_contracts
from signalbox.duckdb_session import connect, cursor
from signalbox.engines.built import built, note_built
from signalbox.increments import references, touched
from signalbox.increments import state as increments
from signalbox.landing import raw as landed_raw
from signalbox.settings import Settings

if TYPE_CHECKING:
    import duckdb

    from expectations.runner import Relations


@dataclass
class Warehouse:
    """The warehouse while one build works on it. ``change``: what is new since the build before; None: all of it."""

    settings: Settings
    options: BuildOptions
    project: DbtProject
    # Told of each node: its name, how many are done, how many there are.
    on_node: Callable[[str, int, int], None]
    change: increments.Change | None = None
    point: landed_raw.FixedPoint | None = None
    # Nodes that this build left behind what they read.
    behind: set[str] = field(default_factory=set)
    # What it depends on besides landed data.
    facts: str = ""
    # Keeps the warehouse open between connections.
    _held: duckdb.DuckDBPyConnection | None = None

    @contextmanager
    def open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection, closed before dbt opens the warehouse with its own settings."""
        self.settings.warehouse_path.parent.mkdir(parents=True, exist_ok=True)
        with cursor(self._held) if self._held else connect(self.settings, self.settings.warehouse_path) as con:
            yield con

    @property
    def is_held(self) -> bool:
        return self._held is not None

    def hold(self) -> None:
        """Keep it open from here on: with its last connection it is closed, and all that is new is written down.

        On a year of orders opening takes a quarter of a second, a dozen times in an increment, and closing three, which
        can wait until the snapshot is served. When a build dies meanwhile, the next one finds the log beside the
        warehouse. dbt cannot open what is held.
        """
        if self._held is None:
            self._held = connect(self.settings, self.settings.warehouse_path)

    def let_go(self) -> None:
        """Close it, unless it is closed already."""
        if self._held is not None:
            self._held.close()
            self._held = None

    def begin(self, code_digest: str) -> str:
        """Find out what is new since the warehouse was built; the reason when all of it has to be built."""
        settings = self.settings
        zone, currency, cut_over = settings.reporting_time_zone, settings.reporting_currency, str(settings.cut_over_ts)
        self.facts = "|".join([code_digest, zone, currency, settings.clock, cut_over])
        self.change = None
        if self.options.full_refresh or self.options.is_backfill or self.options.as_of is not None:
            return "it was asked for"
        if not settings.warehouse_path.exists():
            return "there is no warehouse yet"
        self.hold()
        with self.open() as con:
            self.change, reason = increments.open_state(con, settings, self.facts, self.options.engine)
        if self.change and self.options.engine == "spark" and built(settings) != self.change.before.build_id:
            self.change, reason = None, "the tables on the shared storage are not those of the build before"
        return reason

    def attach(self, build_id: str) -> landed_raw.FixedPoint:
        """Schema ``raw`` shows the ledger at one fixed point; without a build to go on from in a fresh warehouse."""
        if self.change is None:
            self.let_go()
            _remove(self.settings)
        with self.open() as con:
            increments.close_state(con)
            instant = _as_of(self.settings, self.options)
            self.point = landed_raw.attach(con, self.settings, build_id, instant, self.options.as_of)
        return self.point

    def build(self, summary: list[str]) -> list[NodeResult]:
        """Every relation that the rest of the build reads is in the warehouse afterwards, whichever engine made it."""
        if self.change is not None:
            return self._build_increment(self.change, summary)
        if self.options.engine == "spark":
            from orchestration.spark import build_on_spark

            results = build_on_spark(self.settings, self.options.as_of, self.project, self.open, self.on_node)
        else:
            results = self.project.build(self.options.full_refresh, self.on_node)
        self.hold()
        return results

    def changed_rows(self, rows: dict[str, str]) -> Relations:
        """Of an increment what differs, where the build before it passed its suites and was published.

        ``rows``: relation -> a query for all of it.
        """
        if self.change is None:
            return rows
        with self.open() as con:
            changes = publishing.read_changes(con)
        if changes.base_id != publishing.layout.published_snapshot_id(self.settings):
            return rows
        return suite_rows.changed_rows(rows, changes)

    def keep(self, build_id: str) -> None:
        """The warehouse is whole: the next build may start from it."""
        if self.point is None or self.options.is_backfill or self.options.as_of is not None:
            return
        point, engine = self.point, self.options.engine
        complete = self.change.before.complete_as_of if self.behind and self.change else point.as_of
        state = increments.State(build_id, point.as_of, point.sequence, self.facts, engine, complete)
        with self.open() as con:
            digests = increment.reference_digests(con, increment.Models(self.project))
            increments.save_state(con, self.settings, state, digests, self.behind)
        if engine == "spark":
            note_built(self.settings, build_id)

    def _build_increment(self, change: increments.Change, summary: list[str]) -> list[NodeResult]:
        """Reference data first, then what it and new rows and the passing of time touch."""
        assert self.point is not None
        models = increment.Models(self.project)
        span = references.Span(change.before.as_of, self.point.as_of)
        engine = self._engine(change, models, span)
        self.hold()
        with self.open() as con:
            engine.begin(con)
            _touch(con, self.settings, change, models, span)
            if not engine.references():
                return engine.results
            unruled = references.apply_rules(con, span, models.read_by_units)
            references.whole_stock_days(con)
            units = touched.close_over(con)
            rows = touched.copy_touched(con)
            summary.append(f"{units['order']:,} orders, {units['sale']:,} sales, {units['message']:,} messages touched")
            summary.append(f"{sum(rows.values()):,} rows")
            if unruled:
                summary.append(f"whole for {', '.join(unruled)}")
            if engine.rest():
                increment.finish(con, models, change.before.build_id)
        self.behind = engine.behind if self.options.quick else set()
        return engine.results

    def _engine(self, change: increments.Change, models: increment.Models, span: references.Span) -> Increment:
        if self.options.engine == "spark":
            from orchestration.spark_increment import spark_increment

            self.let_go()
            return spark_increment(self.settings, models, span, self.open, self.facts, self.on_node)
        with self.open() as con:
            at = str(con.execute("select cast(as_of as varchar) from raw.build_context").fetchone()[0])
        sql = compiled(self.project, self.facts, at, before=self.let_go)
        quick, threads = self.options.quick, self.settings.threads
        return DuckDBIncrement(models, span, self.open, sql, self.on_node, threads, quick, set(change.behind))


def _touch(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    change: increments.Change,
    models: increment.Models,
    span: references.Span,
) -> None:
    """What new rows name and the passing of time touches."""
    touched.clear(con)
    keys = {name: entity.key for name, entity in load_contracts(settings.contracts_dir).items()}
    touched.seed_from_rows(con, change.digests, keys)
    references.wake(con, span)
    references.touch_unmatched(con)
    handled = references.raw_rules(con, dict(change.digests))
    now = increment.reference_digests(con, models)
    harmless = {name: name in handled or now.get(name) == change.references.get(name) for name in now}
    increment.begin(con, models, change.digests, harmless)


def _remove(settings: Settings) -> None:
    """The warehouse holds derived rows only; a new one repairs whatever a killed build left."""
    for path in settings.warehouse_path.parent.glob(f"{settings.warehouse_path.name}*"):
        path.unlink()


def _as_of(settings: Settings, options: BuildOptions) -> datetime | None:
    """The instant to build for; None: the data's own clock. A wall clock is read here, once, and never again."""
    if options.as_of is not None:
        return options.as_of
    return datetime.now(UTC).replace(tzinfo=None) if settings.clock == "wall" else None
