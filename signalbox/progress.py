"""How long work tells what it is doing.

Belongs here: the interface and the silent one. Not here: drawing it; the command does that
(``signalbox.commands.report``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

# What is being done, how much of it is done, how much there is (0: not known).
Update = Callable[[str, int, int], None]


class Reporter(Protocol):
    """Told of each step of a piece of work."""

    def begin(self, step: str) -> None:
        """A step starts."""

    def update(self, text: str, done: int, total: int) -> None:
        """Within the step: ``done`` of ``total`` (0: not known)."""

    def end(self, step: str, seconds: float, summary: str) -> None:
        """The step is over and what it gave."""


class Silent:
    """Tells nobody."""

    def begin(self, step: str) -> None: ...

    def update(self, text: str, done: int, total: int) -> None: ...

    def end(self, step: str, seconds: float, summary: str) -> None: ...
