"""One exception in full: what it is, what is at stake, why it opened, what to do. Values in, HTML out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboards.components import html, numbers
from dashboards.components.scorecards import due
from dashboards.session import Session
from dashboards.theme import SEVERITY, Mark

_STATE = {
    "open": Mark("●", "Open", "watch"),
    "closed": Mark("✓", "Closed", "good"),
    "retracted": Mark("–", "False alarm", "none"),
}
_WHERE = ("channel", "location", "region", "category", "supplier", "interface", "order_id", "order_line_key", "sku")


def head(case: Mapping[str, Any], session: Session) -> str:
    """Severity, status, title and value at risk."""
    title = case.get("title") or case["exception_name"]
    marks = f"{html.pill(SEVERITY[case['severity_code']])} {html.pill(_STATE[case['status_code']])}"
    worth = numbers.money_whole(case["value_at_risk_amount"], session.currency)
    note = (
        due(case["due_ts"], session.as_of)
        if case["status_code"] == "open"
        else f"closed {session.moment(case['closed_ts'])}"
    )
    return (
        f'<div class="sb"><div>{marks}</div>'
        f'<h2 class="sb-title sb-case">{html.esc(title)}</h2>'
        f'<p class="sb-lead">{html.esc(case["code"])} {html.esc(case["exception_name"])} · '
        f"<code>{html.esc(case['business_key'])}</code></p></div>"
        f'<div class="sb sb-tile plain"><div class="value">{worth} <small>at risk</small></div>'
        f'<div class="note">{note}</div></div>'
    )


def action(case: Mapping[str, Any]) -> str:
    """The next step, set apart, and the runbook."""
    step = html.esc(case["next_step"] or "No next step is named for this code.")
    runbook = html.esc(case.get("runbook_text"))
    more = f'<p class="sb-lead">{runbook}</p>' if runbook and runbook != step else ""
    return f'<div class="sb sb-next"><div class="label">Next step</div><div>{step}</div>{more}</div>'


def evidence(case: Mapping[str, Any], session: Session) -> str:
    """When, where and by how much; fields without a value are left out."""
    pairs = {
        "Owner": html.esc(numbers.words(case["owner_role"])),
        "Opened": session.moment(case["opened_ts"]),
        "Detected": session.moment(case["detected_ts"]),
        "Due": session.moment(case["due_ts"]),
        "Observed": _figure(case["observed_value"]),
        "Threshold": _figure(case["threshold_value"]),
        "Customers": numbers.count(case["customers_affected"]),
        "Lost so far": numbers.money_whole(case["realised_loss_amount"], session.currency),
    }
    for name in _WHERE:
        value = case.get(name)
        if not numbers.is_missing(value) and value != "NONE":
            pairs[numbers.words(name)] = html.esc(value)
    return html.facts({label: value for label, value in pairs.items() if value not in ("", numbers.NOTHING)}, wide=True)


def standing(row: Mapping[str, Any], people: Mapping[str, Any]) -> str:
    """How far it is and with whom, and the terms that gave it its place in the queue."""
    who = people[row["assignee"]].title if row["assignee"] in people else row["assignee"]
    pairs = {
        "State": html.esc(str(row["state_code"]).capitalize()),
        "With": html.esc(who) if who else "nobody yet",
        "Minutes it takes": numbers.count(row["handling_minutes"]),
        "Customer": html.esc(row["customer_tier"]),
        "Raised": {1: "once", 2: "twice"}.get(int(row["escalation_level"] or 0), ""),
    }
    return html.facts({label: value for label, value in pairs.items() if value not in ("", numbers.NOTHING)}, wide=True)


def incident(row: Mapping[str, Any]) -> str:
    """Why it is one of several, and the way to all of them."""
    why = html.esc(row["because"]) if row["because"] else "It is the earliest common cause of others"
    return f'<div class="sb small muted">{why}: {html.link("incidents", "its incident", id=row["incident_id"])}.</div>'


def done(rows: Sequence[Mapping[str, Any]], session: Session) -> str:
    """What people and rules did, oldest first."""
    cells = [
        (
            session.moment(row["moment_ts"]),
            html.esc(row["actor"]),
            html.esc(f"{row['action']}{'' if row['policy_result'] == 'allowed' else ', refused'}"),
            html.esc(_words(row["details"], row["outcome"])),
        )
        for row in rows
    ]
    headers = [("When", ""), ("Who", ""), ("Did", ""), ("", "")]
    return f"{html.title('What was done')}{html.table(headers, cells)}"


def _words(details: Mapping[str, Any], outcome: str | None) -> str:
    told = (details.get(name) for name in ("text", "reason", "why", "to", "amount", "rule"))
    return " · ".join(str(item) for item in (outcome, *told) if item)


def rules(case: Mapping[str, Any]) -> str:
    return html.words(
        {
            "Opens when": html.esc(case.get("opens_text")),
            "Closes when": html.esc(case.get("closes_text")),
            "Closed because": html.esc(case.get("close_reason")),
        }
    )


def _figure(value: Any) -> str:
    if numbers.is_missing(value):
        return numbers.NOTHING
    return numbers.count(value, 0 if float(value).is_integer() else 2)
