"""``signalbox build`` and ``watch``: the Dagster job, executed in this process, under the home's lock.

Belongs here: what stands around a run: the lock, the instance, killed runs, ending early when there is nothing new, and
what several builds of one process share. Not here: the steps (``session``), or when a batch is due
(``signalbox.watch``).
"""

from __future__ import annotations

import logging
import os
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any

from orchestration.dbt import DbtProject
from orchestration.inputs import read_inputs
from orchestration.instance import LOCK_TAG, fail_dead_runs, open_instance, process_mark
from orchestration.options import BuildOptions
from orchestration.retention import prune_all
from orchestration.session import CHECKPOINT, BuildSession
from signalbox import publish as publishing
from signalbox.engines.session import require_answer
from signalbox.errors import LockedError, SignalboxError, UsageError
from signalbox.interrupt import reached
from signalbox.landing import LandReport
from signalbox.landing.ledger import Ledger
from signalbox.lock import writer_lock
from signalbox.progress import Reporter, Silent
from signalbox.publish import BuildRecord, PublishReport
from signalbox.publish.keep import close_killed
from signalbox.settings import Settings
from signalbox.watch import Batch

if TYPE_CHECKING:
    from collections.abc import Iterator

# The steps that count as publication in what the resident loop tells.
_PUBLICATION = ("stage", "publish", "prune")
# Batches of the resident loop until old runs and reports are cleared.
_CLEARED_EVERY = 20
# With SIGNALBOX_DEBUG an error keeps its traceback.
DEBUG = bool(os.environ.get("SIGNALBOX_DEBUG"))


@dataclass(frozen=True)
class BuildReport:
    """What a build did. ``is_unchanged``: the served snapshot already is what a build would give."""

    record: BuildRecord
    seconds: float
    published: PublishReport | None
    landed: LandReport | None = None
    is_unchanged: bool = False


def run_build(settings: Settings, options: BuildOptions | None = None, reporter: Reporter | None = None) -> BuildReport:
    """One build. Lands what is new, builds, audits and publishes.

    Raises SignalboxError with what failed; nothing is published then, unless it says that only what follows failed.
    """
    with Builder(settings) as builder:
        return builder.run(options, reporter)


class Builder:
    """What all builds of a process share: the parsed dbt project, Dagster's instance and the job; made at the first.

    Use it as a context, and from one thread at a time. It holds the home's lock only while it builds.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._project = DbtProject(settings)
        self._opened = ExitStack()
        self._instance: Any = None
        self._job: Any = None
        self._session: BuildSession | None = None
        self._batches = 0

    def __enter__(self) -> Builder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def run(self, options: BuildOptions | None = None, reporter: Reporter | None = None) -> BuildReport:
        """One build, as ``run_build`` says."""
        settings, options = self._settings, options or BuildOptions()
        started = time.monotonic()
        if options.engine == "spark":
            require_answer(settings)
        with writer_lock(settings, "a build"):
            reached(settings, "locked")
            close_killed(settings)
            session = BuildSession(settings, options, reporter or Silent(), parsed=self._project)
            try:
                session.land()
                require_landed(settings, options)
                if is_unchanged(settings, options):
                    session.record.status = "unchanged"
                    seconds = time.monotonic() - started
                    return BuildReport(session.record, seconds, None, session.landed, is_unchanged=True)
                if options.quick:
                    self._run_plainly(session)
                else:
                    self._run_job(session)
            except UsageError:
                session.forget()
                raise
            finally:
                session.finish()
            if session.published is None:
                raise SignalboxError(f"build {session.record.build_id} failed: {session.record.error}")
            if session.record.error is not None:
                done = f"snapshot {session.published.snapshot_id} is published; what follows failed"
                raise SignalboxError(f"{done}: {session.record.error}")
        return BuildReport(session.record, time.monotonic() - started, session.published, session.landed)

    def batch(self, files_at_most: int, quick: bool = False) -> Batch:
        """A turn of the resident loop. Raises SignalboxError for whatever went wrong, which must not end the loop."""
        try:
            done = self.run(BuildOptions(files_at_most=files_at_most, quick=quick))
            self._clear_sometimes()
        except SignalboxError:
            raise
        except Exception as error:
            raise SignalboxError(f"{type(error).__name__}: {' '.join(str(error).split())}") from error
        landed, seconds = done.landed or LandReport(), {step.step: step.seconds for step in done.record.steps}
        current = publishing.current_snapshot_id(self._settings)
        land, after = seconds.get("land", 0.0), seconds.get(CHECKPOINT, 0.0)
        publication = sum(seconds.get(name, 0.0) for name in _PUBLICATION)
        return Batch(
            landed=tuple(landed.taken),
            rows=landed.rows_accepted,
            waiting=tuple(landed.waiting),
            snapshot_id=done.published.snapshot_id if done.published else None,
            land_seconds=land,
            build_seconds=done.seconds - land - publication - after,
            publish_seconds=publication,
            after_seconds=after,
            is_behind=bool(current and publishing.read_manifest(self._settings, current).get("behind")),
        )

    def _clear_sometimes(self) -> None:
        """Runs and reports of a process that stays would pile up; another writer's turn goes before."""
        self._batches += 1
        if self._batches % _CLEARED_EVERY == 0:
            with suppress(LockedError):
                prune_all(self._settings)

    def _run_plainly(self, session: BuildSession) -> None:
        """The steps without the job, which takes 10 s to note that a thousand assets and checks are as they were.

        Dagster is told of the snapshot alone.
        """
        from dagster import AssetMaterialization

        from orchestration.keys import SNAPSHOT

        with session.step("prepare"):
            _ = self._project.relations
            instance = self._prepared_instance()
            fail_dead_runs(instance)
        try:
            with _quiet():
                session.run()
        except UsageError:
            raise
        except Exception as error:
            if DEBUG:
                raise
            session.record.error = session.record.error or f"{type(error).__name__}: {error}"
        if session.published is not None:
            facts = {
                "snapshot": session.published.snapshot_id,
                "quick": True,
                "tables behind": len(session.warehouse.behind),
            }
            instance.report_runless_asset_event(AssetMaterialization(SNAPSHOT, metadata=facts))

    def _run_job(self, session: BuildSession) -> None:
        from orchestration.resources import config_of

        self._session = session
        with session.step("prepare"):
            job = self._prepared_job()
            fail_dead_runs(self._instance)
        config: dict[str, Any] = {
            "resources": {"session": {"config": config_of(session.options)}},
            "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
        }
        with _quiet():
            result = job.execute_in_process(
                run_config=config, instance=self._instance, raise_on_error=DEBUG, tags={LOCK_TAG: process_mark()}
            )
        if not result.success and session.record.error is None:
            session.record.error = _failure(result)

    def _prepared_job(self) -> Any:
        """The job on the home's instance, both made once, under the lock."""
        if self._job is None:
            from orchestration.definitions import JOB, build_definitions

            definitions = build_definitions(self._settings, self._project, self._current)
            self._prepared_instance()
            self._job = definitions.resolve_job_def(JOB)
        return self._job

    def _prepared_instance(self) -> Any:
        if self._instance is None:
            self._instance = self._opened.enter_context(open_instance(self._settings))
        return self._instance

    def _current(self) -> BuildSession:
        if self._session is None:
            raise SignalboxError("no build is under way in this process")
        return self._session


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
    manifest = publishing.read_manifest(settings, current)
    if manifest.get("behind") and not options.quick:
        return False
    origin = manifest["created_from"]
    now = read_inputs(settings, options)
    return bool(origin["code_digest"] == now.code_digest and origin["inputs_digest"] == now.inputs_digest)


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
