"""One build, step by step: what the Dagster assets and checks call, and nothing of Dagster.

Belongs here: the order of a build's parts, its audit record, and the state that they share. Not here: the lock and
the instance (``build``), how assets look (``assets``), or what any part does; that is in ``signalbox``,
``expectations``, dbt.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from orchestration import increment, suite_rows
from orchestration.compiled import compiled
from orchestration.dbt import DbtProject, NodeResult
from orchestration.inputs import Inputs, read_inputs
from orchestration.merge import DuckDBIncrement
from orchestration.walk import Increment
from signalbox import publish as publishing
from signalbox.cases import outbox, rules
from signalbox.contracts import load_contracts
from signalbox.duckdb_session import connect
from signalbox.engines.built import built, note_built
from signalbox.errors import SignalboxError, UsageError
from signalbox.increments import references, touched
from signalbox.increments import state as increments
from signalbox.interrupt import reached
from signalbox.landing import LandReport, land_locked
from signalbox.landing import raw as landed_raw
from signalbox.progress import Reporter, Silent
from signalbox.publish import BuildRecord, PublishReport, Step, SuiteOutcome, tables
from signalbox.publish.audit import utc_now
from signalbox.settings import Settings

if TYPE_CHECKING:
    import duckdb

    from expectations.model import Stage
    from expectations.results import SuiteResult
    from expectations.runner import Relations


# The outcome in the audit record that stands for dbt: every model built and no blocking data test failed.
MODELS = "models"


@dataclass(frozen=True)
class BuildOptions:
    """What a build is asked for. ``as_of`` is UTC without zone; days are business days, both included.

    ``files_at_most``: how many new files of the drop area are landed; None: all. ``quick``: only what quick builds keep
    up, where there is a build to go on from; what else would change is behind until a build that is not quick.
    """

    as_of: datetime | None = None
    date_from: date | None = None
    date_to: date | None = None
    full_refresh: bool = False
    land: bool = True
    files_at_most: int | None = None
    engine: Literal["duckdb", "spark"] = "duckdb"
    quick: bool = False

    def __post_init__(self) -> None:
        if self.quick and (self.is_backfill or self.full_refresh or self.as_of or self.engine == "spark"):
            raise UsageError(
                "a quick build goes on from the one before: no range, instant, engine or full refresh with it"
            )
        if self.date_from and self.date_to and self.date_from > self.date_to:
            raise UsageError(f"the range is empty: {self.date_from} is after {self.date_to}")

    @property
    def is_backfill(self) -> bool:
        return self.date_from is not None or self.date_to is not None


@dataclass
class BuildSession:
    """The state of one build. Every step is timed, told to the reporter, and ends in the audit record."""

    settings: Settings
    options: BuildOptions = field(default_factory=BuildOptions)
    reporter: Reporter = field(default_factory=Silent)
    # A process that builds again and again gives its parsed project to each session.
    parsed: DbtProject | None = None
    run_id: str | None = None
    landed: LandReport | None = None
    published: PublishReport | None = None
    is_forgotten: bool = False
    change: increments.Change | None = None
    point: landed_raw.FixedPoint | None = None
    # Nodes that this build left behind what they read.
    behind: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.project = self.parsed or DbtProject(self.settings)
        self.results: list[SuiteResult] = []
        self.rows: list[dict[str, Any]] = []
        self.record = BuildRecord(
            build_id=publishing.new_build_id(self.settings),
            started=utc_now(),
            run_id=self.run_id,
            quick=self.options.quick,
        )
        if self.options.as_of is not None:
            self.record.requested_as_of = self.options.as_of.isoformat()

    @contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        """A timed step; what is put into the list is its summary. An error ends up in the record and goes on."""
        self.reporter.begin(name)
        summary: list[str] = []
        started = time.monotonic()
        try:
            yield summary
        except Exception as error:
            kind = "" if isinstance(error, SignalboxError) else f"{type(error).__name__}: "
            self.record.error = f"{name}: {kind}{' '.join(str(error).split())}"
            raise
        finally:
            seconds = time.monotonic() - started
            self.record.steps.append(Step(step=name, seconds=round(seconds, 3)))
            publishing.save_record(self.settings, self.record)
            self.reporter.end(name, seconds, ", ".join(summary))

    def land(self) -> LandReport | None:
        """Land what is new in the drop area, unless that was done or is not wanted."""
        if self.landed is None and self.options.land:
            with self.step("land") as summary:
                self.settings.landing_dir.mkdir(parents=True, exist_ok=True)
                with _told_only(summary):
                    outbox.send_waiting(self.settings)
                self.landed = land_locked(
                    self.settings,
                    self.settings.landing_dir,
                    progress=self.reporter.update,
                    files_at_most=self.options.files_at_most,
                )
                summary.append(land_summary(self.landed))
        reached(self.settings, "landed")
        return self.landed

    def attach(self) -> landed_raw.FixedPoint:
        """A fresh warehouse whose schema ``raw`` shows the ledger at one fixed point."""
        with self.step("attach") as summary:
            self._note(read_inputs(self.settings, self.options))
            reason = self._open_increment()
            # Without a build to go on from all of it is built, whatever was asked for.
            self.record.quick = self.options.quick and self.change is not None
            if self.change is None:
                remove_warehouse(self.settings)
            with self.warehouse() as con:
                increments.close_state(con)
                point = landed_raw.attach(
                    con, self.settings, self.record.build_id, _as_of(self.settings, self.options), self.options.as_of
                )
            self.point = point
            self.record.as_of = point.as_of.isoformat()
            summary.append("an increment" if self.change else f"all of it, since {reason}")
            summary.append(
                f"{sum(point.rows.values()):,} rows of {point.files:,} files as of {point.as_of:%Y-%m-%d %H:%M} UTC"
            )
        reached(self.settings, "attached")
        return point

    def inbound(self) -> list[SuiteResult]:
        found = self._suites(
            "inbound suites", "raw", suite_rows.new_rows(self.settings, self.change.digests) if self.change else {}
        )
        reached(self.settings, "inbound_passed")
        return found

    def models(self) -> list[NodeResult]:
        """Seeds, models and data tests. A node that blocks publication is an error of the record, not an exception."""
        with self.step("models") as summary:
            self._continue()
            found = self._build_increment(summary) if self.change else self._build_all()
            found = self.project.with_unbuilt(found)
            self._replace_rows([self._node_row(item) for item in found if item.kind == "test"])
            blocking = [item for item in found if item.blocks and item.status != "skipped"]
            tests = sum(item.kind == "test" for item in found)
            summary.append(f"{len(found) - tests} models and seeds, {tests} tests, {len(blocking)} failed")
            outcome = {"suite": MODELS, "kind": "model", "target": "dbt", "success": not any(i.blocks for i in found)}
            self._keep([SuiteOutcome(**outcome, expectations=tests, failed=len(blocking))])
            if blocking:
                first = blocking[0]
                self.record.error = f"models: {first.kind} {first.name}: {first.message or first.status}"
        if not blocking:
            self._keep_state()
            reached(self.settings, "models_built")
        return found

    def _changed_rows(self, rows: dict[str, str]) -> Relations:
        """Of an increment what differs, where the build before it passed its suites and was published.

        ``rows``: relation -> a query for all of it.
        """
        if self.change is None:
            return rows
        with self.warehouse() as con:
            changes = publishing.read_changes(con)
        if changes.base_id != publishing.layout.published_snapshot_id(self.settings):
            return rows
        return suite_rows.changed_rows(rows, changes)

    def _open_increment(self) -> str:
        """Find out what is new since the warehouse was built; the reason when all of it has to be built."""
        self.change = None
        if self.options.full_refresh or self.options.is_backfill or self.options.as_of is not None:
            return "it was asked for"
        if not self.settings.warehouse_path.exists():
            return "there is no warehouse yet"
        with self.warehouse() as con:
            self.change, reason = increments.open_state(con, self.settings, self._facts(), self.options.engine)
        if self.change and self.options.engine == "spark" and built(self.settings) != self.change.before.build_id:
            self.change, reason = None, "the tables on the shared storage are not those of the build before"
        return reason

    def _facts(self) -> str:
        """What a warehouse depends on besides landed data."""
        settings = self.settings
        zone, currency, cut_over = settings.reporting_time_zone, settings.reporting_currency, str(settings.cut_over_ts)
        return "|".join([str(self.record.code_digest), zone, currency, settings.clock, cut_over])

    def _build_all(self) -> list[NodeResult]:
        """Every relation that the rest of the build reads is in the warehouse afterwards, whichever engine made it."""
        if self.options.engine == "spark":
            from orchestration.spark import build_on_spark

            return build_on_spark(self.settings, self.options.as_of, self.project, self.warehouse, self._on_node)
        return self.project.build(self.options.full_refresh, self._on_node)

    def _build_increment(self, summary: list[str]) -> list[NodeResult]:
        """Reference data first, then what it and new rows and the passing of time touch."""
        assert self.change is not None and self.point is not None
        models = increment.Models(self.project)
        span = references.Span(self.change.before.as_of, self.point.as_of)
        engine = self._increment_engine(models, span)
        # Held throughout: with the last connection the warehouse is closed, and each time written down.
        with self.warehouse() as con:
            self._touch(con, engine, models, span)
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
                increment.finish(con, models, self.change.before.build_id)
        self.behind = engine.behind if self.options.quick else set()
        return engine.results

    def _touch(
        self, con: duckdb.DuckDBPyConnection, engine: Increment, models: increment.Models, span: references.Span
    ) -> None:
        """What new rows name and the passing of time touches."""
        assert self.change is not None
        engine.begin(con)
        touched.clear(con)
        keys = {name: entity.key for name, entity in load_contracts(self.settings.contracts_dir).items()}
        touched.seed_from_rows(con, self.change.digests, keys)
        references.wake(con, span)
        references.touch_unmatched(con)
        handled = references.raw_rules(con, dict(self.change.digests))
        now = increment.reference_digests(con, models)
        harmless = {name: name in handled or now.get(name) == self.change.references.get(name) for name in now}
        increment.begin(con, models, self.change.digests, harmless)

    def _increment_engine(self, models: increment.Models, span: references.Span) -> Increment:
        settings, facts = self.settings, self._facts()
        if self.options.engine == "spark":
            from orchestration.spark_increment import spark_increment

            return spark_increment(settings, models, span, self.warehouse, facts, self._on_node)
        with self.warehouse() as con:
            at = str(con.execute("select cast(as_of as varchar) from raw.build_context").fetchone()[0])
        sql = compiled(self.project, facts, at)
        assert self.change is not None
        behind = set(self.change.behind)
        return DuckDBIncrement(
            models, span, self.warehouse, sql, self._on_node, settings.threads, self.options.quick, behind
        )

    def _keep_state(self) -> None:
        """The warehouse is whole: the next build may start from it."""
        if self.point is None or self.options.is_backfill or self.options.as_of is not None:
            return
        point, engine = self.point, self.options.engine
        with self.warehouse() as con:
            complete = self.change.before.complete_as_of if self.behind and self.change else point.as_of
            facts = self._facts()
            state = increments.State(self.record.build_id, point.as_of, point.sequence, facts, engine, complete)
            digests = increment.reference_digests(con, increment.Models(self.project))
            increments.save_state(con, self.settings, state, digests, self.behind)
        if engine == "spark":
            note_built(self.settings, self.record.build_id)

    def outbound(self) -> list[SuiteResult]:
        """Suites of the dimensions and the uniform facts, as dbt built them."""
        from expectations.registry import suites_at

        rows = {suite.relation: f"select * from {suite.relation}" for suite in suites_at(self.settings, "models")}
        found = self._suites("outbound suites", "models", self._changed_rows(rows))
        reached(self.settings, "outbound_passed")
        return found

    def stage(self) -> publishing.StagedSnapshot:
        """Write the tables of the next snapshot beside the served one."""
        self._continue()
        with self.step("stage") as summary, self.warehouse() as con:
            wanted = [*tables.from_dbt_manifest(self.project.relations.values()), *tables.landing_tables()]
            changes = publishing.read_changes(con)
            staged = publishing.stage(self.settings, con, wanted, self.reporter.update, changes)
            _write_staged_table(con, staged)
            rows = sum(entry["rows"] for entry in staged.entries.values())
            linked = sum(entry["written"] == 0 for entry in staged.entries.values())
            megabytes = sum(entry["written"] for entry in staged.entries.values()) / 1e6
            summary.append(
                f"{len(staged.entries)} tables, {rows:,} rows, {linked} unchanged, {megabytes:.0f} MB written"
            )
        return staged

    def snapshot(self) -> list[SuiteResult]:
        """Suites of the staged files."""
        self._continue()
        rows = suite_rows.metric_files(self.settings, self.record.build_id)
        return self._suites("snapshot suites", "snapshot", self._changed_rows(rows))

    def publish(self) -> PublishReport:
        """Complete the audit record and publish; ``signalbox.publish`` itself decides whether it may."""
        from expectations.registry import all_suites
        from expectations.results import write_quality_table

        self._continue()
        with self.step("publish") as summary, self.warehouse() as con:
            if self.record.error is None:
                self.record.status = "audited"
            publishing.save_record(self.settings, self.record)
            reached(self.settings, "audited")
            write_quality_table(con, self.rows)
            names = [suite.name for suite in all_suites(self.settings)]
            report = publishing.publish(self.settings, con, [*names, MODELS])
            self.published = report
            self.record.status, self.record.snapshot_id = "published", report.snapshot_id
            summary.append(f"{report.tables} tables, {report.bytes_written / 1e6:.0f} MB written")
            if not report.is_current:
                summary.append("a snapshot of the past, not the current one")
        if report.is_current:
            with self.step("case rules") as summary, _told_only(summary):
                moved = rules.apply_to_published(self.settings)
                summary.append(f"{moved.routed:,} cases routed, {moved.escalated:,} raised")
        with self.step("prune") as summary:
            summary.append(f"{len(publishing.prune(self.settings))} old snapshots cleared")
        return report

    def run(self) -> None:
        """All steps after landing, in their order and without Dagster; what blocks publication ends it."""
        self.attach()
        for step in (self.inbound, self.models, self.outbound, self.stage, self.snapshot, self.publish):
            if self.record.error is not None:
                return
            step()

    def forget(self) -> None:
        """Leave no record: the build was called wrongly and nothing was done."""
        publishing.layout.record_path(self.settings, self.record.build_id).unlink(missing_ok=True)
        self.is_forgotten = True

    def finish(self) -> None:
        """Close the audit record: a build that did not reach its end failed, and its results are kept in the record."""
        if self.is_forgotten:
            return
        if self.record.status not in ("published", "unchanged"):
            self.record.status = "failed"
            self.record.error = self.record.error or "ended before it was complete"
            self.record.results = self.rows
        self.record.finished = utc_now()
        publishing.save_record(self.settings, self.record)

    @contextmanager
    def warehouse(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection to the warehouse, closed before dbt or Great Expectations open it with their own settings."""
        self.settings.warehouse_path.parent.mkdir(parents=True, exist_ok=True)
        with connect(self.settings, self.settings.warehouse_path) as con:
            yield con

    def _suites(self, step: str, stage: Stage, relations: Relations) -> list[SuiteResult]:
        from expectations.registry import suites_at
        from expectations.runner import runner

        with self.step(step) as summary:
            self._continue()
            wanted = suites_at(self.settings, stage)
            with runner(self.settings, self.record.build_id) as opened:
                found = opened.run(wanted, relations, _counting(self.reporter, len(wanted)))
            self.results += found
            self._keep([result.outcome for result in found])
            self._replace_rows([row for result in found for row in result.rows])
            failed = [result for result in found if not result.outcome.success]
            warned = sum(result.outcome.failed > 0 for result in found) - len(failed)
            summary.append(f"{len(found)} suites, {len(failed)} failed, {warned} warn")
            if failed:
                self.record.error = f"{step}: {failed[0].suite.name}: {failed[0].summary}"
                summary.append(f"see {self._data_docs()}")
        return found

    def _data_docs(self) -> Path:
        from expectations.docs import write_data_docs

        folder = self.settings.home / "quality" / self.record.build_id
        return write_data_docs(self.results, folder, self.record.build_id)

    def _on_node(self, name: str, done: int, total: int) -> None:
        self.reporter.update(name, done, total)
        if done == total // 2:
            reached(self.settings, "models_half")

    def _node_row(self, item: NodeResult) -> dict[str, Any]:
        from expectations.results import quality_row

        node = self.project.nodes[item.unique_id]
        home = self.project.tested.get(item.unique_id)
        target = self.project.relations[home]["name"] if home else item.name
        warns = str(node["config"].get("severity", "error")).lower() == "warn"
        return quality_row(self.record.build_id, f"model_{target}", "model", target, item.name) | {
            "column_name": node.get("column_name"),
            "severity_code": "warning" if warns else "error",
            "success": None if item.status == "skipped" else item.is_good,
            "observed_value": item.message or item.status,
            "unexpected_count": item.failures,
        }

    def _note(self, inputs: Inputs) -> None:
        self.record.code_digest, self.record.inputs_digest = inputs.code_digest, inputs.inputs_digest

    def _keep(self, outcomes: Sequence[SuiteOutcome]) -> None:
        """Put outcomes into the record, in place of those of an earlier attempt at the same build."""
        fresh = {outcome.suite for outcome in outcomes}
        kept = [outcome for outcome in self.record.suites if outcome.suite not in fresh]
        self.record.suites = kept + list(outcomes)

    def _replace_rows(self, rows: list[dict[str, Any]]) -> None:
        again = {row["suite_name"] for row in rows}
        self.rows = [row for row in self.rows if row["suite_name"] not in again] + rows

    def _continue(self) -> None:
        """A part that is run again goes on with the build that the warehouse holds, its record and its results."""
        if self.record.as_of is not None:
            return
        with self.warehouse() as con:
            known = con.execute("select 1 from duckdb_tables() where table_name = 'build_context'").fetchone()
            row = con.execute("select build_id from raw.build_context").fetchone() if known else None
        if row is None:
            raise SignalboxError("the warehouse holds no build; run all of it, from the raw assets on")
        self.record = publishing.read_record(self.settings, str(row[0]))
        self.record.status, self.record.error, self.rows = "running", None, self.record.results
        self.record.results = []


