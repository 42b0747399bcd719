"""Alerts: who is told of which open cases, when, and through which channel; and why somebody was not.

Belongs here: the rules of the policy's table applied after a publication. A rule belongs to a service and not to the
person who made it. A case is told once by a rule, and again when it is still open after ``repeat_minutes``; in quiet
hours and between digests it waits. A channel that does not take an alert raises one on the channel ``fallback``.
Channels are addresses of Apprise in environment variables that the settings name: a committed file never holds one. Not
here: sending (Apprise), or what is worth an alert (``policy/alert.csv``).
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from signalbox.cases import log
from signalbox.cases.office import Office
from signalbox.cases.policy import AlertRule
from signalbox.cases.queue import rows_of
from signalbox.cases.tables import alert, alert_case
from signalbox.settings import Settings

FALLBACK = "fallback"
_LINES = 20
# An alert that was begun and never finished was cut off by the end of its process; it is told again.
_CUT_OFF = timedelta(minutes=10)


@dataclass(frozen=True)
class Message:
    """What a channel is given."""

    channel: str
    title: str
    body: str


# Gives why the channel did not take it; None: it did.
Sender = Callable[[Settings, Message], str | None]


@dataclass(frozen=True)
class Fired:
    """What became of a rule in a run; ``state``: sent, failed, quiet, digest or told."""

    rule: str
    state: str
    reason: str
    cases: int


def run(office: Office, send: Sender | None = None) -> list[Fired]:
    """Apply every rule once; gives what became of those that had anything to tell."""
    send = send or through_apprise
    found = [_rule(office, rule, send) for rule in office.policy.alerts]
    return [fired for fired in found if fired is not None]


def history(con: sa.Connection, limit: int = 200) -> list[dict[str, Any]]:
    """What was fired and what was not, the latest first."""
    found = sa.select(alert).order_by(alert.c.moment_ts.desc(), alert.c.alert_id).limit(limit)
    return [dict(row) for row in con.execute(found).mappings()]


def through_apprise(settings: Settings, message: Message) -> str | None:
    """Send by the address in the environment variable that the settings name for the channel."""
    variable = settings.alert_channels.get(message.channel)
    if variable is None:
        return f"signalbox.toml: alert_channels: {message.channel} is not named"
    address = os.environ.get(variable)
    if not address:
        return f"{variable} is not set; it holds the address of {message.channel}"
    import apprise

    sender = apprise.Apprise(asset=apprise.AppriseAsset(async_mode=False, secure_logging=True))
    if not sender.add(address):
        return f"{variable}: Apprise does not know such an address"
    return None if sender.notify(title=message.title, body=message.body) else f"{message.channel} did not take it"


def _rule(office: Office, rule: AlertRule, send: Sender) -> Fired | None:
    moment = office.moment
    where, parameters = _fits(rule)
    con, cases = office.snapshot.con, office.overlay.table()
    rows = rows_of(con, cases, office.policy, moment, where, parameters)
    with office.store.writing() as writing:
        told = _told(writing, rule, moment)
        fresh = [row for row in rows if row["case_id"] not in told]
        if not fresh:
            return None
        waits = _waits(writing, office.settings, rule, moment)
        if waits is not None:
            _note(writing, rule, moment, *waits, fresh, None)
            return Fired(rule.rule, *waits, len(fresh))
        message = _message(rule, fresh, office.settings.reporting_currency)
        alert_id = _note(writing, rule, moment, "sending", "", fresh, message.title)
    problem = send(office.settings, message)
    state, reason = ("sent", "") if problem is None else ("failed", problem)
    with office.store.writing() as writing:
        writing.execute(sa.update(alert).where(alert.c.alert_id == alert_id).values(state_code=state, reason=reason))
        log.append(writing, office.store.key, [_entry(office, rule, moment, fresh, state, reason)])
    if problem is not None and rule.channel != FALLBACK:
        broken = f"Alerts of {rule.service} are not delivered: {problem}"
        send(office.settings, Message(FALLBACK, "Signalbox: a channel is broken", broken))
    return Fired(rule.rule, state, reason, len(fresh))


def _fits(rule: AlertRule) -> tuple[str, list[Any]]:
    parts: list[str] = ["state_code in ('new', 'acknowledged')"]
    parameters: list[Any] = []
    if rule.codes:
        parts.append(f"code in ({', '.join('?' for _ in rule.codes)})")
        parameters += sorted(rule.codes)
    if rule.owner_role:
        parts.append("owner_role = ?")
        parameters.append(rule.owner_role)
    if rule.min_severity:
        parts.append("severity_code <= ?")
        parameters.append(rule.min_severity)
    if rule.min_value is not None:
        parts.append("value_at_risk_amount >= ?")
        parameters.append(rule.min_value)
    return " and ".join(parts), parameters


def _told(con: sa.Connection, rule: AlertRule, moment: datetime) -> set[str]:
    """Cases that this rule has told within its time of repetition."""
    since = moment - timedelta(minutes=rule.repeat_minutes)
    kept = sa.or_(
        alert.c.state_code == "sent", sa.and_(alert.c.state_code == "sending", alert.c.moment_ts > moment - _CUT_OFF)
    )
    found = (
        sa.select(alert_case.c.case_id)
        .join(alert, alert.c.alert_id == alert_case.c.alert_id)
        .where(alert.c.rule == rule.rule, kept, alert.c.moment_ts > since)
    )
    return set(con.execute(found).scalars())


def _waits(con: sa.Connection, settings: Settings, rule: AlertRule, moment: datetime) -> tuple[str, str] | None:
    """State and reason why nothing is told now; None: it is."""
    if rule.quiet_from and rule.quiet_to:
        local = moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(settings.reporting_time_zone)).time()
        if _is_between(local, rule.quiet_from, rule.quiet_to):
            return "quiet", f"quiet from {rule.quiet_from:%H:%M} to {rule.quiet_to:%H:%M}"
    if rule.digest_minutes:
        last = con.execute(
            sa.select(sa.func.max(alert.c.moment_ts)).where(alert.c.rule == rule.rule, alert.c.state_code == "sent")
        ).scalar_one()
        due = last + timedelta(minutes=rule.digest_minutes) if last else moment
        if due > moment:
            return "digest", f"the next digest is due at {due:%Y-%m-%d %H:%M} UTC"
    return None


def _is_between(local: time, first: time, last: time) -> bool:
    """Whether a clock time lies in a stretch that may pass midnight."""
    return first <= local < last if first < last else local >= first or local < last


def _note(
    con: sa.Connection,
    rule: AlertRule,
    moment: datetime,
    state: str,
    reason: str,
    rows: Sequence[Mapping[str, Any]],
    title: str | None,
) -> str:
    alert_id = uuid.uuid4().hex
    con.execute(
        sa.insert(alert).values(
            alert_id=alert_id, rule=rule.rule, service=rule.service, channel=rule.channel, moment_ts=moment,
            state_code=state, reason=reason, case_count=len(rows), title=title,
        )
    )  # fmt: skip
    con.execute(sa.insert(alert_case), [{"alert_id": alert_id, "case_id": row["case_id"]} for row in rows])
    return alert_id


def _message(rule: AlertRule, rows: Sequence[Mapping[str, Any]], currency: str) -> Message:
    """Worth first; no names of people, no text of customers."""
    listed = sorted(rows, key=lambda row: (-(row["value_at_risk_amount"] or 0), row["case_id"]))
    worth = sum(row["value_at_risk_amount"] or 0 for row in rows)
    noun = "case" if len(rows) == 1 else "cases"
    title = f"Signalbox: {len(rows):,} {noun} for {rule.service}, {worth:,.2f} {currency} at risk"
    lines = [
        f"{row['severity_code']} {row['code']} {row['exception_name']} {row['business_key']}: "
        + (
            f"{row['value_at_risk_amount']:,.2f} {currency}"
            if row["value_at_risk_amount"] is not None
            else "value unknown"
        )
        + f", due {row['due_ts']:%Y-%m-%d %H:%M} UTC. {row['next_step']}"
        for row in listed[:_LINES]
    ]
    if len(listed) > _LINES:
        lines.append(f"and {len(listed) - _LINES:,} more in the queue")
    return Message(rule.channel, title, "\n".join(lines))


def _entry(
    office: Office, rule: AlertRule, moment: datetime, rows: Sequence[Mapping[str, Any]], state: str, reason: str
) -> log.Entry:
    cases = [row["case_id"] for row in rows]
    return log.Entry(
        moment_ts=moment, actor="alert rule", actor_type="rule", role="policy", action="alert", object_type="alert",
        object_id=rule.rule, rule_version=office.policy.version, policy_result="allowed",
        snapshot_id=office.snapshot.snapshot_id, inputs_digest=log.digest_of(cases), outcome=state,
        details={"channel": rule.channel, "cases": len(cases), **({"why": reason} if reason else {})},
    )  # fmt: skip
