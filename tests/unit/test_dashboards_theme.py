"""One home for the look, SQL files that are named and used, and charts that hold only small frames."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pandas as pd

from dashboards import theme
from dashboards.charts.exceptions import at_risk_by
from dashboards.charts.kpi import slices, steps, trend
from dashboards.charts.timeline import order_timeline
from dashboards.components import html, numbers

HERE = Path(theme.__file__).parent


def test_streamlits_colours_are_the_tokens() -> None:
    config = tomllib.loads((HERE / ".streamlit" / "config.toml").read_text())["theme"]
    expected = {
        "backgroundColor": "surface",
        "textColor": "ink",
        "primaryColor": "accent",
        "linkColor": "accent",
        "borderColor": "line",
        "dataframeBorderColor": "line-soft",
        "dataframeHeaderBackgroundColor": "page",
        "dataframeHeaderTextColor": "muted",
    }
    assert {key: config[key] for key in expected} == {key: theme.TOKENS[name] for key, name in expected.items()}


def test_nothing_phones_home_and_only_this_machine_can_connect() -> None:
    config = tomllib.loads((HERE / ".streamlit" / "config.toml").read_text())
    assert config["browser"]["gatherUsageStats"] is False
    assert config["server"]["address"] == "127.0.0.1"
    css = (HERE / "assets" / "signalbox.css").read_text()
    assert "http" not in css and "@import" not in css


def test_status_text_can_be_read_on_its_ground() -> None:
    """Contrast of at least 4.5 (WCAG AA) for every tone on its soft ground and on white."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (x / 12.92 if x <= 0.03928 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(first: str, second: str) -> float:
        light, dark = sorted((luminance(first), luminance(second)), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    for tone in ("good", "watch", "bad", "none"):
        for ground in (theme.TOKENS[f"{tone}-soft"], theme.TOKENS["surface"]):
            assert contrast(theme.TOKENS[tone], ground) >= 4.5, (tone, ground)
    assert contrast(theme.TOKENS["muted"], theme.TOKENS["page"]) >= 4.5


def test_a_status_is_never_a_colour_alone() -> None:
    for mark in [*theme.STATUS.values(), *theme.SEVERITY.values()]:
        assert mark.sign and mark.label and mark.sign in html.pill(mark) and mark.label in html.pill(mark)


def test_every_query_file_is_used_and_every_used_one_exists() -> None:
    sources = "\n".join(path.read_text() for path in HERE.rglob("*.py"))
    used = set(re.findall(r'query\(session, "(\w+)"', sources))
    assert used == {path.stem for path in (HERE / "queries").glob("*.sql")}


def test_there_is_no_folder_that_switches_on_streamlits_own_discovery() -> None:
    assert not (HERE / "pages").exists()
    assert "st.navigation" in (HERE / "app.py").read_text()


def test_text_from_data_cannot_become_markup() -> None:
    assert html.esc("<b>&\"'") == "&lt;b&gt;&amp;&quot;&#x27;"
    assert "<script" not in html.link("kpi", html.esc("<script>"), only='"><script>')


def test_the_course_shows_target_and_marks_the_period() -> None:
    frame = pd.DataFrame(
        {
            "period_start": pd.date_range("2025-10-01", periods=5),
            "value": [0.9, 0.92, None, 0.95, 0.97],
            "is_provisional": [False, False, None, False, True],
            "is_running": False,
        }
    )
    unit = numbers.unit_of("share", 0.97)
    figure = trend(frame, unit, 0.95, is_total=False, picked=pd.Timestamp("2025-10-04"))
    assert figure.layout.shapes[0].y0 == 95.0 and "Target" in figure.layout.annotations[0].text
    assert figure.data[-1].marker.size == 15 and list(figure.data[-1].y) == [95.0]
    assert list(figure.data[0].customdata)[2] == "–"  # a gap stays a gap
    assert list(figure.data[0].marker.color)[-1] == theme.TOKENS["surface"]  # not final: hollow


def test_slices_stand_from_the_whole_and_bad_ones_are_red() -> None:
    frame = pd.DataFrame({"channel": ["web", "store"], "value": [0.9, 0.97], "status_code": ["bad", "good"]})
    figure = slices(frame, "channel", numbers.unit_of("share", 0.97), 0.94, is_total=False, picked=None)
    assert figure.data[0].base == 94.0
    assert dict(zip(figure.data[0].y, figure.data[0].marker.color, strict=True))["web"] == theme.TOKENS["bad"]


def test_a_margin_is_a_waterfall_in_the_order_of_the_statement() -> None:
    frame = pd.DataFrame({"reason": ["cogs", "gross_sales", "refund"], "value": [-60.0, 100.0, -5.0]})
    figure = steps(frame, "reason", numbers.unit_of("money", 100.0), picked=None)
    assert list(figure.data[0].y) == ["Gross sales", "Refund", "Cogs", "Contribution"]
    assert list(figure.data[0].measure)[-1] == "total" and figure.data[0].text[-1] == numbers.money(35)


def test_money_at_risk_is_stacked_by_severity_with_the_total_beside() -> None:
    frame = pd.DataFrame(
        {
            "category_code": ["finance", "finance", "supplier"],
            "severity_code": ["S1", "S2", "S1"],
            "value_at_risk": [20_000.0, 5_000.0, 900.0],
            "exceptions": [2, 3, 1],
        }
    )
    figure = at_risk_by(frame, "category_code", "EUR")
    assert [trace.name for trace in figure.data] == ["S1", "S2"]
    assert {note.y: note.text for note in figure.layout.annotations} == {
        "finance": numbers.money(25_000),
        "supplier": numbers.money(900),
    }


def test_an_orders_way_shows_the_time_since_the_step_before() -> None:
    events = pd.DataFrame(
        {
            "event_ts": pd.to_datetime(["2025-10-10 08:00", "2025-10-10 20:00", "2025-10-12 20:00"]),
            "step_name": ["Placed", "Picked", "Shipped"],
            "detail": [None, None, "parcel-b"],
        }
    )
    figure = order_timeline(events, pd.Timestamp("2025-10-12 12:00"), pd.Timestamp("2025-10-14 06:55"))
    texts = [note.text for note in figure.layout.annotations]
    assert f"+12.0{numbers.SPACE}h" in texts and f"+48.0{numbers.SPACE}h" in texts and "promised until" in texts
