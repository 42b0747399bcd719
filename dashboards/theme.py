"""The one theme: colours, status marks, the style sheet and the look of every chart.

Belongs here: anything that decides how the product looks. Not here: what a page shows. Streamlit reads its own colours
from ``.streamlit/config.toml`` before any Python runs; a test keeps that file equal to the tokens below.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

TOKENS = {
    "ink": "#16202B",
    "ink-soft": "#3B4856",
    "muted": "#52606E",
    "line": "#D9E0E7",
    "line-soft": "#E6EBF0",
    "page": "#F3F5F8",
    "surface": "#FFFFFF",
    "accent": "#0B5E82",
    "accent-soft": "#E4EFF5",
    "good": "#19734A",
    "good-soft": "#E8F4ED",
    "watch": "#945200",
    "watch-soft": "#FCF1DF",
    "bad": "#B3261E",
    "bad-soft": "#FBEAE8",
    "none": "#52606E",
    "none-soft": "#EDF0F3",
}

# For parts of a whole and for several lines; status colours are not among them.
SERIES = ["#0B5E82", "#7FA8C9", "#5E548E", "#2A9D8F", "#9C7A3C", "#B07AA1", "#52606E", "#A3B1BF"]
FONT = '"Source Sans", sans-serif'
ASSETS = Path(__file__).parent / "assets"


@dataclass(frozen=True)
class Mark:
    """How a status is shown: never by colour alone, always with a sign and a word."""

    sign: str
    label: str
    tone: str

    @property
    def colour(self) -> str:
        return TOKENS[self.tone]

    @property
    def text(self) -> str:
        """Sign and word for places that hold plain text, such as the cells of a grid."""
        return f"{self.sign} {self.label}"


# Keys are the status codes of `signalbox.metrics`.
STATUS = {
    "good": Mark("✓", "On target", "good"),
    "warn": Mark("▲", "Watch", "watch"),
    "bad": Mark("✕", "Off target", "bad"),
    "not_enough_data": Mark("–", "Not enough data", "none"),
    "no_target": Mark("·", "No target", "none"),
}
SEVERITY = {
    "S1": Mark("◆", "S1", "bad"),
    "S2": Mark("▲", "S2", "watch"),
    "S3": Mark("●", "S3", "none"),
}


def style_sheet() -> str:
    """The style sheet with the tokens as CSS variables, ready for ``st.html``."""
    variables = "".join(f"--{name}:{value};" for name, value in TOKENS.items())
    rules = (ASSETS / "signalbox.css").read_text(encoding="utf-8")
    return f"<style>:root{{{variables}}}\n{rules}</style>"


def dress(figure: Any, height: int, *, unit_suffix: str = "") -> Any:
    """Give a Plotly figure the product's look; ``height`` in pixels. Returns the same figure."""
    axis = {
        "gridcolor": TOKENS["line-soft"],
        "linecolor": TOKENS["line"],
        "zeroline": False,
        "tickfont": {"size": 12, "color": TOKENS["muted"]},
        "title": {"font": {"size": 12, "color": TOKENS["muted"]}},
        "automargin": True,
        "fixedrange": True,
    }
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": 13, "color": TOKENS["ink"]},
        colorway=SERIES,
        hoverlabel={
            "bgcolor": TOKENS["surface"],
            "bordercolor": TOKENS["line"],
            "font": {"color": TOKENS["ink"], "size": 13},
        },
        legend={
            "orientation": "h",
            "x": 0,
            "y": 1.02,
            "yanchor": "bottom",
            "font": {"size": 12},
            "title": {"text": ""},
        },
        dragmode=False,
        bargap=0.35,
    )
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
    if unit_suffix:
        figure.update_yaxes(ticksuffix=unit_suffix)
    return figure


# What every chart passes to Streamlit: no mode bar, no zoom by accident.
CHART_CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
