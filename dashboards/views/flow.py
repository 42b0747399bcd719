"""Flow: how the five processes really run: their map, where cases wait, and which paths they take."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import linked
from dashboards import session as reads
from dashboards.charts.process import process_map
from dashboards.components import grid, html, numbers, page
from dashboards.session import Session, Slice, query
from dashboards.theme import CHART_CONFIG

_PATHS = 60
_WAIT = "K110.wait"


def body(session: Session) -> None:
    totals = query(session, "process_totals")
    if totals.empty:
        st.html(html.empty("No case of any process yet", "Land orders, purchase orders or returns, and build."))
        return
    names = [str(name) for name in totals["process"]]
    process = linked.choose(
        "segmented_control", "Process", names, "process", names[0], lambda name: numbers.words(name.replace("-", " "))
    )
    st.html(_tiles(session, process, totals.set_index("process").loc[process]))
    ways = _ways(session, process)
    with st.container(key="card_map"):
        lead = "Steps from left to right, as wide as cases took the way · most of the waiting stands out"
        st.html(html.title("How it runs", lead))
        if ways.empty:
            st.html(html.empty("No case has ended yet"))
        else:
            standard = query(session, "process_standard", process=process)
            on_path = {step for path in standard["path"] for step in str(path).split(">")}
            figure = process_map(query(session, "process_steps", process=process), ways, sorted(on_path))
            st.plotly_chart(figure, config=CHART_CONFIG, theme=None, key="map", alt=f"Map of {process}")
    left, right = st.columns([1, 1.35], gap="small")
    with left, st.container(key="card_waits"):
        _waits(session, ways)
    with right, st.container(key="card_paths"):
        _paths(session, process)


def _tiles(session: Session, process: str, row: pd.Series) -> str:
    share, rework = (_value(session, kpi_id, process) for kpi_id in ("K110", "K110.rework"))
    return html.tiles(
        [
            html.tile("Cases", numbers.count(row["cases"]), f"{numbers.count(row['ended'])} have ended"),
            html.tile("On a standard path", numbers.percent(share), html.link("kpi", "K110 over time", kpi="K110")),
            html.tile("Different paths", numbers.count(row["paths"]), "of ended cases"),
            html.tile(
                "Steps repeated", numbers.percent(rework), html.link("kpi", "K110.rework over time", kpi="K110.rework")
            ),
        ]
    )


def _value(session: Session, kpi_id: str, process: str) -> float | None:
    """The measure of all ended cases of the process; None where the snapshot does not have it."""
    if kpi_id not in reads.catalogue(session).index:
        return None
    frame = reads.values(session, (kpi_id,), Slice(where=(("process", process),)))
    return None if frame.empty else frame["value"].iloc[0]


def _ways(session: Session, process: str) -> pd.DataFrame:
    """Former step, step, cases and mean wait in seconds, of all ended cases."""
    if _WAIT not in reads.catalogue(session).index:
        return pd.DataFrame(columns=["former", "activity", "cases", "mean_seconds"])
    frame = reads.values(session, (_WAIT,), Slice(), by=("process",))
    frame = frame[frame["process"].str.startswith(f"{process}: ")]
    parts = frame["process"].str.split(": ", n=1).str[-1].str.split(" to ", n=1)
    return pd.DataFrame(
        {
            "former": parts.str[0],
            "activity": parts.str[-1],
            "cases": frame["denominator"].astype(float),
            "mean_seconds": frame["numerator"].astype(float) / frame["denominator"].astype(float),
        }
    ).reset_index(drop=True)


def _waits(session: Session, ways: pd.DataFrame) -> None:
    st.html(html.title("Where cases wait", "Time between two steps, longest in total first"))
    if ways.empty:
        st.html(html.empty("No case has ended yet"))
        return
    total = (ways["cases"] * ways["mean_seconds"]).sum() or 1.0
    shown = ways.assign(share=ways["cases"] * ways["mean_seconds"] / total).sort_values("share", ascending=False)
    rows = [
        [
            f"{html.esc(numbers.words(row.former))} → {html.esc(numbers.words(row.activity))}",
            numbers.count(row.cases),
            numbers.duration(row.mean_seconds, "seconds"),
            f"{html.bar(row.share)} {numbers.percent(row.share)}",
        ]
        for row in shown.head(12).itertuples(index=False)
    ]
    st.html(html.table([("Hand-off", ""), ("Cases", "num"), ("Mean wait", "num"), ("Share of waiting", "")], rows))


def _paths(session: Session, process: str) -> None:
    frame = query(session, "process_paths", process=process)
    st.html(html.title("Paths", f"{numbers.count(len(frame))} different ones of ended cases"))
    if frame.empty:
        st.html(html.empty("No case has ended yet"))
        return
    cases = frame["cases"].sum()
    shown = frame.head(_PATHS).assign(
        way=lambda rows: rows["path"].str.replace(">", " → ").str.replace("_", " "),
        share=lambda rows: rows["cases"] / cases * 100,
        kind=lambda rows: ["✓ standard" if known else "other" for known in rows["is_standard"]],
        hours=lambda rows: rows["median_seconds"] / 3600,
    )
    columns = {
        "cases": grid.number("Cases", width=70),
        "share": st.column_config.NumberColumn("Share", format="%.1f %%", width=70),
        "kind": st.column_config.TextColumn("Path", width=90),
        "hours": st.column_config.NumberColumn("Median", format="%.1f h", width=76),
        "way": st.column_config.TextColumn("Steps"),
    }
    grid.show(shown, columns, height=grid.height(len(shown), 460))
    grid.downloads(f"paths_{process}", frame, "paths")


page.run_page("Flow", "How the processes really run, where they wait, and which ways cases take", body)
