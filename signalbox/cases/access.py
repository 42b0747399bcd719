"""Who may do what: denied unless the policy's table says otherwise.

Belongs here: one answer for a person, an action and a case, and the same rule as a condition in SQL for reading. Not
here: the table (``policy``), or what an action does (``work``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from signalbox.cases.policy import ACTIONS, LIMITS, Person, Policy
from signalbox.errors import SignalboxError


class Refused(SignalboxError):
    """The policy does not allow it; nothing was changed but the log, which tells that it was tried."""


@dataclass(frozen=True)
class Condition:
    """SQL over the columns of ``fct_exception`` or ``case_file``, with the values of its question marks."""

    sql: str
    parameters: tuple[Any, ...]


def role_for(policy: Policy, person: Person, action: str, case: Mapping[str, Any] | None = None) -> str | None:
    """The role in which the person may do this, the first of theirs that allows it; None: denied.

    ``case`` has ``owner_role`` and the dimensions that people can be limited to. An action on a case needs one; without
    it the answer is whether the action is open to them at all.
    """
    if action not in ACTIONS or (case is not None and not _is_within(person, case)):
        return None
    for role in person.roles:
        scope = policy.access.get((role, action))
        on_desk = scope == "desk" and (case is None or case["owner_role"] in policy.desks.get(role, ()))
        if scope == "all" or on_desk:
            return role
    return None


def condition(policy: Policy, person: Person, action: str = "read") -> Condition:
    """The cases on which the person may do this, for a where clause."""
    scopes = {policy.access.get((role, action)) for role in person.roles}
    owners: set[str] = set()
    for role in person.roles:
        if policy.access.get((role, action)) == "desk":
            owners |= policy.desks.get(role, frozenset())
    parts, parameters = [], []
    if "all" not in scopes:
        parts.append(f"owner_role in ({_marks(owners)})" if owners else "false")
        parameters += sorted(owners)
    for name, allowed in sorted(person.limits.items()):
        parts.append(f"{name} in ({_marks(allowed)})")
        parameters += sorted(allowed)
    return Condition(" and ".join(parts) or "true", tuple(parameters))


def _is_within(person: Person, case: Mapping[str, Any]) -> bool:
    """A case that does not say where it belongs is out of reach of people who are limited there."""
    return all(case.get(name) in person.limits[name] for name in LIMITS if name in person.limits)


def _marks(values: Iterable[str]) -> str:
    return ", ".join("?" for _ in values)
