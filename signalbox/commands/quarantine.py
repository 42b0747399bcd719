"""``quarantine list``, ``show`` and ``replay``: rows that were refused, why, and again."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from signalbox.commands.options import format_option, settings_of
from signalbox.commands.output import emit, plain

if TYPE_CHECKING:
    from signalbox.landing.quarantine import QuarantinedRow


@click.group(short_help="Rows that were refused, and why.")
def quarantine() -> None:
    """Rows that were refused, and why; and landing them again once the reason is mended."""


@quarantine.command("list", short_help="What waits in quarantine.")
@click.option("--entity", help="Of this entity only.")
@click.option("--all", "with_replayed", is_flag=True, help="Replayed rows too.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True)
@format_option
@click.pass_context
def list_(context: click.Context, entity: str | None, with_replayed: bool, limit: int, fmt: str) -> None:
    """Refused rows with file, line, column, rule and value."""
    from signalbox.landing.quarantine import list_quarantine

    found = list_quarantine(settings_of(context), entity, with_replayed, limit)
    rows = [fields for row in found for fields in problem_rows(row)]
    emit(rows, fmt, ("id", "entity", "file_name", "line", "column", "rule", "value"), "quarantine is empty")


@quarantine.command(short_help="One refused row: its problems and its cells.")
@click.argument("row_id", metavar="ID")
@format_option
@click.pass_context
def show(context: click.Context, row_id: str, fmt: str) -> None:
    """The row ID with its problems and its cells as delivered; personal values are hashed."""
    from signalbox.landing.quarantine import show_quarantine

    row = show_quarantine(settings_of(context), row_id)
    if fmt != "table":
        emit([asdict(row)], fmt)
        return
    click.echo(f"{row.feed_id} {row.entity}: {row.file_name}, line {plain(row.line) or '?'}")
    for problem in row.problems:
        click.echo(f"  {problem.column or 'the line'}: {problem.rule}: {problem.value!r}")
    for name, value in (row.row or {}).items():
        click.echo(f"    {name} = {value}")


@quarantine.command(short_help="Check refused rows again and land those that pass.")
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.pass_context
def replay(context: click.Context, ids: tuple[str, ...]) -> None:
    """Check refused rows against today's contracts again (all of them, or the IDs), and land those that pass."""
    from signalbox.landing.replay import replay as run

    report = run(settings_of(context), ids or None)
    click.echo(f"{len(report.replayed):,} rows landed, {len(report.refused):,} still refused")
    if report.replayed:
        click.echo("`signalbox build` takes them in")


def problem_rows(row: QuarantinedRow) -> list[dict[str, Any]]:
    """One row a broken rule, as scripts read it."""
    facts = {
        "id": row.id,
        "feed_id": row.feed_id,
        "entity": row.entity,
        "file_name": row.file_name,
        "file_digest": row.file_digest,
        "line": row.line,
        "received_ts": row.received_ts,
        "replayed_ts": row.replayed_ts,
    }
    return [{**facts, **asdict(problem)} for problem in row.problems]
