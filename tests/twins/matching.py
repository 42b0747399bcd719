"""Twin of K70 for the streams that are matched by document: tenders, gift cards, refunds.

Each document is worked through in plain Python: equal amounts cancel, then amounts within the tolerance, then sums;
what one side has more is open on its latest items. Amounts are whole cents.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import zip_longest
from zoneinfo import ZoneInfo

import polars as pl

from tests.twins.extracts import ZONE, Extracts, day
from tests.twins.finance import _with_rate

# Stream -> days until an item must match, tolerance in cents.
TERMS = {"tender": (3, 2), "gift_card": (2, 0), "refund": (7, 2)}


@dataclass
class Item:
    """One item of a side; ``open`` is what of its size is not matched."""

    key: str
    side: str
    cents: int
    ts: datetime
    open: int = field(init=False)

    def __post_init__(self) -> None:
        self.open = abs(self.cents)


def _cents(frame: pl.DataFrame, x: Extracts, amount: str, on_day: str) -> pl.Series:
    """Amounts in cents of the reporting currency, each rounded by itself, half away from zero."""
    rated = _with_rate(frame.with_row_index("row"), x, on_day).sort("row")
    exact = (pl.col(amount) * 100).round().cast(pl.Int64) * pl.col("rate_e6")
    return rated.select(exact.sign() * ((2 * exact.abs() + 1_000_000) // 2_000_000)).to_series()


def _orders(x: Extracts) -> pl.DataFrame:
    return x["sales_order"].select("order_id", day("order_ts").alias("order_day"), "is_test")


def tender(x: Extracts) -> dict[str, list[Item]]:
    """Documents of orders against captures, till transactions against tenders, by document."""
    found = defaultdict(list)
    lines = x["customer_document_line"].filter(pl.col("document_type").is_in(["invoice", "receipt"]))
    lines = lines.join(_orders(x).filter(~pl.col("is_test")), on="order_id")
    net, tax = (_cents(lines, x, name, "order_day") for name in ("net_amount", "tax_amount"))
    bills = lines.with_columns((net + tax).alias("cents")).group_by("order_id", "document_id")
    for order, document, cents, ts in bills.agg(pl.col("cents").sum(), pl.col("issued_ts").max()).rows():
        found[order].append(Item(f"{order}|{document}", "reference", cents, ts))
    paid = x["payment"].filter(pl.col("payment_type") == "capture", pl.col("status_code") == "succeeded")
    paid = paid.join(_orders(x), on="order_id", how="left")
    paid = paid.with_columns(pl.coalesce("order_day", day("event_ts")).alias("order_day"))
    paid = paid.with_columns(_cents(paid, x, "amount", "order_day").alias("cents"))
    for order, key, cents, ts in paid.select("order_id", "payment_id", "cents", "event_ts").rows():
        found[order].append(Item(key, "other", cents, ts))
    heads = x["pos_transaction"].filter(pl.col("transaction_type") != "void").select("transaction_id", "transaction_ts")
    rung = (
        x["pos_transaction_line"]
        .select("transaction_id", "gross_amount", "discount_amount")
        .join(heads, on="transaction_id")
    )
    paid_cents = ((pl.col("gross_amount") - pl.col("discount_amount")) * 100).round().cast(pl.Int64)
    for number, cents, ts in (
        rung.group_by("transaction_id").agg(paid_cents.sum().alias("cents"), pl.col("transaction_ts").max()).rows()
    ):
        found[number].append(Item(number, "reference", cents, ts))
    tenders = x["pos_tender"].join(heads.select("transaction_id"), on="transaction_id")
    for number, no, amount, ts in tenders.select("transaction_id", "tender_no", "amount", "transaction_ts").rows():
        found[number].append(Item(f"{number}|{no}", "other", round(amount * 100), ts))
    return found


def gift_card(x: Extracts) -> dict[str, list[Item]]:
    """Gift cards taken at tills against redemptions."""
    found = defaultdict(list)
    heads = x["pos_transaction"].filter(pl.col("transaction_type") != "void").select("transaction_id")
    taken = x["pos_tender"].filter(pl.col("tender_type") == "gift_card").join(heads, on="transaction_id")
    for number, no, amount, ts in taken.select("transaction_id", "tender_no", "amount", "transaction_ts").rows():
        found[number].append(Item(f"{number}|{no}", "reference", round(amount * 100), ts))
    used = x["gift_card_transaction"].filter(pl.col("transaction_type") == "redeemed")
    names = ["transaction_id", "gift_card_transaction_id", "amount", "event_ts"]
    for number, key, amount, ts in used.select(names).rows():
        found[number].append(Item(key, "other", round(amount * 100), ts))
    return found


def refund(x: Extracts) -> dict[str, list[Item]]:
    """Refunds against the credit memos of their returns; both at the rate of the sale's day."""
    found = defaultdict(list)
    key = pl.concat_str("return_id", "return_line_no", separator="|").alias("return_key")
    live = x["refund"].filter(pl.col("status_code").is_in(["issued", "settled"])).with_columns(key)
    live = live.join(_orders(x), on="order_id", how="left")
    live = live.with_columns(pl.coalesce("order_day", day("refund_ts")).alias("order_day"))
    live = live.with_columns(_cents(live, x, "amount", "order_day").alias("cents"))
    for document, number, cents, ts in live.select("return_key", "refund_id", "cents", "refund_ts").rows():
        found[document or number].append(Item(number, "reference", cents, ts))
    memos = x["customer_document_line"].filter(pl.col("document_type") == "credit_memo").with_columns(key)
    memos = memos.join(_orders(x), on="order_id", how="left")
    memos = memos.with_columns(pl.coalesce("order_day", day("issued_ts")).alias("order_day"))
    net, tax = (_cents(memos, x, name, "order_day") for name in ("net_amount", "tax_amount"))
    memos = memos.with_columns((net + tax).abs().alias("cents"))
    names = ["return_key", "document_id", "line_no", "cents", "issued_ts"]
    for document, number, line, cents, ts in memos.select(names).rows():
        found[document or f"{number}|{line}"].append(Item(f"{number}|{line}", "other", cents, ts))
    return found


