"""Numbers and times as people read them: "€ 1.24 M", "94.3 %", "3.2 h", and a dash where there is nothing.

Pure functions from values to text. Not here: HTML, or any rounding that is then computed with.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

SPACE = "\u00a0"
MINUS = "\u2212"
NOTHING = "–"
_SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥", "CHF": "CHF"}
_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
_SHORT = {"seconds": "s", "minutes": "min", "hours": "h", "days": "d"}
# Values further apart than this are not shown in one unit.
_FAR = 30
_PERCENT_UNITS = {"share", "ratio"}


def is_missing(value: Any) -> bool:
    """None, NaN, NaT and pandas' NA."""
    return bool(pd.isna(value))


def symbol(currency: str) -> str:
    return _SYMBOLS.get(currency, currency)


def count(value: Any, decimals: int = 0) -> str:
    """12345 -> '12,345'."""
    return NOTHING if is_missing(value) else _signed(f"{abs(float(value)):,.{decimals}f}", float(value))


def money(value: Any, currency: str = "EUR") -> str:
    """Three significant figures with a scale: '€ 1.24 M', '€ 12.4 k', '€ 640'."""
    if is_missing(value):
        return NOTHING
    number, scale = scaled(float(value))
    digits = 2 if scale and abs(number) < 10 else 1 if scale and abs(number) < 100 else 0
    tail = f"{SPACE}{scale}" if scale else ""
    return _signed(f"{symbol(currency)}{SPACE}{abs(number):,.{digits}f}{tail}", float(value))


def money_whole(value: Any, currency: str = "EUR") -> str:
    """'€ 1,234,568': for columns, where figures are compared."""
    return NOTHING if is_missing(value) else _signed(f"{symbol(currency)}{SPACE}{abs(float(value)):,.0f}", float(value))


def scaled(number: float) -> tuple[float, str]:
    """Divide by the scale that leaves a short number; below ten thousand there is none."""
    size = abs(number)
    for limit, divisor, name in ((999_500_000, 1e9, "bn"), (999_500, 1e6, "M"), (9_999.5, 1e3, "k")):
        if size >= limit:
            return number / divisor, name
    return number, ""


def percent(value: Any, decimals: int = 1) -> str:
    """0.943 -> '94.3 %'; a small share keeps two places, so that it is not shown as zero."""
    if is_missing(value):
        return NOTHING
    number = float(value) * 100
    if 0 < abs(number) < 0.005:
        return f"<{SPACE}0.01{SPACE}%"
    places = 2 if 0 < abs(number) < 0.95 else decimals
    return _signed(f"{abs(number):.{places}f}{SPACE}%", number)


def duration_unit(largest: float, unit: str) -> str:
    """The unit in which ``largest`` (given in ``unit``) reads best: at least 2 of it, days only from 4 days on."""
    seconds = abs(largest) * _SECONDS[unit]
    if seconds >= 4 * 86400:
        return "days"
    if seconds >= 2 * 3600:
        return "hours"
    return "minutes" if seconds >= 120 else "seconds"


def duration(value: Any, unit: str, shown: str | None = None) -> str:
    """A duration given in ``unit`` in the unit that reads best, or in ``shown``: '3.2 h'."""
    if is_missing(value):
        return NOTHING
    target = shown or duration_unit(float(value), unit)
    number = float(value) * _SECONDS[unit] / _SECONDS[target]
    return _signed(f"{abs(number):,.1f}{SPACE}{_SHORT[target]}", number)


@dataclass(frozen=True)
class Unit:
    """How values are shown: times ``factor``, with ``decimals`` places, between ``prefix`` and ``suffix``."""

    factor: float
    decimals: int
    prefix: str
    suffix: str

    def text(self, value: Any) -> str:
        if is_missing(value):
            return NOTHING
        number = float(value) * self.factor
        return _signed(f"{self.prefix}{abs(number):,.{self.decimals}f}{self.suffix}", number)

    def of_change(self) -> Unit:
        """The form of a difference: one place more for times, and percentage points for shares."""
        if "%" in self.suffix:
            return replace(self, suffix=f"{SPACE}pp", decimals=2)
        return replace(self, decimals=2) if self.suffix.strip() in _SHORT.values() else self

    def shown(self, values: pd.Series) -> pd.Series:
        """Values as a column of a grid holds them: multiplied and rounded, without a negative zero."""
        return (values.astype(float) * self.factor).round(self.decimals) + 0.0

    @property
    def heading(self) -> str:
        """The part of the form that a column carries in its heading: money and counted things; '' for the others."""
        if self.prefix or self.suffix.strip() not in (*_SHORT.values(), "%", "pp", f"/{SPACE}1,000"):
            return " ".join((self.prefix + self.suffix).split())
        return ""

    @property
    def printf(self) -> str:
        """The format of a grid's number column for values already multiplied."""
        return f"{self.prefix}%.{self.decimals}f{self.suffix.replace('%', '%%')}"


def is_duration(unit: str) -> bool:
    return unit in _SECONDS


