"""Reading the exception queue: the list, worth first, and one exception with next step, evidence and order timeline.

Belongs here: parametrised queries on the published tables ``fct_exception``, ``dim_exception_type`` and
``mart_order_timeline``. Not here: changing a case, and how a list is printed.
"""

from __future__ import annotations

import difflib
from typing import Any

import duckdb
import pyarrow as pa

from signalbox.errors import UsageError

STATUSES = ("open", "closed", "retracted")
SEVERITIES = ("S1", "S2", "S3")
# What a list may be narrowed by, with the column that holds it.
FILTERS = {
    "status": "status_code",
    "code": "code",
    "owner": "owner_role",
    "channel": "channel",
    "location": "location",
    "severity": "severity_code",
}
# Worth first, then what is due first; the id makes the order total.
ORDER = "value_at_risk_amount desc nulls last, due_ts, exception_id"
TIMELINE = "mart_order_timeline"


def list_exceptions(
    con: duckdb.DuckDBPyConnection,
    status: str | None = None,
    code: str | None = None,
    owner: str | None = None,
    channel: str | None = None,
    location: str | None = None,
    severity: str | None = None,
    limit: int | None = None,
) -> pa.Table:
    """Rows of ``fct_exception``, the greatest value at risk first, then the earliest due.

    A filter that is None does not narrow. Raises UsageError for a status, severity or code that does not exist, or a
    limit below 1.
    """
    wanted = {
        "status": status,
        "code": code,
        "owner": owner,
        "channel": channel,
        "location": location,
        "severity": severity,
    }
    _check(con, wanted, limit)
    narrowed = {name: value for name, value in wanted.items() if value is not None}
    where = " and ".join(f"{FILTERS[name]} = ?" for name in narrowed) or "true"
    parameters: list[Any] = [*narrowed.values()]
    sql = f"select * from fct_exception where {where} order by {ORDER}"
    if limit is not None:
        sql += " limit ?"
        parameters.append(limit)
    return con.execute(sql, parameters).to_arrow_table()


def show_exception(con: duckdb.DuckDBPyConnection, exception_id: str) -> dict[str, Any]:
    """One exception by its id, or by the first characters of it where they are unique.

    The fact's fields; ``title``, ``opens_text``, ``closes_text``, ``runbook_text`` and ``sla_hours`` of its type;
    ``evidence`` (entity, file_digest and line, null where no single row proves it: the way to the source line); and
    ``timeline``, the events of its order, oldest first (empty where it has none). Raises UsageError for an id that
    names none or several.
    """
    found = _records(
        con,
        """
        select
            exception.*,
            type.title,
            type.opens_text,
            type.closes_text,
            type.runbook_text,
            type.sla_hours
        from fct_exception as exception
        left join dim_exception_type as type
            on
                exception.code = type.code
                and exception.opened_ts >= type.valid_from_ts
                and exception.opened_ts < type.valid_to_ts
        where starts_with(exception.exception_id, ?)
        order by exception.exception_id
        limit 2
        """,
        [exception_id],
    )
    if not found or not exception_id:
        raise UsageError(f"exception {exception_id!r} does not exist; `exceptions list` shows the ids")
    if len(found) > 1:
        raise UsageError(f"exception {exception_id!r} names several; give more characters of the id")
    exception = found[0]
    exception["evidence"] = {
        "entity": exception.pop("evidence_entity"),
        "file_digest": exception.pop("_file_digest"),
        "line": exception.pop("_line"),
    }
    exception["timeline"] = _timeline(con, exception["order_id"])
    return exception


def _timeline(con: duckdb.DuckDBPyConnection, order_id: str | None) -> list[dict[str, Any]]:
    if order_id is None:
        return []
    return _records(con, f"select * from {TIMELINE} where order_id = ? order by event_ts, event_seq", [order_id])


def _records(con: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any]) -> list[dict[str, Any]]:
    return con.execute(sql, parameters).to_arrow_table().to_pylist()


def _check(con: duckdb.DuckDBPyConnection, wanted: dict[str, str | None], limit: int | None) -> None:
    if limit is not None and limit < 1:
        raise UsageError(f"limit {limit}: give at least 1")
    for name, known in (("status", STATUSES), ("severity", SEVERITIES)):
        value = wanted[name]
        if value is not None and value not in known:
            raise UsageError(f"{name} {value!r} does not exist: {', '.join(known)}")
    code = wanted["code"]
    if code is not None:
        codes = [row[0] for row in con.execute("select distinct code from dim_exception_type order by code").fetchall()]
        if code not in codes:
            near = difflib.get_close_matches(code, codes, n=1)
            hint = f"; did you mean {near[0]}?" if near else f": {', '.join(codes)}"
            raise UsageError(f"exception code {code!r} does not exist{hint}")
