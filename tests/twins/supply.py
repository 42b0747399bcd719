"""Twins of K85 (supplier lead times) and K101 (feed freshness, rows received)."""

from __future__ import annotations

import gzip
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
    return pl.concat([_totals(rows, "K85", day("due_ts"), kept.cast(pl.Float64)), _k85_days(lines, receipts, ends)])


def _totals(frame: pl.DataFrame, kpi: str, period: pl.Expr, numerator: pl.Expr) -> pl.DataFrame:
    return (
        frame.select(
            pl.lit(kpi).alias("kpi_id"),
            period.alias("period_date"),
            numerator.cast(pl.Float64).alias("numerator"),
            pl.lit(1.0).alias("denominator"),
        )
        .group_by("kpi_id", "period_date")
        .agg(pl.col("numerator").sum(), pl.col("denominator").sum())
    )


def _k85_days(lines: pl.DataFrame, receipts: pl.DataFrame, ends: pl.DataFrame) -> pl.DataFrame:
    """Calendar days (here in seconds) to the completing and to the first receipt, and beyond the quoted time."""
    starts = receipts.group_by(_LINE).agg(pl.col("receipt_ts").min().alias("first_ts"))
    rows = lines.join(ends, on=_LINE, how="left").join(starts, on=_LINE, how="left")

    def days(to: str) -> pl.Expr:
        return (day(to) - day("po_sent_ts")).dt.total_days()

    closed = rows.filter(pl.col("end_ts") >= pl.col("po_sent_ts"))
    begun = rows.filter(pl.col("first_ts") >= pl.col("po_sent_ts"))
    slip = (days("end_ts") - pl.col("quoted_lead_time_days")) * 86_400
    quoted = closed.filter(pl.col("quoted_lead_time_days").is_not_null())
    return pl.concat(
        [
            _totals(closed, "K85.days", day("end_ts"), days("end_ts") * 86_400),
            _totals(begun, "K85.first", day("first_ts"), days("first_ts") * 86_400),
            _totals(quoted, "K85.slip", day("end_ts"), slip),
        ]
    )


def k101(x: Extracts, contracts: Path, as_of: datetime) -> pl.DataFrame:
    """K101 = expected deliveries landed by due + grace / expected and due by as_of (no row is refused here)."""
    rows = []
    for path in sorted(contracts.glob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        for table in document["schema"]:
            rows += _expected(table["name"], document["slaProperties"], x.files.get(table["name"], []), as_of)
    frame = pl.DataFrame(rows, schema=["period_date", "numerator", "denominator"], orient="row")
    totals = (
        frame.group_by("period_date")
        .agg(pl.col("numerator").sum().cast(pl.Float64), pl.col("denominator").sum().cast(pl.Float64))
        .with_columns(pl.lit("K101").alias("kpi_id"))
        .select("kpi_id", "period_date", "numerator", "denominator")
    )
    return pl.concat([totals, _k101_rejected(x)])


def _k101_rejected(x: Extracts) -> pl.DataFrame:
    """K101.rejected = 0 (no row breaks its contract here) / rows of the files, by the day on which they came."""
    files = [path for paths in x.files.values() for path in paths]
    came = [datetime.strptime(_NAME.search(path.name)["at"], "%Y%m%dT%H%M") for path in files]
    rows = pl.DataFrame({"at": came, "rows": [_rows(path) for path in files]})
    return (
        rows.group_by(day("at").alias("period_date"))
        .agg(
            pl.lit("K101.rejected").alias("kpi_id").first(),
            pl.lit(0.0).alias("numerator").first(),
            pl.col("rows").sum().cast(pl.Float64).alias("denominator"),
        )
        .select("kpi_id", "period_date", "numerator", "denominator")
    )


def _rows(path: Path) -> int:
    if path.suffix == ".parquet":
        return pl.scan_parquet(path).select(pl.len()).collect().item()
    content = path.read_bytes()
    lines = (gzip.decompress(content) if path.suffix == ".gz" else content).count(b"\n")
    return lines - 1 if ".csv" in path.suffixes else lines


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
