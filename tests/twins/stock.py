"""Twin of K27 (available to sell): the pool by item and location, and what one channel may sell.

Formula: catalogue K27 and what the decisions say about it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from tests.twins.extracts import Extracts, day
from tests.twins.lines import cancellations, goods_lines

_KEY = ["order_id", "line_no"]
_PAIR = ["sku", "channel_id"]
_HORIZON = timedelta(days=14)


def _free(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """Free(s,l) = max(0, ATF - safety stock - presentation minimum), units at ``as_of``."""
    key = ["sku", "location_id"]
    moves = x["inventory_movement"].filter(pl.col("event_ts") <= as_of)
    sellable = pl.when(pl.col("state_code") == "sellable").then("quantity").otherwise(0)
    hand = moves.group_by(key).agg(sellable.sum().alias("hand"))
    active = x["reservation"].filter(pl.col("status_code") == "active")
    held = (
        active.filter(
            (pl.col("reservation_type") == "hard") | pl.col("expires_ts").is_null() | (pl.col("expires_ts") > as_of)
        )
        .group_by(key)
        .agg(pl.col("quantity").sum().alias("held"))
    )
    leaving = (
        x["transfer_line"]
        .filter(pl.col("status_code") == "open")
        .group_by("sku", pl.col("from_location_id").alias("location_id"))
        .agg((pl.col("ordered_qty") - pl.col("shipped_qty")).clip(lower_bound=0).sum().alias("leaving"))
    )
    policy = (
        x["safety_stock_policy"]
        .filter(pl.col("valid_from") <= as_of.date())
        .sort("valid_from")
        .unique(subset=key, keep="last")
        .select(*key, "safety_stock_qty", "presentation_min_qty")
    )
    rows = hand
    for part in (held, leaving, policy):
        rows = rows.join(part, on=key, how="left")
    rows = rows.fill_null(0)
    free = (
        pl.col("hand")
        - pl.col("held")
        - pl.col("leaving")
        - pl.col("safety_stock_qty")
        - pl.col("presentation_min_qty")
    )
    return rows.select(*key, free.clip(lower_bound=0).alias("free"))


def k27(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K27 = sum of Free over sku and location, each unit once; here by location."""
    by_location = _free(x, as_of).group_by(pl.col("location_id").alias("location"))
    return by_location.agg(pl.col("free").sum().cast(pl.Float64).alias("numerator"), pl.len().alias("denominator"))


