"""Data Docs on demand: every suite, run on what the warehouse holds.

Belongs here: running them outside a build. Not here: the pages (``expectations.docs``).
"""

from __future__ import annotations

import time
from pathlib import Path

from expectations.docs import write_data_docs
from expectations.registry import suites_at
from expectations.runner import runner
from signalbox.errors import SignalboxError
from signalbox.lock import writer_lock
from signalbox.progress import Reporter
from signalbox.settings import Settings

# The suites of the snapshot's files need a build that was not published yet; the others read the warehouse.
_STAGES = ("raw", "models")


def write_docs(settings: Settings, reporter: Reporter) -> tuple[Path, int]:
    """Write Data Docs of the warehouse under ``home/quality/<build>``; gives the index and how many suites failed."""
    with writer_lock(settings, "quality docs"):
        build_id = _build_in_warehouse(settings)
        suites = [suite for stage in _STAGES for suite in suites_at(settings, stage)]
        started, done = time.monotonic(), iter(range(len(suites)))
        reporter.begin("suites")
        with runner(settings, build_id) as opened:
            results = opened.run(suites, None, lambda name: reporter.update(name, next(done), len(suites)))
        reporter.end("suites", time.monotonic() - started, f"{len(results)} suites")
        index = write_data_docs(results, settings.home / "quality" / build_id, build_id)
        return index, sum(not result.outcome.success for result in results)


def _build_in_warehouse(settings: Settings) -> str:
    import duckdb

    if not settings.warehouse_path.exists():
        raise SignalboxError(f"{settings.home}: nothing is built yet; run `signalbox build`")
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as con:
        row = con.execute("select build_id from raw.build_context").fetchone()
    if row is None:
        raise SignalboxError(f"{settings.home}: the warehouse holds no build; run `signalbox build`")
    return str(row[0])
