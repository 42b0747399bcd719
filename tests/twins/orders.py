"""Twins of section A: K02, K05, K07, K08, K13, K14 and what they share (hand-overs, first promise, cancellations).

Formulas: catalogue K02, K05, K07, K08, K13, K14 and conventions 4, 5, 6 and 12. Every function gives one row a
measure, period day and channel: ``kpi_id, period_date, channel, numerator, denominator``.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import polars as pl

from tests.twins.extracts import Extracts, day, seconds

_KEY = ["order_id", "line_no"]


def summed(frame: pl.DataFrame, kpi: str, period: pl.Expr, numerator: pl.Expr, denominator: pl.Expr) -> pl.DataFrame:
    return (
        frame.select(
            pl.lit(kpi).alias("kpi_id"),
            period.alias("period_date"),
            pl.col("channel_id").fill_null("NONE").alias("channel"),
            numerator.cast(pl.Float64).alias("numerator"),
            denominator.cast(pl.Float64).alias("denominator"),
        )
        .group_by("kpi_id", "period_date", "channel")
        .agg(pl.col("numerator").sum(), pl.col("denominator").sum())
    )


def goods_lines(x: Extracts) -> pl.DataFrame:
    """Order lines of convention 12: goods, no test order; ordered quantity is the greatest of any version.

    A substitute is no line of its own: what is handed over of it counts for the line that it stands for (K01).
    """
    return packed_lines(x).filter(pl.col("substitute_for_line_no").is_null())


def packed_lines(x: Extracts) -> pl.DataFrame:
    """The same and substitutes, as a warehouse sees them."""
    ordered = x.versions("sales_order_line").group_by(_KEY).agg(pl.col("quantity").max().alias("ordered_qty"))
    orders = x["sales_order"].select(
        "order_id", "channel_id", "order_type", "order_ts", "is_test", "pickup_location_id", "external_order_key"
    )
    kinds = x["product"].select("sku", "product_type", "is_kit")
    return (
        x["sales_order_line"]
        .join(ordered, on=_KEY)
        .join(orders, on="order_id")
        .join(kinds, on="sku", how="left")
        .filter(~pl.col("is_test"), pl.col("product_type").fill_null("goods") == "goods")
        .with_columns((pl.col("order_type") == "pickup").alias("is_pickup"))
    )


def for_the_original(x: Extracts, units: pl.DataFrame) -> pl.DataFrame:
    """Rows of lines, those of a substitute under the line that it stands for, if the customer accepted it."""
    stands = substitutes(x)
    own = units.join(stands, on=_KEY, how="anti")
    given = units.join(stands.filter("is_accepted"), on=_KEY).drop("line_no").rename({"original": "line_no"})
    return pl.concat([own, given.select(own.columns)])


def substitutes(x: Extracts) -> pl.DataFrame:
    """Lines of substitutes with the line they stand for, and whether an event says that the customer accepted it."""
    told = x["order_event"].filter(
        pl.col("event_type") == "substituted",
        (pl.col("actor_type") == "customer") | (pl.col("initiator_code") == "customer").fill_null(False),
    )
    said = told.select("order_id", pl.col("line_no").alias("said")).unique()
    stands = x["sales_order_line"].filter(pl.col("substitute_for_line_no").is_not_null())
    stands = stands.select(*_KEY, pl.col("substitute_for_line_no").alias("original"))
    of_line = stands.join(said, left_on=_KEY, right_on=["order_id", "said"], how="semi")
    of_original = stands.join(said, left_on=["order_id", "original"], right_on=["order_id", "said"], how="semi")
    accepted = pl.concat([of_line, of_original]).unique().with_columns(is_accepted=pl.lit(True))
    return stands.join(accepted, on=[*_KEY, "original"], how="left").with_columns(
        pl.col("is_accepted").fill_null(False)
    )


def cancellations(x: Extracts) -> pl.DataFrame:
    """Cancelled units by event, with whether they were cancelled before the obligation (convention 12).

    An event of the whole order, or without a quantity, takes all units of the line.
    """
    events = x["order_event"]
    cancelled = events.filter(pl.col("event_type") == "cancelled")
    lines = x["sales_order_line"].select(*_KEY, pl.col("quantity").alias("whole_qty"))
    by_line = cancelled.filter(pl.col("line_no").is_not_null()).join(lines, on=_KEY)
    whole = cancelled.filter(pl.col("line_no").is_null()).drop("line_no").join(lines, on="order_id")
    both = pl.concat([by_line, whole.select(by_line.columns)])
    both = both.with_columns(pl.coalesce("quantity", "whole_qty").alias("quantity"))
    released = (
        events.filter(pl.col("event_type") == "released")
        .group_by("order_id")
        .agg(pl.col("event_ts").min().alias("released"))
    )
    announced = (
        events.filter(pl.col("event_type") == "delay_announced")
        .group_by("order_id")
        .agg(pl.col("event_ts").min().alias("announced"))
    )
    joined = (
        both.join(first_promise(x), on=_KEY, how="left")
        .join(released, on="order_id", how="left")
        .join(announced, on="order_id", how="left")
    )
    by_customer = (
        (pl.col("initiator_code") == "customer")
        & (pl.col("event_ts") < pl.col("promise_latest_ts")).fill_null(True)
        & (pl.col("event_ts") < pl.col("announced")).fill_null(True)
    )
    by_risk = pl.col("reason_code").is_in(["fraud", "payment"]) & (pl.col("event_ts") < pl.col("released")).fill_null(
        True
    )
    return joined.with_columns((by_customer | by_risk).fill_null(False).alias("is_before_obligation"))


def first_promise(x: Extracts) -> pl.DataFrame:
    """Version 1, or the newest version that the customer asked for (convention 6)."""
    promises = x["promise"]
    start = (
        promises.filter((pl.col("requested_by_code") == "customer") | (pl.col("promise_version") == 1))
        .sort("promise_version")
        .unique(subset=_KEY, keep="last")
    )
    return start.select(*_KEY, "promise_earliest_ts", "promise_latest_ts")


def completions(x: Extracts) -> pl.DataFrame:
    """Units delivered (parcel scanned as delivered), ready or collected, with the moment: one row a hand-over."""
    scans = (
        x["shipment_event"]
        .filter(pl.col("event_type") == "delivered")
        .group_by("shipment_id", "parcel_id")
        .agg(pl.col("event_ts").min().alias("ts"))
    )
    live = x["shipment"].filter((pl.col("status_code") == "shipped") & ~pl.col("is_replacement")).select("shipment_id")
    parcels = (
        x["shipment_line"]
        .join(live, on="shipment_id")
        .join(scans, on=["shipment_id", "parcel_id"])
        .select(*_KEY, "quantity", "ts")
    ).with_columns(pl.lit("delivered").alias("how"))
    tasks = x["pickup_task"]
    ready = tasks.filter(pl.col("ready_ts").is_not_null()).select(
        *_KEY, pl.col("ready_qty").alias("quantity"), pl.col("ready_ts").alias("ts"), pl.lit("ready").alias("how")
    )
    collected = tasks.filter(pl.col("collected_ts").is_not_null()).select(
        *_KEY,
        pl.col("collected_qty").alias("quantity"),
        pl.col("collected_ts").alias("ts"),
        pl.lit("collected").alias("how"),
    )
    return for_the_original(x, pl.concat([parcels, ready, collected]).filter(pl.col("quantity") > 0))


def _reached(events: pl.DataFrame, needed: pl.DataFrame, name: str) -> pl.DataFrame:
    """The moment at which the units of ``events`` reached ``needed`` (columns of the key and ``need``)."""
    return (
        events.join(needed, on=_KEY)
        .sort(*_KEY, "ts")
        .with_columns(pl.col("quantity").cum_sum().over(_KEY).alias("so_far"))
        .filter((pl.col("so_far") >= pl.col("need")) & (pl.col("need") > 0))
        .group_by(_KEY)
        .agg(pl.col("ts").min().alias(name))
    )


def line_outcomes(x: Extracts) -> pl.DataFrame:
    """Goods lines with obliged units, first promise, and when the last obliged unit was delivered or ready."""
    gone = cancellations(x)
    before = gone.filter("is_before_obligation").group_by(_KEY).agg(pl.col("quantity").sum().alias("gone_before"))
    every = gone.group_by(_KEY).agg(pl.col("quantity").sum().alias("gone"), pl.col("event_ts").max().alias("gone_ts"))
    lines = (
        goods_lines(x)
        .join(before, on=_KEY, how="left")
        .join(every, on=_KEY, how="left")
        .join(first_promise(x), on=_KEY, how="left")
        .with_columns(pl.col("gone", "gone_before").fill_null(0))
        .with_columns(
            (pl.col("ordered_qty") - pl.col("gone_before")).alias("obliged"),
            (pl.col("ordered_qty") - pl.col("gone")).alias("kept"),
        )
    )
    handed = completions(x)
    first_hand = handed.filter(pl.col("how") != "collected")
    last_hand = handed.filter(pl.col("how") != "ready")
    actual = _reached(first_hand, lines.select(*_KEY, pl.col("obliged").alias("need")), "actual_ts")
    done = _reached(last_hand, lines.select(*_KEY, pl.col("kept").alias("need")), "completed_ts")
    return lines.join(actual, on=_KEY, how="left").join(done, on=_KEY, how="left")


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
