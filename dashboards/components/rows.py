"""The rows behind a figure, and the source line of the one that is chosen. Draws; reads through ``session``."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import linked
from dashboards import session as reads
from dashboards.components import grid, html, numbers
from dashboards.components.source import show_source
from dashboards.session import Session, Slice

_LIMIT = 500
_KINDS = {"evaluated": "Evaluated", "excluded": "Excluded"}


def show_rows(session: Session, measure: pd.Series, part: Slice, period: str) -> None:
    kpi_id = str(measure["kpi_id"])
    scope = ", ".join([f"{name.replace('_', ' ')} {value}" for name, value in part.where]) or "all slices"
    with st.container(key="card_rows"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.html(
                html.title("Rows", f"{html.esc(scope)} · {html.esc(period)} · choose a row to see its source line"),
                width="content",
            )
            kind = linked.choose(
                "segmented_control",
                "Rows",
                list(_KINDS),
                "rows",
                "evaluated",
                _KINDS.__getitem__,
                label_visibility="collapsed",
            )
        frame = reads.drill(session, kpi_id, part, excluded=kind == "excluded", limit=_LIMIT)
        if frame.empty:
            st.html(
                html.empty(
                    "No rows", "Nothing was excluded here." if kind == "excluded" else "No item was evaluated here."
                )
            )
            return
        chosen = grid.position(frame, "item_key", linked.get("row"))
        chosen = grid.pick(
            frame,
            f"rows_{kpi_id}_{kind}_{part}",
            _columns(measure, frame),
            chosen,
            height=grid.height(len(frame), 400),
        )
        linked.put("row", None if chosen is None else str(frame["item_key"].iloc[chosen]))
        left, right = st.columns([1, 1], vertical_alignment="center")
        more = f"The first {_LIMIT:,} rows." if len(frame) == _LIMIT else f"{numbers.count(len(frame))} rows."
        left.html(html.remark(f"{more} Numerator and denominator as they are summed."))
        with right:
            grid.downloads(f"{kpi_id}_rows", lambda form: _file(frame, form), "rows")
        if chosen is not None:
            row = frame.iloc[chosen]
            show_source(session, row["_file_digest"], row["_line"], f"row {row['item_key']}")


def _columns(measure: pd.Series, frame: pd.DataFrame) -> dict[str, object]:
    declared = [name for name in str(measure["dimensions"]).split("|") if name in frame]
    text = st.column_config.TextColumn
    return {
        "period_date": st.column_config.DateColumn("Day", format="D MMM YYYY"),
        "item_key": text("Item"),
        **{name: text(name.replace("_", " ").capitalize()) for name in declared},
        "numerator": grid.number("Numerator"),
        "denominator": grid.number("Denominator"),
        **({"exclusion_reason": text("Why excluded")} if frame["is_excluded"].any() else {}),
        "source_entity": text("From"),
        "_line": st.column_config.NumberColumn("Line", format="%d"),
    }


def _file(frame: pd.DataFrame, form: str) -> bytes:
    import pyarrow as pa

    from signalbox.export import table_bytes

    return table_bytes(pa.Table.from_pandas(frame, preserve_index=False), form)
