"""Items of the eight reconciliation streams, both sides of each, from the extracts (K58, K70, K73, K74).

A stream is a function from the extracts to its items. Not here: what matches what (``matching.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from tests.twins.extracts import Extracts, day
from tests.twins.finance import _MILLION, _div, _sales, _sold, _whole, _with_rate
from tests.twins.settled import _LINE, _market_orders, _placed, _posted

REFERENCE, OTHER = "reference", "other"


@dataclass
class Item:
    """One item of a side, in whole cents; ``open`` is what of its size is not matched, ``cleared`` since when it is."""

    side: str
    key: str
    document: str
    group: str
    cents: int
    ts: datetime
    known: datetime
    channel: str | None = None
    entity: str | None = None
    promotion: str | None = None
    open: int = field(init=False)
    cleared: datetime | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.open = abs(self.cents)


_OPTIONAL = {"channel": pl.String, "entity": pl.String, "promotion": pl.String}


def _items(side: str, frame: pl.DataFrame) -> Iterator[Item]:
    """Items of a frame with the columns of an item; one without document, or of nothing, is none."""
    lacking = [pl.lit(None, dtype=kind).alias(name) for name, kind in _OPTIONAL.items() if name not in frame.columns]
    group = [] if "group" in frame.columns else [pl.col("document").alias("group")]
    names = ["key", "document", "group", "cents", "ts", "known", *_OPTIONAL]
    rows = frame.with_columns(lacking + group).filter(pl.col("document").is_not_null(), pl.col("cents") != 0)
    for row in rows.select(names).iter_rows(named=True):
        yield Item(side=side, **row)


def _euro(frame: pl.DataFrame, x: Extracts, amount: str, on_day: str) -> pl.Series:
    """Amounts in cents of the reporting currency, each rounded by itself, half away from zero."""
    rated = _with_rate(frame.with_row_index("row"), x, on_day).sort("row")
    return rated.select(_div(_whole(amount, 100) * pl.col("rate_e6"), _MILLION)).to_series()


def _entities(x: Extracts) -> pl.DataFrame:
    """Legal entity of the place of each till transaction."""
    places = x["location"].select("location_id", pl.col("legal_entity_id").alias("entity"))
    return x["pos_transaction"].select("transaction_id", "location_id").join(places, on="location_id", how="left")


def main_entity(x: Extracts) -> str:
    """The legal entity with the most places that are no stores."""
    own = x["location"].group_by("legal_entity_id").agg((pl.col("location_type") != "store").sum().alias("others"))
    return own.sort("others", "legal_entity_id", descending=[True, False])["legal_entity_id"][0]


def _posts(x: Extracts, steps: list[str], by_promotion: bool = False) -> pl.DataFrame:
    """What documents posted to the steps on a day: ``key, document, group, cents, ts, known, channel, entity``."""
    shipped = (
        x.received("shipment_line")
        .join(x["shipment"].select("shipment_id", "shipped_ts"), on="shipment_id")
        .select("order_id", "line_no", pl.col("shipped_ts").alias("ts"), pl.col("received_ts").alias("known"))
    )
    collected = x.received("pickup_task").filter(pl.col("collected_ts").is_not_null())
    collected = collected.select(
        "order_id", "line_no", pl.col("collected_ts").alias("ts"), pl.col("received_ts").alias("known")
    )
    lines = ["sale_id", "line_no", "promotion"]
    orders = x["sales_order_line"].select(
        pl.col("order_id").alias("sale_id"), "line_no", pl.col("promotion_id").alias("promotion")
    )
    tills = x.received("pos_transaction_line").with_columns(
        pl.col("transaction_id").alias("sale_id"), pl.col("promotion_id").alias("promotion")
    )
    seen = pl.concat(
        [
            pl.concat([shipped, collected]).rename({"order_id": "sale_id"}),
            tills.select(
                "sale_id", "line_no", pl.col("transaction_ts").alias("ts"), pl.col("received_ts").alias("known")
            ),
        ]
    )
    known = seen.group_by("sale_id", "line_no", "ts").agg(pl.col("known").max())
    tests = x["sales_order"].filter("is_test").select(pl.col("order_id").alias("sale_id"))
    rows = (
        _sold(x)
        .filter(pl.col("step").is_in(steps))
        .join(tests, on="sale_id", how="anti")
        .join(_sales(x), on="sale_id")
        .join(known, on=["sale_id", "line_no", "ts"], how="left")
        .join(pl.concat([orders, tills.select(lines)]), on=["sale_id", "line_no"], how="left")
        .join(_entities(x).select(pl.col("transaction_id").alias("sale_id"), "entity"), on="sale_id", how="left")
        .with_columns(
            _div(pl.col("cents") * pl.col("rate_e6"), _MILLION).alias("cents"),
            day("ts").cast(pl.String).alias("on_day"),
            pl.col("promotion").fill_null("NONE") if by_promotion else pl.lit(None, dtype=pl.String).alias("promotion"),
        )
    )
    keys = ["sale_id", "on_day", "channel", *(["promotion"] if by_promotion else [])]
    summed = rows.group_by(keys).agg(
        pl.col("cents").sum(), pl.col("ts").max(), pl.col("known").max(), pl.col("entity").first()
    )
    return summed.with_columns(
        pl.concat_str(keys, separator="|").alias("key"),
        pl.col("sale_id").alias("document"),
        pl.concat_str("channel", "on_day", separator="|").alias("group"),
    )


def _ledger(x: Extracts, account: str, by_channel: bool = True) -> pl.DataFrame:
    """Postings of an account; without a document they stand for the channel's day, or the day."""
    rows = x.received("gl_posting").filter(pl.col("account_code") == account)
    rows = rows.with_columns(day("posted_ts").alias("posted_day"))
    on_day = pl.col("posted_day").cast(pl.String)
    return rows.select(
        pl.col("posting_id").alias("key"),
        pl.coalesce("source_id", "posting_id").alias("document"),
        (pl.concat_str(pl.col("channel_id"), on_day, separator="|") if by_channel else on_day).alias("group"),
        _euro(rows, x, "amount", "posted_day").alias("cents"),
        pl.col("posted_ts").alias("ts"),
        pl.col("first_received_ts").alias("known"),
        pl.col("channel_id").alias("channel"),
        pl.col("legal_entity_id").alias("entity"),
    )


