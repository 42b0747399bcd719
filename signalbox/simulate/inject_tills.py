"""Faults of till sales, and the truth about them.

Belongs here: E48. Not here: who gave a discount, which no feed tells.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.cols import Cols
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.money import ex_tax
from signalbox.simulate.tills import SALE
from signalbox.simulate.truth import INJECTED, NEAR_MISS, Truth


def discount_faults(world: World, plan: Plan, truth: Truth, t: Cols, sold: Cols, first: int, end: int) -> None:
    """E48: discounts by hand beyond a tenth of the price; near misses stay below it."""
    fit = (sold.promo < 0) & (t.kind[sold.at] == SALE) & (sold.gross >= 2000)
    for near in (False, True):
        hit = plan.pick("E48", first, end, np.flatnonzero(fit), near)
        low, high = (4, 10) if near else (12, 45)
        percent = plan.stream("E48", first, f"percent {near}").integers(low, high, hit.size)
        fit[hit] = False
        _give(t, sold, hit, sold.gross[hit] * percent // 100)
        opened = t.ts[sold.at[hit]]
        truth.add(
            "E48", _key(t.no[sold.at[hit]], sold.line[hit]), NEAR_MISS if near else INJECTED, opened,
            opened if near else np.full(hit.size, NEVER), "discount by hand",
            location=pl.Series(world.net.ids).gather(t.store[sold.at[hit]].astype(np.uint32)),
        )  # fmt: skip


def _give(t: Cols, sold: Cols, index: np.ndarray, discount: np.ndarray) -> None:
    """Take a discount off lines, and what follows from it."""
    if index.size == 0:
        return
    for name in ("discount", "paid_ex", "discount_ex", "tax"):
        setattr(sold, name, getattr(sold, name).copy())
    gross, bp = sold.gross[index], sold.bp[index]
    sold.discount[index] = discount
    sold.paid_ex[index] = ex_tax(gross - discount, bp)
    sold.discount_ex[index] = ex_tax(gross, bp) - sold.paid_ex[index]
    sold.tax[index] = gross - discount - sold.paid_ex[index]
    t.total = np.bincount(sold.at, weights=sold.gross - sold.discount, minlength=t.size).astype(np.int64)


def _key(number: np.ndarray, line: np.ndarray) -> pl.Series:
    name = pl.select(pl.lit("T") + pl.Series(number).cast(pl.String).str.zfill(9)).to_series()
    return pl.Series(["till|"]) + name + pl.Series(["|"]) + pl.Series(line).cast(pl.String)
