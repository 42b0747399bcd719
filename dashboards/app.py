"""The dashboards' entry: navigation only. Started by `signalbox serve` or `streamlit run dashboards/app.py`."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

# Streamlit puts this folder on the path; the packages stand one above it.
ROOT = str(Path(__file__).resolve().parent.parent)
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

HERE = Path(__file__).parent

st.set_page_config(page_title="Signalbox", page_icon=str(HERE / "assets" / "mark.svg"), layout="wide")
st.logo(str(HERE / "assets" / "mark.svg"), size="medium")
pages = [
    st.Page(HERE / "views" / "overview.py", title="Overview", default=True),
    st.Page(HERE / "views" / "kpi.py", title="KPIs", url_path="kpi"),
    st.Page(HERE / "views" / "exceptions.py", title="Exceptions", url_path="exceptions"),
    st.Page(HERE / "views" / "incidents.py", title="Incidents", url_path="incidents"),
    st.Page(HERE / "views" / "inventory.py", title="Inventory", url_path="inventory"),
    st.Page(HERE / "views" / "finance.py", title="Finance", url_path="finance"),
    st.Page(HERE / "views" / "flow.py", title="Flow", url_path="flow"),
    st.Page(HERE / "views" / "integration.py", title="Integration", url_path="integration"),
    st.Page(HERE / "views" / "review.py", title="Review", url_path="review"),
    st.Page(HERE / "views" / "catalogue.py", title="Catalogue", url_path="catalogue"),
    st.Page(HERE / "views" / "governance.py", title="Governance", url_path="governance"),
    st.Page(HERE / "views" / "data_health.py", title="Data health", url_path="data_health"),
    st.Page(HERE / "views" / "exports.py", title="Exports", url_path="exports"),
]
st.navigation(pages, position="top").run()
