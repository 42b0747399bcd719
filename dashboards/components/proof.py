"""One value of a measure with all the rows that made it, added up again. Draws; reads through ``session``."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import linked
from dashboards import session as reads
from dashboards.components import grid, html, numbers
from dashboards.components.measure import stored_unit
from dashboards.session import Session, Slice
from signalbox.metrics.dimensions import scale_of

# More rows are not checked by hand.
_MOST = 2000


def show_proof(session: Session, measure: pd.Series) -> None:
    with st.container(key="card_proof"):
        st.html(
            html.title("Check one value by hand", "The rows of one day and slice, added up beside what is published")
        )
        part = _part(session, measure)
        if part is None:
            st.html(html.empty("No value yet", "No row of this measure can be evaluated in this snapshot."))
            return
        rows = reads.drill(session, str(measure["kpi_id"]), part, excluded=False, limit=_MOST + 1)
        published = reads.values(session, (measure["kpi_id"],), part).iloc[0]
        if len(rows) > _MOST:
            st.html(html.empty(f"More than {_MOST:,} rows", "Choose a slice to have fewer."))
            return
        st.html(html.facts(_sums(session, measure, rows, published), wide=True))
        columns = {
            "item_key": st.column_config.TextColumn("Item", width=260),
            "numerator": grid.number(f"Numerator{stored_unit(measure, session.currency)}"),
            "denominator": grid.number("Denominator"),
            "source_entity": st.column_config.TextColumn("From"),
            "_line": st.column_config.NumberColumn("Line", format="%d"),
        }
        grid.show(rows, columns, height=grid.height(len(rows), 300))
        grid.downloads(f"{measure['kpi_id']}_{part.start}", rows, "proof")


def _part(session: Session, measure: pd.Series) -> Slice | None:
    """The day and slice to check: the last day with a value, and of its slices the one with the fewest rows."""
    starred = set(reads.names(measure["starred_dimensions"]))
    free = [name for name in reads.names(measure["dimensions"]) if name not in starred]
    required = reads.names(measure["required_dimensions"])
    by = next(iter([*required, *free]), None)
    daily = reads.values(session, (measure["kpi_id"],), Slice(), by=tuple(required), grain="day")
    known = daily[daily["value"].notna()]
    if known.empty:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        days = sorted({str(day)[:10] for day in known["period_start"]}, reverse=True)[:90]
        day = pd.Timestamp(linked.choose("selectbox", "Day", days, "day", days[0], width=150)).date()
        if by is None:
            return Slice(day, day)
        slices = reads.values(session, (measure["kpi_id"],), Slice(day, day), by=(by,))
        slices = slices[slices["value"].notna()].sort_values("evaluable", kind="stable")
        if slices.empty:
            return Slice(day, day)
        options = [str(name) for name in slices[by]]
        chosen = linked.choose("selectbox", numbers.words(by), options, "part", options[0], width=200)
    return Slice(day, day, ((by, chosen),))


def _sums(session: Session, measure: pd.Series, rows: pd.DataFrame, published: pd.Series) -> dict[str, str]:
    top, bottom = float(rows["numerator"].sum()), float(rows["denominator"].sum())
    is_total = measure["value_kind"] == "total"
    again = top if is_total else top / bottom * scale_of(str(measure["unit"])) if bottom > 0 else None
    unit, currency = str(measure["unit"]), session.currency
    same = again is not None and abs(again - float(published["value"])) <= 1e-6 * max(1.0, abs(again))
    return {
        "Rows": numbers.count(len(rows)),
        "Numerators add up to": f"{top:,.4f}".rstrip("0").rstrip("."),
        "Denominators add up to": f"{bottom:,.4f}".rstrip("0").rstrip("."),
        "So the value is": numbers.value(again, unit, currency),
        "Published": numbers.value(published["value"], unit, currency),
        "The same": "yes" if same else "no",
    }
