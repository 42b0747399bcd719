"""Faults of the price list, and the truth about them.

Belongs here: E47c. Not here: what the channels show (``inject_prices``).
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from signalbox.simulate.clock import DAY
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.network import CHANNELS, CURRENCIES

if TYPE_CHECKING:
    from signalbox.simulate.inject_prices import Interval, Shown

_NUMBER = {name: number for number, name in enumerate(CHANNELS)}
# priority, begin, number, amount, end
Price = tuple[int, int, int, int, int]


def channel_code(index: np.ndarray) -> pl.Series:
    return pl.Series(np.array(CHANNELS)[index], dtype=pl.String)


def list_faults(shown: Shown, free: np.ndarray, listed: pl.DataFrame, policy: pl.DataFrame) -> pl.DataFrame:
    """price_list with its faults."""
    more, hit = _conflicts(shown, free)
    listed = pl.concat([listed, more], how="diagonal_relaxed")
    _truth(shown, listed, policy, hit)
    return listed


def _conflicts(shown: Shown, free: np.ndarray) -> tuple[pl.DataFrame, set[int]]:
    """A second regular price of the same priority, or a markdown below the floor; near misses stand on it."""
    parts, hit = [], set[int]()
    for near in (False, True):
        channel, sku, begin = shown.units("E47c", free, near)
        price = shown.world.cat.price[sku, channel]
        floor = price * np.where(sku % 50 == 7, 85, 45)
        twice = (np.arange(sku.size) % 2 == 0) & (not near)
        days = shown.plan.stream("E47c", 0, f"days {near}").integers(1, 6, sku.size)
        n = sku.size
        parts.append(pl.DataFrame({
            "price_id": 900_000_000 + 1000 * near + np.arange(n), "sku": sku,
            "channel_id": np.array(CHANNELS)[channel], "price_type": np.where(twice, "regular", "markdown"),
            "promotion_id": pl.Series([None] * n, dtype=pl.Int64),
            "price_amount": np.where(twice, price * 97, floor if near else floor * 95 // 100),
            "currency_code": np.array(CURRENCIES)[channel], "priority_no": np.where(twice, 1, 3),
            "approved_ts": begin - DAY, "valid_from_ts": begin, "valid_to_ts": begin + days * DAY,
            "updated_ts": begin - DAY,
        }))  # fmt: skip
        if near:
            shown.unit_truth("E47c", channel, sku, begin, begin, near)
        else:
            hit = set((channel * shown.world.cat.sku.size + sku).tolist())
    return pl.concat(parts), hit


def _truth(shown: Shown, listed: pl.DataFrame, policy: pl.DataFrame, hit: set[int]) -> None:
    """Stretches of an item in a channel with two prices of one priority, or with a price below the floor that holds."""
    width = shown.world.cat.sku.size
    unit = pl.col("channel_id").cast(pl.String).replace_strict(_NUMBER, return_dtype=pl.Int64) * width + pl.col("sku")
    prices: dict[int, list[Price]] = defaultdict(list)
    columns = ("priority_no", "valid_from_ts", "price_id", "price_amount", "valid_to_ts")
    for number, priority, begin, price, amount, end in listed.select(unit.alias("unit"), *columns).iter_rows():
        prices[number].append((priority, begin, price, amount, end or NEVER))
    floors = dict(policy.select(unit.alias("unit"), "floor_amount").iter_rows())
    for number, rows in prices.items():
        spans = _wrong(rows, floors[number], number in hit)
        if spans:
            channel, sku = divmod(number, width)
            key = pl.Series([f"{shown.world.cat.sku[sku]}|{CHANNELS[channel]}|*"])
            shown.add("E47c", key, spans, np.array([channel]))


def _wrong(rows: list[Price], floor: int, hit: bool) -> list[Interval]:
    """Stretches between the moments at which a price begins or ends that are in conflict or below the floor."""
    if len(rows) < 2 and rows[0][3] >= floor:
        return []
    moments = sorted({row[1] for row in rows} | {row[4] for row in rows})
    found = []
    for begin, end in itertools.pairwise(moments):
        active = [row for row in rows if row[1] <= begin < row[4]]
        priorities = [row[0] for row in active]
        if len(set(priorities)) < len(priorities) or (active and max(active)[3] < floor):
            found.append((begin, end, hit))
    return found
