"""The cards of the overview: measures, owners, movers, worst exceptions. Values in, HTML out."""

from __future__ import annotations

from datetime import date

import pandas as pd

from dashboards.components import html, numbers
from dashboards.movement import Window
from dashboards.scoreboard import Mover, Score
from dashboards.session import Session
from dashboards.theme import SEVERITY, STATUS, TOKENS

_ORDER = ["bad", "warn", "good", "no_target", "not_enough_data"]
# A value that covers less than this says so.
_WHOLE_COVERAGE = 0.95
_FRESH_DAYS = 3
_TONE = {True: "good", False: "bad", None: "none"}
_SIGN = {True: "better", False: "worse", None: ""}


def feeds_tile(feeds: pd.DataFrame) -> str:
    """How many feeds are on time, with the late and the missing ones counted."""
    states = feeds["state_code"].value_counts()
    late, gaps, never = (int(states.get(state, 0)) for state in ("late", "gap", "never"))
    fine = len(feeds) - late - gaps - never
    late_text = html.link("data_health", f"{late} late", tab="feeds") if late else "0 late"
    late_text += f" · {gaps} with gaps" if gaps else ""
    parts = [("good", fine), ("watch", late + gaps), ("none", never)]
    return html.tile(
        "Feeds",
        f"{fine} <small>of {len(feeds)} on time</small>",
        f"{late_text} · {never} never received",
        html.split(parts),
    )


def delta(score: Score, currency: str) -> str:
    """The change with a word for its direction; no judgement, no colour."""
    text = numbers.change(score.now, score.before, score.measure["unit"], currency)
    if text == numbers.NOTHING:
        return f'<span class="muted">{text}</span>'
    word = f'<span class="sub">{_SIGN[score.better]}</span>' if score.better is not None else ""
    return f'<span class="tone-{_TONE[score.better]}">{text}</span>{word}'


def worst_first(found: list[Score]) -> list[Score]:
    """Off target, to watch, on target, then what cannot be judged."""
    return sorted(found, key=lambda score: (_ORDER.index(score.status), score.kpi_id))


def table(found: list[Score], today: date, currency: str) -> str:
    """Every measure on a line, in this order: status, value, change, target, trend, owner."""
    headers = [
        ("Status", ""),
        ("Measure and owner", ""),
        ("Value", "num"),
        ("Change", "num"),
        ("Target", "num"),
        ("28 days", ""),
    ]
    return html.table(headers, [_line(score, today, currency) for score in found])


def _line(score: Score, today: date, currency: str) -> list[str]:
    measure, mark = score.measure, STATUS[score.status]
    name = html.link("kpi", html.esc(measure["name"]), kpi=score.kpi_id)
    name = html.two(name, f"{score.kpi_id} · {html.esc(numbers.words(measure['owner_role']))}{_until(score, today)}")
    trend = html.sparkline(score.trend, mark.colour if score.status in ("bad", "warn") else TOKENS["accent"])
    if numbers.is_missing(score.now):
        needs = f"needs feed {', '.join(score.missing_feeds)}" if score.missing_feeds else "no evaluable rows"
        trend = f'<span class="muted small">{html.esc(needs)}</span>'
    value, target = numbers.together((score.now, measure["target_value"]), measure["unit"], currency)
    return [html.pill(mark), name, _value(score, value), delta(score, currency), target, trend]


def _value(score: Score, shown: str) -> str:
    """The value, and below it what keeps it from being the whole truth: not final yet, or part of the items only."""
    shown = f"<strong>{shown}</strong>"
    if numbers.is_missing(score.now):
        return shown
    if numbers.finite(score.coverage) < _WHOLE_COVERAGE:
        return html.two(shown, f"covers {numbers.percent(score.coverage, 0)}")
    return html.two(shown, "provisional") if score.is_provisional else shown


def _until(score: Score, today: date) -> str:
    """Where a measure's last day lies well back, says which it is."""
    late = score.window is not None and (today - score.window.end).days > _FRESH_DAYS
    return f" · until {numbers.day(score.window.end)}" if late and score.window else ""


def owners(at_risk: pd.DataFrame, currency: str) -> str:
    """Owner, open exceptions, past due, value at risk; most worth first."""
    frame = at_risk.groupby("owner_role")[["exceptions", "past_due", "value_at_risk"]].sum()
    frame = frame.sort_values(["value_at_risk", "exceptions"], ascending=False)
    headers = [("Owner", ""), ("Open", "num"), ("Past due", "num"), ("At risk", "num")]
    rows = [
        [
            html.link("exceptions", html.esc(numbers.words(owner)), owner=owner),
            numbers.count(row.exceptions),
            numbers.count(row.past_due),
            f"<strong>{numbers.money_whole(row.value_at_risk, currency)}</strong>",
        ]
        for owner, row in zip(frame.index, frame.itertuples(index=False), strict=True)
    ]
    return html.table(headers, rows)


