"""Twins of section D but for K60 and K62: cycle time, order of refunds, credit memos, exposure, dispositions, reasons,
other channels (K61, K63 to K65, K67 to K69)."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from tests.twins.extracts import Extracts, day, seconds
from tests.twins.orders import summed
from tests.twins.returns import _of_goods, _returns

LINE = ["return_id", "line_no"]
_CLAIMS = ["damaged", "defective", "wrong_item", "missing_item"]


def _events(x: Extracts) -> pl.DataFrame:
    """One row a return line: when it was received, inspected, disposed of and for sale, and what was found."""
    events = x["return_event"].sort("event_ts", "event_id")

    def of(kind: str) -> pl.Expr:
        return pl.col("event_ts").filter(pl.col("event_type") == kind)

    def last(column: str, kind: str) -> pl.Expr:
        return pl.col(column).filter((pl.col("event_type") == kind) & pl.col(column).is_not_null()).last()

    return events.group_by(LINE).agg(
        of("received").max().alias("received_ts"),
        of("inspected").min().alias("inspected_ts"),
        of("disposed").max().alias("disposed_ts"),
        of("available").max().alias("available_ts"),
        last("location_id", "received").alias("received_at"),
        last("result_code", "inspected").alias("result"),
        last("condition_code", "inspected").alias("condition"),
        last("disposition_code", "disposed").alias("disposition"),
        pl.col("quantity").filter(pl.col("event_type") == "received").sum().alias("received_qty"),
        pl.col("quantity").filter(pl.col("event_type") == "disposed").sum().alias("disposed_qty"),
    )


def _lines(x: Extracts) -> pl.DataFrame:
    """Return lines of goods with their events, whether they came over a counter, and when they began."""
    under_way = (
        x.versions("return_line")
        .filter(pl.col("status_code") == "in_transit")
        .group_by(LINE)
        .agg(pl.col("updated_ts").min().alias("in_transit_ts"))
    )
    places = x["location"].select(pl.col("location_id").alias("place"), "location_type")
    return (
        _of_goods(_returns(x), x)
        .join(_events(x), on=LINE, how="left")
        .join(under_way, on=LINE, how="left")
        .with_columns(pl.coalesce("received_at", "return_location_id").alias("place"))
        .join(places, on="place", how="left")
        .with_columns((pl.col("location_type") == "store").fill_null(False).alias("at_counter"))
        .with_columns(
            pl.when("at_counter").then("received_ts").otherwise("initiated_ts").alias("started_ts"),
        )
    )


def _timed(rows: pl.DataFrame, kpi: str, period: str, later: str, earlier: str) -> pl.DataFrame:
    """Sum of the durations that are known and not negative, and their number."""
    known = rows.filter(pl.col(later) >= pl.col(earlier))
    return summed(known, kpi, day(period), seconds(later, earlier), pl.lit(1))


def k61(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K61 = disposition - start; carrier, receive, inspect and dispose are its stages; open_age of what is open."""
    lines = _lines(x)
    done, mail = lines.filter(pl.col("disposed_ts").is_not_null()), pl.col("at_counter").not_()
    still = _open(lines, x).filter(pl.col("disposed_ts").is_null(), pl.col("state") != "not_credited")
    return pl.concat(
        [
            _timed(done, "K61", "disposed_ts", "disposed_ts", "started_ts"),
            _timed(done.filter(mail), "K61.carrier", "disposed_ts", "in_transit_ts", "started_ts"),
            _timed(done.filter(mail), "K61.receive", "disposed_ts", "received_ts", "in_transit_ts"),
            _timed(done, "K61.inspect", "disposed_ts", "inspected_ts", "received_ts"),
            _timed(done, "K61.dispose", "disposed_ts", "disposed_ts", "inspected_ts"),
            _timed(still.with_columns(pl.lit(as_of).alias("now")), "K61.open_age", "now", "now", "started_ts"),
        ]
    )


def _needs_inspection(lines: pl.DataFrame, x: Extracts) -> pl.DataFrame:
    """Lines whose policy of the day of the start, channel before category before all, wants an inspection first."""
    category = x["product"].select("sku", pl.col("category_code").alias("own_category"))
    rules = x["return_policy"].rename({"channel_id": "rule_channel", "category_code": "rule_category"})
    return (
        lines.join(category, on="sku", how="left")
        .join(rules, how="cross")
        .filter(
            pl.col("rule_channel").is_in(["*"]) | (pl.col("rule_channel") == pl.col("channel_id")),
            pl.col("rule_category").is_in(["*"]) | (pl.col("rule_category") == pl.col("own_category")),
            day("initiated_ts") >= pl.col("valid_from"),
            pl.col("valid_to").is_null() | (day("initiated_ts") <= pl.col("valid_to")),
        )
        .sort(
            (pl.col("rule_channel") == "*"),
            (pl.col("rule_category") == "*"),
            pl.col("valid_from"),
            "policy_id",
            descending=[False, False, True, False],
        )
        .unique(LINE, keep="first", maintain_order=True)
        .filter("requires_inspection")
        .select(LINE)
    )


