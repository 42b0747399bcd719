"""Faults of what promotions earn: offers below the floor of the margin, claims on suppliers that are not paid.

Belongs here: E43, E44b. Not here: evidence of funding (``inject_funding``), prices that are late or differ between
channels (``inject_prices``). What customers are charged stays as it was.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.catalogue import Catalogue, promo_name, supplier_name
from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import nullify, same
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.network import CHANNELS, MKT_B, TAX_BP
from signalbox.simulate.truth import INJECTED, NEAR_MISS, Truth
from signalbox.simulate.writer import Writer

STATED, APPROVED = 8 * DAY, 9 * DAY  # before the start: when a promotion is planned in detail, and approved as a whole
OLD = 9001  # number of the first promotion of before the first day
TERM, LIMIT = 30, 30  # days: from the end of a promotion until its claim is due, from then until it is too late


def margin_faults(
    world: World, plan: Plan, truth: Truth, writer: Writer, frames: dict[str, pl.DataFrame]
) -> dict[str, pl.DataFrame]:
    """E43: promotion_line, price_publication and approval_request with items that are offered below their cost.

    In turn an item is planned at too low a price, which is put right days later or never, or its channel shows too low
    a price, for hours or until the end. Near misses stay just above the floor, or merchandising had the discount
    approved.
    """
    if not plan.count.get("E43"):
        return frames
    cat = world.cat
    promo, channel, sku = np.nonzero(cat.promo_channels[:, :, None] & cat.promo_items[:, None, :])
    low, high = (_floor(cat, promo, channel, sku, end) for end in (0, 1))
    usual = cat.price[sku, channel]
    planned = frames["promotion_line"]["promotion_price_amount"].to_numpy() // 100
    fit = (channel != MKT_B) & (low > usual * 0.12) & (high * 1.02 < planned)
    hit = plan.pick("E43", 0, plan.days, np.flatnonzero(fit))
    rng = plan.stream("E43", 0, "size")
    wrong = (low[hit] * rng.uniform(0.5, 0.92, hit.size)).astype(np.int64)
    fit[hit] = False
    close = plan.pick("E43", 0, plan.days, np.flatnonzero(fit), near=True)
    allowed = ~np.isin(promo[close], promo[hit])
    near = np.where(allowed, low[close] * 0.8, np.ceil(high[close] * 1.01)).astype(np.int64)
    zero = np.zeros(promo.size, dtype=np.int64)
    begin, end = (world.clock.utc(day[promo], zero) for day in (cat.promo_start, cat.promo_end))
    shown = np.arange(hit.size) % 2 == 1
    mended = rng.random(hit.size) < 0.5
    late = np.where(shown, plan.minutes("E43", 0, hit.size, 90, 2400), rng.integers(2, 7, hit.size) * DAY)
    opened = np.where(shown, begin[hit] + 30 + 15 * channel[hit], begin[hit] - STATED)
    closed = np.where(mended, opened + late, end[hit])
    planned_at = np.flatnonzero(~shown)
    line = _planned(frames["promotion_line"], hit[planned_at], wrong[planned_at], usual, (opened + late)[planned_at],
                    mended[planned_at])  # fmt: skip
    line = _planned(line, close, near, usual, begin[close], np.zeros(close.size, dtype=bool))
    prices = frames["price_publication"]
    for i in np.flatnonzero(shown):
        prices = _shown(prices, cat.sku[sku[hit[i]]], int(channel[hit[i]]), int(promo[hit[i]]) + 2, int(wrong[i]),
                        int(closed[i]) if mended[i] else None)  # fmt: skip
    where = pl.Series(np.array(CHANNELS)[channel])
    key = pl.Series(promo_name(promo)) + "|" + pl.Series(cat.sku[sku]) + "|" + where + "|*"
    told = np.where(shown, writer.covering("price_publication", opened + 150),
                    writer.covering("promotion_line", opened))  # fmt: skip
    truth.add("E43", key.gather(hit), INJECTED, opened, closed, "offered below the cost", channel=where.gather(hit),
              known=told)  # fmt: skip
    truth.add("E43", key.gather(close), NEAR_MISS, begin[close] - STATED, begin[close] - STATED,
              "low margin that is allowed", channel=where.gather(close))  # fmt: skip
    asked = _approved(frames["approval_request"], np.unique(promo[close[allowed]]), begin, promo)
    return frames | {"promotion_line": line, "price_publication": prices, "approval_request": asked}


def _floor(cat: Catalogue, promo: np.ndarray, channel: np.ndarray, sku: np.ndarray, end: int) -> np.ndarray:
    """Price in cents, tax included, at which a unit earns nothing after funding: at least (0) or at most (1), by the
    country of the sale and the day."""
    tax = np.sort(TAX_BP[:4], axis=0)[-end][cat.tax[sku]] / 10_000
    landed = np.sort(cat.landed[sku], axis=1)[:, -end] / 100
    share = np.minimum(cat.promo_funding_bp[promo], 9_999) / 10_000
    return np.maximum(((1 + tax) * landed - share * cat.price[sku, channel]) / (1 - share), 0)


def _planned(
    line: pl.DataFrame, index: np.ndarray, cents: np.ndarray, usual: np.ndarray, ts: np.ndarray, mended: np.ndarray
) -> pl.DataFrame:
    """promotion_line with other prices at ``index``; where ``mended``, what stood there is stated again at ``ts``."""
    again = line[index[mended]].with_columns(updated_ts=pl.Series(ts[mended]))
    price, share = line["promotion_price_amount"].to_numpy().copy(), line["discount_share"].to_numpy().copy()
    price[index], share[index] = cents * 100, np.round(1 - cents / usual[index], 6)
    changed = line.with_columns(promotion_price_amount=pl.Series(price), discount_share=pl.Series(share))
    return pl.concat([changed, again])


def _shown(prices: pl.DataFrame, sku: str, channel: int, version: int, cents: int, mended: int | None) -> pl.DataFrame:
    """price_publication with another amount of one version; from ``mended`` on the right one again."""
    mine = (
        (pl.col("sku") == sku) & (pl.col("channel_id") == CHANNELS[channel]) & (pl.col("price_version") == version)
    )  # fmt: skip
    wrong = mine if mended is None else mine & pl.col("ended_ts").is_null()
    right = prices.filter(mine & pl.col("ended_ts").is_null()).with_columns(updated_ts=pl.lit(mended, dtype=pl.Int64))
    amount = pl.when(wrong).then(pl.lit(cents * 100, dtype=pl.Int64)).otherwise(pl.col("price_amount"))
    changed = prices.with_columns(price_amount=amount)
    return changed if mended is None else pl.concat([changed, right])


def _approved(
    requests: pl.DataFrame, allowed: np.ndarray, begin: np.ndarray, promo: np.ndarray
) -> pl.DataFrame:  # fmt: skip
    """approval_request with the discount of some promotions, asked for and decided before they were planned."""
    n = allowed.size
    if n == 0:
        return requests
    asked = begin[np.searchsorted(promo, allowed)] - APPROVED - 2 * DAY + 9 * HOUR
    kinds = {name: requests.schema[name] for name in ("approval_type", "decision_code", "approver_role")}
    row = requests[np.zeros(n, dtype=np.int64)].with_columns(
        request_id=pl.Series(900_000 + allowed), promotion_id=pl.Series(allowed), step_no=pl.lit(1, dtype=pl.Int64),
        object_id=pl.Series(promo_name(allowed)), approval_type=pl.lit("discount", dtype=kinds["approval_type"]),
        approver_role=pl.lit("merchandising", dtype=kinds["approver_role"]),
        decision_code=pl.lit("open", dtype=kinds["decision_code"]), submitted_ts=pl.Series(asked),
        decided_ts=pl.lit(None, dtype=pl.Int64), version_no=pl.lit(1, dtype=pl.Int64), updated_ts=pl.Series(asked),
    )  # fmt: skip
    done = row.with_columns(
        decided_ts=pl.Series(asked + HOUR), updated_ts=pl.Series(asked + HOUR), version_no=pl.lit(2, dtype=pl.Int64),
        decision_code=pl.lit("approved", dtype=kinds["decision_code"]),
    )  # fmt: skip
    return pl.concat([requests, row, done])


def claim_faults(world: World, plan: Plan, truth: Truth, writer: Writer) -> dict[str, pl.DataFrame]:
    """E44b: promotions of before the first day whose claim no supplier credits, not all of it, or weeks too late.

    Near misses are credited in full on the last day.
    """
    if not plan.count.get("E44b"):
        return {}
    clock, free = world.clock, np.arange(4, plan.days - 8)
    hit = plan.pick("E44b", 0, plan.days, free)
    close = plan.pick("E44b", 0, plan.days, np.setdiff1d(free, hit), near=True)
    day, is_hit = np.concatenate([hit, close]), np.arange(hit.size + close.size) < hit.size
    n, rng = day.size, plan.stream("E44b", 0, "size")
    deadline = clock.utc(day + 1, np.zeros(n, dtype=np.int64))
    amount, part = rng.integers(20_000, 400_000, n), rng.choice([0, 0, 60, 95], n)
    late = deadline + rng.integers(1, 20, n) * DAY + 15 * HOUR
    late = np.where((rng.random(n) < 0.5) & (late < clock.end_ts - 8 * DAY), late, NEVER)
    paid = np.where(is_hit, late, deadline - plan.minutes("E44b", 0, n, 30, 600, "near size"))
    ended = day - LIMIT - TERM
    zero = np.zeros(n, dtype=np.int64)
    start, end = clock.utc(ended - 10, zero), clock.utc(ended, zero)
    name = pl.Series([f"PR{OLD + i}" for i in range(n)], dtype=pl.String)
    supplier = pl.Series(supplier_name(rng.integers(0, world.cat.suppliers, n)))
    promotion = pl.DataFrame({
        "promotion_id": name, "promotion_name": "Earlier promotion " + pl.Series(np.arange(1, n + 1)).cast(pl.String),
        "promotion_type": same("percent_off", n), "starts_ts": start, "ends_ts": end, "status_code": same("ended", n),
        "approved_ts": start - APPROVED, "updated_ts": end + 600,
    })  # fmt: skip
    owed = pl.DataFrame({
        "agreement_id": name + "-" + supplier, "promotion_id": name, "supplier_id": supplier,
        "planned_amount": amount + 5_000, "accrued_amount": amount, "credited_amount": amount * part // 100,
        "currency_code": same("EUR", n), "evidence_ts": start - APPROVED,
        "claim_due_date": clock.epoch_day(ended + TERM), "updated_ts": end + 14 * DAY,
    })  # fmt: skip
    credited = owed.with_columns(credited_amount="accrued_amount", updated_ts=nullify(paid, paid >= NEVER))
    key = owed["agreement_id"]
    for some, kind, closed in ((is_hit, INJECTED, paid), (~is_hit, NEAR_MISS, deadline)):
        at = np.flatnonzero(some)
        truth.add("E44b", key.gather(at), kind, deadline[at], closed[at], "claim on a supplier not credited",
                  known=writer.covering("supplier_funding", deadline[at]))  # fmt: skip
    return {"promotion": promotion, "supplier_funding": pl.concat([owed, credited.filter(pl.Series(paid < NEVER))])}
