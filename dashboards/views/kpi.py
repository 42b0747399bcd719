"""KPI: one measure against its target, by slice, down to the rows and the line of the source file."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import linked
from dashboards import session as reads
from dashboards.components import html, numbers, page
from dashboards.components.course import show_course
from dashboards.components.measure import definition, headline
from dashboards.components.rows import show_rows
from dashboards.components.slices import show_slices
from dashboards.movement import Window, last_window
from dashboards.scoreboard import missing_feeds
from dashboards.session import Session, Slice, Where
from dashboards.theme import Mark

_PERIODS = {"7": "7 days", "28": "28 days", "90": "90 days", "all": "All"}
_GRAINS = {"day": "Day", "week": "Week", "month": "Month"}
_FIRST = "K02"
_EARLIER = Mark("◷", "Earlier", "watch")


def body(session: Session) -> None:
    # settings
    catalogue = reads.catalogue(session)
    measure, days, grain, where = _settings(session, catalogue)
    if str(measure["model_name"]) in session.snapshot.behind:
        moment = html.esc(session.moment(session.snapshot.complete_as_of, weekday=True))
        st.html(html.notice(_EARLIER, f"<strong>As of {moment}.</strong> It follows when no files come for a while."))
    # data
    window = _window(session, measure, days, where)
    # render, from the whole to the row
    if window is None:
        _no_data(session, measure, where)
        return
    scale = _headline(session, measure, window, where)
    period = show_course(session, measure, window, grain, where, scale)
    part = show_slices(session, measure, period or window, where, scale)
    label = numbers.day(period.start) if period else f"{numbers.day(window.start)} – {numbers.day(window.end)}"
    show_rows(session, measure, part, label)


def _settings(session: Session, catalogue: pd.DataFrame) -> tuple[pd.Series, str, str, Where]:
    def name(kpi_id: str) -> str:
        return f"{kpi_id} · {catalogue.loc[kpi_id, 'name']}"

    with st.container(horizontal=True, vertical_alignment="bottom", key="settings"):
        first = _FIRST if _FIRST in catalogue.index else str(catalogue.index[0])
        kpi_id = linked.choose("selectbox", "Measure", list(catalogue.index), "kpi", first, name, width=430)
        days = linked.choose("segmented_control", "Period", list(_PERIODS), "days", "28", _PERIODS.__getitem__)
        grain = linked.choose("segmented_control", "Per", list(_GRAINS), "grain", "day", _GRAINS.__getitem__)
        measure = catalogue.loc[kpi_id]
        where = _filters(session, measure)
    return measure, days, grain, where


def _filters(session: Session, measure: pd.Series) -> Where:
    """Values to keep, as 'dimension:value' in the address; a dimension that must not be added over always has one."""
    frame = reads.query(session, "kpi_slices", kpi_id=measure["kpi_id"])
    required = dict(_required(measure, frame))
    options = [f"{row.dimension}:{row.slice}" for row in frame.itertuples(index=False) if row.dimension not in required]
    chosen = linked.choose_many(
        "Only", options, "only", lambda item: item.replace(":", ": ", 1), placeholder="everything", width="stretch"
    )
    return tuple(sorted((required | dict(item.split(":", 1) for item in chosen)).items()))


def _required(measure: pd.Series, frame: pd.DataFrame) -> list[tuple[str, str]]:
    found = []
    for dimension in reads.names(measure["required_dimensions"]):
        options = frame.loc[frame["dimension"] == dimension, "slice"].tolist()
        if options:
            choice = linked.choose(
                "selectbox", numbers.words(dimension), options, f"one_{dimension}", options[0], width=150
            )
            found.append((dimension, choice))
    return found


def _window(session: Session, measure: pd.Series, days: str, where: Where) -> Window | None:
    required = reads.names(measure["required_dimensions"])
    if any(name not in dict(where) for name in required):
        return None
    daily = reads.values(session, (measure["kpi_id"],), Slice(where=where), grain="day")
    window = last_window(daily, session.today, 28 if days == "all" else int(days))
    if window is not None and days == "all":
        return Window(pd.to_datetime(daily["period_start"]).min().date(), window.end)
    return window


def _no_data(session: Session, measure: pd.Series, where: Where) -> None:
    landed = reads.query(session, "feeds_landed").set_index("feed_id")
    missing = missing_feeds(measure, landed["has_landed"])
    needs = [f"{feed} ({landed['entities'].get(feed, 'not contracted')})" for feed in missing]
    reason = "No row of it can be evaluated" + (" in this slice." if where else " yet.")
    if needs:
        reason = f"Needs feed {', '.join(needs)}: nothing of it has landed."
    st.html(html.empty(f"Not enough data for {measure['kpi_id']} {measure['name']}", reason))
    with st.container(key="card_definition"):
        st.html(html.title("What it measures"))
        st.html(definition(measure))


def _headline(session: Session, measure: pd.Series, window: Window, where: Where) -> float:
    """Draw it; returns the size of what it shows, by which the page chooses its unit."""
    now, before = (
        reads.values(session, (measure["kpi_id"],), Slice(part.start, part.end, where))
        for part in (window, window.before)
    )
    earlier = before["value"].iloc[0] if len(before) else None
    with st.container(key="card_headline"):
        st.html(headline(measure, now.iloc[0], earlier, window, session.currency))
        st.html(definition(measure))
    row = now.iloc[0]
    return numbers.common_scale((row["value"], row["target_value"])) or abs(numbers.finite(row["value"]))


page.run_page("KPIs", "One measure: how it goes, where it is lost, and the rows it is made of", body)