def _match(items: list[Item], tolerance: int) -> None:
    """Take off what is matched of the items of one document."""
    sides = {side: [i for i in items if i.side == side and i.cents] for side in ("reference", "other")}
    others = sorted(sides["other"], key=lambda i: (i.ts, i.key))
    for item in sorted(sides["reference"], key=lambda i: (i.ts, i.key)):
        equal = next((o for o in others if o.cents == item.cents), None)
        if equal:
            others.remove(equal)
            item.open = equal.open = 0
    rest = {side: sorted((i for i in each if i.open), key=lambda i: (i.cents, i.key)) for side, each in sides.items()}
    for item, near in zip_longest(rest["reference"], rest["other"]):
        if item and near and abs(item.cents - near.cents) <= tolerance:
            item.open = near.open = 0
    rest = {side: [i for i in each if i.open] for side, each in rest.items()}
    if not rest["reference"] or not rest["other"]:
        return
    ours, theirs = (sum(i.cents for i in rest[side]) for side in ("reference", "other"))
    if ours * theirs < 0 and abs(ours - theirs) > tolerance:
        return
    surplus = 0 if abs(ours - theirs) <= tolerance else abs(abs(ours) - abs(theirs))
    larger = "reference" if abs(ours) > abs(theirs) else "other"
    for side, each in rest.items():
        left = surplus if side == larger else 0
        for item in sorted(each, key=lambda i: (i.ts, i.key), reverse=True):
            item.open = min(abs(item.cents), left)
            left -= item.open


def k70(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K70 and K70.count of the three streams, by stream and last day of matching."""
    zone, utc = ZoneInfo(ZONE), ZoneInfo("UTC")
    today = as_of.replace(tzinfo=utc).astimezone(zone).date()
    rows: list[tuple[str, date, str, float, float]] = []
    for stream, made in (("tender", tender), ("gift_card", gift_card), ("refund", refund)):
        days, tolerance = TERMS[stream]
        for items in made(x).values():
            items = [i for i in items if i.ts <= as_of]
            _match(items, tolerance)
            for item in items:
                due = item.ts.replace(tzinfo=utc).astimezone(zone).date() + timedelta(days=days)
                if not item.cents or due >= today or (item.side == "other" and not item.open):
                    continue
                size, ours = abs(item.cents), item.side == "reference"
                value = (size - item.open) / 100 if ours else 0.0
                rows.append(("K70", due, stream, value, (size if ours else item.open) / 100))
                rows.append(("K70.count", due, stream, float(ours and not item.open), 1.0))
    schema = {"kpi_id": pl.String, "period_date": pl.Date, "stream": pl.String}
    schema |= {"numerator": pl.Float64, "denominator": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.group_by("kpi_id", "period_date", "stream").agg(pl.col("numerator", "denominator").sum())
