"""The home's Dagster instance: its configuration, opening it, and runs whose process died.

Belongs here: what needs the writer's lock so that two first starts do not break the instance. Not here: assets or
jobs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml

from signalbox.lock import writer_lock
from signalbox.publish.files import write_atomically
from signalbox.settings import Settings

# Put on a run while its process holds the writer's lock; whoever has the lock next knows that such a run is dead.
LOCK_TAG = "signalbox/holds_lock"
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
    """Mark runs that held the lock and did not end as failed. Only the holder of the writer's lock may call it.

    A run has given the lock back a moment before its history says that it ended: who asks often sets ``spare_living``,
    which leaves runs alone whose process is there.
    """
    from dagster import DagsterRunStatus, RunsFilter

    statuses = [DagsterRunStatus[name] for name in _UNFINISHED]
    failed = []
    for run in instance.get_runs(RunsFilter(statuses=statuses)):
        if LOCK_TAG in run.tags and run.run_id != own_run_id and not (spare_living and _lives(run.tags[LOCK_TAG])):
            instance.report_run_failed(run, f"Its process ended before the run did (process {run.tags[LOCK_TAG]}).")
            failed.append(run.run_id)
    return failed


def _lives(process_id: str) -> bool:
    try:
        os.kill(int(process_id), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True


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
        "freshness": {"enabled": True},
        "retention": {"sensor": {"purge_after_days": 7}, "schedule": {"purge_after_days": 90}},
    }
