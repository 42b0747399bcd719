"""What people do with cases: one function a kind of action, all through one transaction that also writes the log.

Belongs here: the states of a case and what each action needs and changes. A case begins with the first action on its
exception; the states are new, acknowledged, paused, resolved, dismissed (a false alarm) and merged. Not here: rights
(``access``), what needs a second person (``approvals``), when the tower itself acts (``rules``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from signalbox.cases import claims, log
from signalbox.cases.access import Refused, role_for
from signalbox.cases.calendar import BusinessClock
from signalbox.cases.policy import Person, Policy
from signalbox.cases.store import Store
from signalbox.cases.tables import case_file
from signalbox.errors import SignalboxError, UsageError

OPEN = ("new", "acknowledged", "paused")
SETTLED = ("resolved", "dismissed", "merged")
# What a case takes over from its exception.
FACTS = (
    "exception_id", "code", "business_key", "severity_code", "owner_role", "channel", "region", "location", "supplier",
    "value_at_risk_amount", "detected_ts", "due_ts",
)  # fmt: skip
_AT_ONCE = 500


class Conflict(SignalboxError):
    """Somebody else acted on the case since it was read; nothing was changed."""


@dataclass(frozen=True)
class Desk:
    """Where somebody works: the store, the policy, who they are, the tower's time, the snapshot they look at."""

    store: Store
    policy: Policy
    person: Person
    moment: datetime
    snapshot_id: str
    clock: BusinessClock = field(default_factory=lambda: BusinessClock([]))


@dataclass(frozen=True)
class Done:
    """``changed``: case -> its new version; ``refused``: case -> why not."""

    changed: dict[str, int] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


Row = Mapping[str, Any]
# (desk, case) -> what changes; raises UsageError where the case is not in a state for it.
Change = Callable[[Desk, Row], dict[str, Any]]


def acknowledge(desk: Desk, cases: Sequence[Row]) -> Done:
    """Somebody has seen it and works on it."""

    def change(desk: Desk, case: Row) -> dict[str, Any]:
        _expect(case, ("new",))
        return {
            "state_code": "acknowledged",
            "acknowledged_ts": case["acknowledged_ts"] or desk.moment,
            "assignee": case["assignee"] or desk.person.name,
        }

    return act(desk, cases, "acknowledge", change)


def assign(desk: Desk, cases: Sequence[Row], to: str) -> Done:
    """Give it to a person who may work on it. Raises UsageError for a person who is not in the policy."""
    if to not in desk.policy.people:
        raise UsageError(f"{to!r} is nobody in the policy's table of people")
    assignee = desk.policy.people[to]

    def change(desk: Desk, case: Row) -> dict[str, Any]:
        _expect(case, OPEN)
        if role_for(desk.policy, assignee, "acknowledge", case) is None:
            raise UsageError(f"{assignee.title} does not work cases of {case['owner_role']}")
        return {"assignee": to}

    return act(desk, cases, "assign", change, {"to": to})


def note(desk: Desk, cases: Sequence[Row], text: str) -> Done:
    """Leave words for others; changes nothing else."""
    return act(desk, cases, "note", lambda _desk, _case: {}, {"text": _text(text, "a note")}, is_open_only=False)


def pause(desk: Desk, cases: Sequence[Row], reason: str) -> Done:
    """Wait for somebody else: the service level's clock stands still."""

    def change(desk: Desk, case: Row) -> dict[str, Any]:
        _expect(case, ("new", "acknowledged"))
        return {"state_code": "paused", "paused_ts": desk.moment}

    return act(desk, cases, "pause", change, {"reason": _text(reason, "a reason")})


def resume(desk: Desk, cases: Sequence[Row]) -> Done:
    """Go on after a pause: it is due as much business time later as the pause took."""

    def change(desk: Desk, case: Row) -> dict[str, Any]:
        _expect(case, ("paused",))
        waited = desk.clock.seconds_between(case["owner_role"], case["paused_ts"], desk.moment)
        return {
            "state_code": "acknowledged" if case["acknowledged_ts"] else "new",
            "paused_ts": None,
            "due_ts": desk.clock.after(case["owner_role"], case["due_ts"], waited),
        }

    return act(desk, cases, "pause", change, name="resume")


