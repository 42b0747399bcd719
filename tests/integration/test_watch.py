"""`signalbox watch` as a process: a drop becomes a snapshot, a clean stop, and what kills at random moments leave.

Quick set: two batches of the tiny retailer. ``make prove``: twenty kills during a stream of drops. Not here: when a
batch is due (``tests/unit/test_watch.py``).
"""

from __future__ import annotations

import json
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from signalbox import publish as publishing
from signalbox.landing.ledger import Ledger
from signalbox.publish import layers, layout
from signalbox.settings import Settings, load_settings
from tests.conftest import Record, Retailer, signalbox
from tests.integration.test_identical_marts import OWN_OF_AN_INCREMENT, assert_identical

KILLS = 20
_LIMIT_SECONDS = 900.0
_DELIVERED = re.compile(r"_(\d{8})T\d{4,6}Z")


def start_watch(home: Path, log: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "signalbox.cli", "--home", str(home), "watch", "--interval", "0.2"]
    with log.open("ab") as lines:
        return subprocess.Popen(command, stdout=lines, stderr=lines)


def wait_for(what: Callable[[], bool], watching: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + _LIMIT_SECONDS
    while not what():
        assert watching.poll() is None, "the loop ended"
        assert time.monotonic() < limit, "nothing came of it"
        time.sleep(0.1)


def holds_lock(settings: Settings, watching: subprocess.Popen[bytes]) -> bool:
    return f'"process_id": {watching.pid}' in settings.lock_path.read_text()


def drop(path: Path, folder: Path, home: Path) -> None:
    """A file of ``folder`` arrives under its name at once, as a sender should do it."""
    target = home / "landing" / path.relative_to(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(target.name + ".part")
    shutil.copy2(path, draft)
    draft.rename(target)


def always_quick(settings: Settings) -> None:
    """However short complete builds are."""
    with settings.config_path.open("a", encoding="utf-8") as file:
        file.write("watch_quick_above_seconds = 0\n")


def shorter_file(tiny: Retailer, folder: Path, entity: str) -> Path:
    """A new delivery of what is known already, but for its last line: another content, and so another file."""
    known = sorted((tiny.extracts).rglob(f"{entity}_*.jsonl"))[-1]
    lines = known.read_text().splitlines(keepends=True)
    assert len(lines) > 1
    path = folder / known.name.replace(".jsonl", "_2.jsonl")
    path.write_text("".join(lines[:-1]))
    return path


@pytest.mark.slow
def test_drops_become_snapshots_and_a_signal_ends_the_loop(tiny: Retailer, home_copy: Path, tmp_path: Path) -> None:
    settings, log = load_settings(home_copy), tmp_path / "log"
    always_quick(settings)
    served = publishing.current_snapshot_id(settings)
    with start_watch(home_copy, log) as watching:
        wait_for(lambda: "watching" in log.read_text(), watching)
        drop(shorter_file(tiny, tmp_path, "order_event"), tmp_path, home_copy)
        wait_for(lambda: "inbound suites" in _steps(settings), watching)
        drop(shorter_file(tiny, tmp_path, "allocation"), tmp_path, home_copy)
        drop(shorter_file(tiny, tmp_path, "promise"), tmp_path, home_copy)
        wait_for(lambda: log.read_text().count("snapshot ") == 1, watching)
        wait_for(lambda: holds_lock(settings, watching), watching)
        assert publishing.current_snapshot_id(settings) != served
        watching.send_signal(signal.SIGTERM)
        assert watching.wait(_LIMIT_SECONDS) == 0
    told = [line.partition("  ")[2] for line in log.read_text().splitlines()]
    assert [line.partition(",")[0] for line in told if ": snapshot " in line] == ["1 files", "2 files"]
    form = re.compile("land .* build .* publish .* served .* after the first came")
    assert all(form.search(line) for line in told if ": snapshot " in line)
    assert told[-1] == "ended" and "ending after the batch" in told[-3]
    assert publishing.list_builds(settings)[0].status == "published"
    with publishing.open_snapshot(settings) as snapshot:
        names = snapshot.con.execute("select file_name from landing_file where file_name like '%_2.jsonl'").fetchall()
        assert snapshot.behind
    assert len(names) == 3
    assert settings.lock_path.read_text() == ""
    assert "nothing new" in signalbox(home_copy, "build", "--quick").stdout
    assert "published" in signalbox(home_copy, "build").stdout
    with publishing.open_snapshot(settings) as snapshot:
        assert not snapshot.behind
    assert "nothing new" in signalbox(home_copy, "build").stdout


def _steps(settings: Settings) -> list[str]:
    record = publishing.list_builds(settings)[0]
    return [step.step for step in record.steps] if record.status == "running" else []


def last_days(extracts: Path, days: int) -> list[list[Path]]:
    """The files of the last so many days of delivery, day by day."""
    by_day: dict[str, list[Path]] = {}
    for path in sorted(path for path in extracts.rglob("*") if path.is_file()):
        found = _DELIVERED.search(path.name)
        by_day.setdefault(found[1] if found else "", []).append(path)
    return [by_day[day] for day in sorted(by_day)[-days:]]


def assert_whole(settings: Settings) -> None:
    """Whatever is served is complete."""
    served = publishing.current_snapshot_id(settings)
    assert served is not None
    folder = layout.snapshot_dir(settings, served)
    for entry in json.loads((folder / "manifest.json").read_text())["tables"].values():
        for item in layers.files_of(layers.layers_of(entry)):
            assert publishing.files.digest_of(folder / item["file"]) == item["digest"], item["file"]


def landed(settings: Settings) -> tuple[list[tuple[str, int, int]], int]:
    """Every landed file with its rows and those that were refused, and the rows in all raw parts."""
    with Ledger(settings, create=False) as ledger:
        files = ledger.con.execute("select file_digest, rows_read, rows_quarantined from file order by 1").fetchall()
        (rows,) = ledger.con.execute("select sum(rows) from part where kind = 'raw'").fetchone()
    return files, rows


@pytest.mark.prove
def test_twenty_kills_during_a_stream_of_drops_lose_and_double_nothing(
    tiny: Retailer, tmp_path: Path, record_property: Record
) -> None:
    home, log, draw = tmp_path / "home", tmp_path / "log", random.Random(7)
    home.mkdir()
    settings = load_settings(home)
    always_quick(settings)
    late = last_days(tiny.extracts, KILLS + 2)
    held_back = {path for day in late for path in day}
    for path in tiny.extracts.rglob("*"):
        if path.is_file() and path not in held_back:
            drop(path, tiny.extracts, home)
    signalbox(home, "watch", "--once")
    started = time.monotonic()
    with start_watch(home, log) as watching:
        for path in late[0]:
            drop(path, tiny.extracts, home)
        wait_for(lambda: ": snapshot " in log.read_text(), watching)
        whole = time.monotonic() - started
        watching.kill()
    killed_at_work = 0
    for day in late[1:-1]:
        with start_watch(home, log) as watching:
            limit = time.monotonic() + draw.uniform(0.05, 1.0) * whole
            for path in draw.sample(day, len(day)):
                drop(path, tiny.extracts, home)
                time.sleep(draw.uniform(0, 0.2))
            time.sleep(max(limit - time.monotonic(), 0))
            killed_at_work += holds_lock(settings, watching)
            watching.kill()
        assert watching.returncode == -signal.SIGKILL
        assert_whole(settings)
    for path in late[-1]:
        drop(path, tiny.extracts, home)
    signalbox(home, "watch", "--once")
    assert killed_at_work > KILLS / 3, "many kills must have met a build under way"
    assert landed(settings) == landed(load_settings(tiny.home))
    assert_identical(tiny.home, home, record_property, OWN_OF_AN_INCREMENT)
    assert publishing.list_builds(settings)[0].status == "published"
    record_property("kills of the loop", KILLS)
    record_property("kills while it built", killed_at_work)
