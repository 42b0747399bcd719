"""The resident loop: it looks at the drop area and has what arrived landed, built and published, batch after batch.

Belongs here: when a batch is due, what was tried already, waiting after a failure, the line about each batch. Not here:
a build, which the caller gives; signals, which the command handles.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from signalbox.errors import LockedError, SignalboxError
from signalbox.landing.files import FileState, lying_files, state_of
from signalbox.landing.ledger import Ledger
from signalbox.settings import Settings

_BACK_OFF_AT_MOST = 16


@dataclass(frozen=True)
class Batch:
    """What one turn did. ``landed``: the files that it landed; ``waiting``: those that did not fit into it.

    ``snapshot_id`` is None when what is published already was what a build would give. ``after_seconds``: what went on
    when it was served already. ``is_behind``: some tables that are published wait for a complete build.
    """

    landed: tuple[Path, ...] = ()
    rows: int = 0
    waiting: tuple[Path, ...] = ()
    snapshot_id: str | None = None
    land_seconds: float = 0.0
    build_seconds: float = 0.0
    publish_seconds: float = 0.0
    after_seconds: float = 0.0
    is_behind: bool = False

    @property
    def seconds(self) -> float:
        return self.land_seconds + self.build_seconds + self.publish_seconds + self.after_seconds


class Stop(Protocol):
    """What ends the loop: a ``threading.Event``."""

    def is_set(self) -> bool: ...

    def wait(self, timeout: float | None = None) -> bool: ...


@dataclass
class Watch:
    """The state of the loop. Nothing of it outlives the process: the ledger knows what was landed.

    ``collect`` puts what people did into the drop area, where it is a file like any other; it is asked now and then.
    ``build`` lands, builds and publishes, holding the home's lock meanwhile, quickly when it is told so; it raises
    SignalboxError when that failed and LockedError when another writer is at work. ``complete_seconds``: how long a
    complete build takes, as far as it is known. ``say`` is told a line at a time; ``now`` is the clock of files.
    """

    settings: Settings
    build: Callable[[bool], Batch]
    say: Callable[[str], object]
    now: Callable[[], float] = time.time
    collect: Callable[[], object] = lambda: None
    complete_seconds: float = 0.0
    # Files as they lay there when they were last tried, with or without success.
    _tried: dict[Path, FileState] = field(default_factory=dict)
    # Files that were not tried yet: as they lay there, and since when.
    _seen: dict[Path, tuple[FileState, float]] = field(default_factory=dict)
    _is_fresh: bool = True
    _is_locked_out: bool = False
    # The last batch left files to the next one.
    _is_cut: bool = False
    _failures: int = 0
    _not_before: float = 0.0
    _retry_at: float | None = None
    _collected: float = 0.0
    # Since when some tables wait for a complete build, and when the last batch ended.
    _behind_since: float | None = None
    _last_batch: float = 0.0

    def run(self, stop: Stop, interval: float, once: bool = False) -> None:
        """Turn after turn until ``stop`` is set; with ``once`` until what was there is done, raising failures."""
        while not stop.is_set():
            worked = self.turn(once)
            if once and not worked and not self._is_cut:
                return
            if not worked:
                stop.wait(interval)

    def turn(self, raise_failures: bool = False) -> bool:
        """Look once, and have a batch built if one is due; whether one was built."""
        self._collect()
        lying = lying_files(self.settings.landing_dir)
        is_overdue = self._is_overdue()
        if not is_overdue and not self._is_due(lying):
            return False
        started = self.now()
        is_long = self.complete_seconds > self.settings.watch_quick_above_seconds
        is_quick = is_long and not is_overdue and not raise_failures
        try:
            batch = self.build(is_quick)
        except LockedError as error:
            if raise_failures:
                raise
            if not self._is_locked_out:
                self.say(f"waiting: {error}")
            self._is_locked_out = True
            return False
        except SignalboxError as error:
            self._after(lying, ())
            if raise_failures:
                raise
            self._put_off(error)
            return True
        self._after(lying, batch.waiting)
        self._note(batch, is_quick)
        self._failures, self._retry_at = 0, None
        self._not_before = started + self.settings.watch_pause_seconds
        if batch.landed or batch.snapshot_id:
            self.say(self._line(batch))
        return True

    def _collect(self) -> None:
        """A database of cases that cannot be reached keeps nobody from landing files; the build tells of it."""
        if self.now() - self._collected >= self.settings.watch_actions_seconds:
            self._collected = self.now()
            with suppress(SignalboxError):
                self.collect()

    def _is_due(self, lying: dict[Path, FileState]) -> bool:
        """At the start, when a new file is at rest, and when a failed build may be tried again."""
        now = self.now()
        new = {path: state for path, state in lying.items() if self._tried.get(path) != state}
        self._seen = {path: (state, self._since(path, state, now)) for path, state in new.items()}
        if now < self._not_before:
            return False
        if self._is_fresh:
            return bool(new) or self._has_landed()
        if self._retry_at is not None and now >= self._retry_at:
            return True
        return self._is_cut or any(now - since >= self.settings.settle_seconds for _, since in self._seen.values())

    def _is_overdue(self) -> bool:
        """Whether a complete build is due: no file came for a while, or the last one is long ago."""
        now, limits = self.now(), self.settings
        if self._behind_since is None or now < self._not_before:
            return False
        is_quiet = not self._seen and now - self._last_batch >= limits.watch_quiet_seconds
        return is_quiet or now - self._behind_since >= limits.watch_behind_seconds

    def _note(self, batch: Batch, was_quick: bool) -> None:
        self._last_batch = self.now()
        if not batch.is_behind:
            self._behind_since = None
        elif self._behind_since is None:
            self._behind_since = self._last_batch
        if batch.snapshot_id and not was_quick:
            self.complete_seconds = batch.seconds

    def _since(self, path: Path, state: FileState, now: float) -> float:
        """Since when a file has not changed: what it says itself, or since it was first seen so."""
        known, since = self._seen.get(path, (state, now))
        return min(since if known == state else now, max(state.modified, 0.0))

    def _has_landed(self) -> bool:
        with Ledger(self.settings, create=False) as ledger:
            return ledger.sequence() > 0

    def _after(self, lying: dict[Path, FileState], waiting: tuple[Path, ...]) -> None:
        self._is_fresh = self._is_locked_out = False
        left = set(waiting)
        self._is_cut = bool(left)
        self._tried = {path: state for path, state in lying.items() if path not in left}

    def _put_off(self, error: SignalboxError) -> None:
        """Tried again when files come, or after a wait that doubles with each failure."""
        wait = self.settings.watch_retry_seconds * min(2**self._failures, _BACK_OFF_AT_MOST)
        self._failures += 1
        now = self.now()
        self._retry_at, self._not_before = now + wait, now + self.settings.watch_pause_seconds
        self.say(f"failed: {error}; what is served stays; tried again when files come, at the latest in {wait:.0f} s")

    def _line(self, batch: Batch) -> str:
        parts = [f"{len(batch.landed):,} files, {batch.rows:,} rows: snapshot {batch.snapshot_id or 'unchanged'}"]
        parts.append(
            f"land {batch.land_seconds:.1f} s, build {batch.build_seconds:.1f} s, publish {batch.publish_seconds:.1f} s"
        )
        states = [state_of(path) for path in batch.landed]
        came = [state.arrived for state in states if state is not None]
        if came:
            parts.append(f"served {self.now() - batch.after_seconds - min(came):.1f} s after the first came")
        if batch.waiting:
            parts.append(f"{len(batch.waiting):,} files wait")
        if batch.is_behind:
            parts.append("other tables follow when it is quiet")
        return "; ".join(parts)