def k63(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K63 = refunds with inspected_ts missing or later than the refund / refunds that need the inspection first."""
    lines = _lines(x)
    refunds = (
        x["refund"]
        .filter(pl.col("status_code") != "failed")
        .select("refund_id", "refund_ts", "return_id", pl.col("return_line_no").alias("line_no"))
        .join(lines.join(_needs_inspection(lines, x), on=LINE, how="semi"), on=LINE)
    )
    early = pl.col("inspected_ts").is_null() | (pl.col("inspected_ts") > pl.col("refund_ts"))
    return summed(refunds, "K63", day("refund_ts"), early, pl.lit(1))


def _memo(x: Extracts) -> pl.DataFrame:
    return (
        x["customer_document_line"]
        .filter(pl.col("document_type") == "credit_memo", pl.col("return_id").is_not_null())
        .group_by("return_id", pl.col("return_line_no").alias("line_no"))
        .agg(pl.col("posted_ts").min().alias("memo_ts"))
    )


def k64(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K64 = receipts five days old whose memo was missing then, before the inspection, or of another month.

    The simulated retailer's fiscal periods are calendar months.
    """
    lines = _lines(x)
    first_refund = (
        x["refund"]
        .filter(pl.col("status_code") != "failed")
        .group_by("return_id", pl.col("return_line_no").alias("line_no"))
        .agg(pl.col("refund_ts").min().alias("first_refund_ts"))
    )
    due = pl.col("received_ts") + timedelta(days=5)
    needs = _needs_inspection(lines, x).with_columns(pl.lit(True).alias("needs"))
    rows = (
        lines.filter(due <= as_of, pl.col("status_code") != "refused", pl.col("result").fill_null("") != "refused")
        .join(_memo(x), on=LINE, how="left")
        .join(first_refund, on=LINE, how="left")
        .join(needs, on=LINE, how="left")
        .with_columns(due.alias("due_ts"), pl.min_horizontal("received_ts", "first_refund_ts").alias("first_ts"))
    )
    missing = pl.col("memo_ts").is_null() | (pl.col("memo_ts") > pl.col("due_ts"))
    early = pl.col("needs").fill_null(False) & (
        pl.col("inspected_ts").is_null() | (pl.col("inspected_ts") > pl.col("memo_ts"))
    )
    other = day("memo_ts").dt.strftime("%Y-%m") != day("first_ts").dt.strftime("%Y-%m")
    wrong = missing | early | other.fill_null(False)
    return summed(rows, "K64", day("due_ts"), wrong, pl.lit(1))


def _open(lines: pl.DataFrame, x: Extracts) -> pl.DataFrame:
    """Returns that are not closed, each in one state."""
    refunds = (
        x["refund"]
        .filter(pl.col("status_code").is_in(["issued", "settled"]))
        .group_by("return_id", pl.col("return_line_no").alias("line_no"))
        .agg(pl.len().alias("refunds"))
    )
    rows = (
        lines.join(refunds, on=LINE, how="left")
        .join(_memo(x), on=LINE, how="left")
        .filter(
            ~pl.col("status_code").is_in(["withdrawn", "expired", "refused"]),
            pl.col("result").fill_null("") != "refused",
        )
    )
    paid, here = pl.col("refunds").is_not_null(), pl.col("received_ts").is_not_null()
    state = (
        pl.when(paid & ~here & ~pl.col("is_refund_without_return"))
        .then(pl.lit("refunded_not_received"))
        .when(paid & here & pl.col("memo_ts").is_null())
        .then(pl.lit("not_credited"))
        .when(~paid & here)
        .then(pl.lit("received_not_refunded"))
        .when(~paid & ~here)
        .then(pl.lit("initiated"))
    )
    return rows.with_columns(state.alias("state")).filter(pl.col("state").is_not_null())


def k67(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K67 = units restocked / units dispositioned; the mix adds up to one; days = available - received, restocked."""
    done = _lines(x).filter(pl.col("disposed_ts").is_not_null())
    restocked = pl.col("disposition") == "restock"
    units = pl.col("disposed_qty")
    shelf = done.filter(restocked, pl.col("available_ts").is_not_null())
    return pl.concat(
        [
            summed(done, "K67", day("disposed_ts"), pl.when(restocked).then(units).otherwise(0), units),
            summed(done, "K67.mix", day("disposed_ts"), units, units),
            _timed(shelf, "K67.days", "available_ts", "available_ts", "received_ts"),
        ]
    )


def k68(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K68 = lines whose stated reason class is the inspected one / lines with both."""
    stated = pl.when(pl.col("reason_code").is_in(_CLAIMS)).then("reason_code").otherwise(pl.lit("customer"))
    found = pl.when(pl.col("condition").is_in(["new", "opened"])).then(pl.lit("customer")).otherwise("condition")
    rows = _lines(x).filter(pl.col("reason_code").is_not_null(), pl.col("condition").is_not_null())
    return summed(rows, "K68", day("inspected_ts"), stated == found, pl.lit(1))


def k69(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K69 = units received back in another channel than sold / units received back with a known sale."""
    rows = _lines(x).filter(pl.col("received_ts").is_not_null(), pl.col("channel_id") != "UNKNOWN")
    other = pl.col("return_channel_id") != pl.col("channel_id")
    return summed(
        rows, "K69", day("received_ts"), pl.when(other).then("received_qty").otherwise(0), pl.col("received_qty")
    )
