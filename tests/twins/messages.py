"""Twins of stock synchronisation and stock views: K29 (message latency), K30 (mismatch between systems).

K29 measures stock messages, each business key and version once; one that a later version overtook counts as applied
with it. K30 compares the system of record with another system at the same cut, net of units sent and not yet applied.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from tests.twins.extracts import Extracts, day

_VERSION = ["interface_id", "business_key", "business_version"]


def _totals(frame: pl.DataFrame, kpi: str, period: pl.Expr, numerator: pl.Expr, denominator: pl.Expr) -> pl.DataFrame:
    return (
        frame.select(
            pl.lit(kpi).alias("kpi_id"),
            period.alias("period_date"),
            numerator.cast(pl.Float64).alias("numerator"),
            denominator.cast(pl.Float64).alias("denominator"),
        )
        .group_by("kpi_id", "period_date")
        .agg(pl.col("numerator").sum(), pl.col("denominator").sum())
    )


def _versions(x: Extracts) -> pl.DataFrame:
    """One row a stock business key and version: its event, and when it or a later version was first applied."""
    stock = x["integration_message"].filter(pl.col("object_type") == "stock")
    once = stock.group_by(_VERSION).agg(
        pl.col("event_ts").min(), pl.col("applied_ts").min(), pl.col("sent_ts").min(), pl.col("quantity").first()
    )
    by_key = once.sort(*_VERSION, descending=[False, False, True])
    effective = pl.col("applied_ts").cum_min().over(_VERSION[:2], order_by=None)
    filled = by_key.with_columns(effective.alias("lowest")).with_columns(
        pl.col("lowest").forward_fill().over(_VERSION[:2]).alias("effective_ts")
    )
    return filled.drop("lowest")


def k29(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K29 = sum of latency (s) / versions applied, by event day; K29.breach = late or silent past the SLA / due.

    K29.open_lag = sum of as_of - event (s) / versions that the target has not applied.
    """
    sla = x["interface"].select("interface_id", "sla_seconds")
    rows = _versions(x).join(sla, on="interface_id", how="left")
    latency = (pl.col("effective_ts") - pl.col("event_ts")).dt.total_microseconds() / 1e6
    applied = rows.filter(pl.col("effective_ts").is_not_null() & (latency >= 0))
    limit = pl.col("event_ts") + pl.duration(seconds=pl.col("sla_seconds"))
    due = rows.with_columns(limit.alias("limit")).filter(pl.col("limit") <= as_of)
    breach = (pl.col("effective_ts") > pl.col("limit")).fill_null(True)
    rows = rows.with_columns(pl.lit(as_of).alias("now"))
    open_still = pl.col("effective_ts").is_null() & (pl.col("event_ts") <= pl.col("now"))
    lag = (pl.col("now") - pl.col("event_ts")).dt.total_microseconds() / 1e6
    return pl.concat(
        [
            _totals(applied, "K29", day("event_ts"), latency, pl.lit(1)),
            _totals(due, "K29.breach", day("limit"), breach, pl.lit(1)),
            _totals(rows.filter(open_still), "K29.open_lag", day("now"), lag, pl.lit(1)),
        ]
    )


