"""The audit record of a build: what ran, how long, which suites passed; kept for failed builds too.

Belongs here: the record, its file, and the rule that decides whether a build may be published. Not here: running a
suite.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from signalbox.errors import SignalboxError
from signalbox.publish.files import write_atomically
from signalbox.publish.layout import record_path, record_paths
from signalbox.settings import Settings

Status = Literal["running", "failed", "audited", "published", "unchanged"]
Kind = Literal["inbound", "staging", "model", "outbound"]


class Step(BaseModel):
    """A step of a build and how long it took, in seconds."""

    step: str
    seconds: float


class SuiteOutcome(BaseModel):
    """What a suite found. ``success`` is false only for a failed expectation of severity error.

    ``failed`` counts warnings too.
    """

    suite: str
    kind: Kind
    target: str
    success: bool
    expectations: int
    failed: int


class BuildRecord(BaseModel):
    """One build. Instants are ISO 8601 in UTC.

    ``results`` are the rows of ``quality_result``, kept when the build failed.
    """

    model_config = ConfigDict(extra="ignore")

    build_id: str
    status: Status = "running"
    as_of: str | None = None
    requested_as_of: str | None = None
    started: str
    finished: str | None = None
    snapshot_id: str | None = None
    code_digest: str | None = None
    inputs_digest: str | None = None
    run_id: str | None = None
    quick: bool = False
    steps: list[Step] = Field(default_factory=list)
    suites: list[SuiteOutcome] = Field(default_factory=list)
    results: list[dict[str, Any]] = Field(default_factory=list)
    error: str | None = None


def save_record(settings: Settings, record: BuildRecord) -> None:
    """Write the record under its build's name, in place of what stood there."""
    write_atomically(record_path(settings, record.build_id), record.model_dump_json(indent=1) + "\n")


def read_record(settings: Settings, build_id: str) -> BuildRecord:
    """The record of one build. Raises SignalboxError when there is none."""
    path = record_path(settings, build_id)
    if not path.exists():
        raise SignalboxError(f"build {build_id}: it has no audit record")
    return BuildRecord.model_validate_json(path.read_text(encoding="utf-8"))


def list_builds(settings: Settings, limit: int | None = None) -> list[BuildRecord]:
    """Records of builds, newest first.

    A record that still says ``running`` belongs to a running or a killed build.
    """
    paths = record_paths(settings)[:limit]
    return [BuildRecord.model_validate_json(path.read_text(encoding="utf-8")) for path in paths]


def last_complete(settings: Settings) -> BuildRecord | None:
    """The newest build that was published and is neither quick nor of a past instant."""
    for path in record_paths(settings):
        record = BuildRecord.model_validate_json(path.read_text(encoding="utf-8"))
        if record.status == "published" and not record.quick and record.requested_as_of is None:
            return record
    return None


def complete_seconds(settings: Settings) -> float:
    """How long that build took; 0 when there is none."""
    record = last_complete(settings)
    if record is None or record.finished is None:
        return 0.0
    return (datetime.fromisoformat(record.finished) - datetime.fromisoformat(record.started)).total_seconds()


def refusal(record: BuildRecord, build_id: str, registered: Collection[str]) -> str | None:
    """Why a build may not be published; None when it may.

    It may when its audit is complete, passed, and names every registered suite.
    """
    if not registered:
        return "no suite is registered, so nothing was audited"
    if record.build_id != build_id:
        return f"the audit is of build {record.build_id}, the warehouse holds build {build_id}"
    if record.status != "audited":
        return f"its audit record says {record.status!r}, not 'audited'"
    failed = [outcome.suite for outcome in record.suites if not outcome.success]
    if failed:
        return f"failed: {', '.join(failed)}"
    missing = sorted(set(registered) - {outcome.suite for outcome in record.suites})
    if missing:
        return f"never ran: {', '.join(missing)}"
    return None


def utc_now() -> str:
    """The clock of build records, the only place of publication that reads one."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
