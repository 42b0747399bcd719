"""The queue of a person: open cases that they may see, the one that saves most per minute of work first.

Belongs here: the published exceptions beside what people did since, in one list with one order. Priority is what acting
now can save per minute of handling, then the time left, then the customer's tier; each term is a column. Not here:
rights (``access``) or what can be done with a case (``work``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from signalbox.cases import access
from signalbox.cases.policy import Person, Policy
from signalbox.cases.store import Store
from signalbox.cases.tables import case_file, log_head
from signalbox.cases.work import OPEN
from signalbox.errors import UsageError

# What a list may be narrowed by: name -> column.
FILTERS = {
    "code": "code", "severity": "severity_code", "category": "category_code", "owner": "owner_role",
    "channel": "channel", "location": "location", "supplier": "supplier", "interface": "interface",
    "order": "order_id", "assignee": "assignee", "state": "state_code", "incident": "incident_id",
}  # fmt: skip
STATES = (*OPEN, "resolved", "dismissed", "merged", "closed", "retracted")
ORDER = "saving_per_minute desc nulls last, hours_left, tier_rank, case_id"
TIERS = ("gold", "silver", "standard")
_CASE = {
    "case_id": pa.string(), "exception_id": pa.string(), "business_key": pa.string(), "owner_role": pa.string(),
    "due_ts": pa.timestamp("us"), "state_code": pa.string(), "assignee": pa.string(),
    "acknowledged_ts": pa.timestamp("us"), "resolved_ts": pa.timestamp("us"), "paused_ts": pa.timestamp("us"),
    "outcome_code": pa.string(), "escalation_level": pa.int64(), "merged_into": pa.string(),
    "split_from": pa.string(), "touched_by": pa.string(), "touched_ts": pa.timestamp("us"), "version_no": pa.int64(),
}  # fmt: skip
_OWN = ("exception_id", "business_key", "owner_role", "due_ts", "value_at_risk_amount")
# `{link}` brings the case of each exception, or each part of a case with its exception.
_ROWS = f"""
    select
        fact.exception_id,
        coalesce(own.case_id, fact.exception_id) as case_id,
        coalesce(own.business_key, fact.business_key) as business_key,
        coalesce(own.owner_role, fact.owner_role) as owner_role,
        fact.owner_role as first_owner_role,
        coalesce(own.due_ts, fact.due_ts) as due_ts,
        case when own.split_from is null then fact.value_at_risk_amount end as value_at_risk_amount,
        case
            when fact.status_code <> 'open' and coalesce(own.state_code, 'new') in {OPEN} then fact.status_code
            else coalesce(own.state_code, 'new')
        end as state_code,
        {{columns}}
        urgency.customer_tier,
        tied.incident_id,
        coalesce(tied.depth, 0) as depth,
        tied.because,
        {", ".join(f"own.{name}" for name in _CASE if name not in (*_OWN, "case_id", "state_code", "version_no"))},
        coalesce(own.version_no, 0) as version_no
    from fct_exception as fact
    {{link}}
    left join mart_open_exception as urgency on fact.exception_id = urgency.exception_id
    left join mart_incident_exception as tied on fact.exception_id = tied.exception_id
    {{where}}
"""
_LINKS = (
    "left join case_state as own on fact.exception_id = own.case_id",
    "inner join case_state as own on fact.exception_id = own.exception_id and own.split_from is not null",
)

_GROUPED = """
    select * replace (coalesce(incident_amount, value_at_risk_amount) / handling_minutes as saving_per_minute)
    from (
        select
            *,
            count(*) over incident as incident_cases,
            sum(value_at_risk_amount) filter (where money_rank = 1) over incident as incident_amount,
            row_number() over (incident order by depth, {order}) as incident_place
        from (
            select
                *,
                row_number() over (
                    partition by coalesce(incident_id, case_id), coalesce(order_id, business_key)
                    order by value_at_risk_amount desc nulls last, case_id
                ) as money_rank
            from queue
            where {where}
        )
        window incident as (partition by coalesce(incident_id, case_id))
    )
    where incident_place = 1 and incident_cases >= {fewest}
    order by {order}