def resolve(
    desk: Desk, cases: Sequence[Row], outcome: str, amount: Decimal | None = None, text: str | None = None
) -> Done:
    """End it with an outcome of the policy; ``amount`` is what it cost or saved, in reporting currency.

    Raises UsageError for an outcome that does not exist or lacks its amount; an outcome that needs approval is refused.
    """
    known = _outcome(desk.policy, outcome)
    if known.kind is not None and amount is None:
        raise UsageError(f"{outcome}: say how much; it is a {known.kind}")
    if known.kind is not None and desk.policy.approval_rule(known.kind, amount or Decimal(0)).votes:
        raise UsageError(f"{outcome} of {amount} needs approval: propose it")

    def change(desk: Desk, case: Row) -> dict[str, Any]:
        _expect(case, OPEN)
        return resolved(desk.moment, case, outcome, amount)

    return act(desk, cases, "resolve", change, {"outcome": outcome, "amount": amount, "text": text}, outcome=outcome)


def dismiss(desk: Desk, cases: Sequence[Row], reason: str) -> Done:
    """It was never wrong: a false alarm."""

    def change(desk: Desk, case: Row) -> dict[str, Any]:
        _expect(case, OPEN)
        return {
            "state_code": "dismissed",
            "resolved_ts": desk.moment,
            "paused_ts": None,
            "outcome_code": "NOT_AN_ISSUE",
        }

    return act(desk, cases, "dismiss", change, {"reason": _text(reason, "a reason")}, outcome="NOT_AN_ISSUE")


def reopen(desk: Desk, cases: Sequence[Row], reason: str) -> Done:
    """It was not settled after all."""

    def change(_desk: Desk, case: Row) -> dict[str, Any]:
        _expect(case, SETTLED)
        return {
            "state_code": "acknowledged" if case["acknowledged_ts"] else "new",
            "resolved_ts": None, "outcome_code": None, "realised_amount": None, "merged_into": None,
        }  # fmt: skip

    return act(desk, cases, "reopen", change, {"reason": _text(reason, "a reason")}, is_open_only=False)


def merge(desk: Desk, cases: Sequence[Row], into: Row) -> Done:
    """The same trouble as another case: that one goes on."""
    target = case_id_of(into)
    if target in {case_id_of(case) for case in cases}:
        raise UsageError("a case cannot be merged into itself")

    def change(desk: Desk, case: Row) -> dict[str, Any]:
        _expect(case, OPEN)
        return {"state_code": "merged", "resolved_ts": desk.moment, "paused_ts": None, "merged_into": target}

    def beside(con: sa.Connection, _case: Row) -> None:
        found = current(con, [into])[target]
        if role_for(desk.policy, desk.person, "merge", {**into, **found}) is None:
            raise UsageError(f"{into['business_key']}: it is not on your desk, so nothing can be merged into it")
        if found["state_code"] not in OPEN:
            raise UsageError(f"{into['business_key']}: it is {found['state_code']}; merge into one that is open")
        if not found["version_no"]:
            write(con, [touched(desk, found, log.next_row_no(con))])

    return act(desk, cases, "merge", change, {"into": target}, outcome="merged", beside=beside)


def split(desk: Desk, case: Row, parts: Sequence[str]) -> list[str]:
    """Make a case of its own for each part; the case itself goes on. Gives the parts' ids."""
    labels = [_text(part, "the name of a part") for part in parts]
    if len(labels) < 1 or len(set(labels)) < len(labels):
        raise UsageError("name the parts, each by its own name")
    made: list[str] = []

    def change(_desk: Desk, case: Row) -> dict[str, Any]:
        _expect(case, OPEN)
        return {}

    def beside(con: sa.Connection, case: Row) -> None:
        made.extend(_part_id(case["case_id"], label) for label in labels)
        if con.execute(sa.select(case_file.c.case_id).where(case_file.c.case_id.in_(made))).first():
            raise UsageError(f"{case['business_key']}: it has a part of that name already")
        shared = {**case, "split_from": case["case_id"], "value_at_risk_amount": None, "version_no": 0}
        parts = zip(made, labels, strict=True)
        named = [{"case_id": part, "business_key": f"{case['business_key']} / {label}"} for part, label in parts]
        row_no = log.next_row_no(con)
        write(con, [touched(desk, {**shared, **part}, row_no) for part in named])

    _only(act(desk, [case], "split", change, {"parts": labels}, beside=beside))
    return made


