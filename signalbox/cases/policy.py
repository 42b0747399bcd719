"""The policy of casework: who may do what on which cases, what needs approval, where cases go and when they rise.

Belongs here: reading the tables, the retailer's own in ``home/policy`` in place of the shipped ones of the same name,
and checking them against each other. They apply to people as they act, not to data as it is built, and so are read at
once and not through a build. Not here: applying them (``access``, ``approvals``, ``rules``).
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path

from signalbox.errors import UsageError
from signalbox.moments import parse_day
from signalbox.settings import Settings

SHIPPED = Path(__file__).parent / "policy"
ROLES = (
    "executive", "planner", "store_manager", "warehouse_lead", "order_operations", "returns", "pricing", "procurement",
    "finance_controller", "customer_service", "integration_lead", "data_steward", "auditor", "administrator",
)  # fmt: skip
# On one's own desk: cases whose owner works there. Everything: not bound to a case.
READING = ("read", "export")
WORKING = ("acknowledge", "assign", "note", "pause", "resolve", "dismiss", "reopen", "split", "merge", "propose")
DECIDING = ("approve",)
OVERSEEING = ("read_log", "review_access", "manage_alerts")
ACTIONS = READING + WORKING + DECIDING + OVERSEEING
SCOPES = ("all", "desk")
LIMITS = ("channel", "region", "location", "supplier")
_NAMES = ("access", "alert", "approval", "conflict", "desk", "escalation", "handling", "outcome", "people", "routing")
_END = date(9999, 12, 31)


@dataclass(frozen=True)
class Person:
    """Somebody who signs in. ``limits``: dimension -> the only values they may see; a dimension left out is free."""

    name: str
    title: str
    roles: tuple[str, ...]
    limits: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Conflict:
    """Two roles that one person may not hold, or two actions that one person may not do on one case."""

    kind: str
    first: str
    second: str
    reason: str


@dataclass(frozen=True)
class ApprovalRule:
    """From ``from_amount`` on, an action of ``kind`` needs so many votes of people in ``approver_roles``."""

    kind: str
    from_amount: Decimal
    votes: int
    approver_roles: tuple[str, ...]
    sla_hours: int


@dataclass(frozen=True)
class Outcome:
    """How a case can be resolved; ``kind`` names the approval that it needs, if any."""

    outcome: str
    kind: str | None
    is_saving: bool
    text: str


@dataclass(frozen=True)
class Route:
    """Cases that meet all that is named go to another owner, or to a person; what is empty does not narrow."""

    rule: str
    priority: int
    codes: frozenset[str]
    owner_role: str
    channel: str
    location: str
    customer_tiers: frozenset[str]
    min_severity: str
    min_value: Decimal | None
    to_owner_role: str
    assignee: str


@dataclass(frozen=True)
class Escalation:
    """After so much of the service level a case that is still unacknowledged, or unresolved, rises to ``to_role``."""

    level: int
    when: str
    share: Decimal
    to_role: str
    text: str


@dataclass(frozen=True)
class AlertRule:
    """A service is told of open cases that meet all that is named, through a channel of the settings."""

    rule: str
    service: str
    channel: str
    codes: frozenset[str]
    owner_role: str
    min_severity: str
    min_value: Decimal | None
    digest_minutes: int
    repeat_minutes: int
    quiet_from: time | None
    quiet_to: time | None


class Policy:
    """The tables in force on a day."""

    def __init__(self, folders: Iterable[Path], day: date) -> None:
        self.day = day
        self._paths = {name: _path(folders, name) for name in _NAMES}
        self._rows = {name: _read(path, day) for name, path in self._paths.items()}
        self._check()

    @cached_property
    def version(self) -> str:
        """Names the rules that were applied: a digest of all tables."""
        whole = hashlib.sha256()
        for name in _NAMES:
            whole.update(self._paths[name].read_bytes())
        return f"policy {whole.hexdigest()[:12]}"

    @cached_property
    def access(self) -> dict[tuple[str, str], str]:
        """(role, action) -> scope; what is not there is denied."""
        return {(row["role"], row["action"]): row["scope"] for row in self._rows["access"]}

    @cached_property
    def desks(self) -> dict[str, frozenset[str]]:
        """Role -> the owners of exceptions whose cases are on its desk."""
        found: dict[str, set[str]] = {}
        for row in self._rows["desk"]:
            found.setdefault(row["role"], set()).add(row["owner_role"])
        return {role: frozenset(owners) for role, owners in found.items()}

    @cached_property
    def people(self) -> dict[str, Person]:
        return {row["person"]: _person(row) for row in self._rows["people"]}

    @cached_property
    def conflicts(self) -> list[Conflict]:
        return [Conflict(row["kind"], row["first"], row["second"], row["reason"]) for row in self._rows["conflict"]]

    @cached_property
    def approvals(self) -> list[ApprovalRule]:
        """By kind, the highest amount first."""
        rules = [
            ApprovalRule(
                row["kind"],
                _amount(self._paths["approval"], row, "from_amount") or Decimal(0),
                int(row["votes"]),
                _words(row["approver_roles"]),
                int(row["sla_hours"]),
            )
            for row in self._rows["approval"]
        ]
        return sorted(rules, key=lambda rule: (rule.kind, -rule.from_amount))

    @cached_property
    def outcomes(self) -> dict[str, Outcome]:
        return {
            row["outcome"]: Outcome(row["outcome"], row["kind"] or None, row["is_saving"] == "true", row["text"])
            for row in self._rows["outcome"]
        }

    @cached_property
    def routes(self) -> list[Route]:
        """In the order in which they are tried."""
        path = self._paths["routing"]
        routes = [
            Route(
                row["rule"], int(row["priority"]), frozenset(_words(row["codes"])), row["owner_role"], row["channel"],
                row["location"], frozenset(_words(row["customer_tier"])), row["min_severity"],
                _amount(path, row, "min_value"), row["to_owner_role"], row["assignee"],
            )
            for row in self._rows["routing"]
        ]  # fmt: skip
        return sorted(routes, key=lambda route: (route.priority, route.rule))

    @cached_property
    def alerts(self) -> list[AlertRule]:
        path = self._paths["alert"]
        return [
            AlertRule(
                row["rule"], row["service"], row["channel"], frozenset(_words(row["codes"])), row["owner_role"],
                row["min_severity"], _amount(path, row, "min_value"), int(row["digest_minutes"]),
                int(row["repeat_minutes"]), _clock(path, row, "quiet_from"), _clock(path, row, "quiet_to"),
            )
            for row in self._rows["alert"]
        ]  # fmt: skip

    @cached_property
    def escalations(self) -> list[Escalation]:
        path = self._paths["escalation"]
        found = [
            Escalation(
                int(row["level"]), row["when"], _amount(path, row, "share_of_service_level") or Decimal(1),
                row["to_role"], row["text"],
            )
            for row in self._rows["escalation"]
        ]  # fmt: skip
        return sorted(found, key=lambda step: step.level)

    @cached_property
    def handling(self) -> list[tuple[str, str, Decimal]]:
        """Code or ``*``, category, minutes that a case takes: the row of the code before that of its category."""
        path = self._paths["handling"]
        rows = self._rows["handling"]
        return [(row["code"], row["category"], _amount(path, row, "minutes") or Decimal(1)) for row in rows]

    def approval_rule(self, kind: str, amount: Decimal) -> ApprovalRule:
        """The rule for an action of this kind and size. Raises UsageError for a kind without rule."""
        for rule in self.approvals:
            if rule.kind == kind and amount >= rule.from_amount:
                return rule
        kinds = ", ".join(sorted({rule.kind for rule in self.approvals}))
        raise UsageError(f"{kind!r} of {amount}: no rule says who approves it; there are rules for {kinds}")

    def _check(self) -> None:
        for name, column, allowed in (
            ("access", "role", ROLES), ("access", "action", ACTIONS), ("access", "scope", SCOPES),
            ("desk", "role", ROLES), ("escalation", "to_role", ROLES),
            ("escalation", "when", ("unacknowledged", "unresolved")), ("conflict", "kind", ("role", "action")),
        ):  # fmt: skip
            for row in self._rows[name]:
                self._expect(name, column, row[column], allowed)
        for name, column in (("people", "roles"), ("approval", "approver_roles")):
            for row in self._rows[name]:
                for word in _words(row[column]):
                    self._expect(name, column, word, ROLES)
        for person in self.people.values():
            for conflict in self.held_conflicts(person.roles):
                raise UsageError(
                    f"{self._paths['people']}: {person.name} holds {conflict.first} and {conflict.second}: "
                    f"{conflict.reason}; take one away"
                )
        kinds = {rule.kind for rule in self.approvals}
        for row in self._rows["outcome"]:
            if row["kind"]:
                self._expect("outcome", "kind", row["kind"], sorted(kinds))

    def held_conflicts(self, roles: Iterable[str]) -> list[Conflict]:
        """The conflicts between roles that one person holds."""
        held = set(roles)
        return [row for row in self.conflicts if row.kind == "role" and {row.first, row.second} <= held]

    def _expect(self, name: str, column: str, value: str, allowed: Iterable[str]) -> None:
        if value not in allowed:
            raise UsageError(f"{self._paths[name]}: {column}: {value!r} is none of {', '.join(allowed)}")


def load_policy(settings: Settings, moment: datetime) -> Policy:
    """The home's policy on the day of ``moment``."""
    return Policy([settings.policy_dir, SHIPPED], moment.date())


