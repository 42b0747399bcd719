"""``export``: a mart, a KPI table or the queue as a file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from signalbox.commands.options import settings_of
from signalbox.commands.output import emit


@click.command(short_help="A mart, a KPI table or the queue as CSV, Excel or Parquet.")
@click.argument("name", required=False)
@click.option("--format", "fmt", type=click.Choice(["csv", "xlsx", "parquet"]), default="csv", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File or folder; default: NAME.FORMAT here.")
@click.pass_context
def export(context: click.Context, name: str | None, fmt: str, output: Path | None) -> None:
    """Write the export NAME of the served snapshot; without NAME, list what there is."""
    from signalbox.export import export as write
    from signalbox.export import list_exports
    from signalbox.publish import open_snapshot

    with open_snapshot(settings_of(context)) as snapshot:
        if name is None:
            emit([asdict(info) for info in list_exports(snapshot)], "table")
            return
        path = write(snapshot, name, fmt, output)
    click.echo(f"{path} (data as of {snapshot.as_of:%Y-%m-%d %H:%M} UTC)")
