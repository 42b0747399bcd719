"""The map of a process: its steps in order, and the ways that cases took between them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboards.components import numbers
from dashboards.theme import SERIES, TOKENS, dress

_WIDEST = 14.0
# Ways taken by fewer cases than this share of the busiest one are left out of the picture.
_RARE = 0.004
_HEIGHT = 400


def process_map(steps: pd.DataFrame, ways: pd.DataFrame, standard: Sequence[str]) -> go.Figure:
    """Steps from left to right, those of the standard path on the middle line; a way's width is its number of cases.

    ``steps``: activity, label, in order. ``ways``: former, activity, cases, mean_seconds. A way back is drawn below, a
    way forward above the middle line; the way on which most time is waited in all is in the warning colour.
    """
    known = set(ways["former"]) | set(ways["activity"])
    shown = steps[steps["activity"].isin(known)].reset_index(drop=True)
    place = _places(list(shown["activity"]), set(standard))
    figure = go.Figure()
    most, longest = float(ways["cases"].max() or 1), _bottleneck(ways)
    for way in ways[ways["cases"] >= most * _RARE].sort_values("cases").itertuples(index=False):
        if way.former in place and way.activity in place:
            _draw(figure, place[way.former], place[way.activity], way, most, (way.former, way.activity) == longest)
    x, y = [place[name][0] for name in shown["activity"]], [place[name][1] for name in shown["activity"]]
    figure.add_scatter(
        x=x,
        y=y,
        mode="markers+text",
        text=[label.replace(" ", "<br>", 1) for label in shown["label"]],
        textposition=["bottom center" if height <= 0 else "top center" for height in y],
        textfont={"size": 12, "color": TOKENS["ink"]},
        marker={
            "size": 17,
            "color": [TOKENS["accent"] if name in standard else TOKENS["surface"] for name in shown["activity"]],
            "line": {"width": 2, "color": TOKENS["accent"]},
        },
        cliponaxis=False,
        hoverinfo="skip",
    )
    dress(figure, _HEIGHT)
    figure.update_layout(showlegend=False, hovermode="closest", margin={"t": 30, "b": 30, "l": 30, "r": 30})
    figure.update_xaxes(visible=False, range=[-0.6, max(x, default=1) + 0.6])
    figure.update_yaxes(visible=False, range=[-1.7, 1.7])
    return figure


def _places(activities: list[str], standard: set[str]) -> dict[str, tuple[float, float]]:
    """Standard steps stand on the middle line; what lies between two of them above and below it, side by side."""
    place: dict[str, tuple[float, float]] = {}
    column, between = -1.0, 0
    for number, name in enumerate(activities):
        if name in standard:
            column, between = column + 1, 0
            place[name] = (column, 0.0)
            continue
        rest = activities[number:]
        beside = next((count for count, other in enumerate(rest) if other in standard), len(rest)) + between
        pairs = (beside + 1) // 2
        height = 1.0 + 0.38 * (between // 2 % 2)
        place[name] = (column + (between // 2 + 1) / (pairs + 1), height if between % 2 == 0 else -height)
        between += 1
    return place


def _bottleneck(ways: pd.DataFrame) -> tuple[str, str] | None:
    """The way on which most time is spent waiting."""
    if ways.empty:
        return None
    row = ways.loc[(ways["cases"] * ways["mean_seconds"]).idxmax()]
    return str(row["former"]), str(row["activity"])


def _draw(figure: go.Figure, start: tuple, end: tuple, way: tuple, most: float, is_bottleneck: bool) -> None:
    (x0, y0), (x1, y1) = start, end
    reach = x1 - x0
    lift = 0.0 if reach == 1 and y0 == y1 else 0.16 * reach or 0.5
    middle = ((x0 + x1) / 2, (y0 + y1) / 2 + 2 * max(min(lift, 0.75), -0.75))
    points = [_bezier((x0, y0), middle, (x1, y1), part / 16) for part in range(17)]
    text = (
        f"{numbers.count(way.cases)} cases, {numbers.duration(way.mean_seconds, 'seconds')} on average"
        f"{', most of the waiting' if is_bottleneck else ''}"
    )
    figure.add_scatter(
        x=[point[0] for point in points],
        y=[point[1] for point in points],
        mode="lines",
        line={
            "width": 1 + _WIDEST * way.cases / most,
            "color": TOKENS["watch"] if is_bottleneck else SERIES[1] if reach > 0 else SERIES[5],
        },
        opacity=0.75,
        customdata=[f"{numbers.words(way.former)} → {numbers.words(way.activity)}: {text}"] * len(points),
        hovertemplate="%{customdata}<extra></extra>",
    )


def _bezier(start: tuple, middle: tuple, end: tuple, part: float) -> tuple[float, float]:
    rest = 1 - part
    x, y = (rest * rest * start[i] + 2 * rest * part * middle[i] + part * part * end[i] for i in (0, 1))
    return x, y
