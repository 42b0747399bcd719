"""Twins of K85 (supplier lead-time reliability) and K101 (feed freshness)."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import yaml

from tests.twins.extracts import ZONE, Extracts, day

_LINE = ["po_id", "line_no"]
_NAME = re.compile(r"_(?P<day>\d{4}-\d{2}-\d{2})_(?P<at>\d{8}T\d{4})Z")


def k85(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K85 = lines with |lead time - quoted| <= max(1 d, 10 %) / lines whose quoted time and tolerance have passed.

    Lead time = calendar days from the day the order was sent to the day of the receipt that completes or closes it.
    """
    heads = x["purchase_order"].filter(pl.col("status_code") != "cancelled").select("po_id", "po_sent_ts")
    receipts = (
        x["receipt_line"]
        .sort("receipt_ts", "receipt_id", "line_no")
        .with_columns((pl.col("received_qty") - pl.col("rejected_qty")).alias("good"))
        .with_columns(pl.col("good").cum_sum().over("po_id", "po_line_no").alias("so_far"))
        .drop("line_no")
        .rename({"po_line_no": "line_no"})
    )
    lines = x["purchase_order_line"].filter(pl.col("status_code") != "cancelled").join(heads, on="po_id")
    ends = (
        receipts.join(lines.select(*_LINE, "ordered_qty"), on=_LINE)
        .filter(pl.col("is_final") | (pl.col("so_far") >= pl.col("ordered_qty")))
        .group_by(_LINE)
        .agg(pl.col("receipt_ts").min().alias("end_ts"))
    )
    rows = (
        lines.filter(pl.col("quoted_lead_time_days").is_not_null())
        .join(ends, on=_LINE, how="left")
        .with_columns(pl.max_horizontal(pl.lit(1.0), pl.col("quoted_lead_time_days") * 0.1).alias("tolerance"))
        .with_columns(
            (
                pl.col("po_sent_ts")
                + pl.duration(seconds=(pl.col("quoted_lead_time_days") + pl.col("tolerance")) * 86_400)
            ).alias("due_ts"),
            (day("end_ts") - day("po_sent_ts")).dt.total_days().alias("lead_days"),
        )
        .filter(pl.col("due_ts") <= as_of)
    )
    kept = ((pl.col("lead_days") - pl.col("quoted_lead_time_days")).abs() <= pl.col("tolerance")).fill_null(False)
    return (
        rows.select(
            pl.lit("K85").alias("kpi_id"),
            day("due_ts").alias("period_date"),
            kept.cast(pl.Float64).alias("numerator"),
            pl.lit(1.0).alias("denominator"),
        )
        .group_by("kpi_id", "period_date")
        .agg(pl.col("numerator").sum(), pl.col("denominator").sum())
    )


def k101(x: Extracts, contracts: Path, as_of: datetime) -> pl.DataFrame:
    """K101 = expected deliveries landed by due + grace / expected and due by as_of (no row is refused here)."""
    rows = []
    for path in sorted(contracts.glob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        for table in document["schema"]:
            rows += _expected(table["name"], document["slaProperties"], x.files.get(table["name"], []), as_of)
    frame = pl.DataFrame(rows, schema=["period_date", "numerator", "denominator"], orient="row")
    return (
        frame.group_by("period_date")
        .agg(pl.col("numerator").sum().cast(pl.Float64), pl.col("denominator").sum().cast(pl.Float64))
        .with_columns(pl.lit("K101").alias("kpi_id"))
        .select("kpi_id", "period_date", "numerator", "denominator")
    )


def _expected(entity: str, service: list[dict], files: list[Path], as_of: datetime) -> list[tuple]:
    """One row an expected business day of the entity: the day it is due, whether it came in time, 1."""
    terms = {item["property"]: item["value"] for item in service if item.get("element") == entity}
    landed: dict = {}
    for path in files:
        found = _NAME.search(path.name)
        business, at = found["day"], datetime.strptime(found["at"], "%Y%m%dT%H%M")
        landed[business] = min(at, landed.get(business, at))
    if not landed:
        return []
    hour, minute = map(int, str(terms["timeOfAvailability"]).split(":"))
    rows = []
    expected = datetime.fromisoformat(min(landed)).date()
    first = expected
    while True:
        due_local = datetime.combine(expected + timedelta(days=1), time(hour, minute), ZoneInfo(ZONE))
        due = due_local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
        limit = due + timedelta(minutes=int(terms["latency"]))
        if limit > as_of:
            return rows
        if int(terms["frequency"]) == 1 or expected == first or expected.isoweekday() == 7:
            at = landed.get(expected.isoformat())
            rows.append((due_local.date(), int(at is not None and at <= limit), 1))
        expected += timedelta(days=1)
