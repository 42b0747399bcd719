"""Faults of what suppliers answer, announce, send and invoice, and the truth about them.

Belongs here: E61c, E62a, E62b, E62c, E62d, E64a, E64b. Not here: late purchase orders (``inject_supply``).
The truth is read from the finished purchase orders, so that a fault's consequences (an invoice for units that did not
come) are told, too, and so are the short and rejected deliveries of an ordinary week.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import DAY, HOUR, Clock
from signalbox.simulate.cols import Cols
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.inject_money import free_days
from signalbox.simulate.truth import INJECTED, NEAR_MISS, ORDINARY, Truth

ANSWER = 24 * HOUR  # business time for an acknowledgement
CLAIM = 30 * DAY
OPENS, CLOSES = 8 * HOUR, 17 * HOUR
Struck = dict[str, tuple[np.ndarray, np.ndarray]]


def business_time(clock: Clock, ts: np.ndarray, seconds: int) -> np.ndarray:
    """When ``seconds`` of office hours have passed since ``ts``: Monday to Friday, public holidays out."""
    span = np.arange(-clock.BEFORE // 2, clock.days + 200)
    free = list(free_days(clock))
    works = (clock.weekday(span) < 6) & ~np.isin(span, free)
    upto = np.cumsum(works) * (CLOSES - OPENS)
    before = upto - works * (CLOSES - OPENS)
    day, tod = clock.local(ts)
    at = day - span[0]
    target = before[at] + np.where(works[at], np.clip(tod, OPENS, CLOSES) - OPENS, 0) + seconds
    last = np.searchsorted(upto, target)
    return clock.utc(span[last], OPENS + target - before[last])


def strike(world: World, plan: Plan, x: Cols, first: int, end: int) -> Struck:
    """Change purchase orders; who was struck by code, and the near misses."""
    clock = world.clock
    soon = (x.rejected == 0) & (x.receipt < clock.end_ts - 6 * DAY)
    plain, in_parts = soon & (x.rest >= NEVER) & (x.qty >= 4), soon & (x.rest < NEVER)
    struck: Struck = {}
    for code, change in (("E62a", _short), ("E62b", _announced), ("E64a", _dearer)):
        hit = plan.pick(code, first, end, np.flatnonzero(plain))
        plain[hit] = False
        close = plan.pick(code, first, end, np.flatnonzero(in_parts if code == "E62a" else plain), near=True)
        plain[close] = False
        change(plan.stream(code, first, "size"), x, hit, close)
        struck[code] = (hit, close)
    struck["E61c"] = _unanswered(world, plan, x, first, end)
    return struck


def _short(rng: np.random.Generator, x: Cols, hit: np.ndarray, close: np.ndarray) -> None:
    """E62a: less comes and nothing follows, half of it unannounced; near misses come in two announced parts."""
    x.got, x.noticed = x.got.copy(), x.noticed.copy()
    x.got[hit] = x.qty[hit] - np.maximum(x.qty[hit] * rng.integers(10, 41, hit.size) // 100, 1)
    x.noticed[hit] = np.where(rng.random(hit.size) < 0.5, x.qty[hit], x.got[hit])
    x.noticed[close] = x.qty[close]


def _announced(rng: np.random.Generator, x: Cols, hit: np.ndarray, close: np.ndarray) -> None:
    """E62b: the notice names more than was ordered and came; near misses are announced minutes before the receipt."""
    x.noticed = x.noticed.copy()
    x.noticed[hit] += rng.integers(1, 1 + np.maximum(x.qty[hit] // 3, 1))
    x.asn[close] = x.receipt[close] - rng.integers(30, 600, close.size)


def _dearer(rng: np.random.Generator, x: Cols, hit: np.ndarray, close: np.ndarray) -> None:
    """E64a: the price invoiced is beyond the tolerance; near misses are within it."""
    x.price = x.price.copy()
    x.price[hit] = x.price[hit] * rng.integers(1030, 1150, hit.size) // 1000
    x.price[close] = x.price[close] * rng.integers(1005, 1019, close.size) // 1000


def _unanswered(world: World, plan: Plan, x: Cols, first: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    """E61c: acknowledged hours or days late; near misses in the last hour. Indexes of the orders' first lines."""
    if x.size == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    clock, heads = world.clock, np.flatnonzero(x.is_head)
    due, came = business_time(clock, x.sent[heads], ANSWER), _first_receipt(x)
    fit = (due > clock.start_ts) & (due < clock.end_ts - DAY) & (came > due + DAY) & (x.ack[heads] <= due)
    hit = plan.pick("E61c", first, end, heads[fit])
    fit &= ~np.isin(heads, hit)
    close = plan.pick("E61c", first, end, heads[fit], near=True)
    moved = due.copy()
    moved[x.group[hit]] += plan.minutes("E61c", first, hit.size, 90, 6000)
    moved[x.group[close]] -= plan.minutes("E61c", first, close.size, 1, 50, "near size")
    some = np.isin(x.group, x.group[np.concatenate([hit, close])])
    x.ack[some] = moved[x.group[some]]
    return hit, close


