"""The one lock under home that every writer takes, whoever starts it.

An operating-system lock: it is gone when its holder dies, so a killed build never has to be unlocked by hand. The
file's text only says who holds it. The thread that holds it may take it again (a build that lands). Not here: what a
writer does, or marking dead runs as failed (orchestration does that once it holds the lock).
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from signalbox.errors import LockedError
from signalbox.settings import Settings

_POLL_SECONDS = 0.2
# Lock path -> the thread of this process that holds it. An operating-system lock does not know threads.
_held: dict[Path, int] = {}


@contextmanager
def writer_lock(settings: Settings, holder: str, wait_seconds: float | None = None) -> Iterator[None]:
    """Hold the home's lock. ``holder`` says what is being done, for the one who waits.

    Raises LockedError, naming the holder, when it is not free within ``wait_seconds`` (default: the setting).
    """
    if _held.get(settings.lock_path) == threading.get_ident():
        yield
        return
    settings.home.mkdir(parents=True, exist_ok=True)
    limit = time.monotonic() + (settings.lock_wait_seconds if wait_seconds is None else wait_seconds)
    with settings.lock_path.open("a+", encoding="utf-8") as handle:
        while not _try_lock(handle):
            if time.monotonic() >= limit:
                raise LockedError(
                    f"{settings.home}: {_holder_text(handle)} is writing here; "
                    "wait for it, or end it, and run this again"
                )
            time.sleep(_POLL_SECONDS)
        _write_holder(handle, holder)
        _held[settings.lock_path] = threading.get_ident()
        try:
            yield
        finally:
            del _held[settings.lock_path]
            handle.seek(0)
            handle.truncate()
            fcntl.flock(handle, fcntl.LOCK_UN)


def _try_lock(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write_holder(handle: IO[str], holder: str) -> None:
    facts = {"holder": holder, "process_id": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds")}
    handle.seek(0)
    handle.truncate()
    json.dump(facts, handle)
    handle.flush()


def _holder_text(handle: IO[str]) -> str:
    handle.seek(0)
    try:
        facts = json.load(handle)
        return f"{facts['holder']} (process {facts['process_id']}, since {facts['since']})"
    except (ValueError, KeyError):
        return "another process"