def act(
    desk: Desk,
    cases: Sequence[Row],
    action: str,
    change: Change,
    details: Mapping[str, Any] | None = None,
    *,
    name: str | None = None,
    outcome: str | None = None,
    is_open_only: bool = True,
    beside: Callable[[sa.Connection, Row], None] | None = None,
    after: Callable[[sa.Connection], None] | None = None,
    approval_id: str | None = None,
) -> Done:
    """Do ``action`` on cases in one transaction: rights, version, state, change, claim, log.

    ``cases`` are rows of the queue: the facts of the exception and, where the caller has seen one, ``version_no`` (0 or
    absent: no case yet). What cannot be done is told by case, and the rest is done; of a single case it is raised:
    Refused by the policy, Conflict when it changed meanwhile, UsageError when its state does not fit. ``beside`` runs
    for each case before it is written, ``after`` when all are.
    """
    done, entries, rows = Done(), [], []
    problems: list[SignalboxError] = []
    with desk.store.writing() as con:
        now, row_no = current(con, cases), log.next_row_no(con)
        for case in cases:
            before = now[case_id_of(case)]
            try:
                role = _permitted(desk, action, case, before, is_open_only)
                later = {**before, **change(desk, before)}
                if beside is not None:
                    beside(con, later)
            except Refused as refusal:
                entries.append(entry(desk, action, before, "refused", None, {"why": str(refusal)}, ""))
                problems.append(refusal)
                done.refused[before["case_id"]] = str(refusal)
                continue
            except SignalboxError as problem:
                problems.append(problem)
                done.refused[before["case_id"]] = str(problem)
                continue
            later = touched(desk, later, row_no)
            rows.append(later)
            done.changed[later["case_id"]] = later["version_no"]
            told = {**(details or {}), **_difference(before, later)}
            line = entry(desk, name or action, before, "allowed", outcome, told, role)
            entries.append(replace(line, approval_id=approval_id))
        write(con, rows)
        if rows and after is not None:
            after(con)
        log.append(con, desk.store.key, entries)
        claims.extend(con, desk.person.name, [(row["case_id"], row["owner_role"]) for row in rows], desk.moment)
    if len(cases) == 1 and problems:
        raise problems[0]
    return done


def case_id_of(case: Row) -> str:
    """A case has the id of its exception; a part that was split off has one of its own."""
    return str(case.get("case_id") or case["exception_id"])


def resolved(moment: datetime, case: Row, outcome: str, amount: Decimal | None) -> dict[str, Any]:
    """What resolving changes; an approval that was given does the same."""
    return {
        "state_code": "resolved", "resolved_ts": moment, "paused_ts": None, "outcome_code": outcome,
        "realised_amount": amount, "acknowledged_ts": case["acknowledged_ts"] or moment,
    }  # fmt: skip


def _permitted(desk: Desk, action: str, case: Row, before: Row, is_open_only: bool) -> str:
    # the owner is the case's own: a route or a hand-over may have changed it
    role = role_for(desk.policy, desk.person, action, {**case, **before})
    if role is None:
        raise Refused(f"{before['business_key']}: {desk.person.title} may not {action} cases of {before['owner_role']}")
    expected = case.get("version_no")
    if expected is not None and expected != before["version_no"]:
        raise Conflict(
            f"{before['business_key']}: {before['touched_by']} changed it at {before['touched_ts']:%Y-%m-%d %H:%M} "
            f"(it is {before['state_code']} now); look at it again"
        )
    if is_open_only and case.get("status_code") not in (None, "open"):
        raise UsageError(f"{before['business_key']}: it has closed by itself; only a note can be left")
    return role


