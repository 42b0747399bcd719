"""``signalbox build``: the Dagster job, executed in this process, under the home's lock.

Belongs here: what stands around a run: the lock, the instance, killed runs, ending early when there is nothing new.
Not here: the steps (``session``).
"""

from __future__ import annotations

import logging
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestration.inputs import read_inputs
from orchestration.instance import LOCK_TAG, fail_dead_runs, open_instance
from orchestration.session import BuildOptions, BuildSession
from signalbox import publish as publishing
from signalbox.errors import SignalboxError, UsageError
from signalbox.interrupt import reached
from signalbox.landing.ledger import Ledger
from signalbox.lock import writer_lock
from signalbox.progress import Reporter, Silent
from signalbox.publish import BuildRecord, PublishReport
from signalbox.publish.keep import close_killed
from signalbox.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

# With SIGNALBOX_DEBUG an error keeps its traceback.
DEBUG = bool(os.environ.get("SIGNALBOX_DEBUG"))


@dataclass(frozen=True)
class BuildReport:
    """What a build did. ``is_unchanged``: the served snapshot already is what a build would give."""

    record: BuildRecord
    seconds: float
    published: PublishReport | None
    is_unchanged: bool = False


def run_build(settings: Settings, options: BuildOptions | None = None, reporter: Reporter | None = None) -> BuildReport:
    """Land what is new, build, audit and publish. Raises SignalboxError with what failed; nothing is published then."""
    options, reporter = options or BuildOptions(), reporter or Silent()
    started = time.monotonic()
    with writer_lock(settings, "a build"):
        reached(settings, "locked")
        close_killed(settings)
        session = BuildSession(settings, options, reporter)
        try:
            session.land()
            require_landed(settings, options)
            if is_unchanged(settings, options):
                session.record.status = "unchanged"
                return BuildReport(session.record, time.monotonic() - started, None, is_unchanged=True)
            _run_job(settings, session)
        except UsageError:
            session.forget()
            raise
        finally:
            session.finish()
        if session.published is None:
            raise SignalboxError(f"build {session.record.build_id} failed: {session.record.error}")
    return BuildReport(session.record, time.monotonic() - started, session.published)


def require_landed(settings: Settings, options: BuildOptions) -> None:
    """Raises UsageError when there is nothing to build from, or a range lies after everything that was landed."""
    with Ledger(settings) as ledger:
        clock = options.as_of or ledger.greatest_received_ts()
    if clock is None:
        raise UsageError(
            f"{settings.home}: nothing was landed yet; put files into {settings.landing_dir} "
            "or run `signalbox land PATH` first"
        )
    if options.date_from is not None and options.date_from > clock.date():
        raise UsageError(f"from {options.date_from}: the data ends at {clock:%Y-%m-%d %H:%M} UTC")


def is_unchanged(settings: Settings, options: BuildOptions) -> bool:
    """Whether the newest published snapshot has the digests that a build would have now."""
    if options.full_refresh or options.is_backfill or options.as_of is not None:
        return False
    current = publishing.layout.published_snapshot_id(settings)
    if current is None:
        return False
    origin = publishing.read_manifest(settings, current)["created_from"]
    now = read_inputs(settings, options)
    return bool(origin["code_digest"] == now.code_digest and origin["inputs_digest"] == now.inputs_digest)


def _run_job(settings: Settings, session: BuildSession) -> None:
    with open_instance(settings) as instance:
        from orchestration.definitions import JOB, build_definitions
        from orchestration.resources import config_of

        fail_dead_runs(instance)
        with session.step("prepare"):
            definitions = build_definitions(settings, session.project, session)
            job = definitions.resolve_job_def(JOB)
        config: dict[str, Any] = {
            "resources": {"session": {"config": config_of(session.options)}},
            "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
        }
        with _quiet():
            result = job.execute_in_process(
                run_config=config, instance=instance, raise_on_error=DEBUG, tags={LOCK_TAG: str(os.getpid())}
            )
        if not result.success and session.record.error is None:
            session.record.error = _failure(result)


def _failure(result: Any) -> str | None:
    """What failed outside the session's steps, as Dagster tells it: the innermost cause of the first failed step."""
    for event in result.filter_events(lambda event: event.is_step_failure):
        error = event.step_failure_data.error
        while error is not None and error.cause is not None:
            error = error.cause
        return f"{event.step_key}: {' '.join((error.message if error else event.message or '').split())}"
    return None


@contextmanager
def _quiet() -> Iterator[None]:
    """Libraries tell their logs to nobody; what a person needs to know is in the report and the record."""
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
