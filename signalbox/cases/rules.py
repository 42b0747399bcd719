"""What the tower does by itself with cases: routes new ones, and raises those that nobody takes or nobody settles.

Belongs here: applying the policy's routes and escalations to all open cases at once, each told in the log as the rule's
own action. Run after a publication. Not here: the rules (``policy``), or when an exception closes (the controls).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from signalbox.cases import alerts, claims, log, work
from signalbox.cases.office import Office, open_office
from signalbox.cases.policy import Escalation, Person, Policy, Route
from signalbox.cases.queue import rows_of
from signalbox.cases.store import in_use
from signalbox.cases.work import Desk
from signalbox.settings import Settings

ROUTER = Person("routing rule", "The routing rule", (), {})
RAISER = Person("escalation rule", "The escalation rule", (), {})


@dataclass(frozen=True)
class Applied:
    """How many cases the rules moved."""

    routed: int
    escalated: int


def apply(office: Office) -> Applied:
    """Route what is new and raise what is overdue. Running it again does nothing more."""
    policy, moment = office.policy, office.moment
    with office.store.writing() as con:
        claims.close_quiet(con, moment)
    _open_again(office, policy, moment)
    routed = _route(office, policy, moment)
    return Applied(routed, sum(_escalate(office, policy, step, moment) for step in policy.escalations))


def apply_to_published(settings: Settings) -> Applied:
    """``apply`` after a publication: nothing where nobody has opened a case yet."""
    if not in_use(settings):
        return Applied(0, 0)
    with open_office(settings) as office:
        applied = apply(office)
        if settings.alert_channels:
            alerts.run(office)
        return applied


def _open_again(office: Office, policy: Policy, moment: datetime) -> None:
    """Cases that were resolved in vain: the published exception knows of the resolution and is open all the same."""
    desk = Desk(office.store, policy, RAISER, moment, office.snapshot.snapshot_id)
    where = "state_code = 'resolved' and settled_ts >= resolved_ts"
    found = rows_of(office.snapshot.con, office.overlay.table(), policy, moment, where, [])
    change = {"state_code": "new", "acknowledged_ts": None, "resolved_ts": None, "outcome_code": None}
    _apply(desk, found, "escalate", change, {"why": "it still held one service level after it was resolved"})


def _route(office: Office, policy: Policy, moment: datetime) -> int:
    """Cases on which nobody acted yet go to the owner, or the person, of the first route that fits."""
    desk = Desk(office.store, policy, ROUTER, moment, office.snapshot.snapshot_id)
    moved: set[str] = set()
    for route in policy.routes:
        where, parameters = _fits(route)
        cases = office.overlay.table()
        found = rows_of(office.snapshot.con, cases, policy, moment, f"version_no = 0 and {where}", parameters)
        fresh = [row for row in found if row["case_id"] not in moved]
        moved |= {row["case_id"] for row in fresh}
        change = {"owner_role": route.to_owner_role or None, "assignee": route.assignee or None}
        _apply(desk, fresh, "route", {name: value for name, value in change.items() if value}, {"rule": route.rule})
    return len(moved)


def _fits(route: Route) -> tuple[str, list[Any]]:
    parts: list[str] = ["state_code in ('new', 'acknowledged', 'paused')"]
    parameters: list[Any] = []
    for column, wanted in (
        ("code", sorted(route.codes)), ("customer_tier", sorted(route.customer_tiers)),
        ("owner_role", [route.owner_role] if route.owner_role else []),
        ("channel", [route.channel] if route.channel else []),
        ("location", [route.location] if route.location else []),
    ):  # fmt: skip
        if wanted:
            parts.append(f"{column} in ({', '.join('?' for _ in wanted)})")
            parameters += wanted
    if route.min_severity:
        parts.append("severity_code <= ?")
        parameters.append(route.min_severity)
    if route.min_value is not None:
        parts.append("value_at_risk_amount >= ?")
        parameters.append(route.min_value)
    return " and ".join(parts), parameters


def _escalate(office: Office, policy: Policy, step: Escalation, moment: datetime) -> int:
    """Cases of which so much of the service level has passed, once a level; the clock of a paused one stands still."""
    desk = Desk(office.store, policy, RAISER, moment, office.snapshot.snapshot_id)
    waits = "state_code = 'new'" if step.when == "unacknowledged" else "state_code in ('new', 'acknowledged')"
    where = f"{waits} and coalesce(escalation_level, 0) < ? and due_ts is not null"
    found = rows_of(office.snapshot.con, office.overlay.table(), policy, moment, where, [step.level])
    late = [row for row in found if _passed(office, row, float(step.share), moment)]
    _apply(desk, late, "escalate", {"escalation_level": step.level}, {"to": step.to_role, "why": step.text})
    return len(late)


def _passed(office: Office, row: Mapping[str, Any], share: float, moment: datetime) -> bool:
    if share >= 1:
        return bool(row["due_ts"] <= moment)
    whole = office.clock.seconds_between(row["first_owner_role"], row["detected_ts"], row["due_ts"])
    left = office.clock.seconds_between(row["first_owner_role"], moment, row["due_ts"])
    return whole - left >= share * whole


def _apply(
    desk: Desk, rows: Sequence[Mapping[str, Any]], action: str, change: dict[str, Any], told: dict[str, Any]
) -> None:
    """One transaction; a case on which somebody acted since the queue was read stays as it is."""
    if not rows or not change:
        return
    told = {**told, "after": change}
    with desk.store.writing() as con:
        row_no, now = log.next_row_no(con), work.current(con, rows)
        same = [now[row["case_id"]] for row in rows if now[row["case_id"]]["version_no"] == row["version_no"]]
        after = [work.touched(desk, {**case, **change}, row_no) for case in same]
        entries = [work.entry(desk, action, case, "allowed", None, told, "policy", "rule") for case in same]
        work.write(con, after)
        log.append(con, desk.store.key, entries)
