"""The event log in both forms of OCEL 2.0: the same events, objects and relations, and none that leads nowhere."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from signalbox.errors import UsageError
from signalbox.export import export_ocel

_STEPS = """
create table fct_process_step as
select * from (values
    ('order-to-cash', 'o1|1', 'o1', 'created', timestamp '2026-03-01 08:00:00', 'order_event', 'f', 1),
    ('order-to-cash', 'o1|2', 'o1', 'created', timestamp '2026-03-01 08:00:00', 'order_event', 'f', 1),
    ('order-to-cash', 'o1|2', 'o1', 'picked', timestamp '2026-03-01 09:30:00.250', 'order_event', 'f', 2),
    ('procure-to-pay', 'p1|1', null, 'sent', timestamp '2026-03-01 07:00:00', 'purchase_order', 'g', 1),
    ('procure-to-pay', 'p1|2', null, 'sent', timestamp '2026-03-01 07:00:00', 'purchase_order', 'g', 1)
) as steps (process, case_id, order_id, activity, event_ts, source_entity, _file_digest, _line)
"""
_CASES = """
create table fct_process_case as
select *, 'web' as channel, 'S1' as location, 'north' as region, null::varchar as supplier, 'delivery' as order_type
from (values
    ('order-to-cash', 'o1|1', 'o1', 'created'), ('order-to-cash', 'o1|2', 'o1', 'created>picked'),
    ('procure-to-pay', 'p1|1', null, 'sent'), ('procure-to-pay', 'p1|2', null, 'sent')
) as cases (process, case_id, order_id, path)
"""


@pytest.fixture
def snapshot() -> Any:
    con = duckdb.connect()
    con.execute(_STEPS)
    con.execute(_CASES)
    return SimpleNamespace(con=con)


def _of_sqlite(path: Path) -> tuple[dict, dict, set, set]:
    """Events and objects by id with their type, relations of events, relations of objects."""
    with sqlite3.connect(path) as con:
        events = {key: (kind, con.execute(f"select ocel_time from event_{kind} where ocel_id = ?", [key]).fetchone()[0])
                  for key, kind in con.execute("select ocel_id, ocel_type from event").fetchall()}  # fmt: skip
        objects = dict(con.execute("select ocel_id, ocel_type from object").fetchall())
        of_events = set(con.execute("select * from event_object").fetchall())
        of_objects = set(con.execute("select * from object_object").fetchall())
        assert con.execute("pragma foreign_key_check").fetchall() == []
    return events, objects, of_events, of_objects


def _of_json(path: Path) -> tuple[dict, dict, set, set]:
    log = json.loads(path.read_text(encoding="utf-8"))
    assert {kind["name"] for kind in log["eventTypes"]} == {event["type"] for event in log["events"]}
    assert {kind["name"] for kind in log["objectTypes"]} >= {item["type"] for item in log["objects"]}
    return (
        {event["id"]: (event["type"], event["time"]) for event in log["events"]},
        {item["id"]: item["type"] for item in log["objects"]},
        {(e["id"], r["objectId"], r["qualifier"]) for e in log["events"] for r in e["relationships"]},
        {(o["id"], r["objectId"], r["qualifier"]) for o in log["objects"] for r in o["relationships"]},
    )


def test_both_forms_hold_the_same_log(snapshot: Any, tmp_path: Path) -> None:
    written = _of_sqlite(export_ocel(snapshot, tmp_path / "log.sqlite", "sqlite"))
    assert written == _of_json(export_ocel(snapshot, tmp_path / "log.json", "json"))
    events, objects, of_events, of_objects = written
    # the order's own event is one, of both lines; a purchase order sent is one event a line
    assert sorted(events.values()) == [
        ("created", "2026-03-01T08:00:00.000Z"),
        ("picked", "2026-03-01T09:30:00.250Z"),
        ("sent", "2026-03-01T07:00:00.000Z"),
        ("sent", "2026-03-01T07:00:00.000Z"),
    ]
    assert objects == {
        "order:o1": "order",
        "order_line:o1|1": "order_line",
        "order_line:o1|2": "order_line",
        "purchase_order_line:p1|1": "purchase_order_line",
        "purchase_order_line:p1|2": "purchase_order_line",
    }
    (created,) = (key for key, (kind, _) in events.items() if kind == "created")
    assert {(target, how) for event, target, how in of_events if event == created} == {
        ("order:o1", "in"), ("order_line:o1|1", "of"), ("order_line:o1|2", "of"),
    }  # fmt: skip
    assert of_objects == {("order:o1", "order_line:o1|1", "has"), ("order:o1", "order_line:o1|2", "has")}


def test_one_process_is_written_alone_and_an_unknown_one_refused(snapshot: Any, tmp_path: Path) -> None:
    _, objects, _, _ = _of_sqlite(export_ocel(snapshot, tmp_path / "p.sqlite", "sqlite", ["procure-to-pay"]))
    assert set(objects.values()) == {"purchase_order_line"}
    with pytest.raises(UsageError, match="process order-to-cash-flow: there are order-to-cash, "):
        export_ocel(snapshot, tmp_path / "x.sqlite", "sqlite", ["order-to-cash-flow"])
    with pytest.raises(UsageError, match="there is no such folder"):
        export_ocel(snapshot, tmp_path / "none" / "x.json", "json")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.sqlite"]
