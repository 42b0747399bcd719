"""KPI: one measure against its target, by slice, down to the rows and the line of the source file."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import linked
from dashboards import session as reads
from dashboards.charts import kpi as charts
from dashboards.components import grid, html, numbers, page
from dashboards.components.measure import definition, headline
from dashboards.components.rows import show_rows
from dashboards.movement import Window, contributions, last_window, status
from dashboards.scoreboard import missing_feeds
from dashboards.session import Session, Slice
from dashboards.theme import CHART_CONFIG, STATUS

_PERIODS = {"7": "7 days", "28": "28 days", "90": "90 days", "all": "All"}
_GRAINS = {"day": "Day", "week": "Week", "month": "Month"}
_STEP = {"day": 1, "week": 7, "month": 31}


def body(session: Session) -> None:
    # settings
    catalogue = reads.catalogue(session)
    measure, window, grain, where = _settings(session, catalogue)
    # data and render, from the whole to the row
    if window is None:
        _no_data(session, measure)
        return
    whole = _headline(session, measure, window, where)
    period = _trend(session, measure, window, grain, where)
    part = _slices(session, measure, period or window, window, where, whole)
    label = numbers.day(period.start) if period else f"{numbers.day(window.start)} – {numbers.day(window.end)}"
    show_rows(session, measure, part, label)


def _settings(
    session: Session, catalogue: pd.DataFrame
) -> tuple[pd.Series, Window | None, str, tuple[tuple[str, str], ...]]:
    def name(kpi_id: str) -> str:
        return f"{kpi_id} · {catalogue.loc[kpi_id, 'name']}"

    with st.container(horizontal=True, vertical_alignment="bottom", key="settings"):
        first = "K02" if "K02" in catalogue.index else catalogue.index[0]
        kpi_id = linked.choose("selectbox", "Measure", list(catalogue.index), "kpi", first, name, width=430)
        days = linked.choose("segmented_control", "Period", list(_PERIODS), "days", "28", _PERIODS.__getitem__)
        grain = linked.choose("segmented_control", "By", list(_GRAINS), "grain", "day", _GRAINS.__getitem__)
        measure = catalogue.loc[kpi_id]
        where = _filters(session, measure)
    daily = reads.values(session, (kpi_id,), Slice(), grain="day")
    window = last_window(daily, session.today, 28 if days == "all" else int(days))
    if window is not None and days == "all":
        window = Window(pd.to_datetime(daily["period_start"]).min().date(), window.end)
    return measure, window, grain, where


def _filters(session: Session, measure: pd.Series) -> tuple[tuple[str, str], ...]:
    """Values to keep, as 'dimension:value' in the address; one value a dimension."""
    frame = reads.query(session, "kpi_slices", kpi_id=measure["kpi_id"])
    options = [f"{row.dimension}:{row.slice}" for row in frame.itertuples(index=False)]
    chosen = linked.choose_many(
        "Only", options, "only", lambda item: item.replace(":", ": ", 1), placeholder="everything", width="stretch"
    )
    return tuple(sorted(dict(item.split(":", 1) for item in chosen).items()))


def _no_data(session: Session, measure: pd.Series) -> None:
    landed = reads.query(session, "feeds_landed").set_index("feed_id")
    missing = missing_feeds(measure, landed["has_landed"])
    needs = [f"{feed} ({landed['entities'].get(feed, 'not contracted')})" for feed in missing]
    reason = (
        f"It needs feed {', '.join(needs)}, of which nothing has landed."
        if needs
        else "No row of it can be evaluated yet."
    )
    st.html(html.empty(f"Not enough data for {measure['kpi_id']} {measure['name']}", reason))
    with st.container(key="card_definition"):
        st.html(definition(measure))


def _headline(session: Session, measure: pd.Series, window: Window, where: tuple[tuple[str, str], ...]) -> pd.Series:
    now, before = (
        reads.values(session, (measure["kpi_id"],), Slice(part.start, part.end, where))
        for part in (window, window.before)
    )
    row = now.iloc[0] if len(now) else pd.Series({"value": None, "numerator": None, "denominator": None})
    with st.container(key="card_headline"):
        st.html(headline(measure, row, before["value"].iloc[0] if len(before) else None, window, session.currency))
        st.html(definition(measure))
    return row


def _trend(
    session: Session, measure: pd.Series, window: Window, grain: str, where: tuple[tuple[str, str], ...]
) -> Window | None:
    """The course of the measure; returns the period that was clicked, when one is."""
    part = Slice(window.start, window.end, where)
    frame = reads.values(session, (measure["kpi_id"],), part, grain=grain)
    spread = reads.percentiles(session, measure["kpi_id"], part, grain) if measure["has_histogram"] else None
    largest = frame["value"].abs().max() if spread is None else spread["p95"].abs().max()
    unit = numbers.unit_of(measure["unit"], numbers.finite(largest), session.currency)
    given = linked.get("at")
    picked = pd.Timestamp(given) if given and given in set(frame["period_start"].astype(str).str[:10]) else None
    is_total = measure["value_kind"] == "total" and measure["time_aggregation"] == "sum"
    with st.container(key="card_trend"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.html(html.title("Course", "Click a point to see its slices and rows"), width="content")
            if picked is not None and st.button(
                f"Showing {numbers.day(picked)}", icon=":material/close:", key="all_periods"
            ):
                picked = None
                linked.put("at", None)
                st.session_state["trend_round"] = st.session_state.get("trend_round", 0) + 1
        if frame["value"].notna().sum() == 0:
            st.html(html.empty("No value in this period", "Choose a longer period or fewer restrictions."))
            return None
        figure = charts.trend(frame, unit, measure["target_value"], is_total=is_total, picked=picked, spread=spread)
        event = st.plotly_chart(
            figure,
            config=CHART_CONFIG,
            theme=None,
            on_select="rerun",
            selection_mode="points",
            key=f"trend_{measure['kpi_id']}_{grain}_{st.session_state.get('trend_round', 0)}",
            alt=f"{measure['name']} by {grain}",
        )
        clicked = event["selection"]["points"]
        if clicked:
            picked = pd.Timestamp(str(clicked[0]["x"])[:10])
            if linked.get("at") != f"{picked:%Y-%m-%d}":
                linked.put("at", f"{picked:%Y-%m-%d}")
                st.rerun()
    return _period(picked, grain, window) if picked is not None else None


def _period(first: pd.Timestamp, grain: str, window: Window) -> Window:
    last = first + timedelta(days=_STEP[grain] - 1)
    if grain == "month":
        last = first + pd.offsets.MonthEnd(0)
    return Window(max(first.date(), window.start), min(last.date(), window.end))


def _slices(
    session: Session,
    measure: pd.Series,
    period: Window,
    window: Window,
    where: tuple[tuple[str, str], ...],
    whole: pd.Series,
) -> Slice:
    """Bars and table of one dimension; returns the part of the data that was chosen."""
    dimensions = [name for name in str(measure["dimensions"]).split("|") if name and name not in dict(where)]
    everything = Slice(period.start, period.end, where)
    if not dimensions:
        return everything
    kpi_id, kind = measure["kpi_id"], measure["value_kind"]
    with st.container(key="card_slices"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.html(html.title("Slices", "Choose a line to see its rows"), width="content")
            by = linked.choose(
                "segmented_control", "Slice by", dimensions, "by", dimensions[0], _words, label_visibility="collapsed"
            )
        frame = reads.values(session, (kpi_id,), everything, by=(by,))
        if frame.empty:
            st.html(html.empty("No slices in this period"))
            return everything
        before = reads.values(session, (kpi_id,), Slice(period.before.start, period.before.end, where), by=(by,))
        scale = 1000.0 if measure["unit"] == "per_1000" else 1.0
        frame = frame.merge(contributions(frame, before, by, kind, scale)[[by, "contribution"]], on=by, how="left")
        frame = _ordered(frame, measure)
        unit = numbers.unit_of(measure["unit"], numbers.finite(frame["value"].abs().max()), session.currency)
        overall = reads.values(session, (kpi_id,), everything)["value"].iloc[0] if period != window else whole["value"]
        chart, table = st.columns([1, 1.35], gap="medium")
        chosen = grid.position(frame, by, linked.get("slice"))
        with table:
            chosen = _slice_table(frame, by, unit, f"slices_{kpi_id}_{by}_{period.start}", chosen)
        name = None if chosen is None else str(frame[by].iloc[chosen])
        linked.put("slice", name)
        with chart:
            figure = charts.slices(frame, by, unit, overall, is_total=kind == "total", picked=name)
            st.plotly_chart(
                figure, config=CHART_CONFIG, theme=None, key="slices_chart", alt=f"{measure['name']} by {by}"
            )
        grid.downloads(f"{kpi_id}_by_{by}", lambda form: _file(frame, form), "slices")
    return Slice(period.start, period.end, (*where, (by, name))) if name is not None else everything


def _words(dimension: str) -> str:
    return dimension.replace("_", " ").capitalize()


def _ordered(frame: pd.DataFrame, measure: pd.Series) -> pd.DataFrame:
    """Worst first where there is a better and a worse, else largest first; each slice with its status."""
    rising = measure["direction"] == "up" and measure["value_kind"] != "total"
    states = [
        status(value, measure["direction"], measure["target_value"], measure["warn_value"]) for value in frame["value"]
    ]
    return (
        frame.assign(status=states)
        .sort_values("value", ascending=rising, na_position="last", kind="stable")
        .reset_index(drop=True)
    )


def _slice_table(frame: pd.DataFrame, by: str, unit: numbers.Unit, key: str, chosen: int | None) -> int | None:
    shown = frame.assign(
        value=frame["value"].astype(float) * unit.factor,
        contribution=frame["contribution"].astype(float) * unit.factor,
        coverage=frame["coverage"].astype(float) * 100,
        status=[STATUS[state].text for state in frame["status"]],
    )
    columns = {
        by: st.column_config.TextColumn(_words(by)),
        "value": grid.number("Value", unit),
        "status": st.column_config.TextColumn("Status"),
        "contribution": grid.number(
            "Adds to change", unit, help="What the slice adds to the change since the period before"
        ),
        "numerator": grid.number("Numerator"),
        "denominator": grid.number("Denominator"),
        "excluded": grid.number("Excluded"),
        "coverage": st.column_config.NumberColumn("Coverage", format="%.1f %%"),
    }
    return grid.pick(shown, key, columns, chosen, height=grid.height(len(frame), 430))


def _file(frame: pd.DataFrame, form: str) -> bytes:
    from signalbox.export import table_bytes

    return table_bytes(_arrow(frame), form)


def _arrow(frame: pd.DataFrame) -> Any:
    import pyarrow as pa

    return pa.Table.from_pandas(frame, preserve_index=False)


page.run_page("KPIs", "One measure: how it goes, where it is lost, and the rows it is made of", body)
