"""Faults of tax and of the general ledger: postings, balances, sign-offs, and the truth about them.

Belongs here: E57, E58, E59c, E60b, E60c. Not here: marketplace statements (``inject_money``), how the books
are kept.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.inject_money import business_deadline
from signalbox.simulate.network import LEGAL_ENTITIES, WEB
from signalbox.simulate.truth import INJECTED, NEAR_MISS, ORDINARY, Truth

SIGN_OFF_DAYS = 5
AGAIN = 500_000_000  # added to the number of a posting that was made from another one


def taxes(
    plan: Plan, o: Cols, lines: Cols, frame: pl.DataFrame, first: int, end: int
) -> tuple[pl.DataFrame, tuple[np.ndarray, np.ndarray]]:  # fmt: skip
    """E57: tax of web orders that is some cents or more off, or not told at all; near misses are off by a cent.

    tax_line as told, and the lines that were struck and nearly struck, as order number x 1,000 + line.
    """
    fit = (o.channel[lines.at] == WEB) & ~o.is_test[lines.at] & ~lines.cancelled_all & (lines.tax > 50)
    hit = plan.pick("E57", first, end, np.flatnonzero(fit))
    fit[hit] = False
    close = plan.pick("E57", first, end, np.flatnonzero(fit), near=True)
    rng = plan.stream("E57", first, "size")
    tax = frame["tax_amount"].to_numpy().copy()
    tax[hit] += rng.integers(3, 4 + tax[hit] // 4)
    tax[close] += rng.choice([-1, 1], close.size)
    silent = hit[rng.random(hit.size) < 0.4]
    told = np.ones(tax.size, dtype=bool)
    told[silent] = False
    number = o.no[lines.at] * 1000 + lines.line
    return frame.with_columns(tax_amount=pl.Series(tax)).filter(pl.Series(told)), (number[hit], number[close])


def tax_truth(truth: Truth, documents: pl.DataFrame, hit: np.ndarray, close: np.ndarray) -> None:
    """The first invoice or receipt of each struck line."""
    line = pl.col("order_id").cast(pl.Int64) * 1000 + pl.col("order_line_no")
    first = (
        documents.filter(pl.col("order_line_no").is_not_null())
        .select("order_id", "document_id", "issued_ts", line=line)
        .filter(pl.col("line").is_in(np.concatenate([hit, close]).tolist()))
        .sort("issued_ts", "document_id")
        .unique("line", keep="first", maintain_order=True)
        .with_columns(is_hit=pl.col("line").is_in(hit.tolist()))
        .sort("is_hit", descending=True, maintain_order=True)
        .unique(["order_id", "document_id"], keep="first", maintain_order=True)
    )
    key = first.select(
        pl.lit("O") + pl.col("order_id").cast(pl.String).str.zfill(9)
        + pl.lit("|D") + pl.col("document_id").cast(pl.String).str.zfill(9)
    ).to_series()  # fmt: skip
    struck, issued = first["is_hit"].to_numpy(), first["issued_ts"].to_numpy()
    kind = np.where(struck, INJECTED, NEAR_MISS)
    truth.add("E57", key, kind, issued, np.where(struck, NEVER, issued), "tax unlike its base and rate, or untold")


class BalanceFaults:
    """E58: days on which the ledger's gift-card liability is not what the cards make of it."""

    def __init__(self, world: World, plan: Plan, truth: Truth) -> None:
        self.world, self.plan, self.truth = world, plan, truth

    def gift_cards(self, closing: np.ndarray, main: int, broken: np.ndarray, first: int, end: int) -> None:
        """Change balances by (legal entity, day of the slice); ``broken`` are the ordinary breaks of ``main``."""
        if broken.size and first + int(broken[0]) > 0:
            self._tell(ORDINARY, main, first + int(broken[0]), first + int(broken[-1]) + 1)
        others = [entity for entity in range(len(LEGAL_ENTITIES)) if entity != main]
        free = np.arange(max(first, 1), end - 7)
        for near in (False, True):
            what = "near" if near else "breaks"
            days = self.plan.pick("E58", first, end, free, near)
            rng = self.plan.stream("E58", first, what)
            for day in days:
                entity, length = int(rng.choice(others)), int(rng.integers(1, 6))
                cents = int(rng.integers(20, 101)) if near else int(rng.integers(101, 9000))
                taken = closing[entity, day - first : day - first + length]
                taken -= cents * (1 if near or rng.random() < 0.7 else -1)
                free = free[(free < day - 15) | (free > day + 15)]
                self._tell(NEAR_MISS if near else INJECTED, entity, int(day), int(day) + length)

    def _tell(self, kind: int, entity: int, day: int, last: int) -> None:
        """From the close of ``day`` until that of ``last``, the first day that is right again."""
        clock = self.world.clock
        opened = np.array([clock.midnight(day + 1)])
        closed = opened if kind == NEAR_MISS else np.array([clock.midnight(last + 1)])
        key = pl.Series([LEGAL_ENTITIES[entity]])
        self.truth.add("E58", key, kind, opened, closed, "gift-card liability does not add up")


