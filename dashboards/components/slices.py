"""The slices of one measure by one dimension: bars and a table whose lines can be picked. Reads through ``session``."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import linked
from dashboards import session as reads
from dashboards.charts import kpi as charts
from dashboards.components import grid, html, numbers
from dashboards.components.measure import page_unit, stored_unit
from dashboards.movement import Window, contributions
from dashboards.session import Session, Slice, Where
from dashboards.theme import CHART_CONFIG, STATUS


def show_slices(session: Session, measure: pd.Series, period: Window, where: Where, scale: float) -> Slice:
    """Draw them; returns the part of the data that was chosen."""
    everything = Slice(period.start, period.end, where)
    dimensions = [name for name in reads.names(measure["dimensions"]) if name not in dict(where)]
    if not dimensions:
        return everything
    with st.container(key="card_slices"):
        by = _heading(dimensions)
        frame = _frame(session, measure, period, where, by)
        if frame.empty:
            st.html(html.empty("No slices in this period"))
            return everything
        unit = page_unit(measure, scale, frame["value"].abs().max(), session.currency)
        chart, table = st.columns([1, 1.75], gap="small")
        with table:
            chosen = grid.position(frame, by, linked.get("slice"))
            key = f"slices_{measure['kpi_id']}_{by}_{period.start}_{period.end}"
            stored = stored_unit(measure, session.currency)
            chosen = _table(frame, by, unit, stored, key, chosen)
        name = None if chosen is None else str(frame[by].iloc[chosen])
        linked.put("slice", name)
        with chart:
            _chart(session, measure, frame, by, unit, everything, name)
        grid.downloads(f"{measure['kpi_id']}_by_{by}", frame, "slices")
    return everything if name is None else Slice(period.start, period.end, (*where, (by, name)))


def _heading(dimensions: list[str]) -> str:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.html(html.title("Slices", "Pick a line to see its rows"), width="content")
        return linked.choose(
            "segmented_control",
            "Slice by",
            dimensions,
            "by",
            dimensions[0],
            numbers.words,
            label_visibility="collapsed",
        )


def _frame(session: Session, measure: pd.Series, period: Window, where: Where, by: str) -> pd.DataFrame:
    """Values by slice with what each adds to the change; worst first where there is one, else largest first."""
    now, before = (
        reads.values(session, (measure["kpi_id"],), Slice(part.start, part.end, where), by=(by,))
        for part in (period, period.before)
    )
    if now.empty:
        return now
    moved = contributions(now, before, by, measure) if len(before) else pd.DataFrame({by: [], "contribution": []})
    frame = now.merge(moved, on=by, how="left")
    rising = measure["direction"] == "up" and measure["value_kind"] != "total"
    return frame.sort_values("value", ascending=rising, na_position="last", kind="stable").reset_index(drop=True)


def _chart(
    session: Session,
    measure: pd.Series,
    frame: pd.DataFrame,
    by: str,
    unit: numbers.Unit,
    part: Slice,
    name: str | None,
) -> None:
    if frame["value"].isna().all():
        st.html(html.empty("No value in any slice"))
        return
    is_total = measure["value_kind"] == "total"
    whole = reads.values(session, (measure["kpi_id"],), part)["value"]
    if is_total and by == charts.STEP_DIMENSION and measure["unit"] == "money":
        figure = charts.steps(frame, by, unit, picked=name)
    else:
        figure = charts.slices(frame, by, unit, whole.iloc[0], is_total=is_total, picked=name)
    st.plotly_chart(figure, config=CHART_CONFIG, theme=None, key="slices_chart", alt=f"{measure['name']} by {by}")


def _table(frame: pd.DataFrame, by: str, unit: numbers.Unit, stored: str, key: str, chosen: int | None) -> int | None:
    shown = frame.assign(
        value=unit.shown(frame["value"]),
        contribution=unit.of_change().shown(frame["contribution"]),
        coverage=frame["coverage"].astype(float) * 100,
        status=[STATUS[code].text for code in frame["status_code"]],
        numerator=frame["numerator"].astype(float).round(1),
        denominator=frame["denominator"].astype(float).round(1),
    )
    added = "What the slice adds to the change since the period before; the slices add up to it"
    columns = {
        by: st.column_config.TextColumn(numbers.words(by)),
        "value": grid.number("Value", unit, width=86),
        "status": st.column_config.TextColumn("Status", width=104),
        "contribution": grid.number("Adds", unit.of_change(), width=82, help=added),
        "numerator": grid.number(f"Numerator{stored}", width=92),
        "denominator": grid.number("Denominator", width=86),
        "excluded": grid.number("Excluded", width=70),
        "coverage": st.column_config.NumberColumn("Coverage", format="%.1f %%", width=76),
    }
    if set(frame["status_code"]) == {"no_target"}:
        del columns["status"]
    if frame["contribution"].isna().all():
        del columns["contribution"]
    return grid.pick(shown, key, columns, chosen, height=grid.height(len(frame), 430))
