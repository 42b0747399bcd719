"""A small casework: a store on a file, the shipped policy, and cases of every owner.

Belongs here: what tests of ``signalbox.cases`` share. Not here: assertions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from signalbox.cases.policy import SHIPPED, Person, Policy
from signalbox.cases.store import Store
from signalbox.cases.tables import audit_log, case_file
from signalbox.cases.work import Desk

KEY = b"key of the tests"
START = datetime(2026, 3, 2, 9, 0)

# The table of incidents, as it is where no exception shares a cause.
NO_INCIDENTS = (
    "create table mart_incident_exception"
    " (exception_id varchar, incident_id varchar, parent_id varchar, rule varchar, because varchar, depth bigint)"
)


def case(number: int = 1, **facts: Any) -> dict[str, Any]:
    """An exception as the queue gives it."""
    known = {
        "exception_id": f"{number:032x}",
        "code": "E12",
        "business_key": f"order {number}",
        "severity_code": "S2",
        "status_code": "open",
        "owner_role": "order_operations",
        "channel": "WEB",
        "region": "NORTH",
        "location": "S001",
        "supplier": None,
        "value_at_risk_amount": Decimal("120.50"),
        "detected_ts": START - timedelta(hours=2),
        "due_ts": START + timedelta(hours=2),
    }
    return known | facts


@dataclass
class World:
    """``at`` is the tower's time; ``desk`` sits a person of the policy down."""

    store: Store
    policy: Policy = field(default_factory=lambda: Policy([SHIPPED], date(2026, 3, 2)))
    at: datetime = START

    def desk(self, person: str | Person) -> Desk:
        who = self.policy.people[person] if isinstance(person, str) else person
        return Desk(self.store, self.policy, who, self.at, "snapshot")

    def later(self, **delta: float) -> None:
        self.at += timedelta(**delta)

    def row(self, number: int = 1) -> Mapping[str, Any]:
        with self.store.reading() as con:
            found = con.execute(sa.select(case_file).where(case_file.c.case_id == f"{number:032x}"))
            return dict(found.mappings().one())

    def told(self) -> list[Mapping[str, Any]]:
        with self.store.reading() as con:
            return [dict(row) for row in con.execute(sa.select(audit_log).order_by(audit_log.c.row_no)).mappings()]


def world(folder: Path) -> World:
    store = Store(f"sqlite:///{folder / 'cases.sqlite'}", KEY)
    store.migrate()
    return World(store)
