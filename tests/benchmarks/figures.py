"""A figure beside its target, and the table of all of them.

Not here: how a figure comes about.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """``value`` in ``unit``; met when it is at most ``target``. Without a target it is told only."""

    name: str
    value: float
    unit: str
    target: float | None = None

    @property
    def is_met(self) -> bool | None:
        return None if self.target is None else self.value <= self.target

    @property
    def verdict(self) -> str:
        return {None: "", True: "met", False: "NOT MET"}[self.is_met]


def table(figures: Iterable[Figure]) -> str:
    """The figures as lines of text."""
    lines = ["", f"{'figure':<52}{'value':>10}{'at most':>10}  {'unit':<8}"]
    for figure in figures:
        target = "" if figure.target is None else f"{figure.target:.2f}"
        lines.append(f"{figure.name:<52}{figure.value:>10.2f}{target:>10}  {figure.unit:<8}{figure.verdict}")
    return "\n".join(lines)
