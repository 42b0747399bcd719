"""Twin of K50: was each promised price shown when it should be, and only then; walked instant by instant."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

import polars as pl

from tests.twins.extracts import Extracts, day
from tests.twins.lines import summed

_FAR = datetime(9999, 12, 31)
_HALF_CENT = 0.005 + 1e-9


def _right(listed: list[dict], at: datetime, own: float) -> float:
    """The approved price of the highest priority, a location's own first, the latest begun; else the promotion's."""
    held = [p for p in listed if max(p["valid_from_ts"], p["approved_ts"]) <= at < (p["valid_to_ts"] or _FAR)]
    if not held:
        return own
    best = max(held, key=lambda p: (p["priority_no"], bool(p["location_id"]), p["valid_from_ts"], p["price_id"]))
    return best["price_amount"]


def _shown(live: list[dict], at: datetime) -> float | None:
    """What went live last and has not ended."""
    held = [p for p in live if p["live_ts"] <= at < (p["ended_ts"] or _FAR)]
    return max(held, key=lambda p: (p["live_ts"], p["price_version"]))["price_amount"] if held else None


def _is_right(intent: dict, listed: list[dict], live: list[dict], begin: datetime, end: datetime) -> bool:
    """Right for at least 99 % of the stretch, which is cut wherever either price changes."""
    cuts = {begin, end}
    for price in listed:
        cuts |= {max(price["valid_from_ts"], price["approved_ts"]), price["valid_to_ts"] or _FAR}
    for price in live:
        cuts |= {price["live_ts"], price["ended_ts"] or _FAR}
    good = timedelta()
    for since, until in pairwise(sorted(cut for cut in cuts if begin <= cut <= end)):
        shown = _shown(live, since)
        if shown is not None and abs(shown - _right(listed, since, intent["promotion_price_amount"])) <= _HALF_CENT:
            good += until - since
    return good >= 0.99 * (end - begin)


def k50(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K50 = intents shown rightly, not early and gone in time / approved intents ended; start = live in time.

    Tolerance: 5 minutes online, 60 at tills, at most a twentieth of the duration. Withdrawn promotions are out.
    """
    heads = x["promotion"].filter(pl.col("approved_ts").is_not_null(), pl.col("status_code") != "withdrawn")
    intents = x["promotion_line"].join(heads.drop("updated_ts"), on="promotion_id")
    listed, live = defaultdict(list), defaultdict(list)
    for row in x["price_list"].iter_rows(named=True):
        listed[row["sku"], row["channel_id"]].append(row)
    for row in x["price_publication"].filter(pl.col("live_ts").is_not_null()).iter_rows(named=True):
        live[row["sku"], row["channel_id"]].append(row)
    tills = set(x["channel"].filter(pl.col("channel_type") == "store")["channel_id"])
    rows = []
    for intent in intents.iter_rows(named=True):
        place, pair = intent["location_id"], (intent["sku"], intent["channel_id"])
        minutes = 60 if intent["channel_id"] in tills else 5
        start, end = intent["starts_ts"], intent["ends_ts"]
        tolerance = min(timedelta(minutes=minutes), timedelta(seconds=(end - start).total_seconds() // 20))
        own = [p for p in live[pair] if p["promotion_id"] == intent["promotion_id"] and p["location_id"] == place]
        first = min((p["live_ts"] for p in own), default=None)
        not_early = first is None or first >= start - tolerance
        if start + tolerance <= as_of:
            in_time = first is not None and not_early and first <= start + tolerance
            rows.append(("K50.start", intent["channel_id"], start + tolerance, in_time))
        if end + tolerance <= as_of:
            gone = all((p["ended_ts"] or _FAR) <= end + tolerance for p in own)
            ours = [p for p in listed[pair] if p["location_id"] in (None, "*", place)]
            theirs = [p for p in live[pair] if p["location_id"] in ("*", place)]
            right = _is_right(intent, ours, theirs, start + tolerance, end - tolerance)
            rows.append(("K50", intent["channel_id"], end + tolerance, right and not_early and gone))
    schema = {"kpi": pl.String, "channel_id": pl.String, "ts": pl.Datetime("us"), "good": pl.Boolean}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return pl.concat(
        [
            summed(frame.filter(pl.col("kpi") == kpi), kpi, day("ts"), pl.col("good"), pl.lit(1))
            for kpi in ("K50", "K50.start")
        ]
    )
