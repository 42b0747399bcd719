"""A build, from the command: what it publishes, what stops it, and that readers never notice.

Quick set: three builds of the tiny retailer. Not here: kills (``test_kill``) and what the numbers are (``test_twins``).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from signalbox import publish as publishing
from signalbox.settings import Settings, load_settings
from tests.conftest import Retailer, signalbox

# Tables that tell of the build itself; every other table depends on the landed rows and the code alone.
ABOUT_THE_BUILD = {"build_context", "quality_result"}


def contents(settings: Settings, snapshot_id: str) -> dict[str, str]:
    """Table -> number and summed hash of its rows, however they lie in files."""
    with publishing.open_snapshot(settings, snapshot_id) as snapshot:
        return {
            name: str(snapshot.con.execute(f'select count(*), sum(hash(t)::hugeint) from "{name}" as t').fetchone())
            for name in snapshot.tables
            if name not in ABOUT_THE_BUILD
        }


def test_the_published_build_is_whole(tiny: Retailer) -> None:
    settings = load_settings(tiny.home)
    record = publishing.read_record(settings, str(publishing.current_snapshot_id(settings)))
    assert (record.status, record.error, record.results) == ("published", None, [])
    assert record.snapshot_id == publishing.current_snapshot_id(settings)
    assert all(outcome.success for outcome in record.suites)
    steps = [step.step for step in record.steps]
    assert steps[:3] == ["land", "prepare", "attach"] and steps[-4:] == ["publish", "case rules", "prune", "checkpoint"]
    with publishing.open_snapshot(settings) as snapshot:
        kinds = dict(snapshot.con.execute("select suite_kind, count(*) from quality_result group by all").fetchall())
        assert set(kinds) == {"inbound", "model", "outbound"}
        assert snapshot.con.execute("select count(*) from quality_result where not success").fetchone() is not None
        for name, entry in snapshot.tables.items():
            found = snapshot.con.execute(f'select count(*) from "{name}"').fetchone()
            assert found == (entry["rows"],), name


def test_nothing_new_ends_at_once(home_copy: Path) -> None:
    started = time.monotonic()
    done = signalbox(home_copy, "build")
    assert "nothing new" in done.stdout
    assert time.monotonic() - started < 15
    settings = load_settings(home_copy)
    assert publishing.list_builds(settings)[0].status == "unchanged"


def test_a_run_and_its_checks_stand_in_the_history(tiny: Retailer) -> None:
    from dagster import AssetKey, DagsterRunStatus

    from orchestration.instance import open_instance

    with open_instance(load_settings(tiny.home)) as instance:
        run = instance.get_runs()[0]
        assert run.status is DagsterRunStatus.SUCCESS
        key = AssetKey(["marts", "fct_kpi"])
        assert instance.get_latest_materialization_event(key).run_id == run.run_id
        names = {
            record.event_log_entry.dagster_event.asset_check_evaluation_data.check_name for record in _checks(instance)
        }
    assert {
        "outbound_fct_kpi",
        "inbound_sales_order",
        "data_tests",
        "outbound_snapshot",
    } <= names


def _checks(instance: object) -> list:
    from dagster import DagsterEventType, EventRecordsFilter

    return instance.get_event_records(EventRecordsFilter(DagsterEventType.ASSET_CHECK_EVALUATION))


def test_a_failed_suite_leaves_what_is_served(home_copy: Path) -> None:
    """An accepted row that breaks its contract, put behind landing's back, fails the inbound suite of its entity."""
    settings = load_settings(home_copy)
    served = publishing.current_snapshot_id(settings)
    before = contents(settings, served)
    _break_raw_rows(settings)
    done = signalbox(home_copy, "build", "--full-refresh", check=False)
    assert done.returncode == 1
    assert "inbound_channel: every accepted row meets its contract" in done.stderr.splitlines()[-1]
    assert publishing.current_snapshot_id(settings) == served
    assert contents(settings, served) == before
    record = publishing.list_builds(settings)[0]
    assert record.status == "failed"
    assert [outcome.suite for outcome in record.suites if not outcome.success] == ["inbound_channel"]
    failed = [row for row in record.results if row["success"] is False and row["severity_code"] == "error"]
    assert [(row["target_name"], row["unexpected_count"] > 0) for row in failed] == [("channel", True)]
    docs = settings.home / "quality" / record.build_id
    assert "inbound_channel" in (docs / "index.html").read_text()
    assert _failed_check_is_visible(settings)
    status = json.loads(signalbox(home_copy, "status", "--format", "json").stdout)[0]
    assert (status["snapshot"], status["last_build_status"]) == (served, "failed")


