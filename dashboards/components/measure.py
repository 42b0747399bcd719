"""One measure in words and figures: its headline and its definition. Values in, HTML out."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboards.components import html, numbers
from dashboards.movement import Window, is_better, status
from dashboards.theme import STATUS

_TONE = {True: "good", False: "bad", None: "none"}
_WORD = {True: " better", False: " worse", None: ""}


def headline(measure: pd.Series, row: pd.Series, before: Any, window: Window, currency: str) -> str:
    """Value, status and change on the left; what the value is made of on the right."""
    unit, value = measure["unit"], row["value"]
    mark = STATUS[status(value, measure["direction"], measure["target_value"], measure["warn_value"])]
    better = is_better(value, before, measure["direction"])
    change = numbers.change(value, before, unit, currency)
    days = f"{numbers.day(window.start)} – {numbers.day(window.end)}"
    left = (
        f'<div class="sb-tile plain"><div class="label">{html.esc(days)}</div>'
        f'<div class="value">{numbers.value(value, unit, currency)} {html.pill(mark)}</div>'
        f'<div class="note"><span class="tone-{_TONE[better]}"><strong>{change}</strong>{_WORD[better]}</span> '
        "than the period before</div></div>"
    )
    return f'<div class="sb sb-headline">{left}{html.facts(_facts(measure, row, currency))}</div>'


def _facts(measure: pd.Series, row: pd.Series, currency: str) -> dict[str, str]:
    unit = measure["unit"]
    amounts = unit == "money" or measure["value_kind"] == "total"
    whole = numbers.money_whole(row["numerator"], currency) if unit == "money" else numbers.count(row["numerator"])
    target = numbers.value(measure["target_value"], unit, currency)
    watch = measure["warn_value"]
    limit = (
        "" if numbers.is_missing(watch) else f'<span class="sub">watch to {numbers.value(watch, unit, currency)}</span>'
    )
    return {
        "Numerator": whole if amounts else numbers.count(row["numerator"]),
        "Denominator": numbers.count(row["denominator"]),
        "Excluded by rule": numbers.count(row.get("excluded")),
        "Without data": numbers.count(row.get("no_data")),
        "Coverage": numbers.percent(row.get("coverage")),
        "Target": target + limit,
    }


def definition(measure: pd.Series) -> str:
    """The formula in words and who answers for it."""
    finality = int(measure["final_after_days"] or 0)
    pairs = {
        "Formula": html.esc(measure["formula_text"]),
        "Numerator": html.esc(measure["numerator_text"]),
        "Denominator": html.esc(measure["denominator_text"]),
        "Left out": html.esc(measure["exclusions_text"]),
        "Counted on": html.esc(measure["time_axis"]) + (f", final after {finality} days" if finality else ""),
        "Answers for it": html.esc(str(measure["owner_role"]).capitalize()),
        "Made from": html.esc(str(measure["source_feeds"] or "").replace("|", ", ")),
    }
    return html.words({label: "" if value in ("None", "nan") else value for label, value in pairs.items()})
