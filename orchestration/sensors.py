"""What makes a build start: new files in the drop area.

Belongs here: sensors. Not here: landing; a file that is half written is left alone there and landed by a later run.
"""

import hashlib
from pathlib import Path
from typing import Any

import dagster as dg

from signalbox.settings import Settings

_EVERY_SECONDS = 30


def new_files(settings: Settings, job: Any) -> dg.SensorDefinition:
    """Asks for a build when the drop area's names, sizes or times changed since the last one it asked for."""

    @dg.sensor(
        name="new_files",
        job=job,
        minimum_interval_seconds=_EVERY_SECONDS,
        description=f"Lands and builds when files arrive in {settings.landing_dir.name}/",
        default_status=dg.DefaultSensorStatus.STOPPED,
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        state = drop_area_state(settings.landing_dir)
        if state is None:
            return dg.SkipReason(f"nothing in {settings.landing_dir.name}/")
        if state == context.cursor:
            return dg.SkipReason("nothing new")
        return dg.SensorResult(run_requests=[dg.RunRequest(run_key=state)], cursor=state)

    return sensor


def drop_area_state(folder: Path) -> str | None:
    """A digest of the names, sizes and times of the files below ``folder``; None when there is none."""
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.exists() else []
    if not files:
        return None
    digest = hashlib.sha256()
    for path in files:
        facts = path.stat()
        digest.update(f"{path.relative_to(folder)}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
