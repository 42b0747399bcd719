"""Twins of what is told of records and messages: K100 (orders touched by bad messages), K102 (master data)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl
import yaml

from tests.twins.extracts import Extracts, day, seconds
from tests.twins.finance import _MILLION, _div, _whole, _with_rate
from tests.twins.inventory import _with_cost, summed_without_channel
from tests.twins.lines import goods_lines, summed

_CONTRACTS = Path(__file__).resolve().parents[2] / "data" / "contracts"


def _told(column: str) -> pl.Expr:
    return pl.col(column).is_not_null()


def _digits(*counts: int) -> pl.Expr:
    return pl.col("gtin" if counts != (13,) else "gln").str.len_chars().is_in(counts).fill_null(False)


def _scored(rows: pl.DataFrame, rules: list[tuple[int, pl.Expr]]) -> pl.DataFrame:
    """One row a record and rule: ``passed`` and ``weight``."""
    return pl.concat(
        [
            rows.select((kept.fill_null(False) * weight).alias("passed"), pl.lit(weight).alias("weight"))
            for weight, kept in rules
        ]
    )


def _scores(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """Records of master data against the rules that make them usable, with the weights that the tower gives them."""
    suppliers = x["supplier"].filter(pl.col("status_code") == "active")
    known = x["supplier"].select("supplier_id", pl.lit(True).alias("known"))
    products = x["product"].filter(pl.col("status_code") == "active").join(known, on="supplier_id", how="left")
    other = (pl.col("product_type") != "goods").fill_null(False)
    terms = x["supplier_item"].select("supplier_id", pl.lit(True).alias("terms")).unique()
    floors = (
        x["price_policy"]
        .filter(pl.col("valid_from") <= day(pl.lit(as_of)))
        .sort("valid_from")
        .group_by("sku", "channel_id", maintain_order=True)
        .agg(pl.col("floor_amount").last())
    )
    prices = (
        x["price_list"]
        .filter(pl.col("valid_from_ts") <= as_of, pl.col("valid_to_ts").is_null() | (pl.col("valid_to_ts") > as_of))
        .join(x["product"].select("sku", pl.lit(True).alias("known")), on="sku", how="left")
        .join(floors, on=["sku", "channel_id"], how="left")
    )
    hours = _told("opens_local") & _told("closes_local") & _told("open_weekdays")
    floor = pl.col("floor_amount").is_null() | (pl.col("price_amount") >= pl.col("floor_amount"))
    return pl.concat(
        [
            _scored(
                products,
                [
                    (3, _told("category_code")),
                    (2, _told("tax_category_code")),
                    (2, _told("known") | other),
                    (1, (pl.col("weight_kg") > 0).fill_null(False) | other),
                    (1, _digits(8, 12, 13, 14) | other),
                ],
            ),
            _scored(
                x["location"].filter(pl.col("closed_date").is_null()),
                [(2, _told("region_code")), (2, hours), (1, _digits(13))],
            ),
            _scored(
                suppliers.join(terms, on="supplier_id", how="left"),
                [(2, _told("country_code")), (2, _told("terms")), (1, _digits(13))],
            ),
            _scored(prices, [(3, pl.col("price_amount") > 0), (2, _told("known")), (2, floor)]),
            _scored(x["customer"], [(1, _told("tier_code")), (1, _told("has_consent"))]),
        ]
    )


def _unknown_codes(x: Extracts) -> int:
    """Codes, each once, that stand in a column whose contract has a list of codes and only warns."""
    found = 0
    for path in sorted(_CONTRACTS.glob("*.yaml")):
        for table in yaml.safe_load(path.read_text(encoding="utf-8"))["schema"]:
            for column in table["properties"]:
                for rule in column.get("quality", []):
                    if rule.get("metric") == "invalidValues" and rule["severity"] == "warning":
                        codes = x.versions(table["name"])[column["name"]].drop_nulls().unique()
                        found += len(set(codes) - {str(code) for code in rule["arguments"]["validValues"]})
    return found


def k102(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K102 = weight of rules kept / weight of rules; duplicate_vendor = suppliers alike another / active; orphan.

    Rows that were refused and never mended count as broken rules; of master data none is refused here.
    """
    now = pl.lit(as_of)
    suppliers = x["supplier"].filter(pl.col("status_code") == "active").sort("supplier_id")
    name = pl.col("supplier_name").str.strip_chars().str.to_lowercase()
    suppliers = suppliers.with_columns(name.alias("name")).with_columns(
        (
            (_told("gln") & (pl.int_range(pl.len()).over("gln") > 0))
            | (_told("name") & _told("country_code") & (pl.int_range(pl.len()).over("name", "country_code") > 0))
        ).alias("again")
    )
    listings = x["channel_listing"].filter(pl.col("status_code") == "active")
    lost = listings.join(x["product"].select("sku"), on="sku", how="anti").height
    codes = _unknown_codes(x)
    mapped = pl.DataFrame({"lost": [lost + codes], "every": [listings.height + codes]})
    return pl.concat(
        [
            summed_without_channel(_scores(x, as_of), "K102", day(now), pl.col("passed"), pl.col("weight")),
            summed_without_channel(suppliers, "K102.duplicate_vendor", day(now), pl.col("again"), pl.lit(1)),
            summed_without_channel(mapped, "K102.orphan", day(now), pl.col("lost"), pl.col("every")),
        ]
    )


