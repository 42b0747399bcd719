"""What is kept and what goes: snapshots, build records, run history, quality reports.

Belongs here: ``prune_all``. Not here: the rule for snapshots (``signalbox.publish.keep``).
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from orchestration.instance import fail_dead_runs, open_instance
from signalbox import publish as publishing
from signalbox.lock import writer_lock
from signalbox.publish.keep import close_killed
from signalbox.settings import Settings

RUNS_KEPT = 50


@dataclass(frozen=True)
class Pruned:
    """What went."""

    snapshots: list[str]
    runs: int
    reports: int


def prune_all(settings: Settings) -> Pruned:
    """Clear what is old, under the writer's lock."""
    with writer_lock(settings, "pruning"):
        close_killed(settings)
        return Pruned(publishing.prune(settings), _prune_runs(settings), _prune_reports(settings))


def _prune_runs(settings: Settings) -> int:
    if not settings.dagster_dir.exists():
        return 0
    with open_instance(settings) as instance:
        fail_dead_runs(instance)
        old = instance.get_runs()[RUNS_KEPT:]
        for run in old:
            instance.delete_run(run.run_id)
        return len(old)


def _prune_reports(settings: Settings) -> int:
    """Data Docs go with the record of their build."""
    folder = settings.home / "quality"
    kept = {record.build_id for record in publishing.list_builds(settings)}
    old = [entry for entry in folder.iterdir() if entry.name not in kept] if folder.exists() else []
    for entry in old:
        shutil.rmtree(entry)
    return len(old)
