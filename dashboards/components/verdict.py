"""The page in one sentence, and the tile beside it: is today all right. Values in, HTML out."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from dashboards.components import html, numbers
from dashboards.scoreboard import Score
from dashboards.theme import STATUS

_WORDS = {
    "bad": "Needs attention",
    "warn": "Worth a look",
    "good": "All right",
    "not_enough_data": "Not enough data",
}
_JUDGED = ("good", "warn", "bad")
_NAMED = 3


def verdict_key(counts: Counter[str], overdue: int) -> str:
    """Status code of the day: the worst that is known; where nothing was judged, that is said."""
    if counts["bad"] or overdue:
        return "bad"
    if counts["warn"]:
        return "warn"
    return "good" if counts["good"] else "not_enough_data"


def verdict(found: list[Score], at_risk: pd.DataFrame, change: str, currency: str) -> str:
    """What is off target, what it costs, what is overdue. ``change``: of the value at risk since yesterday, as text."""
    counts = Counter(score.status for score in found)
    severe = at_risk[at_risk["severity_code"] == "S1"]
    overdue = int(severe["past_due"].sum())
    key = verdict_key(counts, overdue)
    parts = [_measures(found, counts)]
    if at_risk.empty:
        parts.append("no exception is open")
    else:
        parts.append(f"{numbers.money(at_risk['value_at_risk'].sum(), currency)} at risk ({change} since yesterday)")
    if len(severe):
        parts.append(f"{overdue:,} of {int(severe['exceptions'].sum()):,} severest exceptions are past due")
    text = "; ".join(parts)
    return html.notice(STATUS[key], f"<strong>{_WORDS[key]}.</strong> {text[:1].upper()}{text[1:]}.")


def _measures(found: list[Score], counts: Counter[str]) -> str:
    bad = [html.esc(str(score.measure["name"]).lower()) for score in found if score.status == "bad"]
    if bad:
        more = f" and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
        return f"{', '.join(bad[:_NAMED])}{more} off target"
    judged = any(counts[code] for code in _JUDGED)
    return "every judged measure is on or near its target" if judged else "no measure could be judged"


def health_tile(found: list[Score]) -> str:
    """How many measures are on target, with the others named."""
    counts = Counter(score.status for score in found)
    judged = sum(counts[code] for code in _JUDGED)
    notes = f"{counts['bad']} off target · {counts['warn']} to watch · {counts['not_enough_data']} without data"
    tones = {"good": "good", "warn": "watch", "bad": "bad", "not_enough_data": "none"}
    value = f"{counts['good']} <small>of {judged} on target</small>" if judged else numbers.NOTHING
    return html.tile("Health", value, notes, html.split([(tone, counts[code]) for code, tone in tones.items()]))
