"""Overview: is today all right, what is it costing, what changed, who owns it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import linked
from dashboards.charts import exceptions as charts
from dashboards.components import html, numbers, page, scorecards
from dashboards.components.verdict import health_tile, verdict
from dashboards.scoreboard import Score, movers, scores
from dashboards.session import Session, query
from dashboards.theme import CHART_CONFIG, TOKENS

_DAYS = {"7": "7 days", "28": "28 days"}
_WORST = 8
_MOVERS = 3
# Lines of the table before the rest is folded away.
_SHOWN = 24


def body(session: Session) -> None:
    # settings: the choice stands in the measures' card, below what it also decides
    top = st.container()
    left, right = st.columns([1.62, 1], gap="small")
    measures = left.container(key="card_measures")
    with measures, st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.html(html.title("Measures", "Last complete days against as many before · worst first"), width="content")
        days = int(
            linked.choose(
                "segmented_control", "Days", list(_DAYS), "days", "7", _DAYS.__getitem__, label_visibility="collapsed"
            )
        )
    # data
    found = scores(session, days)
    at_risk = query(session, "exceptions_now", as_of=session.as_of)
    trend = query(session, "exceptions_trend", as_of=session.as_of, days=29)
    worst = query(session, "exceptions_worst", rows=_WORST)
    feeds = query(session, "feed_states")
    moved = movers(session, found, _MOVERS)
    # render
    with top:
        _tiles(session, found, at_risk, trend, feeds)
    with measures:
        ordered = scorecards.worst_first(found)
        st.html(scorecards.table(ordered[:_SHOWN], session.today, session.currency))
        if len(ordered) > _SHOWN:
            with st.expander(f"{len(ordered) - _SHOWN} more measures"):
                st.html(scorecards.table(ordered[_SHOWN:], session.today, session.currency))
    with right, st.container(key="card_risk"):
        _at_risk(session, at_risk, int((feeds["state_code"] == "never").sum()))
    st.html(html.title("What changed most", "Against each measure's own usual change; the slices add up to the change"))
    _moved(session, moved)
    with st.container(key="card_worst"):
        st.html(html.title("Biggest exceptions now", html.link("exceptions", "Open the queue")))
        st.html(scorecards.exceptions(worst, session) if len(worst) else html.empty("No open exceptions"))


def _tiles(
    session: Session, found: list[Score], at_risk: pd.DataFrame, trend: pd.DataFrame, feeds: pd.DataFrame
) -> None:
    worth, before = trend["value_at_risk"].iloc[-1], trend["value_at_risk"].iloc[-2]
    change = numbers.change(worth, before, "money", session.currency)
    st.html(verdict(found, at_risk, change, session.currency))
    overdue = int(at_risk["past_due"].sum())
    severe = int(at_risk.loc[at_risk["severity_code"] == "S1", "exceptions"].sum())
    st.html(
        html.tiles(
            [
                health_tile(found),
                html.tile(
                    "Money at risk",
                    html.esc(numbers.money(worth, session.currency)),
                    f"{change} since yesterday",
                    html.sparkline(list(trend["value_at_risk"]), TOKENS["accent"], 220, 30),
                ),
                html.tile(
                    "Open exceptions",
                    numbers.count(at_risk["exceptions"].sum()),
                    f"{html.link('exceptions', f'{severe:,} S1', severity='S1')} · {overdue:,} past due",
                    html.sparkline(list(trend["exceptions"]), TOKENS["accent"], 220, 30),
                ),
                scorecards.feeds_tile(feeds),
            ]
        )
    )


def _at_risk(session: Session, at_risk: pd.DataFrame, never: int) -> None:
    st.html(html.title("Money at risk", "Open exceptions by category and severity"))
    if at_risk.empty:
        blind = f" {never} feeds never came; controls that need them see nothing." if never else ""
        st.html(html.empty("No exception is open", blind.strip()))
        return
    figure = charts.at_risk_by(at_risk, "category_code", session.currency)
    st.plotly_chart(figure, config=CHART_CONFIG, theme=None, key="risk", alt="Value at risk by category and severity")
    st.html(html.title("Who owns it"))
    st.html(scorecards.owners(at_risk, session.currency))


def _moved(session: Session, moved: list) -> None:
    if not moved:
        st.html(html.empty("Nothing to compare yet", "Two periods of values are needed."))
        return
    for column, mover in zip(st.columns(_MOVERS, gap="small"), moved, strict=False):
        with column, st.container(key=f"card_mover_{mover.score.kpi_id}", height="stretch"):
            st.html(scorecards.mover(mover, session.currency))


page.run_page("Overview", "Is today all right, what is it costing, what changed, and who owns it", body)