def sales(x: Extracts) -> Iterator[Item]:
    """What documents and tills sold on a day against the revenue of the ledger."""
    yield from _items(REFERENCE, _posts(x, ["gross_sales"]))
    yield from _items(OTHER, _ledger(x, "revenue"))


def discount(x: Extracts) -> Iterator[Item]:
    """Discounts of documents and tills by promotion on a day against those of the ledger."""
    yield from _items(REFERENCE, _posts(x, ["funded_discount", "unfunded_discount"], by_promotion=True))
    yield from _items(OTHER, _ledger(x, "discount"))


def stock_to_ledger(x: Extracts) -> Iterator[Item]:
    """Stock that was sold or came back, at cost, by document and day, against the cost of goods of the ledger."""
    kinds = ["sale", "ship", "collect", "return"]
    moves = x.received("inventory_movement").filter(pl.col("movement_type").is_in(kinds)).with_columns(
        pl.coalesce("reference_id", "movement_id").alias("document"),
        day("event_ts").cast(pl.String).alias("group"),
        (pl.col("quantity") * _whole("unit_cost_amount", 10_000)).alias("worth"),
    )  # fmt: skip
    of_till = _entities(x).select(pl.col("transaction_id").alias("document"), "entity")
    rows = (
        moves.group_by("document", "group")
        .agg(
            _div(pl.col("worth").sum(), 100).alias("cents"),
            pl.col("event_ts").max().alias("ts"),
            pl.col("first_received_ts").max().alias("known"),
        )
        .join(of_till, on="document", how="left")
        .with_columns(pl.concat_str("document", "group", separator="|").alias("key"))
    )
    yield from _items(REFERENCE, rows)
    yield from _items(OTHER, _ledger(x, "cogs", by_channel=False))


def _order_days(x: Extracts) -> pl.DataFrame:
    return x["sales_order"].select(
        "order_id", day("order_ts").alias("order_day"), "is_test", pl.col("channel_id").alias("channel")
    )


def tender(x: Extracts) -> Iterator[Item]:
    """Documents of orders against captures, till transactions against tenders, by document."""
    orders = _order_days(x)
    lines = x.received("customer_document_line").filter(pl.col("document_type").is_in(["invoice", "receipt"]))
    lines = lines.drop("channel_id").join(orders.filter(~pl.col("is_test")), on="order_id")
    net, tax = (_euro(lines, x, name, "order_day") for name in ("net_amount", "tax_amount"))
    bills = lines.with_columns((net + tax).alias("cents")).group_by("order_id", "document_id", "channel")
    bills = bills.agg(pl.col("cents").sum(), pl.col("issued_ts").max().alias("ts"), pl.col("first_received_ts").max())
    bills = bills.with_columns(
        pl.concat_str("order_id", "document_id", separator="|").alias("key"),
        pl.col("order_id").alias("document"),
        pl.col("first_received_ts").alias("known"),
    )
    yield from _items(REFERENCE, bills)
    yield from _items(OTHER, _captures(x))
    heads = _entities(x).join(x["pos_transaction"].filter(pl.col("transaction_type") != "void"), on="transaction_id")
    heads = heads.select("transaction_id", "entity")
    rung = x.received("pos_transaction_line").join(heads, on="transaction_id")
    rung = rung.group_by(pl.col("transaction_id").alias("document"), "entity").agg(
        (_whole("gross_amount", 100) - _whole("discount_amount", 100)).sum().alias("cents"),
        pl.col("transaction_ts").max().alias("ts"),
        pl.col("first_received_ts").max().alias("known"),
    )
    yield from _items(REFERENCE, rung.with_columns(pl.col("document").alias("key"), pl.lit("store").alias("channel")))
    yield from _items(OTHER, _tenders(x))


