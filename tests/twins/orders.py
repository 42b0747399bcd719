"""Twins of section A: K02, K05, K07, K08, K13, K14.

Formulas: catalogue K02, K05, K07, K08, K13, K14 and conventions 4, 5, 6 and 12. Every function gives one row a
measure, period day and channel: ``kpi_id, period_date, channel, numerator, denominator``.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import polars as pl

from tests.twins.extracts import Extracts, day, seconds
from tests.twins.lines import cancellations, goods_lines, line_outcomes, summed

_KEY = ["order_id", "line_no"]


def k02(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K02 = lines with earliest <= actual <= latest (first promise) / lines due; the further measures beside it."""
    lines = line_outcomes(x).filter(pl.col("obliged") > 0)
    due = lines.join(_current_promise(x, lines), on=_KEY).filter(pl.col("promise_latest_ts") <= as_of)
    actual = pl.col("actual_ts")
    early = (actual < pl.col("promise_earliest_ts")).fill_null(False) & ~pl.col("is_pickup")
    late = (actual > pl.col("promise_latest_ts")).fill_null(True)
    period = day("promise_latest_ts")
    one = pl.lit(1)
    missed = due.filter(late, actual.is_not_null())
    return pl.concat(
        [
            summed(due, "K02", period, ~early & ~late, one),
            summed(due, "K02.early", period, early, one),
            summed(due, "K02.late", period, late, one),
            summed(due, "K02.slip", period, seconds("current_latest_ts", "promise_latest_ts"), one),
            summed(missed, "K02.lateness", period, seconds("actual_ts", "promise_latest_ts"), one),
            _k02_current(x, lines, as_of),
        ]
    )


def _current_promise(x: Extracts, lines: pl.DataFrame) -> pl.DataFrame:
    """The last promise issued before the line was complete; of an incomplete line the last one."""
    issued = x["promise"].join(lines.select(*_KEY, "actual_ts"), on=_KEY)
    before = issued.filter((pl.col("issued_ts") <= pl.col("actual_ts")).fill_null(True))
    last = before.sort("issued_ts", "promise_version").unique(subset=_KEY, keep="last")
    return last.select(
        *_KEY,
        pl.col("promise_earliest_ts").alias("current_earliest_ts"),
        pl.col("promise_latest_ts").alias("current_latest_ts"),
    )


