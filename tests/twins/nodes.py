"""Twins of what nodes, stores and suppliers do in time: K03, K04, K15, K17 to K19, K21, K22, K91, and opening hours.

Opening hours are counted here day by day in the location's own clock, where the models take differences of totals.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from tests.twins.extracts import Extracts, day, seconds
from tests.twins.lines import goods_lines, line_outcomes, summed
from tests.twins.orders import closed_orders

KEY = ["order_id", "line_no"]
UTC = ZoneInfo("UTC")
Opening = tuple[datetime, datetime]


class Hours:
    """Opening hours of locations, walked through day by day."""

    def __init__(self, x: Extracts) -> None:
        self._rows = {row["location_id"]: row for row in x["location"].iter_rows(named=True)}
        self._days: dict[tuple[str, date], Opening | None] = {}

    def zone(self, location: str) -> ZoneInfo:
        return ZoneInfo(self._rows[location]["time_zone"])

    def on(self, location: str, on_day: date) -> Opening | None:
        """When it opens and closes on a day of its own, UTC."""
        if (location, on_day) not in self._days:
            row, zone = self._rows[location], self.zone(location)
            opened = None
            if str(on_day.isoweekday()) in row["open_weekdays"]:
                ends = (time.fromisoformat(row[name]) for name in ("opens_local", "closes_local"))
                begin, end = (datetime.combine(on_day, t, zone).astimezone(UTC).replace(tzinfo=None) for t in ends)
                opened = (begin, end)
            self._days[location, on_day] = opened
        return self._days[location, on_day]

    def _from(self, location: str, since: datetime) -> date:
        return since.replace(tzinfo=UTC).astimezone(self.zone(location)).date()

    def between(self, location: str, since: datetime, until: datetime) -> float:
        """Open seconds from one instant to a later one."""
        total, at = 0.0, self._from(location, since)
        while at <= until.date() + timedelta(days=1):
            opened = self.on(location, at)
            if opened:
                total += max(0.0, (min(opened[1], until) - max(opened[0], since)).total_seconds())
            at += timedelta(days=1)
        return total

    def after(self, location: str, since: datetime, wanted: float) -> datetime:
        """The instant at which so many open seconds have passed."""
        at, left = self._from(location, since), wanted
        for _ in range(60):
            opened = self.on(location, at)
            if opened:
                begin = max(opened[0], since)
                room = max(0.0, (opened[1] - begin).total_seconds())
                if left <= room:
                    return begin + timedelta(seconds=left)
                left -= room
            at += timedelta(days=1)
        raise AssertionError(location)


def k15(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K15 = orders closed that no person touched / orders closed."""
    touched = (
        x["order_event"]
        .filter(pl.col("actor_type") == "human", pl.col("event_class") == "intervention")
        .select("order_id", pl.lit(True).alias("touched"))
        .unique()
    )
    orders = closed_orders(x).join(touched, on="order_id", how="left")
    return summed(orders, "K15", day("closed_ts"), pl.col("touched").is_null(), pl.lit(1))