def _captures(x: Extracts) -> pl.DataFrame:
    paid = x.received("payment").filter(pl.col("payment_type") == "capture", pl.col("status_code") == "succeeded")
    paid = paid.join(_order_days(x), on="order_id", how="left")
    paid = paid.with_columns(pl.coalesce("order_day", day("event_ts")).alias("order_day"))
    return paid.select(
        pl.col("payment_id").alias("key"),
        pl.col("order_id").alias("document"),
        _euro(paid, x, "amount", "order_day").alias("cents"),
        pl.col("event_ts").alias("ts"),
        pl.col("first_received_ts").alias("known"),
        "channel",
        "tender_type",
    )


def _tenders(x: Extracts) -> pl.DataFrame:
    heads = x["pos_transaction"].filter(pl.col("transaction_type") != "void").select("transaction_id")
    entities = _entities(x).select("transaction_id", "entity")
    taken = x.received("pos_tender").join(heads, on="transaction_id").join(entities, on="transaction_id", how="left")
    return taken.select(
        pl.concat_str("transaction_id", "tender_no", separator="|").alias("key"),
        pl.col("transaction_id").alias("document"),
        _whole("amount", 100).alias("cents"),
        pl.col("transaction_ts").alias("ts"),
        pl.col("first_received_ts").alias("known"),
        pl.lit("store").alias("channel"),
        "entity",
        "tender_type",
    )


def gift_card(x: Extracts) -> Iterator[Item]:
    """Gift cards taken at tills and for orders against redemptions."""
    yield from _items(REFERENCE, _tenders(x).filter(pl.col("tender_type") == "gift_card"))
    yield from _items(REFERENCE, _captures(x).filter(pl.col("tender_type") == "gift_card"))
    used = x.received("gift_card_transaction").filter(pl.col("transaction_type") == "redeemed")
    rows = used.select(
        pl.col("gift_card_transaction_id").alias("key"),
        pl.coalesce("transaction_id", "order_id", "gift_card_transaction_id").alias("document"),
        _whole("amount", 100).alias("cents"),
        pl.col("event_ts").alias("ts"),
        pl.col("first_received_ts").alias("known"),
        pl.col("legal_entity_id").alias("entity"),
    )
    yield from _items(OTHER, rows)


def settlement(x: Extracts, as_of: datetime) -> Iterator[Item]:
    """What marketplaces owe for an order line on a statement against what the statement paid for it."""
    rates = _market_orders(x).select("channel_id", "external_order_key", "rate_e6", "order_id")
    document = pl.concat_str("channel_id", "external_order_key", pl.col("order_line_no").fill_null(0), separator="|")
    owed = _placed(x, as_of).filter(pl.col("settlement_id").is_not_null() | (pl.col("kind") == "sale"))
    statement = pl.col("settlement_id").fill_null("unsettled")
    posted = (
        _posted(x, as_of)
        .filter(pl.col("line_type") != "adjustment")
        .join(rates.drop("order_id"), on=["channel_id", "external_order_key"])
    )
    seen = x.received("settlement_line").select("settlement_id", "line_no", "first_received_ts")
    paid = (
        posted.join(seen, on=["settlement_id", "line_no"])
        .group_by("settlement_id", *_LINE)
        .agg(
            _div(pl.col("cents") * pl.col("rate_e6"), _MILLION).sum().alias("cents"),
            pl.col("closed_ts").first(),
            pl.col("first_received_ts").max().alias("known"),
        )
    )
    first = x.received("sales_order_line").group_by("order_id").agg(pl.col("first_received_ts").min())
    due = (
        owed.group_by("settlement_id", *_LINE)
        .agg(pl.col("cents").sum(), pl.col("ts").filter(pl.col("kind") == "sale").min())
        .join(rates, on=["channel_id", "external_order_key"])
        .join(first, on="order_id", how="left")
        .join(paid.drop("cents"), on=["settlement_id", *_LINE], how="left", nulls_equal=True)
        .with_columns(
            _div(pl.col("cents") * pl.col("rate_e6"), _MILLION).alias("cents"),
            pl.coalesce("ts", "closed_ts").alias("ts"),
            pl.coalesce("known", "first_received_ts").alias("known"),
        )
    )
    keyed = [document.alias("document"), pl.concat_str(statement, document, separator="|").alias("key")]
    yield from _items(REFERENCE, due.with_columns(*keyed, pl.col("channel_id").alias("channel")))
    paid = paid.with_columns(*keyed, pl.col("channel_id").alias("channel"), pl.col("closed_ts").alias("ts"))
    yield from _items(OTHER, paid)


