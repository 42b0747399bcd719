"""Pictures of the queue: what is at stake by category, and the way of one order."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from dashboards.components import numbers
from dashboards.theme import SEVERITY, TOKENS, dress

# From most to least severe; lighter grounds, so that the words beside them carry the meaning.
_FILL = {"S1": "#B3261E", "S2": "#E0A044", "S3": "#B4BFCA"}
_ROW = 34


def at_risk_by(frame: pd.DataFrame, dimension: str, currency: str) -> go.Figure:
    """Bars of value at risk by ``dimension``, split by severity, largest on top.

    ``frame``: dimension, severity_code, value_at_risk, exceptions.
    """
    totals = frame.groupby(dimension)["value_at_risk"].sum().sort_values()
    figure = go.Figure()
    for severity in SEVERITY:
        part = frame[frame["severity_code"] == severity].groupby(dimension)[["value_at_risk", "exceptions"]].sum()
        part = part.reindex(totals.index, fill_value=0)
        if not part["exceptions"].sum():
            continue
        texts = [f"{numbers.money(worth, currency)} in {count:,.0f}" for worth, count in part.itertuples(index=False)]
        figure.add_bar(
            x=part["value_at_risk"],
            y=totals.index,
            orientation="h",
            name=severity,
            marker_color=_FILL[severity],
            customdata=texts,
            hovertemplate="%{y}, " + severity + ": %{customdata}<extra></extra>",
        )
    for name, amount in totals.items():
        figure.add_annotation(
            x=amount,
            y=name,
            text=numbers.money(amount, currency),
            xanchor="left",
            showarrow=False,
            xshift=6,
            font={"size": 13},
        )
    dress(figure, 54 + _ROW * len(totals))
    figure.update_layout(barmode="stack", legend={"traceorder": "normal"})
    figure.update_xaxes(visible=False, range=[0, float(totals.max() or 1) * 1.28])
    figure.update_yaxes(showgrid=False, tickfont={"size": 13, "color": TOKENS["ink"]}, ticklabelstandoff=6)
    return figure
