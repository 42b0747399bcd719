"""Pictures of incidents: when each of its exceptions opened, by code."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from dashboards.components import numbers
from dashboards.theme import TOKENS, dress

_ROW = 34
_LEAST, _MOST = 9, 30


def spread(members: pd.DataFrame, currency: str) -> go.Figure:
    """One lane a code, the cause's on top, one dot an exception at its opening; the larger, the more is at risk.

    ``members``: what, key, opened (time), worth (money, may be missing), is_open, depth.
    """
    lanes = members.groupby("what").agg(depth=("depth", "min"), first=("opened", "min")).sort_values(["depth", "first"])
    most = float(members["worth"].max() or 0) or 1.0
    size = _LEAST + (_MOST - _LEAST) * (members["worth"].fillna(0).clip(lower=0).astype(float) / most) ** 0.5
    figure = go.Figure()
    for is_open, name, colour in ((True, "open", TOKENS["bad"]), (False, "closed", TOKENS["muted"])):
        part = members[members["is_open"] == is_open]
        if part.empty:
            continue
        texts = [
            f"{key}, {numbers.money(worth, currency)}" for key, worth in zip(part["key"], part["worth"], strict=True)
        ]
        figure.add_scatter(
            x=part["opened"],
            y=part["what"],
            mode="markers",
            name=name,
            marker={"size": size[part.index], "color": colour, "opacity": 0.7, "line": {"width": 0}},
            customdata=texts,
            hovertemplate="%{y}, %{x|%d %b %H:%M}<br>%{customdata}<extra></extra>",
        )
    dress(figure, 70 + _ROW * max(len(lanes), 2))
    figure.update_yaxes(
        categoryorder="array", categoryarray=list(lanes.index)[::-1], tickfont={"size": 13, "color": TOKENS["ink"]}
    )
    return figure
