"""The event log of the processes as OCEL 2.0, the object-centric form that process-mining tools read.

Belongs here: steps of cases (``fct_process_step``, ``fct_process_case``) as events, objects and their relations, in the
SQLite and the JSON form of the standard (https://www.ocel-standard.org, version 2.0). An event of a whole order stands
once and names each of its order lines. Not here: what a step is (the dbt project).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signalbox.errors import UsageError

if TYPE_CHECKING:
    import duckdb

    from signalbox.publish import Snapshot

# Process -> type of the object that a case is.
OBJECT_TYPES = {
    "order-to-cash": "order_line",
    "procure-to-pay": "purchase_order_line",
    "return-to-refund": "return_line",
    "inventory-to-replenishment": "replenishment_proposal",
    "promotion-to-settlement": "promotion",
}
_ORDER = "order"
_ATTRIBUTES = ("channel", "location", "region", "supplier", "order_type", "path")
# The standard gives attributes that do not change this instant.
_ALWAYS = "1970-01-01T00:00:00Z"
_BATCH = 20_000

_STEPS = """
create or replace temp table ocel_step as
select
    'e' || dense_rank() over (
        order by event_ts, process, activity, order_id, source_entity, _file_digest, _line,
            case when order_id is null then case_id end
    ) as event_id,
    activity as event_type,
    strftime(event_ts, '%Y-%m-%dT%H:%M:%S.%gZ') as event_time,
    process,
    case_id,
    order_id
from fct_process_step
where process in (select unnest($processes))
"""
_EVENTS = "select distinct event_id, event_type, event_time from ocel_step order by event_time, event_id"
_CASES = """
select
    process, case_id, order_id, channel, location, region, supplier, order_type, path
from fct_process_case
where process in (select unnest($processes))
order by process, case_id
"""
_ORDERS = "select distinct order_id from ocel_step where order_id is not null order by order_id"
_RELATIONS = """
select distinct event_id, process, case_id, order_id
from ocel_step
order by event_id, process, case_id
"""

_EVENTS_WITH_CASES = """
select
    event_id,
    any_value(event_type) as event_type,
    any_value(event_time) as event_time,
    list({'process': process, 'case_id': case_id, 'order_id': order_id} order by process, case_id) as cases
from ocel_step
group by event_id
order by event_time, event_id
"""


def export_ocel(snapshot: Snapshot, path: Path, fmt: str, processes: Sequence[str] = ()) -> Path:
    """Write the log of these processes (all, when none is named) to ``path`` and return it.

    ``fmt``: sqlite or json. Raises UsageError for what does not exist.
    """
    wanted = list(processes) or list(OBJECT_TYPES)
    unknown = [name for name in wanted if name not in OBJECT_TYPES]
    if unknown:
        raise UsageError(f"process {unknown[0]}: there are {', '.join(OBJECT_TYPES)}")
    if fmt not in _WRITERS:
        raise UsageError(f"format {fmt}: there are {', '.join(_WRITERS)}")
    if not path.parent.exists():
        raise UsageError(f"{path.parent}: there is no such folder; make it, or name another file")
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    con = snapshot.con.cursor()
    try:
        con.execute(_STEPS, {"processes": wanted})
        _WRITERS[fmt](con, wanted, fresh)
        fresh.replace(path)
    finally:
        con.close()
        fresh.unlink(missing_ok=True)
    return path


def _rows(con: duckdb.DuckDBPyConnection, sql: str, parameters: Any = None) -> Iterator[tuple[Any, ...]]:
    found = con.execute(sql, parameters) if parameters else con.execute(sql)
    while batch := found.fetchmany(_BATCH):
        yield from batch


def _case_id(process: str, case_id: str) -> str:
    """Numbers of different types may be alike: an object's id starts with its type."""
    return f"{OBJECT_TYPES[process]}:{case_id}"


