"""Processes that outlive the command that started them: each the head of a group, known by id and starting time.

Belongs here: starting, asking, ending. Not here: what they do.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Member:
    """A started process. ``born`` tells it from another that got the same id later."""

    name: str
    pid: int
    born: str

    @property
    def is_running(self) -> bool:
        return born(self.pid) == self.born

    @property
    def has_group(self) -> bool:
        """Whether it, or something that it started, still runs. A group keeps its id while it has a member."""
        now = born(self.pid)
        if now is not None and now != self.born:
            return False
        try:
            os.killpg(self.pid, 0)
        except ProcessLookupError:
            return False
        return not _all_zombies(self.pid)


def start(name: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Member:
    """Start a program in a group of its own; what it says goes to ``log``."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as handle:
        child = subprocess.Popen(
            list(arguments),
            env=dict(environment),
            cwd=log.parent,
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Member(name, child.pid, born(child.pid) or "")


def end(members: Iterable[Member], seconds: float) -> int:
    """End the groups: politely, and after ``seconds`` for good. Gives how many still had something running."""
    alive = [member for member in members if member.has_group]
    for number in (signal.SIGTERM, signal.SIGKILL):
        for member in alive:
            if member.has_group:
                os.killpg(member.pid, number)
        limit = time.monotonic() + seconds
        while any(member.has_group for member in alive) and time.monotonic() < limit:
            time.sleep(_POLL_SECONDS)
    return len(alive)


def born(pid: int) -> str | None:
    """When the process started, in the system's own words; None when it does not run (or only waits to be buried)."""
    _bury(pid)
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] == "Z" else fields[19]
    told = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, moment = told.stdout.strip().partition(" ")
    return None if not moment or state.startswith("Z") else moment.strip()


def _all_zombies(group: int) -> bool:
    told = subprocess.run(["ps", "-o", "stat=", "-g", str(group)], capture_output=True, text=True, check=False)
    states = told.stdout.split()
    return bool(states) and all(state.startswith("Z") for state in states)


def _bury(pid: int) -> None:
    """A child of this very process that ended stays in the list until it is waited for."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except (ChildProcessError, OSError):
        return
