"""``exceptions list`` and ``show``: the queue, read."""

from __future__ import annotations

from typing import Any

import click

from signalbox.commands.options import format_option, settings_of
from signalbox.commands.output import emit, plain

_COLUMNS = (
    "exception_id",
    "code",
    "exception_name",
    "severity_code",
    "status_code",
    "opened_ts",
    "due_ts",
    "business_key",
    "channel",
    "location",
    "owner_role",
    "value_at_risk_amount",
)
_ID_SHOWN = 12


@click.group(short_help="The queue of exceptions, worth first.")
def exceptions() -> None:
    """What is wrong now, what it costs, who owns it and what to do."""


@exceptions.command("list", short_help="Exceptions, worth first.")
@click.option("--status", default="open", show_default=True, help="open, closed, retracted or all.")
@click.option("--code", help="Such as E12.")
@click.option("--owner", help="Role of the owner.")
@click.option("--channel")
@click.option("--location")
@click.option("--severity", help="S1, S2 or S3.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@format_option
@click.pass_context
def list_(context: click.Context, /, status: str, limit: int, fmt: str, **filters: str | None) -> None:
    """Exceptions, the greatest value at risk first."""
    from signalbox.exceptions import list_exceptions
    from signalbox.publish import open_snapshot

    with open_snapshot(settings_of(context)) as snapshot:
        found = list_exceptions(snapshot.con, None if status == "all" else status, limit=limit, **filters)
        rows = found.to_pylist()
    if fmt == "table":
        rows = [row | {"exception_id": row["exception_id"][:_ID_SHOWN]} for row in rows]
    kept = " and ".join(f"{name} {value}" for name, value in filters.items() if value)
    emit(rows, fmt, _COLUMNS, f"no {'' if status == 'all' else f'{status} '}exception{f' of {kept}' if kept else ''}")


@exceptions.command(short_help="One exception with evidence, next step and its order's timeline.")
@click.argument("exception_id", metavar="ID")
@format_option
@click.pass_context
def show(context: click.Context, exception_id: str, fmt: str) -> None:
    """The exception ID (its first characters are enough): facts, next step, evidence, timeline of its order."""
    from signalbox.exceptions import show_exception
    from signalbox.publish import open_snapshot

    with open_snapshot(settings_of(context)) as snapshot:
        found = show_exception(snapshot.con, exception_id)
    if fmt != "table":
        emit([found], fmt)
        return
    _print(found)


def _print(found: dict[str, Any]) -> None:
    timeline, evidence = found.pop("timeline"), found.pop("evidence")
    for name, value in found.items():
        if value is not None:
            click.echo(f"{name:<22} {plain(value)}")
    if evidence["file_digest"]:
        click.echo(f"{'evidence':<22} {evidence['entity']}, file {evidence['file_digest']}, line {evidence['line']}")
    if timeline:
        click.echo()
        emit(timeline, "table", ("event_ts", "step_name", "system_code", "line_no", "quantity", "location", "detail"))
