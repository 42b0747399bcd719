"""Twins of what follows from the match of the eight streams: K58, K70, K73, K74.

Each document, and then each group, is worked through in plain Python: equal amounts cancel, then amounts within the
tolerance, then sums; what one side has more is open on its latest items. Amounts are whole cents.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from itertools import zip_longest
from zoneinfo import ZoneInfo

import polars as pl

from tests.twins.extracts import ZONE, Extracts
from tests.twins.lines import summed
from tests.twins.streams import OTHER, REFERENCE, STREAMS, Item, main_entity

# Stream -> days until an item must match, tolerance in cents, in tenths of a percent.
TERMS = {
    "sales": (2, 5, 0),
    "tax": (5, 2, 0),
    "gift_card": (2, 0, 0),
    "tender": (3, 2, 0),
    "settlement": (21, 5, 0),
    "refund": (7, 2, 0),
    "discount": (14, 5, 0),
    "stock_to_ledger": (5, 100, 1),
}


def _local(ts: datetime) -> date:
    return ts.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(ZONE)).date()


def _sides(items: list[Item]) -> tuple[list[Item], list[Item]]:
    return [i for i in items if i.side == REFERENCE], [i for i in items if i.side == OTHER]


def _pair(one: Item, two: Item) -> None:
    one.open = two.open = 0
    one.cleared = two.cleared = max(one.known, two.known)


def _pairs(items: list[Item], tolerance: int, thousandths: int) -> list[Item]:
    """Match single items of one document; what is left over."""
    ours, theirs = _sides(items)
    others = sorted(theirs, key=lambda i: (i.ts, i.key))
    for item in sorted(ours, key=lambda i: (i.ts, i.key)):
        equal = next((o for o in others if o.cents == item.cents), None)
        if equal:
            others.remove(equal)
            _pair(item, equal)
    rest = [sorted((i for i in side if i.open), key=lambda i: (i.cents, i.key)) for side in (ours, theirs)]
    for item, near in zip_longest(*rest):
        allowed = max(tolerance, abs(item.cents) * thousandths / 1000) if item else 0
        if item and near and abs(item.cents - near.cents) <= allowed:
            _pair(item, near)
    return [i for i in items if i.open]


def _sums(items: list[Item], tolerance: int, thousandths: int) -> None:
    """Match the sums of what is left of a group; the surplus is open on the latest items of the larger side."""
    ours, theirs = _sides(items)
    if not ours or not theirs:
        return
    known = max(i.known for i in items)
    our_sum, their_sum = (sum(i.cents for i in side) for side in (ours, theirs))
    equal = abs(our_sum - their_sum) <= max(tolerance, abs(our_sum) * thousandths / 1000)
    if our_sum * their_sum < 0 and not equal:
        return
    surplus = 0 if equal else abs(abs(our_sum) - abs(their_sum))
    larger = ours if abs(our_sum) > abs(their_sum) else theirs
    for side in (ours, theirs):
        left = surplus if side is larger else 0
        for item in sorted(side, key=lambda i: (i.ts, i.key), reverse=True):
            item.open = min(abs(item.cents), left)
            left -= item.open
            item.cleared = None if item.open else known


@cache
def matched(x: Extracts, as_of: datetime) -> dict[str, list[Item]]:
    """All items of each stream up to the instant, matched."""
    found = {}
    for stream, made in STREAMS.items():
        _, tolerance, thousandths = TERMS[stream]
        items = [item for item in made(x, as_of) if item.ts <= as_of]
        documents, groups = defaultdict(list), defaultdict(list)
        for item in items:
            documents[item.document].append(item)
        for some in documents.values():
            for item in _pairs(some, tolerance, thousandths):
                groups[item.group].append(item)
        for some in groups.values():
            _sums(some, tolerance, thousandths)
        found[stream] = items
    return found


def _frame(rows: list[tuple]) -> pl.DataFrame:
    schema = {"kpi_id": pl.String, "period_date": pl.Date, "stream": pl.String}
    schema |= {"numerator": pl.Float64, "denominator": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.group_by("kpi_id", "period_date", "stream").agg(pl.col("numerator", "denominator").sum())


def _every(x: Extracts, as_of: datetime) -> Iterator[tuple[str, Item]]:
    for stream, items in matched(x, as_of).items():
        for item in items:
            yield stream, item


def k70(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K70 = value matched / value due, by stream and last day of matching; count = the same in items."""
    today, rows = _local(as_of), []
    for stream, item in _every(x, as_of):
        due = _local(item.ts) + timedelta(days=TERMS[stream][0])
        if due >= today or (item.side == OTHER and not item.open):
            continue
        size, ours = abs(item.cents), item.side == REFERENCE
        value = (size - item.open) / 100 if ours else 0.0
        rows.append(("K70", due, stream, value, (size if ours else item.open) / 100))
        rows.append(("K70.count", due, stream, float(ours and not item.open), 1.0))
    return _frame(rows)


