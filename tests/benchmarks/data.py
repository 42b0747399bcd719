"""The data of the benchmarks: simulated retailers and homes, made once for each size and kept.

Belongs here: extracts, their split into history and days that come later, homes in which they are landed or built. All
is made by the ``signalbox`` command in processes of its own, so that the measuring process stays small. Not here:
measuring.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from tests.benchmarks.measure import Run, measure, module

_BUSINESS_DATE = re.compile(r"_(\d{4}-\d{2}-\d{2})_")


@dataclass(frozen=True)
class Size:
    """A retailer of so many orders over so many days; an order has 1.9 lines."""

    orders: int
    days: int

    def __str__(self) -> str:
        return f"{self.orders:,} orders over {self.days} days"


class Data:
    """Everything below ``folder`` for one size."""

    def __init__(self, folder: Path, size: Size) -> None:
        self.size = size
        self.folder = folder / f"orders_{size.orders}_days_{size.days}"

    @cached_property
    def extracts(self) -> Path:
        """The extracts of all days; whole or not there at all."""
        made = self.folder / "simulated"
        if not made.exists():
            fresh = _emptied(made.with_name("simulated.new"))
            size = ["--orders", self.size.orders, "--days", self.size.days, "--faults", "none"]
            measure(module("signalbox.cli", "simulate", "--out", fresh, "--scale", "large", *size))
            fresh.rename(made)
        return made / "extracts"

    @cached_property
    def landed(self) -> Path:
        """A home in which all extracts are landed."""
        return self.home("landed", self.extracts)

    def home(self, name: str, extracts: Path) -> Path:
        """A home in which ``extracts`` are landed."""
        made = self.folder / f"home_{name}"
        if not made.exists():
            fresh = _emptied(made.with_name(f"{made.name}.new"))
            measure(module("signalbox.cli", "--home", fresh, "land", extracts))
            fresh.rename(made)
        return made

    @cached_property
    def built(self) -> tuple[Path, Run]:
        """The home ``landed`` after a full build, and what that took."""
        run = measure(module("signalbox.cli", "--home", self.landed, "build", "--full-refresh"))
        return self.landed, run

    def split(self, name: str, days: int, entity: str | None = None) -> tuple[Path, list[Path]]:
        """History and the last ``days`` deliveries, each a folder of links; of ``entity`` only, if it is named."""
        made = self.folder / f"split_{name}"
        last = sorted({_date_of(path) for path in self.extracts.rglob("*.*")})[-days:]
        if not made.exists():
            fresh = _emptied(made.with_name(f"{made.name}.new"))
            for path in sorted(self.extracts.rglob("*.*")):
                day = _date_of(path)
                held = day in last and entity in (None, path.parent.name)
                target = fresh / (str(day) if held else "history") / path.relative_to(self.extracts)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.hardlink_to(path)
            fresh.rename(made)
        return made / "history", [made / str(day) for day in last]


@cache
def data_of(folder: Path, size: Size) -> Data:
    """The data of a size, the same for every comparison of a run: what one has built, the next need not build again."""
    return Data(folder, size)


def _date_of(path: Path) -> date:
    found = _BUSINESS_DATE.search(path.name)
    if found is None:
        raise ValueError(f"{path}: its name has no business date")
    return date.fromisoformat(found[1])


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
