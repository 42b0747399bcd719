"""Twins of section B that follow counts, movements, reservations, cuts and transfers: K31, K32, K43 to K47."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from tests.twins.extracts import Extracts, day, seconds
from tests.twins.lines import cancellations, completions, goods_lines

PLACE = ["location_id", "sku"]


def summed_without_channel(
    frame: pl.DataFrame, kpi: str, period: pl.Expr, numerator: pl.Expr, denominator: pl.Expr
) -> pl.DataFrame:
    """As ``orders.summed``, of KPIs without channel."""
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


def _costs(x: Extracts) -> pl.DataFrame:
    """Landed, else standard cost of an item from a day on; the first also before it."""
    return x["item_cost"].select(
        "sku", "valid_from", pl.coalesce("landed_cost_amount", "standard_cost_amount").alias("unit_cost")
    )


def _with_cost(rows: pl.DataFrame, x: Extracts, on_day: pl.Expr) -> pl.DataFrame:
    costs = _costs(x).sort("valid_from")
    first = costs.group_by("sku").agg(pl.col("unit_cost").first().alias("first_cost"))
    return (
        rows.with_columns(on_day.alias("cost_day"))
        .sort("cost_day")
        .join_asof(costs, left_on="cost_day", right_on="valid_from", by="sku", check_sortedness=False)
        .join(first, on="sku", how="left")
        .with_columns(pl.coalesce("unit_cost", "first_cost").alias("unit_cost"))
    )


def k31(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K31 = first counts equal to the book / first counts; net, abs at cost; plan = counted / due."""
    counts = _with_cost(x["cycle_count"].filter(pl.col("count_no") == 1), x, day("count_ts"))
    off = pl.col("counted_qty") - pl.col("book_qty")
    book = pl.col("book_qty") * pl.col("unit_cost")
    today = pl.lit(as_of).dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Berlin").dt.date()
    made = x["cycle_count"].select(*PLACE, day("count_ts").alias("made_on"))
    due = x["count_plan"].filter(pl.col("due_date") < today)
    kept = (
        due.join(made, on=PLACE)
        .filter(pl.col("made_on") <= pl.col("due_date"), pl.col("made_on") > pl.col("due_date") - pl.duration(days=7))
        .select(*PLACE, "due_date")
        .unique()
        .with_columns(pl.lit(1).alias("kept"))
    )
    plan = due.join(kept, on=[*PLACE, "due_date"], how="left")
    period = day("count_ts")
    return pl.concat(
        [
            summed_without_channel(counts, "K31", period, off == 0, pl.lit(1)),
            summed_without_channel(counts, "K31.net", period, off * pl.col("unit_cost"), book),
            summed_without_channel(counts, "K31.abs", period, off.abs() * pl.col("unit_cost"), book),
            summed_without_channel(plan, "K31.plan", pl.col("due_date"), pl.col("kept").fill_null(0), pl.lit(1)),
        ]
    )