def _event_types(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [row[0] for row in con.execute("select distinct event_type from ocel_step order by 1").fetchall()]


def _write_sqlite(con: duckdb.DuckDBPyConnection, processes: Sequence[str], path: Path) -> None:
    out = sqlite3.connect(path)
    try:
        out.executescript(
            "create table event_map_type (ocel_type text primary key, ocel_type_map text);"
            "create table object_map_type (ocel_type text primary key, ocel_type_map text);"
            "create table event (ocel_id text primary key, ocel_type text references event_map_type (ocel_type));"
            "create table object (ocel_id text primary key, ocel_type text references object_map_type (ocel_type));"
            "create table event_object (ocel_event_id text references event (ocel_id),"
            " ocel_object_id text references object (ocel_id), ocel_qualifier text,"
            " primary key (ocel_event_id, ocel_object_id, ocel_qualifier));"
            "create table object_object (ocel_source_id text references object (ocel_id),"
            " ocel_target_id text references object (ocel_id), ocel_qualifier text,"
            " primary key (ocel_source_id, ocel_target_id, ocel_qualifier));"
        )
        for kind in _event_types(con):
            out.execute("insert into event_map_type values (?, ?)", (kind, kind))
            out.execute(f"create table event_{_name(kind)} (ocel_id text primary key references event, ocel_time text)")
        for kind in [_ORDER, *(OBJECT_TYPES[process] for process in processes)]:
            out.execute("insert into object_map_type values (?, ?)", (kind, kind))
            columns = "".join(f", {name} text" for name in (() if kind == _ORDER else _ATTRIBUTES))
            out.execute(
                f"create table object_{_name(kind)} (ocel_id text references object, ocel_time text,"
                f" ocel_changed_field text{columns})"
            )
        for event_id, kind, instant in _rows(con, _EVENTS):
            out.execute("insert into event values (?, ?)", (event_id, kind))
            out.execute(f"insert into event_{_name(kind)} values (?, ?)", (event_id, instant))
        _sqlite_objects(out, con, processes)
        related = (pair for row in _rows(con, _RELATIONS) for pair in _related(*row))
        out.executemany("insert or ignore into event_object values (?, ?, ?)", related)
        out.commit()
    finally:
        out.close()


def _sqlite_objects(out: sqlite3.Connection, con: duckdb.DuckDBPyConnection, processes: Sequence[str]) -> None:
    for (order_id,) in _rows(con, _ORDERS):
        out.execute("insert into object values (?, ?)", (f"{_ORDER}:{order_id}", _ORDER))
        out.execute("insert into object_order values (?, ?, null)", (f"{_ORDER}:{order_id}", _ALWAYS))
    marks = ", ".join("?" for _ in _ATTRIBUTES)
    for process, case_id, order_id, *values in _rows(con, _CASES, {"processes": list(processes)}):
        own = _case_id(process, case_id)
        out.execute("insert into object values (?, ?)", (own, OBJECT_TYPES[process]))
        statement = f"insert into object_{_name(OBJECT_TYPES[process])} values (?, ?, null, {marks})"
        out.execute(statement, (own, _ALWAYS, *values))
        if order_id is not None:
            row = (f"{_ORDER}:{order_id}", own, "has")
            out.execute("insert or ignore into object_object values (?, ?, ?)", row)


def _related(event_id: str, process: str, case_id: str, order_id: str | None) -> list[tuple[str, str, str]]:
    found = [(event_id, _case_id(process, case_id), "of")]
    return [*found, (event_id, f"{_ORDER}:{order_id}", "in")] if order_id is not None else found


def _write_json(con: duckdb.DuckDBPyConnection, processes: Sequence[str], path: Path) -> None:
    """Item by item, so that a log needs no memory of its size."""
    kinds = [{"name": name, "type": "string"} for name in _ATTRIBUTES]
    types: list[dict[str, Any]] = [{"name": _ORDER, "attributes": []}]
    types += [{"name": OBJECT_TYPES[process], "attributes": kinds} for process in processes]
    with path.open("w", encoding="utf-8") as out:
        out.write('{"objectTypes": ' + json.dumps(types))
        out.write(', "eventTypes": ' + json.dumps([{"name": n, "attributes": []} for n in _event_types(con)]))
        out.write(', "objects": [')
        _write_items(out.write, _json_objects(con, processes))
        out.write('], "events": [')
        _write_items(out.write, _json_events(con))
        out.write("]}\n")


def _json_objects(con: duckdb.DuckDBPyConnection, processes: Sequence[str]) -> Iterator[dict[str, Any]]:
    parts: dict[str, list[dict[str, str]]] = {}
    for process, case_id, order_id, *values in _rows(con, _CASES, {"processes": list(processes)}):
        attributes = [
            {"name": name, "time": _ALWAYS, "value": value}
            for name, value in zip(_ATTRIBUTES, values, strict=True)
            if value is not None
        ]
        own = _case_id(process, case_id)
        if order_id is not None:
            parts.setdefault(order_id, []).append({"objectId": own, "qualifier": "has"})
        yield {"id": own, "type": OBJECT_TYPES[process], "attributes": attributes, "relationships": []}
    for (order_id,) in _rows(con, _ORDERS):
        yield {"id": f"{_ORDER}:{order_id}", "type": _ORDER, "attributes": [], "relationships": parts.get(order_id, [])}


def _json_events(con: duckdb.DuckDBPyConnection) -> Iterator[dict[str, Any]]:
    for event_id, kind, instant, cases in _rows(con, _EVENTS_WITH_CASES):
        related = dict.fromkeys(
            pair[1:]
            for case in cases
            for pair in _related(event_id, case["process"], case["case_id"], case["order_id"])
        )
        relations = [{"objectId": target, "qualifier": qualifier} for target, qualifier in related]
        yield {"id": event_id, "type": kind, "time": instant, "attributes": [], "relationships": relations}


def _write_items(write: Callable[[str], Any], items: Iterable[dict[str, Any]]) -> None:
    for number, item in enumerate(items):
        write((",\n" if number else "\n") + json.dumps(item))


def _name(kind: str) -> str:
    """A type as a part of a table's name."""
    if not kind.replace("_", "").isalnum():
        raise UsageError(f"{kind}: not a name of a type")
    return kind


_WRITERS: dict[str, Callable[[duckdb.DuckDBPyConnection, Sequence[str], Path], None]] = {
    "sqlite": _write_sqlite,
    "json": _write_json,
}
