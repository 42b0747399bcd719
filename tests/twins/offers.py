"""Twin of K28: what channels showed against what they could have sold, one full hour after the other.

Formula: catalogue K28 and K27. Each hour is judged by itself, from the events up to it, where the models add spans up.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from tests.twins.extracts import ZONE, Extracts
from tests.twins.lines import cancellations, goods_lines
from tests.twins.stock_walk import _available, _local_day, _openings

_HOUR = timedelta(hours=1)
_LINE = ["po_id", "line_no"]
Steps = tuple[list[datetime], list]


def _midnight(on: date) -> datetime:
    """The instant (UTC) at which a day of the reporting zone begins."""
    return datetime.combine(on, time(), ZoneInfo(ZONE)).astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


def _at(steps: Steps | None, instant: datetime):
    """The value in force at an instant; None before the first."""
    place = bisect_right(steps[0], instant) if steps else 0
    return steps[1][place - 1] if steps and place else None


def _steps(frame: pl.DataFrame, key: list[str], when: str, values: list[str], *ties: str) -> dict[tuple, Steps]:
    found: dict[tuple, Steps] = defaultdict(lambda: ([], []))
    for row in frame.sort(when, *ties).to_dicts():
        times, states = found[tuple(row[name] for name in key)]
        times.append(row[when])
        states.append(tuple(row[name] for name in values) if len(values) > 1 else row[values[0]])
    return found


@dataclass
class _Purchase:
    """A purchase-order line: what is known of it, and since when."""

    place: str
    ordered: int
    sent: datetime
    ended: datetime | None
    requested: date | None
    moved: tuple[datetime, date] | None
    answers: list[tuple[datetime, str, date | None]] = field(default_factory=list)
    arrivals: list[tuple[datetime, int]] = field(default_factory=list)

    def firm(self, instant: datetime, today: date) -> int:
        """Units open then, not refused and due within 14 days."""
        if instant < self.sent or (self.ended and self.ended <= instant):
            return 0
        answers = [answer for answer in self.answers if answer[0] <= instant]
        if answers and answers[-1][1] == "rejected":
            return 0
        promised = [until for _, kind, until in answers if kind != "rejected" and until]
        due = promised[-1] if promised else self.requested
        if self.moved and self.moved[0] <= instant:
            due = self.moved[1]
        if due is None or due > today + timedelta(days=14):
            return 0
        return max(self.ordered - sum(good for when, good in self.arrivals if when <= instant), 0)


def _purchases(x: Extracts) -> dict[str, list[_Purchase]]:
    """Purchase-order lines of each item that are open, or of which is known when they ended."""
    versions = x.versions("purchase_order_line").filter(pl.col("new_date").is_not_null())
    moved = {(po, no): ts for po, no, ts in versions.group_by(_LINE).agg(pl.col("updated_ts").min()).rows()}
    heads = {row["po_id"]: row for row in x["purchase_order"].to_dicts()}
    lines: dict[tuple, _Purchase] = {}
    found: dict[str, list[_Purchase]] = defaultdict(list)
    rows = {(row["po_id"], row["line_no"]): row for row in x["purchase_order_line"].to_dicts() if row["po_id"] in heads}
    for key, row in rows.items():
        head = heads[key[0]]
        when = (moved[key], row["new_date"]) if row["new_date"] else None
        lines[key] = _Purchase(
            head["location_id"], row["ordered_qty"], head["po_sent_ts"], None, row["requested_date"], when
        )
    for row in x["po_acknowledgement"].sort("ack_version").to_dicts():
        if (row["po_id"], row["line_no"]) in lines:
            answer = (row["ack_ts"], row["ack_type"], row["committed_date"])
            lines[row["po_id"], row["line_no"]].answers.append(answer)
    complete: dict[tuple, datetime] = {}
    for row in x["receipt_line"].sort("receipt_ts", "receipt_id", "line_no").to_dicts():
        key = (row["po_id"], row["po_line_no"])
        if key in lines:
            lines[key].arrivals.append((row["receipt_ts"], row["received_qty"] - row["rejected_qty"]))
            if row["is_final"] or sum(good for _, good in lines[key].arrivals) >= lines[key].ordered:
                complete.setdefault(key, row["receipt_ts"])
    for key, line in lines.items():
        row = rows[key]
        is_open = row["status_code"] == "open" and heads[key[0]]["status_code"] == "open" and key not in complete
        ends = [ts for ts in (row["closed_ts"], complete.get(key)) if ts]
        line.ended = None if is_open or not ends else min(ends)
        if is_open or ends:
            found[row["sku"]].append(line)
    return found


class _Limits:
    """Quotas and protections: each row's versions, and what the channel's orders took and gave back."""

    def __init__(self, x: Extracts) -> None:
        self._versions: dict[tuple, dict[date, list[dict]]] = defaultdict(lambda: defaultdict(list))
        for row in x.versions("channel_allocation").sort("updated_ts").to_dicts():
            self._versions[row["sku"], row["channel_id"]][row["valid_from"]].append(row)
        lines = goods_lines(x).select("order_id", "line_no", "sku", "channel_id", "order_ts", "ordered_qty").to_dicts()
        self._sold: dict[tuple, list[tuple]] = defaultdict(list)
        gone: dict[tuple, list[tuple]] = defaultdict(list)
        for row in cancellations(x).to_dicts():
            gone[row["order_id"], row["line_no"]].append((row["event_ts"], row["quantity"]))
        for row in lines:
            pair = (row["sku"], row["channel_id"])
            if pair in self._versions:
                back = gone[row["order_id"], row["line_no"]]
                self._sold[pair].append((row["order_ts"], row["ordered_qty"], back))

    def at(self, pair: tuple[str, str], instant: datetime, today: date) -> tuple[int | None, int] | None:
        """Quota (None: there is none) and protection left then; None when that is not known."""
        begun = [on for on in self._versions.get(pair, ()) if on <= today]
        if not begun:
            return None, 0
        written = [row for row in self._versions[pair][max(begun)] if row["updated_ts"] <= instant]
        if not written:
            return None
        row = written[-1]
        since = max(row["updated_ts"], _midnight(row["valid_from"]))
        sold = 0
        for ordered, quantity, back in self._sold[pair]:
            if since <= ordered <= instant:
                sold += quantity - sum(units for when, units in back if when <= instant)
        quota = None if row["quota_qty"] is None else max(row["quota_qty"] - sold, 0)
        return quota, max((row["protection_qty"] or 0) - sold, 0)


@dataclass
class _Offer:
    """What may be sold of one item in each channel, hour by hour."""

    x: Extracts
    serves: dict[str, set[str]]
    backorder: set[str]
    limits: _Limits
    steps: dict[str, dict[str, Steps]]
    kept: dict[tuple, Steps]
    unknown_until: dict[str, tuple[datetime, datetime]]
    purchases: dict[str, list[_Purchase]]

    def at(self, sku: str, channels: list[str], instant: datetime) -> Iterator[tuple[str, int | None]]:
        """Channel and units at an instant; None where they are not known."""
        today, free, dark = _local_day(instant), {}, set()
        for place, steps in self.steps[sku].items():
            opened, opening = self.unknown_until[place]
            if opened <= instant < opening:
                dark.add(place)
            here = _at(steps, instant)
            if here is not None:
                safety, shelf = _at(self.kept.get((sku, place)), _midnight(today)) or (0, 0)
                free[place] = max(here - safety - shelf, 0)
        limits = {channel: self.limits.at((sku, channel), instant, today) for channel in self.serves}
        for channel in channels:
            own = self.serves[channel]
            others = [limits[other] for other in self.serves if other != channel and self.serves[other] & own]
            if limits[channel] is None or None in others or dark & own:
                yield channel, None
                continue
            units = sum(quantity for place, quantity in free.items() if place in own) - sum(o[1] for o in others)
            if channel in self.backorder:
                units += sum(line.firm(instant, today) for line in self.purchases[sku] if line.place in own)
            quota = limits[channel][0]
            yield channel, max(units if quota is None else min(units, quota), 0)


def _offer(x: Extracts, eligibility: pl.DataFrame, as_of: datetime) -> _Offer:
    steps: dict[str, dict[str, Steps]] = defaultdict(dict)
    for (place, sku), own in _available(x, as_of).items():
        steps[sku][place] = ([instant for instant, _ in own], [quantity for _, quantity in own])
    starts = _openings(x)
    opened = dict(x["location"].select("location_id", "opened_date").rows())
    known_from = {
        place: (_midnight(opened[place]) if opened.get(place) else datetime.min, starts[place]) for place in starts
    }
    policies = x["safety_stock_policy"].with_columns(
        pl.col("valid_from").map_elements(_midnight, return_dtype=pl.Datetime("us")).alias("from_ts")
    )
    kept = _steps(policies, ["sku", "location_id"], "from_ts", ["safety_stock_qty", "presentation_min_qty"])
    serves: dict[str, set[str]] = defaultdict(set)
    rows = x["channel"].join(eligibility, on="channel_type").join(x["location"], on="location_type")
    for channel, place in rows.select("channel_id", "location_id").rows():
        serves[channel].add(place)
    backorder = set(x["channel"].filter(pl.col("allows_backorder"))["channel_id"])
    return _Offer(x, serves, backorder, _Limits(x), steps, kept, known_from, _purchases(x))


def k28(x: Extracts, eligibility: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """K28 = (recomputed - abs(published - recomputed)) / recomputed, at least 1 an item and hour.

    False available = hours shown without stock / hours shown; hidden = hours with stock not shown / hours with stock.

    ``eligibility`` is the retailer's setting: ``channel_type, location_type`` of what may sell from what.
    """
    live = x["ats_publication"].filter(pl.col("live_ts") <= as_of)
    shown = _steps(live, ["sku", "channel_id"], "live_ts", ["ats_qty"], "published_ts")
    listings = x.versions("channel_listing").unique(["channel_id", "listing_id", "updated_ts"], maintain_order=True)
    listed = _steps(listings, ["channel_id", "listing_id"], "updated_ts", ["sku", "status_code"])
    by_pair: dict[tuple, list[Steps]] = defaultdict(list)
    for (channel, _), own in listed.items():
        for sku in {state[0] for state in own[1]}:
            by_pair[sku, channel].append(own)
    moved = set(x["inventory_movement"].filter(pl.col("event_ts") <= as_of)["sku"])
    offer = _offer(x, eligibility, as_of)
    channels: dict[str, list[str]] = defaultdict(list)
    for sku, channel in shown:
        if (sku, channel) in by_pair and sku in moved:
            channels[sku].append(channel)
    sums: dict[tuple, list[int]] = defaultdict(lambda: [0, 0])
    for sku, of_sku in channels.items():
        hour = live["live_ts"].min().replace(minute=0, second=0, microsecond=0)
        hour += _HOUR if hour < live["live_ts"].min() else timedelta()
        while hour <= as_of:
            for channel, units in offer.at(sku, of_sku, hour):
                published = _at(shown[sku, channel], hour)
                active = any(_at(own, hour) == (sku, "active") for own in by_pair[sku, channel])
                if not active or published is None or units is None:
                    continue
                scale, key = max(units, 1), (_local_day(hour), channel)
                for kpi, top, bottom in (
                    ("K28", scale - abs(published - units), scale),
                    ("K28.false_available", published > 0 and units == 0, published > 0),
                    ("K28.hidden", published <= 0 and units > 0, units > 0),
                ):
                    sums[kpi, *key][0] += top
                    sums[kpi, *key][1] += bottom
            hour += _HOUR
    return pl.DataFrame(
        [(*key, float(top), float(bottom)) for key, (top, bottom) in sums.items()],
        schema=["kpi_id", "period_date", "channel", "numerator", "denominator"],
        orient="row",
    )
