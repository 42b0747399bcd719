"""Twins of what follows from the ledger and the back office alone: K52, K57, K71, K76 to K81."""

from __future__ import annotations

import csv
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from tests.twins.extracts import ZONE, Extracts, day
from tests.twins.inventory import summed_without_channel
from tests.twins.lines import summed

_CALENDAR = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "business_calendar.csv"


@cache
def holidays() -> set[date]:
    """Days on which nobody works."""
    with _CALENDAR.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    return {date.fromisoformat(row["calendar_date"]) for row in rows if row["calendar_date"]}


def _works(on: date, closed: set[date]) -> bool:
    return on.isoweekday() <= 5 and on not in closed


def _working_seconds(begin: datetime, end: datetime, opens: int, closes: int, closed: set[date]) -> float:
    """Seconds between two UTC instants within the hours of Monday to Friday, reporting zone; minus when reversed."""
    if end < begin:
        return -_working_seconds(end, begin, opens, closes, closed)
    zone, total = ZoneInfo(ZONE), 0.0
    on = begin.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).date()
    last = end.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).date()
    while on <= last:
        if _works(on, closed):
            start, stop = (
                datetime.combine(on, time(hour), zone).astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
                for hour in (opens, closes)
            )
            total += max(0.0, (min(end, stop) - max(begin, start)).total_seconds())
        on += timedelta(days=1)
    return total


