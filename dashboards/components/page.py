"""What stands on top of every page: title, "data as of", late feeds; and what is said when there is nothing to show.

Draws with Streamlit; reads nothing but what it is given.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from dashboards.components import html
from dashboards.session import Session, open_session, query
from dashboards.theme import Mark, style_sheet
from signalbox.errors import SignalboxError

_POLL = "30s"
_LATE = Mark("▲", "Late", "watch")


def run_page(title: str, question: str, body: Callable[[Session], None]) -> None:
    """Open the session, draw the header, then ``body``; a home without a snapshot gets an explanation instead."""
    st.html(style_sheet())
    try:
        session = open_session()
    except SignalboxError as error:
        st.html(_header(title, question, ""))
        st.html(html.empty("The data cannot be read", str(error)))
        return
    if session is None:
        st.html(_header(title, question, ""))
        st.html(
            html.empty("Nothing was published yet", "Run `signalbox demo`, or `signalbox land` and `signalbox build`.")
        )
        return
    st.html(_header(title, question, _as_of(session)))
    _watch_pointer(session.snapshot_id)
    _late_feeds(session)
    body(session)


def _header(title: str, question: str, right: str) -> str:
    return (
        f'<div class="sb sb-header"><div><h1>{html.esc(title)}</h1><p>{html.esc(question)}</p></div>'
        f'<div class="sb-asof">{right}</div></div>'
    )


def _as_of(session: Session) -> str:
    """The instant of the data, and of those tables that wait for a complete build."""
    zone, behind = html.esc(session.zone), session.snapshot.behind
    complete = html.esc(session.moment(session.snapshot.complete_as_of, weekday=True))
    left = f'<span class="small">{len(behind)} of {len(session.snapshot.tables)} tables as of {complete}</span>'
    return (
        f"Data as of <strong>{html.esc(session.moment(session.as_of, weekday=True))}</strong>{left if behind else ''}"
        f'<span class="small">{zone} · snapshot <code>{html.esc(session.snapshot_id)}</code></span>'
    )


@st.fragment(run_every=_POLL)
def _watch_pointer(shown: str) -> None:
    """Say so when a newer snapshot was published; what is open stays as it is until the reader asks for it."""
    from signalbox.publish import current_snapshot_id
    from signalbox.settings import load_settings

    newer = current_snapshot_id(load_settings())
    if newer is not None and newer != shown:
        with st.container(horizontal=True, vertical_alignment="center", key="newer"):
            st.html(html.notice(Mark("●", "New", "good"), "Newer data was published."))
            if st.button("Show it", key="show_newer"):
                st.rerun()


def late_feeds(session: Session) -> pd.DataFrame:
    """Feeds of which a delivery is overdue and nothing newer has come, the longest overdue first."""
    feeds = query(session, "feed_states")
    return feeds[feeds["state_code"] == "late"].sort_values(["late_since_ts", "entity"], kind="stable")


def _late_feeds(session: Session) -> None:
    late = late_feeds(session)
    if late.empty:
        return
    names = ", ".join(html.esc(name) for name in late["entity"].head(4))
    more = f" and {len(late) - 4} more" if len(late) > 4 else ""
    noun = "feed is" if len(late) == 1 else "feeds are"
    where = html.link("data_health", "See data health", tab="feeds")
    st.html(
        html.notice(
            _LATE,
            f"<strong>{len(late)} {noun} late</strong>: {names}{more}. Figures that need them are incomplete. {where}",
        )
    )
