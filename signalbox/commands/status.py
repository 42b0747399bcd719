"""``status``: feeds and their freshness, the served snapshot, the last build, the quarantine."""

from __future__ import annotations

from typing import Any

import click

from signalbox.commands.options import format_option, settings_of
from signalbox.commands.output import emit, plain


@click.command(short_help="Feeds, the served snapshot, the last build, the quarantine.")
@format_option
@click.pass_context
def status(context: click.Context, fmt: str) -> None:
    """How the home stands. JSON and CSV hold one object: the same facts as the table's lines."""
    from signalbox.status import home_status

    found = home_status(settings_of(context))
    if fmt != "table":
        emit([found], fmt)
        return
    feeds: list[dict[str, Any]] = found.pop("feeds")
    for name, value in found.items():
        click.echo(f"{name.replace('_', ' '):<22} {plain(value) or '-'}")
    click.echo()
    columns = ("feed_id", "entity", "system_code", "last_business_date", "last_received_ts", "files", "rows", "state")
    emit(feeds, "table", columns, "no feed was delivered yet")
