"""Exports: every mart, KPI table and the queue, with a look inside, as CSV, Excel or Parquet."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import streamlit as st

from dashboards import linked
from dashboards import session as reads
from dashboards.components import grid, html, numbers, page
from dashboards.desk import Seat, sit_down
from dashboards.session import Session
from signalbox.cases import access, queue
from signalbox.export import FORMATS, MAX_ROWS, export, table_bytes

_KINDS = {"all": "All", "queue": "Queue", "mart": "Marts", "kpi": "KPI tables"}
_FORMS = {"csv": "CSV", "xlsx": "Excel", "parquet": "Parquet"}
_MIME = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
_PREVIEW = 100
# One row an exception, whoever may see it.
_OF_EXCEPTIONS = ("fct_exception", "mart_exception_time", "mart_open_exception", "mart_incident_exception")


def body(session: Session) -> None:
    # settings and data
    seat = sit_down(session)
    listed = _allowed(reads.exports(session), seat)
    left, right = st.columns([1, 1.5], gap="small")
    if listed.empty:
        st.html(html.empty("Nothing to export", f"{seat.desk.person.title} may not take figures or cases along."))
        return
    with left, st.container(key="card_list"):
        name = _choose(listed)
    # render
    with right, st.container(key="card_preview"):
        if name is None:
            st.html(html.empty("No export chosen", "Pick a line of the list."))
            return
        _preview(session, seat, listed[listed["name"] == name].iloc[0])


def _allowed(listed: pd.DataFrame, seat: Seat) -> pd.DataFrame:
    """What the person may take: tables of single exceptions whole or not at all, the queue as far as it is theirs."""
    if not seat.may("export"):
        return listed.iloc[:0]
    if access.condition(seat.desk.policy, seat.desk.person, "export").sql == "true":
        return listed
    theirs = listed[~listed["name"].isin(_OF_EXCEPTIONS)].reset_index(drop=True)
    is_queue = theirs["kind"] == "queue"
    return theirs.assign(rows=theirs["rows"].mask(is_queue, _queue(seat).num_rows))


def _queue(seat: Seat) -> pa.Table:
    """The open cases that the person may export, as the queue tells them."""
    desk = seat.desk
    con = seat.office.snapshot.con
    return queue.page(con, seat.cases, desk.policy, desk.person, desk.moment, right="export")


def _choose(listed: pd.DataFrame) -> str | None:
    st.html(html.title("What can be exported"))
    kind = linked.choose(
        "segmented_control", "Kind", list(_KINDS), "kind", "all", _KINDS.__getitem__, label_visibility="collapsed"
    )
    shown = listed if kind == "all" else listed[listed["kind"] == kind].reset_index(drop=True)
    columns = {
        "name": st.column_config.TextColumn("Name", width=225),
        "rows": grid.number("Rows", width=80),
        "kind": st.column_config.TextColumn("Kind", width=60),
    }
    given = linked.get("name")
    chosen = grid.position(shown, "name", given) if given else (0 if len(shown) else None)
    chosen = grid.pick(shown, f"exports_{kind}", columns, chosen, height=grid.height(len(shown), 620))
    name = None if chosen is None else str(shown["name"].iloc[chosen])
    linked.put("name", name if chosen or given else None)
    return name


def _preview(session: Session, seat: Seat, info: pd.Series) -> None:
    name, is_queue = str(info["name"]), info["kind"] == "queue"
    st.html(html.title(name, html.esc(info["description"])))
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        fmt = linked.choose("segmented_control", "Format", list(FORMATS), "format", "csv", _FORMS.__getitem__)
        is_too_long = fmt == "xlsx" and numbers.finite(info["rows"]) > MAX_ROWS
        st.download_button(
            "Download" if numbers.is_missing(info["rows"]) else f"Download {numbers.count(info['rows'])} rows",
            data=lambda: table_bytes(_queue(seat), fmt, name) if is_queue else _file(session.snapshot, name, fmt),
            file_name=f"{name}.{fmt}",
            mime=_MIME[fmt],
            icon=":material/download:",
            type="primary",
            on_click="ignore",
            disabled=is_too_long,
            key=f"export_{name}_{fmt}",
        )
    if is_too_long:
        st.html(html.remark(f"An Excel sheet holds {MAX_ROWS:,} rows; take CSV or Parquet."))
    frame = (
        reads.frame_of(_queue(seat).slice(0, _PREVIEW)) if is_queue else reads.export_preview(session, name, _PREVIEW)
    )
    if frame.empty:
        st.html(html.empty("No rows", "The file will hold the header only."))
        return
    st.dataframe(frame, hide_index=True, placeholder="", height=grid.height(len(frame), 470), key=f"preview_{name}")
    st.html(html.remark(f"The first {len(frame):,} rows, {len(frame.columns)} columns."))


def _file(snapshot: object, name: str, fmt: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return export(snapshot, name, fmt, Path(folder)).read_bytes()


page.run_page("Exports", "Take the numbers with you: a mart, a KPI table or the queue", body)