def k52(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K52 = working hours (8 to 17, Monday to Friday) from submission to decision; open; undecided at the start."""
    closed = holidays()
    steps = x["approval_request"].with_columns(pl.coalesce("decided_ts", pl.lit(as_of)).alias("end_ts"))
    spent = [
        _working_seconds(begin, end, 8, 17, closed) for begin, end in steps.select("submitted_ts", "end_ts").rows()
    ]
    steps = steps.with_columns(pl.Series("spent", spent, dtype=pl.Float64))
    whole = (
        steps.filter(pl.col("approval_type") == "promotion")
        .group_by("promotion_id")
        .agg(pl.col("decided_ts").max(), pl.col("decided_ts").is_null().any().alias("is_open"))
    )
    begun = x["promotion"].filter(pl.col("starts_ts") <= as_of, ~pl.col("status_code").is_in(["withdrawn", "draft"]))
    begun = begun.join(whole, on="promotion_id")
    late = pl.col("is_open") | (pl.col("decided_ts") > pl.col("starts_ts"))
    parts = [
        summed_without_channel(
            steps.filter(pl.col("decided_ts").is_not_null()), "K52", day("end_ts"), pl.col("spent"), pl.lit(1)
        ),
        summed_without_channel(
            steps.filter(pl.col("decided_ts").is_null()), "K52.open_age", day("end_ts"), pl.col("spent"), pl.lit(1)
        ),
        summed_without_channel(begun, "K52.after_start", day("starts_ts"), late, pl.lit(1)),
    ]
    return pl.concat(parts)


def k57(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K57 = planned with evidence before the start / planned; recovered = credited up to accrued / accrued."""
    promotions = x["promotion"].select("promotion_id", "starts_ts", "status_code")
    claims = x["supplier_funding"].join(promotions, on="promotion_id").with_columns(pl.lit(as_of).alias("now"))
    begun = claims.filter(pl.col("starts_ts") <= as_of, ~pl.col("status_code").is_in(["withdrawn", "draft"]))
    shown = pl.when(pl.col("evidence_ts") < pl.col("starts_ts")).then("planned_amount").otherwise(0.0)
    due = claims.filter(pl.col("claim_due_date") < day("now"))
    credited = pl.min_horizontal(pl.col("credited_amount").fill_null(0), "accrued_amount")
    missing = due.filter(pl.col("credited_amount").fill_null(0) < pl.col("accrued_amount"))
    age = (day("now") - pl.col("claim_due_date")).dt.total_seconds()
    return pl.concat(
        [
            summed_without_channel(begun, "K57", day("starts_ts"), shown, pl.col("planned_amount")),
            summed_without_channel(due, "K57.recovered", pl.col("claim_due_date"), credited, pl.col("accrued_amount")),
            summed_without_channel(missing, "K57.age", day("now"), age, pl.lit(1)),
        ]
    )


def k71(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K71 = minutes of work on reconciliation items / orders and till sales created."""
    minutes = (pl.col("ended_ts") - pl.col("started_ts")).dt.total_microseconds() / 6e7
    orders = x["sales_order"].select("order_id", "channel_id", "order_ts", "is_test")
    work = x["work_log"].filter(pl.col("stream_code").is_not_null()).join(orders, on="order_id", how="left")
    sold = x["pos_transaction"].filter(pl.col("transaction_type") == "sale")
    lines = x["pos_transaction_line"].select("transaction_id").unique()
    sold = sold.join(lines, on="transaction_id").with_columns(pl.lit("store").alias("channel_id"))
    parts = [
        summed(work, "K71", day("started_ts"), minutes, pl.lit(0)),
        summed(orders.filter(~pl.col("is_test")), "K71", day("order_ts"), pl.lit(0), pl.lit(1)),
        summed(sold, "K71", day("transaction_ts"), pl.lit(0), pl.lit(1)),
    ]
    return pl.concat(parts).group_by("kpi_id", "period_date", "channel").agg(pl.col("numerator", "denominator").sum())


def k76(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K76 = differences of tax above a cent a line / tax recomputed, of invoiced lines and refunds; without metadata.

    Marketplaces that keep pounds remit the tax themselves, so that no rate is needed.
    """
    key = ["order_id", "line_no"]
    rules = x["tax_rule"].select("tax_code", "rate_share")
    lines = x["tax_line"].join(rules, on="tax_code", how="left")
    remits = pl.col("remitter_code") == "marketplace"
    known = lines.group_by(key).agg(
        pl.col("tax_amount").sum().alias("charged"),
        _cents(pl.col("taxable_amount") * pl.col("rate_share")).sum().alias("due"),
        pl.col("rate_share").sum(),
        remits.any().alias("is_theirs"),
    )
    orders = x["sales_order"].filter(~pl.col("is_test")).select("order_id", "channel_id")
    invoiced = (
        x["customer_document_line"]
        .filter(pl.col("document_type").is_in(["invoice", "receipt"]), pl.col("order_line_no").is_not_null())
        .group_by("order_id", pl.col("order_line_no").alias("line_no"))
        .agg(day("issued_ts").min().alias("on_day"))
        .join(orders, on="order_id")
        .join(known, on=key, how="left")
        .filter(~pl.col("is_theirs").fill_null(False))
    )
    refunds = (
        x["refund"]
        .filter(pl.col("order_id").is_not_null(), pl.col("status_code").is_in(["issued", "settled"]))
        .with_columns(pl.col("order_line_no").alias("line_no"), day("refund_ts").alias("on_day"))
        .join(orders, on="order_id")
        .join(x["sales_order_line"].select(*key, "kit_parent_line_no"), on=key, how="left")
        .with_columns(pl.coalesce("kit_parent_line_no", "line_no").alias("line_no"))
        .join(known.select(*key, "rate_share", "is_theirs"), on=key, how="left")
        .filter(~pl.col("is_theirs").fill_null(False))
        .with_columns(
            pl.col("tax_amount").alias("charged"),
            _cents((pl.col("amount") - pl.col("tax_amount")) * pl.col("rate_share")).alias("due"),
        )
    )
    names = ["on_day", "channel_id", "charged", "due"]
    every = pl.concat([invoiced.select(names), refunds.select(names)])
    off = (pl.col("charged") - pl.col("due")).abs()
    judged = every.filter(pl.col("due").is_not_null())
    over = pl.when(off > 0.0101).then(off).otherwise(0.0)
    return pl.concat(
        [
            summed(judged, "K76", pl.col("on_day"), over, pl.col("due").abs()),
            summed(every, "K76.missing", pl.col("on_day"), pl.col("due").is_null(), pl.lit(1)),
        ]
    )


def _cents(amount: pl.Expr) -> pl.Expr:
    """Rounded half away from zero to cents."""
    scaled = amount * 100
    return scaled.sign() * (scaled.abs() + 0.5 + 1e-7).floor() / 100


def k77(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K77 = size of the ledger's first balance plus all movements since less the ledger's balance / that balance."""
    ledger = x["gl_balance"].filter(pl.col("account_code") == "gift_card_liability")
    lowers = pl.col("transaction_type").is_in(["redeemed", "breakage"])
    moved = x["gift_card_transaction"].select(
        "legal_entity_id", day("event_ts").alias("on_day"), pl.when(lowers).then(-pl.col("amount")).otherwise("amount")
    )
    rows = []
    for (entity,), balances in ledger.sort("balance_date").group_by("legal_entity_id", maintain_order=True):
        own = moved.filter(pl.col("legal_entity_id") == entity)
        first, opening = balances.select("balance_date", "closing_amount").row(0)
        for on, closing in balances.select("balance_date", "closing_amount").rows()[1:]:
            since = own.filter(pl.col("on_day") > first, pl.col("on_day") <= on)["amount"].sum()
            rows.append((on, abs(opening + since - closing), closing))
    frame = pl.DataFrame(rows, schema={"on_day": pl.Date, "off": pl.Float64, "closing": pl.Float64}, orient="row")
    return pl.concat(
        [
            summed_without_channel(frame, "K77", pl.col("on_day"), pl.col("off"), pl.col("closing")),
            summed_without_channel(frame, "K77.amount", pl.col("on_day"), pl.col("off"), pl.lit(1)),
        ]
    )


def k78(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K78 = business days from the end of a period to the sign-off of its last stream; open_age = not signed."""
    closed = holidays()
    today = as_of.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(ZONE)).date()
    periods = x["fiscal_period"].select("legal_entity_id", "fiscal_period", "end_date")
    states = x["sign_off"].join(periods, on=["legal_entity_id", "fiscal_period"]).filter(pl.col("end_date") < today)
    signed = pl.when(pl.col("state_code") == "signed_off").then("signed_ts")
    whole = states.group_by("legal_entity_id", "fiscal_period", "end_date").agg(
        day(signed).max().alias("last"), signed.is_null().any().alias("is_open")
    )
    rows = []
    for end, last, is_open in whole.select("end_date", "last", "is_open").rows():
        until = today if is_open else last
        days = sum(_works(end + timedelta(days=k + 1), closed) for k in range((until - end).days))
        rows.append(("K78.open_age" if is_open else "K78", until, days * 86400.0, 1.0))
    schema = {"kpi_id": pl.String, "period_date": pl.Date, "numerator": pl.Float64, "denominator": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.group_by("kpi_id", "period_date").agg(pl.col("numerator", "denominator").sum())


def k79(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K79 = 365 (inventory + receivables x COGS / sales - payables) / COGS at month ends; its parts; annualised."""
    accounts = x["gl_balance"].pivot(
        on="account_code", index=["legal_entity_id", "balance_date"], values="closing_amount"
    )
    rows = []
    for (_,), days in accounts.sort("balance_date").group_by("legal_entity_id", maintain_order=True):
        for row in days.filter((pl.col("balance_date") + timedelta(days=1)).dt.day() == 1).rows(named=True):
            end = row["balance_date"]
            year = days.filter(pl.col("balance_date") > end - timedelta(days=365), pl.col("balance_date") <= end)
            scale = 365 / year.height
            cost, sales = round(year["cogs"].sum() * scale, 2), round(year["net_sales"].sum() * scale, 2)
            owed = row["receivable"] + row["marketplace_receivable"]
            rows += [("K79.inventory", end, row["inventory"], 1.0)]
            rows += [("K79.marketplace_receivable", end, row["marketplace_receivable"], 1.0)]
            if year.height < 28 or sales <= 0:
                continue
            at_cost = round(owed * cost / sales, 2)
            rows += [
                ("K79", end, 365 * (row["inventory"] + at_cost - row["payable"]), cost),
                ("K79.dio", end, 365 * row["inventory"], cost),
                ("K79.dso", end, 365 * owed, sales),
                ("K79.dpo", end, 365 * row["payable"], cost),
            ]
    schema = {"kpi_id": pl.String, "period_date": pl.Date, "numerator": pl.Float64, "denominator": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.group_by("kpi_id", "period_date").agg(pl.col("numerator", "denominator").sum())


def k80(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K80 = actual less standard landed cost / standard, an order line on its last receipt; abs = size a line."""
    order_line = ["po_id", "po_line_no"]
    receipts = x["receipt_line"].filter(pl.col("received_qty") > pl.col("rejected_qty"))
    last = receipts.group_by(order_line).agg(day(pl.col("receipt_ts").max()).alias("on_day"))
    key = ["receipt_id", "line_no"]
    costs = x["landed_cost"].join(x["receipt_line"].select(*key, *order_line), on=key)
    lines = last.join(costs.group_by(order_line).agg(pl.col("actual_amount", "standard_amount").sum()), on=order_line)
    off = pl.col("actual_amount") - pl.col("standard_amount")
    return pl.concat(
        [
            summed_without_channel(lines, "K80", pl.col("on_day"), off, pl.col("standard_amount")),
            summed_without_channel(lines, "K80.abs", pl.col("on_day"), off.abs(), pl.col("standard_amount")),
        ]
    )


def k81(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K81 = premiums / all cost of shipments that left."""
    left = x["shipment"].filter(pl.col("status_code") != "cancelled").select("shipment_id", "shipped_ts")
    costs = x["shipment_cost"].join(left, on="shipment_id")
    premium = pl.when(pl.col("cost_type") == "premium").then("amount").otherwise(0.0)
    return summed_without_channel(costs, "K81", day("shipped_ts"), premium, pl.col("amount"))
