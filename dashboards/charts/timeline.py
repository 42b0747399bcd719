"""The way of one order: a line a step, in the order in which they happened, against its promise."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboards.components import numbers
from dashboards.theme import TOKENS, dress

_ROW = 26
_STEPS = 24


def order_timeline(events: pd.DataFrame, promise: Any, as_of: Any) -> go.Figure:
    """A dot for every event and a bar for the time since the step before; the promise and "now" as lines.

    ``events``: event_ts (already in the reporting zone), step_name, detail; ``promise`` and ``as_of`` in the same zone.
    """
    steps = (
        events.groupby("step_name", sort=False)["event_ts"]
        .agg(["min", "max"])
        .sort_values(["max", "min"], kind="stable")
    )
    steps = steps.tail(_STEPS)
    waited = (steps["max"] - steps["max"].shift(1)).dt.total_seconds()
    names = list(steps.index)
    figure = go.Figure()
    for name, since, until, seconds in zip(names, steps["max"].shift(1), steps["max"], waited, strict=True):
        if seconds and seconds > 0:
            figure.add_scatter(
                x=[since, until],
                y=[name, name],
                mode="lines",
                line={"color": "#C9D6E0", "width": 9},
                hoverinfo="skip",
                showlegend=False,
            )
            figure.add_annotation(
                x=until,
                y=name,
                text=f"+{numbers.elapsed(seconds)}",
                showarrow=False,
                xanchor="left",
                xshift=9,
                font={"size": 12, "color": TOKENS["muted"]},
                bgcolor=TOKENS["surface"],
                borderpad=1,
            )
    known = events[events["step_name"].isin(names)]
    figure.add_scatter(
        x=known["event_ts"],
        y=known["step_name"],
        mode="markers",
        marker={"size": 10, "color": TOKENS["accent"]},
        customdata=known["detail"].fillna("").astype(str),
        hovertemplate="%{y}: <b>%{x|%-d %b, %H:%M}</b> %{customdata}<extra></extra>",
        showlegend=False,
    )
    if not numbers.is_missing(promise):
        _mark(figure, promise, "promised until", TOKENS["bad"], "dash")
    _mark(figure, as_of, "data as of", TOKENS["muted"], "dot")
    dress(figure, 70 + _ROW * len(names))
    first, last = (
        known["event_ts"].min(),
        max(x for x in (known["event_ts"].max(), promise, as_of) if not numbers.is_missing(x)),
    )
    room = (last - first) * 0.09
    figure.update_layout(margin={"t": 30})
    figure.update_xaxes(range=[first - room * 0.3, last + room], tickformat="%-d %b<br>%H:%M", nticks=9)
    figure.update_yaxes(
        type="category",
        categoryorder="array",
        categoryarray=names[::-1],
        tickfont={"size": 13, "color": TOKENS["ink"]},
        showgrid=False,
        ticklabelstandoff=8,
    )
    return figure


def _mark(figure: go.Figure, moment: Any, text: str, colour: str, dash: str) -> None:
    figure.add_shape(
        type="line", x0=moment, x1=moment, y0=0, y1=1, yref="paper", line={"color": colour, "width": 1.6, "dash": dash}
    )
    figure.add_annotation(
        x=moment, y=1, yref="paper", yanchor="bottom", text=text, showarrow=False, font={"size": 12, "color": colour}
    )
