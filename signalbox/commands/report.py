"""Progress on the terminal: one line a step with its seconds, and a bar while it runs where somebody watches.

Belongs here: drawing. Not here: the steps. Everything goes to standard error, so that standard output stays for
results.
"""

from __future__ import annotations

import sys
from typing import Any

from signalbox.progress import Reporter


def reporter() -> Reporter:
    """A bar for a terminal, plain lines for everything else."""
    return Bars() if sys.stderr.isatty() else Lines()


class Lines:
    """One line when a step is over."""

    def begin(self, step: str) -> None:
        """Nothing yet: a step that is over says more than one that began."""

    def update(self, text: str, done: int, total: int) -> None:
        """A log needs no bar."""

    def end(self, step: str, seconds: float, summary: str) -> None:
        print(line(step, seconds, summary), file=sys.stderr, flush=True)


class Bars:
    """A spinner with what is being done, replaced by one line when the step is over."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True, highlight=False, markup=False)
        self._progress: Any = None
        self._task: Any = None

    def begin(self, step: str) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        shown = TextColumn("{task.fields[step]:<16} {task.description}", markup=False)
        columns = (SpinnerColumn(), TimeElapsedColumn(), shown, BarColumn(bar_width=24), MofNCompleteColumn())
        self._progress = Progress(*columns, console=self._console, transient=True)
        self._task = self._progress.add_task("", total=None, step=step)
        self._progress.start()

    def update(self, text: str, done: int, total: int) -> None:
        if self._progress is not None:
            self._progress.update(self._task, description=text, completed=done, total=total or None)

    def end(self, step: str, seconds: float, summary: str) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
        self._console.print(line(step, seconds, summary))


def line(step: str, seconds: float, summary: str) -> str:
    """``  12.3 s  models           231 models and seeds``"""
    return f"{seconds:6.1f} s  {step:<16} {summary}".rstrip()
