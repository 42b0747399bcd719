"""Twins of what service costs and how it is told: K12, K25, K26, K88, K99, K103, K109."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from tests.twins.extracts import ZONE, Extracts, day, seconds
from tests.twins.finance import _with_rate
from tests.twins.lines import (
    cancellations,
    first_promise,
    goods_lines,
    line_outcomes,
    packed_lines,
    substitutes,
    summed,
)
from tests.twins.office import holidays

KEY = ["order_id", "line_no"]
VERSION = ["interface_id", "business_key", "business_version"]


def _live_orders(x: Extracts) -> pl.DataFrame:
    """Orders that count: no test, at least one line of goods."""
    goods = goods_lines(x).select("order_id").unique()
    return x["sales_order"].filter(~pl.col("is_test")).join(goods, on="order_id", how="semi")


def _without_channel(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.lit("").alias("channel_id"))


def k12(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K12 = parts shipped without an error known within 30 days / parts shipped; each in error once beside it."""
    left = (
        x.versions("fulfilment_line")
        .filter(pl.col("status_code").is_in(["shipped", "ready", "collected"]))
        .group_by("fulfilment_line_id")
        .agg(pl.col("updated_ts").min().alias("left_ts"))
    )
    parts = (
        x["fulfilment_line"]
        .filter(pl.col("shipped_qty") > 0)
        .join(left, on="fulfilment_line_id")
        .join(packed_lines(x).select(*KEY, "channel_id"), on=KEY)
        .join(substitutes(x).select(*KEY, "is_accepted"), on=KEY, how="left")
    )
    back = x["return_line"].filter(
        pl.col("reason_code").is_in(["wrong_item", "missing_item"]),
        ~pl.col("status_code").is_in(["withdrawn", "expired"]),
    )
    cases = x["customer_case"].filter(pl.col("theme_code").is_in(["wrong_item", "missing_item", "invoice"]))
    whole = cases.filter(pl.col("line_no").is_null()).drop("line_no")
    known = pl.concat(
        [
            back.select("order_id", pl.col("order_line_no").alias("line_no"), pl.col("initiated_ts").alias("ts")),
            cases.filter(pl.col("line_no").is_not_null()).select(*KEY, pl.col("opened_ts").alias("ts")),
            whole.join(parts.select(KEY).unique(), on="order_id").select(*KEY, pl.col("opened_ts").alias("ts")),
        ]
    ).filter(pl.col("line_no").is_not_null())
    nowhere = (
        x["shipment_event"]
        .filter(pl.col("reason_code") == "address")
        .group_by("shipment_id", "parcel_id")
        .agg(pl.col("event_ts").min())
    )
    lost = (
        x["shipment_line"]
        .join(nowhere, on=["shipment_id", "parcel_id"])
        .join(x["shipment"].select("shipment_id", "location_id"), on="shipment_id")
        .select(*KEY, "location_id", pl.col("event_ts").alias("ts"))
    )
    limit = pl.col("left_ts") + pl.duration(days=30)
    told = parts.join(known, on=KEY).filter(pl.col("ts") >= pl.col("left_ts"), pl.col("ts") <= limit)
    astray = parts.join(lost, on=[*KEY, "location_id"]).filter(pl.col("ts") <= limit)
    wrong = pl.concat([told.select("fulfilment_line_id"), astray.select("fulfilment_line_id")]).unique()
    more = pl.col("shipped_qty") > pl.col("requested_qty")
    rows = parts.join(wrong.with_columns(pl.lit(True).alias("wrong")), on="fulfilment_line_id", how="left")
    error = pl.col("wrong").fill_null(False) | more | ~pl.col("is_accepted").fill_null(True)
    return pl.concat(
        [
            summed(rows, "K12", day("left_ts"), ~error, pl.lit(1)),
            summed(rows, "K12.errors", day("left_ts"), error, pl.lit(1)),
        ]
    )


