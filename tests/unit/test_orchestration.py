"""Orchestration without a build: what Dagster sees, options, folded checks, dead runs, the kept event log."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from expectations.registry import all_suites
from orchestration.assets.models import model_events
from orchestration.build import run_build
from orchestration.dbt import DbtProject, NodeResult
from orchestration.definitions import JOB, build_definitions
from orchestration.instance import LOCK_TAG, WAIT_TAG, ensure_instance, fail_dead_runs, open_instance, process_mark
from orchestration.keys import SNAPSHOT, STAGED, feed_key, ledger_key, owner_of
from orchestration.options import BuildOptions
from orchestration.resources import config_of, options_of
from orchestration.sensors import drop_area_state, new_files
from signalbox.contracts import load_contracts
from signalbox.errors import SignalboxError, UsageError
from signalbox.publish import BuildRecord, PublishReport
from signalbox.settings import Settings


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("home"), environment="test")


@pytest.fixture(scope="module")
def project(settings: Settings) -> DbtProject:
    return DbtProject(settings)


@pytest.fixture(scope="module")
def definitions(settings: Settings, project: DbtProject) -> dg.Definitions:
    return build_definitions(settings, project)


def test_every_feed_model_suite_and_snapshot_is_there(
    settings: Settings, project: DbtProject, definitions: dg.Definitions
) -> None:
    graph = definitions.resolve_asset_graph()
    keys = graph.get_all_asset_keys()
    assert {feed_key(entity) for entity in load_contracts().values()} <= keys
    assert {dg.AssetKey([node["schema"], node["name"]]) for node in project.relations.values()} <= keys
    assert {STAGED, SNAPSHOT} <= keys
    assert {suite.name for suite in all_suites(settings)} <= {check.name for check in graph.asset_check_keys}
    for key in keys:
        node = graph.get(key)
        assert node.group_name != "default" and node.owners and node.description, key
    for entity in load_contracts().values():
        assert graph.get(feed_key(entity)).owners == [f"team:{entity.owner}"], entity.entity


def test_lineage_leads_from_a_feed_to_the_snapshot(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    reached, fresh = set(), {feed_key(load_contracts()["sales_order"])}
    while fresh:
        reached |= fresh
        fresh = {child for key in fresh for child in graph.get(key).child_keys} - reached
    for schema, name in (("staging", "stg_oms__sales_order"), ("core", "fct_order"), ("marts", "fct_kpi")):
        assert dg.AssetKey([schema, name]) in reached
    assert SNAPSHOT in reached
    assert graph.get(dg.AssetKey(["staging", "stg_oms__sales_order"])).parent_keys == {
        feed_key(load_contracts()["sales_order"])
    }


def test_every_suite_blocks_what_is_downstream(definitions: dg.Definitions) -> None:
    checks = [check for checks in definitions.asset_checks or [] for check in checks.check_specs]
    assert checks and all(check.blocking for check in checks)


def test_the_job_holds_all_and_runs_in_one_process(definitions: dg.Definitions) -> None:
    job = definitions.resolve_job_def(JOB)
    assert {node.name for node in job.nodes} == {
        "raw",
        "inbound_suites",
        "dbt",
        "outbound_suites",
        "serving__staged_snapshot",
        "snapshot_suites",
        "serving__serving_snapshot",
    }
    assert job.executor_def.name == "in_process"
    assert [schedule.name for schedule in definitions.schedules or []] == ["daily_build"]
    assert [sensor.name for sensor in definitions.sensors or []] == ["new_files"]


def test_options_survive_the_run_configuration() -> None:
    options = BuildOptions(datetime(2026, 10, 14, 4, 55), date(2026, 10, 1), date(2026, 10, 2), True, False)
    assert options_of(config_of(options)) == options
    assert options_of(config_of(BuildOptions(files_at_most=7))) == BuildOptions(files_at_most=7)
    assert options_of(config_of(BuildOptions(quick=True))) == BuildOptions(quick=True)
    assert options_of({}) == BuildOptions()
    assert options_of({"as_of": "2026-10-14T06:55:00+02:00"}).as_of == datetime(2026, 10, 14, 4, 55)
    with pytest.raises(UsageError, match="from: 'soon' is not a day"):
        options_of({"from": "soon"})
    with pytest.raises(UsageError, match="a quick build goes on from the one before"):
        BuildOptions(quick=True, full_refresh=True)
    with pytest.raises(UsageError, match="2026-10-02 is after 2026-10-01"):
        BuildOptions(date_from=date(2026, 10, 2), date_to=date(2026, 10, 1))


def test_data_tests_fold_into_one_check_a_model() -> None:
    def node(name: str, kind: str, status: str) -> NodeResult:
        return NodeResult(f"{kind}.{name}", name, kind, status, 0.1, "3 rows" if status == "fail" else "", None)

    keys = {f"model.{name}": dg.AssetKey(["core", name]) for name in ("good", "warned", "failed", "broken", "untested")}
    tested = {"test.a": "model.good", "test.b": "model.good", "test.c": "model.warned", "test.d": "model.failed"}
    tested["test.e"] = "model.broken"
    results = [
        *(node(name, "model", "success") for name in ("good", "warned", "failed", "untested")),
        node("broken", "model", "error"),
        node("a", "test", "pass"),
        node("b", "test", "pass"),
        node("c", "test", "warn"),
        node("d", "test", "fail"),
        node("e", "test", "skipped"),
    ]
    events = list(model_events(results, keys, tested))
    built = [event.asset_key.path[-1] for event in events if isinstance(event, dg.MaterializeResult)]
    checks = {event.asset_key.path[-1]: event for event in events if isinstance(event, dg.AssetCheckResult)}
    assert built == ["good", "warned", "failed", "untested"]
    assert {name: (check.passed, check.severity.value) for name, check in checks.items()} == {
        "good": (True, "ERROR"),
        "warned": (False, "WARN"),
        "failed": (False, "ERROR"),
    }
    assert checks["failed"].description == "d: 3 rows"


def test_every_data_test_has_a_home(project: DbtProject) -> None:
    tests = {key for key, node in project.nodes.items() if node["resource_type"] == "test"}
    assert tests and set(project.tested) == tests
    assert set(project.tested.values()) <= set(project.relations)


def test_owners_become_teams() -> None:
    assert owner_of("order operations") == ["team:order-operations"]
    assert owner_of(None) == []
    assert ledger_key("landing_file").path == ["raw", "signalbox", "landing_file"]


def test_the_drop_area_changes_with_its_files(tmp_path: Path) -> None:
    assert drop_area_state(tmp_path / "none") is None
    assert drop_area_state(tmp_path) is None
    (tmp_path / "a.csv").write_text("x")
    first = drop_area_state(tmp_path)
    assert first == drop_area_state(tmp_path)
    (tmp_path / "b.csv").write_text("x")
    assert drop_area_state(tmp_path) != first


def test_a_sensor_asks_for_quick_runs_where_complete_ones_take_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path)
    sensor = new_files(settings, dg.define_asset_job(JOB))
    settings.landing_dir.mkdir()
    (settings.landing_dir / "a.csv").write_text("x")
    now = datetime.now(UTC)
    manifest = {"behind": ["mart_a"], "created": now.isoformat()}
    complete = BuildRecord(build_id="c", started=now.isoformat())
    monkeypatch.setattr("orchestration.sensors.complete_seconds", lambda _: 400.0)
    monkeypatch.setattr("orchestration.sensors.current_snapshot_id", lambda _: "s")
    monkeypatch.setattr("orchestration.sensors.read_manifest", lambda *_: manifest)
    monkeypatch.setattr("orchestration.sensors.last_complete", lambda _: complete)
    with open_instance(settings) as instance:

        def look(cursor: str | None = None) -> Any:
            told = sensor(dg.build_sensor_context(instance, cursor=cursor))
            if isinstance(told, dg.SkipReason):
                return told.skip_message
            (request,) = told.run_requests
            return request.run_key, request.run_config["resources"]["session"]["config"]["quick"]

        state = drop_area_state(settings.landing_dir)
        assert look() == (state, True)
        assert look(state) == "nothing new"
        manifest["created"] = (now - timedelta(seconds=301)).isoformat()
        assert look(state) == ("all of s", False)
        manifest["created"] = now.isoformat()
        complete.started = (now - timedelta(seconds=3601)).isoformat()
        assert look() == (state, False)
        config = {"resources": {"session": {"config": {"quick": True}}}}
        started = dg.DagsterRunStatus.STARTED
        instance.add_run(dg.DagsterRun(JOB, status=started, run_config=config))
        assert look(state) == ("all of s", False)
        instance.add_run(dg.DagsterRun(JOB, status=started))
        assert look(state) == "nothing new", "a complete build is under way"
        assert look() == (state, True)
        manifest["behind"] = []
        assert look() == (state, True)


def test_new_files_ask_for_one_run_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path)
    sensor = new_files(settings, dg.define_asset_job(JOB))
    settings.landing_dir.mkdir()
    with open_instance(settings) as instance:

        def look(cursor: str | None = None) -> tuple[list[str | None], str | None]:
            context = dg.build_sensor_context(instance, cursor=cursor)
            told = sensor(context)
            if isinstance(told, dg.SkipReason):
                return [], told.skip_message
            return [request.run_key for request in told.run_requests], told.cursor

        assert look() == ([], "nothing in landing/")
        (settings.landing_dir / "a.csv").write_text("x")
        (state,), cursor = look()
        assert state == cursor == drop_area_state(settings.landing_dir)
        assert look(cursor) == ([], "nothing new")
        (settings.landing_dir / "b.csv").write_text("x")
        queued = instance.add_run(dg.DagsterRun(JOB, status=dg.DagsterRunStatus.NOT_STARTED))
        assert look(cursor) == ([], "a run waits already")
        instance.delete_run(queued.run_id)
        (state,), cursor = look(cursor)
        gone = dg.DagsterRun(JOB, status=dg.DagsterRunStatus.STARTED, tags={LOCK_TAG: str(_process_that_ended())})
        instance.add_run(gone)
        lives = dg.DagsterRun("other", status=dg.DagsterRunStatus.STARTED, tags={LOCK_TAG: str(os.getpid())})
        instance.add_run(lives)
        assert look(cursor) == ([], "nothing new")
        assert instance.get_run_by_id(gone.run_id).status is dg.DagsterRunStatus.FAILURE
        assert instance.get_run_by_id(lives.run_id).status is dg.DagsterRunStatus.STARTED
        monkeypatch.setattr("orchestration.sensors._RETRY_SECONDS", 0.0)
        assert look(cursor) == ([f"{cursor} again after {gone.run_id}"], cursor)


def _process_that_ended() -> int:
    done = subprocess.Popen(["true"])
    done.wait()
    return done.pid


def test_runs_whose_process_died_are_marked_dead(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    tags = {
        "held the lock": {LOCK_TAG: process_mark()},
        "waited and died": {WAIT_TAG: str(_process_that_ended())},
        "waits": {WAIT_TAG: process_mark()},
        "not yet there": {},
    }
    with open_instance(settings) as instance:
        assert instance.run_monitoring_enabled, "fails a run whose process died before it came to wait"
        started = dg.DagsterRunStatus.STARTED
        runs = {name: instance.add_run(dg.DagsterRun("build", status=started, tags=of)) for name, of in tags.items()}
        done = instance.add_run(dg.DagsterRun("build", status=dg.DagsterRunStatus.SUCCESS, tags={LOCK_TAG: "1"}))
        dead = {runs["held the lock"].run_id, runs["waited and died"].run_id}
        assert set(fail_dead_runs(instance)) == dead
        ended = {run.run_id for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]))}
        assert ended == dead
        assert instance.get_run_by_id(done.run_id).status is dg.DagsterRunStatus.SUCCESS
        assert fail_dead_runs(instance) == []


def test_a_process_that_got_the_id_of_a_dead_one_does_not_stand_for_it(tmp_path: Path) -> None:
    """As after a start of the machine, when ids are given from the beginning."""
    mine = process_mark()
    assert mine == process_mark()
    if " " not in mine:
        pytest.skip("this system does not tell when a process started")
    process_id, _, moment = mine.partition(" ")
    tags = {"mine": mine, "an earlier one": f"{process_id} {moment}1"}
    with open_instance(Settings(home=tmp_path)) as instance:
        started = dg.DagsterRunStatus.STARTED
        runs = {
            name: instance.add_run(dg.DagsterRun("build", status=started, tags={LOCK_TAG: mark}))
            for name, mark in tags.items()
        }
        assert fail_dead_runs(instance, spare_living=True) == [runs["an earlier one"].run_id]


def test_the_kept_event_log_is_dagsters_own(tmp_path: Path) -> None:
    """What is written through kept engines can be read by Dagster's own storage, and no other thread is shut out."""
    from dagster._core.storage.event_log import SqliteEventLogStorage

    settings = Settings(home=tmp_path)
    key = dg.AssetKey("thing")
    with open_instance(settings) as instance:
        for rows in (1, 2):
            instance.report_runless_asset_event(dg.AssetMaterialization(key, metadata={"rows": rows}))
        assert type(instance.event_log_storage).__name__ == "KeptEngineEventLogStorage"
        plain = SqliteEventLogStorage(str(settings.dagster_dir / "history" / "runs"))
        assert plain.has_asset_key(key)
        assert plain.get_latest_materialization_events([key])[key].asset_materialization.metadata["rows"].value == 2
        plain.dispose()