def _first_receipt(x: Cols) -> np.ndarray:
    """By order: when its first goods were received."""
    came = np.full(int(x.is_head.sum()), NEVER)
    np.minimum.at(came, x.group, x.receipt)
    return came


def truths(world: World, truth: Truth, x: Cols, struck: Struck) -> None:
    """What is true of the finished orders."""
    if x.size == 0:
        return
    bar, number = pl.Series(["|"]), pl.Series(x.line).cast(pl.String)
    place = pl.Series(world.net.ids).gather(x.loc.astype(np.uint32))
    line = _numbers("PO", x.no) + bar + number
    good = x.got - x.rejected
    never, split = np.full(x.size, NEVER), x.rest < NEVER

    announced_short = x.noticed < x.qty
    whole = np.where(split, x.qty, x.got) - x.rejected >= x.qty
    opened = np.where(announced_short, x.asn, np.where(whole, NEVER, x.done))
    closed = np.where(whole, x.done, NEVER)
    _tell(truth, "E62a", line, place, struck, opened, closed, "less good units than ordered", asked=x.receipt)

    first_key = _numbers("GR", x.no * 10 + 1) + bar + number
    opened = np.where(x.got != x.noticed, x.receipt, NEVER)
    _tell(truth, "E62b", first_key, place, struck, opened, never, "receipt unlike its notice", asked=x.receipt)
    late = np.flatnonzero(split & (x.qty - x.got != x.noticed))
    rest_key = (_numbers("GR", x.no * 10 + 2) + bar + number).gather(late)
    truth.add(
        "E62b", rest_key, ORDINARY, x.rest[late], never[late], "rest without a notice", location=place.gather(late)
    )

    invoice = _numbers("SI", x.no) + bar + number
    dear = np.abs(x.price - x.cost) * 50 > x.cost
    opened = np.where(dear | (np.where(split, x.qty - x.rejected, good) < x.qty), x.invoiced, NEVER)
    _tell(truth, "E64a", invoice, place, struck, opened, never, "invoice unlike order or receipt", asked=x.invoiced)

    heads = np.flatnonzero(x.is_head)
    due = np.full(x.size, NEVER)
    due[heads] = business_time(world.clock, x.sent[heads], ANSWER)
    answered = np.minimum(x.ack, _first_receipt(x)[x.group])
    _tell(
        truth, "E61c", _numbers("PO", x.no), place, struck, np.where(answered > due, due, NEVER), answered,
        "not acknowledged in time", asked=due,
    )  # fmt: skip


def _tell(
    truth: Truth, code: str, key: pl.Series, place: pl.Series, struck: Struck, opened: np.ndarray, closed: np.ndarray,
    text: str, asked: np.ndarray,
) -> None:  # fmt: skip
    hit, close = struck[code]
    real = np.flatnonzero(opened < NEVER)
    kind = np.where(np.isin(real, hit), INJECTED, ORDINARY)
    truth.add(code, key.gather(real), kind, opened[real], closed[real], text, location=place.gather(real))
    near = np.setdiff1d(close, real)
    truth.add(code, key.gather(near), NEAR_MISS, asked[near], asked[near], f"just not: {text}")


def checks(plan: Plan, truth: Truth, frame: pl.DataFrame, first: int, end: int) -> pl.DataFrame:
    """E62c: deliveries that broke a rule of the vendor manual. vendor_compliance_event with some more failed checks."""
    if frame.height == 0:
        return frame
    passed = frame["is_passed"].to_numpy().copy()
    hit = plan.pick("E62c", first, end, np.flatnonzero(passed))
    passed[hit] = False
    failed = np.flatnonzero(~passed)
    key = _numbers("VC", frame["check_id"].to_numpy()[failed])
    kind = np.where(np.isin(failed, hit), INJECTED, ORDINARY)
    when = frame["checked_ts"].to_numpy()[failed]
    truth.add("E62c", key, kind, when, np.full(failed.size, NEVER), "a vendor rule was broken")
    return frame.with_columns(is_passed=pl.Series(passed))


