"""Twin of K72 (contribution), from the operational feeds alone.

K72's components (catalogue): sales ex tax less discounts and refunds = net sales; less landed cost of kept units, plus
supplier funding, less write-down of scrapped returns, plus shipping, less fulfilment, freight, payment fees,
marketplace fees and return handling = contribution. Money in reporting currency at the day of the sale.
"""

from __future__ import annotations

import polars as pl

from tests.twins.extracts import Extracts, day

_KEY = ["order_id", "line_no"]


def _rates(x: Extracts) -> pl.DataFrame:
    rates = x["exchange_rate"].filter(pl.col("to_currency_code") == "EUR")
    return rates.select(pl.col("from_currency_code").alias("currency_code"), pl.col("rate_date"), "rate").sort(
        "rate_date"
    )


def _in_euro(frame: pl.DataFrame, x: Extracts, when: str, amounts: list[str]) -> pl.DataFrame:
    """``amounts`` times the last known rate of the currency on the reporting day of ``when``."""
    dated = frame.with_columns(day(when).alias("rate_date")).sort("rate_date")
    joined = dated.join_asof(_rates(x), on="rate_date", by="currency_code", check_sortedness=False)
    rate = pl.when(pl.col("currency_code") == "EUR").then(1.0).otherwise(pl.col("rate"))
    return joined.with_columns([(pl.col(name) * rate).alias(name) for name in amounts]).drop("rate", "rate_date")


def _order_lines(x: Extracts) -> pl.DataFrame:
    orders = x["sales_order"].select("order_id", "channel_id", "order_ts", "currency_code", "is_test")
    lines = x["sales_order_line"].join(orders, on="order_id").filter(~pl.col("is_test"))
    net = pl.col("gross_amount") - pl.col("discount_amount") - pl.col("tax_amount")
    return _in_euro(lines.with_columns(net.alias("net")), x, "order_ts", ["net"])


def _issues(x: Extracts) -> pl.DataFrame:
    """Units that left for a customer, with the moment: shipped lines and collected pickups."""
    gone = x["shipment"].filter(pl.col("status_code") == "shipped").select("shipment_id", "shipped_ts", "location_id")
    shipped = (
        x["shipment_line"]
        .join(gone, on="shipment_id")
        .select(*_KEY, "quantity", pl.col("shipped_ts").alias("ts"), "location_id")
    )
    collected = (
        x["pickup_task"]
        .filter(pl.col("collected_ts").is_not_null())
        .select(*_KEY, pl.col("collected_qty").alias("quantity"), pl.col("collected_ts").alias("ts"), "location_id")
    )
    return pl.concat([shipped, collected]).filter(pl.col("quantity") > 0)


def net_sales(x: Extracts) -> pl.DataFrame:
    """Net sales of K72 by posting day and channel: goods issued and till sales, less refunds; EUR ex tax."""
    lines = _order_lines(x).select(*_KEY, "channel_id", "net", pl.col("quantity").alias("whole"))
    issued = (
        _issues(x)
        .join(lines, on=_KEY)
        .select(
            "channel_id",
            day("ts").alias("period_date"),
            (pl.col("net") * pl.col("quantity") / pl.col("whole")).alias("amount"),
        )
    )
    heads = x["pos_transaction"].filter(pl.col("transaction_type") == "sale").select("transaction_id")
    till = (
        x["pos_transaction_line"]
        .join(heads, on="transaction_id")
        .select(
            pl.lit("store").alias("channel_id"),
            day("transaction_ts").alias("period_date"),
            (pl.col("gross_amount") - pl.col("discount_amount") - pl.col("tax_amount")).alias("amount"),
        )
    )
    refunds = x["refund"].filter(pl.col("status_code").is_in(["issued", "settled"]))
    orders = x["sales_order"].select("order_id", "channel_id", "order_ts")
    back = refunds.join(orders, on="order_id", how="left").with_columns(
        pl.col("channel_id").fill_null("store"),
        pl.coalesce("order_ts", "refund_ts").alias("sale_ts"),
        (pl.col("tax_amount") - pl.col("amount")).alias("amount"),
    )
    paid_back = _in_euro(back, x, "sale_ts", ["amount"]).select(
        "channel_id", day("refund_ts").alias("period_date"), "amount"
    )
    every = pl.concat([issued, till, paid_back])
    return every.group_by("channel_id", "period_date").agg(pl.col("amount").sum()).sort("channel_id", "period_date")


def gl_totals(x: Extracts) -> pl.DataFrame:
    """What the ledger says: amount by control account, in EUR; contribution is the sum of all of them."""
    posted = x["gl_posting"].group_by("account_code").agg(pl.col("amount").sum())
    return posted.sort("account_code")