def k25(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K25 = handling and freight / units shipped or ready."""
    kinds = x["location"].select("location_id", "location_type")
    rates = (
        x["cost_rate"]
        .group_by("location_type")
        .agg(pl.col("unit_amount").filter(pl.col("cost_type").is_in(["pick", "pack", "3pl"])).sum().alias("each"))
    )
    goods = packed_lines(x).select(KEY)
    freight = x["shipment_cost"].group_by("shipment_id").agg(pl.col("amount").sum())
    shipped = (
        x["shipment_line"]
        .join(goods, on=KEY, how="semi")
        .group_by("shipment_id")
        .agg(pl.col("quantity").sum())
        .join(x["shipment"].select("shipment_id", "location_id", pl.col("shipped_ts").alias("ts")), on="shipment_id")
        .join(freight, on="shipment_id")
        .select("location_id", "quantity", "amount", "ts")
    )
    ready = (
        x["pickup_task"]
        .filter(pl.col("ready_ts").is_not_null(), pl.col("ready_qty") > 0)
        .join(goods, on=KEY, how="semi")
        .select(
            "location_id",
            pl.col("ready_qty").alias("quantity"),
            pl.lit(0.0).alias("amount"),
            pl.col("ready_ts").alias("ts"),
        )
    )
    rows = _without_channel(
        pl.concat([shipped, ready]).join(kinds, on="location_id").join(rates, on="location_type", how="left")
    )
    cost = pl.col("quantity") * pl.col("each").fill_null(0) + pl.col("amount")
    return summed(rows, "K25", day("ts"), cost, pl.col("quantity")).drop("channel")


def k26(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K26 = time until a dispatch is visible in its channel; not visible by the service level / due."""
    routes = x["interface"].filter(pl.col("object_type") == "shipment")
    heard = (
        x["integration_message"]
        .join(routes.select("interface_id", "target_system"), on="interface_id")
        .group_by("business_key", "target_system")
        .agg(pl.col("applied_ts").min())
    )
    kinds = x["channel"].select(
        "channel_id",
        pl.col("channel_type")
        .replace_strict({"web": "ecommerce", "marketplace": "marketplace", "store": "pos"}, default=None)
        .alias("target_system"),
    )
    sla = routes.group_by("target_system").agg(pl.col("sla_seconds").first())
    rows = (
        x["shipment"]
        .filter(pl.col("status_code") != "cancelled")
        .join(x["sales_order"].filter(~pl.col("is_test")).select("order_id", "channel_id"), on="order_id")
        .join(kinds, on="channel_id")
        .join(sla, on="target_system")
        .join(heard, left_on=["shipment_id", "target_system"], right_on=["business_key", "target_system"], how="left")
        .with_columns((pl.col("shipped_ts") + pl.duration(seconds=pl.col("sla_seconds"))).alias("due"))
    )
    seen = rows.filter(pl.col("applied_ts") >= pl.col("shipped_ts"))
    missing = ~(pl.col("applied_ts") <= pl.col("due")).fill_null(False)
    return pl.concat(
        [
            summed(seen, "K26", day("shipped_ts"), seconds("applied_ts", "shipped_ts"), pl.lit(1)),
            summed(rows.filter(pl.col("due") <= as_of), "K26.missing", day("due"), missing, pl.lit(1)),
        ]
    )


def business_hours_later(since: datetime, wanted: float) -> datetime:
    """The instant at which so many working hours, Monday to Friday 8 to 17 without public holidays, have passed."""
    zone, utc = ZoneInfo(ZONE), ZoneInfo("UTC")
    local = since.replace(tzinfo=utc).astimezone(zone)
    at, left, closed = local.date(), wanted * 3600, holidays()
    while True:
        begin, end = (
            datetime(at.year, at.month, at.day, hour, tzinfo=zone).astimezone(utc).replace(tzinfo=None)
            for hour in (8, 17)
        )
        begin = max(begin, since)
        is_open = at.isoweekday() <= 5 and at not in closed
        room = max(0.0, (end - begin).total_seconds()) if is_open else 0.0
        if left <= room:
            return begin + timedelta(seconds=left)
        left, at = left - room, at + timedelta(days=1)


def k88(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K88 = purchase orders acknowledged within 24 business hours / due."""
    first = x["po_acknowledgement"].group_by("po_id").agg(pl.col("ack_ts").min())
    orders = _without_channel(x["purchase_order"].join(first, on="po_id", how="left"))
    moments = [business_hours_later(sent, 24) for sent in orders["po_sent_ts"]]
    orders = orders.with_columns(pl.Series("due", moments, dtype=pl.Datetime("us"))).filter(pl.col("due") <= as_of)
    good = (pl.col("ack_ts") <= pl.col("due")).fill_null(False)
    asked = x["purchase_order_line"].select("po_id", "line_no", "requested_date", "ordered_qty", "unit_cost_amount")
    answers = _without_channel(
        x["po_acknowledgement"]
        .join(asked, on=["po_id", "line_no"], suffix="_asked")
        .with_columns(
            (
                (pl.col("ack_type") != "accepted")
                | (pl.col("committed_date") != pl.col("requested_date"))
                | (pl.col("committed_qty") != pl.col("ordered_qty"))
                | ((pl.col("unit_cost_amount") - pl.col("unit_cost_amount_asked")).abs() > 1e-9)
            )
            .fill_null(False)
            .alias("changed")
        )
        .group_by("po_id", "ack_ts")
        .agg(pl.col("changed").any())
    )
    frames = [
        summed(orders, "K88", day("due"), good, pl.lit(1)),
        summed(answers, "K88.changed", day("ack_ts"), pl.col("changed"), pl.lit(1)),
    ]
    return pl.concat(frames).drop("channel")


def k99(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K99 = failed for good / sent; duplicates, retries, messages beyond their service level.

    dlq = dead-lettered now; backlog = versions that were received, did not fail, and no message or later version of
    which is applied.
    """
    sla = x["interface"].select("interface_id", "sla_seconds")
    every = _without_channel(x["integration_message"]).join(sla, on="interface_id")
    failed = pl.col("status_code").is_in(["failed", "dead_lettered"])
    received = every.filter(pl.col("target_received_ts").is_not_null())
    again = pl.col("message_id") != pl.col("message_id").sort_by("target_received_ts").first().over(VERSION)
    once = (
        every.group_by(*VERSION, "channel_id", "sla_seconds")
        .agg(pl.col("event_ts").min(), pl.col("applied_ts").min())
        .sort(*VERSION, descending=[False, False, True])
        .with_columns(
            pl.col("applied_ts").cum_min().over(VERSION[:2]).forward_fill().over(VERSION[:2]).alias("applied_ts"),
            (pl.col("event_ts") + pl.duration(seconds=pl.col("sla_seconds"))).alias("due"),
        )
        .filter(pl.col("due") <= as_of, (pl.col("applied_ts") >= pl.col("event_ts")).fill_null(True))
    )
    late = (pl.col("applied_ts") > pl.col("due")).fill_null(True)
    still = (
        every.group_by(*VERSION, "channel_id")
        .agg(pl.col("target_received_ts").min(), pl.col("applied_ts").min(), (~failed).any().alias("is_live"))
        .sort(*VERSION, descending=[False, False, True])
        .with_columns(pl.col("applied_ts").forward_fill().over(VERSION[:2]), pl.lit(as_of).alias("now"))
        .filter(pl.col("applied_ts").is_null(), pl.col("target_received_ts").is_not_null(), pl.col("is_live"))
    )
    dead = every.filter(pl.col("status_code") == "dead_lettered").with_columns(pl.lit(as_of).alias("now"))
    frames = [
        summed(every, "K99", day("sent_ts"), failed, pl.lit(1)),
        summed(received, "K99.duplicate", day("sent_ts"), again, pl.lit(1)),
        summed(every, "K99.retry", day("sent_ts"), pl.col("attempts") - 1, pl.lit(1)),
        summed(once, "K99.breach", day("due"), late, pl.lit(1)),
        summed(dead, "K99.dlq", day("now"), pl.lit(1), pl.lit(1)),
        summed(still, "K99.backlog", day("now"), pl.lit(1), pl.lit(1)),
    ]
    return pl.concat(frames).drop("channel")


def k103(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K103 = what the sides hold apart, less what is on its way / what the source holds; in records, units, money.

    Messages carry no value, so money is compared where nothing was on its way.
    """
    cut = ["interface_id", "object_type", "cut_ts"]
    totals = x["control_total"]
    sides = [
        totals.filter(pl.col("side_code") == side).select(
            *cut,
            pl.col("record_count").alias(f"records_{side}"),
            pl.col("quantity_total").alias(f"units_{side}"),
            pl.col("value_total").alias(f"money_{side}"),
            "currency_code",
        )
        for side in ("source", "target")
    ]
    both = _with_rate(
        sides[0].join(sides[1].drop("currency_code"), on=cut).with_columns(day("cut_ts").alias("on")), x, "on"
    )
    live = (
        x["integration_message"]
        .filter(~pl.col("status_code").is_in(["failed", "dead_lettered"]))
        .sort("applied_ts", nulls_last=True)
        .unique(VERSION, keep="first", maintain_order=True)
    )
    flying = []
    for (interface,), cuts in both.group_by("interface_id"):
        some = live.filter(pl.col("interface_id") == interface)
        for moment in cuts["cut_ts"]:
            here = some.filter(
                pl.col("sent_ts") <= moment, pl.col("applied_ts").is_null() | (pl.col("applied_ts") > moment)
            )
            flying.append((interface, moment, here.height, here["quantity"].sum()))
    away = pl.DataFrame(
        flying,
        schema={"interface_id": pl.String, "cut_ts": pl.Datetime("us"), "records": pl.Int64, "units": pl.Int64},
        orient="row",
    )
    rows = _without_channel(both.join(away, on=["interface_id", "cut_ts"]))
    frames = []
    for kpi, what in (("K103", "records"), ("K103.qty", "units")):
        told = rows.filter(pl.col(f"{what}_source").is_not_null())
        apart = (pl.col(f"{what}_source") - pl.col(f"{what}_target") - pl.col(what)).abs()
        frames.append(summed(told, kpi, day("cut_ts"), apart, pl.col(f"{what}_source").abs()))
    told = rows.filter(
        pl.col("money_source").is_not_null(), pl.col("money_target").is_not_null(), pl.col("records") == 0
    )
    apart, whole = (pl.col("money_source") - pl.col("money_target")).abs(), pl.col("money_source").abs()
    rate = pl.col("rate_e6") / 1e6
    frames.append(summed(told, "K103.value", day("cut_ts"), (apart * rate).round(2), (whole * rate).round(2)))
    return pl.concat(frames).drop("channel")


def k109(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K109 = marketplace orders with a defect, cancelled by us, shipped late; parcels tracked and on time."""
    markets = x["channel"].filter(pl.col("channel_type") == "marketplace").select("channel_id")
    orders = _live_orders(x).join(markets, on="channel_id", how="semi")
    upheld = pl.col("claim_type").is_in(["negative_feedback", "chargeback"]) | pl.col("is_upheld").fill_null(False)
    bad = (
        x["marketplace_claim"]
        .filter(upheld)
        .select("external_order_key", "channel_id", pl.lit(1).alias("bad"))
        .unique()
    )
    ours = (
        cancellations(x)
        .filter(
            pl.col("initiator_code").is_in(["retailer", "supplier", "system"]),
            ~pl.col("reason_code").is_in(["fraud", "payment"]).fill_null(False),
        )
        .select("order_id", pl.lit(1).alias("ours"))
        .unique()
    )
    orders = orders.join(bad, on=["external_order_key", "channel_id"], how="left").join(ours, on="order_id", how="left")
    kept = line_outcomes(x).group_by("order_id").agg(pl.col("kept").sum().alias("kept"))
    sent = (
        x["shipment_line"]
        .join(x["shipment"].select("shipment_id", "shipped_ts"), on="shipment_id")
        .group_by("order_id")
        .agg(pl.col("shipped_ts").max(), pl.col("quantity").sum().alias("sent"))
    )
    due = (
        orders.filter(pl.col("expected_ship_ts") <= as_of)
        .join(kept, on="order_id")
        .filter(pl.col("kept") > 0)
        .join(sent, on="order_id", how="left")
    )
    in_time = (pl.col("sent") >= pl.col("kept")) & (pl.col("shipped_ts") <= pl.col("expected_ship_ts"))
    scans = (
        x["shipment_event"]
        .group_by("shipment_id", "parcel_id")
        .agg(pl.col("event_ts").filter(pl.col("event_type") == "delivered").min().alias("delivered_ts"))
        .with_columns(pl.lit(1).alias("seen"))
    )
    parcels = (
        x["shipment_line"]
        .join(x["shipment"].select("shipment_id", "shipped_ts"), on="shipment_id")
        .join(orders.select("order_id", "channel_id"), on="order_id")
        .join(first_promise(x), on=KEY, how="left")
        .group_by("shipment_id", "parcel_id", "channel_id")
        .agg(pl.col("shipped_ts").min(), pl.col("promise_latest_ts").max())
        .join(scans, on=["shipment_id", "parcel_id"], how="left")
    )
    tracked = parcels.filter(pl.col("seen").is_not_null(), pl.col("promise_latest_ts") <= as_of)
    on_time = (pl.col("delivered_ts") <= pl.col("promise_latest_ts")).fill_null(False)
    return pl.concat(
        [
            summed(orders, "K109", day("order_ts"), pl.col("bad").is_not_null(), pl.lit(1)),
            summed(orders, "K109.cancel", day("order_ts"), pl.col("ours").is_not_null(), pl.lit(1)),
            summed(due, "K109.late_ship", day("expected_ship_ts"), ~in_time.fill_null(False), pl.lit(1)),
            summed(parcels, "K109.tracking", day("shipped_ts"), pl.col("seen").is_not_null(), pl.lit(1)),
            summed(tracked, "K109.on_time", day("promise_latest_ts"), on_time, pl.lit(1)),
        ]
    )
