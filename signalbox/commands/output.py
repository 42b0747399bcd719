"""How rows are printed: a table for people, JSON and CSV for programs.

Belongs here: formatting. Not here: which rows.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]


def emit(rows: Iterable[Row], fmt: str, columns: Sequence[str] | None = None, empty: str = "nothing to show") -> None:
    """Print rows. ``columns`` chooses and orders what a table shows; JSON and CSV always hold every field."""
    listed = [dict(row) for row in rows]
    if fmt == "json":
        json.dump(listed, sys.stdout, default=_json, ensure_ascii=False, indent=1)
        print()
    elif fmt == "csv":
        _csv(listed)
    elif not listed:
        print(empty)
    else:
        _table(listed, list(columns or listed[0]))


def plain(value: Any) -> str:
    """A value as a person reads it: instants in UTC to the minute, numbers grouped, nothing for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float | Decimal):
        number = float(value)
        return f"{number:,.4f}".rstrip("0").rstrip(".") if abs(number) < 100 else f"{number:,.2f}"
    return str(value)


def _table(rows: list[dict[str, Any]], columns: list[str]) -> None:
    """Aligned columns as wide as they need; a terminal cuts what it cannot hold, a pipe gets all of it."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for name in columns:
        numeric = any(_is_number(row.get(name)) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", no_wrap=True, overflow="ellipsis")
    for row in rows:
        table.add_row(*(plain(row.get(name)) for name in columns))
    width = None if sys.stdout.isatty() else 10_000
    Console(width=width, highlight=False, markup=False, soft_wrap=False).print(table)


def _csv(rows: list[dict[str, Any]]) -> None:
    if rows:
        writer = csv.DictWriter(sys.stdout, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, default=_json, ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    return _json(value) if isinstance(value, date | datetime | Decimal) else value


def _json(value: Any) -> Any:
    """Instants end in Z, since all of them are UTC."""
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z" if value.tzinfo is None else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
