"""Twins of section D but for K60 and K62: cycle time, order of refunds, credit memos, exposure, dispositions, reasons,
recovery, other channels (K61, K63 to K69)."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from tests.twins.extracts import Extracts, day, seconds
from tests.twins.finance import _div, _issues, _whole, _with_rate
from tests.twins.lines import summed
from tests.twins.returns import _of_goods, _returns

LINE = ["return_id", "line_no"]
_CLAIMS = ["damaged", "defective", "wrong_item", "missing_item"]
_REASONS = [*_CLAIMS, "changed_mind", "too_late", "wrong_size", "other"]  # another code states nothing


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


def _sale_lines(x: Extracts) -> pl.DataFrame:
    """What was charged for a sale line, in EUR cents with tax and without, its units, and the place that gave it.

    The place of an order line is the one whose part arrived last; money is at the rate of the sale's day, net amount
    and tax each in whole cents.
    """
    names = ["line_no", "quantity", "gross_amount", "discount_amount", "tax_amount"]
    orders = x["sales_order_line"].join(
        x["sales_order"].select("order_id", "currency_code", day("order_ts").alias("sale_day")), on="order_id"
    )
    arrived = x["shipment_event"].filter(pl.col("event_type") == "delivered")
    arrived = arrived.group_by("parcel_id").agg(pl.col("event_ts").min().alias("arrived_ts"))
    parts = _issues(x).join(arrived, on="parcel_id", how="left").with_columns(pl.coalesce("arrived_ts", "ts"))
    given = parts.sort("arrived_ts", "location_id").group_by("sale_id", "line_no", maintain_order=True)
    orders = orders.select(pl.col("order_id").alias("sale_id"), *names, "currency_code", "sale_day").join(
        given.agg(pl.col("location_id").last().alias("sold_at")), on=["sale_id", "line_no"], how="left"
    )
    heads = x["pos_transaction"].select(
        "transaction_id",
        "currency_code",
        day("transaction_ts").alias("sale_day"),
        pl.col("location_id").alias("sold_at"),
    )
    tills = x["pos_transaction_line"].join(heads, on="transaction_id")
    tills = tills.select(pl.col("transaction_id").alias("sale_id"), *names, "currency_code", "sale_day", "sold_at")
    rated = _with_rate(pl.concat([orders, tills]), x, "sale_day")
    net = _whole("gross_amount", 100) - _whole("discount_amount", 100) - _whole("tax_amount", 100)
    net, tax = (_div(cents * pl.col("rate_e6"), 1_000_000) for cents in (net, _whole("tax_amount", 100)))
    return rated.select(
        "sale_id",
        pl.col("line_no").alias("sale_line"),
        pl.col("quantity").alias("sold_qty"),
        (net + tax).alias("with_tax"),
        net.alias("without_tax"),
        "sold_at",
        "rate_e6",
    )


def _valued(lines: pl.DataFrame, x: Extracts, units: str) -> pl.DataFrame:
    """Return lines with the share of what was charged that so many units have, in whole cents."""
    share = pl.min_horizontal(units, "quantity", "sold_qty")
    return lines.join(_sale_lines(x), on=["sale_id", "sale_line"], how="left").with_columns(
        [_div(pl.col(name) * share, pl.col("sold_qty")) for name in ("with_tax", "without_tax")]
    )


def k65(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K65 = refunds made, else the share of the sale, with tax, of open returns; each in one state."""
    rate = _sale_lines(x).select("sale_id", "rate_e6").unique("sale_id")
    refunds = (
        x["refund"]
        .filter(pl.col("status_code").is_in(["issued", "settled"]))
        .with_columns(
            pl.coalesce("order_id", "transaction_id").alias("sale_id"), pl.col("return_line_no").alias("line_no")
        )
    )
    made = (
        refunds.join(rate, on="sale_id", how="left")
        .with_columns(_div(_whole("amount", 100) * pl.col("rate_e6").fill_null(1_000_000), 1_000_000).alias("refunded"))
        .group_by(LINE)
        .agg(pl.col("refunded").sum())
    )
    rows = _valued(_open(_lines(x), x), x, "quantity").join(made, on=LINE, how="left")
    rows = rows.with_columns((pl.coalesce("refunded", "with_tax") / 100).alias("value"), pl.lit(as_of).alias("now"))
    rows = rows.filter(pl.col("value").is_not_null())
    parts = [summed(rows, "K65", day("now"), pl.col("value"), pl.lit(1))]
    for state in ("refunded_not_received", "received_not_refunded", "initiated", "not_credited"):
        some = rows.filter(pl.col("state") == state)
        parts.append(summed(some, f"K65.{state}", day("now"), pl.col("value"), pl.lit(1)))
    return pl.concat(parts)