def k32(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K32 = differences of first counts / transactions of the steps, over all steps."""
    moves = x["inventory_movement"].filter(
        pl.col("movement_type").is_in(["receipt", "return", "transfer_out", "transfer_in"])
    )
    tasks = x["wms_task"].filter(
        pl.col("task_type").is_in(["pick", "pack", "putaway"]), pl.col("ended_ts").is_not_null()
    )
    counts = x["cycle_count"].filter(pl.col("count_no") == 1)
    wrong = pl.col("counted_qty") != pl.col("book_qty")
    parts = [
        moves.select(pl.col("event_ts").alias("ts"), pl.lit(0).alias("errors")),
        tasks.select(pl.col("ended_ts").alias("ts"), pl.lit(0).alias("errors")),
        counts.select(pl.col("count_ts").alias("ts"), wrong.cast(pl.Int32).alias("errors")),
    ]
    return summed_without_channel(pl.concat(parts), "K32", day("ts"), pl.col("errors"), pl.lit(1))


def k43(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K43 = unexplained losses - gains at cost / goods sold at cost; gross = losses; known = damage and expiry."""
    moves = x["inventory_movement"].with_columns((pl.col("quantity") * pl.col("unit_cost_amount")).alias("worth"))
    kind, why = pl.col("movement_type"), pl.col("reason_code")
    known = (kind == "adjustment") & why.is_in(["damage", "expiry"]).fill_null(False)
    unexplained = (kind == "count") | ((kind == "adjustment") & ~known)
    sold = kind.is_in(["sale", "ship", "collect"])
    loss, zero = -pl.col("worth"), pl.lit(0.0)
    down = pl.col("quantity") < 0
    base = pl.when(sold).then(loss).otherwise(zero)
    taken = known & (pl.col("state_code") == "sellable") & down
    return pl.concat(
        [
            summed_without_channel(moves, kpi, day("event_ts"), pl.when(which).then(loss).otherwise(zero), base)
            for kpi, which in (("K43", unexplained), ("K43.gross", unexplained & down), ("K43.known", taken))
        ]
    )


def k44(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K44 = active reservations past their expiry or beyond the need, newest first / active reservations.

    What a line needs is what it ordered less what was cancelled, delivered, made ready.
    """
    gone = cancellations(x).group_by("order_id", "line_no").agg(pl.col("quantity").sum().alias("gone"))
    came = (
        completions(x)
        .filter(pl.col("how") != "collected")
        .group_by("order_id", "line_no")
        .agg(pl.col("quantity").sum().alias("came"))
    )
    need = (
        goods_lines(x)
        .join(gone, on=["order_id", "line_no"], how="left")
        .join(came, on=["order_id", "line_no"], how="left")
        .with_columns((pl.col("ordered_qty") - pl.col("gone").fill_null(0) - pl.col("came").fill_null(0)).alias("need"))
        .select("order_id", "line_no", "need", "channel_id")
    )
    rows = (
        x["reservation"]
        .filter(pl.col("status_code") == "active", pl.col("created_ts") <= as_of)
        .sort("created_ts", "reservation_id")
        .with_columns(pl.col("quantity").cum_sum().over("order_id", "line_no").alias("so_far"))
        .join(need, on=["order_id", "line_no"], how="left")
        .with_columns(pl.lit(as_of).alias("now"))
    )
    late = (pl.col("expires_ts") <= pl.col("now")).fill_null(False)
    beyond = (pl.col("so_far") > pl.col("need")).fill_null(False)
    return pl.concat(
        [
            summed_without_channel(rows, kpi, day("now"), which, pl.lit(1))
            for kpi, which in (("K44", late | beyond), ("K44.duplicate", beyond), ("K44.expired", late))
        ]
    )


def k45(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K45 = pairs below zero / pairs of a complete cut or not zero, at a system's last cut of a day at a location."""
    rows = x["inventory_snapshot"].with_columns(
        day("snapshot_ts").alias("on_day"),
        pl.when(pl.col("system_code").is_in(["ecommerce", "marketplace"]))
        .then(pl.col("on_hand_qty") + pl.col("reserved_qty"))
        .otherwise("on_hand_qty")
        .alias("gross"),
    )
    last = rows.filter(
        pl.col("snapshot_ts") == pl.col("snapshot_ts").max().over("system_code", "location_id", "on_day")
    )
    seen = last.filter((pl.col("coverage_code") == "complete") | (pl.col("gross") != 0))
    return summed_without_channel(seen, "K45", pl.col("on_day"), pl.col("gross") < 0, pl.lit(1))


def _transfers(x: Extracts) -> pl.DataFrame:
    return x["transfer_line"].filter(pl.col("shipped_ts").is_not_null(), pl.col("status_code") != "cancelled")


def k46(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K46 = completion - shipment; late = not complete on the day of the lane / due; cost = cost / units received."""
    rows = _transfers(x).with_columns(
        pl.coalesce("due_date", day("shipped_ts") + timedelta(days=2)).alias("due_date"), pl.lit(as_of).alias("now")
    )
    done, still = rows.filter(pl.col("completed_ts").is_not_null()), rows.filter(pl.col("completed_ts").is_null())
    late = (day("completed_ts") > pl.col("due_date")).fill_null(True)
    priced = done.filter(pl.col("cost_amount").is_not_null())
    parts = [
        summed_without_channel(done, "K46", day("completed_ts"), seconds("completed_ts", "shipped_ts"), pl.lit(1)),
        summed_without_channel(still, "K46.open_age", day("now"), seconds("now", "shipped_ts"), pl.lit(1)),
        summed_without_channel(
            rows.filter(pl.col("due_date") < day("now")), "K46.late", pl.col("due_date"), late, pl.lit(1)
        ),
        summed_without_channel(priced, "K46.cost", day("completed_ts"), pl.col("cost_amount"), pl.col("received_qty")),
    ]
    return pl.concat(parts)


def k47(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K47 = |shipped - received| / shipped of lines past the day of the lane; phantom = cost of what is missing."""
    rows = (
        _with_cost(_transfers(x), x, day("shipped_ts"))
        .with_columns(
            pl.coalesce("due_date", day("shipped_ts") + timedelta(days=2)).alias("due_date"),
            pl.lit(as_of).alias("now"),
        )
        .filter(pl.col("due_date") < day("now"))
    )
    gap = pl.col("shipped_qty") - pl.col("received_qty")
    missing = rows.filter(gap > 0)
    return pl.concat(
        [
            summed_without_channel(rows, "K47", pl.col("due_date"), gap.abs(), pl.col("shipped_qty")),
            summed_without_channel(missing, "K47.phantom", day("now"), gap * pl.col("unit_cost"), pl.lit(1)),
        ]
    )