def mover(moved: Mover, currency: str) -> str:
    """One measure: from, to, and the slices that moved it."""
    score, unit = moved.score, moved.score.measure["unit"]
    form = numbers.unit_of(unit, max(abs(float(score.now)), abs(float(score.before))), currency)
    value = f"{form.text(score.now)} <small>from {form.text(score.before)}</small>"
    change = numbers.change(score.now, score.before, unit, currency)
    word = f'<span class="tone-{_TONE[score.better]}"><strong>{change}</strong> {_SIGN[score.better]}</span>'
    name = html.link("kpi", html.esc(score.measure["name"]), kpi=score.kpi_id)
    owner = numbers.words(score.measure["owner_role"])
    head = (
        f'<div class="sb sb-tile plain"><div class="label">{name} · {html.esc(owner)}</div>'
        f'<div class="value">{value}</div><div class="note">{word} · {_days(score.window)}</div></div>'
    )
    if moved.slices.empty:
        return head
    largest = float(moved.slices["contribution"].abs().iloc[0]) or 1.0
    rows = []
    for row in moved.slices.head(4).itertuples(index=False):
        name, part = str(row[0]), float(row.contribution)
        good = (
            part == 0 or (part > 0) == (score.now > score.before)
            if score.better
            else (part > 0) != (score.now > score.before)
        )
        colour = "var(--good)" if good else "var(--bad)"
        rows.append(
            [
                html.link("kpi", html.esc(name), kpi=score.kpi_id, by=moved.dimension, slice=name),
                html.bar(abs(part) / largest, 80, colour),
                _signed(form.of_change(), part),
            ]
        )
    return head + html.table([(f"By {moved.dimension.replace('_', ' ')}", ""), ("", ""), ("Adds", "num")], rows)


def _signed(form: numbers.Unit, part: float) -> str:
    text = form.text(part)
    return text if text.startswith(numbers.MINUS) or part == 0 else f"+{text}"


def _days(window: Window | None) -> str:
    return f"{window.start:%-d %b}–{window.end:%-d %b}" if window else ""


def exceptions(frame: pd.DataFrame, session: Session) -> str:
    """The largest open exceptions: severity, what, where, owner, due, worth, next step."""
    headers = [
        ("", ""),
        ("Exception", ""),
        ("Where", ""),
        ("Owner", ""),
        ("Due", ""),
        ("At risk", "num"),
        ("Next step", ""),
    ]
    return html.table(headers, [_exception(row, session) for row in frame.itertuples(index=False)])


def _exception(row: object, session: Session) -> list[str]:
    where = [
        str(part)
        for part in (row.channel, row.location, row.supplier, row.interface)
        if not numbers.is_missing(part) and part != "NONE"
    ]
    title = row.code if numbers.is_missing(row.title) else row.title
    name = html.link("exceptions", html.esc(title), id=row.exception_id)
    return [
        html.pill(SEVERITY[row.severity_code]),
        f'{name}<span class="sub">{html.esc(row.code)} · {html.esc(row.business_key)}</span>',
        html.esc(", ".join(where[:2])),
        html.esc(numbers.words(row.owner_role)),
        due(row.due_ts, session.as_of),
        f"<strong>{numbers.money_whole(row.value_at_risk_amount, session.currency)}</strong>",
        f'<span class="small">{html.esc(first_sentence(row.next_step))}</span>',
    ]


def first_sentence(text: object) -> str:
    """The first step of a longer instruction; the exception's own page has all of it."""
    return "" if numbers.is_missing(text) else str(text).split(". ")[0].rstrip(".") + "."


def due(due_ts: object, as_of: object) -> str:
    """'in 3.2 h', or how long past due, with a word."""
    if numbers.is_missing(due_ts):
        return numbers.NOTHING
    seconds = (pd.Timestamp(due_ts) - pd.Timestamp(as_of)).total_seconds()
    if seconds < 0:
        return f'<span class="tone-bad nowrap">▲ {numbers.elapsed(-seconds)} past due</span>'
    return f'<span class="nowrap">in {numbers.elapsed(seconds)}</span>'