def test_the_instance_is_made_once_under_the_lock(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    ensure_instance(settings)
    configuration = settings.dagster_dir / "dagster.yaml"
    assert "enabled: false" in configuration.read_text()
    before = configuration.stat().st_mtime_ns
    time.sleep(0.01)
    ensure_instance(settings)
    assert configuration.stat().st_mtime_ns == before
    assert os.environ["DAGSTER_HOME"] == str(settings.dagster_dir)


def test_a_home_that_was_copied_keeps_a_history_of_its_own(tmp_path: Path) -> None:
    first = Settings(home=tmp_path / "first")
    ensure_instance(first)
    second = Settings(home=shutil.copytree(first.home, tmp_path / "second"))
    ensure_instance(second)
    assert str(first.home) not in (second.dagster_dir / "dagster.yaml").read_text()
    assert str(second.home) in (second.dagster_dir / "dagster.yaml").read_text()


def test_a_build_of_nothing_is_wrong_use_and_leaves_no_record(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with pytest.raises(UsageError, match="nothing was landed yet"):
        run_build(settings)
    assert list((settings.serving_dir / "builds").glob("*.json")) == []


def test_what_fails_after_publication_is_told_and_no_success(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rules of cases and the clearing of old snapshots come after the snapshot is served."""
    from orchestration import build

    class Session(build.BuildSession):
        def finish(self) -> None:
            """The record is looked at, not kept."""

    def published(builder: build.Builder, session: build.BuildSession) -> None:
        session.published = PublishReport("s1", 1, 0, 1, True)
        session.record.error = "prune: the disk is full"

    monkeypatch.setattr(build, "BuildSession", Session)
    monkeypatch.setattr(build, "require_landed", lambda *_: None)
    monkeypatch.setattr(build, "is_unchanged", lambda *_: False)
    monkeypatch.setattr(build.Builder, "_run_job", published)
    with pytest.raises(SignalboxError, match="s1 is published; what follows failed: prune: the disk is full"):
        run_build(settings, BuildOptions(land=False))