def current(con: sa.Connection, cases: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """Case -> its row, or what a new one would be."""
    ids = [case_id_of(case) for case in cases]
    if len(set(ids)) < len(ids):
        raise UsageError("a case was named twice")
    found = {}
    for first in range(0, len(ids), _AT_ONCE):
        some = ids[first : first + _AT_ONCE]
        for row in con.execute(sa.select(case_file).where(case_file.c.case_id.in_(some))).mappings():
            found[row["case_id"]] = dict(row)
    return {case_id_of(case): found.get(case_id_of(case)) or opened(case) for case in cases}


def opened(case: Row) -> dict[str, Any]:
    """The row of a case on which nobody has acted yet."""
    empty = {column.name: None for column in case_file.columns}
    facts = {name: case.get(name) for name in FACTS}
    return {**empty, **facts, "case_id": case_id_of(case), "state_code": "new", "escalation_level": 0, "version_no": 0}


def touched(desk: Desk, row: Row, row_no: int) -> dict[str, Any]:
    """The next version of a case, by an action that the log tells from its row ``row_no`` on."""
    stamp = {"touched_by": desk.person.name, "touched_ts": desk.moment, "log_row_no": row_no}
    return {**row, **stamp, "version_no": row["version_no"] + 1}


def write(con: sa.Connection, rows: Sequence[Row]) -> None:
    """Keep versions of cases: the first of a case is a new row."""
    fresh = [dict(row) for row in rows if row["version_no"] == 1]
    if fresh:
        con.execute(sa.insert(case_file), fresh)
    later = [{f"new_{name}": value for name, value in row.items()} for row in rows if row["version_no"] > 1]
    if later:
        values: dict[str, Any] = {column.name: sa.bindparam(f"new_{column.name}") for column in case_file.columns}
        con.execute(
            sa.update(case_file).where(case_file.c.case_id == sa.bindparam("new_case_id")).values(values), later
        )


def entry(
    desk: Desk,
    action: str,
    case: Row,
    result: str,
    outcome: str | None,
    details: Mapping[str, Any],
    role: str,
    actor_type: str = "person",
) -> log.Entry:
    """What the log tells of an action on a case, with what was seen of it."""
    seen = {name: case[name] for name in FACTS if case[name] is not None}
    return log.Entry(
        moment_ts=desk.moment,
        actor=desk.person.name,
        actor_type=actor_type,
        role=role or "|".join(desk.person.roles),
        action=action,
        object_type="case",
        object_id=case["case_id"],
        rule_version=desk.policy.version,
        policy_result=result,
        case_id=case["case_id"],
        snapshot_id=desk.snapshot_id,
        inputs_digest=log.digest_of(seen.items()),
        outcome=outcome,
        details={name: value for name, value in details.items() if value is not None} | {"seen": seen},
    )


def _difference(before: Row, after: Row) -> dict[str, Any]:
    stamps = ("touched_by", "touched_ts", "version_no", "log_row_no")
    changed = [name for name in after if name not in stamps and after[name] != before[name]]
    if not changed:
        return {}
    return {"before": {name: before[name] for name in changed}, "after": {name: after[name] for name in changed}}


def _expect(case: Row, states: Sequence[str]) -> None:
    if case["state_code"] not in states:
        raise UsageError(f"{case['business_key']}: it is {case['state_code']}, not {' or '.join(states)}")


def _text(text: str, what: str) -> str:
    if not text.strip():
        raise UsageError(f"give {what}")
    return text.strip()


def _outcome(policy: Policy, outcome: str) -> Any:
    if outcome not in policy.outcomes:
        raise UsageError(f"{outcome!r} is no outcome; there are {', '.join(policy.outcomes)}")
    return policy.outcomes[outcome]


def _only(done: Done) -> None:
    if done.refused:
        raise UsageError(next(iter(done.refused.values())))


def _part_id(case_id: str, label: str) -> str:
    return hashlib.md5(f"{case_id}|{label}".encode(), usedforsecurity=False).hexdigest()