def k66(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K66 = list price of restocked units, claims credited, markdown prices ex tax, less handling / original sale."""
    prices = (
        x["price_publication"]
        .filter(pl.col("price_type") == "markdown", pl.col("live_ts") <= as_of)
        .sort("effective_ts", "price_version")
        .group_by("sku", "channel_id", maintain_order=True)
        .agg(pl.col("price_amount", "currency_code").last())
    )
    credits = (
        x["supplier_claim"]
        .group_by("return_id", pl.col("return_line_no").alias("line_no"))
        .agg(pl.col("credited_amount").fill_null(0).sum().alias("credited"))
    )
    rates = x["cost_rate"].filter(pl.col("cost_type") == "return_handling").sort("valid_from")
    rows = (
        _valued(_lines(x).filter(pl.col("disposed_ts").is_not_null()), x, "disposed_qty")
        .with_columns(day("disposed_ts").alias("on_day"))
        .join(x["product"].select("sku", "list_price_amount"), on="sku")
        .join(prices, on=["sku", "channel_id"], how="left")
        .join(credits, on=LINE, how="left")
        .drop("rate_e6")
    )
    rows = _with_rate(rows, x, "on_day").sort("on_day")
    rows = rows.join_asof(
        rates.select("location_type", "valid_from", "unit_amount"),
        left_on="on_day",
        right_on="valid_from",
        by="location_type",
        check_sortedness=False,
    )
    units, how = pl.col("disposed_qty"), pl.col("disposition")
    marked = units * pl.col("price_amount") * pl.col("rate_e6") / 1e6 * pl.col("without_tax") / pl.col("with_tax")
    worth = (
        pl.when(how == "restock")
        .then(units * pl.col("list_price_amount"))
        .when(how == "discount")
        .then((marked * 100).round() / 100)
        .when(how == "supplier")
        .then(pl.col("credited").fill_null(0))
        .otherwise(0.0)
    )
    known = rows.with_columns((worth - units * pl.col("unit_amount").fill_null(0)).alias("worth")).filter(
        pl.col("without_tax").is_not_null(), pl.col("worth").is_not_null()
    )
    return summed(known, "K66", day("disposed_ts"), pl.col("worth"), pl.col("without_tax") / 100)


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
    rows = _lines(x).filter(pl.col("reason_code").is_in(_REASONS), pl.col("condition").is_not_null())
    return summed(rows, "K68", day("inspected_ts"), stated == found, pl.lit(1))


def k69(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K69 = units received back in another channel than sold / units received back with a known sale; location.

    The place of a return is the one that received it; that of the sale gave the goods.
    """
    rows = _lines(x).filter(pl.col("received_ts").is_not_null(), pl.col("channel_id") != "UNKNOWN")
    rows = rows.join(_sale_lines(x).select("sale_id", "sale_line", "sold_at"), on=["sale_id", "sale_line"], how="left")
    units = pl.col("received_qty")
    channel = pl.col("return_channel_id") != pl.col("channel_id")
    place = pl.col("sold_at") != pl.col("place")
    return pl.concat(
        [
            summed(rows, kpi, day("received_ts"), pl.when(other).then(units).otherwise(0), units)
            for kpi, other in (("K69", channel), ("K69.location", place))
        ]
    )
