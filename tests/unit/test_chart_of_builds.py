"""The picture of where builds spent their time."""

from __future__ import annotations

import pandas as pd

from dashboards.charts.health import build_seconds


def test_builds_of_one_minute_have_a_bar_each() -> None:
    """Two builds that began in the same minute: two bars of each step, under the same moment."""
    steps = [
        {"build": build, "started": "23 Nov, 16:01", "step": step, "seconds": seconds}
        for build in ("20261123-150108-642", "20261123-150130-744")
        for step, seconds in (("models", 9.0), ("checkpoint", 3.5))
    ]
    figure = build_seconds(pd.DataFrame(steps))
    assert [(bar.name, len(set(bar.x)), list(bar.y)) for bar in figure.data] == [
        ("models", 2, [9.0, 9.0]),
        ("checkpoint", 2, [3.5, 3.5]),
    ]
    assert list(figure.layout.xaxis.tickvals) == ["20261123-150108-642", "20261123-150130-744"]
    assert list(figure.layout.xaxis.ticktext) == ["23 Nov, 16:01", "23 Nov, 16:01"]
