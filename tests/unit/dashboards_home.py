"""A small hand-made home for tests of pages and exports: the published tables in their documented shape, no pipeline.

Numbers come from a seeded generator and a few rows set by hand; tests work their expectations out from ``Home.rows`` in
plain Python, never through the code under test. Not here: assertions.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from signalbox.metrics.dimensions import DIMENSIONS
from signalbox.settings import load_settings
from tests.unit.dashboards_tables import build_tables, write_builds

AS_OF = datetime(2025, 10, 14, 4, 55)
DAYS = 60
LINES = 40
CHANNELS = {"store": 0.25, "web": 0.4, "mkt_a": 0.22, "mkt_b": 0.13}
REGIONS = ("north", "south", "east", "west")
LOCATIONS = ("DC-1", "DC-2", "3PL-1", "S-014", "S-092", "S-117")
CARRIERS = ("parcel-a", "parcel-b", "post")
INTERFACES = ("pos>erp", "wms>oms", "erp>ecommerce", "oms>marketplace")


@dataclass(frozen=True)
class Measure:
    """What the catalogue says of a measure of the hand-made home."""

    kpi_id: str
    name: str
    unit: str
    direction: str
    dimensions: str
    model: str
    kind: str = "ratio"
    target: float | None = None
    warn: float | None = None
    aggregation: str = "sum"
    owner: str = "order operations"
    histogram: bool = False
    feeds: str = "F14"


MEASURES = [
    Measure(
        "K01",
        "Perfect order",
        "share",
        "up",
        "channel|location|region|order_type",
        "kpi_order__perfect_order",
        target=0.9,
        warn=0.85,
        feeds="F14|F16|F23|F36|F42",
    ),
    Measure(
        "K02",
        "Fulfilment promise accuracy",
        "share",
        "up",
        "channel|location|region|category|carrier|order_type",
        "kpi_order__promise_accuracy",
        target=0.95,
        warn=0.92,
        feeds="F14|F16|F22|F23",
    ),
    Measure(
        "K02.late",
        "Late or missing",
        "share",
        "down",
        "channel|location|region|category|carrier|order_type",
        "kpi_order__promise_accuracy",
        target=0.04,
        warn=0.07,
        feeds="F14|F16|F22|F23",
    ),
    Measure(
        "K05",
        "Order cycle time",
        "hours",
        "down",
        "channel|location|region|order_type",
        "kpi_order__cycle_time",
        "mean",
        48,
        60,
        histogram=True,
    ),
    Measure(
        "K14",
        "Manual interventions",
        "per_1000",
        "down",
        "channel|location|region|order_type|reason",
        "kpi_order__interventions",
        target=40,
        warn=60,
    ),
    Measure(
        "K27",
        "Available to sell",
        "units",
        "none",
        "location|region|category",
        "kpi_stock__available",
        "total",
        aggregation="last",
        owner="inventory",
        feeds="F20|F21",
    ),
    Measure(
        "K29",
        "Inventory synchronisation latency",
        "seconds",
        "down",
        "interface|location|region",
        "kpi_stock__sync_latency",
        "mean",
        120,
        240,
        owner="inventory",
        histogram=True,
        feeds="F55",
    ),
    Measure(
        "K72",
        "Contribution margin",
        "ratio",
        "up",
        "channel|location|region|category|promotion|order_type",
        "kpi_finance__contribution",
        target=0.18,
        warn=0.15,
        owner="finance controller",
        feeds="F40|F43",
    ),
    Measure(
        "K72.amount",
        "Contribution steps",
        "money",
        "up",
        "channel|location|region|category|promotion|order_type|reason",
        "kpi_finance__contribution",
        "total",
        owner="finance controller",
        feeds="F40|F43",
    ),
    Measure(
        "K60",
        "Return rate",
        "share",
        "down",
        "channel|region|category|supplier|order_type|reason",
        "kpi_return__rate",
        target=0.08,
        warn=0.1,
        owner="returns",
        feeds="F33|F34",
    ),
]


@dataclass
class Home:
    """Where the home stands and the rows it was made of."""

    path: Path
    snapshot_id: str
    file_digest: str
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    tables: dict[str, pa.Table] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)


def build_home(path: Path, *, snapshot_id: str = "20251014T045500Z-a1b2c3") -> Home:
    """Write a complete home with one snapshot under ``path`` and return what it holds."""
    home = Home(path, snapshot_id, land_promises(path))
    home.rows = _kpi_rows(home.file_digest)
    home.tables = build_tables(home.rows, AS_OF, MEASURES, DIMENSIONS, home.file_digest)
    write_snapshot(home, snapshot_id)
    write_builds(path / "serving", snapshot_id, AS_OF)
    return home


def write_snapshot(home: Home, snapshot_id: str, as_of: datetime = AS_OF, behind: Sequence[str] = ()) -> None:
    """Publish the home's tables under ``snapshot_id`` and move the pointer to it; those ``behind`` are as of AS_OF."""
    folder = home.path / "serving" / "snapshots" / snapshot_id
    (folder / "tables").mkdir(parents=True)
    con = duckdb.connect()
    listed = {}
    for name, table in home.tables.items():
        file = folder / "tables" / f"{name}.parquet"
        con.register("published", table)
        con.execute(f"copy published to '{file}' (format parquet)")
        con.unregister("published")
        listed[name] = {
            "file": f"tables/{name}.parquet",
            "digest": hashlib.sha256(file.read_bytes()).hexdigest(),
            "rows": table.num_rows,
            "columns": {column.name: str(column.type) for column in table.schema},
            "layer": layer_of(name),
            "description": f"{name.replace('_', ' ')} of the hand-made home.",
        }
    home.manifest = {
        "snapshot_id": snapshot_id,
        "build_id": f"b-{snapshot_id}",
        "as_of": as_of.isoformat(),
        "complete_as_of": AS_OF.isoformat(),
        "behind": list(behind),
        "created": f"{as_of.isoformat()}+00:00",
        "created_from": {"code_digest": None, "inputs_digest": None, "requested_as_of": None},
        "reporting_time_zone": "Europe/Berlin",
        "reporting_currency": "EUR",
        "tables": listed,
    }
    (folder / "manifest.json").write_text(json.dumps(home.manifest))
    pointer = home.path / "serving" / "current"
    pointer.with_suffix(".new").write_text(snapshot_id)
    pointer.with_suffix(".new").replace(pointer)


