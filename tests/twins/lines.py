"""Order lines as conventions 4, 5, 6 and 12 of the catalogue see them, for the twins.

What counts, what was cancelled and handed over, what was promised first, and what became of it. Not here: KPIs.
"""

from __future__ import annotations

import polars as pl

from tests.twins.extracts import Extracts

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
