"""Twins of section F but for K85, and of K83: invoices, supplier orders, ship notices, checks, receiving."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from tests.twins.extracts import ZONE, Extracts, day, seconds
from tests.twins.inventory import summed_without_channel as summed

LINE = ["po_id", "line_no"]


def _receipts(x: Extracts) -> pl.DataFrame:
    return x["receipt_line"].rename({"line_no": "receipt_line_no", "po_line_no": "line_no"})


def _matched(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """Invoice lines that were matched, with whether they pass: order and receipt there, price, quantity."""
    invoices = x["supplier_invoice_line"].rename({"line_no": "invoice_line_no", "po_line_no": "line_no"})
    orders = x["purchase_order_line"].select(*LINE, "unit_cost_amount")
    first = _receipts(x).group_by(LINE).agg(pl.col("receipt_ts").min().alias("first_ts"))
    limit = pl.col("invoice_ts") + timedelta(days=10)
    rows = (
        invoices.sort("invoice_ts", "invoice_id", "invoice_line_no")
        .with_columns(pl.col("quantity").cum_sum().over(LINE).alias("billed"))
        .join(orders, on=LINE, how="left")
        .join(first, on=LINE, how="left")
        .with_columns(
            pl.when(pl.col("unit_cost_amount").is_not_null() & (pl.col("first_ts") <= limit))
            .then(pl.max_horizontal("invoice_ts", "first_ts"))
            .otherwise(limit)
            .alias("matched_ts")
        )
        .filter(pl.col("matched_ts") <= as_of)
    )
    accepted = (
        rows.select("invoice_id", "invoice_line_no", *LINE, "matched_ts")
        .join(_receipts(x).select(*LINE, "receipt_ts", "received_qty", "rejected_qty"), on=LINE)
        .filter(pl.col("receipt_ts") <= pl.col("matched_ts"))
        .group_by("invoice_id", "invoice_line_no")
        .agg((pl.col("received_qty") - pl.col("rejected_qty")).sum().alias("accepted"))
    )
    both = rows.join(accepted, on=["invoice_id", "invoice_line_no"], how="left")
    off = (pl.col("unit_price_amount") - pl.col("unit_cost_amount")).abs() <= 0.02 * pl.col("unit_cost_amount") + 1e-9
    passes = off & (pl.col("accepted") > 0) & (pl.col("billed") <= pl.col("accepted"))
    return both.with_columns(passes.fill_null(False).alias("passes"))


def k83(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K83 = goods invoice lines that pass at first match / matched; K83.fail = the others."""
    rows = _matched(x, as_of)
    return pl.concat(
        [
            summed(rows, "K83", day("matched_ts"), pl.col("passes"), pl.lit(1)),
            summed(rows, "K83.fail", day("matched_ts"), ~pl.col("passes"), pl.lit(1)),
        ]
    )


def _due(x: Extracts) -> pl.DataFrame:
    """Purchase-order lines that stand, with the original commit and the instant at which its day ends there."""
    first = (
        x["po_acknowledgement"]
        .filter(pl.col("ack_type") != "rejected")
        .sort("ack_version")
        .group_by(LINE)
        .agg(pl.col("committed_date").first().alias("first_commit"))
    )
    places = x["location"].select("location_id", "time_zone")
    heads = x["purchase_order"].select("po_id", "location_id", pl.col("status_code").alias("head_status"))
    rows = (
        x["purchase_order_line"]
        .join(heads, on="po_id")
        .join(places, on="location_id", how="left")
        .join(first, on=LINE, how="left")
        .with_columns(pl.coalesce("first_commit", "requested_date").alias("commit"))
        .filter(pl.col("status_code") != "cancelled", pl.col("head_status") != "cancelled")
    )
    zones = rows["time_zone"].drop_nulls().unique().to_list()
    end = (pl.col("commit") + timedelta(days=1)).cast(pl.Datetime("us"))
    told = pl.coalesce(
        pl.when(pl.col("time_zone").fill_null(ZONE) == zone).then(
            end.dt.replace_time_zone(zone).dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        )
        for zone in {*zones, ZONE}
    )
    return rows.with_columns(told.alias("deadline"))


