"""Pictures of stock: value by age."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from dashboards.components import numbers
from dashboards.theme import TOKENS, dress

AGES = ("0–30 d", "31–60 d", "61–90 d", "91–180 d", "> 180 d")
# From fresh to stale; what counts as aged in K39 is in the warning colours.
_COLOURS = dict(zip(AGES, ("#0B5E82", "#5A93B4", "#A9C5D8", "#E0A044", TOKENS["bad"]), strict=True))


def stock_ages(frame: pd.DataFrame, currency: str) -> go.Figure:
    """Value on hand by age, one bar an age. ``frame``: age, units, amount."""
    totals = frame.groupby("age")[["units", "amount"]].sum().reindex(list(AGES), fill_value=0)
    whole = float(totals["amount"].sum()) or 1.0
    figure = go.Figure(
        go.Bar(
            x=list(AGES),
            y=totals["amount"],
            marker={"color": [_COLOURS[age] for age in AGES]},
            text=[
                f"{numbers.money(amount, currency)}<br>{numbers.percent(amount / whole)}" for amount in totals["amount"]
            ],
            textposition="outside",
            cliponaxis=False,
            customdata=[numbers.count(units) for units in totals["units"]],
            hovertemplate="%{x}: <b>%{customdata} units</b><extra></extra>",
        )
    )
    dress(figure, 300)
    figure.update_layout(margin={"t": 44})
    figure.update_yaxes(visible=False)
    figure.update_xaxes(showgrid=False, tickfont={"size": 13, "color": TOKENS["ink"]})
    return figure
