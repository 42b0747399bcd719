"""The snapshots that are kept: list them, go back to one, clear the old.

Belongs here: the life of a snapshot after publication. Not here: making one or reading its tables.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from signalbox.errors import UsageError
from signalbox.publish import layout
from signalbox.publish.audit import list_builds, save_record, utc_now
from signalbox.publish.files import sync, write_atomically
from signalbox.publish.write import clear_unfinished
from signalbox.settings import Settings

_BUILDS_KEPT = 200


@dataclass(frozen=True)
class SnapshotInfo:
    """One kept snapshot. ``is_past``: it was asked for with ``--as-of`` and never becomes the latest."""

    snapshot_id: str
    build_id: str
    as_of: str
    created: str | None
    is_current: bool
    is_pinned: bool
    is_past: bool
    tables: int
    rows: int


def list_snapshots(settings: Settings) -> list[SnapshotInfo]:
    """Every kept snapshot, newest first. ``is_current`` marks the one that is served."""
    served, pinned = layout.current_snapshot_id(settings), layout.pinned_snapshot_id(settings)
    infos = []
    for snapshot_id in reversed(layout.snapshot_ids(settings)):
        manifest = layout.read_manifest(settings, snapshot_id)
        infos.append(
            SnapshotInfo(
                snapshot_id=snapshot_id,
                build_id=manifest["build_id"],
                as_of=manifest["as_of"],
                created=manifest.get("created"),
                is_current=snapshot_id == served,
                is_pinned=snapshot_id == pinned,
                is_past=_is_past(manifest),
                tables=len(manifest["tables"]),
                rows=sum(entry["rows"] for entry in manifest["tables"].values()),
            )
        )
    return infos


def use(settings: Settings, snapshot_id: str) -> str:
    """Serve this snapshot until ``latest`` is asked for; returns the one now served. Needs no writer's lock.

    Raises UsageError, naming what there is, for an unknown one.
    """
    with layout.pointer_lock(settings):
        if snapshot_id == "latest":
            layout.pinned_path(settings).unlink(missing_ok=True)
        else:
            known = layout.snapshot_ids(settings)
            if snapshot_id not in known:
                choice = ", ".join(reversed(known)) or "none yet"
                raise UsageError(f"{snapshot_id}: no such snapshot; there are: {choice}")
            write_atomically(layout.pinned_path(settings), snapshot_id + "\n")
    served = layout.current_snapshot_id(settings)
    if served is None:
        raise UsageError(f"{settings.home}: nothing is published yet; run `signalbox build`")
    return served


def prune(settings: Settings) -> list[str]:
    """Clear what is old, under the writer's lock; returns the snapshots that went.

    The newest ``snapshots_kept`` of each kind (published, past) stay, and the served, the pinned and those that
    somebody reads.
    """
    clear_unfinished(settings)
    gone = [snapshot_id for snapshot_id in _old(settings) if _remove(settings, snapshot_id)]
    for path in layout.record_paths(settings)[_BUILDS_KEPT:]:
        path.unlink()
    return gone


def close_killed(settings: Settings) -> list[str]:
    """Mark builds whose record still says that they run as failed.

    Only the holder of the writer's lock may call it.
    """
    closed = []
    for record in list_builds(settings):
        if record.status not in ("running", "audited"):
            continue
        if _was_published(settings, record.build_id):
            record.status, record.snapshot_id = "published", record.build_id
        else:
            record.status, record.error = "failed", "ended before it was complete (its process is gone)"
        record.finished = record.finished or utc_now()
        save_record(settings, record)
        closed.append(record.build_id)
    return closed


def _was_published(settings: Settings, build_id: str) -> bool:
    """Whether a killed build got as far as its pointer; a whole snapshot that nobody points to is cleared."""
    if build_id not in layout.snapshot_ids(settings):
        return False
    if build_id == layout.published_snapshot_id(settings) or _is_past(layout.read_manifest(settings, build_id)):
        return True
    return not _remove(settings, build_id)


def _old(settings: Settings) -> Iterable[str]:
    kept = {True: 0, False: 0}
    spared = {layout.current_snapshot_id(settings), layout.published_snapshot_id(settings)}
    for snapshot_id in reversed(layout.snapshot_ids(settings)):
        kind = _is_past(layout.read_manifest(settings, snapshot_id))
        kept[kind] += 1
        if kept[kind] > settings.snapshots_kept and snapshot_id not in spared:
            yield snapshot_id


def _remove(settings: Settings, snapshot_id: str) -> bool:
    """Remove one snapshot unless it is read or served; renamed first, so that it is whole or gone."""
    folder = layout.snapshot_dir(settings, snapshot_id)
    with layout.pointer_lock(settings), layout.manifest_path(settings, snapshot_id).open() as handle:
        if snapshot_id in (layout.current_snapshot_id(settings), layout.published_snapshot_id(settings)):
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        leaving = folder.with_name(f"{layout.LEAVING}{snapshot_id}")
        folder.rename(leaving)
        sync(folder.parent)
        shutil.rmtree(leaving)
    return True


def _is_past(manifest: dict[str, Any]) -> bool:
    origin = manifest.get("created_from")
    return isinstance(origin, dict) and origin.get("requested_as_of") is not None
