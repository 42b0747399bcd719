"""The published tables of the hand-made home but for the KPI rows: facts summed from them, exceptions, quality, marts.

Belongs to ``dashboards_home``; split from it for length. Not here: the KPI rows themselves, or files of a snapshot.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from signalbox.metrics.percentiles import BUCKET

FEEDS = {
    "F14": ("sales_order", "oms", "order-to-cash", "order operations", True),
    "F16": ("promise", "oms", "order-to-cash", "order operations", True),
    "F22": ("fulfilment_line", "wms", "fulfilment", "network operations", True),
    "F23": ("shipment_event", "carrier", "fulfilment", "network operations", True),
    "F20": ("inventory_movement", "wms", "stock", "inventory", True),
    "F21": ("inventory_snapshot", "erp", "stock", "inventory", True),
    "F33": ("return_line", "oms", "returns", "returns", True),
    "F34": ("refund", "oms", "returns", "returns", True),
    "F36": ("invoice", "erp", "finance", "finance", False),
    "F40": ("payment", "ecommerce", "finance", "finance", True),
    "F42": ("tax_line", "ecommerce", "finance", "finance", False),
    "F43": ("settlement_line", "marketplace", "finance", "finance", True),
    "F55": ("integration_message", "integration", "integration", "integration", True),
}
LATE_FEEDS = ("settlement_line",)

# code, exception name, title, category, owner, severity, worth, hours open, is due passed
_OPEN = [
    ("E12", "ORD_PROMISE_MISSED", "Promise missed", "fulfilment", "customer service", "S1", 1842.50, 30, True),
    ("E12", "ORD_PROMISE_MISSED", "Promise missed", "fulfilment", "customer service", "S2", 612.00, 9, True),
    ("E24", "PICKUP_NOT_READY", "Pickup not ready", "fulfilment", "store", "S2", 96.40, 2, False),
    ("E28", "INV_NEGATIVE", "Negative stock", "inventory", "inventory", "S3", 210.75, 40, False),
    (
        "E30",
        "INV_MISMATCH_CHANNELS",
        "Stock differs between systems",
        "inventory",
        "inventory",
        "S2",
        1330.00,
        52,
        True,
    ),
    ("E55a", "FIN_SETTLEMENT_SHORT", "Marketplace paid too little", "finance", "finance", "S1", 7410.20, 70, False),
    ("E55c", "FIN_SETTLEMENT_LATE", "Payout late", "finance", "finance", "S1", 18250.00, 26, True),
    ("E61a", "SUP_LATE_PO", "Purchase order late", "supplier", "procurement", "S1", 9904.00, 80, True),
    ("E65a", "INT_FAILED", "Messages failed", "integration", "integration", "S2", 455.10, 3, True),
    ("E65h", "INT_FEED_MISSING", "Feed missing", "integration", "integration", "S2", 0.00, 5, True),
    ("E66k", "MDM_UNKNOWN_CODE", "Unknown code", "master data and governance", "data steward", "S2", 61.00, 12, False),
]


def build_tables(
    rows: dict[str, list[dict[str, Any]]],
    as_of: datetime,
    measures: Sequence[Any],
    dimensions: Sequence[str],
    file_digest: str,
) -> dict[str, pa.Table]:
    """Every published table by name."""
    con = duckdb.connect()
    schema = _row_schema(dimensions)
    tables = {model: pa.Table.from_pylist(items, schema=schema) for model, items in rows.items()}
    tables["dim_kpi"] = pa.Table.from_pylist([_catalogue_row(measure, as_of) for measure in measures])
    tables["dim_kpi_target"] = pa.Table.from_pylist([_target_row(measure) for measure in measures if measure.target])
    tables |= _facts(con, tables, measures, dimensions)
    tables["fct_exception"] = pa.Table.from_pylist(_exceptions(as_of, file_digest))
    tables["mart_open_exception"] = pa.table(
        {
            "exception_id": tables["fct_exception"]["exception_id"],
            "customer_tier": pa.array([None] * tables["fct_exception"].num_rows, pa.string()),
        }
    )
    tables["mart_incident_exception"] = _incidents(tables["fct_exception"]["exception_id"].to_pylist())
    tables["int_control__business_day"] = _business_days(as_of)
    tables["dim_exception_type"] = pa.Table.from_pylist(_exception_types())
    tables["mart_order_timeline"] = pa.Table.from_pylist(_timeline(as_of, file_digest))
    return tables | _quality(as_of) | _work_of_others(as_of)


def _business_days(as_of: datetime) -> pa.Table:
    """Every owner works ten hours a day, every day of two months."""
    hours = 10 * 3600
    begin = datetime(as_of.year, as_of.month, as_of.day, 6) - timedelta(days=30)
    return pa.Table.from_pylist(
        [
            {
                "owner_role": owner,
                "opens_ts": begin + timedelta(days=day),
                "work_seconds_before": day * hours,
                "work_seconds_until": (day + 1) * hours,
            }
            for owner in ("order_operations", "finance", "inventory", "integration", "store", "customer_service")
            for day in range(60)
        ]
    )


def _work_of_others(as_of: datetime) -> dict[str, pa.Table]:
    """Cases of a process, layers of stock and reconciliation: a few rows each, for the pages that show them."""
    case = {"process": "order-to-cash", "is_ended": True, "repeated_count": 0, "last_ts": as_of}
    begun = as_of - timedelta(hours=50)
    paths = {"created>shipped>delivered": ("delivery", True, 8), "created>cancelled": ("other", False, 2)}
    cases = [
        case
        | {"case_id": f"{path}{number}", "path": path, "path_name": name, "is_standard": known, "started_ts": begun}
        for path, (name, known, count) in paths.items()
        for number in range(count)
    ]
    steps = [
        ("created", "Order placed"),
        ("shipped", "Shipped"),
        ("delivered", "Delivered"),
        ("cancelled", "Cancelled"),
    ]
    layers = [
        {"location": "S001", "since_date": as_of.date() - timedelta(days=days), "quantity": 4, "unit_cost_amount": 2.5}
        for days in (3, 45, 200)
    ]
    item = {"stream": "sales", "side_code": "reference", "month_start_date": date(as_of.year, as_of.month, 1)}
    item |= {"cause_detail_code": "NONE", "oldest_date": as_of.date() - timedelta(days=9)}
    states = [("cleared", "exact", "NONE", 900.0, 900.0), ("overdue", "none", "missing_other", 100.0, 0.0)]
    reconciled = [
        item
        | {"state_code": state, "method_code": method, "cause_code": cause, "item_count": 3, "size_amount": size}
        | {"matched_amount": matched, "open_amount": size - matched}
        for state, method, cause, size, matched in states
    ]
    close = {"legal_entity_id": "DE01", "stream": "sales", "asked_amount": 1000.0, "cleared_amount": 900.0}
    close |= {f"open_{age}_days_amount": 50.0 for age in ("up_to_7", "8_to_30", "over_30")}
    closes = [
        close
        | {
            "fiscal_period": "2026-04",
            "state_code": "signed",
            "is_ended": True,
            "signed_by": "u-17",
            "signed_ts": as_of,
        },
        close
        | {
            "fiscal_period": "2026-05",
            "state_code": "not_started",
            "is_ended": False,
            "signed_by": None,
            "signed_ts": None,
        },
    ]
    return {
        "fct_process_case": pa.Table.from_pylist(cases),
        "process_step": pa.Table.from_pylist(
            [
                {"process": "order-to-cash", "activity": name, "step_no": number, "label": label}
                for number, (name, label) in enumerate(steps)
            ]
        ),
        "process_path": pa.Table.from_pylist(
            [{"process": "order-to-cash", "path_name": "delivery", "path": "created>shipped>delivered"}]
        ),
        "fct_stock_layer": pa.Table.from_pylist(layers),
        "mart_reconciliation": pa.Table.from_pylist(reconciled),
        "mart_reconciliation_period": pa.Table.from_pylist(closes),
    }


def _row_schema(dimensions: Sequence[str]) -> pa.Schema:
    money = pa.decimal128(38, 6)
    return pa.schema(
        [("kpi_id", pa.string()), ("item_key", pa.string()), ("period_date", pa.date32())]
        + [(name, pa.string()) for name in dimensions]
        + [("numerator", money), ("denominator", money), ("is_excluded", pa.bool_()), ("exclusion_reason", pa.string())]
        + [("source_entity", pa.string()), ("_file_digest", pa.string()), ("_line", pa.int64())]
    )


def _target_row(measure: Any) -> dict[str, Any]:
    first = date(2000, 1, 1)
    scope = {"kpi_id": measure.kpi_id, "scope_type": "all", "scope_value": "*"}
    values = {"target_value": float(measure.target), "warn_value": float(measure.warn)}
    return scope | values | {"valid_from": first, "valid_to": date(9999, 12, 31)}


def _catalogue_row(measure: Any, as_of: datetime) -> dict[str, Any]:
    return {
        "kpi_id": measure.kpi_id,
        "kpi_family": measure.kpi_id.split(".")[0],
        "name": measure.name,
        "formula_text": f"Numerator of {measure.kpi_id} over its denominator",
        "numerator_text": "lines delivered inside the promised window",
        "denominator_text": "lines whose promise has come due",
        "exclusions_text": "lines without a promise (no data)",
        "unit": measure.unit,
        "value_kind": measure.kind,
        "direction": measure.direction,
        "target_value": measure.target,
        "warn_value": measure.warn,
        "time_axis": "promise_latest",
        "time_aggregation": measure.aggregation,
        "grain_code": "OL",
        "owner_role": measure.owner,
        "reviewer_role": "operations lead",
        "scor_code": None,
        "status": "live",
        "model_name": measure.model,
        "dimensions": measure.dimensions,
        "starred_dimensions": "reason" if measure.kpi_id == "K14" else "",
        "required_dimensions": "",
        "groupings": f"total|{measure.dimensions}",
        "has_histogram": measure.histogram,
        "histogram_groupings": f"total|{measure.dimensions}" if measure.histogram else "",
        "final_after_days": 0,
        "source_feeds": measure.feeds,
        "valid_from": datetime(2020, 1, 1).date(),
        "valid_to": None,
        "as_of_date": as_of.date(),
    }


def _facts(
    con: duckdb.DuckDBPyConnection, tables: dict[str, pa.Table], measures: Sequence[Any], dimensions: Sequence[str]
) -> dict[str, pa.Table]:
    """``fct_kpi`` and its histogram, one grouping of one measure at a time."""
    facts, histograms = [], []
    for measure in measures:
        con.register("rows", tables[measure.model])
        for grouping in ("total", *measure.dimensions.split("|")):
            dims = ", ".join(name if name == grouping else f"null::varchar as {name}" for name in dimensions)
            head = f"select kpi_id, period_date, '{grouping}' as grouping_name, {dims}"
            facts.append(
                con.execute(
                    f"{head}, sum(numerator)::decimal(38,6) as numerator, "
                    "sum(denominator)::decimal(38,6) as denominator, "
                    "count(*) filter (not is_excluded)::bigint as evaluable_count, "
                    "count(*) filter (exclusion_reason like 'out:%')::bigint as excluded_count, "
                    "count(*) filter (exclusion_reason like 'no_data:%')::bigint as no_data_count "
                    f"from rows where kpi_id = '{measure.kpi_id}' group by all"
                ).to_arrow_table()
            )
            if measure.histogram:
                histograms.append(
                    con.execute(
                        f"{head}, {BUCKET.format(value='numerator')} as bucket_index, "
                        "count(*)::bigint as item_count from rows "
                        f"where kpi_id = '{measure.kpi_id}' and not is_excluded and numerator > 0 group by all"
                    ).to_arrow_table()
                )
        con.unregister("rows")
    return {"fct_kpi": pa.concat_tables(facts), "fct_kpi_histogram": pa.concat_tables(histograms)}


def _exceptions(as_of: datetime, file_digest: str) -> list[dict[str, Any]]:
    """The open ones of the list above, and each of them once more, three days older and closed."""
    found = []
    for number, (code, name, _title, category, owner, severity, worth, hours, is_overdue) in enumerate(_OPEN):
        for status, back in (("open", hours), ("closed", hours + 72)):
            opened = as_of - timedelta(hours=back)
            key = f"{code}|O-{number:03d}|{status}"
            found.append(
                {
                    "exception_id": hashlib.md5(key.encode()).hexdigest(),
                    "code": code,
                    "exception_name": name,
                    "category_code": category,
                    "severity_code": severity,
                    "status_code": status,
                    "opened_ts": opened,
                    "detected_ts": opened + timedelta(minutes=20),
                    "due_ts": as_of + timedelta(hours=-1.5 if is_overdue else 6),
                    "closed_ts": as_of - timedelta(hours=30) if status == "closed" else None,
                    "close_reason": "condition no longer holds" if status == "closed" else None,
                    "reopened_count": 0,
                    "business_key": f"{LATE_FEEDS[0]}|2025-10-13" if code == "E65h" else f"O-{number:03d}|1",
                    "opening_key": "2025-10-12T18:00:00",
                    "order_id": f"O-{number:03d}" if category == "fulfilment" else None,
                    "order_line_key": None,
                    "sku": "SKU-1001" if category == "inventory" else None,
                    "channel": "web" if number % 2 else "mkt_a",
                    "location": "S-014" if category in ("fulfilment", "inventory") else None,
                    "region": "north",
                    "category": "shoes",
                    "supplier": "V-2" if category == "supplier" else None,
                    "interface": "oms>marketplace" if category == "integration" else None,
                    "owner_role": owner,
                    "value_at_risk_amount": worth if status == "open" else worth / 2,
                    "realised_loss_amount": 0.0,
                    "observed_value": 31.5,
                    "threshold_value": 24.0,
                    "customers_affected": 1,
                    "evidence_entity": "sales_order",
                    "_file_digest": file_digest,
                    "_line": 4,
                    "superseded_by": None,
                    "next_step": "Tell the customer a new date and ship from the next node with stock.",
                }
            )
    return found


def _incidents(exception_ids: list[str]) -> pa.Table:
    """The first, third and fifth exception share a cause: the first."""
    head, *others = exception_ids[0:5:2]
    because = "The place has more work than it can do"
    rows = [
        {"exception_id": head, "incident_id": head, "parent_id": None, "rule": None, "because": None, "depth": 0},
        *(
            {
                "exception_id": item,
                "incident_id": head,
                "parent_id": head,
                "rule": "node",
                "because": because,
                "depth": 1,
            }
            for item in others
        ),
    ]
    return pa.Table.from_pylist(rows)


def _exception_types() -> list[dict[str, Any]]:
    seen = {code: (name, title, category, owner) for code, name, title, category, owner, *_ in _OPEN}
    return [
        {
            "code": code,
            "exception_name": name,
            "category_code": category,
            "title": title,
            "owner_role": owner,
            "sla_hours": 4.0,
            "severity_rule": "P, V",
            "min_severity": "S2",
            "is_order_class": category == "fulfilment",
            "opens_text": "promise_latest of the first promise passed, delivery not complete",
            "closes_text": "delivered in full",
            "runbook_text": "1. Call the carrier. 2. Give the customer a date. 3. Re-ship when the parcel is lost.",
            "model_name": f"ctl_{category}__{name.lower()}",
            "valid_from_ts": datetime(2020, 1, 1),
            "valid_to_ts": datetime(9999, 12, 31),
        }
        for code, (name, title, category, owner) in seen.items()
    ]


def _timeline(as_of: datetime, file_digest: str) -> list[dict[str, Any]]:
    """The way of the orders behind the order exceptions: late at the parcel service, never delivered."""
    steps = [
        (96, "placed", "oms"),
        (95.8, "promised", "oms"),
        (95, "released", "oms"),
        (94.5, "allocated", "oms"),
        (80, "picked", "wms"),
        (79, "packed", "wms"),
        (72, "shipped", "carrier"),
        (40, "delivery_failed", "carrier"),
    ]
    rows = []
    for order in ("O-000", "O-001", "O-002"):
        for sequence, (hours, step, system) in enumerate(steps, start=1):
            moment = as_of - timedelta(hours=hours)
            rows.append(
                {
                    "order_id": order,
                    "event_seq": sequence,
                    "event_ts": moment,
                    "received_ts": moment + timedelta(minutes=12),
                    "step_code": step,
                    "step_name": step.replace("_", " ").capitalize(),
                    "system_code": system,
                    "line_no": None if step in ("placed", "released") else "1",
                    "sku": None if step in ("placed", "released") else "SKU-1001",
                    "quantity": 1.0,
                    "location": "DC-1",
                    "actor_type": "system",
                    "detail": "parcel-b" if system == "carrier" else None,
                    "promise_earliest_ts": None,
                    "promise_latest_ts": as_of - timedelta(hours=31) if step == "promised" else None,
                    "source_entity": "order_event",
                    "_file_digest": file_digest,
                    "_line": 2 + sequence,
                }
            )
    return rows


def _quality(as_of: datetime) -> dict[str, pa.Table]:
    files, contracts, results, refused = [], [], [], []
    for number, (feed, (entity, system, process, owner, has_files)) in enumerate(FEEDS.items()):
        contracts.append(
            {
                "feed_id": feed,
                "entity": entity,
                "system_code": system,
                "process_code": process,
                "owner_name": owner,
                "steward_name": f"{entity}-steward",
                "frequency_days": 1.0,
                "due_time": "02:30",
                "grace_minutes": 60,
                "description": f"{entity} of {system}",
            }
        )
        lag = 2 if entity in LATE_FEEDS else 1
        for back in range(lag, 8) if has_files else []:
            received = (as_of - timedelta(days=back - 1)).replace(hour=0, minute=40)
            files.append(
                {
                    "file_digest": hashlib.sha256(
                        f"file-{number if back == lag else f'{number}-{back}'}".encode()
                    ).hexdigest(),
                    "feed_id": feed,
                    "entity": entity,
                    "system_code": system,
                    "adapter_name": "signalbox",
                    "file_name": f"{entity}_{as_of.date() - timedelta(days=back)}.csv.gz",
                    "business_date": as_of.date() - timedelta(days=back),
                    "received_ts": received,
                    "rows_read": 1000 + number,
                    "rows_accepted": 998 + number,
                    "rows_quarantined": 2 if entity == "payment" else 0,
                    "status_code": "landed",
                    "is_scheduled": True,
                }
            )
        for expectation, good in (
            ("rows are unique by key", True),
            ("volume within bounds", True),
            ("landed on time", entity not in LATE_FEEDS),
        ):
            results.append(
                {
                    "build_id": "b-1",
                    "suite_name": f"inbound_{entity}",
                    "suite_kind": "inbound",
                    "target_name": entity,
                    "expectation": expectation,
                    "column_name": None,
                    "severity_code": "warning" if expectation == "landed on time" else "error",
                    "success": good,
                    "observed_value": "0" if good else "1",
                    "unexpected_count": 0 if good else 1,
                    "element_count": 998,
                }
            )
    for line in (17, 88):
        refused.append(
            {
                "file_digest": hashlib.sha256(b"file-9").hexdigest(),
                "feed_id": "F40",
                "entity": "payment",
                "line": line,
                "column_name": "amount",
                "rule_code": "type",
                "value": "12,5O",
                "received_ts": as_of - timedelta(hours=4),
                "replayed_ts": None,
            }
        )
    results.append(
        {
            "build_id": "b-1",
            "suite_name": "outbound_fct_kpi",
            "suite_kind": "outbound",
            "target_name": "fct_kpi",
            "expectation": "denominator is never negative for shares",
            "column_name": "denominator",
            "severity_code": "error",
            "success": True,
            "observed_value": "0",
            "unexpected_count": 0,
            "element_count": 5000,
        }
    )
    unknown = [
        {
            "entity": "sales_order",
            "feed_id": "F14",
            "column_name": "channel_id",
            "code": "app",
            "rows": 12,
            "first_received_ts": as_of - timedelta(days=2),
            "file_digest": hashlib.sha256(b"file-0").hexdigest(),
            "line": 9,
        }
    ]
    replayed = pa.field("replayed_ts", pa.timestamp("us"))
    refused_schema = pa.Table.from_pylist(refused).schema
    refused_schema = refused_schema.set(refused_schema.get_field_index("replayed_ts"), replayed)
    health = [_feed_health(row, files, as_of) for row in contracts]
    return {
        "mart_feed_health": pa.Table.from_pylist(health, schema=_HEALTH),
        "feed_contract": pa.Table.from_pylist(contracts),
        "landing_file": pa.Table.from_pylist(files),
        "quality_result": pa.Table.from_pylist(results),
        "rejected_row": pa.Table.from_pylist(refused, schema=refused_schema),
        "unknown_code": pa.Table.from_pylist(unknown),
    }


_HEALTH = pa.schema(
    [(name, pa.string()) for name in ("feed_id", "entity", "system_code", "owner_name", "steward_name")]
    + [(name, pa.int64()) for name in ("due_count", "good_count", "missing_count", "rows_read", "rows_quarantined")]
    + [("last_business_date", pa.date32()), ("age_seconds", pa.float64()), ("state_code", pa.string())]
    + [(name, pa.timestamp("us")) for name in ("next_due_ts", "last_received_ts")]
)


def _feed_health(contract: dict[str, Any], files: list[dict[str, Any]], as_of: datetime) -> dict[str, Any]:
    """A feed's line: seven deliveries were due; the newest of a late feed has not come, of some nothing ever has."""
    mine = [file for file in files if file["entity"] == contract["entity"]]
    last = max((file["received_ts"] for file in mine), default=None)
    names = ("feed_id", "entity", "system_code", "owner_name", "steward_name")
    return {name: contract[name] for name in names} | {
        "due_count": 7 if mine else 0,
        "good_count": len(mine),
        "missing_count": 7 - len(mine) if mine else 0,
        "rows_read": sum(file["rows_read"] for file in mine),
        "rows_quarantined": sum(file["rows_quarantined"] for file in mine),
        "last_business_date": max((file["business_date"] for file in mine), default=None),
        "age_seconds": (as_of - last).total_seconds() if last else None,
        "state_code": "never" if not mine else "missing" if len(mine) < 7 else "on_time",
        "next_due_ts": as_of + timedelta(hours=20),
        "last_received_ts": last,
    }


