"""One measure in words and figures: its headline and its definition. Values in, HTML out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from dashboards.components import html, numbers
from dashboards.movement import Window, is_better
from dashboards.theme import STATUS

_TONE = {True: "good", False: "bad", None: "none"}
_WORD = {True: " better", False: " worse", None: ""}


def headline(measure: pd.Series, row: pd.Series, before: Any, window: Window, currency: str) -> str:
    """Value, status and change on the left; what the value is made of on the right."""
    unit, value = measure["unit"], row["value"]
    shown, *limits = numbers.together((value, row["target_value"], row["warn_value"]), unit, currency)
    mark = STATUS[row["status_code"]]
    better = is_better(value, before, measure["direction"], row["target_value"])
    change = numbers.change(value, before, unit, currency)
    days = f"{numbers.day(window.start)} – {numbers.day(window.end)}"
    compared = "nothing earlier to compare with"
    if change != numbers.NOTHING:
        moved = f'<span class="tone-{_TONE[better]}"><strong>{change}</strong>{_WORD[better]}</span>'
        compared = f"{moved} than the period before"
    provisional = " · provisional" if row.get("is_provisional") else ""
    left = (
        f'<div class="sb-tile plain"><div class="label">{html.esc(days)}{provisional}</div>'
        f'<div class="value">{shown} {html.pill(mark)}</div>'
        f'<div class="note">{compared}</div></div>'
    )
    return f'<div class="sb sb-headline">{left}{html.facts(_facts(measure, row, limits, currency))}</div>'


def page_unit(measure: pd.Series, scale: float, largest: Any, currency: str) -> numbers.Unit:
    """The form of a chart or a column: times as in the headline, of size ``scale``; the rest by its own largest."""
    unit = measure["unit"]
    return numbers.unit_of(unit, scale if numbers.is_duration(unit) else numbers.finite(largest), currency)


def stored_unit(measure: pd.Series, currency: str) -> str:
    """In what a numerator is stored, for a heading: seconds and money are named, numbers of things are not."""
    if numbers.is_duration(measure["unit"]):
        return " (s)"
    return f" ({numbers.symbol(currency)})" if measure["unit"] == "money" else ""


def _facts(measure: pd.Series, row: pd.Series, limits: Sequence[str], currency: str) -> dict[str, str]:
    unit = measure["unit"]
    target, watch = limits
    limit = "" if watch == numbers.NOTHING else f'<span class="sub">watch to {watch}</span>'
    return {
        "Numerator": _sum(row["numerator"], unit, currency),
        "Denominator": numbers.count(row["denominator"]),
        "Excluded by rule": numbers.count(row.get("excluded")),
        "Without data": numbers.count(row.get("no_data")),
        "Coverage": numbers.percent(row.get("coverage")),
        "Target": target + limit,
    }


def _sum(amount: Any, unit: str, currency: str) -> str:
    """A numerator in its own unit: money, a time (stored in seconds) or a number of things."""
    if unit == "money":
        return numbers.money_whole(amount, currency)
    return numbers.duration(amount, "seconds") if numbers.is_duration(unit) else numbers.count(amount)


def definition(measure: pd.Series) -> str:
    """The formula in words and who answers for it."""
    finality = int(numbers.finite(measure["final_after_days"]))
    pairs = {
        "Formula": html.esc(measure["formula_text"]),
        "Numerator": html.esc(measure["numerator_text"]),
        "Denominator": html.esc(measure["denominator_text"]),
        "Left out": html.esc(measure["exclusions_text"]),
        "Counted on": html.esc(measure["time_axis"]) + (f", final after {finality} days" if finality else ""),
        "Answers for it": html.esc(numbers.words(measure["owner_role"])),
        "Made from": html.esc(str(measure["source_feeds"] or "").replace("|", ", ")),
    }
    kept = {label: value for label, value in pairs.items() if value not in ("", "None", "nan")}
    formula = {label: kept.pop(label) for label in ("Formula", "Numerator", "Denominator", "Left out") if label in kept}
    return f'<div class="sb-definition">{html.words(formula)}{html.words(kept)}</div>'
