"""Twins of section C that follow price lists and publications: K51, K53, K54."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from tests.twins.extracts import ZONE, Extracts, day
from tests.twins.finance import _with_rate
from tests.twins.inventory import summed_without_channel
from tests.twins.lines import summed

_FAR = datetime(9999, 12, 31)


def k51(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K51 = live less the later of effective and approved; early; not live within 15 minutes (tills: 60)."""
    rows = x["price_publication"].with_columns(
        pl.when(pl.col("live_ts") <= as_of).then("live_ts").alias("live_ts"),
        pl.max_horizontal("effective_ts", "approved_ts").alias("wanted_ts"),
        (
            pl.col("effective_ts")
            + pl.when(pl.col("channel_id") == "store").then(timedelta(minutes=60)).otherwise(timedelta(minutes=15))
        ).alias("due_ts"),
    )
    live = rows.filter(pl.col("live_ts").is_not_null())
    lag = (pl.col("live_ts") - pl.col("wanted_ts")).dt.total_seconds()
    withdrawn = pl.col("live_ts").is_null() & (pl.col("ended_ts") <= pl.col("due_ts")).fill_null(False)
    due = rows.filter(pl.col("due_ts") <= as_of, ~withdrawn)
    missing = ~(pl.col("live_ts") <= pl.col("due_ts")).fill_null(False)
    parts = [
        summed_without_channel(live, "K51", day("effective_ts"), pl.max_horizontal(lag, pl.lit(0)), pl.lit(1)),
        summed_without_channel(
            live, "K51.early", day("effective_ts"), pl.col("live_ts") < pl.col("effective_ts"), pl.lit(1)
        ),
        summed_without_channel(due, "K51.not_live", day("effective_ts"), missing, pl.lit(1)),
        _spread(x, as_of),
    ]
    return pl.concat(parts)


