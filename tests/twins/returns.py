"""Twins of section D: K60 (return rate by delivery cohort, and its flow), K62 (refund settlement time)."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from tests.twins.extracts import Extracts, day, seconds
from tests.twins.lines import completions, goods_lines, summed

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
    kept = pl.min_horizontal("back", "quantity")
    return pl.concat([summed(rows, "K60", day("ts"), kept, pl.col("quantity")), _k60_flow(x)])


def _k60_flow(x: Extracts) -> pl.DataFrame:
    """K60.flow = units received back on the day of the last receipt / units delivered, collected or sold that day."""
    sold = _sold(x)
    received = (
        x["return_event"]
        .filter(pl.col("event_type") == "received")
        .group_by("return_id", "line_no")
        .agg(pl.col("quantity").sum().alias("units"), pl.col("event_ts").max().alias("ts"))
        .join(_of_goods(_returns(x), x), on=["return_id", "line_no"])
    )
    out = sold.select("channel_id", day("ts").alias("on_day"), pl.lit(0).alias("units"), "quantity")
    back = received.select("channel_id", day("ts").alias("on_day"), "units", pl.lit(0).cast(pl.Int64).alias("quantity"))
    both = pl.concat([out, back], how="vertical_relaxed")
    return summed(both, "K60.flow", pl.col("on_day"), pl.col("units"), pl.col("quantity"))


def _of_goods(lines: pl.DataFrame, x: Extracts) -> pl.DataFrame:
    """Return lines of goods, with the channel of their sale."""
    channel = x["sales_order"].select("order_id", "channel_id")
    goods = x["product"].filter(pl.col("product_type") != "goods").select("sku")
    return (
        lines.join(goods, on="sku", how="anti")
        .join(channel, on="order_id", how="left")
        .with_columns(
            pl.when(pl.col("transaction_id").is_not_null())
            .then(pl.lit("store"))
            .otherwise(pl.col("channel_id").fill_null("UNKNOWN"))
            .alias("channel_id")
        )
    )


def k62(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K62 = settled - initiated of accepted returns, in seconds here, over settled ones; day of the last settlement.

    K62.open_age = the age of those neither settled nor withdrawn nor refused; K62.credit_memo beside it.
    """
    refunds = x["refund"].filter(pl.col("status_code").is_in(["issued", "settled"]))
    settled = (
        refunds.group_by("return_id", "return_line_no")
        .agg(pl.col("settled_ts").is_not_null().all().alias("all_settled"), pl.col("settled_ts").max())
        .filter("all_settled")
    )
    refused = (
        x["return_event"]
        .filter(pl.col("event_type") == "inspected", pl.col("result_code") == "refused")
        .select("return_id", "line_no")
        .unique()
    )
    lines = _of_goods(_returns(x), x).filter(~pl.col("status_code").is_in(["refused", "withdrawn", "expired"]))
    accepted = lines.join(refused, on=["return_id", "line_no"], how="anti").join(
        settled, left_on=["return_id", "line_no"], right_on=["return_id", "return_line_no"], how="left"
    )
    done = accepted.filter(pl.col("settled_ts") >= pl.col("initiated_ts"))
    still = accepted.filter(pl.col("settled_ts").is_null()).with_columns(pl.lit(as_of).alias("now"))
    return pl.concat(
        [
            summed(done, "K62", day("settled_ts"), seconds("settled_ts", "initiated_ts"), pl.lit(1)),
            summed(still, "K62.open_age", day("now"), seconds("now", "initiated_ts"), pl.lit(1)),
            _k62_credit_memo(x),
        ]
    )


def _k62_credit_memo(x: Extracts) -> pl.DataFrame:
    """K62.credit_memo = posted - received of return lines with a posted credit memo, by day of the posting."""
    line = ["return_id", "line_no"]
    posted = (
        x["customer_document_line"]
        .filter(pl.col("document_type") == "credit_memo", pl.col("posted_ts").is_not_null())
        .group_by("return_id", pl.col("return_line_no").alias("line_no"))
        .agg(pl.col("posted_ts").max())
    )
    received = x["return_event"].filter(pl.col("event_type") == "received").group_by(line)
    rows = (
        _of_goods(_returns(x), x)
        .join(posted, on=line)
        .join(received.agg(pl.col("event_ts").max().alias("received_ts")), on=line)
        .filter(pl.col("posted_ts") >= pl.col("received_ts"))
    )
    return summed(rows, "K62.credit_memo", day("posted_ts"), seconds("posted_ts", "received_ts"), pl.lit(1))
