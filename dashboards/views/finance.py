"""Finance: what the channels earn step by step, and whether every stream of money is accounted for."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import linked
from dashboards import session as reads
from dashboards.charts import kpi as charts
from dashboards.components import grid, html, numbers, page
from dashboards.movement import last_window
from dashboards.session import Session, Slice, query
from dashboards.theme import CHART_CONFIG

_EVERY = "all channels"
_PERIODS = {"28": "28 days", "90": "90 days", "365": "A year"}


def body(session: Session) -> None:
    _waterfall(session)
    states = query(session, "reconciliation_states")
    if states.empty:
        st.html(html.empty("Nothing to reconcile yet", "Land sales and what they are compared with, and build."))
        return
    left, right = st.columns([1, 1.25], gap="small")
    with left, st.container(key="card_streams"):
        stream = _streams(session, states)
    with right, st.container(key="card_leaks"):
        _leaks(session, stream)
    with st.container(key="card_months"):
        _months(session, states)
    with st.container(key="card_close"):
        _close(session)


def _waterfall(session: Session) -> None:
    with st.container(key="card_waterfall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.html(
                html.title("Contribution", "From gross sales to what is left · ties to the ledger"), width="content"
            )
            days = int(
                linked.choose(
                    "segmented_control", "Period", list(_PERIODS), "days", "28", _PERIODS.__getitem__,
                    label_visibility="collapsed",
                )
            )  # fmt: skip
        daily = reads.values(session, ("K72.amount",), Slice(), grain="day")
        window = last_window(daily, session.today, days)
        if window is None:
            st.html(html.empty("No posting yet"))
            return
        part = Slice(window.start, window.end)
        margins = reads.values(session, ("K72",), part, by=("channel",)).sort_values("value", ascending=False)
        names = [_EVERY, *(str(name) for name in margins["channel"])]
        left, right = st.columns([1.5, 1], gap="medium")
        with right:
            channel = linked.choose("selectbox", "Channel", names, "channel", _EVERY)
            st.html(_channels(session, margins))
        where = () if channel == _EVERY else (("channel", channel),)
        steps = reads.values(session, ("K72.amount",), Slice(window.start, window.end, where), by=("reason",))
        unit = numbers.unit_of("money", steps["value"].abs().max(), session.currency)
        with left:
            figure = charts.steps(steps, "reason", unit, None)
            st.plotly_chart(figure, config=CHART_CONFIG, theme=None, key="waterfall", alt="Steps of contribution")
            days_text = f"{numbers.day(window.start)} – {numbers.day(window.end)}"
            st.html(html.remark(f"{days_text}. Every step drills to its postings on the KPI page (K72.amount)."))


def _channels(session: Session, margins: pd.DataFrame) -> str:
    rows = [
        [
            html.link("kpi", html.esc(row.channel), kpi="K72", only=f"channel:{row.channel}"),
            numbers.money(row.denominator, session.currency),
            numbers.money(row.numerator, session.currency),
            numbers.percent(row.value),
        ]
        for row in margins.itertuples(index=False)
    ]
    return html.table([("Channel", ""), ("Net sales", "num"), ("Contribution", "num"), ("Of net sales", "num")], rows)


def _streams(session: Session, states: pd.DataFrame) -> str:
    st.html(html.title("Streams", "What is due and matched, by stream · pick one to see what is open"))
    found = states.groupby("stream", as_index=False).agg(
        size_amount=("size_amount", "sum"),
        matched_amount=("matched_amount", "sum"),
        overdue_amount=("overdue_amount", "sum"),
        oldest_date=("oldest_date", "min"),
    )
    found = found.sort_values("overdue_amount", ascending=False, kind="stable").reset_index(drop=True)
    shown = found.assign(
        name=found["stream"].map(numbers.words),
        matched=found["matched_amount"] / found["size_amount"] * 100,
        overdue=found["overdue_amount"].fillna(0.0),
    )
    columns = {
        "name": st.column_config.TextColumn("Stream"),
        "matched": st.column_config.NumberColumn("Matched", format="%.2f %%", width=86),
        "overdue": grid.number("Open, overdue", numbers.unit_of("money", 0, session.currency), width=120),
        "oldest_date": st.column_config.DateColumn("Oldest", format="D MMM YYYY", width=104),
    }
    wanted = grid.position(found, "stream", linked.get("stream")) or 0
    chosen = grid.pick(shown, "streams", columns, wanted, height=grid.height(len(shown), 360))
    stream = str(found["stream"].iloc[wanted if chosen is None else chosen])
    linked.put("stream", stream)
    return stream


def _leaks(session: Session, stream: str) -> None:
    st.html(html.title(f"Open in {numbers.words(stream).lower()}", "Overdue, by cause, the largest first"))
    frame = query(session, "reconciliation_leaks", stream=stream)
    if frame.empty:
        st.html(html.empty("Nothing is overdue", "Everything that is due was matched within its tolerance."))
        return
    rows = [
        [
            html.esc("reference side" if row.side_code == "reference" else "other side"),
            html.two(
                html.esc(numbers.words(row.cause_code)),
                html.esc("" if row.cause_detail_code == "NONE" else numbers.words(row.cause_detail_code)),
            ),
            numbers.count(row.items),
            numbers.money_whole(row.open_amount, session.currency),
            numbers.day(row.oldest_date),
        ]
        for row in frame.head(14).itertuples(index=False)
    ]
    headers = [("Where", ""), ("Cause", ""), ("Items", "num"), ("Open", "num"), ("Oldest", "")]
    st.html(html.table(headers, rows))


def _months(session: Session, states: pd.DataFrame) -> None:
    st.html(html.title("Months", "Matched of each month's items, by stream"))
    frame = states.assign(
        share=states["matched_amount"] / states["size_amount"] * 100,
        month=pd.to_datetime(states["month"]).dt.strftime("%Y-%m"),
        stream=states["stream"].map(numbers.words),
    )
    wide = frame.pivot(index="stream", columns="month", values="share").reset_index()
    months = [name for name in wide.columns if name != "stream"][-12:]
    columns = {
        "stream": st.column_config.TextColumn("Stream", width=180),
        **{month: st.column_config.NumberColumn(month, format="%.1f %%") for month in months},
    }
    grid.show(wide, columns, height=grid.height(len(wide), 360))
    grid.downloads("reconciliation_by_month", frame, "months")


def _close(session: Session) -> None:
    st.html(
        html.title("Close", "Every stream of a fiscal period: what is cleared, what is open since when, who signed")
    )
    frame = query(session, "close_periods")
    if frame.empty:
        st.html(html.empty("No fiscal period yet", "Land the fiscal calendar of each legal entity, and build."))
        return
    periods = list(dict.fromkeys(frame["fiscal_period"]))
    ended = frame.loc[frame["is_ended"], "fiscal_period"]
    usual = ended.iloc[0] if len(ended) else periods[0]
    period = linked.choose("selectbox", "Fiscal period", periods, "fiscal_period", usual, width=220)
    found = frame[frame["fiscal_period"] == period].reset_index(drop=True)
    shown = found.assign(
        stream=found["stream"].map(numbers.words),
        state=found["state_code"].map(numbers.words),
        cleared=found["cleared_amount"] / found["asked_amount"].where(found["asked_amount"] > 0) * 100,
        signed_by=found["signed_by"].str[:8],  # a pseudonym; its first letters tell people apart
    )
    money = numbers.unit_of("money", 0, session.currency)
    columns = {
        "legal_entity_id": st.column_config.TextColumn("Entity", width=90),
        "stream": st.column_config.TextColumn("Stream", width=180),
        "state": st.column_config.TextColumn("State", width=120),
        "cleared": st.column_config.NumberColumn("Cleared", format="%.2f %%", width=90),
        "open_up_to_7_days_amount": grid.number("Open ≤ 7 d", money),
        "open_8_to_30_days_amount": grid.number("8–30 d", money),
        "open_over_30_days_amount": grid.number("> 30 d", money),
        "signed_by": st.column_config.TextColumn("Signed by"),
        "signed_ts": st.column_config.DatetimeColumn("Signed, UTC", format="D MMM YYYY, HH:mm"),
    }
    grid.show(shown, columns, height=grid.height(len(shown), 420))
    grid.downloads("close_by_period", frame, "close")


page.run_page("Finance", "What each channel earns, and whether every stream of money is accounted for", body)
