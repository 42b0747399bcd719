"""Twins of what is open at the instant of the build: K06 (open orders), K20 (parts that may miss their carrier)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil

import polars as pl

from tests.twins.extracts import Extracts, day, seconds
from tests.twins.finance import _MILLION, _div, _whole, _with_rate
from tests.twins.lines import completions, line_outcomes, summed
from tests.twins.nodes import Hours, _handovers, _parts

_KEY = ["order_id", "line_no"]


def _open_lines(x: Extracts) -> pl.DataFrame:
    """Lines with units neither delivered, ready for pickup nor cancelled, and their share of the line's net price."""
    came = (
        completions(x).filter(pl.col("how") != "collected").group_by(_KEY).agg(pl.col("quantity").sum().alias("came"))
    )
    rates = x["sales_order"].select("order_id", "currency_code", day("order_ts").alias("order_day"))
    lines = line_outcomes(x).join(came, on=_KEY, how="left").join(rates, on="order_id")
    lines = lines.with_columns((pl.col("kept") - pl.col("came").fill_null(0)).alias("open")).filter(pl.col("open") > 0)
    net = _whole("gross_amount", 100) - _whole("discount_amount", 100) - _whole("tax_amount", 100)
    euro = _div(net * pl.col("rate_e6"), _MILLION)
    return _with_rate(lines, x, "order_day").with_columns(
        _div(euro * pl.col("open"), pl.col("quantity")).alias("cents")
    )


def k06(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K06 = age of open orders; value of what is open; share past the latest promise of what is open; time until it."""
    orders = (
        _open_lines(x)
        .group_by("order_id", "channel_id", "order_ts")
        .agg(pl.col("cents").sum(), pl.col("promise_latest_ts").max())
        .with_columns(pl.lit(as_of).alias("now"))
    )
    promised = orders.filter(pl.col("promise_latest_ts").is_not_null())
    late, one = pl.col("promise_latest_ts") < pl.col("now"), pl.lit(1)
    return pl.concat(
        [
            summed(orders, "K06", day("now"), seconds("now", "order_ts"), one),
            summed(orders, "K06.value", day("now"), pl.col("cents") / 100, one),
            summed(promised, "K06.overdue", day("now"), late, one),
            summed(promised, "K06.to_promise", day("now"), seconds("promise_latest_ts", "now"), one),
        ]
    )


def _fifth(values: list[float]) -> float:
    """The time within which four of five were done: one of the values."""
    return sorted(values)[ceil(len(values) * 4 / 5) - 1]


def k20(x: Extracts, as_of: datetime) -> pl.DataFrame:
    """K20 = parts for a carrier, not packed, that have missed or will miss the cut-off / those parts.

    What is left of the time in which four of five such parts were packed counts from the assignment, but never less
    than the work itself, from pick to pack; once the pick has begun, the work alone.
    """
    hours = Hours(x)
    rows = (
        _parts(x).filter(~pl.col("is_pickup")).with_columns(pl.lit(None, pl.Datetime("us")).alias("promise_latest_ts"))
    )
    rows = rows.with_columns(_handovers(x, rows, hours))
    times: dict[tuple[str, int], list[tuple[float, float]]] = {}
    done = rows.filter(
        pl.col("pack_end") > as_of - timedelta(days=28),
        pl.col("pack_end") >= pl.col("pick_start"),
        pl.col("pick_start") >= pl.col("assigned_ts"),
    )
    for place, assigned, begun, packed in done.select("location_id", "assigned_ts", "pick_start", "pack_end").rows():
        took = ((packed - assigned).total_seconds(), (packed - begun).total_seconds())
        for hour in (-1, assigned.replace(tzinfo=UTC).astimezone(hours.zone(place)).hour):
            times.setdefault((place, hour), []).append(took)
    waiting = rows.filter(pl.col("ended_ts").is_null(), pl.col("pack_end").is_null(), pl.col("status_code") != "packed")
    found = []
    for place, assigned, begun, due in waiting.select("location_id", "assigned_ts", "pick_start", "due").rows():
        hour = assigned.replace(tzinfo=UTC).astimezone(hours.zone(place)).hour
        own = times.get((place, hour), [])
        own = own if len(own) >= 30 else times.get((place, -1), [])
        if due is None or (not own and due >= as_of):
            continue
        left = 0.0
        if own:
            whole, work = (_fifth([took[n] for took in own]) for n in (0, 1))
            waited = (as_of - assigned).total_seconds()
            left = max(whole - waited, work) if begun is None else max(work - (as_of - begun).total_seconds(), 0)
        found.append(("", as_of, due < as_of or as_of + timedelta(seconds=left) > due))
    schema = {"channel_id": pl.String, "now": pl.Datetime("us"), "risky": pl.Boolean}
    table = pl.DataFrame(found, schema=schema, orient="row")
    return summed(table, "K20", day("now"), pl.col("risky"), pl.lit(1)).drop("channel")
