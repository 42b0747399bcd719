"""Widgets whose choice stands in the page's address, so that every view can be sent to someone as a link.

Streamlit's own ``bind`` writes a widget's label into the address; here it is the plain id (``kpi=K02``). Not here:
what the choices mean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st


def choose(
    kind: str,
    label: str,
    options: Sequence[str],
    key: str,
    default: str,
    text: Callable[[str], str] = str,
    **extra: Any,
) -> str:
    """One of ``options`` by a 'selectbox' or a 'segmented_control'; the default is left out of the address."""
    _seed(key, lambda given: given[0] if given and given[0] in options else default)
    if st.session_state[key] not in options:
        st.session_state[key] = default
    if kind == "segmented_control":
        extra["required"] = True
    choice = getattr(st, kind)(label, options, key=key, format_func=text, **extra) or default
    _write(key, [] if choice == default else [choice])
    return choice


def choose_many(
    label: str, options: Sequence[str], key: str, text: Callable[[str], str] = str, **extra: Any
) -> list[str]:
    """Any number of ``options``; none chosen means no restriction."""
    _seed(key, lambda given: [item for item in given if item in options])
    st.session_state[key] = [item for item in st.session_state[key] if item in options]
    chosen = st.multiselect(label, options, key=key, format_func=text, **extra)
    _write(key, chosen)
    return chosen


def get(key: str) -> str | None:
    """A parameter of the address that belongs to no widget."""
    return st.query_params.get(key)


def put(key: str, value: str | None) -> None:
    """Write or remove such a parameter."""
    if value is None:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != value:
        st.query_params[key] = value


def _seed(key: str, read: Callable[[list[str]], Any]) -> None:
    """Take the widget's value from the address at first, and again whenever the address was changed by someone else."""
    given, written = st.query_params.get_all(key), f"address:{key}"
    if key not in st.session_state or given != st.session_state.get(written, []):
        st.session_state[key] = read(given)
        st.session_state[written] = given


def _write(key: str, values: list[str]) -> None:
    st.session_state[f"address:{key}"] = list(values)
    if not values:
        st.query_params.pop(key, None)
    elif st.query_params.get_all(key) != values:
        st.query_params[key] = values[0] if len(values) == 1 else values