def unit_of(unit: str, largest: float = 0.0, currency: str = "EUR") -> Unit:
    """One common form for a chart or a column, chosen by its largest value so that figures line up."""
    if unit in _PERCENT_UNITS:
        return Unit(100, 2 if 0 < abs(largest) < 0.01 else 1, "", f"{SPACE}%")
    if unit in _SECONDS:
        shown = duration_unit(largest, unit)
        return Unit(_SECONDS[unit] / _SECONDS[shown], 1, "", f"{SPACE}{_SHORT[shown]}")
    if unit == "money":
        number, scale = scaled(largest)
        divisor = largest / number if number else 1.0
        digits = 2 if scale and abs(number) < 10 else 1 if scale else 0
        return Unit(1 / divisor, digits, f"{symbol(currency)}{SPACE}", f"{SPACE}{scale}" if scale else "")
    if unit == "per_1000":
        return Unit(1, 1, "", f"{SPACE}/{SPACE}1,000")
    if unit == "times":
        return Unit(1, 1, "", f"{SPACE}×")
    if unit == "units_per_day":
        return Unit(1, 2, "", f"{SPACE}/{SPACE}d")
    return Unit(1, 0, "", f"{SPACE}{unit}")


def value(amount: Any, unit: str, currency: str = "EUR") -> str:
    """One value on its own, in the form of its unit."""
    if is_missing(amount):
        return NOTHING
    if unit in _PERCENT_UNITS:
        return percent(amount)
    if unit == "money":
        return money(amount, currency)
    if unit in _SECONDS:
        return duration(amount, unit)
    return unit_of(unit, float(amount), currency).text(amount)


def common_scale(amounts: Sequence[Any]) -> float | None:
    """The largest of the amounts, by which one unit for all of them is chosen; None when one would vanish in it."""
    known = [abs(float(amount)) for amount in amounts if not is_missing(amount) and float(amount)]
    return max(known) if known and max(known) < _FAR * min(known) else None


def together(amounts: Sequence[Any], unit: str, currency: str = "EUR") -> list[str]:
    """Values that stand side by side: times in one unit as long as none of them gets lost in it."""
    scale = common_scale(amounts)
    if is_duration(unit) and scale is not None:
        form = unit_of(unit, scale, currency)
        return [form.text(amount) for amount in amounts]
    return [value(amount, unit, currency) for amount in amounts]


def change(now: Any, before: Any, unit: str, currency: str = "EUR") -> str:
    """The difference, signed, in the unit in which the larger value is read; shares differ in percentage points."""
    if is_missing(now) or is_missing(before):
        return NOTHING
    difference = float(now) - float(before)
    if unit in _PERCENT_UNITS:
        text = f"{abs(difference) * 100:.{2 if 0 < abs(difference) < 0.0095 else 1}f}{SPACE}pp"
        shown = _signed(text, difference)
    elif unit in _SECONDS:
        shown = unit_of(unit, max(abs(float(now)), abs(float(before)))).of_change().text(difference)
    else:
        shown = value(difference, unit, currency)
    return shown if shown.startswith(MINUS) or difference == 0 else f"+{shown}"


def local(moment: Any, zone: str) -> datetime:
    """A UTC time without zone (as stored) in the reporting zone."""
    stamp = moment.to_pydatetime() if hasattr(moment, "to_pydatetime") else moment
    return stamp.replace(tzinfo=stamp.tzinfo or UTC).astimezone(ZoneInfo(zone))


def moment(stamp: Any, zone: str, *, weekday: bool = False, seconds: bool = False) -> str:
    """'14 Oct 2025, 06:55' in the reporting zone."""
    if is_missing(stamp):
        return NOTHING
    form = ("%a " if weekday else "") + "%-d %b %Y, %H:%M" + (":%S" if seconds else "")
    return local(stamp, zone).strftime(form)


def day(value_: Any) -> str:
    """'14 Oct 2025'."""
    if is_missing(value_):
        return NOTHING
    plain = value_.date() if isinstance(value_, datetime) else value_
    return plain.strftime("%-d %b %Y") if isinstance(plain, date) else str(plain)


def elapsed(seconds: Any) -> str:
    """A span of time as one says it: '45 min', '3.2 h', '6.1 d'."""
    if is_missing(seconds):
        return NOTHING
    span = max(float(seconds), 0.0)
    unit = duration_unit(span, "seconds")
    if unit in ("seconds", "minutes"):
        return f"{span / _SECONDS[unit]:.0f}{SPACE}{_SHORT[unit]}"
    return duration(span, "seconds", unit)


def _signed(text: str, number: float) -> str:
    return f"{MINUS}{text}" if number < 0 and any(c in "123456789" for c in text) else text


def words(code: Any) -> str:
    """A code as words: 'customer_service' -> 'Customer service'."""
    text = NOTHING if is_missing(code) else str(code).replace("_", " ").replace("-", " ")
    return text[:1].upper() + text[1:]


def finite(value_: Any) -> float:
    """The value, or 0.0 where there is none: for choosing a scale, never for showing."""
    return 0.0 if is_missing(value_) or not math.isfinite(float(value_)) else float(value_)