def _limits(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """Quota and protection in force, less what the channel's orders took since the row was written."""
    rows = (
        x["channel_allocation"]
        .filter(pl.col("valid_from") <= as_of.date())
        .sort("valid_from")
        .unique(subset=_PAIR, keep="last")
    )
    gone = cancellations(x).group_by(_KEY).agg(pl.col("quantity").sum().alias("gone"))
    sold = (
        goods_lines(x)
        .join(gone, on=_KEY, how="left")
        .select(*_PAIR, "order_ts", (pl.col("ordered_qty") - pl.col("gone").fill_null(0)).alias("sold"))
        .join(rows.select(*_PAIR, "valid_from", pl.col("updated_ts").alias("written_ts")), on=_PAIR)
        .filter(day("order_ts") >= pl.col("valid_from"), pl.col("order_ts") >= pl.col("written_ts"))
        .group_by(_PAIR)
        .agg(pl.col("sold").sum())
    )
    left = rows.join(sold, on=_PAIR, how="left").with_columns(pl.col("sold").fill_null(0))
    return left.select(
        *_PAIR,
        (pl.col("quota_qty") - pl.col("sold")).clip(lower_bound=0).alias("quota"),
        (pl.col("protection_qty").fill_null(0) - pl.col("sold")).clip(lower_bound=0).alias("protection"),
    )


def _firm_inbound(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """Open units of purchase-order lines that the supplier has not refused, due within the horizon."""
    line = ["po_id", "line_no"]
    receipts = (
        x["receipt_line"]
        .group_by("po_id", pl.col("po_line_no").alias("line_no"))
        .agg((pl.col("received_qty") - pl.col("rejected_qty")).sum().alias("good"), pl.col("is_final").any())
    )
    answers = x["po_acknowledgement"].sort("ack_version")
    last = answers.unique(subset=line, keep="last").select(*line, "ack_type")
    dates = answers.filter(pl.col("ack_type") != "rejected", pl.col("committed_date").is_not_null())
    dates = dates.unique(subset=line, keep="last").select(*line, "committed_date")
    heads = x["purchase_order"].filter(pl.col("status_code") == "open").select("po_id", "location_id")
    due = pl.coalesce("new_date", "committed_date", "requested_date")
    return (
        x["purchase_order_line"]
        .filter(pl.col("status_code") == "open")
        .join(heads, on="po_id")
        .join(last, on=line, how="left")
        .join(dates, on=line, how="left")
        .join(receipts, on=line, how="left")
        .filter(~pl.col("is_final").fill_null(False), pl.col("ack_type").fill_null("none") != "rejected")
        .filter(due <= (as_of + _HORIZON).date())
        .with_columns((pl.col("ordered_qty") - pl.col("good").fill_null(0)).clip(lower_bound=0).alias("inbound"))
        .group_by("sku", "location_id")
        .agg(pl.col("inbound").sum())
    )


def k27_channel(x: Extracts, eligibility: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """K27.channel = max(0, min(quota, Free of the eligible locations - protection of others there + B x inbound)).

    Pairs: what the channel lists, shows or has a limit for; all that its locations hold, where it lists nothing.
    ``eligibility`` is the retailer's setting: ``channel_type, location_type`` of what may sell from what.
    """
    channels = x["channel"].select("channel_id", "channel_type", "allows_backorder")
    serves = (
        channels.join(eligibility, on="channel_type")
        .join(x["location"].select("location_id", "location_type"), on="location_type")
        .select("channel_id", "location_id")
    )
    draws = (
        _free(x, as_of)
        .join(serves, on="location_id")
        .join(_firm_inbound(x, as_of), on=["sku", "location_id"], how="left")
    )
    limits = _limits(x, as_of)
    listings = x["channel_listing"]
    shown = x["ats_publication"].filter(pl.col("live_ts") <= as_of)
    silent = draws.join(listings, on="channel_id", how="anti")
    listed = listings.filter(pl.col("status_code") == "active", pl.col("sku").is_not_null())
    pairs = pl.concat([part.select(_PAIR) for part in (listed, shown, limits, silent)]).unique()
    pool = draws.group_by(_PAIR).agg(pl.col("free", "inbound").sum())
    other = {"channel_id": "other_id"}
    protected = (
        serves.join(serves.rename(other), on="location_id")
        .filter(pl.col("other_id") != pl.col("channel_id"))
        .select("channel_id", "other_id")
        .unique()
        .join(limits.rename(other), on="other_id")
        .group_by(_PAIR)
        .agg(pl.col("protection").sum())
    )
    known = x["inventory_movement"].select("sku").unique()
    bonus = pl.when(pl.col("allows_backorder")).then(pl.col("inbound").fill_null(0)).otherwise(0)
    rows = (
        pairs.join(known, on="sku")
        .join(channels, on="channel_id")
        .join(pool, on=_PAIR, how="left")
        .join(protected, on=_PAIR, how="left")
        .join(limits.select(*_PAIR, "quota"), on=_PAIR, how="left")
        .with_columns((pl.col("free").fill_null(0) - pl.col("protection").fill_null(0) + bonus).alias("left"))
        .with_columns(pl.min_horizontal("left", "quota").clip(lower_bound=0).alias("numerator"))
    )
    return rows.group_by(pl.col("channel_id").alias("channel")).agg(
        pl.col("numerator").sum().cast(pl.Float64), pl.len().cast(pl.Float64).alias("denominator")
    )