"""


class Overlay:
    """What people did with cases, as a table beside a snapshot; reads only what was done since it was read last."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rows: dict[str, tuple[Any, ...]] = {}
        self._seen = -1
        self._table: pa.Table | None = None

    def table(self) -> pa.Table:
        """One row a case."""
        with self._store.reading() as con:
            head = con.execute(sa.select(log_head.c.row_no)).scalar_one()
            if head != self._seen or self._table is None:
                found = sa.select(*(case_file.c[name] for name in _CASE)).where(case_file.c.log_row_no > self._seen)
                self._rows |= {row[0]: tuple(row) for row in con.execute(found)}
                columns = zip(*self._rows.values(), strict=True) if self._rows else [[] for _ in _CASE]
                typed = [pa.array(list(column), kind) for column, kind in zip(columns, _CASE.values(), strict=True)]
                self._seen, self._table = head, pa.table(typed, names=list(_CASE))
        return self._table


def page(
    con: duckdb.DuckDBPyConnection,
    cases: pa.Table,
    policy: Policy,
    person: Person,
    moment: datetime,
    filters: Mapping[str, Sequence[str]] | None = None,
    limit: int | None = None,
    offset: int = 0,
    right: str = "read",
    fewest: int = 0,
) -> pa.Table:
    """Rows of ``fct_exception`` with their cases for what this person may see, by priority; with ``right`` acknowledge,
    what they may work.

    ``filters`` as in FILTERS, each a list of values; without ``state`` the open ones. Beside the fact's columns:
    ``case_id``, ``state_code``, ``assignee``, ``version_no`` and the like; ``handling_minutes``, ``saving_per_minute``,
    ``hours_left`` (below zero: past due), ``tier_rank``, ``incident_id``. With ``fewest`` (1: all) an incident of so
    many cases is one row, at the earliest cause that is on the list: ``incident_cases`` and ``incident_amount`` (the
    money of an order once) are of what is on the list, and the saving per minute is that of handling this one case.
    Raises UsageError for a filter that does not exist.
    """
    where, parameters = _narrowed(filters or {}, access.condition(policy, person, right))
    text = _GROUPED if fewest else "select * from queue where {where} order by {order}"
    sql = text.format(where=where, order=ORDER, fewest=fewest)
    if limit is not None:
        sql += " limit ? offset ?"
        parameters += [limit, offset]
    return _run(con, cases, policy, sql, [moment, *parameters], _is_open_only(filters))


def summary(
    con: duckdb.DuckDBPyConnection,
    cases: pa.Table,
    policy: Policy,
    person: Person,
    moment: datetime,
    filters: Mapping[str, Sequence[str]] | None = None,
    right: str = "read",
) -> dict[str, Any]:
    """Of the whole list: ``cases``, ``severe`` (S1), ``value_at_risk``, ``past_due``, ``customers``, ``unassigned``."""
    where, parameters = _narrowed(filters or {}, access.condition(policy, person, right))
    sql = f"""
        select
            count(*) as cases,
            count(*) filter (where severity_code = 'S1') as severe,
            coalesce(sum(value_at_risk_amount), 0) as value_at_risk,
            count(*) filter (where hours_left < 0) as past_due,
            coalesce(sum(customers_affected), 0) as customers,
            count(*) filter (where assignee is null) as unassigned
        from queue
        where {where}"""
    return dict(_run(con, cases, policy, sql, [moment, *parameters], _is_open_only(filters)).to_pylist()[0])


