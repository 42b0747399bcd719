"""Catalogue: every KPI in words and SQL, who answers for it, what it is made from, and one value to check by hand."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import linked
from dashboards import session as reads
from dashboards.components import grid, html, numbers, page
from dashboards.components.lineage import show_lineage
from dashboards.components.measure import definition
from dashboards.components.proof import show_proof
from dashboards.scoreboard import missing_feeds
from dashboards.session import Session

_EVERYONE = "everyone"
_FIRST = "K02"


def body(session: Session) -> None:
    catalogue = reads.catalogue(session, planned=True)
    found = _search(session, catalogue)
    if found.empty:
        st.html(html.empty("No KPI has these words", "Search for a part of a name, an id, a feed or a SCOR code."))
        return
    measure = _pick(session, found)
    if measure is None:
        return
    with st.container(key="card_definition"):
        has_values = not numbers.is_missing(measure["model_name"])
        lead = html.link("kpi", "See how it goes", kpi=measure["kpi_id"]) if has_values else html.esc(measure["status"])
        st.html(html.title(f"{measure['kpi_id']} · {measure['name']}", lead))
        st.html(definition(measure))
        st.html(html.facts(_facts(session, measure), wide=True))
    if has_values:
        show_lineage(session, measure)
        show_proof(session, measure)


def _search(session: Session, catalogue: pd.DataFrame) -> pd.DataFrame:
    owners = sorted(catalogue["owner_role"].unique())
    with st.container(horizontal=True, vertical_alignment="bottom", key="settings"):
        words = st.text_input("Search", value=linked.get("q") or "", placeholder="name, id, feed, SCOR code", width=340)
        linked.put("q", words or None)
        owner = linked.choose(
            "selectbox", "Answers for it", [_EVERYONE, *owners], "owner", _EVERYONE, numbers.words, width=240
        )
    text = catalogue[["kpi_id", "name", "formula_text", "scor_code", "source_feeds"]].fillna("").agg(" ".join, axis=1)
    keep = pd.Series(True, index=catalogue.index)
    for word in words.lower().split():
        keep &= text.str.lower().str.contains(word, regex=False)
    if owner != _EVERYONE:
        keep &= catalogue["owner_role"] == owner
    return catalogue[keep]


def _pick(session: Session, found: pd.DataFrame) -> pd.Series | None:
    text = st.column_config.TextColumn
    shown = found.reset_index(drop=True).assign(
        owner=lambda frame: frame["owner_role"].map(numbers.words),
        target=lambda frame: [
            numbers.value(row.target_value, row.unit, session.currency) for row in frame.itertuples(index=False)
        ],
        slices=lambda frame: frame["dimensions"].fillna("").str.replace("|", ", ").map(numbers.words),
    )
    columns = {
        "kpi_id": text("Id", width=150),
        "name": text("Name", width=260),
        "owner": text("Answers for it", width=150),
        "target": text("Target", width=90),
        "grain_code": text("Grain", width=110),
        "time_axis": text("Counted on", width=170),
        "slices": text("Slices"),
        "scor_code": text("SCOR", width=80),
        "status": text("Status", width=150),
    }
    wanted = linked.get("kpi") or (_FIRST if _FIRST in found.index else None)
    with st.container(key="card_list"):
        families = found["kpi_family"].nunique()
        st.html(html.title(f"{len(found)} measures of {families} KPIs", "Pick one to see what it is made of"))
        chosen = grid.pick(shown, "measures", columns, grid.position(shown, "kpi_id", wanted), height=320)
    if chosen is None:
        return None
    measure = found.iloc[chosen]
    linked.put("kpi", str(measure["kpi_id"]))
    return measure


def _facts(session: Session, measure: pd.Series) -> dict[str, str]:
    landed = reads.query(session, "feeds_landed").set_index("feed_id")
    missing = missing_feeds(measure, landed["has_landed"])
    return {
        "Unit": html.esc(numbers.words(measure["unit"])),
        "Better when": {"up": "higher", "down": "lower", "band": "near its target"}.get(measure["direction"], "–"),
        "Grain": html.esc(measure["grain_code"]),
        "SCOR": html.esc(measure["scor_code"]) or numbers.NOTHING,
        "Reviewed by": html.esc(numbers.words(measure["reviewer_role"])),
        "Slices": html.esc(numbers.words(str(measure["dimensions"] or "none").replace("|", ", "))),
        "Feeds missing here": html.esc(", ".join(missing)) or "none",
    }


page.run_page("Catalogue", "What each figure means, what it is made from, and one value to check by hand", body)
