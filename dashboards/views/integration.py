"""Integration: what runs between the systems, what failed or came late, and what that touched in money."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import streamlit as st

from dashboards import linked
from dashboards import session as reads
from dashboards.charts.bars import amounts
from dashboards.components import grid, html, numbers, page
from dashboards.desk import Seat, sit_down
from dashboards.session import Session, Slice, query
from dashboards.theme import CHART_CONFIG, SEVERITY
from signalbox.cases import queue

_SPANS = {"7": "7 days", "28": "28 days", "91": "13 weeks"}
# Measure -> column of the table by interface; summed over the days chosen.
_FLOWS = {
    "K99": "failed", "K99.retry": "retried", "K99.duplicate": "repeated", "K99.breach": "late", "K100": "orders",
    "K100.revenue": "revenue",
}  # fmt: skip
# The state at the last cut.
_STATES = {"K99.backlog": "waiting", "K99.dlq": "parked", "K103": "drift"}
_SHARES = ("failed", "repeated", "late", "drift")


def body(session: Session) -> None:
    # settings
    seat = sit_down(session)
    days = linked.choose("segmented_control", "Over", list(_SPANS), "days", "28", _SPANS.__getitem__)
    span = Slice(session.today - timedelta(days=int(days)), session.today)
    # data
    table = _by_interface(session, span)
    # render
    st.html(_tiles(session, span))
    left, right = st.columns([1, 1.25], gap="small")
    with left, st.container(key="card_cost"):
        _cost(session, table)
    with right, st.container(key="card_open"):
        _open(session, seat)
    with st.container(key="card_interfaces"):
        _interfaces(session, table)


def _asked(session: Session, kpi_id: str, part: Slice, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """Values of a measure; no rows where the snapshot does not have it."""
    if kpi_id not in reads.catalogue(session).index:
        return pd.DataFrame(columns=[*by, "value", "numerator", "denominator"])
    return reads.values(session, (kpi_id,), part, by=by)


def _tiles(session: Session, span: Slice) -> str:
    tiles = []
    catalogue = reads.catalogue(session)
    for kpi_id in ("K99", "K99.breach", "K100", "K100.revenue", "K99.dlq", "K101"):
        if kpi_id not in catalogue.index:
            continue
        frame, measure = _asked(session, kpi_id, Slice() if kpi_id == "K99.dlq" else span), catalogue.loc[kpi_id]
        value = frame["value"].iloc[0] if len(frame) else None
        note = html.link("kpi", f"{kpi_id} over time", kpi=kpi_id)
        shown = numbers.value(value, measure["unit"], session.currency)
        tiles.append(html.tile(str(measure["name"]), html.esc(shown), note))
    return html.tiles(tiles)


def _by_interface(session: Session, span: Slice) -> pd.DataFrame:
    """One row an interface: messages sent, and each measure in its column."""
    found = _asked(session, "K99", span, ("interface",))[["interface", "denominator"]]
    table = found.rename(columns={"denominator": "messages"})
    for measures, part in ((_FLOWS, span), (_STATES, Slice())):
        for kpi_id, name in measures.items():
            frame = _asked(session, kpi_id, part, ("interface",))[["interface", "value"]]
            table = table.merge(frame.rename(columns={"value": name}), on="interface", how="outer")
    return table


def _cost(session: Session, table: pd.DataFrame) -> None:
    st.html(html.title("What failures touched", "Revenue of orders that waited for a message, at its interface"))
    touched = table[table["revenue"].fillna(0) > 0].sort_values("revenue", ascending=False).head(8)
    if touched.empty:
        st.html(html.empty("No order was touched", "Every message came in time, or concerned no order."))
        return
    frame = pd.DataFrame(
        {
            "name": touched["interface"],
            "amount": touched["revenue"],
            "text": [
                f"{numbers.money(money, session.currency)} in {numbers.count(orders)} orders"
                for money, orders in zip(touched["revenue"], touched["orders"], strict=True)
            ],
        }
    )
    st.plotly_chart(amounts(frame), config=CHART_CONFIG, theme=None, key="cost", alt="Revenue touched by interface")


def _open(session: Session, seat: Seat) -> None:
    """Open cases of the category that this person may see, causes first."""
    desk = seat.desk
    titles = query(session, "exception_titles", as_of=session.as_of).set_index("code")["title"].to_dict()
    st.html(html.title("Open now", "What saves most per minute first, causes before what they explain"))
    found = queue.page(
        session.snapshot.con,
        seat.cases,
        desk.policy,
        desk.person,
        desk.moment,
        {"category": ["integration"]},
        50,
        fewest=1,
    )
    frame = reads.frame_of(found)
    if frame.empty:
        st.html(html.empty("Nothing open here", f"No case of integration that {desk.person.title} may see."))
        return
    rows = [
        [
            SEVERITY[row.severity_code].text,
            html.link("exceptions", html.esc(titles.get(row.code, row.code)), id=row.case_id),
            html.esc(row.business_key),
            numbers.count(row.incident_cases - 1) if row.incident_cases > 1 else "",
            session.moment(row.opened_ts),
        ]
        for row in frame.head(12).itertuples(index=False)
    ]
    headers = [("", ""), ("Exception", ""), ("Key", ""), ("Causes", "num"), ("Since", "")]
    st.html(html.table(headers, rows))


def _interfaces(session: Session, table: pd.DataFrame) -> None:
    st.html(html.title("By interface", "Over the days chosen; waiting, parked and drift as they are now"))
    if table.empty:
        st.html(html.empty("No message yet", "Land the log of the integration platform (feed F56), and build."))
        return
    shown = table.sort_values(["revenue", "late", "interface"], ascending=[False, False, True], na_position="last")
    shown = shown.assign(**{name: shown[name] * 100 for name in _SHARES})
    percent = {"format": "%.2f %%"}
    column = st.column_config.NumberColumn
    columns = {
        "interface": st.column_config.TextColumn("Interface"),
        "messages": grid.number("Messages"),
        "failed": column("Failed", **percent),
        "late": column("Beyond service level", **percent),
        "retried": column("Retries a message", format="%.3f"),
        "repeated": column("Repeated", **percent),
        "waiting": grid.number("Waiting"),
        "parked": grid.number("Dead letters"),
        "drift": column("Drift", format="%.3f %%"),
        "orders": grid.number("Orders touched"),
        "revenue": grid.number(f"Revenue touched ({numbers.symbol(session.currency)})"),
    }
    grid.show(shown.round({"revenue": 0}), columns, height=grid.height(len(shown), 520))
    grid.downloads("interfaces", table, "interfaces")


page.run_page("Integration", "What runs between the systems, what failed, and what that touched", body)