def claims(
    world: World, plan: Plan, truth: Truth, frame: pl.DataFrame, first: int, end: int
) -> pl.DataFrame:  # fmt: skip
    """E62d: claims that are credited or refused after weeks; near misses in the last hour. supplier_claim."""
    n = frame.height // 2  # each claim as it was made, then as it ended
    if n == 0:
        return frame
    due = frame["claimed_ts"].to_numpy()[:n] + CLAIM
    ended = frame["updated_ts"].to_numpy()[n:].copy()
    fit = (due < world.clock.end_ts - DAY) & (ended <= due)
    hit = plan.pick("E62d", first, end, np.flatnonzero(fit))
    ended[hit] = due[hit] + plan.minutes("E62d", first, hit.size, 120, 20_000)
    fit[hit] = False
    close = plan.pick("E62d", first, end, np.flatnonzero(fit), near=True)
    ended[close] = due[close] - plan.minutes("E62d", first, close.size, 1, 50, "near size")
    real = np.flatnonzero(ended > due)
    key = _numbers("CL", frame["claim_id"].to_numpy()[:n])
    kind = np.where(np.isin(real, hit), INJECTED, ORDINARY)
    truth.add("E62d", key.gather(real), kind, due[real], ended[real], "claim neither credited nor settled")
    truth.add("E62d", key.gather(close), NEAR_MISS, due[close], due[close], "claim settled on its last day")
    moved = pl.Series(np.concatenate([frame["updated_ts"].to_numpy()[:n], ended]))
    credited = pl.when(pl.col("credited_ts").is_not_null()).then(moved)
    return frame.with_columns(updated_ts=moved, credited_ts=credited)


def landed(
    world: World, plan: Plan, truth: Truth, frame: pl.DataFrame, first: int, end: int
) -> pl.DataFrame:  # fmt: skip
    """E64b: receipts that cost a tenth more than the standard; near misses a twenty-fifth. landed_cost."""
    if frame.height == 0:
        return frame
    cost = frame.with_row_index("row").filter(
        (pl.col("component_code").cast(pl.String) == "price")
        & (pl.col("standard_amount") >= 70_000)
        & (pl.col("posted_ts") < world.clock.end_ts - 2 * DAY)
    )["row"].to_numpy()  # fmt: skip
    standard, actual = frame["standard_amount"].to_numpy(), frame["actual_amount"].to_numpy().copy()
    hit = plan.pick("E64b", first, end, cost)
    actual[hit] = standard[hit] * plan.stream("E64b", first, "size").integers(110, 125, hit.size) // 100
    close = plan.pick("E64b", first, end, np.setdiff1d(cost, hit), near=True)
    actual[close] = standard[close] * 104 // 100
    changed = frame.with_columns(actual_amount=pl.Series(actual))
    _cost_truth(world, truth, changed, *(_lines(changed[index]) for index in (hit, close)))
    return changed


def _lines(frame: pl.DataFrame) -> pl.Series:
    """Keys of the purchase-order lines behind landed cost."""
    return _numbers("PO", frame["receipt_id"].to_numpy() // 10) + pl.Series(["|"]) + frame["line_no"].cast(pl.String)


def _cost_truth(world: World, truth: Truth, frame: pl.DataFrame, hit: pl.Series, close: pl.Series) -> None:
    """Lines whose cost so far is off the standard by more than 50.00 and 5 per cent, until a newer standard."""
    clock, day = world.clock, world.cat.cost_change_day
    posted = (
        frame.with_columns(key=_lines(frame))
        .group_by("key", "posted_ts", maintain_order=True)
        .agg(pl.col("actual_amount", "standard_amount").sum())
        .sort("key", "posted_ts")
        .with_columns(pl.col("actual_amount", "standard_amount").cum_sum().over("key"))
        .with_columns(off=(pl.col("actual_amount") - pl.col("standard_amount")).abs())
        .with_columns(over=(pl.col("off") > 5000) & (pl.col("off") * 20 > pl.col("standard_amount")))
    )
    spans = posted.group_by("key", maintain_order=True).agg(
        opened=pl.col("posted_ts").filter("over").min(), is_over=pl.col("over").last(), last=pl.col("posted_ts").last()
    )
    real = spans.filter(pl.col("opened").is_not_null())
    opened = real["opened"].to_numpy()
    closed = np.where(real["is_over"].to_numpy(), NEVER, real["last"].to_numpy())
    closed = np.where(clock.day(opened) < day, np.minimum(closed, clock.midnight(day)), closed)
    kind = np.where(real["key"].is_in(hit.to_list()).to_numpy(), INJECTED, ORDINARY)
    truth.add("E64b", real["key"], kind, opened, closed, "landed cost off the standard")
    near = spans.filter(pl.col("opened").is_null() & pl.col("key").is_in(close.to_list()))
    when = near["last"].to_numpy()
    truth.add("E64b", near["key"], NEAR_MISS, when, when, "landed cost a little off the standard")


def _numbers(prefix: str, number: np.ndarray) -> pl.Series:
    return pl.select(pl.lit(prefix) + pl.Series(number).cast(pl.String).str.zfill(9)).to_series()
