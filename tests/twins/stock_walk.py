"""Twins of section B that walk through the stock ledger: K34, K36 to K40.

Written as a walk over the events of each item and place, one after the other, where the models work in sets.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict, deque
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import polars as pl

from tests.twins.extracts import ZONE, Extracts, day
from tests.twins.inventory import PLACE
from tests.twins.lines import cancellations, goods_lines

Pair = tuple[str, str]
_UTC = ZoneInfo("UTC")
_SALES = ("sale", "ship", "collect")
_EPOCH = date(1970, 1, 5)


def _frame(rows: dict[tuple[str, date], list[float]]) -> pl.DataFrame:
    return pl.DataFrame(
        [(kpi, on, top, bottom) for (kpi, on), (top, bottom) in rows.items()],
        schema=["kpi_id", "period_date", "numerator", "denominator"],
        orient="row",
    ).with_columns(pl.col("numerator", "denominator").cast(pl.Float64))


def _local_day(instant: datetime) -> date:
    return instant.replace(tzinfo=_UTC).astimezone(ZoneInfo(ZONE)).date()


def _movements(x: Extracts, as_of: datetime) -> list[dict]:
    rows = x["inventory_movement"].filter(pl.col("event_ts") <= as_of).sort("event_ts", "movement_id")
    return rows.to_dicts()


def _openings(x: Extracts) -> dict[str, datetime]:
    opened = x["inventory_movement"].filter(pl.col("movement_type") == "opening")
    return dict(opened.group_by("location_id").agg(pl.col("event_ts").min()).rows())


def _ranges(x: Extracts) -> list[tuple[str, str, date, date]]:
    """Place, item, first and last day of each interval of the assortment; the next interval ends the one before."""
    rows = x["assortment"].sort(*PLACE, "valid_from").to_dicts()
    found = []
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        end = row["valid_to"] or date.max
        if following and all(following[name] == row[name] for name in PLACE):
            end = min(end, following["valid_from"] - timedelta(days=1))
        found.append((row["location_id"], row["sku"], row["valid_from"], end))
    return found


def _hours(x: Extracts, as_of: datetime) -> dict[str, dict[date, tuple[datetime, datetime]]]:
    """Of each place and day that has ended there: when it is open, in UTC. Without hours the whole day."""
    first = x["inventory_movement"]["event_ts"].min().date()
    found: dict[str, dict[date, tuple[datetime, datetime]]] = defaultdict(dict)
    for place in x["location"].to_dicts():
        zone = ZoneInfo(place["time_zone"])

        def utc(on: date, clock: time, zone: ZoneInfo = zone) -> datetime:
            return datetime.combine(on, clock, zone).astimezone(_UTC).replace(tzinfo=None)

        on = first
        while utc(on + timedelta(days=1), time()) <= as_of:
            weekdays = place["open_weekdays"]
            if place["opens_local"] is None or place["closes_local"] is None:
                found[place["location_id"]][on] = (utc(on, time()), utc(on + timedelta(days=1), time()))
            elif weekdays is None or str(on.isoweekday()) in weekdays:
                clocks = (time.fromisoformat(place[name]) for name in ("opens_local", "closes_local"))
                opens, closes = (utc(on, clock) for clock in clocks)
                found[place["location_id"]][on] = (opens, closes)
            on += timedelta(days=1)
    return found


def _available(x: Extracts, as_of: datetime) -> dict[Pair, list[tuple[datetime, int]]]:
    """Of each place and item: from when on how many units are available to fulfil."""
    changes: dict[Pair, dict[datetime, int]] = defaultdict(lambda: defaultdict(int))
    starts = _openings(x)
    for row in _movements(x, as_of):
        if row["state_code"] == "sellable":
            changes[row["location_id"], row["sku"]][row["event_ts"]] += row["quantity"]
    for row in x["reservation"].to_dicts():
        ends = [row["ended_ts"]] + ([row["expires_ts"]] if row["reservation_type"] == "soft" else [])
        known = [end for end in ends if end] or ([row["created_ts"]] if row["status_code"] != "active" else [])
        pair = changes[row["location_id"], row["sku"]]
        pair[row["created_ts"]] -= row["quantity"]
        if known:
            pair[min(known)] += row["quantity"]
    for row in x["transfer_line"].to_dicts():
        pair = changes[row["from_location_id"], row["sku"]]
        pair[row["created_ts"]] -= row["ordered_qty"]
        gone = row["ordered_qty"]
        if row["status_code"] == "open":
            gone = min(row["ordered_qty"], row["shipped_qty"])
        pair[row["shipped_ts"] or row["completed_ts"] or row["created_ts"]] += gone
    for place, sku, start, _ in _ranges(x):
        if place in starts:
            changes[place, sku][max(datetime.combine(start, time()), starts[place])] += 0
    steps = {}
    for pair, by_time in changes.items():
        total, found = 0, []
        for instant in sorted(by_time):
            if instant <= as_of:
                total += by_time[instant]
                found.append((instant, total))
        if pair[0] in starts and found:
            steps[pair] = found
    return steps


@cache
def _days(x: Extracts, as_of: datetime) -> dict[tuple[str, str, date], bool]:
    """Each day on which an item is ranged at an open place, with whether it was out of stock."""
    hours, steps, starts = _hours(x, as_of), _available(x, as_of), _openings(x)
    found = {}
    for place, sku, start, end in _ranges(x):
        if place not in starts:
            continue
        own = steps.get((place, sku), [])
        for on, (opens, closes) in hours[place].items():
            if start <= on <= end and on > _local_day(starts[place]):
                found[place, sku, on] = 2 * _empty_seconds(own, opens, closes) >= (closes - opens).total_seconds()
    return found


def _empty_seconds(steps: list[tuple[datetime, int]], opens: datetime, closes: datetime) -> float:
    first = max(bisect_right(steps, (opens, 10**9)) - 1, 0)
    total = 0.0
    for position in range(first, len(steps)):
        begins, quantity = steps[position]
        ends = steps[position + 1][0] if position + 1 < len(steps) else closes
        if begins >= closes:
            break
        if quantity <= 0:
            total += max((min(ends, closes) - max(begins, opens)).total_seconds(), 0)
    return total


def k34(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K34 = item-place-days without stock for at least half of the open hours / item-place-days ranged and open."""
    rows: dict[tuple[str, date], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for (_, _, on), is_out in _days(x, as_of).items():
        rows["K34", on][0] += is_out
        rows["K34", on][1] += 1
    return _frame(rows)


def _sales(x: Extracts, places: pl.DataFrame) -> list[tuple[str, str, date, float]]:
    """Place, item, day and units of each line sold, less what was cancelled.

    ``places`` has the place of each order line: the one that gave the goods is what the tower finds out from
    allocations and parcels, and is compared elsewhere.
    """
    key = ["order_id", "line_no"]
    gone = cancellations(x).group_by(key).agg(pl.col("quantity").sum().alias("gone"))
    orders = (
        goods_lines(x)
        .filter(~pl.col("is_kit").fill_null(False))
        .join(gone, on=key, how="left")
        .join(places, on=key)
        .select(
            "location_id",
            "sku",
            day("order_ts").alias("on"),
            (pl.col("ordered_qty") - pl.col("gone").fill_null(0)).alias("qty"),
        )
    )
    goods = x["product"].filter(pl.col("product_type") == "goods").select("sku")
    tills = (
        x["pos_transaction_line"]
        .join(x["pos_transaction"], on="transaction_id")
        .join(goods, on="sku", how="semi")
        .filter(pl.col("transaction_type") == "sale", pl.col("quantity") > 0)
        .select("location_id", "sku", day("transaction_ts").alias("on"), pl.col("quantity").alias("qty"))
    )
    both = pl.concat(
        [orders.with_columns(pl.col("qty").cast(pl.Int64)), tills.with_columns(pl.col("qty").cast(pl.Int64))]
    )
    return both.filter(pl.col("qty") > 0, pl.col("location_id").is_not_null()).rows()


def k37(x: Extracts, as_of: datetime, places: pl.DataFrame) -> pl.DataFrame:
    """K37 = units sold on days in stock / days in stock."""
    days = _days(x, as_of)
    rows: dict[tuple[str, date], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for (_, _, on), is_out in days.items():
        rows["K37", on][1] += not is_out
    for place, sku, on, quantity in _sales(x, places):
        if days.get((place, sku, on)) is False:
            rows["K37", on][0] += quantity
    return _frame(rows)


def _cost_now(x: Extracts, as_of: datetime) -> dict[str, float]:
    costs = x["item_cost"].sort("valid_from").to_dicts()
    today, found = _local_day(as_of), {}
    for row in costs:
        cost = row["landed_cost_amount"] if row["landed_cost_amount"] is not None else row["standard_cost_amount"]
        if row["sku"] not in found or row["valid_from"] <= today:
            found[row["sku"]] = cost
    return found


def cover(x: Extracts, as_of: datetime, places: pl.DataFrame) -> dict[Pair, tuple[int, float | None]]:
    """Of each place and item: units available, and units sold a day in stock of the last 28 days (none: never)."""
    today, days = _local_day(as_of), _days(x, as_of)
    window = {today - timedelta(days=back) for back in range(1, 29)}
    in_stock: dict[Pair, int] = defaultdict(int)
    for (place, sku, on), is_out in days.items():
        in_stock[place, sku] += on in window and not is_out
    sold: dict[Pair, float] = defaultdict(float)
    for place, sku, on, quantity in _sales(x, places):
        if on in window and not days.get((place, sku, on), False):
            sold[place, sku] += quantity
    moved = {(row["location_id"], row["sku"]) for row in _movements(x, as_of)}
    return {
        pair: (steps[-1][1], round(sold[pair] / in_stock[pair], 6) if in_stock[pair] else None)
        for pair, steps in _available(x, as_of).items()
        if pair in moved
    }


def k36(x: Extracts, as_of: datetime, places: pl.DataFrame) -> pl.DataFrame:
    """K36 = available units at cost / units a day in stock of the last 28 days, at cost; numerator in seconds."""
    today, costs = _local_day(as_of), _cost_now(x, as_of)
    rows: dict[tuple[str, date], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for (_, sku), (units, daily) in cover(x, as_of, places).items():
        if daily:
            rows["K36", today][0] += 86400 * max(units, 0) * costs[sku]
            rows["K36", today][1] += daily * costs[sku]
    return _frame(rows)


def k38(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K38 = sold / (opening + received + moved in + restocked - moved out) of each ended window of four weeks."""
    today = _local_day(as_of)
    by_pair: dict[Pair, list[dict]] = defaultdict(list)
    for row in _movements(x, as_of):
        if row["state_code"] == "sellable":
            by_pair[row["location_id"], row["sku"]].append(row)
    rows: dict[tuple[str, date], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for moves in by_pair.values():
        begins = _EPOCH + timedelta(days=28 * ((_local_day(moves[0]["event_ts"]) - _EPOCH).days // 28))
        while begins + timedelta(days=28) <= today:
            ends = begins + timedelta(days=28)
            opening = sum(m["quantity"] for m in moves if _local_day(m["event_ts"]) < begins)
            inside = [m for m in moves if begins <= _local_day(m["event_ts"]) < ends]
            sold = -sum(m["quantity"] for m in inside if m["movement_type"] in _SALES)
            rest = ("opening", "receipt", "transfer_in", "transfer_out", "return")
            offered = opening + sum(m["quantity"] for m in inside if m["movement_type"] in rest)
            closing = opening + sum(m["quantity"] for m in inside)
            last = ends - timedelta(days=1)
            for kpi, bottom in (("K38", offered), ("K38.of_closing", sold + closing)):
                rows[kpi, last][0] += sold
                rows[kpi, last][1] += bottom
            begins = ends
    return _frame(rows)


def k39(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K39 = value of layers older than 90 days / value on hand; a transfer carries the age of what left."""
    nets: dict[tuple, list] = {}
    for row in _movements(x, as_of):
        document = row["reference_id"] or row["movement_id"]
        key = (row["event_ts"], row["location_id"], row["sku"], row["movement_type"], document)
        found = nets.setdefault(key, [row["movement_id"], 0])
        found[1] += row["quantity"]
    moves = sorted(((key[0], number, *key[1:], qty) for key, (number, qty) in nets.items() if qty), key=lambda m: m[:2])
    # the sources of transfers come first: one hop is followed, further ones keep the day of their last arrival
    queues: dict[Pair, deque[list]] = defaultdict(deque)
    left: dict[tuple[str, str], list[list]] = {}
    owed: dict[Pair, int] = defaultdict(int)
    for instant, _, place, sku, kind, document, quantity in moves:
        queue = queues[place, sku]
        if quantity > 0:
            carried = left.get((document, sku), []) if kind == "transfer_in" else []
            pieces = [(since, units) for since, units in carried]
            pieces.append((instant, quantity - sum(units for _, units in carried)))
            rest = quantity
            for since, units in pieces:
                part = max(min(units, rest), 0)
                rest -= part
                # what had left before it came
                gone_before = min(owed[place, sku], part)
                owed[place, sku] -= gone_before
                if part > gone_before:
                    queue.append([since, instant, part - gone_before])
            continue
        rest, gone = -quantity, []
        while rest and queue:
            part = min(queue[0][2], rest)
            gone.append([queue[0][1], part])
            queue[0][2] -= part
            rest -= part
            if not queue[0][2]:
                queue.popleft()
        owed[place, sku] += rest
        if kind == "transfer_out":
            left[document, sku] = gone
    today, costs = _local_day(as_of), _cost_now(x, as_of)
    rows: dict[tuple[str, date], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for (_, sku), queue in queues.items():
        if sku not in costs:
            continue  # no master knows the item
        for since, _, units in queue:
            value = units * costs[sku]
            rows["K39", today][0] += value if (today - _local_day(since)).days > 90 else 0
            rows["K39", today][1] += value
    return _frame(rows)


def k40(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K40 = goods sold at cost in 365 days / mean daily stock at cost, of each category and place at a month's end."""
    today, opened = _local_day(as_of), _openings(x)
    categories = dict(x["product"].select("sku", pl.col("category_code").fill_null("NONE")).rows())
    history: dict[str, list[tuple[date, float]]] = defaultdict(list)
    for row in x["item_cost"].sort("valid_from").to_dicts():
        cost = row["landed_cost_amount"] if row["landed_cost_amount"] is not None else row["standard_cost_amount"]
        history[row["sku"]].append((row["valid_from"], cost))

    def cost_on(sku: str, on: date) -> float:
        known = [cost for begins, cost in history[sku] if begins <= on]
        return known[-1] if known else history[sku][0][1]

    moves: dict[Pair, list[dict]] = defaultdict(list)
    for row in _movements(x, as_of):
        if row["location_id"] in opened and row["sku"] in history:  # an item that no master knows has no cost
            moves[row["location_id"], categories[row["sku"]]].append(row)
    rows: dict[tuple[str, date], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for own in moves.values():
        on, position, stock, values, sold = _local_day(own[0]["event_ts"]), 0, defaultdict(int), [], []
        while on < today:
            sold.append(0.0)
            while position < len(own) and _local_day(own[position]["event_ts"]) <= on:
                move = own[position]
                stock[move["sku"]] += move["quantity"]
                if move["movement_type"] in (*_SALES, "return"):
                    sold[-1] -= move["quantity"] * cost_on(move["sku"], on)
                position += 1
            values.append(sum(units * cost_on(sku, on) for sku, units in stock.items()))
            if (on + timedelta(days=1)).day == 1 and len(values) >= 28:
                year = min(len(values), 365)
                goods, mean = sum(sold[-365:]) * 365 / year, sum(values[-365:]) / year
                rows["K40", on][0] += goods
                rows["K40", on][1] += mean
                rows["K40.dos", on][0] += 365 * 86400 * mean
                rows["K40.dos", on][1] += goods
            on += timedelta(days=1)
    return _frame(rows)
