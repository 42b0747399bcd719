"""Handling time: who worked on which cases from when to when, as their actions tell it.

Belongs here: claims. A claim begins with an action and goes on while the same person acts on the same cases; it ends
when they turn to others, or fifteen minutes after their last action (K71). Not here: what the minutes are used for.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

import sqlalchemy as sa

from signalbox.cases.tables import claim

_QUIET = timedelta(minutes=15)


def extend(con: sa.Connection, actor: str, cases: Sequence[tuple[str, str]], moment: datetime) -> None:
    """An action of ``actor`` on ``cases`` (id and owner) at ``moment``."""
    if not cases:
        return
    wanted = {case_id for case_id, _ in cases}
    running = sa.select(claim).where(claim.c.actor == actor, claim.c.ended_ts.is_(None)).order_by(claim.c.claim_id)
    goes_on = False
    for claim_id, rows in groupby(con.execute(running).all(), key=lambda row: row.claim_id):
        held = list(rows)
        last = held[0].last_action_ts
        this = sa.update(claim).where(claim.c.claim_id == claim_id)
        if last + _QUIET < moment:
            con.execute(this.values(ended_ts=last + _QUIET))
        elif wanted <= {row.case_id for row in held} and not goes_on:
            con.execute(this.values(last_action_ts=max(last, moment)))
            goes_on = True
        else:
            con.execute(this.values(ended_ts=max(last, moment)))
    if not goes_on:
        shared = {
            "claim_id": uuid.uuid4().hex,
            "actor": actor,
            "started_ts": moment,
            "last_action_ts": moment,
            "is_sent": False,
        }
        con.execute(sa.insert(claim), [{**shared, "case_id": case, "role": role} for case, role in cases])


def close_quiet(con: sa.Connection, moment: datetime) -> None:
    """End every claim whose last action is more than fifteen minutes old."""
    quiet = sa.select(claim.c.claim_id, claim.c.last_action_ts).where(
        claim.c.ended_ts.is_(None), claim.c.last_action_ts < moment - _QUIET
    )
    for claim_id, last in con.execute(quiet.distinct()).all():
        con.execute(sa.update(claim).where(claim.c.claim_id == claim_id).values(ended_ts=last + _QUIET))
