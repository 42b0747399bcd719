"""Twins of the risks that are judged by rule until there are predictions: K33, K35, K89."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from math import ceil, exp

import polars as pl

from tests.twins.extracts import Extracts, day
from tests.twins.inbound import LINE
from tests.twins.inventory import PLACE, summed_without_channel
from tests.twins.messages import compared
from tests.twins.stock_walk import _cost_now, _local_day, cover


def k33(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K33 = exp(-hours quiet / 48) x (1 - mismatches of 90 days) x exp(-days uncounted / 180), over compared pairs.

    Quiet since the last movement; uncounted since the last count, never counted: since the first movement.
    """
    moves = x["inventory_movement"].filter(pl.col("event_ts") <= as_of)
    moves = moves.group_by(PLACE).agg(pl.col("event_ts").max().alias("last"), pl.col("event_ts").min().alias("first"))
    counts = x["cycle_count"].filter(pl.col("count_ts") <= as_of).group_by(PLACE).agg(pl.col("count_ts").max())
    since = _local_day(as_of) - timedelta(days=90)
    pairs = (
        compared(x).filter(day("snapshot_ts") > since).group_by(PLACE).agg(pl.col("is_mismatch").mean().alias("bad"))
    )
    rows = moves.join(counts, on=PLACE, how="left").join(pairs, on=PLACE).select("last", "first", "count_ts", "bad")
    found = []
    for last, first, counted, bad in rows.rows():
        quiet = (as_of - last).total_seconds() / 3600
        uncounted = (as_of - (counted or first)).total_seconds() / 86_400
        found.append(round(exp(-quiet / 48) * (1 - bad) * exp(-uncounted / 180), 6))
    frame = pl.DataFrame({"trust": found, "now": [as_of] * len(found)})
    return summed_without_channel(frame, "K33", day("now"), pl.col("trust"), pl.lit(1))


def _completed(x: Extracts) -> pl.DataFrame:
    """Purchase-order lines with their head, good units received, and the receipt that completed them."""
    good = pl.col("received_qty") - pl.col("rejected_qty")
    receipts = x["receipt_line"].drop("line_no").rename({"po_line_no": "line_no"}).sort("receipt_ts", "receipt_id")
    receipts = receipts.with_columns(good.alias("good"), good.cum_sum().over(LINE).alias("so_far"))
    heads = x["purchase_order"].select(
        "po_id", "supplier_id", "location_id", "po_sent_ts", pl.col("status_code").alias("head_status")
    )
    lines = x["purchase_order_line"].join(heads, on="po_id")
    ended = receipts.join(lines.select(*LINE, "ordered_qty"), on=LINE)
    ended = ended.filter(pl.col("is_final") | (pl.col("so_far") >= pl.col("ordered_qty")))
    return (
        lines.join(receipts.group_by(LINE).agg(pl.col("good").sum()), on=LINE, how="left")
        .join(ended.group_by(LINE).agg(pl.col("receipt_ts").min().alias("done_ts")), on=LINE, how="left")
        .with_columns((pl.col("ordered_qty") - pl.col("good").fill_null(0)).alias("open_qty"))
    )


def _open(lines: pl.DataFrame) -> pl.DataFrame:
    live = (pl.col("status_code") == "open") & (pl.col("head_status") == "open")
    return lines.filter(live, pl.col("done_ts").is_null(), pl.col("open_qty") > 0)


