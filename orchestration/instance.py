"""The home's Dagster instance: its configuration, opening it, and runs whose process died.

Belongs here: what needs the writer's lock so that two first starts do not break the instance. Not here: assets or
jobs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from signalbox.lock import writer_lock
from signalbox.publish.files import write_atomically
from signalbox.settings import Settings

# Put on a run while its process holds the writer's lock; whoever has the lock next knows that such a run is dead.
LOCK_TAG = "signalbox/holds_lock"
# Put on a run that waits for the lock: it is dead when its process is gone.
WAIT_TAG = "signalbox/waits_for_lock"
_UNFINISHED = ("STARTED", "STARTING", "CANCELING", "NOT_STARTED")


def prepare_home(settings: Settings) -> None:
    """Make ``home/dagster`` with its ``dagster.yaml`` and point Dagster to it.

    The file names the home by its full path, so a home that was moved or copied gets its own. Call it under the
    writer's lock where there is no instance yet.
    """
    os.environ["DAGSTER_HOME"] = str(settings.dagster_dir)
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    path = settings.dagster_dir / "dagster.yaml"
    text = yaml.safe_dump(_configuration(settings), sort_keys=False)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_atomically(path, text)


@contextmanager
def open_instance(settings: Settings) -> Iterator[Any]:
    """The home's instance. The first opening makes its tables, so call it under the writer's lock."""
    prepare_home(settings)
    from dagster import DagsterInstance

    with DagsterInstance.from_config(str(settings.dagster_dir)) as instance:
        yield instance


def ensure_instance(settings: Settings) -> None:
    """Make the instance where the home has none yet, under the writer's lock; Dagster's own processes come after it."""
    if not (settings.dagster_dir / "history" / "runs.db").exists():
        with writer_lock(settings, "making the Dagster instance"), open_instance(settings):
            return
    prepare_home(settings)


def fail_dead_runs(instance: Any, own_run_id: str | None = None, spare_living: bool = False) -> list[str]:
    """Mark as failed the runs that held the lock and did not end, and those whose process died while it waited for it.

    Only the holder of the writer's lock may call it. A run has given the lock back a moment before its history says
    that it ended: who asks often sets ``spare_living``, which leaves runs alone whose process is there. A run whose
    process died before it came to wait is failed by Dagster's own run monitoring.
    """
    from dagster import DagsterRunStatus, RunsFilter

    statuses = [DagsterRunStatus[name] for name in _UNFINISHED]
    failed = []
    for run in instance.get_runs(RunsFilter(statuses=statuses)):
        if run.run_id != own_run_id and _is_dead(run.tags, spare_living):
            process = run.tags.get(LOCK_TAG) or run.tags[WAIT_TAG]
            instance.report_run_failed(run, f"Its process ended before the run did (process {process.split()[0]}).")
            failed.append(run.run_id)
    return failed


def process_mark() -> str:
    """This process and no other: its id and when it started, since ids are given again."""
    process_id = os.getpid()
    return f"{process_id} {_started(process_id) or ''}".rstrip()


def _is_dead(tags: Mapping[str, str], spare_living: bool) -> bool:
    if LOCK_TAG in tags:
        return not (spare_living and _lives(tags[LOCK_TAG]))
    return WAIT_TAG in tags and not _lives(tags[WAIT_TAG])


def _lives(mark: str) -> bool:
    process_id, _, started = mark.partition(" ")
    try:
        os.kill(int(process_id), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        pass
    return not started or _started(int(process_id)) in (None, started)


def _started(process_id: int) -> str | None:
    """The boot and the tick of it at which a process started; None where the system does not tell."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        facts = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The second field is the program's name in brackets, which may hold anything; the 22nd is the tick.
    return f"{boot}/{facts.rpartition(')')[2].split()[19]}"


def _configuration(settings: Settings) -> dict[str, Any]:
    history = settings.dagster_dir / "history"
    return {
        "telemetry": {"enabled": False},
        "nux": {"enabled": False},  # its pages would first ask for an e-mail address
        "run_storage": {
            "module": "dagster._core.storage.runs",
            "class": "SqliteRunStorage",
            "config": {"base_dir": str(history)},
        },
        "event_log_storage": {
            "module": "orchestration.storage",
            "class": "KeptEngineEventLogStorage",
            "config": {"base_dir": str(history / "runs")},
        },
        "schedule_storage": {
            "module": "dagster._core.storage.schedules",
            "class": "SqliteScheduleStorage",
            "config": {"base_dir": str(settings.dagster_dir / "schedules")},
        },
        "concurrency": {"runs": {"max_concurrent_runs": 1}},
        "run_monitoring": {"enabled": True, "start_timeout_seconds": 180, "poll_interval_seconds": 30},
        "freshness": {"enabled": True},
        "retention": {"sensor": {"purge_after_days": 7}, "schedule": {"purge_after_days": 90}},
    }
