"""Exceptions: the queue, worth first, and one exception with its evidence, next step and the way of its order."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboards import linked
from dashboards import session as reads
from dashboards.charts.timeline import order_timeline
from dashboards.components import case as parts
from dashboards.components import grid, html, numbers, page
from dashboards.components.source import show_source
from dashboards.session import Session, query
from dashboards.theme import CHART_CONFIG, SEVERITY

_FILTERS = {
    "status": "Status",
    "severity": "Severity",
    "code": "Exception",
    "owner": "Owner",
    "channel": "Channel",
    "location": "Location",
}
_SHOWN = 1000
# From so many hours on, by the median, the time left is shown in days.
_DAYS_FROM = 48


def body(session: Session) -> None:
    # settings
    titles = query(session, "exception_titles", as_of=session.as_of).set_index("code")["title"].to_dict()
    chosen = _settings(session, titles)
    # data
    frame = reads.exceptions(session, tuple((key, tuple(values)) for key, values in chosen.items()))
    # render
    st.html(_summary(frame, session))
    left, right = st.columns([1.5, 1], gap="small")
    with left, st.container(key="card_queue"):
        exception_id = _queue(session, frame, titles)
    with right, st.container(key="card_case"):
        case = _case(session, exception_id)
    if case is not None:
        _order(session, case)
        with st.container(key="card_source"):
            evidence = case["evidence"]
            because = f"evidence of {case['code']} {case['business_key']}"
            show_source(session, evidence["file_digest"], evidence["line"], because)


def _settings(session: Session, titles: dict[str, str]) -> dict[str, list[str]]:
    choices = query(session, "exception_choices")
    chosen = {}
    columns = st.columns([1, 1, 1.7, 1.3, 1, 1], gap="small")
    for column, (key, label) in zip(columns, _FILTERS.items(), strict=True):
        options = choices.loc[choices["dimension"] == key, "choice"].tolist()
        with column:
            if key == "status":
                one = linked.choose(
                    "selectbox", label, [*options, "all"], key, "open" if "open" in options else "all", str.capitalize
                )
                chosen[key] = [] if one == "all" else [one]
                continue
            text = (
                (lambda code: f"{code} {titles.get(code, '')}")
                if key == "code"
                else numbers.words
                if key == "owner"
                else str
            )
            chosen[key] = linked.choose_many(label, options, key, text, placeholder="all")
    return chosen


def _summary(frame: pd.DataFrame, session: Session) -> str:
    overdue = (pd.to_datetime(frame["due_ts"]) < session.as_of) & (frame["status_code"] == "open")
    worth = frame["value_at_risk_amount"].astype(float)
    severe = frame["severity_code"] == "S1"
    return html.tiles(
        [
            html.tile("Exceptions", numbers.count(len(frame)), f"{int(severe.sum()):,} S1"),
            html.tile(
                "Value at risk",
                numbers.money(worth.sum(), session.currency),
                f"{numbers.money(worth[severe].sum(), session.currency)} in S1",
            ),
            html.tile(
                "Past due",
                numbers.count(overdue.sum()),
                f"{numbers.money(worth[overdue].sum(), session.currency)} at risk",
            ),
            html.tile(
                "Customers affected",
                numbers.count(frame["customers_affected"].astype(float).sum()),
                "counted once an exception",
            ),
        ]
    )


def _queue(session: Session, frame: pd.DataFrame, titles: dict[str, str]) -> str | None:
    """The grid; returns the id of the chosen exception, which a link may have named even when it is not in the list."""
    st.html(html.title("Queue", "Most value at risk first"))
    given = linked.get("id")
    if frame.empty:
        st.html(html.empty("No exception fits", "Take a restriction away above."))
        return given
    shown = frame.head(_SHOWN).reset_index(drop=True)
    hours = (pd.to_datetime(shown["due_ts"]) - pd.Timestamp(session.as_of)).dt.total_seconds() / 3600
    unit_hours, unit = (24, "d") if hours.abs().median() > _DAYS_FROM else (1, "h")
    view = pd.DataFrame(
        {
            "severity": [SEVERITY[code].text for code in shown["severity_code"]],
            "what": [titles.get(code, code) for code in shown["code"]],
            "key": shown["order_id"].fillna(shown["business_key"]),
            "owner": shown["owner_role"].map(numbers.words),
            "due": (hours / unit_hours).where(shown["status_code"] == "open"),
            "worth": shown["value_at_risk_amount"].astype(float).round(),
        }
    )
    text = st.column_config.TextColumn
    left = f"Time left ({unit})"
    columns = {
        "severity": text("", width=52),
        "what": text("Exception", width=219),
        "key": text("Key", width=122),
        "owner": text("Owner", width=104),
        "due": st.column_config.NumberColumn(left, format="%.1f", help="Negative: past due", width=84),
        "worth": grid.number(f"At risk ({numbers.symbol(session.currency)})", width=74),
    }
    chosen = grid.position(shown, "exception_id", given)
    if given is None:
        chosen = 0
    chosen = grid.pick(
        view, f"queue_{hash(tuple(shown['exception_id']))}", columns, chosen, height=grid.height(len(view), 560)
    )
    if len(frame) > _SHOWN:
        st.html(html.remark(f"The first {_SHOWN:,} of {len(frame):,}; narrow them above or export all."))
    if chosen is None:
        return given
    found = str(shown["exception_id"].iloc[chosen])
    linked.put("id", found if chosen or given else None)
    return found


def _case(session: Session, exception_id: str | None) -> dict[str, Any] | None:
    case = reads.exception(session, exception_id) if exception_id else None
    if case is None:
        st.html(html.empty("No exception chosen", "Pick a line of the queue."))
        return None
    st.html(parts.head(case, session))
    st.html(parts.action(case))
    st.html(parts.evidence(case, session))
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
            event_ts=_in_zone(events["event_ts"], session), received_ts=_in_zone(events["received_ts"], session)
        )
        promise = _in_zone(events["promise_latest_ts"], session).max()
        now = _in_zone(pd.Series([session.as_of]), session).iloc[0]
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


def _in_zone(stamps: pd.Series, session: Session) -> pd.Series:
    """UTC without zone to the reporting zone without zone, for pictures and grids that show times as they are."""
    return pd.to_datetime(stamps).dt.tz_localize("UTC").dt.tz_convert(session.zone).dt.tz_localize(None)


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