def write_builds(serving: Path, snapshot_id: str, as_of: datetime) -> None:
    """Two build records: the one that published, and a later one that a gate stopped."""
    folder = serving / "builds"
    folder.mkdir(parents=True)
    suite = {
        "suite": "outbound_fct_kpi",
        "kind": "outbound",
        "target": "fct_kpi",
        "success": True,
        "expectations": 12,
        "failed": 0,
    }
    good = {
        "build_id": f"b-{snapshot_id}",
        "as_of": as_of.isoformat(),
        "started": "2025-10-14T05:00:00+00:00",
        "finished": "2025-10-14T05:01:12+00:00",
        "status": "published",
        "steps": [
            {"step": "land", "seconds": 9.1},
            {"step": "dbt", "seconds": 48.0},
            {"step": "audit", "seconds": 8.2},
            {"step": "publish", "seconds": 3.3},
        ],
        "suites": [suite],
        "error": None,
    }
    bad = good | {
        "build_id": "b-20251014T061500Z-ffffff",
        "started": "2025-10-14T06:15:00+00:00",
        "finished": "2025-10-14T06:15:58+00:00",
        "status": "failed",
        "suites": [suite | {"success": False, "failed": 1}],
        "error": "audit: outbound_fct_kpi: 1 of 12 expectations failed",
    }
    for record in (good, bad):
        (folder / f"{record['build_id']}.json").write_text(json.dumps(record))
