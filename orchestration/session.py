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
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration import suite_rows
from orchestration.dbt import DbtProject, NodeResult
from orchestration.inputs import read_inputs
from orchestration.options import BuildOptions
from orchestration.warehouse import Warehouse
from signalbox import publish as publishing
from signalbox.cases import outbox, rules
from signalbox.errors import SignalboxError
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
# The step in which what is new in the warehouse is written down, after the snapshot is served.
CHECKPOINT = "checkpoint"


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

    def __post_init__(self) -> None:
        self.project = self.parsed or DbtProject(self.settings)
        self.warehouse = Warehouse(self.settings, self.options, self.project, self._on_node)
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
        """Schema ``raw`` of the warehouse shows the ledger at one fixed point."""
        with self.step("attach") as summary:
            inputs = read_inputs(self.settings, self.options)
            self.record.code_digest, self.record.inputs_digest = inputs.code_digest, inputs.inputs_digest
            reason = self.warehouse.begin(inputs.code_digest)
            change = self.warehouse.change
            # Without a build to go on from all of it is built, whatever was asked for.
            self.record.quick = self.options.quick and change is not None
            point = self.warehouse.attach(self.record.build_id)
            self.record.as_of = point.as_of.isoformat()
            summary.append("an increment" if change else f"all of it, since {reason}")
            summary.append(
                f"{sum(point.rows.values()):,} rows of {point.files:,} files as of {point.as_of:%Y-%m-%d %H:%M} UTC"
            )
        reached(self.settings, "attached")
        return point

    def inbound(self) -> list[SuiteResult]:
        change = self.warehouse.change
        rows = suite_rows.new_rows(self.settings, change.digests) if change else {}
        found = self._suites("inbound suites", "raw", rows)
        reached(self.settings, "inbound_passed")
        return found

    def models(self) -> list[NodeResult]:
        """Seeds, models and data tests. A node that blocks publication is an error of the record, not an exception."""
        with self.step("models") as summary:
            self._continue()
            found = self.project.with_unbuilt(self.warehouse.build(summary))
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
            self.warehouse.keep(self.record.build_id)
            reached(self.settings, "models_built")
        return found

    def outbound(self) -> list[SuiteResult]:
        """Suites of the dimensions and the uniform facts, as dbt built them."""
        from expectations.registry import suites_at

        rows = {suite.relation: f"select * from {suite.relation}" for suite in suites_at(self.settings, "models")}
        found = self._suites("outbound suites", "models", self.warehouse.changed_rows(rows))
        reached(self.settings, "outbound_passed")
        return found

    def stage(self) -> publishing.StagedSnapshot:
        """Write the tables of the next snapshot beside the served one."""
        self._continue()
        with self.step("stage") as summary, self.warehouse.open() as con:
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
        return self._suites("snapshot suites", "snapshot", self.warehouse.changed_rows(rows))

    def publish(self) -> PublishReport:
        """Complete the audit record and publish; ``signalbox.publish`` itself decides whether it may."""
        from expectations.registry import all_suites
        from expectations.results import write_quality_table

        self._continue()
        with self.step("publish") as summary, self.warehouse.open() as con:
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
            self.warehouse.let_go()
            return
        if self.warehouse.is_held:
            with self.step(CHECKPOINT):
                self.warehouse.let_go()
        if self.record.status not in ("published", "unchanged"):
            self.record.status = "failed"
            self.record.error = self.record.error or "ended before it was complete"
            self.record.results = self.rows
        self.record.finished = utc_now()
        publishing.save_record(self.settings, self.record)

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
        with self.warehouse.open() as con:
            known = con.execute("select 1 from duckdb_tables() where table_name = 'build_context'").fetchone()
            row = con.execute("select build_id from raw.build_context").fetchone() if known else None
        if row is None:
            raise SignalboxError("the warehouse holds no build; run all of it, from the raw assets on")
        self.record = publishing.read_record(self.settings, str(row[0]))
        self.record.status, self.record.error, self.rows = "running", None, self.record.results
        self.record.results = []


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


def _counting(reporter: Reporter, total: int) -> Any:
    done = iter(range(total))
    return lambda name: reporter.update(name, next(done), total)


def _write_staged_table(con: duckdb.DuckDBPyConnection, staged: publishing.StagedSnapshot) -> None:
    """What was staged, for the suite of the whole snapshot."""
    con.execute("create schema if not exists quality")
    con.execute("create or replace table quality.staged_table (name varchar, layer varchar, row_count bigint)")
    rows = [(name, entry["layer"], entry["rows"]) for name, entry in staged.entries.items()]
    con.executemany("insert into quality.staged_table values (?, ?, ?)", rows)
