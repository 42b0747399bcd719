"""Incidents: exceptions that share a cause, at the earliest common one, with all that it explains."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboards import linked
from dashboards import session as reads
from dashboards.charts.incident import spread
from dashboards.components import case as parts
from dashboards.components import grid, html, numbers, page
from dashboards.desk import Seat, sit_down
from dashboards.session import Session, query
from dashboards.theme import CHART_CONFIG, SEVERITY
from signalbox.cases import queue

_SHOWN = 200


def body(session: Session) -> None:
    # settings
    seat = sit_down(session)
    titles = query(session, "exception_titles", as_of=session.as_of).set_index("code")["title"].to_dict()
    # data
    frame = _read(seat, {}, limit=_SHOWN, fewest=2)
    # render
    st.html(_summary(frame, session))
    left, right = st.columns([1, 1.4], gap="small")
    with left, st.container(key="card_incidents"):
        incident_id = _choose(session, frame, titles)
    if incident_id is None:
        return
    members = _read(seat, {"incident": [incident_id], "state": list(queue.STATES)}, limit=None, fewest=0)
    with right, st.container(key="card_incident"):
        _incident(session, members, titles)
    with st.container(key="card_members"):
        _members(session, members, titles)


def _read(seat: Seat, filters: dict[str, list[str]], limit: int | None, fewest: int) -> pd.DataFrame:
    desk = seat.desk
    con = seat.office.snapshot.con
    found = queue.page(con, seat.cases, desk.policy, desk.person, desk.moment, filters, limit, fewest=fewest)
    return reads.frame_of(found)


def _summary(frame: pd.DataFrame, session: Session) -> str:
    cases = int(frame["incident_cases"].sum()) if len(frame) else 0
    amount = float(frame["incident_amount"].astype(float).sum()) if len(frame) else 0.0
    severe = int((frame["severity_code"] == "S1").sum()) if len(frame) else 0
    return html.tiles(
        [
            html.tile("Incidents", numbers.count(len(frame)), f"{severe:,} with a cause of S1"),
            html.tile("Open cases in them", numbers.count(cases), "work the cause first"),
            html.tile("Value at risk", numbers.money(amount, session.currency), "money of an order once an incident"),
        ]
    )


def _choose(session: Session, frame: pd.DataFrame, titles: dict[str, str]) -> str | None:
    st.html(html.title("Causes", "What saves most per minute when its cause is mended first"))
    given = linked.get("id")
    if frame.empty:
        st.html(html.empty("No incident", "No two open cases that you may see share a cause."))
        return given
    view = pd.DataFrame(
        {
            "severity": [SEVERITY[code].text for code in frame["severity_code"]],
            "what": [titles.get(code, code) for code in frame["code"]],
            "key": frame["business_key"],
            "cases": frame["incident_cases"],
            "worth": frame["incident_amount"].astype(float).round(),
        }
    )
    text = st.column_config.TextColumn
    columns = {
        "severity": text("", width=48),
        "what": text("Cause", width=170),
        "key": text("Key", width=150),
        "cases": grid.number("Cases", width=58),
        "worth": grid.number(f"At risk ({numbers.symbol(session.currency)})", width=76),
    }
    place = grid.position(frame, "incident_id", given)
    first = 0 if place is None and not given else place
    chosen = grid.pick(
        view, f"incidents_{hash(tuple(frame['case_id']))}", columns, first, height=grid.height(len(view), 520)
    )
    if chosen is None:
        return given
    found = str(frame["incident_id"].iloc[chosen])
    linked.put("id", found if chosen or given else None)
    return found


def _incident(session: Session, members: pd.DataFrame, titles: dict[str, str]) -> None:
    """The cause with its next step, and what it explains by code."""
    if members.empty:
        st.html(html.empty("Not yours to see", "None of its cases is on a desk that you may look at."))
        return
    head = members.sort_values(["depth", "opened_ts"]).iloc[0]
    is_head = int(head["depth"]) == 0
    opened = members["status_code"] == "open"
    worth = members[opened].assign(key=members["order_id"].fillna(members["business_key"]))
    amount = worth.groupby("key")["value_at_risk_amount"].max().astype(float).sum()
    st.html(
        html.title(
            titles.get(head["code"], head["code"]),
            f"{html.esc(head['code'])} {html.esc(head['exception_name'])} · "
            f"<code>{html.esc(head['business_key'])}</code> · opened {session.moment(head['opened_ts'])}",
        )
    )
    st.html(
        html.tiles(
            [
                html.tile("Explains", numbers.count(len(members) - 1), f"{int(opened.sum()):,} of all are open"),
                html.tile("At risk", numbers.money(amount, session.currency), "each order once"),
                html.tile("Orders", numbers.count(members["order_id"].nunique()), "named by its cases"),
            ]
        )
    )
    if not is_head:
        st.html(html.remark("Its cause lies with others; this is the earliest case that you may see."))
    st.html(parts.action(head.to_dict() | {"runbook_text": None}))
    st.html(f'<div class="sb">{html.link("exceptions", "Work on the cause", id=head["case_id"])}</div>')
    shown = pd.DataFrame(
        {
            "what": [titles.get(code, code) for code in members["code"]],
            "key": members["business_key"],
            "opened": session.local(members["opened_ts"]),
            "worth": members["value_at_risk_amount"].astype(float),
            "is_open": opened,
            "depth": members["depth"],
        }
    )
    st.plotly_chart(
        spread(shown, session.currency),
        config=CHART_CONFIG,
        theme=None,
        key="spread",
        alt="When its cases opened, by code",
    )


def _members(session: Session, members: pd.DataFrame, titles: dict[str, str]) -> None:
    if members.empty:
        return
    ordered = members.sort_values(["depth", "opened_ts", "case_id"]).reset_index(drop=True)
    st.html(html.title("All its cases", "The cause first, then what it explains and why"))
    sign = numbers.symbol(session.currency)
    view = pd.DataFrame(
        {
            "link": [f"exceptions?id={case_id}" for case_id in ordered["case_id"]],
            "what": [titles.get(code, code) for code in ordered["code"]],
            "key": ordered["business_key"],
            "because": ordered["because"].fillna("The earliest common cause"),
            "state": ordered["state_code"].map(str.capitalize),
            "who": ordered["assignee"].fillna(ordered["owner_role"]).map(numbers.words),
            "opened": session.local(ordered["opened_ts"]),
            "worth": ordered["value_at_risk_amount"].astype(float).round(),
        }
    )
    grid.show(view, _columns(sign), height=grid.height(len(view), 480))


def _columns(sign: str) -> dict[str, Any]:
    text = st.column_config.TextColumn
    return {
        "link": st.column_config.LinkColumn("", display_text="open", width=50),
        "what": text("Exception"), "key": text("Key"), "because": text("Because", width=280), "state": text("State"),
        "who": text("Who"), "opened": st.column_config.DatetimeColumn("Opened", format="D MMM YYYY, HH:mm"),
        "worth": grid.number(f"At risk ({sign})"),
    }  # fmt: skip


page.run_page("Incidents", "Cases that share a cause: mend it once", body)
