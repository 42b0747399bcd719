"""Pictures of data quality: how long builds took and which of them published."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from dashboards.components.numbers import SPACE
from dashboards.theme import SERIES, TOKENS, dress

# A build has more steps than other charts have series.
_COLOURS = [*SERIES, "#D9B382", "#6B8E4E", "#C2CBD3", "#3B4856"]


def build_seconds(steps: pd.DataFrame) -> go.Figure:
    """Stacked bars of seconds by step and build, oldest first. ``steps``: build, started (as shown), step, seconds."""
    figure = go.Figure()
    for name, colour in zip(steps["step"].unique(), _COLOURS, strict=False):
        part = steps[steps["step"] == name]
        figure.add_bar(
            x=part["build"],
            y=part["seconds"],
            name=name,
            marker_color=colour,
            width=min(0.6, 0.05 * steps["build"].nunique()),
            customdata=part["started"],
            hovertemplate=f"%{{customdata}} {name}: <b>%{{y:.1f}}{SPACE}s</b><extra></extra>",
        )
    dress(figure, 250, unit_suffix=f"{SPACE}s")
    figure.update_layout(barmode="stack", legend={"traceorder": "normal"})
    builds = steps.drop_duplicates("build")
    # the loop builds several times a minute: a bar is a build, its moment is no more than its name
    ticks = {"tickvals": builds["build"], "ticktext": builds["started"]}
    figure.update_xaxes(type="category", showgrid=False, tickfont={"color": TOKENS["muted"]}, **ticks)
    return figure
