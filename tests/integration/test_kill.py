"""``kill -9`` of a build at any moment leaves what is served, and the next build completes.

Quick set: the moment before publication. ``make prove``: every named moment (``signalbox.interrupt``), each in a home
of its own, and ten at random.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from signalbox import publish as publishing
from signalbox.interrupt import MOMENTS, VARIABLE
from signalbox.publish import layout
from signalbox.settings import Settings, load_settings
from tests.conftest import Record
from tests.integration.test_build import build_while_reading, contents

# The new snapshot is whole beside the served one and nobody points to it.
QUICK = "manifest_written"
RANDOM_KILLS = 10


def start_build(home: Path, **environment: str) -> subprocess.Popen[bytes]:
    """A build that has something to do, in the environment in which it may be killed at a named moment."""
    command = [sys.executable, "-m", "signalbox.cli", "--home", str(home), "build", "--full-refresh"]
    variables = {**os.environ, "SIGNALBOX_ENVIRONMENT": "test", **environment}
    return subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def assert_served(settings: Settings, before: dict[str, str]) -> None:
    """Whatever is served is whole and holds the same rows."""
    served = publishing.current_snapshot_id(settings)
    assert served is not None
    assert contents(settings, served) == before
    folder = layout.snapshot_dir(settings, served)
    for entry in publishing.read_manifest(settings, served)["tables"].values():
        for item in publishing.layers.files_of(publishing.layers.layers_of(entry)):
            assert publishing.files.digest_of(folder / item["file"]) == item["digest"], item["file"]
    with publishing.open_snapshot(settings) as snapshot:
        assert snapshot.con.execute("select count(*) > 0 from fct_kpi").fetchone() == (True,)


def assert_repaired(settings: Settings, before: dict[str, str]) -> None:
    """The next build completes while readers go on, publishes the same rows, and leaves nothing of the killed ones."""
    killed = publishing.current_snapshot_id(settings)
    out = build_while_reading(settings)
    fresh = publishing.current_snapshot_id(settings)
    assert fresh != killed and str(fresh) in out
    assert_served(settings, before)
    assert not [path for path in layout.snapshots_dir(settings).iterdir() if path.name.startswith(".")]
    records = publishing.list_builds(settings)
    assert records[0].status == "published"
    assert {record.status for record in records} <= {"published", "failed", "unchanged"}
    assert _open_runs(settings) == []


def _open_runs(settings: Settings) -> list[str]:
    from orchestration.instance import open_instance

    with open_instance(settings) as instance:
        return [run.status.value for run in instance.get_runs() if not run.is_finished]


def kill_at(home: Path, moment: str) -> None:
    with start_build(home, **{VARIABLE: moment}) as building:
        _, messages = building.communicate()
    assert building.returncode == -signal.SIGKILL, f"{moment}: {building.returncode}: {messages.decode()}"


@pytest.mark.slow
def test_a_kill_leaves_what_is_served_and_the_next_build_completes(home_copy: Path) -> None:
    settings = load_settings(home_copy)
    before = contents(settings, publishing.current_snapshot_id(settings))
    kill_at(home_copy, QUICK)
    assert_served(settings, before)
    assert_repaired(settings, before)


@pytest.mark.prove
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_at_any_named_moment(home_copy: Path, moment: str, record_property: Record) -> None:
    settings = load_settings(home_copy)
    served = publishing.current_snapshot_id(settings)
    before = contents(settings, served)
    kill_at(home_copy, moment)
    assert_served(settings, before)
    assert (publishing.current_snapshot_id(settings) == served) is (moment != "published")
    assert_repaired(settings, before)
    record_property("kills at named moments", 1)


@pytest.mark.prove
def test_kills_at_random_times(home_copy: Path, record_property: Record) -> None:
    settings = load_settings(home_copy)
    before = contents(settings, publishing.current_snapshot_id(settings))
    draw = random.Random(7)
    started = time.monotonic()
    with start_build(home_copy) as building:
        building.wait()
    whole = time.monotonic() - started
    killed = 0
    for _ in range(RANDOM_KILLS):
        with start_build(home_copy) as building:
            time.sleep(draw.uniform(0.02, 0.9) * whole)
            building.kill()
        killed += building.returncode == -signal.SIGKILL
        assert_served(settings, before)
    assert killed > RANDOM_KILLS / 2, "most builds must have been under way when they were killed"
    assert_repaired(settings, before)
    record_property("kills at random times", killed)


def test_the_named_moments_are_for_tests_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from signalbox import interrupt

    monkeypatch.setenv(VARIABLE, "locked")
    killed: list[int] = []
    monkeypatch.setattr(interrupt.os, "kill", lambda _process, number: killed.append(number))
    interrupt.reached(Settings(home=tmp_path), "locked")
    assert killed == []
    interrupt.reached(Settings(home=tmp_path, environment="test"), "published")
    assert killed == []
    interrupt.reached(Settings(home=tmp_path, environment="test"), "locked")
    assert killed == [signal.SIGKILL]