def _path(folders: Iterable[Path], name: str) -> Path:
    return next(path for folder in folders if (path := folder / f"{name}.csv").exists())


def _read(path: Path, day: date) -> list[dict[str, str]]:
    """Rows in force on the day, of a table with the columns of the shipped one."""
    with (SHIPPED / path.name).open(encoding="utf-8", newline="") as handle:
        wanted = next(csv.reader(handle))
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        if reader.fieldnames is None or list(reader.fieldnames) != wanted:
            raise UsageError(f"{path}: its columns must be {','.join(wanted)}")
        rows = list(reader)
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise UsageError(f"{path}: line {number}: it has not {len(wanted)} values")
    return [row for row in rows if _is_in_force(path, row, day)]


def _is_in_force(path: Path, row: dict[str, str], day: date) -> bool:
    if "valid_from" not in row:
        return True
    first = parse_day(row["valid_from"], f"{path}: valid_from")
    last = parse_day(row["valid_to"], f"{path}: valid_to") if row["valid_to"] else _END
    return first <= day <= last


def _person(row: dict[str, str]) -> Person:
    limits = {name: frozenset(_words(row[f"{name}s"])) for name in LIMITS if row[f"{name}s"]}
    return Person(row["person"], row["name"], _words(row["roles"]), limits)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split("|") if word.strip())


def _clock(path: Path, row: dict[str, str], column: str) -> time | None:
    try:
        return time.fromisoformat(row[column]) if row[column] else None
    except ValueError as error:
        raise UsageError(f"{path}: {column}: {row[column]!r} is not a clock time such as 07:00") from error


def _amount(path: Path, row: dict[str, str], column: str) -> Decimal | None:
    try:
        return Decimal(row[column]) if row[column] else None
    except InvalidOperation as error:
        raise UsageError(f"{path}: {column}: {row[column]!r} is not a number") from error
