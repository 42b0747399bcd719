"""Approvals: what one person proposes, others decide, by the policy's limits.

Belongs here: proposals and votes, and that nobody decides on what they had a part in. An approved proposal settles its
case with the proposed outcome; the tower itself posts nothing anywhere. Not here: what needs approval (``policy``).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from signalbox.cases import log, work
from signalbox.cases.access import Refused, role_for
from signalbox.cases.tables import approval, audit_log, case_file, vote
from signalbox.cases.work import Desk, Row
from signalbox.errors import SignalboxError, UsageError

STATES = ("pending", "approved", "refused", "withdrawn")
# An action in the log is told by the name on the left; the conflict matrix speaks of that on the right.
_SAME_ACT = {"resume": "pause"}


def propose(desk: Desk, case: Row, outcome: str, amount: Decimal, reason: str) -> str:
    """Ask for approval to settle a case so; gives the approval's id. Raises UsageError where none is needed."""
    known = desk.policy.outcomes.get(outcome)
    if known is None or known.kind is None:
        raise UsageError(f"{outcome}: nothing to approve; resolve the case with it")
    if amount < 0:
        raise UsageError(f"{amount}: an amount is not below zero")
    rule = desk.policy.approval_rule(known.kind, amount)
    if not rule.votes:
        raise UsageError(f"{outcome} of {amount} needs no approval; resolve the case with it")
    if not reason.strip():
        raise UsageError("give a reason: whoever decides reads it")
    approval_id = uuid.uuid4().hex

    def change(_desk: Desk, case: Row) -> dict[str, Any]:
        if case["state_code"] not in work.OPEN:
            raise UsageError(f"{case['business_key']}: it is {case['state_code']}; nothing to propose")
        return {}

    pending: list[dict[str, Any]] = []

    def beside(con: sa.Connection, case: Row) -> None:
        running = sa.select(approval.c.approval_id).where(
            approval.c.case_id == case["case_id"], approval.c.state_code == "pending"
        )
        if con.execute(running).first():
            raise UsageError(f"{case['business_key']}: a proposal is waiting already; decide or withdraw it first")
        pending.append(
            {
                "approval_id": approval_id, "case_id": case["case_id"], "kind_code": rule.kind, "amount": amount,
                "reason": reason.strip(), "outcome_code": outcome, "proposed_by": desk.person.name,
                "proposed_role": role_for(desk.policy, desk.person, "propose", case), "proposed_ts": desk.moment,
                "due_ts": desk.moment + timedelta(hours=rule.sla_hours), "votes_needed": rule.votes,
                "approver_roles": "|".join(rule.approver_roles), "state_code": "pending", "decided_ts": None,
            }
        )  # fmt: skip

    def after(con: sa.Connection) -> None:
        con.execute(sa.insert(approval), pending)

    told = {"outcome": outcome, "amount": amount, "reason": reason.strip(), "kind": rule.kind}
    work.act(desk, [case], "propose", change, told, beside=beside, after=after, approval_id=approval_id)
    return approval_id


def decide(desk: Desk, approval_id: str, is_in_favour: bool, reason: str = "") -> str:
    """Vote on a proposal; gives its state afterwards. One vote against refuses it.

    Raises Refused for somebody who may not decide on it: without the right, or with a part in the case that the
    conflict matrix separates from approving. The attempt stays in the log.
    """
    if not is_in_favour and not reason.strip():
        raise UsageError("say why it is refused: whoever proposed it reads it")
    problem: SignalboxError | None = None
    with desk.store.writing() as con:
        found, case = _pending(con, approval_id)
        try:
            role = _may_decide(con, desk, found, case)
        except Refused as refusal:
            entry = _entry(desk, "approve", found, "|".join(desk.person.roles), "refused", None, {"why": str(refusal)})
            log.append(con, desk.store.key, [entry])
            problem = refusal
        else:
            state = _vote(con, desk, found, role, is_in_favour, reason)
            told = {"is_in_favour": is_in_favour, "reason": reason.strip() or None, "amount": found["amount"]}
            entries = [_entry(desk, "approve", found, role, "allowed", state, told)]
            if state == "approved":
                entries += _settle(con, desk, found, case)
            log.append(con, desk.store.key, entries)
    if problem:
        raise problem
    return state


def withdraw(desk: Desk, approval_id: str) -> None:
    """Take back one's own proposal."""
    with desk.store.writing() as con:
        found, _ = _pending(con, approval_id)
        if found["proposed_by"] != desk.person.name:
            raise UsageError(f"{found['proposed_by']} proposed it; only they can take it back")
        _set_state(con, approval_id, "withdrawn", desk.moment)
        log.append(
            con, desk.store.key, [_entry(desk, "withdraw", found, found["proposed_role"], "allowed", "withdrawn", {})]
        )


