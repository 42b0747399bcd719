"""Twins of section D: K60 (return rate by delivery cohort, and its flow), K62 (refund settlement time)."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from tests.twins.extracts import Extracts, day, seconds
from tests.twins.orders import completions, goods_lines, summed

_KEY = ["order_id", "line_no"]
_SALE = ["sale_id", "sale_line"]
_WINDOW = timedelta(days=30)


def _sold(x: Extracts) -> pl.DataFrame:
    """Units that reached the customer: order lines delivered or collected, and till sales; one row a hand-over."""
    handed = completions(x).filter(pl.col("how") != "ready")
    lines = goods_lines(x).select(*_KEY, "channel_id")
    orders = handed.join(lines, on=_KEY).select(
        pl.col("order_id").alias("sale_id"), pl.col("line_no").alias("sale_line"), "channel_id", "quantity", "ts"
    )
    goods = x["product"].filter(pl.col("product_type") == "goods").select("sku")
    sales = x["pos_transaction"].filter(pl.col("transaction_type") == "sale").select("transaction_id")
    till = (
        x["pos_transaction_line"]
        .join(sales, on="transaction_id")
        .join(goods, on="sku", how="semi")
        .select(
            pl.col("transaction_id").alias("sale_id"),
            pl.col("line_no").alias("sale_line"),
            pl.lit("store").alias("channel_id"),
            "quantity",
            pl.col("transaction_ts").alias("ts"),
        )
    )
    return pl.concat([orders, till])


def _returns(x: Extracts) -> pl.DataFrame:
    return x["return_line"].with_columns(
        pl.coalesce("order_id", "transaction_id").alias("sale_id"),
        pl.coalesce("order_line_no", "transaction_line_no").alias("sale_line"),
    )


def k60(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K60 = units returned (initiated within 30 d of delivery, not withdrawn) / units delivered, in old cohorts."""
    cohort = (
        _sold(x)
        .group_by(*_SALE, "channel_id")
        .agg(pl.col("quantity").sum(), pl.col("ts").max())
        .filter(pl.col("ts") + _WINDOW <= as_of)
    )
    back = (
        _returns(x)
        .filter(~pl.col("status_code").is_in(["withdrawn", "expired"]))
        .join(cohort.select(*_SALE, "ts"), on=_SALE)
        .filter(pl.col("initiated_ts") <= pl.col("ts") + _WINDOW)
        .group_by(_SALE)
        .agg(pl.col("quantity").sum().alias("back"))
    )
    rows = cohort.join(back, on=_SALE, how="left").with_columns(pl.col("back").fill_null(0))
    return summed(rows, "K60", day("ts"), pl.min_horizontal("back", "quantity"), pl.col("quantity"))


def k62(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K62 = settled - initiated of accepted returns, in seconds here, over settled ones; day of the last settlement."""
    refunds = x["refund"].filter(pl.col("status_code").is_in(["issued", "settled"]))
    settled = (
        refunds.group_by("return_id", "return_line_no")
        .agg(pl.col("settled_ts").is_not_null().all().alias("all_settled"), pl.col("settled_ts").max())
        .filter("all_settled")
    )
    inspected = (
        x["return_event"]
        .filter(pl.col("event_type") == "inspected")
        .group_by("return_id", "line_no")
        .agg((pl.col("result_code") == "refused").any().alias("refused"))
    )
    channel = x["sales_order"].select("order_id", "channel_id")
    rows = (
        _returns(x)
        .join(settled, left_on=["return_id", "line_no"], right_on=["return_id", "return_line_no"])
        .join(inspected, on=["return_id", "line_no"], how="left")
        .filter(~pl.col("refused").fill_null(False), ~pl.col("status_code").is_in(["refused", "withdrawn", "expired"]))
        .join(channel, on="order_id", how="left")
        .with_columns(
            pl.when(pl.col("transaction_id").is_not_null())
            .then(pl.lit("store"))
            .otherwise("channel_id")
            .alias("channel_id")
        )
        .filter(pl.col("settled_ts") >= pl.col("initiated_ts"))
    )
    return summed(rows, "K62", day("settled_ts"), seconds("settled_ts", "initiated_ts"), pl.lit(1))
