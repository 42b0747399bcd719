"""Faults of payments: captures that come late and tenders that do not make up the total; and the truth about them.

Belongs here: E01, E13. Not here: statements and deposits (``inject_money``).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import DAY
from signalbox.simulate.cols import Cols
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import HOLD, NEVER, UNPAID
from signalbox.simulate.inject_holds import PAYMENT
from signalbox.simulate.inject_returns import judge
from signalbox.simulate.network import MKT_A, MKT_B
from signalbox.simulate.truth import Truth

LIMIT = 1800  # seconds until an order is authorised, and its tenders are together
_MARK = {c: i + 1 for i, c in enumerate(("E01", "E13"))}


def payment_faults(plan: Plan, o: Cols, lines: Cols, d: Cols, first: int, end: int) -> None:
    """E01 on the invoices ``d``: captures a day late and more. E13: a part of the total that another tender brings."""
    o.pay_mark, o.pay_near = np.zeros(o.size, dtype=np.int64), np.zeros(o.size, dtype=np.int64)
    o.rest, o.rest_ts = np.zeros(o.size, dtype=np.int64), np.full(o.size, NEVER)
    d.lag = np.zeros(d.no.size, dtype=np.int64)
    plain = (o.fate < HOLD) & (o.meta_ts >= NEVER) & (o.total > 2000) & (_gone(o, lines) >= NEVER)
    market = np.isin(o.channel, (MKT_A, MKT_B))
    single = np.bincount(d.at, minlength=o.size) == 1
    fit = np.flatnonzero(single[d.at] & plain[d.at] & ~market[d.at] & (d.amount > 3000))
    hit = plan.pick("E01", first, end, fit)
    d.lag[hit] = plan.minutes("E01", first, hit.size, 24 * 60 + 5, 96 * 60)
    close = plan.pick("E01", first, end, np.setdiff1d(fit, hit), near=True)
    d.lag[close] = plan.minutes("E01", first, close.size, 20 * 60, 24 * 60 - 5, "near size")
    o.pay_mark[d.at[hit]], o.pay_near[d.at[close]] = _MARK["E01"], _MARK["E01"]
    plain[d.at[np.concatenate([hit, close])]] = False
    for near, low, high in ((False, 31, 3000), (True, 5, 29.5)):
        some = plan.pick("E13", first, end, np.flatnonzero(plain), near)
        rng = plan.stream("E13", first, "near share" if near else "share")
        o.rest[some] = o.total[some] * rng.integers(5, 60, some.size) // 100
        wait = plan.minutes("E13", first, some.size, low, high, "near size" if near else "size")
        never = (rng.random(some.size) < 0.4) & (not near)
        o.rest_ts[some] = np.where(never, NEVER, o.auth[some] + wait)
        (o.pay_near if near else o.pay_mark)[some] = _MARK["E13"]
        plain[some] = False


def _gone(o: Cols, lines: Cols) -> np.ndarray:
    """When every line of an order was cancelled."""
    gone = np.zeros(o.size, dtype=np.int64)
    np.maximum.at(gone, lines.at, np.where(lines.cancelled_all, lines.cancel_ts, NEVER))
    return gone


def _keys(number: np.ndarray) -> pl.Series:
    return pl.select(pl.lit("O") + pl.Series(number).cast(pl.String).str.zfill(9)).to_series()


def payment_truth(truth: Truth, o: Cols, lines: Cols, d: Cols) -> None:
    """E01 and E13 of a slice."""
    gone, none = _gone(o, lines), np.zeros(o.size, dtype=bool)
    unpaid = np.flatnonzero(o.fate == UNPAID)
    judge(truth, "E01", _keys(o.no[unpaid]), o.ts[unpaid] + LIMIT, o.dead_ts[unpaid], none[unpaid], none[unpaid],
          "not authorised")  # fmt: skip
    held = np.flatnonzero((o.fate == HOLD) & (o.hold_kind == PAYMENT))
    opened = np.maximum(o.hold, o.ts + LIMIT)[held]
    judge(truth, "E01", _keys(o.no[held]), opened, np.minimum(o.unhold, gone)[held], none[held], none[held],
          "on payment hold")  # fmt: skip
    late = np.flatnonzero(d.lag > 0)
    at = d.at[late]
    judge(truth, "E01", _keys(o.no[at]), d.ts[late] + DAY, d.ts[late] + 30 + d.lag[late],
          o.pay_mark[at] == _MARK["E01"], o.pay_near[at] == _MARK["E01"], "captured late")  # fmt: skip
    some = np.flatnonzero(o.rest > 0)
    judge(truth, "E13", _keys(o.no[some]), o.auth[some] + LIMIT, o.rest_ts[some], o.pay_mark[some] == _MARK["E13"],
          o.pay_near[some] == _MARK["E13"], "tenders do not make up the total")  # fmt: skip


def unpaid_truth(truth: Truth, number: np.ndarray, ts: np.ndarray, stopped: np.ndarray) -> None:
    """E01 of orders that nobody ever authorised, until they were cancelled."""
    none = np.zeros(number.size, dtype=bool)
    judge(truth, "E01", _keys(number), ts + LIMIT, stopped, none, none, "taken in twice and never authorised")


__all__ = ["payment_faults", "payment_truth", "unpaid_truth"]