def refund(x: Extracts) -> Iterator[Item]:
    """Refunds against the credit memos of their returns; both at the rate of the sale's day."""
    key = pl.concat_str("return_id", "return_line_no", separator="|").alias("return_key")
    live = x.received("refund").filter(pl.col("status_code").is_in(["issued", "settled"])).with_columns(key)
    live = live.join(_order_days(x), on="order_id", how="left").join(
        _entities(x).select("transaction_id", "entity"), on="transaction_id", how="left"
    )
    live = live.with_columns(pl.coalesce("order_day", day("refund_ts")).alias("order_day"))
    rows = live.select(
        pl.col("refund_id").alias("key"),
        pl.coalesce("return_key", "refund_id").alias("document"),
        _euro(live, x, "amount", "order_day").alias("cents"),
        pl.col("refund_ts").alias("ts"),
        pl.col("first_received_ts").alias("known"),
        pl.coalesce("channel", pl.lit("store")).alias("channel"),
        "entity",
    )
    yield from _items(REFERENCE, rows)
    memos = x.received("customer_document_line").filter(pl.col("document_type") == "credit_memo").with_columns(key)
    memos = memos.join(_order_days(x), on="order_id", how="left")
    memos = memos.with_columns(pl.coalesce("order_day", day("issued_ts")).alias("order_day"))
    net, tax = (_euro(memos, x, name, "order_day") for name in ("net_amount", "tax_amount"))
    own = pl.concat_str("document_id", "line_no", separator="|")
    entities = rows.group_by("document").agg(pl.col("entity").first())
    papers = memos.select(
        own.alias("key"),
        pl.coalesce("return_key", own).alias("document"),
        (net + tax).abs().alias("cents"),
        pl.col("issued_ts").alias("ts"),
        pl.col("first_received_ts").alias("known"),
        pl.coalesce("channel_id", "channel").alias("channel"),
    )
    yield from _items(OTHER, papers.join(entities, on="document", how="left"))


def tax(x: Extracts) -> Iterator[Item]:
    """Tax of invoices and receipts of an order line against its tax lines, for the units invoiced."""
    orders = _with_rate(
        x["sales_order"]
        .filter(~pl.col("is_test"))
        .select("order_id", pl.col("channel_id").alias("channel"), "currency_code", day("order_ts").alias("order_day")),
        x,
        "order_day",
    ).drop("currency_code")
    papers = x.received("customer_document_line").filter(
        pl.col("document_type").is_in(["invoice", "receipt"]), pl.col("order_line_no").is_not_null()
    )
    papers = papers.join(orders, on="order_id")
    billed = papers.group_by("order_id", pl.col("order_line_no").alias("line_no"), "channel").agg(
        _div(_whole("tax_amount", 100) * pl.col("rate_e6"), _MILLION).sum().alias("cents"),
        pl.col("quantity").sum().alias("billed"),
        pl.col("issued_ts").max().alias("ts"),
        pl.col("first_received_ts").max().alias("known"),
        pl.col("rate_e6").first(),
    )
    theirs = (pl.col("remitter_code") == "marketplace").any().alias("theirs")
    charged = x["tax_line"].group_by("order_id", "line_no")
    charged = charged.agg(_whole("tax_amount", 100).sum().alias("charged"), theirs)
    units = x["sales_order_line"].select("order_id", "line_no", "quantity")
    rows = (
        billed.join(charged, on=["order_id", "line_no"], how="left")
        .join(units, on=["order_id", "line_no"])
        .filter(~pl.col("theirs").fill_null(False))
        .with_columns(pl.concat_str("order_id", "line_no", separator="|").alias("key"))
        .with_columns(pl.col("key").alias("document"))
    )
    yield from _items(REFERENCE, rows)
    part = _div(pl.col("charged") * pl.min_horizontal("billed", "quantity"), pl.col("quantity"))
    other = rows.filter(pl.col("charged").is_not_null(), pl.col("quantity") > 0)
    yield from _items(OTHER, other.with_columns(_div(part * pl.col("rate_e6"), _MILLION).alias("cents")))


STREAMS: dict[str, Callable[[Extracts, datetime], Iterator[Item]]] = {
    "sales": lambda x, as_of: sales(x),
    "tax": lambda x, as_of: tax(x),
    "gift_card": lambda x, as_of: gift_card(x),
    "tender": lambda x, as_of: tender(x),
    "settlement": settlement,
    "refund": lambda x, as_of: refund(x),
    "discount": lambda x, as_of: discount(x),
    "stock_to_ledger": lambda x, as_of: stock_to_ledger(x),
}
