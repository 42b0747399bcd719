"""Data health: are the feeds here and whole, did the checks pass, what was refused, what did the last builds do."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboards import linked
from dashboards.charts.health import build_seconds
from dashboards.components import grid, health, html, numbers, page
from dashboards.session import Session, query
from dashboards.theme import CHART_CONFIG
from signalbox import publish

_TABS = {
    "feeds": "Feeds",
    "checks": "Contract checks",
    "quarantine": "Quarantine",
    "builds": "Builds",
    "snapshots": "Snapshots",
}
_MANY, _TALL = 16, 720
_BUILDS = 20
_ROWS = 500


def body(session: Session) -> None:
    # settings
    tab = linked.choose(
        "segmented_control", "View", list(_TABS), "tab", "feeds", _TABS.__getitem__, label_visibility="collapsed"
    )
    # data
    feeds = query(session, "feed_states")
    suites = query(session, "quality_suites")
    totals = query(session, "quality_totals").iloc[0]
    builds = publish.list_builds(session.settings, _BUILDS)
    # render
    st.html(html.tiles(health.summary(feeds, suites, totals, builds, session)))
    if builds and builds[0].status == "failed":
        st.html(
            html.notice(
                health.FAILED,
                f"<strong>The last build failed</strong> and was not published: {html.esc(builds[0].error)}",
            )
        )
    with st.container(key=f"card_{tab}"):
        _RENDER[tab](session, feeds, suites, builds)


def _feeds(session: Session, feeds: pd.DataFrame, suites: pd.DataFrame, builds: list[Any]) -> None:
    st.html(html.title("Feeds", f"Against their contracts; times in {html.esc(session.zone)} · late and missing first"))
    with st.container(height=_TALL if len(feeds) > _MANY else "content", border=False, key="feeds"):
        st.html(health.feeds_table(feeds, session))


def _checks(session: Session, feeds: pd.DataFrame, suites: pd.DataFrame, builds: list[Any]) -> None:
    st.html(
        html.title(
            "Contract checks", "Every suite of the build behind this snapshot · pick one to see its expectations"
        )
    )
    if suites.empty:
        st.html(html.empty("No results", "The build behind this snapshot ran no suite."))
        return
    view = suites.assign(state=[health.suite_state(row) for row in suites.itertuples(index=False)])
    text = st.column_config.TextColumn
    columns = {
        "state": text("Result"),
        "suite_kind": text("Kind"),
        "suite_name": text("Suite"),
        "target_name": text("Checks"),
        "expectations": grid.number("Expectations"),
        "failed": grid.number("Failed"),
        "not_assessed": grid.number("Not assessed"),
    }
    chosen = grid.pick(
        view,
        "suites",
        columns,
        grid.position(view, "suite_name", linked.get("suite")),
        height=grid.height(len(view), 440),
    )
    name = None if chosen is None else str(view["suite_name"].iloc[chosen])
    linked.put("suite", name)
    if name is not None:
        st.html(html.title(name))
        st.html(health.results_table(query(session, "quality_results", suite_name=name)))


def _quarantine(session: Session, feeds: pd.DataFrame, suites: pd.DataFrame, builds: list[Any]) -> None:
    st.html(
        html.title(
            "Quarantine",
            "Rows that break their contract, kept with the reason until replayed · pick a line to see the rows",
        )
    )
    rules = query(session, "quarantine_rules")
    if rules.empty:
        st.html(html.empty("Nothing is in quarantine", "Every row that was read keeps its contract."))
    else:
        _refused(session, rules)
    codes = query(session, "unknown_codes")
    if len(codes):
        st.html(
            html.title(
                "Codes without a meaning",
                "Accepted and counted as UNKNOWN, or refused where the contract's list is closed",
            )
        )
        rows = [
            [
                html.esc(row.entity),
                f"<code>{html.esc(row.column_name)}</code>",
                f"<code>{html.esc(row.code)}</code>",
                numbers.count(row.seen),
                session.moment(row.first_received_ts),
            ]
            for row in codes.head(50).itertuples(index=False)
        ]
        st.html(html.table([("Feed", ""), ("Column", ""), ("Code", ""), ("Rows", "num"), ("First seen", "")], rows))


def _refused(session: Session, rules: pd.DataFrame) -> None:
    view = rules.assign(rule=[health.RULES.get(code, code) for code in rules["rule_code"]])
    text = st.column_config.TextColumn
    columns = {
        "feed_id": text("Feed"),
        "entity": text("Name"),
        "rule": text("Rule that it breaks"),
        "column_name": text("Column"),
        "refused": grid.number("Rows"),
        "files": grid.number("Files"),
    }
    keys = view["entity"] + "|" + view["rule_code"]
    chosen = grid.position(view.assign(key=keys), "key", linked.get("rule"))
    chosen = grid.pick(view, "rules", columns, chosen, height=grid.height(len(view), 340))
    linked.put("rule", None if chosen is None else str(keys.iloc[chosen]))
    if chosen is None:
        return
    row = rules.iloc[chosen]
    refused = query(session, "quarantine_rows", entity=row["entity"], rule_code=row["rule_code"], rows=_ROWS)
    st.html(
        html.title(
            f"{row['entity']}: {health.RULES.get(row['rule_code'], row['rule_code'])}",
            "Replay them with <code>signalbox quarantine replay</code>",
        )
    )
    shown = {
        "file_name": text("File"),
        "line": st.column_config.NumberColumn("Line", format="%d"),
        "column_name": text("Column"),
        "value": text("Value as it came"),
    }
    grid.show(refused, shown, height=grid.height(len(refused), 400))


def _builds(session: Session, feeds: pd.DataFrame, suites: pd.DataFrame, builds: list[Any]) -> None:
    st.html(html.title("Builds", "The last ones, newest first, failed ones too"))
    if not builds:
        st.html(html.empty("No build is on record"))
        return
    st.html(health.builds_table(builds, session))
    steps = [
        {
            "build": build.build_id,
            "started": numbers.moment(pd.Timestamp(build.started), session.zone),
            "step": step.step,
            "seconds": step.seconds,
        }
        for build in reversed(builds)
        for step in build.steps
    ]
    if steps:
        st.html(html.title("Where the time goes"))
        st.plotly_chart(
            build_seconds(pd.DataFrame(steps)),
            config=CHART_CONFIG,
            theme=None,
            key="seconds",
            alt="Seconds by step and build",
        )


def _snapshots(session: Session, feeds: pd.DataFrame, suites: pd.DataFrame, builds: list[Any]) -> None:
    st.html(
        html.title("Snapshots", "What was published and is kept · go back with <code>signalbox snapshots use ID</code>")
    )
    st.html(health.snapshots_table(publish.list_snapshots(session.settings), session))


_RENDER = {"feeds": _feeds, "checks": _checks, "quarantine": _quarantine, "builds": _builds, "snapshots": _snapshots}

page.run_page("Data health", "Are the feeds here and whole, did the checks pass, what was refused", body)
