"""What the log says: the decisions on a case, and the rights of people beside their use.

Belongs here: reading the log. Not here: proving it (``log``).
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from signalbox.cases.policy import ACTIONS, Policy
from signalbox.cases.tables import audit_log

_COLUMNS = [column for column in audit_log.columns if column.name not in ("previous_hash",)]
# What an action is called in the log -> the right that it needs.
_RIGHTS = {"resume": "pause", "withdraw": "propose"}


def decisions(con: sa.Connection, object_id: str, known_at: datetime | None = None) -> list[dict[str, Any]]:
    """Rows of a case or a proposal (its id, or the first characters), oldest first, none later than ``known_at``."""
    prefix = object_id.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    of_it = sa.or_(
        audit_log.c.case_id.like(prefix, escape="\\"),
        audit_log.c.approval_id.like(prefix, escape="\\"),
    )
    found = sa.select(*_COLUMNS).where(of_it).order_by(audit_log.c.row_no)
    if known_at is not None:
        found = found.where(audit_log.c.moment_ts <= known_at)
    return [{**row, "details": json.loads(row["details"])} for row in con.execute(found).mappings()]


def latest(con: sa.Connection, limit: int) -> list[dict[str, Any]]:
    """The last rows of the log, the latest first."""
    found = sa.select(*_COLUMNS).order_by(audit_log.c.row_no.desc()).limit(limit)
    return [dict(row) for row in con.execute(found).mappings()]


def rights(con: sa.Connection, policy: Policy) -> list[dict[str, Any]]:
    """One row a person and right: role, scope, limits, how often it was used, how often refused, and when last."""
    counted: Counter[tuple[str, str, str]] = Counter()
    last: dict[tuple[str, str], datetime] = {}
    grouped = sa.select(
        audit_log.c.actor,
        audit_log.c.action,
        audit_log.c.policy_result,
        sa.func.count(),
        sa.func.max(audit_log.c.moment_ts),
    ).group_by(audit_log.c.actor, audit_log.c.action, audit_log.c.policy_result)
    for actor, action, result, count, latest in con.execute(grouped):
        right = _RIGHTS.get(action, action)
        counted[actor, right, result] += count
        last[actor, right] = max(latest, last.get((actor, right), latest))
    found = []
    for person in policy.people.values():
        limits = "; ".join(f"{name} {', '.join(sorted(values))}" for name, values in sorted(person.limits.items()))
        for action in ACTIONS:
            granted = [(role, policy.access[role, action]) for role in person.roles if (role, action) in policy.access]
            refused = counted[person.name, action, "refused"]
            if not granted and not refused:
                continue
            role, scope = granted[0] if granted else ("", "denied")
            found.append(
                {
                    "person": person.name, "role": role, "action": action, "scope": scope, "limits": limits,
                    "used": counted[person.name, action, "allowed"], "refused": refused,
                    "last_ts": last.get((person.name, action)),
                }
            )  # fmt: skip
    return found