def waiting(con: sa.Connection, case_ids: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Pending proposals with the facts of their cases and the votes so far, the earliest due first."""
    votes = sa.select(sa.func.count()).where(vote.c.approval_id == approval.c.approval_id).scalar_subquery()
    facts = [case_file.c[name] for name in (*work.FACTS, "split_from") if name not in approval.c]
    found = (
        sa.select(approval, *facts, votes.label("votes"))
        .join(case_file, case_file.c.case_id == approval.c.case_id)
        .where(approval.c.state_code == "pending")
        .order_by(approval.c.due_ts, approval.c.approval_id)
    )
    if case_ids is not None:
        found = found.where(approval.c.case_id.in_(case_ids))
    return [dict(row) for row in con.execute(found).mappings()]


def why_not(con: sa.Connection, desk: Desk, approval_id: str) -> str | None:
    """Why this person cannot decide on it; None: they can."""
    try:
        found, case = _pending(con, approval_id)
        _may_decide(con, desk, found, case)
    except SignalboxError as problem:
        return str(problem)
    return None


def _pending(con: sa.Connection, approval_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    found = con.execute(sa.select(approval).where(approval.c.approval_id == approval_id)).mappings().first()
    if found is None:
        raise UsageError(f"{approval_id}: there is no such proposal")
    if found["state_code"] != "pending":
        raise UsageError(f"{approval_id}: it is {found['state_code']} since {found['decided_ts']:%Y-%m-%d %H:%M}")
    case = con.execute(sa.select(case_file).where(case_file.c.case_id == found["case_id"])).mappings().one()
    return dict(found), dict(case)


def _may_decide(con: sa.Connection, desk: Desk, found: Row, case: Row) -> str:
    """The role in which the person decides."""
    own = desk.person
    entitled = set(found["approver_roles"].split("|"))
    roles = tuple(role for role in own.roles if role in entitled)
    role = role_for(desk.policy, replace(own, roles=roles), "approve", case)
    if role is None:
        raise Refused(f"{own.title} may not approve a {found['kind_code']} of {found['amount']}")
    done = sa.select(audit_log.c.action).where(
        audit_log.c.case_id == case["case_id"], audit_log.c.actor == own.name, audit_log.c.policy_result == "allowed"
    )
    acts = {_SAME_ACT.get(action, action) for action in con.execute(done.distinct()).scalars()}
    if found["proposed_by"] == own.name:
        acts.add("propose")
    for conflict in desk.policy.conflicts:
        if conflict.kind == "action" and conflict.second == "approve" and conflict.first in acts:
            raise Refused(f"{own.title} had a part in {case['business_key']} ({conflict.first}): {conflict.reason}")
    if con.execute(sa.select(vote).where(vote.c.approval_id == found["approval_id"], vote.c.actor == own.name)).first():
        raise Refused(f"{own.title} has voted on it already; it needs somebody else")
    return role


def _vote(con: sa.Connection, desk: Desk, found: Row, role: str, is_in_favour: bool, reason: str) -> str:
    con.execute(
        sa.insert(vote).values(
            approval_id=found["approval_id"], actor=desk.person.name, role=role, is_in_favour=is_in_favour,
            reason=reason.strip() or None, moment_ts=desk.moment,
        )
    )  # fmt: skip
    if not is_in_favour:
        return _set_state(con, found["approval_id"], "refused", desk.moment)
    count = sa.select(sa.func.count()).where(vote.c.approval_id == found["approval_id"])
    if con.execute(count).scalar_one() >= found["votes_needed"]:
        return _set_state(con, found["approval_id"], "approved", desk.moment)
    return "pending"


def _settle(con: sa.Connection, desk: Desk, found: Row, case: Row) -> list[log.Entry]:
    """The approved outcome ends the case, unless it has ended meanwhile."""
    if case["state_code"] not in work.OPEN:
        return []
    after = work.touched(
        desk, {**case, **work.resolved(desk.moment, case, found["outcome_code"], found["amount"])}, log.next_row_no(con)
    )
    work.write(con, [after])
    told = {"amount": found["amount"], "proposed_by": found["proposed_by"]}
    return [_entry(desk, "resolve", found, "policy", "allowed", found["outcome_code"], told, "rule")]


def _set_state(con: sa.Connection, approval_id: str, state: str, moment: datetime) -> str:
    con.execute(
        sa.update(approval).where(approval.c.approval_id == approval_id).values(state_code=state, decided_ts=moment)
    )
    return state


def _entry(
    desk: Desk,
    action: str,
    found: Row,
    role: str,
    result: str,
    outcome: str | None,
    details: dict[str, Any],
    actor_type: str = "person",
) -> log.Entry:
    return log.Entry(
        moment_ts=desk.moment,
        actor=desk.person.name if actor_type == "person" else "approval rule",
        actor_type=actor_type,
        role=role,
        action=action,
        object_type="approval" if actor_type == "person" else "case",
        object_id=found["approval_id"] if actor_type == "person" else found["case_id"],
        rule_version=desk.policy.version,
        policy_result=result,
        case_id=found["case_id"],
        snapshot_id=desk.snapshot_id,
        inputs_digest=log.digest_of(
            found[name] for name in ("case_id", "kind_code", "amount", "outcome_code", "reason")
        ),
        approval_id=found["approval_id"],
        outcome=outcome,
        details={name: value for name, value in details.items() if value is not None},
    )