def _bad_messages(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """Versions of objects that failed for good or came later than their service level, with how late they are.

    A version that a later one overtook was applied with it; of equal ones the first applied, else sent, stands.
    """
    version = ["interface_id", "business_key", "business_version"]
    sla = x["interface"].select("interface_id", "sla_seconds")
    once = (
        x["integration_message"]
        .sort("applied_ts", "sent_ts", "message_id", nulls_last=True)
        .unique(version, keep="first", maintain_order=True)
        .sort("business_version", descending=True)
        .with_columns(pl.col("applied_ts").cum_min().over(version[:2]).alias("lowest"))
        .with_columns(pl.col("lowest").forward_fill().over(version[:2]).alias("in_ts"))
        .join(sla, on="interface_id", how="left")
        .with_columns(
            (pl.col("event_ts") + pl.duration(seconds=pl.col("sla_seconds"))).alias("due"), pl.lit(as_of).alias("now")
        )
        .with_columns(pl.coalesce("in_ts", "now").alias("until"))
    )
    failed = pl.col("status_code").is_in(["failed", "dead_lettered"])
    timed = (pl.col("in_ts") >= pl.col("event_ts")).fill_null(True)
    late = timed & (pl.col("due") < pl.col("until"))
    return (
        once.filter(pl.col("event_ts") <= as_of, failed | late.fill_null(False))
        .with_columns(pl.max_horizontal(seconds("until", "due"), pl.lit(0.0)).alias("late_seconds"))
        .with_columns(pl.col("business_key").str.split("|").list.first().alias("object"))
    )


def _touched(x: Extracts, bad: pl.DataFrame) -> pl.DataFrame:
    """Orders that messages name, or that ask for the item and place of one between its event and its application."""
    orders = x["sales_order"].select("order_id", "external_order_key", "order_ts")
    returned = x["return_line"].filter(_told("order_id"))
    named = pl.concat(
        [
            orders.select(pl.lit("order").alias("object_type"), pl.col("order_id").alias("object"), "order_id"),
            orders.select(
                pl.lit("order").alias("object_type"), pl.col("external_order_key").alias("object"), "order_id"
            ),
            x["shipment"].select(
                pl.lit("shipment").alias("object_type"), pl.col("shipment_id").alias("object"), "order_id"
            ),
            returned.select(pl.lit("return").alias("object_type"), pl.col("return_id").alias("object"), "order_id"),
        ]
    ).unique()
    by_name = bad.join(named, on=["object_type", "object"])
    placed = x["fulfilment_line"].sort("assigned_ts", "fulfilment_line_id")
    placed = placed.group_by("order_id", "line_no", maintain_order=True).agg(
        pl.col("location_id").last().alias("place")
    )
    lines = x["sales_order_line"].select("order_id", "line_no", "sku").join(orders, on="order_id")
    lines = lines.join(placed, on=["order_id", "line_no"], how="left")
    of_item = bad.filter(pl.col("object_type").is_in(["stock", "price"])).join(lines, on="sku")
    of_item = of_item.filter(
        pl.col("order_ts") >= pl.col("event_ts"),
        pl.col("order_ts") < pl.col("until"),
        pl.col("location_id").is_null() | (pl.col("location_id") == pl.col("place")),
    )
    names = ["order_id", "message_id", "event_ts", "late_seconds"]
    both = pl.concat([by_name.select(names), of_item.select(names)])
    return both.sort("event_ts", "message_id").unique("order_id", keep="first", maintain_order=True)


def _worth(x: Extracts) -> pl.DataFrame:
    """Units, net sales and margin of each order that counts, and what its invoices and receipts came to, EUR."""
    rates = x["sales_order"].select("order_id", "currency_code", day("order_ts").alias("order_day"))
    lines = _with_rate(goods_lines(x).join(rates, on="order_id"), x, "order_day")
    net = _whole("gross_amount", 100) - _whole("discount_amount", 100) - _whole("tax_amount", 100)
    lines = _with_cost(lines, x, pl.col("order_day")).with_columns(
        (_div(net * pl.col("rate_e6"), _MILLION) / 100).alias("net"),
        (pl.col("unit_cost") * pl.col("quantity")).alias("cost"),
    )
    parts = pl.col("kit_parent_line_no").is_not_null() | ~pl.col("is_kit").fill_null(False)
    sums = lines.group_by("order_id").agg(
        pl.col("ordered_qty").filter(parts).sum().alias("units"),
        pl.col("net").sum().alias("revenue"),
        ((pl.col("net") - pl.col("cost")).sum() * 100)
        .round(4)
        .round(0, "half_away_from_zero")
        .truediv(100)
        .alias("margin"),
    )
    papers = x["customer_document_line"].filter(pl.col("document_type").is_in(["invoice", "receipt"]))
    papers = _with_rate(papers.drop("currency_code").join(rates, on="order_id"), x, "order_day")
    gross = [_div(_whole(name, 100) * pl.col("rate_e6"), _MILLION) for name in ("net_amount", "tax_amount")]
    billed = papers.group_by("order_id").agg(((gross[0] + gross[1]).sum() / 100).alias("gl_value"))
    return sums.join(billed, on="order_id", how="left")


def k100(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K100 = orders touched by messages that failed or came late, each at the earliest, with what they are worth."""
    orders = x["sales_order"].filter(~pl.col("is_test")).select("order_id", "channel_id", "customer_id")
    rows = (
        _touched(x, _bad_messages(x, as_of))
        .join(orders, on="order_id")
        .join(_worth(x), on="order_id")
        .with_columns(pl.lit(1).alias("one"), (pl.col("late_seconds") / 60).alias("sla_minutes"))
        .sort("event_ts", "message_id", "order_id")
    )
    people = rows.filter(_told("customer_id")).unique("customer_id", keep="first", maintain_order=True)
    parts = [
        summed(rows, "K100", day("event_ts"), pl.col("one"), pl.lit(1)),
        summed(people, "K100.customers", day("event_ts"), pl.col("one"), pl.lit(1)),
    ]
    for name in ("units", "revenue", "margin", "sla_minutes", "gl_value"):
        known = rows.filter(_told(name))
        parts.append(summed(known, f"K100.{name}", day("event_ts"), pl.col(name), pl.lit(1)))
    return pl.concat(parts)