def _break_raw_rows(settings: Settings) -> None:
    part = next((settings.raw_dir / "oms" / "channel").glob("*.parquet"))
    fresh = part.with_suffix(".new")
    duckdb.sql(
        f"copy (select * replace ('moon' as channel_type) from read_parquet('{part}')) to '{fresh}' (format parquet)"
    )
    fresh.replace(part)


def _failed_check_is_visible(settings: Settings) -> bool:
    from orchestration.instance import open_instance

    with open_instance(settings) as instance:
        latest = [record.event_log_entry.dagster_event.asset_check_evaluation_data for record in _checks(instance)]
    failed = [check for check in latest if not check.passed and check.severity.value == "ERROR"]
    return [(check.asset_key.path, check.check_name) for check in failed] == [
        (["raw", "oms", "channel"], "inbound_channel")
    ]


def build_while_reading(settings: Settings) -> str:
    """A build that must succeed, read all the while, and during which a second one is refused; gives its output."""
    command = [sys.executable, "-m", "signalbox.cli", "--home", str(settings.home), "build", "--full-refresh"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as building:
        while str(building.pid) not in settings.lock_path.read_text() and building.poll() is None:
            time.sleep(0.05)
        second = signalbox(settings.home, "build", check=False)
        answers = 0
        while building.poll() is None:
            with publishing.open_snapshot(settings) as snapshot:
                assert snapshot.con.execute("select count(*) > 0 from fct_kpi").fetchone() == (True,)
            answers += 1
            time.sleep(0.2)
        out, err = building.communicate()
    assert building.returncode == 0, err
    assert second.returncode == 1
    assert f"a build (process {building.pid}" in second.stderr
    assert answers > 5
    return out


@pytest.mark.prove
def test_a_range_of_days_recomputed_equals_a_full_rebuild(home_copy: Path) -> None:
    settings = load_settings(home_copy)
    before = contents(settings, publishing.current_snapshot_id(settings))
    with publishing.open_snapshot(settings) as snapshot:
        last = snapshot.as_of.date()
    signalbox(home_copy, "build", "--from", str(last.replace(day=1)), "--to", str(last))
    assert contents(settings, publishing.current_snapshot_id(settings)) == before
    late = signalbox(home_copy, "build", "--from", "2999-01-01", check=False)
    assert late.returncode == 2 and "the data ends at" in late.stderr


def _raised(settings: Settings, snapshot_id: str | None, until: datetime) -> set[tuple[object, ...]]:
    """The exceptions that were detected until a moment, whatever became of them."""
    with publishing.open_snapshot(settings, snapshot_id) as snapshot:
        sql = "select exception_id, opened_ts, detected_ts from fct_exception where detected_ts <= ?"
        return set(snapshot.con.execute(sql, [until]).fetchall())


@pytest.mark.prove
def test_what_was_known_then_is_a_snapshot_of_its_own(tiny: Retailer, home_copy: Path, tmp_path: Path) -> None:
    """It equals the build of a home that never got the later files, it does not become current, and what it raised
    is raised today, since the same moments."""
    settings = load_settings(home_copy)
    served = publishing.current_snapshot_id(settings)
    with publishing.open_snapshot(settings) as snapshot:
        (moment,) = snapshot.con.execute(
            "select max(received_ts) from landing_file where received_ts < (select max(received_ts) from landing_file) "
            "- interval 20 days"
        ).fetchone()
    signalbox(home_copy, "build", "--as-of", moment.isoformat())
    past = publishing.list_snapshots(settings)[0]
    assert past.is_past and not past.is_current
    then = _raised(settings, past.snapshot_id, moment)
    assert len(then) > 1000
    assert then == _raised(settings, served, moment)
    assert publishing.current_snapshot_id(settings) == served
    early = tmp_path / "early"
    with publishing.open_snapshot(settings, past.snapshot_id) as snapshot:
        names = [row[0] for row in snapshot.con.execute("select file_name from landing_file").fetchall()]
    for path in tiny.extracts.rglob("*"):
        if path.name in set(names):
            target = early / "extracts" / path.relative_to(tiny.extracts)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    signalbox(early / "home", "land", str(early / "extracts"))
    signalbox(early / "home", "build")
    other = load_settings(early / "home")
    assert contents(other, publishing.current_snapshot_id(other)) == contents(settings, past.snapshot_id)
