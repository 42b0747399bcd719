"""Measure programs that do the same work: in turns, each in a process of its own.

Belongs here: wall time, processor time and peak memory of a process and all that it starts. Not here: what is run.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Run:
    """One run of a program: seconds of the clock, seconds of processors, peak resident bytes of its largest process."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int


@dataclass(frozen=True)
class Program:
    """What is measured. ``prepare`` runs before each turn and is not measured."""

    name: str
    command: Sequence[str]
    prepare: Callable[[], None] = lambda: None


def module(name: str, *arguments: object) -> list[str]:
    """The command that runs a module of this checkout with this Python."""
    return [sys.executable, "-m", name, *map(str, arguments)]


def measure(command: Sequence[str]) -> Run:
    """Run a command to its end. Raises RuntimeError with its last words when it fails."""
    started = time.monotonic()
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=os.environ
    ) as process:
        assert process.stderr is not None
        words = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit {process.returncode}: {words.strip()[-2000:]}")
    seconds = time.monotonic() - started
    return Run(round(seconds, 3), round(usage.ru_utime + usage.ru_stime, 3), usage.ru_maxrss * 1024)


def in_turns(programs: Sequence[Program], turns: int, tell: Callable[[str], None]) -> dict[str, list[Run]]:
    """Every program once a turn, in an order that changes, so that what the machine does meanwhile falls on all."""
    found: dict[str, list[Run]] = {program.name: [] for program in programs}
    for turn in range(turns):
        for program in programs if turn % 2 == 0 else list(reversed(programs)):
            program.prepare()
            run = measure(program.command)
            tell(f"{program.name}, turn {turn + 1} of {turns}: {run.seconds:.1f} s")
            found[program.name].append(run)
    return found


def median(runs: Sequence[Run]) -> Run:
    """The median of each figure by itself; of the peak memory the greatest."""
    return Run(
        statistics.median(run.seconds for run in runs),
        statistics.median(run.cpu_seconds for run in runs),
        max(run.peak_bytes for run in runs),
    )