def find(
    con: duckdb.DuckDBPyConnection, cases: pa.Table, policy: Policy, person: Person, moment: datetime, case_id: str
) -> dict[str, Any]:
    """One case by its id, or by the first characters of it where they are unique, whatever its state.

    Raises UsageError for an id that names none, several, or one that this person may not see.
    """
    allowed = access.condition(policy, person)
    sql = f"select * from queue where starts_with(case_id, ?) and {allowed.sql} order by case_id limit 2"
    found = _run(con, cases, policy, sql, [moment, case_id, *allowed.parameters]).to_pylist()
    if not found:
        raise UsageError(f"{case_id}: there is no such case, or it is not yours to see")
    if len(found) > 1 and found[0]["case_id"] != case_id:
        raise UsageError(f"{case_id}: more than one case begins so; give more of it")
    return dict(found[0])


def rows_of(
    con: duckdb.DuckDBPyConnection,
    cases: pa.Table,
    policy: Policy,
    moment: datetime,
    where: str,
    parameters: Sequence[Any],
) -> list[dict[str, Any]]:
    """Open cases by a condition of ours, whoever may see them; for rules."""
    sql = f"select * from queue where {where} order by case_id"
    return [dict(row) for row in _run(con, cases, policy, sql, [moment, *parameters], is_open_only=True).to_pylist()]


def _narrowed(filters: Mapping[str, Sequence[str]], allowed: access.Condition) -> tuple[str, list[Any]]:
    unknown = sorted(set(filters) - set(FILTERS))
    if unknown:
        raise UsageError(f"{unknown[0]!r}: a queue is narrowed by {', '.join(FILTERS)}")
    wanted = {"state": list(OPEN), **{name: list(values) for name, values in filters.items() if values}}
    strange = sorted(set(wanted["state"]) - set(STATES))
    if strange:
        raise UsageError(f"{strange[0]!r} is no state of a case; there are {', '.join(STATES)}")
    parts, parameters = [allowed.sql], list(allowed.parameters)
    for name, values in wanted.items():
        parts.append(f"{FILTERS[name]} in ({', '.join('?' for _ in values)})")
        parameters += values
    return " and ".join(parts), parameters


def _is_open_only(filters: Mapping[str, Sequence[str]] | None) -> bool:
    """Whether no case of a closed exception can be on the list: most exceptions are closed."""
    return set((filters or {}).get("state") or OPEN) <= set(OPEN)


def _run(
    con: duckdb.DuckDBPyConnection,
    cases: pa.Table,
    policy: Policy,
    sql: str,
    parameters: Sequence[Any],
    is_open_only: bool = False,
) -> pa.Table:
    """``sql`` over the CTE ``queue``; its first parameter is the moment."""
    cursor = con.cursor()
    cursor.register("case_state", cases)
    cursor.register("handling", _handling(policy))
    cursor.register("tier", pa.table({"tier": list(TIERS), "tier_rank": list(range(1, len(TIERS) + 1))}))
    described = cursor.execute("select * from fct_exception limit 0").description or []
    others = [name for name, *_ in described if name not in _OWN]
    columns = "".join(f'fact."{name}",\n        ' for name in others)
    where = "where fact.status_code = 'open'" if is_open_only else ""
    rows = " union all ".join(_ROWS.format(columns=columns, link=link, where=where) for link in _LINKS)
    whole = f"""
        with listed as ({rows}),
        queue as (
            select
                listed.*,
                coalesce(by_code.minutes, by_category.minutes) as handling_minutes,
                cast(listed.value_at_risk_amount as double)
                / coalesce(by_code.minutes, by_category.minutes) as saving_per_minute,
                epoch(listed.due_ts - cast(? as timestamp)) / 3600 as hours_left,
                coalesce(tier.tier_rank, {len(TIERS) + 1}) as tier_rank
            from listed
            left join handling as by_code on listed.code = by_code.code
            left join handling as by_category
                on by_category.code = '*' and listed.category_code = by_category.category
            left join tier on listed.customer_tier = tier.tier
        )
        {sql}"""
    return cursor.execute(whole, list(parameters)).to_arrow_table()


def _handling(policy: Policy) -> pa.Table:
    code, category, minutes = zip(*policy.handling, strict=True)
    return pa.table({"code": code, "category": category, "minutes": [float(item) for item in minutes]})
