"""The rows behind a figure, and the source line of the one that is picked. Draws; reads through ``session``."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import linked
from dashboards import session as reads
from dashboards.components import grid, html, numbers
from dashboards.components.measure import stored_unit
from dashboards.components.source import show_source
from dashboards.session import Session, Slice

_LIMIT = 500
_KINDS = {"evaluated": "Evaluated", "excluded": "Excluded"}


def show_rows(session: Session, measure: pd.Series, part: Slice, period: str) -> None:
    kpi_id = str(measure["kpi_id"])
    with st.container(key="card_rows"):
        kind = _heading(part, period)
        frame = reads.drill(session, kpi_id, part, excluded=kind == "excluded", limit=_LIMIT)
        if frame.empty:
            reason = "Nothing was excluded here." if kind == "excluded" else "No item was evaluated here."
            st.html(html.empty("No rows", reason))
            return
        chosen = grid.position(frame, "item_key", linked.get("row"))
        key = f"rows_{kpi_id}_{kind}_{part}"
        chosen = grid.pick(
            frame, key, _columns(measure, frame, session.currency), chosen, height=grid.height(len(frame), 400)
        )
        linked.put("row", None if chosen is None else str(frame["item_key"].iloc[chosen]))
        left, right = st.columns([1, 1], vertical_alignment="center")
        more = f"The first {_LIMIT:,} rows." if len(frame) == _LIMIT else f"{numbers.count(len(frame))} rows."
        left.html(html.remark(f"{more} Numerator and denominator as they are summed."))
        with right:
            grid.downloads(f"{kpi_id}_rows", frame, "rows")
    if chosen is not None:
        row = frame.iloc[chosen]
        with st.container(key="card_source"):
            show_source(session, row["_file_digest"], row["_line"], f"row {row['item_key']}")


def _heading(part: Slice, period: str) -> str:
    scope = ", ".join(f"{numbers.words(name).lower()} {value}" for name, value in part.where) or "all slices"
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        lead = f"{html.esc(scope)} · {html.esc(period)} · pick a row to see its source line"
        st.html(html.title("Rows", lead), width="content")
        return linked.choose(
            "segmented_control",
            "Rows",
            list(_KINDS),
            "rows",
            "evaluated",
            _KINDS.__getitem__,
            label_visibility="collapsed",
        )


def _columns(measure: pd.Series, frame: pd.DataFrame, currency: str) -> dict[str, object]:
    declared = [name for name in reads.names(measure["dimensions"]) if name in frame]
    text = st.column_config.TextColumn
    return {
        "period_date": st.column_config.DateColumn("Day", format="D MMM YYYY", width=98),
        "item_key": text("Item", width=170),
        **{name: text(numbers.words(name)) for name in declared},
        "numerator": grid.number(f"Numerator{stored_unit(measure, currency)}"),
        "denominator": grid.number("Denominator"),
        **({"exclusion_reason": text("Why excluded")} if frame["is_excluded"].any() else {}),
        "source_entity": text("From"),
        "_line": st.column_config.NumberColumn("Line", format="%d"),
    }
