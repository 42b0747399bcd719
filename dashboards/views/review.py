"""Monthly review: what exceptions a month brought, what to automate, and which rules to look at again."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from dashboards import linked
from dashboards import session as reads
from dashboards.charts.bars import amounts
from dashboards.components import grid, html, numbers, page
from dashboards.session import Session, Slice, query
from dashboards.theme import CHART_CONFIG

_MONTHS = 6
# Measure -> column of the table by code.
_BY_CODE = {
    "K93.opened": "opened", "K93.closed": "closed", "K95": "in_time", "K94.resolve": "resolve",
    "K96.self_cleared": "self_cleared", "K97": "reopened", "K97.false_alarm": "false_alarm",
}  # fmt: skip
_TILES = {
    "K93.opened": "Detected", "K95": "Resolved in time", "K94.resolve": "Time to resolve",
    "K97.false_alarm": "False alarms", "K96.self_cleared": "Cleared alone", "K104": "Policy adherence",
}  # fmt: skip
_SHARES = ("in_time", "self_cleared", "reopened", "false_alarm")
# From which share on a rule is named as one to look at again: false alarms, reopened; and the fewest cases for a share.
_FALSE, _REOPENED, _FEWEST = 0.2, 0.1, 5


def body(session: Session) -> None:
    # settings
    months = _months(session.today)
    names = [f"{first:%Y-%m}" for first, _ in months]
    chosen = linked.choose("segmented_control", "Month", names, "month", names[1])
    place = names.index(chosen)
    titles = query(session, "exception_titles", as_of=session.as_of).set_index("code")["title"].to_dict()
    # data
    part, before = Slice(*months[place]), Slice(*_month_before(months[place][0]))
    table = _by_code(session, part)
    # render
    st.html(_tiles(session, part, before))
    left, right = st.columns([1, 1], gap="small")
    with left, st.container(key="card_automate"):
        _automate(session, titles)
    with right, st.container(key="card_rules"):
        _rules(table, titles)
    with st.container(key="card_codes"):
        _codes(table, titles)


def _months(today: date) -> list[tuple[date, date]]:
    """First and last day of this month so far and of those before it, the latest first."""
    first = today.replace(day=1)
    found = [(first, today)]
    while len(found) < _MONTHS:
        found.append(_month_before(found[-1][0]))
    return found


def _month_before(first: date) -> tuple[date, date]:
    last = first - timedelta(days=1)
    return last.replace(day=1), last


def _asked(session: Session, kpi_id: str, part: Slice, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """Values of a measure; no rows where the snapshot does not have it."""
    if kpi_id not in reads.catalogue(session).index:
        return pd.DataFrame(columns=[*by, "value", "numerator", "denominator"])
    return reads.values(session, (kpi_id,), part, by=by)


def _tiles(session: Session, part: Slice, before: Slice) -> str:
    catalogue, tiles = reads.catalogue(session), []
    for kpi_id, label in _TILES.items():
        if kpi_id not in catalogue.index:
            continue
        unit = "" if kpi_id == "K93.opened" else catalogue.loc[kpi_id, "unit"]
        now, then = (_shown(_asked(session, kpi_id, span), unit, session) for span in (part, before))
        link = html.link("kpi", "over time", kpi=kpi_id)
        tiles.append(html.tile(label, html.esc(now), f"{html.esc(then)} the month before · {link}"))
    return html.tiles(tiles)


def _shown(frame: pd.DataFrame, unit: str, session: Session) -> str:
    value = frame["value"].iloc[0] if len(frame) else None
    return numbers.value(value, unit, session.currency) if unit else numbers.count(value)


def _by_code(session: Session, part: Slice) -> pd.DataFrame:
    """One row a code; ``settled`` counts what the shares of settled exceptions stand on."""
    table = pd.DataFrame({"reason": pd.Series(dtype=str)})
    for kpi_id, name in _BY_CODE.items():
        frame = _asked(session, kpi_id, part, ("reason",))
        frame = frame[frame["reason"] != "NONE"]
        kept = {"reason": frame["reason"], name: frame["value"]}
        if name == "false_alarm":
            kept["settled"] = frame["denominator"]
        table = table.merge(pd.DataFrame(kept), on="reason", how="outer")
    return table


def _automate(session: Session, titles: dict[str, str]) -> None:
    st.html(
        html.title(
            "Worth automating", "Minutes of work a month whose way out was the same four times of five, last 90 days"
        )
    )
    frame = _asked(session, "K98", Slice(), ("reason",))
    frame = frame[(frame["reason"] != "NONE") & (frame["value"].fillna(0) > 0)].sort_values("value", ascending=False)
    if frame.empty:
        st.html(html.empty("No candidate yet", "People must have settled cases of a code, mostly in one way."))
        return
    shown = frame.head(10)
    picture = pd.DataFrame(
        {
            "name": [f"{code} {titles.get(code, '')}" for code in shown["reason"]],
            "amount": shown["value"],
            "text": [f"{numbers.count(minutes)} min a month" for minutes in shown["value"]],
        }
    )
    st.plotly_chart(amounts(picture), config=CHART_CONFIG, theme=None, key="automate", alt="Minutes a month by code")
    st.html(html.remark("K98: cases a month x median minutes x share of the most frequent way x (1 - reopened)."))


def _rules(table: pd.DataFrame, titles: dict[str, str]) -> None:
    """Codes whose rule cries wolf, or whose cases come back."""
    st.html(
        html.title("Rules to look at again", f"False alarms from {_FALSE:.0%} on, reopened from {_REOPENED:.0%} on")
    )
    enough = table["settled"].fillna(0) >= _FEWEST
    found = table[enough & ((table["false_alarm"] >= _FALSE) | (table["reopened"] >= _REOPENED))]
    if found.empty:
        st.html(html.empty("None this month", f"Of the codes with {_FEWEST} closed cases or more."))
        return
    worst = found.assign(worst=found[["false_alarm", "reopened"]].max(axis=1)).sort_values("worst", ascending=False)
    rows = [
        [
            html.link("exceptions", f"{html.esc(row.reason)} {html.esc(titles.get(row.reason, ''))}", code=row.reason),
            numbers.count(row.settled),
            numbers.percent(row.false_alarm),
            numbers.percent(row.reopened),
        ]
        for row in worst.head(12).itertuples(index=False)
    ]
    st.html(html.table([("Code", ""), ("Closed", "num"), ("False alarms", "num"), ("Reopened", "num")], rows))
    st.html(html.remark("Thresholds by channel, location, interface or supplier are in control_threshold.csv."))


def _codes(table: pd.DataFrame, titles: dict[str, str]) -> None:
    st.html(html.title("By code", "Detected and closed in the month"))
    if table.empty:
        st.html(html.empty("No exception in this month"))
        return
    shown = table.assign(
        title=[titles.get(code, code) for code in table["reason"]],
        **{name: table[name] * 100 for name in _SHARES},
        resolve=table["resolve"] / 3600,
    ).sort_values("opened", ascending=False, na_position="last")
    column = st.column_config.NumberColumn
    columns = {
        "reason": st.column_config.TextColumn("Code", width=64),
        "title": st.column_config.TextColumn("Exception", width=230),
        "opened": grid.number("Detected"),
        "closed": grid.number("Closed"),
        "in_time": column("In time", format="%.1f %%"),
        "resolve": column("Hours to resolve", format="%.1f"),
        "self_cleared": column("Cleared by themselves", format="%.1f %%"),
        "false_alarm": column("False alarms", format="%.1f %%"),
        "reopened": column("Reopened", format="%.1f %%"),
    }
    grid.show(shown, columns, height=grid.height(len(shown), 560))
    grid.downloads("exceptions_of_the_month", table, "codes")


page.run_page("Monthly review", "What a month brought, what to automate, which rules to look at again", body)