def _k02_current(x: Extracts, lines: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """K02.current = as K02 on the current promise, a cohort of its own deadline."""
    due = lines.join(_current_promise(x, lines), on=_KEY).filter(pl.col("current_latest_ts") <= as_of)
    actual = pl.col("actual_ts")
    early = (actual < pl.col("current_earliest_ts")).fill_null(False) & ~pl.col("is_pickup")
    kept = (actual <= pl.col("current_latest_ts")).fill_null(False) & ~early
    return summed(due, "K02.current", day("current_latest_ts"), kept, pl.lit(1))


def order_states(x: Extracts) -> pl.DataFrame:
    """Orders by state: completed when the last uncancelled unit arrived, closed when nothing is open."""
    lines = line_outcomes(x).with_columns(
        pl.when(pl.col("kept") > 0).then(pl.col("completed_ts")).otherwise(pl.col("gone_ts")).alias("line_closed_ts"),
        pl.when(pl.col("kept") > 0).then(pl.col("completed_ts")).alias("line_completed_ts"),
    )
    return lines.group_by("order_id", "channel_id", "order_ts").agg(
        pl.col("line_closed_ts").is_not_null().all().alias("is_closed"),
        pl.col("line_closed_ts").max().alias("closed_ts"),
        pl.col("line_completed_ts").max().alias("completed_ts"),
        (pl.col("kept") > 0).any().alias("has_kept"),
    )


def closed_orders(x: Extracts) -> pl.DataFrame:
    return order_states(x).filter("is_closed")


def k05(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K05 = sum (completed - order_ts) / orders completed, in seconds here; its stages; the age of open orders."""
    states = order_states(x)
    done = states.filter("is_closed", "has_kept", pl.col("completed_ts") >= pl.col("order_ts"))
    still = states.filter(~pl.col("is_closed")).with_columns(pl.lit(as_of).alias("now"))
    return pl.concat(
        [
            summed(done, "K05", day("completed_ts"), seconds("completed_ts", "order_ts"), pl.lit(1)),
            summed(still, "K05.open_age", day("now"), seconds("now", "order_ts"), pl.lit(1)),
            _k05_stages(x, done),
        ]
    )


def _k05_stages(x: Extracts, done: pl.DataFrame) -> pl.DataFrame:
    """A stage ends when the last line that is not cancelled leaves it.

    A pickup line is packed when it is ready and passes neither ship nor deliver; a delivery line is not collected.
    """
    lines = line_outcomes(x).filter(pl.col("kept") > 0).join(done.select("order_id", "completed_ts"), on="order_id")
    steps = ["released", "allocated", "picked", "packed"]
    events = x["order_event"].filter(pl.col("event_type").is_in(steps)).select(*_KEY, "event_type", "event_ts")
    whole = events.filter(pl.col("line_no").is_null()).drop("line_no").join(lines.select(_KEY), on="order_id")
    each = pl.concat([events.filter(pl.col("line_no").is_not_null()), whole.select(events.columns)])
    by_line = each.group_by(_KEY).agg(
        [pl.col("event_ts").filter(pl.col("event_type") == step).max().alias(step) for step in steps]
    )
    gone = x["shipment"].filter((pl.col("status_code") == "shipped") & ~pl.col("is_replacement"))
    left = (
        x["shipment_line"]
        .join(gone.select("shipment_id", "shipped_ts"), on="shipment_id")
        .group_by(_KEY)
        .agg(pl.col("shipped_ts").max().alias("shipped"))
    )
    ready = x["pickup_task"].group_by(_KEY).agg(pl.col("ready_ts").max().alias("ready"))
    lines = lines.join(by_line, on=_KEY, how="left").join(left, on=_KEY, how="left").join(ready, on=_KEY, how="left")
    pickup = pl.col("is_pickup")
    ends = (
        lines.with_columns(
            pl.when(pickup).then("ready").otherwise("packed").alias("pack_end"),
            pl.when(pickup).then("ready").otherwise("shipped").alias("ship_end"),
            pl.when(pickup).then("ready").otherwise("completed_ts").alias("deliver_end"),
            pl.col("completed_ts").alias("collect_end"),
        )
        .group_by("order_id", "channel_id", "order_ts")
        .agg(
            *[
                pl.when(pl.col(name).is_not_null().all()).then(pl.col(name).max()).first().alias(f"{stage}_end")
                for stage, name in (
                    ("release", "released"),
                    ("allocate", "allocated"),
                    ("pick", "picked"),
                    ("pack", "pack_end"),
                    ("ship", "ship_end"),
                    ("deliver", "deliver_end"),
                    ("collect", "collect_end"),
                )
            ],
            pickup.any().alias("collects"),
            (~pickup).any().alias("ships"),
        )
        .rename({"order_ts": "order_end"})
    )
    stages = ["order", "release", "allocate", "pick", "pack", "ship", "deliver", "collect"]
    parts = []
    for before, stage in pairwise(stages):
        through = {"ship": pl.col("ships"), "deliver": pl.col("ships"), "collect": pl.col("collects")}.get(stage)
        rows = ends if through is None else ends.filter(through)
        rows = rows.filter(pl.col(f"{stage}_end") >= pl.col(f"{before}_end"))
        parts.append(
            summed(rows, f"K05.{stage}", day("collect_end"), seconds(f"{stage}_end", f"{before}_end"), pl.lit(1))
        )
    return pl.concat(parts)


def k07(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K07 = units cancelled / units ordered, by order_ts."""
    gone = cancellations(x).group_by(_KEY).agg(pl.col("quantity").sum().alias("gone"))
    lines = goods_lines(x).join(gone, on=_KEY, how="left").with_columns(pl.col("gone").fill_null(0))
    taken = pl.min_horizontal("gone", "ordered_qty")
    return summed(lines, "K07", day("order_ts"), taken, pl.col("ordered_qty"))


def k08(x: Extracts, exceptions: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """K08 = orders with an order-class exception opened within 30 d / orders created; escalations beside it.

    ``exceptions`` are the exceptions that count (order class, no false alarm): ``order_id, opened_ts``.
    """
    within = (pl.col("opened_ts") <= pl.col("order_ts") + timedelta(days=30)) & (
        pl.col("opened_ts") >= pl.col("order_ts")
    )
    orders = goods_lines(x).select("order_id", "channel_id", "order_ts").unique()
    hit = orders.join(exceptions, on="order_id").filter(within).select("order_id").unique()
    asked = (
        x["customer_case"]
        .filter(pl.col("is_escalated") | (pl.col("theme_code") == "where_is_my_order"))
        .join(orders, on="order_id")
        .filter(within)
        .group_by("order_id")
        .agg(pl.len().alias("cases"))
    )
    rows = (
        orders.join(hit.with_columns(pl.lit(1).alias("hit")), on="order_id", how="left")
        .join(asked, on="order_id", how="left")
        .with_columns(pl.col("hit", "cases").fill_null(0))
    )
    return pl.concat(
        [
            summed(rows, "K08", day("order_ts"), pl.col("hit"), pl.lit(1)),
            summed(rows, "K08.escalations", day("order_ts"), pl.col("cases"), pl.lit(1)),
        ]
    )


def k13(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K13 = units cancelled or backordered for want of stock on lines sold within the ATS in force / all with ATS."""
    published = (
        x["ats_publication"]
        .filter(pl.col("live_ts").is_not_null())
        .sort("live_ts", "published_ts")
        .select("sku", "channel_id", "live_ts", "ats_qty")
    )
    lines = goods_lines(x).filter(~pl.col("is_backorder_sale")).sort("order_ts")
    lines = lines.join_asof(
        published,
        left_on="order_ts",
        right_on="live_ts",
        by=["sku", "channel_id"],
        strategy="backward",
        check_sortedness=False,
    ).filter(pl.col("ats_qty").is_not_null())
    want = ["no_stock", "not_found"]
    gone = (
        cancellations(x)
        .filter(pl.col("reason_code").is_in(want))
        .group_by(_KEY)
        .agg(pl.col("quantity").sum().alias("c"))
    )
    later = (
        x["order_event"]
        .filter(pl.col("event_type") == "backordered", pl.col("reason_code").is_in(want))
        .group_by(_KEY)
        .agg(pl.col("quantity").sum().alias("b"))
    )
    lines = (
        lines.join(gone, on=_KEY, how="left")
        .join(later, on=_KEY, how="left")
        .with_columns(pl.col("c", "b").fill_null(0))
    )
    oversold = pl.min_horizontal(pl.max_horizontal("c", "b"), "ordered_qty")
    kept = pl.when(pl.col("ats_qty") >= pl.col("ordered_qty")).then(oversold).otherwise(0)
    return summed(lines, "K13", day("order_ts"), kept, pl.col("ordered_qty"))


def k14(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K14 = human interventions over the orders' life / orders closed (multiplied by 1,000 when read)."""
    steps = (
        x["order_event"]
        .filter(pl.col("actor_type") == "human", pl.col("event_class") == "intervention")
        .group_by("order_id")
        .agg(pl.len().alias("steps"))
    )
    orders = closed_orders(x).join(steps, on="order_id", how="left").with_columns(pl.col("steps").fill_null(0))
    return summed(orders, "K14", day("closed_ts"), pl.col("steps"), pl.lit(1))