def _spread(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K51.spread = last less first live of the channels of an item's version, once all show it."""
    rows = x["price_publication"].with_columns(pl.when(pl.col("live_ts") <= as_of).then("live_ts").alias("live_ts"))
    rows = rows.filter((pl.col("effective_ts") <= as_of) | pl.col("live_ts").is_not_null())
    minutes = pl.when(pl.col("channel_id") == "store").then(timedelta(minutes=60)).otherwise(timedelta(minutes=15))
    withdrawn = pl.col("live_ts").is_null() & (pl.col("ended_ts") <= pl.col("effective_ts") + minutes).fill_null(False)
    intents = (
        rows.filter(~withdrawn)
        .group_by("sku", "price_version")
        .agg(
            pl.col("channel_id").n_unique().alias("channels"),
            pl.col("live_ts").is_null().any().alias("is_open"),
            (pl.col("live_ts").max() - pl.col("live_ts").min()).dt.total_seconds().alias("spread"),
            day("effective_ts").min().alias("on_day"),
        )
        .filter(pl.col("channels") > 1, ~pl.col("is_open"))
    )
    return summed_without_channel(intents, "K51.spread", pl.col("on_day"), pl.col("spread"), pl.lit(1))


def _cents(amount: pl.Expr) -> pl.Expr:
    """Rounded half away from zero to cents."""
    scaled = amount * 100
    return scaled.sign() * (scaled.abs() + 0.5 + 1e-7).floor() / 100


def _listed(x: Extracts) -> pl.DataFrame:
    return x["price_list"].with_columns(pl.col("valid_to_ts").fill_null(_FAR))


def k53(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K53 = lines of promotions charged another price than the listed one of the highest priority; over, under."""
    keys = ["sale_key", "channel_id", "sku", "ts", "quantity", "charged", "currency_code", "promotion_id"]
    orders = (
        x["sales_order_line"]
        .join(x["sales_order"].filter(~pl.col("is_test")), on="order_id")
        .filter(pl.col("order_type") != "replacement")
        .with_columns(
            pl.concat_str("order_id", "line_no", separator="|").alias("sale_key"),
            pl.col("order_ts").alias("ts"),
            (pl.col("gross_amount") - pl.col("discount_amount")).alias("charged"),
        )
    )
    heads = x["pos_transaction"].filter(pl.col("transaction_type") == "sale")
    tills = x["pos_transaction_line"].join(heads.select("transaction_id", "currency_code"), on="transaction_id")
    tills = tills.with_columns(
        pl.concat_str("transaction_id", "line_no", separator="|").alias("sale_key"),
        pl.lit("store").alias("channel_id"),
        pl.col("transaction_ts").alias("ts"),
        (pl.col("gross_amount") - pl.col("discount_amount")).alias("charged"),
    )
    sold = pl.concat([orders.select(keys), tills.select(keys)]).filter(pl.col("quantity") > 0)
    prices = _listed(x).select(
        "sku", "channel_id", "price_id", "price_type", "price_amount", "priority_no", "valid_from_ts", "valid_to_ts"
    )
    best = (
        sold.select("sale_key", "sku", "channel_id", "ts")
        .join(prices, on=["sku", "channel_id"])
        .filter(pl.col("ts") >= pl.col("valid_from_ts"), pl.col("ts") < pl.col("valid_to_ts"))
        .sort("priority_no", "valid_from_ts", "price_id")
        .group_by("sale_key")
        .agg(pl.col("price_type", "price_amount").last())
    )
    asked = (
        sold.join(best, on="sale_key")
        .filter((pl.col("price_type") == "promotion") | pl.col("promotion_id").is_not_null())
        .with_columns(day("ts").alias("on_day"))
    )
    asked = _with_rate(asked, x, "on_day")
    off = pl.col("charged") - pl.col("quantity") * pl.col("price_amount")
    wrong = off.abs() > 0.005 * pl.col("quantity") + 1e-6
    # each line in cents, half away from zero
    money = (off * pl.col("rate_e6") / 1e6 + off.sign() * 1e-9).round(2)
    over = pl.when(wrong & (off > 0)).then(money).otherwise(0.0)
    under = pl.when(wrong & (off < 0)).then(-money).otherwise(0.0)
    return pl.concat(
        [
            summed(asked, "K53", pl.col("on_day"), wrong, pl.lit(1)),
            summed(asked, "K53.over", pl.col("on_day"), over, pl.lit(1)),
            summed(asked, "K53.under", pl.col("on_day"), under, pl.lit(1)),
        ]
    )


def k54(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K54 = items with two prices of equal priority, or one below its floor, at the ends of the last 100 days."""
    zone = ZoneInfo(ZONE)
    today = as_of.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).date()
    listed, floors = _listed(x), x["price_policy"].select("sku", "channel_id", "floor_amount", "valid_from")
    parts = []
    for back in range(1, 101):
        on = today - timedelta(days=back)
        end = datetime.combine(on + timedelta(days=1), time(0), zone).astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
        active = listed.filter(
            pl.col("valid_from_ts") < end, pl.col("valid_to_ts") >= end, pl.col("approved_ts") < end
        ).sort("priority_no", "valid_from_ts", "price_id")
        equal = pl.len().over("sku", "channel_id", "priority_no")
        units = (
            active.with_columns(equal.alias("equal"))
            .group_by("sku", "channel_id")
            .agg((pl.col("equal").max() > 1).alias("conflict"), pl.col("price_amount").last())
        )
        floor = floors.filter(pl.col("valid_from") <= on).sort("valid_from").group_by("sku", "channel_id").last()
        parts.append(units.join(floor, on=["sku", "channel_id"], how="left").with_columns(pl.lit(on).alias("on_day")))
    cuts = pl.concat(parts)
    below = (pl.col("price_amount") < pl.col("floor_amount")).fill_null(False)
    floored = cuts.filter(pl.col("floor_amount").is_not_null())
    return pl.concat(
        [
            summed(cuts, "K54", pl.col("on_day"), pl.col("conflict") | below, pl.lit(1)),
            summed(floored, "K54.floor", pl.col("on_day"), below, pl.lit(1)),
        ]
    )
