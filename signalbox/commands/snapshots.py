"""``snapshots list`` and ``snapshots use``: what was published, and going back to it."""

from __future__ import annotations

from dataclasses import asdict

import click

from signalbox.commands.options import format_option, settings_of
from signalbox.commands.output import emit


@click.group(short_help="What was published; go back to one.")
def snapshots() -> None:
    """What was published, and which of it is served."""


@snapshots.command("list", short_help="Kept snapshots, newest first.")
@format_option
@click.pass_context
def list_(context: click.Context, fmt: str) -> None:
    """Kept snapshots, newest first. The current one is served; a pinned one stays served until `use latest`."""
    from signalbox.publish import list_snapshots

    rows = [asdict(info) for info in list_snapshots(settings_of(context))]
    columns = ("snapshot_id", "as_of", "created", "is_current", "is_pinned", "is_past", "tables", "rows")
    emit(rows, fmt, columns, "nothing is published yet; run `signalbox build`")


@snapshots.command(short_help="Serve this snapshot until `use latest`.")
@click.argument("snapshot_id", metavar="ID|latest")
@click.pass_context
def use(context: click.Context, snapshot_id: str) -> None:
    """Serve snapshot ID until `use latest`; builds go on publishing meanwhile."""
    from signalbox.publish import use as serve

    served = serve(settings_of(context), snapshot_id)
    click.echo(f"serving snapshot {served}" + ("" if snapshot_id == "latest" else "; `use latest` ends it"))
