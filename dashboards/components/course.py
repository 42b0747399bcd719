"""The course of one measure as a chart whose points can be picked. Draws; reads through ``session``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import linked
from dashboards import session as reads
from dashboards.charts import kpi as charts
from dashboards.components import html, numbers
from dashboards.components.measure import page_unit
from dashboards.movement import Window
from dashboards.session import Session, Slice, Where
from dashboards.theme import CHART_CONFIG


def show_course(
    session: Session, measure: pd.Series, window: Window, grain: str, where: Where, scale: float
) -> Window | None:
    """Draw it; returns the days of the period that is picked, when one is. ``scale``: see ``page_unit``."""
    part = Slice(whole_periods(window, grain), window.end, where)
    frame = reads.values(session, (measure["kpi_id"],), part, grain=grain)
    frame = frame.assign(is_running=[_ends_after(day, grain, window) for day in frame["period_start"]])
    spread = reads.percentiles(session, measure["kpi_id"], part, grain) if measure["has_histogram"] else None
    unit = page_unit(measure, scale, frame["value"].abs().max(), session.currency)
    picked = _from_address(frame)
    with st.container(key="card_course"):
        picked = _title(picked, bool(frame["is_provisional"].fillna(False).any()))
        if frame["value"].notna().sum() == 0:
            st.html(html.empty("No value in this period", "Choose a longer period or fewer restrictions."))
            return None
        if len(frame) == 1 and grain == "day":
            only = frame.iloc[0]
            st.html(html.remark(f"One day so far: {unit.text(only['value'])} on {numbers.day(only['period_start'])}."))
            return None
        is_total = measure["value_kind"] == "total" and measure["time_aggregation"] == "sum"
        target = frame["target_value"].iloc[-1]
        figure = charts.trend(frame, unit, target, is_total=is_total, picked=picked, spread=spread)
        event = st.plotly_chart(
            figure,
            config=CHART_CONFIG,
            theme=None,
            on_select="rerun",
            selection_mode="points",
            key=f"course_{measure['kpi_id']}_{grain}_{st.session_state.get('course_round', 0)}",
            alt=f"{measure['name']} by {grain}",
        )
        _to_address(event["selection"]["points"])
    return None if picked is None else Window(*_days(picked, grain, window))


def whole_periods(window: Window, grain: str) -> Any:
    """The first day of the period in which the window begins, so that no period is cut at its start."""
    if grain == "week":
        return window.start - timedelta(days=window.start.weekday())
    return window.start.replace(day=1) if grain == "month" else window.start


def _title(picked: pd.Timestamp | None, is_provisional: bool) -> pd.Timestamp | None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        hollow = " · hollow points are not final yet" if is_provisional else ""
        st.html(html.title("Course", f"Pick a point to see its slices and rows{hollow}"), width="content")
        if picked is not None and st.button(numbers.day(picked), icon=":material/close:", key="whole_period"):
            # A chart keeps its selection as long as its key; a new key lets go of it.
            st.session_state["course_round"] = st.session_state.get("course_round", 0) + 1
            linked.put("at", None)
            return None
    return picked


def _from_address(frame: pd.DataFrame) -> pd.Timestamp | None:
    given = linked.get("at")
    return pd.Timestamp(given) if given and given in set(frame["period_start"].astype(str).str[:10]) else None


def _to_address(points: list[dict[str, Any]]) -> None:
    clicked = str(points[0]["x"])[:10] if points else None
    if clicked and linked.get("at") != clicked:
        linked.put("at", clicked)
        st.rerun()


def _last_day(first: Any, grain: str) -> pd.Timestamp:
    start = pd.Timestamp(first)
    if grain == "month":
        return start + pd.offsets.MonthEnd(0)
    return start + timedelta(days=6 if grain == "week" else 0)


def _ends_after(first: Any, grain: str, window: Window) -> bool:
    return bool(_last_day(first, grain).date() > window.end)


def _days(first: pd.Timestamp, grain: str, window: Window) -> tuple[Any, Any]:
    return first.date(), min(_last_day(first, grain).date(), window.end)
