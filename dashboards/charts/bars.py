"""A picture of amounts by name, the largest on top."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from dashboards.theme import SERIES, TOKENS, dress

_ROW = 32


def amounts(frame: pd.DataFrame, colour: str | None = None) -> go.Figure:
    """Horizontal bars. ``frame``: name, amount, text (written beside the bar); its order is kept, first on top."""
    shown = frame.iloc[::-1]
    figure = go.Figure(
        go.Bar(
            x=shown["amount"],
            y=shown["name"],
            orientation="h",
            marker={"color": colour or SERIES[0]},
            text=shown["text"],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: <b>%{text}</b><extra></extra>",
        )
    )
    dress(figure, 40 + _ROW * len(frame))
    figure.update_xaxes(visible=False, range=[0, float(frame["amount"].max() or 1) * 1.3])
    figure.update_yaxes(showgrid=False, tickfont={"size": 13, "color": TOKENS["ink"]}, ticklabelstandoff=6)
    return figure
