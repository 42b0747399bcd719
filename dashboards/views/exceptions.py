"""Exceptions: the queue of who is signed in, what can be done with it, and one case with its evidence and its order."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboards import linked
from dashboards import session as reads
from dashboards.charts.timeline import order_timeline
from dashboards.components import acting, grid, html, numbers, page
from dashboards.components import case as parts
from dashboards.components.source import show_source
from dashboards.desk import Seat, sit_down
from dashboards.session import Session, query
from dashboards.theme import CHART_CONFIG, SEVERITY
from signalbox.cases import queue
from signalbox.errors import UsageError

_FILTERS = {
    "severity": "Severity",
    "code": "Exception",
    "owner": "Owner",
    "channel": "Channel",
    "location": "Location",
}
_SHOWN = 500


def body(session: Session) -> None:
    # settings
    seat = sit_down(session)
    titles = query(session, "exception_titles", as_of=session.as_of).set_index("code")["title"].to_dict()
    filters = _settings(session, titles)
    with st.container(horizontal=True, gap="medium", key="lines_shown"):
        right, fewest = _whose(seat), _grouping()
    # data
    con, desk, cases = session.snapshot.con, seat.desk, seat.cases
    whole = queue.summary(con, cases, desk.policy, desk.person, desk.moment, filters, right)
    found = queue.page(con, cases, desk.policy, desk.person, desk.moment, filters, _SHOWN, right=right, fewest=fewest)
    rows, frame = found.to_pylist(), reads.frame_of(found)
    # render
    acting.told()
    st.html(_summary(whole, session))
    left, right = st.columns([1.65, 1], gap="small")
    with left, st.container(key="card_queue"):
        chosen, case_id = _queue(session, frame, titles, whole["cases"])
    with right, st.container(key="card_case"):
        acting.bar(seat, [rows[place] for place in chosen])
        case = _case(session, seat, case_id)
    if case is not None:
        _order(session, case)
        with st.container(key="card_source"):
            evidence = case["evidence"]
            because = f"evidence of {case['code']} {case['business_key']}"
            show_source(session, evidence["file_digest"], evidence["line"], because)


def _settings(session: Session, titles: dict[str, str]) -> dict[str, list[str]]:
    choices = query(session, "exception_choices")
    columns = st.columns([1.2, 1, 1.7, 1.3, 1, 1], gap="small")
    with columns[0]:
        chosen = {"state": linked.choose_many("State", list(queue.STATES), "state", str.capitalize, placeholder="open")}
    for column, (key, label) in zip(columns[1:], _FILTERS.items(), strict=True):
        options = choices.loc[choices["dimension"] == key, "choice"].tolist()
        text = (
            (lambda code: f"{code} {titles.get(code, '')}")
            if key == "code"
            else numbers.words
            if key == "owner"
            else str
        )
        with column:
            chosen[key] = linked.choose_many(label, options, key, text, placeholder="all")
    return chosen


def _whose(seat: Seat) -> str:
    """The right that a case on the list needs: those who work cases see their own desk first."""
    if not seat.may("acknowledge"):
        return "read"
    options = {"desk": "On my desk", "all": "All that I may see"}
    whose = linked.choose("segmented_control", "Show", list(options), "show", "desk", lambda name: options[name])
    return "acknowledge" if whose == "desk" else "read"


def _grouping() -> int:
    """Whether an incident is one line of the queue: its cause first."""
    options = {"cause": "Causes first", "case": "Every case"}
    chosen = linked.choose("segmented_control", "Lines", list(options), "lines", "cause", lambda name: options[name])
    return 0 if chosen == "case" else 1


def _summary(whole: dict[str, Any], session: Session) -> str:
    return html.tiles(
        [
            html.tile("Cases", numbers.count(whole["cases"]), f"{whole['severe']:,} S1"),
            html.tile(
                "Value at risk", numbers.money(float(whole["value_at_risk"]), session.currency), "counted by case"
            ),
            html.tile("Past due", numbers.count(whole["past_due"]), f"{whole['unassigned']:,} with nobody"),
            html.tile("Customers affected", numbers.count(whole["customers"]), "counted once a case"),
        ]
    )


def _queue(session: Session, frame: pd.DataFrame, titles: dict[str, str], count: int) -> tuple[list[int], str | None]:
    """The grid: the chosen lines, and the case to show, which a link may have named even when it is not in the list."""
    st.html(html.title("Queue", "What saves most per minute of work first; then what is due, then the customer's tier"))
    given = linked.get("id")
    if frame.empty:
        st.html(html.empty("No case fits", "Take a restriction away above, or sign in as somebody else."))
        return [], given
    is_grouped = "incident_cases" in frame
    worth = frame["incident_amount"] if is_grouped else frame["value_at_risk_amount"]
    view = pd.DataFrame(
        {
            "severity": [SEVERITY[code].text for code in frame["severity_code"]],
            "what": [titles.get(code, code) for code in frame["code"]],
            "key": frame["order_id"].fillna(frame["business_key"]),
            "state": frame["state_code"].map(str.capitalize),
            "who": frame["assignee"].fillna(frame["owner_role"]).map(numbers.words),
            "late": ["▲" if hours < 0 else "" for hours in frame["hours_left"]],
            "due": session.local(frame["due_ts"]),
            "worth": worth.astype(float).round(),
            "pace": frame["saving_per_minute"].astype(float).round(),
        }
    )
    if is_grouped:
        view["more"] = (frame["incident_cases"] - 1).replace(0, None)
    text = st.column_config.TextColumn
    sign = numbers.symbol(session.currency)
    columns = {
        "severity": text("", width=48),
        "what": text("Exception", width=142),
        "key": text("Key", width=100),
        **(
            {"more": grid.number("Causes", width=56, help="Further cases that this one explains")} if is_grouped else {}
        ),
        "state": text("State", width=72),
        "who": text("Who", width=88),
        "late": text("", width=22, help="▲: past due"),
        "due": st.column_config.DatetimeColumn("Due", format="D MMM, HH:mm", width=92),
        "worth": grid.number(f"At risk ({sign})", width=72),
        "pace": grid.number(f"{sign} a min", width=62, help="At risk divided by the minutes that such a case takes"),
    }
    place = grid.position(frame, "case_id", given)
    first = [] if place is None and given else [place or 0]
    key = f"queue_{hash(tuple(frame['case_id']))}"
    chosen = grid.pick_many(view, key, columns, first, height=grid.height(len(view), 560))
    shown = int(frame["incident_cases"].sum()) if is_grouped else len(frame)
    if count > shown:
        st.html(html.remark(f"The first {shown:,} of {count:,} cases; narrow them above or export all."))
    if not chosen:
        return [], given
    found = str(frame["case_id"].iloc[chosen[0]])
    linked.put("id", found if chosen[0] or given else None)
    return chosen, found


def _case(session: Session, seat: Seat, case_id: str | None) -> dict[str, Any] | None:
    """The case in full with its proposals and what was done; None where there is none to see."""
    try:
        row = seat.office.find(seat.desk, case_id) if case_id else None
    except UsageError:
        row = None
    exception = reads.exception(session, row["exception_id"]) if row else None
    if row is None or exception is None:
        st.html(html.empty("No case chosen", "Pick a line of the queue."))
        return None
    from signalbox.cases import approvals, history

    case = {**exception, **{name: row[name] for name in ("case_id", "business_key", "owner_role", "due_ts")}}
    with seat.desk.store.reading() as con:
        proposals = approvals.waiting(con, [row["case_id"]])
        done = history.decisions(con, row["case_id"])
    st.html(parts.head(case, session))
    st.html(parts.standing(row, seat.desk.policy.people))
    if row["incident_id"]:
        st.html(parts.incident(row))
    if proposals:
        acting.decisions(seat, proposals, session.currency)
    st.html(parts.action(case))
    st.html(parts.evidence(case, session))
    if done:
        st.html(parts.done(done, session))
    st.html(parts.rules(case))
    return case


def _order(session: Session, case: dict[str, Any]) -> None:
    """Picture and table of the order's events, for exceptions that are about an order."""
    order_id = case.get("order_id")
    if numbers.is_missing(order_id):
        return
    with st.container(key="card_timeline"):
        st.html(
            html.title(
                f"The way of order {order_id}",
                f"Times in {html.esc(session.zone)}; bars are the time since the step before",
            )
        )
        events = pd.DataFrame(case["timeline"])
        if events.empty:
            st.html(html.empty("No events", f"No system has sent an event of order {order_id}."))
            return
        events = events.assign(
            event_ts=session.local(events["event_ts"]), received_ts=session.local(events["received_ts"])
        )
        promise = session.local(events["promise_latest_ts"]).max()
        now = session.local(pd.Series([session.as_of])).iloc[0]
        picture, table = st.tabs(["Picture", "Table"])
        with picture:
            st.plotly_chart(
                order_timeline(events, promise, now),
                config=CHART_CONFIG,
                theme=None,
                key="timeline",
                alt=f"Events of order {order_id}",
            )
        with table:
            grid.show(events, _event_columns(), height="content" if len(events) < 15 else 500)


def _event_columns() -> dict[str, Any]:
    text = st.column_config.TextColumn
    when = {"format": "D MMM YYYY, HH:mm"}
    return {
        "event_ts": st.column_config.DatetimeColumn("Happened", **when),
        "step_name": text("Step"),
        "line_no": text("Line"),
        "sku": text("SKU"),
        "quantity": grid.number("Units"),
        "location": text("Location"),
        "system_code": text("System"),
        "detail": text("Detail"),
        "received_ts": st.column_config.DatetimeColumn("Known since", **when),
        "_line": st.column_config.NumberColumn("File line", format="%d"),
    }


page.run_page("Exceptions", "What needs someone now, what it is worth, and the next step", body)