def compared(x: Extracts) -> pl.DataFrame:
    """Items at locations at a cut, as two systems see them: ``qty_a, qty_b, off, is_mismatch``, net of units in flight.

    A mismatch is off by more than one unit and more than 2 %.
    """
    places = x["location"].select("location_id", pl.col("stock_system_code").alias("system_a"))
    nets = pl.col("system_code").is_in(["ecommerce", "marketplace"])
    views = x["inventory_snapshot"].with_columns(
        (pl.col("on_hand_qty") + pl.when(nets).then(pl.col("reserved_qty")).otherwise(0)).alias("gross")
    )
    views = views.join(places, on="location_id")
    key = ["location_id", "sku", "snapshot_ts"]
    left = views.filter(pl.col("system_code") == pl.col("system_a")).select(
        *key, "system_a", pl.col("gross").alias("qty_a")
    )
    right = views.filter(pl.col("system_code") != pl.col("system_a")).select(
        *key, "system_a", pl.col("system_code").alias("system_b"), pl.col("gross").alias("qty_b")
    )
    covers = views.group_by("system_code", "location_id", "snapshot_ts").agg(
        (pl.col("coverage_code") == "complete").all().alias("complete")
    )
    cuts = right.select("location_id", "snapshot_ts", "system_a", "system_b").unique()
    ranged = x["assortment"].select("sku", "location_id", "valid_from", "valid_to")
    candidates = pl.concat(
        [
            right.select("location_id", "snapshot_ts", "system_a", "system_b", "sku"),
            left.join(cuts, on=["location_id", "snapshot_ts", "system_a"]).select(
                "location_id", "snapshot_ts", "system_a", "system_b", "sku"
            ),
            ranged.join(cuts, on="location_id")
            .filter(
                pl.col("valid_from") <= day("snapshot_ts"),
                pl.col("valid_to").is_null() | (pl.col("valid_to") >= day("snapshot_ts")),
            )
            .select("location_id", "snapshot_ts", "system_a", "system_b", "sku"),
        ]
    ).unique()
    pairs = (
        candidates.join(left, on=[*key, "system_a"], how="left")
        .join(right, on=[*key, "system_a", "system_b"], how="left")
        .join(
            covers.rename({"system_code": "system_a", "complete": "complete_a"}),
            on=["system_a", "location_id", "snapshot_ts"],
            how="left",
        )
        .join(
            covers.rename({"system_code": "system_b", "complete": "complete_b"}),
            on=["system_b", "location_id", "snapshot_ts"],
            how="left",
        )
        .with_columns(
            pl.when(pl.col("qty_a").is_null() & pl.col("complete_a")).then(0).otherwise(pl.col("qty_a")).alias("qty_a"),
            pl.when(pl.col("qty_b").is_null() & pl.col("complete_b")).then(0).otherwise(pl.col("qty_b")).alias("qty_b"),
        )
        .filter(pl.col("qty_a").is_not_null(), pl.col("qty_b").is_not_null())
    )
    is_ranged = pairs.join(ranged, on=["sku", "location_id"]).filter(
        pl.col("valid_from") <= day("snapshot_ts"),
        pl.col("valid_to").is_null() | (pl.col("valid_to") >= day("snapshot_ts")),
    )
    marked = pairs.join(
        is_ranged.select(*key, "system_b").unique().with_columns(pl.lit(True).alias("ranged")),
        on=[*key, "system_b"],
        how="left",
    ).filter(pl.col("ranged").fill_null(False) | (pl.col("qty_a") != 0) | (pl.col("qty_b") != 0))
    flights = _in_flight(x, marked)
    joined = marked.join(flights, on=[*key, "system_b"], how="left").with_columns(pl.col("in_flight").fill_null(0))
    off = (pl.col("qty_a") - pl.col("qty_b") - pl.col("in_flight")).abs()
    tolerance = pl.max_horizontal(pl.lit(1.0), pl.col("qty_a").abs() * 0.02)
    return joined.with_columns(off.alias("off"), (off > tolerance).alias("is_mismatch"))


def k30(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K30 = pairs off by more than max(1 unit, 2 %) after in-flight units / pairs compared, by day of the cut.

    K30.value = their absolute net difference at cost / the absolute stock of the system of record at cost.
    """
    pairs = compared(x)
    valued = _with_cost(pairs, x).filter(pl.col("unit_cost").is_not_null())
    cost = pl.col("unit_cost")
    return pl.concat(
        [
            _totals(pairs, "K30", day("snapshot_ts"), pl.col("is_mismatch"), pl.lit(1)),
            _totals(valued, "K30.value", day("snapshot_ts"), pl.col("off") * cost, pl.col("qty_a").abs() * cost),
        ]
    )


def _with_cost(pairs: pl.DataFrame, x: Extracts) -> pl.DataFrame:
    """The unit cost of the day of the cut: landed, else standard."""
    costs = (
        x["item_cost"]
        .select("sku", "valid_from", pl.coalesce("landed_cost_amount", "standard_cost_amount").alias("unit_cost"))
        .sort("valid_from")
    )
    dated = pairs.with_columns(day("snapshot_ts").alias("cut_day")).sort("cut_day")
    return dated.join_asof(costs, left_on="cut_day", right_on="valid_from", by="sku", check_sortedness=False)


def _in_flight(x: Extracts, pairs: pl.DataFrame) -> pl.DataFrame:
    """Net units in messages from A to B that were sent by the cut and not applied by it."""
    routes = (
        x["interface"].filter(pl.col("object_type") == "stock").select("interface_id", "source_system", "target_system")
    )
    stock = x["integration_message"].filter(pl.col("object_type") == "stock").join(routes, on="interface_id")
    once = stock.group_by(*_VERSION, "source_system", "target_system", "location_id", "sku").agg(
        pl.col("sent_ts").min(), pl.col("applied_ts").min(), pl.col("quantity").first()
    )
    at_cut = pairs.select("location_id", "sku", "snapshot_ts", "system_a", "system_b").join(
        once,
        left_on=["location_id", "sku", "system_a", "system_b"],
        right_on=["location_id", "sku", "source_system", "target_system"],
    )
    open_ones = at_cut.filter(
        pl.col("sent_ts") <= pl.col("snapshot_ts"),
        pl.col("applied_ts").is_null() | (pl.col("applied_ts") > pl.col("snapshot_ts")),
    )
    return open_ones.group_by("location_id", "sku", "snapshot_ts", "system_b").agg(
        pl.col("quantity").sum().alias("in_flight")
    )
