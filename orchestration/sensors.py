"""What makes a build start: new files in the drop area, those of what people did among them.

Belongs here: sensors. Not here: landing; a file that is half written is left alone there and landed by a later run.
"""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.instance import fail_dead_runs
from signalbox.cases import outbox
from signalbox.errors import LockedError, SignalboxError
from signalbox.landing.files import lying_files
from signalbox.lock import writer_lock
from signalbox.publish import complete_seconds, current_snapshot_id, last_complete, read_manifest
from signalbox.settings import Settings

_EVERY_SECONDS = 5
# A failed run of the job is asked for again after this, when no new file asked for one before.
_RETRY_SECONDS = 600.0
_WAITING = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING]


def new_files(settings: Settings, job: Any) -> dg.SensorDefinition:
    """Asks for a build when the drop area's names, sizes or times changed since the last one it asked for.

    A quick one where a complete one takes long; the complete one follows when nothing came for a while.

    What people did with cases is put there first. At most one run waits behind the one that builds: what arrives
    meanwhile is landed by that one.
    """

    @dg.sensor(
        name="new_files",
        job=job,
        minimum_interval_seconds=_EVERY_SECONDS,
        description=f"Lands and builds when files arrive in {settings.landing_dir.name}/",
        default_status=dg.DefaultSensorStatus.STOPPED,
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        with suppress(SignalboxError):
            outbox.send_waiting(settings, is_people_only=True)
        state = drop_area_state(settings.landing_dir)
        if state is None:
            return dg.SkipReason(f"nothing in {settings.landing_dir.name}/")
        with suppress(LockedError), writer_lock(settings, "looking for dead runs", wait_seconds=0):
            fail_dead_runs(context.instance, spare_living=True)
        if context.instance.get_runs(dg.RunsFilter(job_name=job.name, statuses=_WAITING), limit=1):
            return dg.SkipReason("a run waits already")
        key = state
        behind, is_due = _behind(settings)
        is_overdue = is_due and not _builds_all(context.instance, job.name)
        is_quick = not is_overdue and complete_seconds(settings) > settings.watch_quick_above_seconds
        if state == context.cursor:
            failed = _failed_run(context.instance, job.name)
            if failed is None and not is_overdue:
                return dg.SkipReason("nothing new")
            key = f"{state} again after {failed}" if failed else f"all of {behind}"
        config = {"resources": {"session": {"config": {"quick": is_quick}}}}
        return dg.SensorResult(run_requests=[dg.RunRequest(run_key=key, run_config=config)], cursor=state)

    return sensor


def drop_area_state(folder: Path) -> str | None:
    """A digest of the names, sizes and times of the files below ``folder``; None when there is none."""
    files = lying_files(folder)
    if not files:
        return None
    digest = hashlib.sha256()
    for path, facts in sorted(files.items()):
        digest.update(f"{path.relative_to(folder)}\0{facts}\n".encode())
    return digest.hexdigest()


def _behind(settings: Settings) -> tuple[str | None, bool]:
    """The served snapshot when some of its tables wait for a complete build, and whether that is due.

    It is when nothing was published for a while, or when the last one is long ago.
    """
    served = current_snapshot_id(settings)
    manifest = read_manifest(settings, served) if served else {}
    if not manifest.get("behind"):
        return None, False
    complete, now = last_complete(settings), datetime.now(UTC)
    is_quiet = now - datetime.fromisoformat(manifest["created"]) >= timedelta(seconds=settings.watch_quiet_seconds)
    latest = timedelta(seconds=settings.watch_behind_seconds)
    return served, is_quiet or complete is None or now - datetime.fromisoformat(complete.started) >= latest


def _builds_all(instance: Any, job_name: str) -> bool:
    """Whether a complete build is under way."""
    runs = instance.get_runs(dg.RunsFilter(job_name=job_name, statuses=[dg.DagsterRunStatus.STARTED]))
    sessions = (run.run_config.get("resources", {}).get("session", {}).get("config", {}) for run in runs)
    return any(not config.get("quick", False) for config in sessions)


def _failed_run(instance: Any, job_name: str) -> str | None:
    """The job's last run when it failed long enough ago."""
    records = instance.get_run_records(dg.RunsFilter(job_name=job_name), limit=1)
    if not records or records[0].dagster_run.status is not dg.DagsterRunStatus.FAILURE:
        return None
    ended = records[0].end_time or records[0].update_timestamp.timestamp()
    return records[0].dagster_run.run_id if time.time() - ended >= _RETRY_SECONDS else None
