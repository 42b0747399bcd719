"""Write, audit, publish: immutable snapshots and the pointer to the current one.

Belongs here: the audit record of a build, the snapshot's files, the pointer, reading and clearing snapshots. Not
here: what is checked before (``expectations``), what is built (``dbt_project``), or what a page shows.
"""

from signalbox.publish.audit import (
    BuildRecord,
    Step,
    SuiteOutcome,
    complete_seconds,
    last_complete,
    list_builds,
    read_record,
    save_record,
)
from signalbox.publish.changes import Change, Changes, read_changes
from signalbox.publish.keep import SnapshotInfo, list_snapshots, prune, use
from signalbox.publish.layout import current_snapshot_id, new_build_id, read_manifest
from signalbox.publish.read import Snapshot, open_snapshot, queries
from signalbox.publish.tables import PublishedTable
from signalbox.publish.write import PublishReport, StagedSnapshot, publish, read_staged, stage

__all__ = [
    "BuildRecord",
    "Change",
    "Changes",
    "PublishReport",
    "PublishedTable",
    "Snapshot",
    "SnapshotInfo",
    "StagedSnapshot",
    "Step",
    "SuiteOutcome",
    "complete_seconds",
    "current_snapshot_id",
    "last_complete",
    "list_builds",
    "list_snapshots",
    "new_build_id",
    "open_snapshot",
    "prune",
    "publish",
    "queries",
    "read_changes",
    "read_manifest",
    "read_record",
    "read_staged",
    "save_record",
    "stage",
    "use",
]
