"""Where snapshots and build records lie under ``serving/``, and which snapshot is served.

Belongs here: paths, identifiers, the pointer files. Not here: writing tables or opening them.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from signalbox.errors import SignalboxError
from signalbox.publish.layers import MANIFEST_FORMAT
from signalbox.settings import Settings

# Directories that a killed writer may leave; nobody reads them and the next writer clears them.
UNFINISHED = ".new-"
LEAVING = ".leaving-"


def snapshots_dir(settings: Settings) -> Path:
    return settings.serving_dir / "snapshots"


def snapshot_dir(settings: Settings, snapshot_id: str) -> Path:
    return snapshots_dir(settings) / snapshot_id


def manifest_path(settings: Settings, snapshot_id: str) -> Path:
    return snapshot_dir(settings, snapshot_id) / "manifest.json"


def builds_dir(settings: Settings) -> Path:
    return settings.serving_dir / "builds"


def record_path(settings: Settings, build_id: str) -> Path:
    return builds_dir(settings) / f"{build_id}.json"


def record_paths(settings: Settings) -> list[Path]:
    """Files of build records, newest first; a file that is just being written is not among them."""
    found = [path for path in builds_dir(settings).glob("*.json") if not path.name.startswith(".")]
    return sorted(found, reverse=True)


def current_path(settings: Settings) -> Path:
    return settings.serving_dir / "current"


def pinned_path(settings: Settings) -> Path:
    return settings.serving_dir / "pinned"


def new_build_id(settings: Settings) -> str:
    """An identifier that no build of this home has had, such as 20261121-031500-123.

    Call it under the writer's lock.
    """
    now = datetime.now(UTC)
    while True:
        build_id = f"{now:%Y%m%d-%H%M%S}-{now.microsecond // 1000:03d}"
        if not record_path(settings, build_id).exists() and not snapshot_dir(settings, build_id).exists():
            return build_id
        now += timedelta(milliseconds=1)


def current_snapshot_id(settings: Settings) -> str | None:
    """The served snapshot: the pinned one, else the latest published; None before the first publication.

    Reads one or two small files; cheap enough for every request.
    """
    return _read_pointer(pinned_path(settings)) or _read_pointer(current_path(settings))


def published_snapshot_id(settings: Settings) -> str | None:
    """The snapshot that the last publication made current, pinned or not."""
    return _read_pointer(current_path(settings))


def pinned_snapshot_id(settings: Settings) -> str | None:
    return _read_pointer(pinned_path(settings))


def snapshot_ids(settings: Settings) -> list[str]:
    """Every complete snapshot, oldest first."""
    folder = snapshots_dir(settings)
    if not folder.exists():
        return []
    return sorted(entry.name for entry in folder.iterdir() if (entry / "manifest.json").exists() and _is_visible(entry))


def read_manifest(settings: Settings, snapshot_id: str) -> dict[str, Any]:
    """What a snapshot holds. Raises SignalboxError where there is no such snapshot, or a newer Signalbox wrote it."""
    path = manifest_path(settings, Path(snapshot_id).name)
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SignalboxError(f"{snapshot_id}: no such snapshot; `signalbox snapshots list` names them") from error
    if manifest.get("format", 1) > MANIFEST_FORMAT:
        raise SignalboxError(
            f"{path}: manifest of format {manifest['format']}, this Signalbox reads up to {MANIFEST_FORMAT}; "
            "use the one that wrote it"
        )
    return manifest


@contextmanager
def pointer_lock(settings: Settings) -> Iterator[None]:
    """Held for the moment in which the pointer moves or a snapshot leaves, so that nobody points to a leaving one."""
    settings.serving_dir.mkdir(parents=True, exist_ok=True)
    with (settings.serving_dir / ".pointer.lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _read_pointer(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def _is_visible(entry: Path) -> bool:
    return not entry.name.startswith(".")