def layer_of(name: str) -> str:
    prefixes = {"mart_": "mart", "kpi_": "metric", "fct_": "mart", "dim_kpi": "mart", "dim_": "control"}
    return next((layer for prefix, layer in prefixes.items() if name.startswith(prefix)), "landing")


def land_promises(path: Path) -> str:
    """Land one small file of promises, so that rows lead to real source lines; returns its digest.

    Line n (from 1) is order ``P-n`` with its promise on 12 October, n minutes past noon.
    """
    from signalbox.landing import land

    file = path / "landing" / "oms" / "promise" / "promise_2025-10-13_20251013T2240Z.jsonl"
    file.parent.mkdir(parents=True)
    rows = [
        {
            "order_id": f"P-{number}",
            "line_no": 1,
            "promise_version": 1,
            "issued_ts": "2025-10-10 08:00:00",
            "promise_latest_ts": f"2025-10-12 12:{number:02d}:00",
            "basis_code": "standard",
            "requested_by_code": "retailer",
        }
        for number in range(1, LINES + 1)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    os.utime(file, (0, 0))
    report = land(load_settings(path), path / "landing")
    assert report.rows_accepted == LINES, report
    parts = path / "raw" / "oms" / "promise" / "*.parquet"
    return str(duckdb.sql(f"select min(_file_digest) from read_parquet('{parts}')").fetchall()[0][0])


def _kpi_rows(file_digest: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by metric model: 60 days of a few dozen items, with a bad last week on the web shop and with one carrier."""
    draw = random.Random(7)
    models: dict[str, list[dict[str, Any]]] = {measure.model: [] for measure in MEASURES}
    for back in range(DAYS, -1, -1):
        day, bad_week = AS_OF.date() - timedelta(days=back), 1 <= back <= 7
        for number in range(30):
            scope = _scope(draw)
            key = f"O-{day:%m%d}-{number:03d}|1"
            models["kpi_order__promise_accuracy"] += _promise(draw, day, key, scope, bad_week)
            models["kpi_order__cycle_time"].append(
                _row("K05", key, day, scope, draw.lognormvariate(3.4, 0.6) * 3600, 1)
            )
            models["kpi_finance__contribution"] += _margin(draw, day, key, scope)
            models["kpi_order__interventions"] += _interventions(draw, day, key, scope, bad_week)
            if back >= 30:
                models["kpi_return__rate"].append(_row("K60", key, day, scope, int(draw.random() < 0.085), 1))
        models["kpi_stock__sync_latency"] += [_latency(draw, day, i, bad_week) for i in range(40)]
        models["kpi_stock__available"] += [
            _row(
                "K27",
                f"{location}|{day}",
                day,
                {"location": location, "region": region, "category": "shoes"},
                draw.randint(400, 900),
                1,
            )
            for location, region in zip(LOCATIONS, (*REGIONS, "north", "south"), strict=True)
        ]
    for row in (row for rows in models.values() for row in rows):
        row["_file_digest"] = file_digest
    return models


def _scope(draw: random.Random) -> dict[str, str]:
    return {
        "channel": draw.choices(list(CHANNELS), list(CHANNELS.values()))[0],
        "location": draw.choice(LOCATIONS),
        "region": draw.choice(REGIONS),
        "category": draw.choice(("shoes", "outdoor", "kitchen", "toys")),
        "carrier": draw.choice(CARRIERS),
        "order_type": draw.choices(("delivery", "pickup"), (0.7, 0.3))[0],
        "promotion": draw.choice(("NONE", "NONE", "P-7")),
        "supplier": draw.choice(("V-1", "V-2", "V-3")),
    }


def _promise(draw: random.Random, day: date, key: str, scope: dict[str, str], bad_week: bool) -> list[dict[str, Any]]:
    if draw.random() < 0.02:
        reason = "no_data:no promise"
        return [_row(kpi, key, day, scope, 0, 0, excluded=reason) for kpi in ("K02", "K02.late")]
    miss = (
        0.03
        + (0.12 if bad_week and scope["channel"] == "web" else 0)
        + (0.06 if bad_week and scope["carrier"] == "parcel-b" else 0)
    )
    late = int(draw.random() < miss)
    return [_row("K02", key, day, scope, 1 - late, 1), _row("K02.late", key, day, scope, late, 1)]


def _margin(draw: random.Random, day: date, key: str, scope: dict[str, str]) -> list[dict[str, Any]]:
    net = round(draw.uniform(20, 180), 2)
    steps = {
        "gross_sales": net * 1.1,
        "discount": -net * 0.1,
        "landed_cogs": -net * 0.62,
        "outbound_freight": -net * draw.uniform(0.1, 0.16),
        "payment_fee": -net * 0.02,
    }
    rows = [
        _row("K72.amount", f"{key}|{step}", day, {**scope, "reason": step}, round(amount, 2), 1)
        for step, amount in steps.items()
    ]
    return [_row("K72", key, day, scope, float(sum(row["numerator"] for row in rows)), net), *rows]


def _interventions(
    draw: random.Random, day: date, key: str, scope: dict[str, str], bad_week: bool
) -> list[dict[str, Any]]:
    rows = [_row("K14", key, day, {**scope, "reason": "NONE"}, 0, 1)]
    if draw.random() < (0.07 if bad_week else 0.045):
        reason = draw.choice(("hold release", "manual reroute", "substitution"))
        rows.append(_row("K14", f"{key}|i1", day, {**scope, "reason": reason}, 1, 0))
    return rows


def _latency(draw: random.Random, day: date, number: int, bad_week: bool) -> dict[str, Any]:
    interface = draw.choice(INTERFACES)
    slow = 3.0 if bad_week and interface == "oms>marketplace" else 1.0
    scope = {"interface": interface, "location": draw.choice(LOCATIONS), "region": draw.choice(REGIONS)}
    return _row("K29", f"M-{day:%m%d}-{number:03d}", day, scope, round(draw.lognormvariate(4.3, 0.5) * slow, 3), 1)


def _row(
    kpi_id: str,
    key: str,
    day: date,
    scope: dict[str, str],
    numerator: float,
    denominator: float,
    excluded: str | None = None,
) -> dict[str, Any]:
    measure = next(item for item in MEASURES if item.kpi_id == kpi_id)
    declared = measure.dimensions.split("|")
    number = int(hashlib.sha256(key.encode()).hexdigest()[:6], 16)
    return {
        "kpi_id": kpi_id,
        "item_key": key,
        "period_date": day,
        **{name: scope.get(name, "NONE") if name in declared else None for name in DIMENSIONS},
        "numerator": Decimal(str(round(numerator, 6))),
        "denominator": Decimal(str(round(denominator, 6))),
        "is_excluded": excluded is not None,
        "exclusion_reason": excluded,
        "source_entity": "promise",
        "_file_digest": None,
        "_line": 1 + number % LINES,
    }
