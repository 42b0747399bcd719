"""Twin of K72 (contribution) with all its steps, from the operational feeds alone; and the ledger's totals.

K72's components (catalogue): sales ex tax less discounts and refunds = net sales; less landed cost of kept units, plus
supplier funding, less write-down of scrapped returns = gross margin; plus shipping, less fulfilment, freight, payment
fees, marketplace fees and return handling = contribution. Amounts are whole cents: an amount of a line that leaves in
parts is shared so that the parts add up, each row is converted at the rate of the sale and rounded by itself, half away
from zero.
"""

from __future__ import annotations

import polars as pl

from tests.twins.extracts import Extracts, day

_KEY = ["order_id", "line_no"]
_TILL = ["transaction_id", "line_no"]
_NET_SALES = ["gross_sales", "funded_discount", "unfunded_discount", "refund"]
_GROSS_MARGIN = [*_NET_SALES, "cogs", "supplier_funding", "return_writedown"]
_MILLION = 1_000_000


def _whole(name: str, scale: int) -> pl.Expr:
    return (pl.col(name) * scale).round().cast(pl.Int64)


def _div(value: pl.Expr, by: pl.Expr | int) -> pl.Expr:
    """Whole division rounded half away from zero; ``by`` is positive."""
    return value.sign() * ((2 * value.abs() + by) // (2 * by))


def _sales(x: Extracts) -> pl.DataFrame:
    """Orders (no test) and till transactions: ``sale_id, channel, sale_day, currency_code, rate_e6``."""
    orders = (
        x["sales_order"]
        .filter(~pl.col("is_test"))
        .select(
            pl.col("order_id").alias("sale_id"),
            pl.col("channel_id").alias("channel"),
            day("order_ts").alias("sale_day"),
            "currency_code",
        )
    )
    tills = x["pos_transaction"].select(
        pl.col("transaction_id").alias("sale_id"),
        pl.lit("store").alias("channel"),
        day("transaction_ts").alias("sale_day"),
        "currency_code",
    )
    return _with_rate(pl.concat([orders, tills]), x, "sale_day")


def _with_rate(frame: pl.DataFrame, x: Extracts, on_day: str) -> pl.DataFrame:
    """The last rate known on the day, in millionths."""
    rates = (
        x["exchange_rate"]
        .filter(pl.col("to_currency_code") == "EUR")
        .select(
            pl.col("from_currency_code").alias("currency_code"), "rate_date", _whole("rate", _MILLION).alias("rate_e6")
        )
        .sort("rate_date")
    )
    joined = frame.sort(on_day).join_asof(
        rates, left_on=on_day, right_on="rate_date", by="currency_code", check_sortedness=False
    )
    rate = pl.when(pl.col("currency_code") == "EUR").then(_MILLION).otherwise(pl.col("rate_e6")).alias("rate_e6")
    return joined.with_columns(rate).drop("rate_date")


def _issues(x: Extracts) -> pl.DataFrame:
    """Units of order lines that left for a customer: shipped, at that moment, or collected."""
    live = x["shipment"].filter(pl.col("status_code") == "shipped")
    shipped = (
        x["shipment_line"]
        .join(live.select("shipment_id", "shipped_ts", "location_id", "is_replacement"), on="shipment_id")
        .select(*_KEY, "quantity", pl.col("shipped_ts").alias("ts"), "location_id", "is_replacement", "parcel_id")
    )
    collected = (
        x["pickup_task"]
        .filter(pl.col("collected_ts").is_not_null())
        .select(
            *_KEY,
            pl.col("collected_qty").alias("quantity"),
            pl.col("collected_ts").alias("ts"),
            "location_id",
            pl.lit(False).alias("is_replacement"),
            pl.lit("").alias("parcel_id"),
        )
    )
    skus = x["sales_order_line"].select(*_KEY, "sku")
    sold_cards = x["product"].filter(pl.col("product_type") == "gift_card").select("sku")
    return (
        pl.concat([shipped, collected])
        .filter(pl.col("quantity") > 0)
        .join(skus, on=_KEY)
        .join(sold_cards, on="sku", how="anti")
        .rename({"order_id": "sale_id"})
    )


def _allocations(x: Extracts) -> pl.DataFrame:
    """Discounts ex tax by sale line and who bears them, in cents."""
    return x["discount_allocation"].select(
        pl.coalesce("order_id", "transaction_id").alias("sale_id"),
        pl.when(pl.col("order_id").is_not_null()).then("line_no").otherwise("transaction_line_no").alias("line_no"),
        "funding_code",
        _whole("amount", 100).alias("cents"),
    )


def _line_amounts(x: Extracts) -> pl.DataFrame:
    """Gross sales and discounts ex tax of each sale line: ``sale_id, line_no, step, cents, whole``.

    A discount that no allocation explains is the retailer's own; its tax is in proportion to that of what was paid.
    """
    line = ["sale_id", "line_no"]
    discounts = _allocations(x)
    paid = _whole("gross_amount", 100) - _whole("discount_amount", 100)
    ex_tax = (paid - _whole("tax_amount", 100)).alias("net")
    sold = x["pos_transaction"].filter(pl.col("transaction_type") == "sale").select("transaction_id")
    tills = x["pos_transaction_line"].join(sold, on="transaction_id")
    off = _whole("discount_amount", 100).alias("off")
    columns = ["line_no", off, paid.alias("paid"), ex_tax, pl.col("quantity").alias("whole")]
    taxed = x["tax_line"].group_by("order_id", "line_no").agg(pl.col("tax_amount").sum().alias("of_tax_lines"))
    orders = x["sales_order_line"].join(taxed, on=["order_id", "line_no"], how="left")
    orders = orders.with_columns(pl.coalesce("of_tax_lines", "tax_amount").alias("tax_amount"))
    lines = pl.concat(
        [
            orders.select(pl.col("order_id").alias("sale_id"), *columns),
            tills.select(pl.col("transaction_id").alias("sale_id"), *columns),
        ]
    )
    borne = discounts.group_by(line).agg(pl.col("cents").sum().alias("borne"))
    untold = pl.when(pl.col("paid") == 0).then("off").otherwise(_div(pl.col("off") * pl.col("net"), pl.col("paid")))
    lines = lines.join(borne, on=line, how="left").with_columns(
        pl.col("borne").fill_null(0),
        pl.when(pl.col("borne").is_null()).then(untold).otherwise(0).fill_null(0).alias("rest"),
    )

    def step(rows: pl.DataFrame, name: str, cents: pl.Expr) -> pl.DataFrame:
        return rows.select(*line, pl.lit(name).alias("step"), cents.alias("cents"), "whole")

    given = discounts.join(lines.select(*line, "whole"), on=line)
    code = pl.col("funding_code")
    return pl.concat(
        [
            step(lines, "gross_sales", pl.col("net") + pl.col("borne") + pl.col("rest")),
            step(lines.filter(pl.col("rest") != 0), "unfunded_discount", -pl.col("rest")),
            step(given.filter(code == "retailer"), "unfunded_discount", -pl.col("cents")),
            step(given.filter(code != "retailer"), "funded_discount", -pl.col("cents")),
            step(given.filter(code == "supplier"), "supplier_funding", pl.col("cents")),
        ]
    )


def _sold(x: Extracts) -> pl.DataFrame:
    """Sales, discounts and supplier funding: of order lines by the part that left, of till lines at once."""
    parts = (
        _issues(x)
        .filter(~pl.col("is_replacement"))
        .sort("ts", "parcel_id")
        .with_columns(pl.col("quantity").cum_sum().over("sale_id", "line_no").alias("upto"))
        .with_columns((pl.col("upto") - pl.col("quantity")).alias("before"))
    )
    amounts = _line_amounts(x)
    upto, before, whole = pl.min_horizontal("upto", "whole"), pl.min_horizontal("before", "whole"), pl.col("whole")
    of_orders = amounts.join(parts, on=["sale_id", "line_no"]).select(
        "sale_id",
        "line_no",
        "step",
        "ts",
        (_div(pl.col("cents") * upto, whole) - _div(pl.col("cents") * before, whole)).alias("cents"),
    )
    times = x["pos_transaction"].select(pl.col("transaction_id").alias("sale_id"), "transaction_ts")
    of_tills = amounts.join(times, on="sale_id").select(
        "sale_id", "line_no", "step", pl.col("transaction_ts").alias("ts"), "cents"
    )
    return pl.concat([of_orders, of_tills])


def _returned(x: Extracts, event_type: str) -> pl.DataFrame:
    """Events of returns with the sale they belong to."""
    lines = x["return_line"].select(
        "return_id",
        "line_no",
        pl.coalesce("order_id", "transaction_id").alias("sale_id"),
        "sku",
        "return_location_id",
    )
    return (
        x["return_event"]
        .filter(pl.col("event_type") == event_type)
        .join(lines, on=["return_id", "line_no"])
        .with_columns(
            pl.col("event_ts").alias("ts"), day("event_ts").alias("period_date"), pl.coalesce("sale_id", "return_id")
        )
    )


def _priced(moves: pl.DataFrame, x: Extracts, step: str, sign: int) -> pl.DataFrame:
    """Units at their unit cost of the day: landed, else standard."""
    costs = x["item_cost"].select(
        "sku",
        "valid_from",
        (pl.coalesce("landed_cost_amount", "standard_cost_amount") * 10_000).round().cast(pl.Int64).alias("unit_e4"),
    )
    joined = moves.sort("period_date").join_asof(
        costs.sort("valid_from"), left_on="period_date", right_on="valid_from", by="sku", check_sortedness=False
    )
    return joined.select(
        "sale_id",
        pl.lit(step).alias("step"),
        "ts",
        (sign * _div(pl.col("quantity") * pl.col("unit_e4"), 100)).alias("cents"),
    )


def _goods(x: Extracts) -> pl.DataFrame:
    """Cost of goods that left, less of those received back; write-down of returned goods that are scrapped."""
    kept = ["sale_id", "sku", "quantity", "ts", "period_date"]
    sold = x["pos_transaction"].filter(pl.col("transaction_type") == "sale").select("transaction_id")
    tills = (
        x["pos_transaction_line"]
        .join(sold, on="transaction_id")
        .with_columns(pl.col("transaction_ts").alias("ts"), pl.col("transaction_id").alias("sale_id"))
        .with_columns(day("ts").alias("period_date"))
    )
    gone = pl.concat([_issues(x).with_columns(day("ts").alias("period_date")).select(kept), tills.select(kept)])
    scrapped = _returned(x, "disposed").filter(pl.col("disposition_code") == "scrap")
    return pl.concat(
        [
            _priced(gone, x, "cogs", -1),
            _priced(_returned(x, "received").select(kept), x, "cogs", 1),
            _priced(scrapped.select(kept), x, "return_writedown", -1),
        ]
    )


def _handled(x: Extracts) -> pl.DataFrame:
    """Pick, pack and 3PL rates of units that left; handling rates of units received back. Each rounded by itself."""
    rates = x["cost_rate"].select("cost_type", "location_type", "valid_from", _whole("unit_amount", 10_000))
    places = x["location"].select("location_id", "location_type")
    gone = _issues(x).select("sale_id", "location_id", "quantity", "ts", day("ts").alias("period_date"))
    place = pl.coalesce("location_id", "return_location_id").alias("location_id")
    back = _returned(x, "received").select("sale_id", place, "quantity", "ts", "period_date")
    parts = []
    for cost_type, moves, step in (
        ("pick", gone, "fulfilment"),
        ("pack", gone, "fulfilment"),
        ("3pl", gone, "fulfilment"),
        ("return_handling", back, "return_handling"),
    ):
        rate = rates.filter(pl.col("cost_type") == cost_type).sort("valid_from")
        joined = (
            moves.join(places, on="location_id")
            .sort("period_date")
            .join_asof(rate, left_on="period_date", right_on="valid_from", by="location_type", check_sortedness=False)
            .filter(pl.col("unit_amount").is_not_null())
        )
        cents = (-_div(pl.col("quantity") * pl.col("unit_amount"), 100)).alias("cents")
        parts.append(joined.select("sale_id", pl.lit(step).alias("step"), "ts", cents))
    return pl.concat(parts)


def _shipping(x: Extracts) -> pl.DataFrame:
    """What the customer pays for shipping, ex tax, at the order's first shipment or collection."""
    first = _issues(x).filter(~pl.col("is_replacement")).group_by("sale_id").agg(pl.col("ts").min())
    line_tax = x["sales_order_line"].group_by("order_id").agg(_whole("tax_amount", 100).sum().alias("line_tax"))
    return (
        x["sales_order"]
        .join(line_tax, on="order_id")
        .join(first, left_on="order_id", right_on="sale_id")
        .select(
            pl.col("order_id").alias("sale_id"),
            pl.lit("shipping_revenue").alias("step"),
            "ts",
            (_whole("shipping_amount", 100) - _whole("tax_amount", 100) + pl.col("line_tax")).alias("cents"),
        )
    )


def _money_out(x: Extracts) -> pl.DataFrame:
    """Refunds, freight and payment fees, in the currency of the sale."""
    refunds = x["refund"].filter(pl.col("status_code").is_in(["issued", "settled"]))
    paid_back = refunds.select(
        pl.coalesce("order_id", "transaction_id", "refund_id").alias("sale_id"),
        pl.lit("refund").alias("step"),
        pl.col("refund_ts").alias("ts"),
        (_whole("tax_amount", 100) - _whole("amount", 100)).alias("cents"),
    )
    captures = x["payment"].filter(pl.col("payment_type") == "capture", pl.col("status_code") == "succeeded")
    fee = (-_whole("fee_amount", 100)).alias("cents")
    step = pl.lit("payment_fee").alias("step")
    order_fees = captures.select(pl.col("order_id").alias("sale_id"), step, pl.col("event_ts").alias("ts"), fee)
    tenders = x["pos_tender"].select(
        pl.col("transaction_id").alias("sale_id"), step, pl.col("transaction_ts").alias("ts"), fee
    )
    return pl.concat([paid_back, order_fees, tenders]).filter(pl.col("cents").is_not_null())


def _freight(x: Extracts) -> pl.DataFrame:
    return (
        x["shipment_cost"]
        .join(x["shipment"].select("shipment_id", "order_id"), on="shipment_id")
        .select(
            pl.col("order_id").alias("sale_id"),
            pl.lit("freight").alias("step"),
            pl.col("cost_ts").alias("ts"),
            (-_whole("amount", 100)).alias("cents"),
        )
    )


def _marketplace_fees(x: Extracts) -> pl.DataFrame:
    """Fees of statements at the rate of the order's day; those without an order at the rate of their own.

    An order that was taken in twice pays its fees once: with the first.
    """
    key = ["external_order_key", "channel_id"]
    orders = (
        x["sales_order"]
        .filter(pl.col("original_order_id").is_null())
        .sort("order_ts", "order_id")
        .unique(subset=key, keep="first")
        .select(*key, pl.col("order_id").alias("sale_id"))
    )
    fees = (
        x["settlement_line"]
        .filter(pl.col("line_type") == "fee")
        .join(x["settlement"].select("settlement_id", "channel_id"), on="settlement_id")
        .join(orders, on=key, how="left")
        .join(_sales(x).select("sale_id", "sale_day"), on="sale_id", how="left")
        .with_columns(pl.coalesce("sale_day", day("posted_ts")).alias("rate_day"))
    )
    rated = _with_rate(fees, x, "rate_day")
    return rated.select(
        pl.coalesce("sale_id", "settlement_id").alias("sale_id"),
        pl.lit("marketplace_fee").alias("step"),
        pl.col("posted_ts").alias("ts"),
        _div(_whole("amount", 100) * pl.col("rate_e6"), _MILLION).alias("cents"),
        pl.col("channel_id").alias("channel"),
        "sale_day",
    )


def postings(x: Extracts) -> pl.DataFrame:
    """Every posting in EUR cents: ``sale_id, step, ts, period_date, cents, channel, sale_day`` (null: of no sale).

    ``sale_id`` is the document where the sale is not known: return, refund or statement.
    """
    sales = _sales(x)
    tests = x["sales_order"].filter("is_test").select(pl.col("order_id").alias("sale_id"))
    in_own = pl.concat([_sold(x).drop("line_no"), _shipping(x), _money_out(x)])
    in_euro = pl.concat([_goods(x), _handled(x), _freight(x)])
    converted = in_own.join(sales, on="sale_id", how="left").with_columns(
        _div(pl.col("cents") * pl.col("rate_e6").fill_null(_MILLION), _MILLION).alias("cents")
    )
    rows = pl.concat(
        [
            converted.drop("currency_code", "rate_e6"),
            in_euro.join(sales, on="sale_id", how="left").drop("currency_code", "rate_e6"),
        ]
    )
    rows = rows.join(tests, on="sale_id", how="anti").with_columns(pl.col("channel").fill_null("UNKNOWN"))
    fees = _marketplace_fees(x)
    return pl.concat([rows.select(fees.columns), fees]).with_columns(day("ts").alias("period_date"))


def k72(x: Extracts) -> pl.DataFrame:
    """K72 = contribution / net sales; gross margin; the cohort by day of sale: in EUR, by channel."""
    rows = postings(x)
    euro = pl.col("cents") / 100
    net = pl.when(pl.col("step").is_in(_NET_SALES)).then(euro).otherwise(0.0)
    margin = pl.when(pl.col("step").is_in(_GROSS_MARGIN)).then(euro).otherwise(0.0)

    def ratio(kpi: str, frame: pl.DataFrame, period: str, numerator: pl.Expr) -> pl.DataFrame:
        totals = frame.group_by(pl.lit(kpi).alias("kpi_id"), pl.col(period).alias("period_date"), "channel")
        return totals.agg(numerator.sum().alias("numerator"), net.sum().alias("denominator"))

    return pl.concat(
        [
            ratio("K72", rows, "period_date", euro),
            ratio("K72.gross_margin", rows, "period_date", margin),
            ratio("K72.cohort", rows.filter(pl.col("sale_day").is_not_null()), "sale_day", euro),
        ]
    )


def k72_steps(x: Extracts) -> pl.DataFrame:
    """K72.amount by step: ``step, channel, period_date, amount`` in EUR."""
    return postings(x).group_by("step", "channel", "period_date").agg((pl.col("cents").sum() / 100).alias("amount"))
