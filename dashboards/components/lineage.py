"""What a measure is made from: its SQL and the tables above it, layer by layer. Draws; reads through ``session``."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import session as reads
from dashboards.components import html
from dashboards.session import Session

_NAMES = {
    "raw": "Landed",
    "seeds": "Settings",
    "staging": "Typed, latest version",
    "intermediate": "Worked out",
    "core": "Facts and dimensions",
    "controls": "Controls",
    "metrics": "Rows of KPIs",
    "marts": "Facts of all KPIs",
}


def show_lineage(session: Session, measure: pd.Series) -> None:
    model = str(measure["model_name"])
    lineage = reads.lineage(session).get(model)
    with st.container(key="card_lineage"):
        if lineage is None:
            st.html(html.title("Made from"))
            st.html(html.empty("The build left no manifest", "Run `signalbox build` to see SQL and lineage."))
            return
        total = sum(len(names) for names in lineage.above.values())
        st.html(html.title("Made from", f"{total} tables above <code>{html.esc(lineage.path)}</code>"))
        layers = [(layer, names) for layer, names in lineage.above.items() if layer in _NAMES]
        for column, (layer, names) in zip(st.columns(len(layers), gap="small"), layers, strict=True):
            items = "<br>".join(f"<code>{html.esc(name)}</code>" for name in names)
            column.html(f'<div class="sb small"><strong>{html.esc(_NAMES[layer])}</strong><br>{items}</div>')
        with st.expander("SQL of its rows"):
            st.code(lineage.sql, language="sql", wrap_lines=True)
