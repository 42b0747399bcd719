"""The data of the benchmarks: a simulated retailer, made once for each size and kept.

Belongs here: where it lies. Not here: measuring.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from signalbox.simulate import simulate


def extracts(folder: Path, orders: int, days: int) -> Path:
    """The extracts of a retailer with so many orders and days, under ``folder``; whole or not there at all."""
    made = folder / f"orders_{orders}_days_{days}"
    if not made.exists():
        fresh = made.with_name(f".{made.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        simulate(fresh, scale="large", orders=orders, days=days, faults="none")
        fresh.rename(made)
    return made / "extracts"