def remove_warehouse(settings: Settings) -> None:
    """The warehouse holds derived rows only; a new one repairs whatever a killed build left."""
    for path in settings.warehouse_path.parent.glob(f"{settings.warehouse_path.name}*"):
        path.unlink()


@contextmanager
def _told_only(summary: list[str]) -> Iterator[None]:
    """Cases that cannot be reached stop no build: figures and exceptions go out, and the step says what is missing."""
    try:
        yield
    except SignalboxError as problem:
        summary.append(f"cases left out: {problem}")


def land_summary(report: LandReport) -> str:
    text = f"{report.files:,} files, {report.rows_accepted:,} rows"
    if report.rows_quarantined:
        text += f", {report.rows_quarantined:,} rows in quarantine"
    if report.left:
        text += f", {len(report.left):,} files left alone"
    return text


def _as_of(settings: Settings, options: BuildOptions) -> datetime | None:
    """The instant to build for; None: the data's own clock. A wall clock is read here, once, and never again."""
    if options.as_of is not None:
        return options.as_of
    return datetime.now(UTC).replace(tzinfo=None) if settings.clock == "wall" else None


def _counting(reporter: Reporter, total: int) -> Any:
    done = iter(range(total))
    return lambda name: reporter.update(name, next(done), total)


def _write_staged_table(con: duckdb.DuckDBPyConnection, staged: publishing.StagedSnapshot) -> None:
    """What was staged, for the suite of the whole snapshot."""
    con.execute("create schema if not exists quality")
    con.execute("create or replace table quality.staged_table (name varchar, layer varchar, row_count bigint)")
    rows = [(name, entry["layer"], entry["rows"]) for name, entry in staged.entries.items()]
    con.executemany("insert into quality.staged_table values (?, ?, ?)", rows)