def sign_offs(world: World, plan: Plan, truth: Truth, frame: pl.DataFrame) -> pl.DataFrame:
    """E59c: streams that are signed off days late; near misses on the last day. The sign-offs of the whole run."""
    if frame.height == 0:
        return frame
    clock = world.clock
    version, signed = frame["version_no"].to_numpy(), frame["updated_ts"].to_numpy().copy()
    last = np.flatnonzero(version == 4)
    key = frame.select(pl.concat_str("stream_code", "legal_entity_id", "fiscal_period", separator="|")).to_series()
    ends = np.array([_period_end(world, text) for text in frame["fiscal_period"].gather(last)])
    due = business_deadline(clock, ends, SIGN_OFF_DAYS)
    fit = (signed[last] < due) & (due < clock.end_ts - DAY)
    hit = plan.pick("E59c", 0, clock.days, np.flatnonzero(fit))
    signed[last[hit]] = due[hit] + plan.minutes("E59c", 0, hit.size, 60, 12_000)
    fit[hit] = False
    close = plan.pick("E59c", 0, clock.days, np.flatnonzero(fit), near=True)
    signed[last[close]] = due[close] - plan.minutes("E59c", 0, close.size, 1, 90, "near size")
    for index in np.concatenate([hit, close]):  # what was cleared before the signature moves with it
        cleared = np.flatnonzero((key == key[int(last[index])]).to_numpy() & (version == 3))
        signed[cleared] = signed[last[index]] - 2 * HOUR
    real = np.flatnonzero(signed[last] > due)
    kind = np.where(np.isin(real, hit), INJECTED, ORDINARY)
    text = "stream not signed off in time"
    truth.add("E59c", key.gather(last[real]), kind, due[real], signed[last[real]], text)
    truth.add("E59c", key.gather(last[close]), NEAR_MISS, due[close], due[close], "signed off on the last day")
    moved = pl.Series(signed)
    return frame.with_columns(
        updated_ts=moved, signed_ts=pl.when(pl.col("signed_ts").is_not_null()).then(moved)
    )  # fmt: skip


def _period_end(world: World, period: str) -> int:
    """Index of the last day of a month."""
    year, month = (int(part) for part in period.split("-"))
    following = world.clock.first.replace(year=year + month // 12, month=month % 12 + 1, day=1)
    return (following - world.clock.first).days - 1


def postings(
    world: World, plan: Plan, truth: Truth, frame: pl.DataFrame, first: int, end: int
) -> pl.DataFrame:  # fmt: skip
    """gl_posting with daily totals that are posted twice (E60b) or into the month before (E60c).

    Near misses of E60b are totals that were posted in two unequal parts.
    """
    if frame.height == 0 or not plan.count:
        return frame
    own = (frame["account_code"].cast(pl.String) != "marketplace_fee").to_numpy()
    amount, ts = frame["amount"].to_numpy(), frame["posted_ts"].to_numpy()
    fit = own & (np.abs(amount) > 1000)
    twice = plan.pick("E60b", first, end, np.flatnonzero(fit))
    fit[twice] = False
    parts = plan.pick("E60b", first, end, np.flatnonzero(fit), near=True)
    fit[parts] = False
    wrong = plan.pick("E60c", first, end, np.flatnonzero(fit))
    again = frame[twice].with_columns(pl.col("posting_id") + AGAIN, pl.col("posted_ts", "_deliver") + 30)
    half = amount // 3
    part = frame[parts].with_columns(
        pl.col("posting_id") + AGAIN, pl.col("posted_ts", "_deliver") + 30, amount=pl.Series(half[parts])
    )
    rest = amount.copy()
    rest[parts] -= half[parts]
    periods = frame["fiscal_period"].to_list()
    for index in wrong:
        year, month = (int(text) for text in periods[index].split("-"))
        periods[index] = f"{year - (month == 1)}-{(month - 2) % 12 + 1:02d}"
    changed = frame.with_columns(amount=pl.Series(rest), fiscal_period=pl.Series(periods, dtype=pl.String))
    _tell_postings(truth, world, frame, twice, parts, wrong, ts)
    return pl.concat([changed, again, part])


def _tell_postings(
    truth: Truth, world: World, frame: pl.DataFrame, twice: np.ndarray, parts: np.ndarray, wrong: np.ndarray,
    ts: np.ndarray,
) -> None:  # fmt: skip
    day = pl.Series([world.clock.date(int(d)).isoformat() for d in world.clock.day(ts)], dtype=pl.String)
    size = (frame["amount"].abs() / 100).map_elements(lambda value: f"{value:.2f}", return_dtype=pl.String)
    key = frame.with_columns(day=day, size=size, kind=pl.lit("day")).select(
        pl.concat_str("legal_entity_id", "account_code", "kind", "channel_id", "day", "size", separator="|")
    ).to_series()  # fmt: skip
    truth.add("E60b", key.gather(twice), INJECTED, ts[twice] + 30, np.full(twice.size, NEVER), "total posted twice")
    truth.add("E60b", key.gather(parts), NEAR_MISS, ts[parts], ts[parts], "total posted in two parts")
    number = pl.select(
        pl.lit("GL") + pl.Series(frame["posting_id"]).cast(pl.String).str.zfill(9)
    ).to_series()  # fmt: skip
    truth.add(
        "E60c", number.gather(wrong), INJECTED, ts[wrong], np.full(wrong.size, NEVER), "posted into another month"
    )
