"""Tables and tiles of the data health page. Values in, HTML out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from dashboards.components import html, numbers
from dashboards.components.scorecards import feeds_tile
from dashboards.session import Session
from dashboards.theme import Mark

PASSED, WARNED = Mark("✓", "Passed", "good"), Mark("▲", "Warning", "watch")
FAILED, UNKNOWN = Mark("✕", "Failed", "bad"), Mark("–", "Not assessed", "none")
_FEED = {
    "late": Mark("▲", "Late", "watch"),
    "gap": Mark("▲", "Gap", "watch"),
    "never": Mark("–", "Never received", "none"),
    "on_time": Mark("✓", "On time", "good"),
    "once": Mark("✓", "Delivered once", "none"),
}
_BUILD = {
    "published": Mark("✓", "Published", "good"),
    "unchanged": Mark("✓", "Nothing new", "none"),
    "audited": Mark("●", "Audited", "none"),
    "running": Mark("●", "Running", "none"),
    "failed": FAILED,
}
RULES = {
    "type": "wrong type",
    "required": "a required value is missing",
    "unknown_code": "code not in the closed list",
    "bad_date": "not a date or time",
    "column_count": "wrong number of columns",
    "broken_json": "broken JSON",
    "encoding": "not valid UTF-8",
    "unreadable": "file cannot be read",
    "missing_column": "a required column is missing",
    "key": "the business key is missing",
}


def summary(
    feeds: pd.DataFrame, suites: pd.DataFrame, totals: pd.Series, builds: Sequence[Any], session: Session
) -> list[str]:
    """The four tiles on top."""
    checks, failed, errors = (int(suites[name].sum()) for name in ("expectations", "failed", "failed_errors"))
    parts = [("good", checks - failed), ("watch", failed - errors), ("bad", errors)]
    share = numbers.percent(totals["refused_rows"] / totals["rows_read"]) if totals["rows_read"] else "no rows yet"
    tiles = [
        feeds_tile(feeds),
        html.tile(
            "Checks passed",
            f"{checks - failed:,} <small>of {checks:,}</small>",
            f"{errors} errors · {failed - errors} warnings",
            html.split(parts),
        ),
        html.tile(
            "Rows in quarantine",
            numbers.count(totals["refused_rows"]),
            f"{share} of {numbers.count(totals['rows_read'])} read · {int(totals['refused_files'])} whole files",
        ),
    ]
    last = builds[0] if builds else None
    when = session.moment(pd.Timestamp(last.finished or last.started)) if last else "no build on record"
    return [*tiles, html.tile("Last build", html.pill(_BUILD[last.status]) if last else numbers.NOTHING, when)]


def feeds_table(feeds: pd.DataFrame, session: Session) -> str:
    """One line a feed: state, contract, what came last, what was refused."""
    headers = [("State", ""), ("Feed", ""), ("Owner", ""), ("Contract", ""), ("Last delivery", "")]
    headers += [("On time and clean", "num"), ("Rows", "num"), ("Refused", "num")]
    order = {state: place for place, state in enumerate(_FEED)}
    ordered = feeds.assign(place=feeds["state_code"].map(order)).sort_values(
        ["place", "feed_id", "entity"], kind="stable"
    )
    return html.table(headers, [_feed(row, session) for row in ordered.itertuples(index=False)])


def _feed(row: Any, session: Session) -> list[str]:
    late = ""
    if row.state_code == "late":
        seconds = (pd.Timestamp(session.as_of) - pd.Timestamp(row.late_since_ts)).total_seconds()
        late = f'<span class="sub">{numbers.elapsed(seconds)} overdue</span>'
    elif row.state_code == "gap":
        late = f'<span class="sub">{int(row.missing)} earlier missing</span>'
    every = {1.0: "daily", 7.0: "weekly"}.get(float(row.frequency_days), f"every {float(row.frequency_days):g} d")
    refused, came = int(row.rows_quarantined), not numbers.is_missing(row.last_received_ts)
    last, age = numbers.day(row.last_business_date), numbers.elapsed(row.age_seconds)
    return [
        html.pill(_FEED[row.state_code]) + late,
        html.two(f"<strong>{html.esc(row.entity)}</strong>", f"{html.esc(row.feed_id)} · {html.esc(row.system_code)}"),
        html.two(html.esc(numbers.words(row.owner_name)), html.esc(numbers.words(row.steward_name))),
        html.two(f'<span class="nowrap">{every}, {html.esc(row.due_time)}</span>', f"+ {int(row.grace_minutes)} min"),
        html.two(
            f'<span class="nowrap">{session.moment(row.last_received_ts)}</span>',
            f"for {last}, {age} ago" if came else "",
        ),
        f"{int(row.good_count):,} of {int(row.due_count):,}" if row.due_count else numbers.NOTHING,
        numbers.count(row.rows_read) if came else numbers.NOTHING,
        f'<span class="tone-watch">▲ {refused:,}</span>' if refused else ("0" if came else numbers.NOTHING),
    ]


def suite_state(row: Any) -> str:
    """Sign and word for a suite, for the cells of a grid."""
    if row.failed_errors:
        return FAILED.text
    if row.failed:
        return WARNED.text
    return UNKNOWN.text if row.not_assessed == row.expectations else PASSED.text


def results_table(results: pd.DataFrame) -> str:
    """The expectations of one suite, failures first."""
    rows = []
    for row in results.itertuples(index=False):
        failed = WARNED if row.severity_code == "warning" else FAILED
        mark = UNKNOWN if numbers.is_missing(row.success) else PASSED if row.success else failed
        column = "" if numbers.is_missing(row.column_name) else f"<code>{html.esc(row.column_name)}</code>"
        rows.append(
            [
                html.pill(mark),
                html.esc(row.expectation),
                column,
                html.esc(row.observed_value),
                numbers.count(row.unexpected_count),
                numbers.count(row.element_count),
            ]
        )
    headers = [
        ("Result", ""),
        ("Expectation", ""),
        ("Column", ""),
        ("Observed", ""),
        ("Against it", "num"),
        ("Looked at", "num"),
    ]
    return html.table(headers, rows)


def builds_table(builds: Sequence[Any], session: Session) -> str:
    """One line a build: status, when, how long, suites, error."""
    rows = []
    for build in builds:
        seconds = sum(step.seconds for step in build.steps)
        failed = [suite.suite for suite in build.suites if not suite.success]
        said = (
            f'<span class="clamp" title="{html.esc(build.error)}">{html.esc(build.error)}</span>' if build.error else ""
        )
        if failed:
            said += f'<span class="sub">failed: {html.esc(", ".join(failed[:4]))}</span>'
        rows.append(
            [
                html.pill(_BUILD[build.status]),
                f'<code class="nowrap">{html.esc(build.build_id)}</code>',
                f'<span class="nowrap">{session.moment(pd.Timestamp(build.started))}</span>',
                f"{seconds:,.1f}{numbers.SPACE}s",
                f"{len(build.suites) - len(failed)} of {len(build.suites)}",
                said,
            ]
        )
    return html.table(
        [
            ("Result", ""),
            ("Build", ""),
            ("Started", ""),
            ("Took", "num"),
            ("Suites passed", "num"),
            ("What stopped it", ""),
        ],
        rows,
    )


def snapshots_table(snapshots: Sequence[Any], session: Session) -> str:
    """One line a kept snapshot; the one that is served is marked."""
    rows = []
    for item in snapshots:
        served = html.pill(Mark("✓", "Served", "good")) if item.is_current else ""
        pinned = html.pill(Mark("●", "Pinned", "watch")) if item.is_pinned else ""
        past = html.pill(Mark("–", "As of the past", "none")) if item.is_past else ""
        rows.append(
            [
                f"{served} {pinned} {past}",
                f"<code>{html.esc(item.snapshot_id)}</code>",
                session.moment(pd.Timestamp(item.as_of)),
                session.moment(pd.Timestamp(item.created)) if item.created else "",
                numbers.count(item.tables),
                numbers.count(item.rows),
            ]
        )
    return html.table(
        [("", ""), ("Snapshot", ""), ("Data as of", ""), ("Published", ""), ("Tables", "num"), ("Rows", "num")], rows
    )
