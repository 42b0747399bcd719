"""Twins of what marketplaces owe and pay, and of what the ledger posts of it all: K75, K82.

K75: what a marketplace owes for a part of an order line is due on the first statement that posted sales of the line
when the part had left, or later; so for a refund. Amounts are whole cents of the order's currency until they are
netted, by order line over all statements; then they take the rate of the sale's day.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from tests.twins.extracts import Extracts, day
from tests.twins.finance import _MILLION, _div, _issues, _line_amounts, _whole, _with_rate, postings
from tests.twins.lines import summed

_LINE = ["channel_id", "external_order_key", "order_line_no"]
_TIMING = ["reserve_held", "reserve_released"]


def _market_orders(x: Extracts) -> pl.DataFrame:
    """Orders of marketplaces, the first of each key, with the day, currency and rate of the sale."""
    markets = x["channel"].filter(pl.col("channel_type") == "marketplace").select("channel_id")
    orders = (
        x["sales_order"]
        .filter(~pl.col("is_test"), pl.col("original_order_id").is_null())
        .join(markets, on="channel_id", how="semi")
        .sort("order_ts", "order_id")
        .unique(["channel_id", "external_order_key"], keep="first", maintain_order=True)
        .select(
            "order_id",
            "external_order_key",
            "channel_id",
            "currency_code",
            day("order_ts").alias("sale_day"),
            (_whole("tax_amount", 100)).alias("order_tax"),
            (_whole("shipping_amount", 100)).alias("shipping"),
        )
    )
    return _with_rate(orders, x, "sale_day")


def _parts(x: Extracts) -> pl.DataFrame:
    """Parts of order lines that left, with what is owed for each: principal, tax, our discounts; scheduled fee."""
    orders = _market_orders(x)
    amounts = (
        _line_amounts(x)
        .filter(pl.col("sale_id").is_in(orders["order_id"].implode()))
        .with_columns(pl.when(pl.col("step") == "supplier_funding").then(-pl.col("cents")).otherwise("cents"))
    )
    wanted = {"principal": ["gross_sales"], "discount": ["unfunded_discount", "supplier_funding"]}
    lines = amounts.group_by("sale_id", "line_no").agg(
        pl.col("whole").first(),
        *[pl.col("cents").filter(pl.col("step").is_in(steps)).sum().alias(name) for name, steps in wanted.items()],
    )
    ours = x["tax_line"].filter(pl.col("remitter_code") == "retailer").group_by("order_id", "line_no")
    ours = ours.agg(_whole("tax_amount", 100).sum().alias("tax")).rename({"order_id": "sale_id"})
    upto, before = pl.min_horizontal("upto", "whole"), pl.min_horizontal("before", "whole")

    def share(name: str) -> pl.Expr:
        of_line = pl.col(name).fill_null(0)
        return (_div(of_line * upto, pl.col("whole")) - _div(of_line * before, pl.col("whole"))).alias(name)

    parts = (
        _issues(x)
        .filter(~pl.col("is_replacement"))
        .sort("ts", "parcel_id")
        .with_columns(pl.col("quantity").cum_sum().over("sale_id", "line_no").alias("upto"))
        .with_columns((pl.col("upto") - pl.col("quantity")).alias("before"))
        .join(lines, on=["sale_id", "line_no"])
        .join(ours, on=["sale_id", "line_no"], how="left")
        .with_columns(share("principal"), share("discount"), share("tax"), day("ts").alias("on_day"))
        .join(orders.select(pl.col("order_id").alias("sale_id"), "external_order_key", "channel_id"), on="sale_id")
        .join(x["product"].select("sku", "category_code"), on="sku")
    )
    terms = x["fee_schedule"].select(
        "channel_id", "fee_type", "category_code", "valid_from", _whole("rate_share", _MILLION).alias("share"),
        _whole("fixed_amount", 100).alias("fixed"),
    )  # fmt: skip
    parts = parts.sort("on_day").join_asof(
        terms.sort("valid_from"),
        left_on="on_day",
        right_on="valid_from",
        by=["channel_id", "category_code"],
        check_sortedness=False,
    )
    fixed = pl.when(pl.col("before") == 0).then("fixed").otherwise(0)
    fee = _div(pl.col("principal") * pl.col("share"), _MILLION) + fixed
    return parts.with_columns(fee.fill_null(0).alias("fee"))


def _owed(x: Extracts) -> pl.DataFrame:
    """Every amount owed (cents, fees taken off) with the moment from which a statement may hold it."""
    orders, parts = _market_orders(x), _parts(x)
    names = ["kind", "external_order_key", "channel_id", "order_line_no", "ts", "cents", "fee"]
    goods = parts.select(
        pl.lit("sale").alias("kind"),
        "external_order_key",
        "channel_id",
        pl.col("line_no").alias("order_line_no"),
        "ts",
        (pl.col("principal") + pl.col("discount") + pl.col("tax") - pl.col("fee")).alias("cents"),
        "fee",
    )
    line_tax = x["sales_order_line"].group_by("order_id").agg(_whole("tax_amount", 100).sum().alias("line_tax"))
    ours = x["tax_line"].filter(pl.col("remitter_code") == "retailer").select("order_id").unique()
    ours = ours.with_columns(pl.lit(True).alias("ours"))
    known = orders.join(line_tax, on="order_id").join(ours, on="order_id", how="left")
    known = known.with_columns(
        pl.col("ours").fill_null(False), (pl.col("order_tax") - pl.col("line_tax")).alias("shipping_tax")
    )
    first = parts.group_by("sale_id").agg(pl.col("ts").min())
    freight = (
        known.join(first, left_on="order_id", right_on="sale_id")
        .filter(pl.col("shipping") != pl.col("shipping_tax"))
        .with_columns(
            pl.lit("sale").alias("kind"),
            pl.lit(None, dtype=pl.Int64).alias("order_line_no"),
            (pl.col("shipping") - pl.when("ours").then(0).otherwise("shipping_tax")).alias("cents"),
            pl.lit(0, dtype=pl.Int64).alias("fee"),
        )
        .select(names)
    )
    back = (
        x["refund"]
        .filter(pl.col("status_code").is_in(["issued", "settled"]))
        .join(known, on="order_id")
        .with_columns(
            pl.lit("refund").alias("kind"),
            pl.col("refund_ts").alias("ts"),
            (pl.when("ours").then(0).otherwise(_whole("tax_amount", 100)) - _whole("amount", 100)).alias("cents"),
            pl.lit(0, dtype=pl.Int64).alias("fee"),
        )
        .select(names)
    )
    return pl.concat([goods.select(names), freight, back])


def _statements(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """Statements with the day of their deposit; until then the due day, once it has passed."""
    paid = x["bank_deposit"].group_by(pl.col("reference").alias("settlement_id")).agg(pl.col("deposit_ts").min())
    today = day(pl.lit(as_of))
    due = pl.when(pl.col("payout_due_date") < today).then("payout_due_date")
    return x["settlement"].join(paid, on="settlement_id", how="left").with_columns(
        pl.coalesce(day("deposit_ts"), due).alias("payout_day")
    )  # fmt: skip


def _posted(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """Lines of statements that belong to a known order, with the statement's days."""
    return (
        x["settlement_line"]
        .filter(pl.col("external_order_key").is_not_null(), ~pl.col("line_type").is_in(_TIMING))
        .join(_statements(x, as_of).drop("currency_code"), on="settlement_id")
        .join(_market_orders(x).select("external_order_key", "channel_id"), on=["channel_id", "external_order_key"])
        .with_columns(_whole("amount", 100).alias("cents"))
    )


