"""Who sits at this page: signed in through OpenID Connect, or chosen by hand in a demonstration on this machine.

Belongs here: finding the person and opening their desk. Not here: what they may do (``signalbox.cases.access``), or
what a page shows. With `[auth]` in Streamlit's secrets everybody signs in; without it pages answer on loopback only,
and say that anybody may choose who they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboards import linked
from dashboards.components import html
from dashboards.session import Session
from dashboards.theme import Mark

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_FIRST = "executive"
_KEPT = "person_of_this_visit"
_DEMONSTRATION = Mark("●", "Demonstration", "watch")


@dataclass(frozen=True)
class Seat:
    """The office of this snapshot, and the desk of who looks at it."""

    office: Any
    desk: Any

    @property
    def cases(self) -> Any:
        """What people did, as a table beside the snapshot."""
        return self.office.overlay.table()

    def may(self, action: str, case: Any = None) -> bool:
        from signalbox.cases.access import role_for

        return role_for(self.desk.policy, self.desk.person, action, case) is not None


def sit_down(session: Session) -> Seat:
    """The seat of who looks at the page; without one the page ends here and says why."""
    office = _office(session, session.key)
    name = _signed_in() if _has_provider() else _chosen(office.policy)
    person = office.policy.people.get(name)
    if person is None:
        st.html(html.empty(f"{name} is not in the policy's table of people", "An administrator can add you there."))
        st.stop()
    return Seat(office, office.desk(person))


@st.cache_resource(max_entries=3, show_spinner=False)
def _office(_session: Session, key: str) -> Any:
    from signalbox.cases.office import Office
    from signalbox.cases.queue import Overlay

    store = _store(_session, str(_session.settings.home))
    return Office(_session.settings, _session.snapshot, store, Overlay(store))


@st.cache_resource(max_entries=2, show_spinner=False)
def _store(_session: Session, home: str) -> Any:
    from signalbox.cases.store import open_store

    return open_store(_session.settings)


def _has_provider() -> bool:
    try:
        return "auth" in st.secrets
    except FileNotFoundError:
        return False


def _signed_in() -> str:
    """The name that the provider gives: the user name, else the mail address."""
    if not st.user.is_logged_in:
        st.html(html.empty("Please sign in", "Exceptions are shown to those who work them."))
        if st.button("Sign in", type="primary"):
            st.login()
        st.stop()
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="signed_in"):
        name = str(st.user.get("preferred_username") or st.user.get("email") or st.user.get("sub"))
        st.html(f'<div class="sb small">Signed in as <strong>{html.esc(name)}</strong></div>')
        if st.button("Sign out", key="sign_out"):
            st.logout()
    return name


def _chosen(policy: Any) -> str:
    """Whoever the visitor says they are, on this machine only."""
    if st.get_option("server.address") not in _LOOPBACK:
        st.html(
            html.empty(
                "Nobody can sign in here",
                "These pages are served beyond this machine: name an OpenID Connect provider under [auth] in "
                ".streamlit/secrets.toml.",
            )
        )
        st.stop()
    people = sorted(policy.people)
    with st.container(horizontal=True, vertical_alignment="center", key="demonstration"):
        st.html(html.notice(_DEMONSTRATION, "Demonstration sign-in: anybody on this machine may choose who they are."))
        kept = st.session_state.get(_KEPT, _FIRST)
        first = kept if kept in people else people[0]
        name = linked.choose(
            "selectbox", "Signed in as", people, "as", first, lambda name: policy.people[name].title, width=240
        )
    # a widget's own state ends with its page
    st.session_state[_KEPT] = name
    return name
