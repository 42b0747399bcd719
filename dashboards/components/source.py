"""The end of every drill: one line of a source file as it was landed. Asks ``signalbox.landing`` and draws."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from dashboards.components import html
from dashboards.components.numbers import is_missing
from dashboards.session import Session
from signalbox.errors import SignalboxError


def show_source(session: Session, file_digest: Any, line: Any, because: str) -> None:
    """The file, the line and its columns; says so when the row was computed without one."""
    if is_missing(file_digest) or is_missing(line):
        st.html(
            html.empty(
                "No single source line",
                "This row stands for something that did not arrive, or was worked out from many rows.",
            )
        )
        return
    from signalbox.landing import source_line

    try:
        found = source_line(session.settings, str(file_digest), int(line))
    except SignalboxError as error:
        st.html(html.empty("The source line cannot be shown", str(error)))
        return
    place = f"<code>{html.esc(_shown(found.path, session))}</code>, line <strong>{int(found.line):,}</strong>"
    st.html(html.title("Source line", f"{html.esc(because)} · {html.esc(found.entity)} · {place}"))
    rows = [[f"<code>{html.esc(name)}</code>", html.esc(value)] for name, value in found.values.items()]
    if found.extra:
        rows.append(["<em>columns not in the contract</em>", html.esc(found.extra)])
    half = (len(rows) + 1) // 2
    for column, part in zip(st.columns(2, gap="medium"), (rows[:half], rows[half:]), strict=True):
        if part:
            column.html(html.table([("Column", ""), ("Value as landed", "")], part))


def _shown(path: Path, session: Session) -> str:
    """The path below the home where the file lies there."""
    return str(path.relative_to(session.settings.home) if path.is_relative_to(session.settings.home) else path)