def _placed(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """Amounts owed with the statement on which each is due; null where there is none yet."""
    lines = _posted(x, as_of).filter(pl.col("line_type") != "adjustment")
    kind = pl.when(pl.col("line_type") == "refund").then(pl.lit("refund")).otherwise(pl.lit("sale")).alias("kind")
    until = lines.group_by(*_LINE, kind, "settlement_id").agg(pl.col("posted_ts").max().alias("until_ts"))
    owed = _owed(x).with_row_index("row")
    found = (
        owed.join(until, on=[*_LINE, "kind"], nulls_equal=True)
        .filter(pl.col("ts") <= pl.col("until_ts"))
        .sort("until_ts", "settlement_id")
        .unique("row", keep="first", maintain_order=True)
        .select("row", "settlement_id")
    )
    return owed.join(found, on="row", how="left").drop("row")


def _netted(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """Order lines on statements: what was owed and paid over all of them, first payout, when they left."""
    posted = _posted(x, as_of)
    plain = posted.filter(pl.col("line_type") != "adjustment")
    paid = plain.group_by(_LINE).agg(pl.col("cents").sum().alias("paid"), pl.col("payout_day").min())
    later = posted.filter(pl.col("line_type") == "adjustment").group_by(_LINE).agg(pl.col("cents").sum().alias("later"))
    placed = _placed(x, as_of).filter(pl.col("settlement_id").is_not_null())
    owed = placed.group_by(_LINE).agg(
        pl.col("cents").sum().alias("owed"), pl.col("ts").filter(pl.col("kind") == "sale").min().alias("left_ts")
    )
    orders = _market_orders(x).select("channel_id", "external_order_key", "rate_e6")
    return (
        paid.filter(pl.col("payout_day").is_not_null())
        .join(later, on=_LINE, how="left", nulls_equal=True)
        .join(owed, on=_LINE, how="left", nulls_equal=True)
        .join(orders, on=["channel_id", "external_order_key"])
        .with_columns(pl.col("owed").fill_null(0), (pl.col("paid") + pl.col("later").fill_null(0)).alias("paid"))
    )


def _fees(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K75.fee = fees charged - scheduled / scheduled, of the kinds that the schedule of the channel knows."""
    kinds = x["fee_schedule"].select("channel_id", "fee_type").unique()
    orders = _market_orders(x).select("channel_id", "external_order_key", "sale_day")
    charged = (
        x["settlement_line"]
        .filter(pl.col("line_type") == "fee")
        .join(_statements(x, as_of).drop("currency_code"), on="settlement_id")
        .join(kinds, on=["channel_id", "fee_type"])
        .join(orders, on=["channel_id", "external_order_key"])
    )
    charged = _with_rate(charged, x, "sale_day").select(
        "channel_id",
        "payout_day",
        _div(-_whole("amount", 100) * pl.col("rate_e6"), _MILLION).alias("charged"),
        pl.lit(0, dtype=pl.Int64).alias("scheduled"),
    )
    rates = _market_orders(x).select("channel_id", "external_order_key", "rate_e6")
    due = (
        _placed(x, as_of)
        .filter(pl.col("fee") != 0, pl.col("settlement_id").is_not_null())
        .group_by("settlement_id", *_LINE)
        .agg(pl.col("fee").sum())
        .join(_statements(x, as_of).select("settlement_id", "payout_day"), on="settlement_id")
        .join(rates, on=["channel_id", "external_order_key"])
        .select(
            "channel_id",
            "payout_day",
            pl.lit(0, dtype=pl.Int64).alias("charged"),
            _div(pl.col("fee") * pl.col("rate_e6"), _MILLION).alias("scheduled"),
        )
    )
    both = pl.concat([charged, due]).filter(pl.col("payout_day").is_not_null())
    off = (pl.col("charged") - pl.col("scheduled")) / 100
    return summed(both, "K75.fee", pl.col("payout_day"), off, pl.col("scheduled") / 100)


def _unsettled(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K75.unsettled = owed, on no statement though that of the day it left is due, or on one without deposit."""
    today = day(pl.lit(as_of))
    late = x["settlement"].filter(pl.col("payout_due_date") < today)
    unpaid = _statements(x, as_of).filter(pl.col("deposit_ts").is_null()).select("settlement_id")
    placed = _placed(x, as_of)
    waiting = placed.join(late.join(unpaid, on="settlement_id").select("settlement_id"), on="settlement_id", how="semi")
    lost = placed.filter(pl.col("settlement_id").is_null(), pl.col("kind") == "sale")
    whole = lost.group_by(_LINE).agg(pl.col("cents").sum(), pl.col("ts").min())
    missing = whole.join(late.select("channel_id", "period_start_date", "period_end_date"), on="channel_id").filter(
        day("ts").is_between("period_start_date", "period_end_date")
    )
    both = pl.concat(
        [
            waiting.group_by("settlement_id", *_LINE).agg(pl.col("cents").sum()).select(*_LINE, "cents"),
            missing.select(*_LINE, "cents"),
        ]
    )
    orders = _market_orders(x).select("channel_id", "external_order_key", "rate_e6")
    rows = both.join(orders, on=["channel_id", "external_order_key"]).with_columns(pl.lit(as_of).alias("now"))
    money = _div(pl.col("cents") * pl.col("rate_e6"), _MILLION) / 100
    return summed(rows, "K75.unsettled", day("now"), money, pl.lit(1))


def k75(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K75 = paid too little / size of what was owed; over = too much; fee, days from leaving to payout, unsettled."""
    rows = _netted(x, as_of)

    def money(cents: pl.Expr) -> pl.Expr:
        return _div(cents * pl.col("rate_e6"), _MILLION) / 100

    owed, off = money(pl.col("owed").abs()), pl.col("owed") - pl.col("paid")
    days = (pl.col("payout_day") - day("left_ts")).dt.total_days() * 86_400
    left = rows.filter(days >= 0)
    return pl.concat(
        [
            summed(rows, "K75", pl.col("payout_day"), money(pl.max_horizontal(off, pl.lit(0))), owed),
            summed(rows, "K75.over", pl.col("payout_day"), money(pl.max_horizontal(-off, pl.lit(0))), owed),
            summed(left, "K75.days", pl.col("payout_day"), days, pl.lit(1)),
            _fees(x, as_of),
            _unsettled(x, as_of),
        ]
    )


_ACCOUNTS = {"revenue": "gross_sales", "cogs": "cogs", "refund": "refund", "marketplace_fee": "marketplace_fee"}


def _events(x: Extracts) -> pl.DataFrame:
    """Sales, cost of goods, refunds and marketplace fees of a document on a day, in cents; when the last part was."""
    rows = postings(x).filter(pl.col("step").is_in(list(_ACCOUNTS.values())))
    events = rows.group_by("step", "sale_id", "period_date", "channel").agg(pl.col("cents").sum(), pl.col("ts").max())
    return events.filter(pl.col("cents") != 0).rename({"channel": "channel_id"})


def _latest_unposted(events: pl.DataFrame, missing: int) -> list[bool]:
    """Whether each event is posted: the latest ones that make up what is missing are not. Order: latest first."""
    posted, so_far = [], 0
    for cents in events["cents"]:
        posted.append(missing <= 1 or so_far >= missing)
        so_far += abs(cents)
    return posted


def k82(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K82 = events with exactly one live journal of their amount within 24 hours / events older than that.

    Where the ledger names the document, its journals of the amount are counted, reversals taken off; where it posts
    totals, the total of a channel's day is compared with that of the events that no journal names.
    """
    journals = _with_rate(x["gl_posting"].with_columns(day("posted_ts").alias("on_day")), x, "on_day").with_columns(
        pl.col("account_code").replace_strict(_ACCOUNTS, default=None).alias("step"),
        _div(_whole("amount", 100) * pl.col("rate_e6"), _MILLION).alias("cents"),
    )
    named: dict[tuple, list[tuple]] = {}
    totals: dict[tuple, list[tuple]] = {}
    for row in journals.filter(pl.col("step").is_not_null()).iter_rows(named=True):
        entry = (row["cents"], row["posted_ts"])
        if row["source_id"] is None:
            totals.setdefault((row["step"], row["channel_id"], row["on_day"]), []).append(entry)
        else:
            named.setdefault((row["step"], row["source_id"]), []).append(entry)
    events = _events(x).sort("ts", "sale_id", descending=True)
    alike = events.group_by("step", "sale_id", "cents").len().rows_by_key(["step", "sale_id", "cents"], unique=True)
    found = []
    for key, group in events.group_by("step", "channel_id", "period_date", maintain_order=True):
        booked = totals.get(key, [])
        others = group.filter(pl.Series([(key[0], sale) not in named for sale in group["sale_id"]]))
        total, whole = sum(cents for cents, _ in booked), others["cents"].sum()
        in_total = dict(zip(others["sale_id"], _latest_unposted(others, abs(total - whole)), strict=True))
        for row in group.iter_rows(named=True):
            due = row["ts"] + timedelta(hours=24)
            own = named.get((row["step"], row["sale_id"]))
            if own is None:
                good = (
                    bool(booked)
                    and in_total[row["sale_id"]]
                    and total * whole > 0
                    and max(ts for _, ts in booked) <= due
                )
            else:
                same = [(cents, ts) for cents, ts in own if abs(cents) == abs(row["cents"])]
                live = sum(1 if cents * row["cents"] > 0 else -1 for cents, _ in same)
                (wanted,) = alike[row["step"], row["sale_id"], row["cents"]]
                good = live == wanted and bool(same) and max(ts for _, ts in same) <= due
            found.append((row["channel_id"], due, good))
    rows = pl.DataFrame(
        found, schema={"channel_id": pl.String, "due": pl.Datetime("us"), "good": pl.Boolean}, orient="row"
    )
    return summed(rows.filter(pl.col("due") <= as_of), "K82", day("due"), pl.col("good"), pl.lit(1))
