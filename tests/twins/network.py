"""Twins of section A that follow allocation, nodes and parcels: K09, K10, K11, K16, K23, K24."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from tests.twins.extracts import Extracts, day, seconds
from tests.twins.lines import completions, goods_lines, line_outcomes, summed

KEY = ["order_id", "line_no"]


def _orders(x: Extracts) -> pl.DataFrame:
    """Orders that count: no test, at least one line of goods."""
    goods = goods_lines(x).select("order_id").unique()
    return x["sales_order"].filter(~pl.col("is_test")).join(goods, on="order_id", how="semi")


def k09(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K09 = attempts that ended otherwise than allocated / attempts ended."""
    orders = x["sales_order"].filter(~pl.col("is_test")).select("order_id", "channel_id")
    rows = x["allocation_attempt"].filter(pl.col("result_code").is_not_null()).join(orders, on="order_id")
    return summed(rows, "K09", day("attempted_ts"), pl.col("result_code") != "ALLOCATED", pl.lit(1))


def _parts(x: Extracts) -> pl.DataFrame:
    return x["fulfilment_line"].join(goods_lines(x).select(*KEY, "channel_id"), on=KEY)


def _answered(x: Extracts) -> pl.DataFrame:
    """Parts that a node answered, and when first: any state but assigned, or cancelled before another answer."""
    return (
        x.versions("fulfilment_line")
        .sort("updated_ts", "version_no")
        .filter(pl.col("status_code") != "assigned")
        .unique("fulfilment_line_id", keep="first", maintain_order=True)
        .filter(pl.col("status_code") != "cancelled")
        .select("fulfilment_line_id", pl.col("updated_ts").alias("answered_ts"))
    )


def k10(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K10 = units rejected or not found / units asked of a node and answered."""
    rows = _parts(x).join(_answered(x), on="fulfilment_line_id", how="semi")
    asked, picked = pl.col("requested_qty"), pl.col("picked_qty")
    refused = pl.when(pl.col("status_code") == "rejected").then(asked).otherwise(asked - picked)
    return summed(rows, "K10", day("assigned_ts"), refused, asked)


def k11(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K11 = orders with more than one shipment / orders of two units or more, shipped completely; and extra cost."""
    goods = goods_lines(x)
    cancelled = (
        x["order_event"]
        .filter(pl.col("event_type") == "cancelled", pl.col("event_ts") <= as_of)
        .group_by(KEY)
        .agg(pl.col("quantity").sum().alias("gone"))
    )
    wanted = (
        goods.join(cancelled, on=KEY, how="left")
        .group_by("order_id", "channel_id")
        .agg(
            (pl.col("ordered_qty") - pl.min_horizontal(pl.col("gone").fill_null(0), "ordered_qty")).sum().alias("units")
        )
    )
    freight = x["shipment_cost"].group_by("shipment_id").agg(pl.col("amount").sum())
    sent = x["shipment_line"].group_by("shipment_id").agg(pl.col("quantity").sum().alias("sent"))
    shipments = (
        x["shipment"]
        .filter(~pl.col("is_replacement"), pl.col("status_code") != "cancelled")
        .join(freight, on="shipment_id", how="left")
        .join(sent, on="shipment_id", how="left")
        .group_by("order_id")
        .agg(
            pl.len().alias("shipments"),
            pl.col("sent").sum(),
            pl.col("shipped_ts").max(),
            (pl.col("amount").sum() - pl.col("amount").max()).alias("extra"),
        )
    )
    rows = wanted.join(shipments, on="order_id").filter(pl.col("units") >= 2, pl.col("sent") >= pl.col("units"))
    split = rows.filter(pl.col("shipments") > 1)
    return pl.concat(
        [
            summed(rows, "K11", day("shipped_ts"), pl.col("shipments") > 1, pl.lit(1)),
            summed(split, "K11.extra_cost", day("shipped_ts"), pl.col("extra"), pl.lit(1)),
        ]
    )


def k16(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K16 = units ever backordered / units ordered, without preorders; age of those that still have no place."""
    events = x["order_event"].filter(pl.col("event_type") == "backordered").group_by(KEY)
    back = events.agg(pl.col("quantity").sum().alias("back"), pl.col("event_ts").min().alias("back_ts"))
    came = completions(x).filter(pl.col("how") != "collected").group_by(KEY).agg(pl.col("quantity").sum().alias("came"))
    given = pl.when(pl.col("status_code") == "short").then("picked_qty").otherwise("requested_qty")
    held = x["fulfilment_line"].filter(~pl.col("status_code").is_in(["rejected", "cancelled"]))
    held = held.group_by(KEY).agg(given.sum().alias("held"))
    rows = line_outcomes(x).filter(pl.col("order_type") != "preorder").join(back, on=KEY, how="left")
    for part in (came, held):
        rows = rows.join(part, on=KEY, how="left")
    rows = rows.with_columns(pl.col("came", "held").fill_null(0))
    still = rows.filter(pl.col("back_ts").is_not_null(), pl.max_horizontal("came", "held") < pl.col("kept"))
    units = pl.min_horizontal(pl.col("back").fill_null(0), "ordered_qty")
    return pl.concat(
        [
            summed(rows, "K16", day("order_ts"), units, pl.col("ordered_qty")),
            age(still, "K16.age", "back_ts", as_of),
        ]
    )


def k23(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K23 = pickup orders made ready with a unit not collected by the last hold / those whose hold has ended."""
    orders = _orders(x).select("order_id", "channel_id")
    rows = (
        x["pickup_task"]
        .filter(pl.col("ready_ts").is_not_null(), pl.col("hold_until_ts").is_not_null())
        .group_by("order_id")
        .agg(
            pl.col("hold_until_ts").max(),
            pl.col("requested_qty").sum(),
            pl.col("collected_qty").fill_null(0).sum(),
        )
        .join(orders, on="order_id")
        .filter(pl.col("hold_until_ts") <= as_of)
    )
    left = pl.col("collected_qty") < pl.col("requested_qty")
    return summed(rows, "K23", day("hold_until_ts"), left, pl.lit(1))


def k24(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K24 = first picks asked of a store that gave all units / those answered. Without channel, as the KPI is."""
    stores = x["location"].filter(pl.col("location_type") == "store").select("location_id")
    rows = (
        x["fulfilment_line"]
        .sort("assigned_ts", "fulfilment_line_id")
        .unique(KEY, keep="first", maintain_order=True)
        .join(goods_lines(x).select(KEY), on=KEY)
        .join(stores, on="location_id", how="semi")
        .join(_answered(x), on="fulfilment_line_id")
        .with_columns(pl.lit("").alias("channel_id"))
    )
    good = (pl.col("status_code") != "rejected") & (pl.col("picked_qty") == pl.col("requested_qty"))
    return summed(rows, "K24", day("answered_ts"), good, pl.lit(1)).drop("channel")


def age(rows: pl.DataFrame, kpi: str, since: str, as_of: datetime) -> pl.DataFrame:
    """Sum of the ages at as_of, and their number."""
    aged = rows.with_columns(pl.lit(as_of).alias("now")).filter(pl.col("now") >= pl.col(since))
    return summed(aged, kpi, day("now"), seconds("now", since), pl.lit(1))
