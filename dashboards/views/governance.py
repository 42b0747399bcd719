"""Governance: who may do what and did it, whether the log holds, what waits for a decision, what was told to whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import linked
from dashboards import session as reads
from dashboards.components import acting, grid, html, numbers, page
from dashboards.desk import Seat, sit_down
from dashboards.session import Session, Slice, query
from dashboards.theme import Mark
from signalbox.cases import alerts, approvals, history, log

_GOOD, _BAD = Mark("✓", "Holds", "good"), Mark("▲", "Does not hold", "bad")
_LAST = 200


def body(session: Session) -> None:
    # settings
    seat = sit_down(session)
    tabs: dict[str, tuple[str, str, Callable[[Session, Seat], None]]] = {
        "approvals": ("Approvals", "approve", _approvals),
        "access": ("Access review", "review_access", _access),
        "log": ("Log", "read_log", _log),
        "alerts": ("Alerts", "manage_alerts", _alerts),
        "stewardship": ("Stewardship", "read", _stewardship),
        "adherence": ("Adherence", "read", _adherence),
    }
    mine = [name for name, (_, right, _) in tabs.items() if seat.may(right)]
    if not mine:
        title = seat.desk.person.title
        st.html(
            html.empty("Nothing here is yours to see", f"{title} neither decides on proposals nor oversees others.")
        )
        return
    chosen = linked.choose("segmented_control", "Show", mine, "tab", mine[0], lambda name: tabs[name][0])
    # render
    acting.told()
    with st.container(key=f"card_{chosen}"):
        tabs[chosen][2](session, seat)


def _approvals(session: Session, seat: Seat) -> None:
    with seat.desk.store.reading() as con:
        waiting = approvals.waiting(con)
    st.html(html.title("What waits for a decision", "Whoever proposed, or had a part in the case, does not decide"))
    if not waiting:
        st.html(html.empty("Nothing waits", "Proposals come from the exceptions page."))
    for item in waiting:
        where = html.link("exceptions", html.esc(item["business_key"]), id=item["case_id"])
        due = session.moment(item["due_ts"])
        st.html(f'<div class="sb"><strong>{html.esc(item["code"])}</strong> {where} · due {due}</div>')
        acting.decisions(seat, [item], session.currency)


def _access(session: Session, seat: Seat) -> None:
    with seat.desk.store.reading() as con:
        rows = history.rights(con, seat.desk.policy)
    st.html(html.title("Who may do what, and did it", f"By {html.esc(seat.desk.policy.version)}"))
    frame = pd.DataFrame(rows)
    used = frame[(frame["used"] > 0) | (frame["refused"] > 0)]
    st.html(
        html.tiles(
            [
                html.tile("People", numbers.count(frame["person"].nunique()), f"{len(frame):,} rights"),
                html.tile("Rights used", numbers.count(int((frame["used"] > 0).sum())), f"{len(frame):,} given"),
                html.tile("Refused", numbers.count(int(frame["refused"].sum())), "attempts, all in the log"),
            ]
        )
    )
    only = st.toggle("Only what was used or refused", value=not used.empty, key="only_used")
    grid.show(used if only else frame, _right_columns(), height=520)


def _log(session: Session, seat: Seat) -> None:
    store = seat.desk.store
    with store.reading() as con:
        proof = log.verify(con, store.key)
        rows = history.latest(con, _LAST)
    words = f"{proof.rows:,} rows, sealed one with the other; the end is <code>{proof.last_hash[:16]}</code>"
    st.html(html.notice(_GOOD, words) if proof.holds else html.notice(_BAD, html.esc(proof.trouble)))
    st.html(html.title("What was done", f"The last {len(rows):,} rows, the latest first"))
    grid.show(pd.DataFrame(rows), _log_columns(), height=560)


def _alerts(session: Session, seat: Seat) -> None:
    with seat.desk.store.reading() as con:
        rows = alerts.history(con, _LAST)
    st.html(html.title("Alerts", "What was told to whom, what was not, and why"))
    if not rows:
        named = ", ".join(sorted(session.settings.alert_channels)) or "none"
        st.html(html.empty("No alert yet", f"Channels that signalbox.toml names: {named}."))
        return
    grid.show(pd.DataFrame(rows), _alert_columns(), height=520)


def _stewardship(session: Session, seat: Seat) -> None:
    frame = query(session, "stewardship")
    st.html(
        html.title("What waits for a data steward", "Rows that a contract refused, codes that no list has; by feed")
    )
    if frame.empty:
        st.html(html.empty("Nothing waits", "No row is in quarantine, and every code has a meaning."))
        return
    shown = frame.assign(oldest_ts=session.local(frame["oldest_ts"]))
    text = st.column_config.TextColumn
    columns = {
        "steward_name": text("Steward"), "feed_id": text("Feed", width=60), "entity": text("Entity"),
        "owner_name": text("Owner of the system"), "rules": grid.number("Rules broken"),
        "refused": grid.number("Rows refused"), "codes": grid.number("Unknown codes"),
        "oldest_ts": st.column_config.DatetimeColumn("Since", format="D MMM YYYY, HH:mm"),
    }  # fmt: skip
    grid.show(shown, columns, height=grid.height(len(shown), 520))
    link = html.link("data_health", "File, line and column of each row")
    st.html(f'<div class="sb small">{link}; `signalbox quarantine replay` takes them in again.</div>')


def _adherence(session: Session, seat: Seat) -> None:
    """Service levels and policy by the role that owns the exceptions, over the last four weeks."""
    span = Slice(session.today - timedelta(days=28), session.today)
    table = pd.DataFrame({"role": pd.Series(dtype=str)})
    for kpi_id, name in (("K95", "in_time"), ("K104", "conform"), ("K104.override", "override")):
        if kpi_id not in reads.catalogue(session).index:
            continue
        found = reads.values(session, (kpi_id,), span, by=("role",))
        kept = {"role": found["role"], name: found["value"] * 100, f"{name}_of": found["denominator"]}
        table = table.merge(pd.DataFrame(kept), on="role", how="outer")
    table = table[table["role"] != "NONE"]
    st.html(html.title("Service levels and policy", "By owner of the exceptions, over the last four weeks"))
    if table.empty:
        st.html(html.empty("Nothing was due and nobody acted", "Service levels and policy are counted from the log."))
        return
    column = st.column_config.NumberColumn
    columns = {
        "role": st.column_config.TextColumn("Owner"), "in_time_of": grid.number("Fell due"),
        "in_time": column("Resolved in time", format="%.1f %%"), "conform_of": grid.number("Actions checked"),
        "conform": column("By the policy", format="%.1f %%"), "override": column("Overrides", format="%.1f %%"),
    }  # fmt: skip
    grid.show(table.assign(role=table["role"].map(numbers.words)), columns, height=grid.height(len(table), 520))


def _right_columns() -> dict[str, Any]:
    text = st.column_config.TextColumn
    return {
        "person": text("Person"), "role": text("In the role"), "action": text("May"), "scope": text("Scope"),
        "limits": text("Limited to"), "used": grid.number("Used"), "refused": grid.number("Refused"),
        "last_ts": st.column_config.DatetimeColumn("Last (UTC)", format="D MMM YYYY, HH:mm"),
    }  # fmt: skip


def _log_columns() -> dict[str, Any]:
    text = st.column_config.TextColumn
    return {
        "row_no": grid.number("Row"),
        "moment_ts": st.column_config.DatetimeColumn("When (UTC)", format="D MMM YYYY, HH:mm"),
        "actor": text("Who"), "role": text("Role"), "action": text("Did"), "policy_result": text("Policy"),
        "outcome": text("Outcome"), "object_id": text("On"), "rule_version": text("By"),
    }  # fmt: skip


def _alert_columns() -> dict[str, Any]:
    text = st.column_config.TextColumn
    return {
        "moment_ts": st.column_config.DatetimeColumn("When (UTC)", format="D MMM YYYY, HH:mm"),
        "rule": text("Rule"), "service": text("Service"), "channel": text("Channel"), "state_code": text("Became"),
        "reason": text("Why"), "case_count": grid.number("Cases"),
    }  # fmt: skip


page.run_page("Governance", "Who decides, who may, who did, and whether the record holds", body)