def k03(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K03 = order x method x window with every unit in the window at the first attempt / groups due."""
    tried = x["shipment_event"].filter(pl.col("event_type").is_in(["attempted", "delivered", "refused"]))
    first = tried.sort("event_ts", "event_id").unique(["shipment_id", "parcel_id"], keep="first", maintain_order=True)
    excused = pl.col("reason_code").is_in(["absent", "refused"]).fill_null(False)
    first = first.select(
        "shipment_id",
        "parcel_id",
        pl.col("event_ts").alias("tried_ts"),
        ((pl.col("event_type") == "attempted") & ~excused).alias("failed"),
    )
    live = x["shipment"].filter(~pl.col("is_replacement"), pl.col("status_code") != "cancelled").select("shipment_id")
    lines = line_outcomes(x).filter(pl.col("obliged") > 0, pl.col("promise_latest_ts") <= as_of)
    early = pl.col("promise_earliest_ts").is_not_null()
    in_window = (pl.col("tried_ts") <= pl.col("promise_latest_ts")) & (
        ~early | (pl.col("tried_ts") >= pl.col("promise_earliest_ts"))
    )
    parcels = (
        x["shipment_line"]
        .join(live, on="shipment_id")
        .join(first, on=["shipment_id", "parcel_id"], how="left")
        .join(lines.select(*KEY, "promise_earliest_ts", "promise_latest_ts"), on=KEY)
        .group_by(KEY)
        .agg(
            pl.col("quantity").filter(in_window & ~pl.col("failed")).sum().alias("brought"),
            pl.col("failed").fill_null(False).any().alias("any_failed"),
        )
    )
    lines = lines.join(parcels, on=KEY, how="left")
    kept = (pl.col("actual_ts") <= pl.col("promise_latest_ts")).fill_null(False) & ~(
        (pl.col("actual_ts") < pl.col("promise_earliest_ts")).fill_null(False) & ~pl.col("is_pickup")
    )
    good = ~pl.col("any_failed").fill_null(False) & (kept | (pl.col("brought").fill_null(0) >= pl.col("obliged")))
    groups = lines.group_by(
        "order_id", "channel_id", "is_pickup", "promise_earliest_ts", "promise_latest_ts", maintain_order=True
    ).agg(good.all().alias("good"))
    return summed(groups, "K03", day("promise_latest_ts"), pl.col("good"), pl.lit(1))


def k04(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K04 = units that the first allocation shipped / units owed and due; by line and order beside it."""
    second = x["allocation_attempt"].filter(pl.col("attempt_no") > 1).group_by(KEY).agg(pl.col("attempted_ts").min())
    refused = (
        x.versions("fulfilment_line")
        .filter(pl.col("status_code") == "rejected")
        .group_by(KEY)
        .agg(pl.col("updated_ts").min().alias("refused_ts"))
    )
    filled = (
        x["fulfilment_line"]
        .join(second, on=KEY, how="left")
        .join(refused, on=KEY, how="left")
        .filter(
            (pl.col("assigned_ts") < pl.col("attempted_ts")).fill_null(True),
            (pl.col("assigned_ts") < pl.col("refused_ts")).fill_null(True),
        )
        .group_by(KEY)
        .agg(pl.col("shipped_qty").sum().alias("filled"))
    )
    lines = (
        line_outcomes(x)
        .filter(pl.col("obliged") > 0)
        .join(filled, on=KEY, how="left")
        .with_columns(pl.min_horizontal(pl.col("filled").fill_null(0), "obliged").alias("filled"))
    )
    due = lines.filter(pl.col("promise_latest_ts") <= as_of)
    whole = pl.col("filled") >= pl.col("obliged")
    orders = (
        lines.group_by("order_id", "channel_id")
        .agg(pl.col("promise_latest_ts").max(), whole.all().alias("whole"))
        .filter(pl.col("promise_latest_ts") <= as_of)
    )
    period = day("promise_latest_ts")
    return pl.concat(
        [
            summed(due, "K04", period, pl.col("filled"), pl.col("obliged")),
            summed(due, "K04.line", period, whole, pl.lit(1)),
            summed(orders, "K04.order", period, pl.col("whole"), pl.lit(1)),
        ]
    )


def _parts(x: Extracts) -> pl.DataFrame:
    """Parts of order lines at nodes, with their tasks and when they left or ended; without channel, like the KPIs."""
    versions = x.versions("fulfilment_line")
    left = versions.filter(pl.col("status_code").is_in(["shipped", "ready", "collected"]))
    ended = versions.filter(pl.col("status_code").is_in(["shipped", "ready", "collected", "rejected", "cancelled"]))
    tasks = x["wms_task"]
    pick, pack = (tasks.filter(pl.col("task_type") == name) for name in ("pick", "pack"))
    part = "fulfilment_line_id"
    return (
        x["fulfilment_line"]
        .join(goods_lines(x).select(*KEY, "is_pickup"), on=KEY)
        .join(left.group_by(part).agg(pl.col("updated_ts").min().alias("left_ts")), on=part, how="left")
        .join(ended.group_by(part).agg(pl.col("updated_ts").min().alias("ended_ts")), on=part, how="left")
        .join(
            pick.group_by(part).agg(
                pl.col("started_ts").min().alias("pick_start"), pl.col("ended_ts").max().alias("pick_end")
            ),
            on=part,
            how="left",
        )
        .join(pack.group_by(part).agg(pl.col("ended_ts").max().alias("pack_end")), on=part, how="left")
        .with_columns(pl.lit("").alias("channel_id"))
    )


def _open_seconds(rows: pl.DataFrame, hours: Hours, since: str, until: str) -> pl.DataFrame:
    pairs = rows.select("location_id", since, until).iter_rows()
    return rows.with_columns(pl.Series("open", [hours.between(*pair) for pair in pairs], dtype=pl.Float64))


def _due(rows: pl.DataFrame, hours: Hours, since: str, wanted: float) -> pl.DataFrame:
    moments = [hours.after(*pair, wanted) for pair in rows.select("location_id", since).iter_rows()]
    return rows.with_columns(pl.Series("due", moments, dtype=pl.Datetime("us")))


def k19(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K19 = open time from assignment to pick, from pick to pack; share of steps late of those due."""
    hours, parts = Hours(x), _parts(x)
    told = x["wms_task"].filter(pl.col("task_type") == "pick").select("location_id").unique()
    picked = parts.filter(pl.col("pick_start") >= pl.col("assigned_ts"))
    packed = parts.filter(~pl.col("is_pickup"), pl.col("pack_end") >= pl.col("pick_end"))
    picks = _due(parts.join(told, on="location_id", how="semi"), hours, "assigned_ts", 4 * 3600)
    unpicked = pl.col("pick_start").is_null()
    picks = picks.filter(
        ~(unpicked & pl.col("left_ts").is_not_null()),
        ~(unpicked & (pl.col("ended_ts") <= pl.col("due")).fill_null(False)),
    ).with_columns((pl.col("pick_start") > pl.col("due")).fill_null(True).alias("late"))
    packs = _due(parts.filter(~pl.col("is_pickup"), pl.col("pick_end").is_not_null()), hours, "pick_end", 2 * 3600)
    unpacked = pl.col("pack_end").is_null()
    packs = packs.filter(
        ~(unpacked & pl.col("left_ts").is_not_null()),
        ~(unpacked & (pl.col("ended_ts") <= pl.col("due")).fill_null(False)),
    ).with_columns((pl.col("pack_end") > pl.col("due")).fill_null(True).alias("late"))
    steps = pl.concat([frame.select("channel_id", "due", "late") for frame in (picks, packs)])
    waits = _open_seconds(picked, hours, "assigned_ts", "pick_start")
    works = _open_seconds(packed, hours, "pick_end", "pack_end")
    frames = [
        summed(waits, "K19", day("pick_start"), pl.col("open"), pl.lit(1)),
        summed(works, "K19.pack", day("pack_end"), pl.col("open"), pl.lit(1)),
        summed(steps.filter(pl.col("due") <= as_of), "K19.late", day("due"), pl.col("late"), pl.lit(1)),
    ]
    return pl.concat(frames).drop("channel")


def _local_days(rows: pl.DataFrame, hours: Hours, column: str) -> pl.Series:
    found = [
        None if moment is None else moment.replace(tzinfo=UTC).astimezone(hours.zone(location)).date()
        for location, moment in rows.select("location_id", column).iter_rows()
    ]
    return pl.Series(f"{column}_day", found, dtype=pl.Date)


def _handovers(x: Extracts, rows: pl.DataFrame, hours: Hours) -> pl.Series:
    """First cut-off of the planned carrier two hours after the assignment or later; a pickup's promise."""
    cutoffs: dict[tuple[str, str, int], str] = {}
    for row in x["carrier_cutoff"].iter_rows(named=True):
        cutoffs[row["location_id"], row["carrier_id"], row["weekday_no"]] = row["cutoff_local"]
    found: list[datetime | None] = []
    names = ("location_id", "planned_carrier_id", "assigned_ts", "is_pickup", "promise_latest_ts")
    for location, carrier, assigned, is_pickup, promise in rows.select(names).iter_rows():
        if is_pickup:
            found.append(promise)
            continue
        zone, moment = hours.zone(location), None
        begin = assigned.replace(tzinfo=UTC).astimezone(zone).date()
        for ahead in range(8):
            at = begin + timedelta(days=ahead)
            clock = cutoffs.get((location, carrier, at.isoweekday()))
            if clock:
                local = datetime.combine(at, time.fromisoformat(clock), zone)
                moment = local.astimezone(UTC).replace(tzinfo=None)
                if ahead > 0 or moment >= assigned + timedelta(hours=2):
                    break
                moment = None
        found.append(moment)
    return pl.Series("due", found, dtype=pl.Datetime("us"))


def k17(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K17 = open units of a node / its capacity, or the third quartile of what left on its days full from the start."""
    hours, rows = Hours(x), _parts(x)
    names = ("assigned_ts", "ended_ts", "left_ts")
    rows = rows.with_columns([_local_days(rows, hours, name) for name in names])
    plans = x["node_capacity"].filter("is_open").sort("capacity_date")
    found = []
    for (place,), plan in plans.group_by("location_id", maintain_order=True):
        today = as_of.replace(tzinfo=UTC).astimezone(hours.zone(place)).date()
        part, plan = rows.filter(pl.col("location_id") == place), plan.filter(pl.col("capacity_date") <= today)
        begun = part["assigned_ts_day"].min()
        full = []
        for at, units in plan.select("capacity_date", "units_capacity").iter_rows():
            if begun is None or at < begun or at >= today:
                continue
            before = part.filter(pl.col("assigned_ts_day") < at, (pl.col("ended_ts_day") >= at).fill_null(True))
            left = part.filter(pl.col("left_ts_day") == at)["shipped_qty"].sum()
            full.append((before["requested_qty"].sum() >= units > 0, left))
        gone = sorted(left for is_full, left in full[-7:] if is_full)
        stated = plan["units_capacity"][-1]
        effective = min(stated, gone[-(-len(gone) * 3 // 4) - 1]) if len(gone) >= 3 else stated
        found.append(("", as_of, part.filter(pl.col("ended_ts").is_null())["requested_qty"].sum(), effective))
    table = pl.DataFrame(found, schema=["channel_id", "now", "waiting", "units"], orient="row")
    return summed(table, "K17", day("now"), pl.col("waiting"), pl.col("units")).drop("channel")


def k18(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K18 = units due out on a day or overdue at its start / capacity of the day; the same in minutes."""
    hours = Hours(x)
    promises = line_outcomes(x).select(*KEY, "promise_latest_ts")
    rows = _parts(x).join(promises, on=KEY, how="left")
    rows = rows.with_columns(_handovers(x, rows, hours))
    rows = rows.with_columns(_local_days(rows, hours, "due"), _local_days(rows, hours, "ended_ts"))
    plans = x["node_capacity"].filter("is_open").sort("location_id", "capacity_date")
    by_place = {key[0]: part for key, part in rows.group_by("location_id")}
    found = []
    for plan in plans.iter_rows(named=True):
        part = by_place.get(plan["location_id"])
        at = plan["capacity_date"]
        today = as_of.replace(tzinfo=UTC).astimezone(hours.zone(plan["location_id"])).date()
        if part is None or at > today:
            continue
        first = min(d for d in [*_local_days(part, hours, "assigned_ts"), *part["due_day"]] if d is not None)
        if at < first:
            continue
        due, ended, left = pl.col("due_day"), pl.col("ended_ts_day"), pl.col("left_ts").is_not_null()
        load = part.filter(
            ((due == at) & (left | ended.is_null() | (ended > due))) | ((due < at) & (ended.is_null() | (ended >= at)))
        )["requested_qty"].sum()
        found.append(("", at, load, plan["units_capacity"], plan["standard_unit_minutes"], plan["rostered_minutes"]))
    table = pl.DataFrame(found, schema=["channel_id", "at", "load", "units", "each", "minutes"], orient="row")
    frames = [
        summed(table, "K18", pl.col("at"), pl.col("load"), pl.col("units")),
        summed(table, "K18.labour", pl.col("at"), pl.col("load") * pl.col("each"), pl.col("minutes")),
    ]
    return pl.concat(frames).drop("channel")


def k21(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K21 = units done again / units packed, by the end of the task."""
    rows = x["wms_task"].filter(pl.col("task_type").is_in(["pack", "rework"])).with_columns(channel_id=pl.lit(""))
    again = pl.col("task_type") == "rework"
    units = pl.col("done_qty")
    top, bottom = pl.when(again).then(units).otherwise(0), pl.when(again).then(0).otherwise(units)
    return summed(rows, "K21", day("ended_ts"), top, bottom).drop("channel")


def k22(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K22 = opening time from order to ready; pickups ready by the promise / due; ready to told."""
    hours, goods = Hours(x), goods_lines(x)
    orders = goods.select("order_id", "channel_id", "order_ts").unique()
    tasks = (
        x["pickup_task"]
        .filter(~pl.col("status_code").is_in(["cancelled", "not_found"]))
        .group_by("order_id", "location_id")
        .agg(
            pl.when(pl.col("ready_ts").is_not_null().all()).then(pl.col("ready_ts").max()).first(),
            pl.when(pl.col("notified_ts").is_not_null().all()).then(pl.col("notified_ts").max()).first(),
        )
        .filter(pl.col("ready_ts").is_not_null())
        .join(orders, on="order_id")
    )
    ready = _open_seconds(tasks.filter(pl.col("ready_ts") >= pl.col("order_ts")), hours, "order_ts", "ready_ts")
    told = tasks.filter(pl.col("notified_ts") >= pl.col("ready_ts"))
    lines = line_outcomes(x).filter("is_pickup", pl.col("obliged") > 0)
    kept = (pl.col("actual_ts") <= pl.col("promise_latest_ts")).fill_null(False)
    due = (
        lines.group_by("order_id", "channel_id")
        .agg(pl.col("promise_latest_ts").max(), kept.all().alias("kept"))
        .filter(pl.col("promise_latest_ts") <= as_of)
    )
    return pl.concat(
        [
            summed(ready, "K22", day("ready_ts"), pl.col("open"), pl.lit(1)),
            summed(due, "K22.on_time", day("promise_latest_ts"), pl.col("kept"), pl.lit(1)),
            summed(told, "K22.notify", day("ready_ts"), seconds("notified_ts", "ready_ts"), pl.lit(1)),
        ]
    )


def k91(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K91 = drop-ship lines with every status in time / those whose last status, a week after the promise, is due."""
    nodes = x["location"].filter(pl.col("location_type") == "dropship").select("location_id")
    asked = (
        x["fulfilment_line"].join(nodes, on="location_id", how="semi").group_by(KEY).agg(pl.col("assigned_ts").min())
    )
    events = x["order_event"].filter(pl.col("event_type").is_in(["acknowledged", "invoiced"]))
    told = events.group_by(KEY).agg(
        [pl.col("event_ts").filter(pl.col("event_type") == n).min().alias(n) for n in ("acknowledged", "invoiced")]
    )
    parcels = (
        x["shipment_line"]
        .join(x["shipment"].select("shipment_id", "shipped_ts"), on="shipment_id")
        .group_by(KEY)
        .agg(pl.col("shipped_ts").max(), pl.col("quantity").sum().alias("sent"))
    )
    lines = (
        line_outcomes(x)
        .filter(pl.col("obliged") > 0)
        .join(asked, on=KEY)
        .join(told, on=KEY, how="left")
        .join(parcels, on=KEY, how="left")
        .with_columns((pl.col("promise_latest_ts") + pl.duration(days=7)).alias("due"))
        .filter(pl.col("due") <= as_of)
    )
    good = (
        (pl.col("acknowledged") <= pl.col("assigned_ts") + pl.duration(hours=48))
        & (pl.col("shipped_ts") <= pl.col("assigned_ts") + pl.duration(hours=96))
        & (pl.col("sent") >= pl.col("kept"))
        & (pl.col("completed_ts") <= pl.col("promise_latest_ts"))
        & (pl.col("invoiced") <= pl.col("due"))
    ).fill_null(False)
    gone = (pl.col("kept") <= 0) & (pl.col("gone_ts") <= pl.col("due")).fill_null(False)
    return summed(lines, "K91", day("due"), good | gone, pl.lit(1))
