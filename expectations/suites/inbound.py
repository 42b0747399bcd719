"""Suites of the contracts: one an entity, of what was delivered.

Belongs here: a contract turned into checks by batch: volume, freshness, validity of what was accepted. Not here: the
rules of a row; they stand in the contract and ``signalbox.contracts`` makes SQL of them. Nor keys: a delivery may
repeat a key (a later version), and the views of staging keep one row of each by the way they are written.
"""

from __future__ import annotations

from expectations.model import Check, Relaxed, Suite, no_rows
from signalbox.contracts import Entity
from signalbox.contracts.predicates import accepted_row_problems

LATE_IS_A_CONTROL = Relaxed(
    reason="a late or thin delivery is a business condition with an owner (E65h); the rows that are there stay right",
    since="2026-11-20",
    tightens="a feed without which no figure may be published at all",
)


def inbound_suite(entity: Entity) -> Suite:
    """What was delivered of an entity: every accepted row as the contract says, enough rows a delivery, in time."""
    return Suite(
        name=f"inbound_{entity.entity}",
        kind="inbound",
        stage="raw",
        target=entity.entity,
        relation=f"raw.{entity.entity}",
        checks=(_valid_rows(entity), *_volume(entity), _fresh(entity)),
        delivered_by=entity.entity,
    )


def _valid_rows(entity: Entity) -> Check:
    """One scan counts the rows that break each (column, rule); the query returns those that some row breaks."""
    problems = accepted_row_problems(entity)
    counts = ",\n    ".join(
        f'count_if({condition}) as "{column}: {rule}"' for (column, rule), condition in problems.items()
    )
    bad_row = " or ".join(f"({condition})" for condition in problems.values())
    sql = f"""
select problem, affected_rows, rows_total from (
  unpivot (select
    {_literal(counts)},
    count_if({_literal(bad_row)}) as rows_total
  from {{batch}}) on columns(* exclude rows_total) into name problem value affected_rows
) where affected_rows > 0"""
    return no_rows("every accepted row meets its contract", sql)


def _volume(entity: Entity) -> tuple[Check, ...]:
    """Rows of each delivery (all files of one business date), only where the contract asks for any."""
    if entity.min_rows < 1:
        return ()
    sql = f"""
select business_date, sum(rows_accepted) as accepted
from raw.landing_file
where entity = '{entity.entity}' and status_code = 'landed'
group by business_date
having sum(rows_accepted) < {entity.min_rows}"""
    text = f"every delivery holds at least {entity.min_rows} row{'s' if entity.min_rows > 1 else ''}"
    return (no_rows(text, sql, relaxed=LATE_IS_A_CONTROL),)


def _fresh(entity: Entity) -> Check:
    """The delivery after the newest one is not overdue at ``as_of``; unscheduled deliveries are never overdue."""
    hours, minutes = (int(part) for part in entity.due_time.split(":"))
    due = f"to_days({entity.frequency_days + 1}) + to_hours({hours}) + to_minutes({minutes})"
    sql = f"""
select newest_date, deadline_ts
from (
  select
    max(business_date) as newest_date,
    timezone('UTC', timezone(any_value(reporting_time_zone), max(business_date) + {due}))
      + to_minutes({entity.grace_minutes}) as deadline_ts,
    any_value(as_of) as as_of
  from raw.landing_file, raw.build_context
  where entity = '{entity.entity}' and status_code = 'landed' and is_scheduled
)
where deadline_ts < as_of"""
    return no_rows("the next delivery is not overdue", sql, relaxed=LATE_IS_A_CONTROL)


def _literal(sql: str) -> str:
    """Braces that are no parameter."""
    return sql.replace("{", "{{").replace("}", "}}")