def _next_inbound(x: Extracts, as_of: datetime) -> dict[tuple[str, str], date]:
    """Of each place and item: the first day on which an open order not refused, or goods on the way, are due."""
    answers = x["po_acknowledgement"].sort("ack_version")
    last = answers.unique(LINE, keep="last", maintain_order=True).select(*LINE, "ack_type")
    dates = answers.filter(pl.col("ack_type") != "rejected", pl.col("committed_date").is_not_null())
    dates = dates.unique(LINE, keep="last", maintain_order=True).select(*LINE, "committed_date")
    lines = _open(_completed(x)).join(last, on=LINE, how="left").join(dates, on=LINE, how="left")
    bought = lines.filter(pl.col("ack_type").fill_null("none") != "rejected").select(
        *PLACE, pl.coalesce("new_date", "committed_date", "requested_date").alias("due")
    )
    under_way = x["transfer_line"].filter(
        pl.col("shipped_ts") <= as_of, pl.col("completed_ts").is_null() | (pl.col("completed_ts") > as_of)
    )
    due = pl.coalesce("due_date", day("shipped_ts") + timedelta(days=2)).alias("due")
    moved = under_way.select(pl.col("to_location_id").alias("location_id"), "sku", due)
    both = pl.concat([bought, moved]).drop_nulls("due").group_by(PLACE).agg(pl.col("due").min())
    return {(place, sku): on for place, sku, on in both.select(*PLACE, "due").rows()}


def k35(x: Extracts, as_of: datetime, places: pl.DataFrame) -> pl.DataFrame:
    """K35 = items at places that run out before more comes (else within the lead time) / all; short units' margin.

    What is there counts as in K36: never less than nothing.
    """
    today, costs, due = _local_day(as_of), _cost_now(x, as_of), _next_inbound(x, as_of)
    leads = dict(x["supplier_item"].group_by("sku").agg(pl.col("lead_time_days").min()).rows())
    prices = dict(x["product"].select("sku", "list_price_amount").rows())
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for (place, sku), (units, daily) in cover(x, as_of, places).items():
        coming = due.get((place, sku))
        wait = leads.get(sku) if coming is None else max((coming - today).days, 0)
        if daily is None or wait is None:
            continue
        short = max(daily * wait - max(units, 0), 0)
        for kpi, size in (("K35", float(short > 0)), ("K35.value", short * (prices[sku] - costs[sku]))):
            sums[kpi][0] += size
            sums[kpi][1] += 1
    rows = [(kpi, today, top, bottom) for kpi, (top, bottom) in sums.items()]
    return pl.DataFrame(rows, schema=["kpi_id", "period_date", "numerator", "denominator"], orient="row")


def k89(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K89 = open lines expected after the day they were asked for / open lines; the margin of what is missing.

    Expected: on the day of the ship notice, else when four of five lines of the supplier had come, never before today.
    """
    zones = x["location"].select("location_id", "time_zone")
    lines = _completed(x).join(zones, on="location_id", how="left")
    taken: dict[str, list[int]] = defaultdict(list)
    for supplier, sent, done in lines.drop_nulls("done_ts").select("supplier_id", "po_sent_ts", "done_ts").rows():
        taken[supplier].append((_local_day(done) - _local_day(sent)).days)
    usual = {supplier: sorted(days)[ceil(len(days) * 4 / 5) - 1] for supplier, days in taken.items()}
    notices = x["asn_line"].group_by("po_id", pl.col("po_line_no").alias("line_no")).agg(pl.col("eta_ts").max())
    prices = x["product"].select("sku", "list_price_amount")
    rows = _open(lines).join(notices, on=LINE, how="left").join(prices, on="sku", how="left")
    today, found = _local_day(as_of), []
    for row in rows.drop_nulls("requested_date").iter_rows(named=True):
        wait = usual.get(row["supplier_id"], row["quoted_lead_time_days"])
        expected = _local_day(row["eta_ts"]) if row["eta_ts"] else _local_day(row["po_sent_ts"]) + timedelta(days=wait)
        late = max(expected, today) > row["requested_date"]
        margin = row["open_qty"] * (row["list_price_amount"] - row["unit_cost_amount"])
        found.append((as_of, late, margin if late else 0.0))
    frame = pl.DataFrame(found, schema=["now", "late", "margin"], orient="row")
    return pl.concat(
        [
            summed_without_channel(frame, "K89", day("now"), pl.col("late"), pl.lit(1)),
            summed_without_channel(frame, "K89.value", day("now"), pl.col("margin"), pl.lit(1)),
        ]
    )
