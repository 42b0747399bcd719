"""``ocel``: the processes' event log for process-mining tools."""

from __future__ import annotations

from pathlib import Path

import click

from signalbox.commands.options import settings_of


@click.command(short_help="The event log of the processes as OCEL 2.0, SQLite or JSON.")
@click.option("--process", "processes", multiple=True, help="May be repeated; default: all five.")
@click.option("--format", "fmt", type=click.Choice(["sqlite", "json"]), default="sqlite", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Default: processes.FORMAT here.")
@click.pass_context
def ocel(context: click.Context, processes: tuple[str, ...], fmt: str, output: Path | None) -> None:
    """Write events, objects and their relations of the served snapshot in the form of the OCEL 2.0 standard."""
    from signalbox.export import export_ocel
    from signalbox.publish import open_snapshot

    with open_snapshot(settings_of(context)) as snapshot:
        path = export_ocel(snapshot, output or Path(f"processes.{fmt}"), fmt, processes)
    click.echo(f"{path} (data as of {snapshot.as_of:%Y-%m-%d %H:%M} UTC)")