def _delivered(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """The lines due with what came: good units, within the grace, first and last arrival, notices, failed invoices."""
    lines = _due(x)
    good = pl.col("received_qty") - pl.col("rejected_qty")
    arrival = pl.coalesce("arrived_ts", "receipt_ts")
    came = (
        _receipts(x)
        .join(lines.select(*LINE, "deadline"), on=LINE)
        .group_by(LINE)
        .agg(
            good.sum().alias("good"),
            pl.col("received_qty").sum().alias("received"),
            pl.col("rejected_qty").sum().alias("rejected"),
            good.filter(pl.col("receipt_ts") <= pl.col("deadline") + timedelta(days=2)).sum().alias("in_time"),
            arrival.min().alias("first_in"),
            arrival.max().alias("last_in"),
        )
    )
    notices = (
        x["asn_line"]
        .group_by("po_id", pl.col("po_line_no").alias("line_no"))
        .agg(pl.col("asn_ts").min(), pl.col("shipped_qty").sum().alias("noticed"))
    )
    billed = _matched(x, as_of).group_by(LINE).agg(pl.col("passes").all().alias("bills_pass"))
    return (
        lines.join(came, on=LINE, how="left")
        .join(notices, on=LINE, how="left")
        .join(billed, on=LINE, how="left")
        .with_columns(pl.col("good", "received", "rejected", "in_time").fill_null(0))
    )


def k84(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K84 = supplier orders full, on time, documented, in condition on all lines / due; otif by line."""
    rows = _delivered(x, as_of).filter(pl.col("deadline") < as_of)
    full = pl.col("good") == pl.col("ordered_qty")
    window = (pl.col("last_in") <= pl.col("deadline")) & (pl.col("first_in") > pl.col("deadline") - timedelta(days=3))
    timely = ((pl.col("good") >= pl.col("ordered_qty")) & window).fill_null(False)
    papers = ((pl.col("asn_ts") <= pl.col("first_in")) & (pl.col("noticed") == pl.col("received"))).fill_null(False)
    papers = papers & pl.col("bills_pass").fill_null(True)
    flags = rows.with_columns(
        (full & timely & papers & (pl.col("rejected") == 0)).alias("perfect"), (full & timely).alias("otif")
    )
    orders = flags.group_by("po_id", "commit").agg(pl.col("perfect").all())
    return pl.concat(
        [
            summed(orders, "K84", pl.col("commit"), pl.col("perfect"), pl.lit(1)),
            summed(flags, "K84.otif", pl.col("commit"), pl.col("otif"), pl.lit(1)),
        ]
    )


def k86(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K86 = min(good units by commit + 2 d, ordered) / ordered, of lines whose grace has passed."""
    rows = _delivered(x, as_of).filter(pl.col("deadline") + timedelta(days=2) < as_of)
    filled = pl.min_horizontal("in_time", "ordered_qty")
    return summed(rows, "K86", pl.col("commit") + timedelta(days=2), filled, pl.col("ordered_qty"))


def k87(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K87 = receipt lines equal to their notice / receipt lines and notices of which nothing came; timely arrivals."""
    notices = x["asn_line"].rename({"line_no": "asn_line_no", "po_line_no": "line_no", "sku": "asn_sku"})
    receipts = _receipts(x)
    equal = (
        receipts.join(notices, on=LINE)
        .filter(pl.col("asn_sku") == pl.col("sku"), pl.col("shipped_qty") == pl.col("received_qty"))
        .select("receipt_id", "receipt_line_no")
        .unique()
        .with_columns(pl.lit(1).alias("equal"))
    )
    lines = receipts.join(equal, on=["receipt_id", "receipt_line_no"], how="left").select(
        pl.coalesce("arrived_ts", "receipt_ts").alias("ts"), pl.col("equal").fill_null(0)
    )
    late = pl.col("eta_ts") + timedelta(days=7)
    came = receipts.select(*LINE, "receipt_ts").join(notices, on=LINE).filter(pl.col("receipt_ts") <= late)
    missing = (
        notices.filter(late <= as_of)
        .join(came.select("asn_id", "asn_line_no").unique(), on=["asn_id", "asn_line_no"], how="anti")
        .select(late.alias("ts"), pl.lit(0).alias("equal"))
    )
    arrivals = (
        receipts.filter(pl.col("arrived_ts").is_not_null())
        .join(notices.select(*LINE, "asn_ts"), on=LINE, how="left")
        .group_by("po_id", "arrived_ts")
        .agg(pl.col("asn_ts").max())
    )
    timely = (pl.col("asn_ts") <= pl.col("arrived_ts") - timedelta(hours=4)).fill_null(False)
    return pl.concat(
        [
            summed(pl.concat([lines, missing]), "K87", day("ts"), pl.col("equal"), pl.lit(1)),
            summed(arrivals, "K87.timely", day("arrived_ts"), timely, pl.lit(1)),
        ]
    )


def k90(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K90 = weight of checks passed / weight of checks made."""
    rows = x["vendor_compliance_event"]
    weight = pl.col("weight")
    return summed(rows, "K90", day("checked_ts"), pl.when("is_passed").then(weight).otherwise(0), weight)


def k92(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K92 = good units arrived and not put away; dock_to_stock = putaway - arrival."""
    rows = _receipts(x).with_columns(pl.lit(as_of).alias("now"))
    waits = rows.filter(pl.col("arrived_ts") <= as_of, pl.col("putaway_ts").is_null() | (pl.col("putaway_ts") > as_of))
    shelved = rows.filter(pl.col("putaway_ts") >= pl.col("arrived_ts"))
    good = pl.col("received_qty") - pl.col("rejected_qty")
    return pl.concat(
        [
            summed(waits, "K92", day("now"), good, pl.lit(1)),
            summed(shelved, "K92.dock_to_stock", day("putaway_ts"), seconds("putaway_ts", "arrived_ts"), pl.lit(1)),
        ]
    )
