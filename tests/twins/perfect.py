"""Twin of K01 (perfect order) by order and by line, with its four flags.

Formula: catalogue K01, conventions 4, 6 and 12, and what the decisions say about K01. A flag is true, false, or null
where it cannot be judged; an order's flag is null when one of its lines' flags is.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from tests.twins.extracts import Extracts, day
from tests.twins.lines import completions, line_outcomes, summed

_KEY = ["order_id", "line_no"]
_FLAGS = ["in_full", "on_time", "docs_ok", "condition_ok"]
_BAD = ["damaged", "defective", "wrong_item", "missing_item"]
_CENT = 0.01 + 1e-9


def _handed(x: Extracts) -> pl.DataFrame:
    """Units delivered or ready by line, of the ordered item or of another, with the first and the last moment."""
    wrong = (
        x["shipment_line"]
        .join(x["sales_order_line"].select(*_KEY, pl.col("sku").alias("ordered_sku")), on=_KEY)
        .group_by(_KEY)
        .agg((pl.col("sku") != pl.col("ordered_sku")).any().alias("wrong_sku"))
    )
    units = completions(x)
    arrived = (
        units.filter(pl.col("how") != "collected")
        .group_by(_KEY)
        .agg(pl.col("quantity").sum().alias("arrived"), pl.col("ts").min().alias("first_ts"))
    )
    taken = units.filter(pl.col("how") != "ready").group_by(_KEY).agg(pl.col("ts").max().alias("hand_over_ts"))
    return arrived.join(taken, on=_KEY, how="left").join(wrong, on=_KEY, how="left")


def _notices(x: Extracts) -> pl.DataFrame:
    """Whether every ship notice came by the delivery of its parcel, and every ready notice by the collection."""
    scans = (
        x["shipment_event"]
        .filter(pl.col("event_type") == "delivered")
        .group_by("shipment_id", "parcel_id")
        .agg(pl.col("event_ts").min().alias("ts"))
    )
    live = x["shipment"].filter((pl.col("status_code") == "shipped") & ~pl.col("is_replacement"))
    shipped = (
        x["shipment_line"]
        .join(live.select("shipment_id", "ship_notice_ts"), on="shipment_id")
        .join(scans, on=["shipment_id", "parcel_id"])
        .select(*_KEY, (pl.col("ship_notice_ts") <= pl.col("ts")).fill_null(False).alias("noticed"))
    )
    ready = (
        x["pickup_task"]
        .filter(pl.col("collected_ts").is_not_null())
        .select(*_KEY, (pl.col("notified_ts") <= pl.col("collected_ts")).fill_null(False).alias("noticed"))
    )
    return pl.concat([shipped, ready]).group_by(_KEY).agg(pl.col("noticed").all())


def _tax_is_right(x: Extracts) -> pl.DataFrame:
    """Whether the tax lines of an order line are what its rate makes of its amount; null without line or rule."""
    rules = x["tax_rule"].select("tax_code", "valid_from", "rate_share").sort("valid_from")
    charged = (
        x["tax_line"]
        .with_columns(pl.col("event_ts").dt.date().alias("on_day"))
        .sort("on_day")
        .join_asof(rules, left_on="on_day", right_on="valid_from", by="tax_code", check_sortedness=False)
        .with_columns((pl.col("taxable_amount") * pl.col("rate_share")).alias("recomputed"))
    )
    return charged.group_by(_KEY).agg(
        pl.when(pl.col("recomputed").is_null().any())
        .then(None)
        .otherwise((pl.col("tax_amount") - pl.col("recomputed")).abs().max() <= _CENT)
        .first()
        .alias("tax_ok")
    )


def _captured_is_invoiced(x: Extracts) -> pl.DataFrame:
    taken = (
        x["payment"]
        .filter(pl.col("payment_type") == "capture", pl.col("status_code") == "succeeded")
        .group_by("order_id")
        .agg(pl.col("amount").sum().alias("captured"))
    )
    bills = (
        x["customer_document_line"]
        .filter(pl.col("document_type").is_in(["invoice", "receipt"]), pl.col("order_id").is_not_null())
        .group_by("order_id")
        .agg((pl.col("net_amount") + pl.col("tax_amount")).sum().alias("billed"))
    )
    both = taken.join(bills, on="order_id", how="full", coalesce=True).fill_null(0)
    return both.select("order_id", ((pl.col("captured") - pl.col("billed")).abs() <= _CENT).alias("money_ok"))


def _first_document(x: Extracts) -> pl.DataFrame:
    papers = x["customer_document_line"].filter(pl.col("document_type").is_in(["invoice", "receipt"]))
    return papers.group_by("order_id", pl.col("order_line_no").alias("line_no")).agg(
        pl.col("issued_ts").min().alias("document_ts")
    )


def _complaints(x: Extracts) -> pl.DataFrame:
    """First return, or claim of the line or of its whole order, for damage, defect, wrong or missing item."""
    back = x["return_line"].filter(pl.col("reason_code").is_in(_BAD), pl.col("order_id").is_not_null())
    returned = back.select("order_id", pl.col("order_line_no").alias("line_no"), pl.col("initiated_ts").alias("ts"))
    cases = x["customer_case"].filter(pl.col("theme_code").is_in(_BAD)).select(*_KEY, pl.col("opened_ts").alias("ts"))
    whole = cases.filter(pl.col("line_no").is_null()).drop("line_no").join(x["sales_order_line"], on="order_id")
    every = pl.concat([returned, cases.filter(pl.col("line_no").is_not_null()), whole.select(*_KEY, "ts")])
    return every.group_by(_KEY).agg(pl.col("ts").min().alias("complaint_ts"))


def judged_lines(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """Lines that still oblige, with their four flags."""
    lines = line_outcomes(x).filter(pl.col("obliged") > 0)
    for part in (_handed(x), _notices(x), _tax_is_right(x), _first_document(x), _complaints(x)):
        lines = lines.join(part, on=_KEY, how="left")
    lines = lines.join(_captured_is_invoiced(x), on="order_id", how="left")
    complete = pl.col("actual_ts").is_not_null()
    promised = pl.col("promise_latest_ts").is_not_null()
    soon_enough = pl.col("is_pickup") | (pl.col("first_ts") >= pl.col("promise_earliest_ts")).fill_null(True)
    in_time = (pl.col("actual_ts") <= pl.col("promise_latest_ts")) & soon_enough
    paper_limit = pl.col("hand_over_ts") + timedelta(days=1)
    paper = (pl.col("document_ts") <= paper_limit).fill_null(False) | (paper_limit > as_of).fill_null(True)
    papers = pl.col("noticed").fill_null(True) & paper & pl.col("money_ok").fill_null(True) & pl.col("tax_ok")
    complained = (pl.col("complaint_ts") <= pl.col("hand_over_ts") + timedelta(days=30)).fill_null(True)
    return lines.with_columns(
        (complete & (pl.col("arrived") == pl.col("obliged")) & ~pl.col("wrong_sku").fill_null(False)).alias("in_full"),
        pl.when(promised).then(complete & in_time.fill_null(False)).alias("on_time"),
        pl.when(complete).then(papers).otherwise(False).alias("docs_ok"),
        (pl.col("complaint_ts").is_null() | ~complained).alias("condition_ok"),
    )


def k01(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K01 = orders on which all four flags hold on every line / orders due; each flag and the lines beside it."""
    lines = judged_lines(x, as_of)
    perfect = pl.all_horizontal(_FLAGS)
    known = pl.all_horizontal(pl.col(_FLAGS).is_not_null())
    orders = (
        lines.group_by("order_id", "channel_id")
        .agg(
            pl.col("promise_latest_ts").max(),
            *[
                pl.when(pl.col(name).is_not_null().all()).then(pl.col(name).all()).first().alias(name)
                for name in _FLAGS
            ],
        )
        .filter(pl.col("promise_latest_ts") <= as_of)
    )
    due = lines.filter(pl.col("promise_latest_ts") <= as_of, known)
    period = day("promise_latest_ts")
    flags = [
        summed(orders.filter(pl.col(name).is_not_null()), f"K01.{name}", period, pl.col(name), pl.lit(1))
        for name in _FLAGS
    ]
    whole = summed(orders.filter(known), "K01", period, perfect, pl.lit(1))
    return pl.concat([whole, *flags, summed(due, "K01.line", period, perfect, pl.lit(1))])