def k73(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K73 = clearing - transaction of reference items, by stream; open_age = age of what is open on either side."""
    today, rows = _local(as_of), []
    for stream, item in _every(x, as_of):
        if item.open:
            rows.append(("K73.open_age", today, stream, (as_of - item.ts).total_seconds(), 1.0))
        elif item.side == REFERENCE and item.cleared >= item.ts:
            rows.append(("K73", _local(item.cleared), stream, (item.cleared - item.ts).total_seconds(), 1.0))
    return _frame(rows)


def k74(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K74 = value cleared / value of the items of the last ended period, and of earlier ones not signed off.

    The open value stands beside it, both by stream; one row a legal entity and period.
    """
    today, main = _local(as_of), main_entity(x)
    periods: dict[str, list[tuple[date, date, str]]] = defaultdict(list)
    for row in x["fiscal_period"].sort("start_date").iter_rows(named=True):
        periods[row["legal_entity_id"]].append((row["start_date"], row["end_date"], row["fiscal_period"]))
    done = x["sign_off"].filter(pl.col("state_code") == "signed_off")
    signed = set(done.select("stream_code", "legal_entity_id", "fiscal_period").rows())
    sums: dict[tuple, list[int]] = defaultdict(lambda: [0, 0, 0])
    for stream, item in _every(x, as_of):
        entity, on = item.entity or main, _local(item.ts)
        ended = [p for p in periods[entity] if p[1] < today]
        period = next((p for p in periods[entity] if p[0] <= on <= p[1]), None)
        asked = period in ended and (period == ended[-1] or (stream, entity, period[2]) not in signed)
        if not asked or (item.side == OTHER and not item.open):
            continue
        size, own = abs(item.cents), sums[stream, entity, period[2]]
        own[0] += size - item.open if item.side == REFERENCE else 0
        own[1] += size if item.side == REFERENCE else item.open
        own[2] += item.open
    rows = []
    for (stream, _, _), (cleared, whole, left) in sums.items():
        rows += [("K74", today, stream, cleared / 100, whole / 100), ("K74.open_value", today, stream, left / 100, 1.0)]
    return _frame(rows)


def k58(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K58 = clearing of the last discount - end of the promotion, by channel and entity; age and value of open ones."""
    ends = dict(x["promotion"].filter(pl.col("ends_ts") <= as_of).select("promotion_id", "ends_ts").rows())
    main, sums = main_entity(x), defaultdict(list)
    for item in matched(x, as_of)["discount"]:
        if item.side == REFERENCE and item.promotion in ends:
            sums[item.promotion, item.channel, item.entity or main].append(item)
    rows = []
    for (promotion, channel, _), items in sums.items():
        end, left = ends[promotion], sum(i.open for i in items)
        if left:
            rows.append(("K58.open_age", channel, as_of, (as_of - end).total_seconds()))
            rows.append(("K58.open_value", channel, as_of, left / 100))
        else:
            last = max(end, *(i.cleared for i in items))
            rows.append(("K58", channel, last, (last - end).total_seconds()))
    schema = {"kpi": pl.String, "channel_id": pl.String, "ts": pl.Datetime("us"), "size": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    parts = [
        summed(
            frame.filter(pl.col("kpi") == kpi),
            kpi,
            pl.col("ts").map_elements(_local, pl.Date),
            pl.col("size"),
            pl.lit(1),
        )
        for kpi in ("K58", "K58.open_age", "K58.open_value")
    ]
    return pl.concat(parts)
