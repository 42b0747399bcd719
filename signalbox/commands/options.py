"""Options that commands share, and how their texts become values.

Belongs here: option declarations and parsing. Not here: what the values mean.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from signalbox.errors import UsageError
from signalbox.moments import parse_day, parse_instant

if TYPE_CHECKING:
    from datetime import date, datetime

    from signalbox.settings import Settings

FORMATS = ("table", "json", "csv")
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

format_option: Decorator = click.option(
    "--format",
    "fmt",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="json is an array of objects; csv has a header.",
)
from_option: Decorator = click.option("--from", "date_from", metavar="DAY", help="First day, YYYY-MM-DD.")
to_option: Decorator = click.option("--to", "date_to", metavar="DAY", help="Last day, included.")


def settings_of(context: click.Context) -> Settings:
    """The settings of the home that ``--home`` names."""
    from signalbox.settings import load_settings

    home: Path | None = context.find_root().obj
    return load_settings(home)


def day(text: str | None, option: str) -> date | None:
    """A day as YYYY-MM-DD, or None. Raises UsageError naming the option."""
    return None if text is None else parse_day(text, option)


def instant(text: str | None, option: str) -> datetime | None:
    """An ISO instant as UTC without zone, or None. Raises UsageError naming the option."""
    return None if text is None else parse_instant(text, option)


def pairs(texts: tuple[str, ...], option: str) -> dict[str, list[str]]:
    """``NAME=VALUE`` options; a name given twice has both values. Raises UsageError."""
    found: dict[str, list[str]] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"{option}: {text!r} is not NAME=VALUE, such as channel=web")
        found.setdefault(name, []).append(value)
    return found


def names(text: str | None) -> list[str]:
    """A list separated by commas."""
    return [part.strip() for part in (text or "").split(",") if part.strip()]
