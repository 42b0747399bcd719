"""Pictures of one measure: its course against the target, and its slices against the whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboards.components import numbers
from dashboards.components.numbers import SPACE, Unit, is_missing
from dashboards.theme import SERIES, TOKENS, dress

_PERCENTILES = {"p50": SERIES[0], "p90": SERIES[1], "p95": SERIES[4], "p99": SERIES[7]}
# The steps of the contribution statement in the order in which they are read.
STEP_DIMENSION = "reason"
STEPS = (
    "gross_sales",
    "funded_discount",
    "unfunded_discount",
    "refund",
    "cogs",
    "supplier_funding",
    "return_writedown",
    "shipping_revenue",
    "fulfilment",
    "freight",
    "payment_fee",
    "marketplace_fee",
    "return_handling",
)
_SLICES = 14
_ROW = 27
_TICKS = 14
# From this span on the axis names years.
_YEAR = timedelta(days=300)


def trend(
    frame: pd.DataFrame,
    unit: Unit,
    target: Any,
    *,
    is_total: bool,
    picked: Any = None,
    spread: pd.DataFrame | None = None,
) -> go.Figure:
    """The measure by period: a line (bars for a total), its target, percentiles when there are any.

    ``frame``: period_start, value, is_running (a period that is not over: paler bar), is_provisional (hollow point).
    ``spread``: period_start, p50 … ``picked``: the period to mark.
    """
    figure = go.Figure()
    days, amounts = pd.to_datetime(frame["period_start"]), frame["value"].astype(float) * unit.factor
    texts = [unit.text(value) for value in frame["value"]]
    hover = {"customdata": texts, "hovertemplate": "%{x|%a %-d %b %Y}: <b>%{customdata}</b><extra></extra>"}
    if is_total:
        shades = [0.45 if running else 1.0 for running in frame["is_running"]]
        marker = {"color": TOKENS["accent"], "opacity": shades}
        figure.add_bar(x=days, y=amounts, name="Value", marker=marker, width=_bar_width(days), **hover)
    else:
        name, colour = ("mean", TOKENS["ink"]) if spread is not None else ("Value", TOKENS["accent"])
        figure.add_scatter(
            x=days,
            y=amounts,
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker=_markers(frame, colour),
            connectgaps=False,
            **hover,
        )
    if spread is not None:
        _add_percentiles(figure, spread, unit)
    if not is_missing(target):
        _add_target(figure, float(target) * unit.factor, unit.text(target))
    if picked is not None and picked in set(days):
        mark = amounts[days == picked]
        figure.add_scatter(
            x=[picked],
            y=mark,
            mode="markers",
            marker={"size": 15, "color": "rgba(0,0,0,0)", "line": {"width": 2.5, "color": TOKENS["ink"]}},
            showlegend=False,
            hoverinfo="skip",
        )
    dress(figure, 330)
    figure.update_layout(showlegend=spread is not None, margin={"r": 76}, hovermode="closest", clickmode="event+select")
    figure.update_xaxes(showgrid=False, tickformat="%-d %b", nticks=12)
    if len(days) and days.max() - days.min() > _YEAR:
        figure.update_xaxes(tickformat="%b %Y")
    elif len(days) <= _TICKS:
        figure.update_xaxes(tickvals=days)
    figure.update_yaxes(tickprefix=unit.prefix, ticksuffix=unit.suffix, tickformat=",", nticks=6)
    if len(days):
        room = max((days.max() - days.min()) / max(len(days), 2) * 0.7, timedelta(hours=18))
        figure.update_xaxes(range=[days.min() - room, days.max() + room])
    return figure


def _markers(frame: pd.DataFrame, colour: str) -> dict[str, Any]:
    """Filled points, hollow where the value is not final yet."""
    provisional = frame["is_provisional"] if "is_provisional" in frame else [False] * len(frame)
    fills = [TOKENS["surface"] if not is_missing(open_) and open_ else colour for open_ in provisional]
    return {"size": 5 if len(frame) > 45 else 7, "color": fills, "line": {"width": 1.6, "color": colour}}


def _bar_width(days: pd.Series) -> float | None:
    """Two thirds of the shortest step between bars, in milliseconds, as Plotly wants it on a time axis."""
    step = days.diff().min()
    return None if pd.isna(step) else step.total_seconds() * 1000 * 0.66


def _add_percentiles(figure: go.Figure, spread: pd.DataFrame, unit: Unit) -> None:
    for name, colour in _PERCENTILES.items():
        if name in spread and name != "p99":
            figure.add_scatter(
                x=pd.to_datetime(spread["period_start"]),
                y=spread[name].astype(float) * unit.factor,
                name=name,
                mode="lines",
                line={"color": colour, "width": 1.8},
                customdata=[unit.text(value) for value in spread[name]],
                hovertemplate=f"%{{x|%-d %b}} {name}: <b>%{{customdata}}</b><extra></extra>",
            )


def _add_target(figure: go.Figure, level: float, text: str) -> None:
    figure.add_hline(y=level, line={"color": TOKENS["good"], "width": 1.5, "dash": "dash"})
    figure.add_annotation(
        x=1,
        xref="paper",
        y=level,
        text=f"Target<br>{text.replace(' ', SPACE)}",
        showarrow=False,
        xanchor="left",
        xshift=8,
        align="left",
        font={"size": 12, "color": TOKENS["good"]},
    )


def steps(frame: pd.DataFrame, dimension: str, unit: Unit, picked: str | None) -> go.Figure:
    """A waterfall from the first step of a margin to what is left, in the order of the statement.

    ``frame``: the dimension (step codes), value. Steps that the order does not know come last.
    """
    place = {name: number for number, name in enumerate(STEPS)}
    shown = frame[frame["value"].notna()].assign(place=frame[dimension].map(place).fillna(len(place)))
    shown = shown.sort_values(["place", dimension])
    names = [numbers.words(name) for name in [*shown[dimension], "contribution"]]
    amounts = shown["value"].astype(float)
    figure = go.Figure(
        go.Waterfall(
            y=names,
            x=[*(amounts * unit.factor), 0],
            measure=["relative"] * len(shown) + ["total"],
            orientation="h",
            text=[unit.text(value) for value in [*amounts, amounts.sum()]],
            textposition="outside",
            cliponaxis=False,
            increasing={"marker": {"color": SERIES[1] if picked else TOKENS["accent"]}},
            decreasing={"marker": {"color": SERIES[7]}},
            totals={"marker": {"color": TOKENS["ink"]}},
            connector={"line": {"color": TOKENS["line"], "width": 1}},
            hovertemplate="%{y}: <b>%{text}</b><extra></extra>",
        )
    )
    dress(figure, 40 + _ROW * len(names))
    reach = (amounts.cumsum() * unit.factor).agg(["min", "max"])
    low, high = min(0.0, reach["min"]), max(0.0, reach["max"])
    figure.update_xaxes(visible=False, range=[low, high + (high - low) * 0.24])
    figure.update_yaxes(showgrid=False, type="category", autorange="reversed", ticklabelstandoff=8)
    figure.update_yaxes(tickfont={"size": 13, "color": TOKENS["ink"]})
    return figure


def slices(
    frame: pd.DataFrame, dimension: str, unit: Unit, whole: Any, *, is_total: bool, picked: str | None
) -> go.Figure:
    """Bars by slice in the frame's order: from zero for a total, else from the whole's value to the slice's.

    ``frame``: the dimension, value, status_code.
    """
    shown = frame[frame["value"].notna()].head(_SLICES).iloc[::-1]
    base = 0.0 if is_total or is_missing(whole) else float(whole) * unit.factor
    amounts = shown["value"].astype(float) * unit.factor
    colours = [TOKENS["bad"] if state == "bad" else TOKENS["accent"] for state in shown["status_code"]]
    figure = go.Figure(
        go.Bar(
            x=amounts - base,
            base=base,
            y=shown[dimension],
            orientation="h",
            marker={"color": colours, "opacity": [1.0 if picked in (None, name) else 0.4 for name in shown[dimension]]},
            text=[unit.text(value) for value in shown["value"]],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: <b>%{text}</b><extra></extra>",
        )
    )
    dress(figure, 40 + _ROW * max(len(shown), 3))
    low, high = min([base, *amounts]), max([base, *amounts])
    room = (high - low or abs(high) or 1.0) * 0.34
    figure.update_xaxes(visible=False, range=[low - (0 if is_total and low >= 0 else room), high + room])
    figure.update_yaxes(
        showgrid=False, type="category", tickfont={"size": 13, "color": TOKENS["ink"]}, ticklabelstandoff=8
    )
    if not is_total and not is_missing(whole):
        figure.add_vline(x=base, line={"color": TOKENS["muted"], "width": 1})
        figure.add_annotation(
            x=base,
            y=1,
            yref="paper",
            yanchor="bottom",
            text=f"all: {unit.text(whole)}",
            showarrow=False,
            font={"size": 12, "color": TOKENS["muted"]},
        )
        figure.update_layout(margin={"t": 26})
    return figure
