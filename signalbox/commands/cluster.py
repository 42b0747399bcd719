"""``cluster``: a small Spark cluster on this machine, to try the second engine."""

from __future__ import annotations

import time

import click

from signalbox.commands.options import settings_of
from signalbox.commands.report import reporter


@click.group(short_help="A small Spark cluster on this machine, to try the second engine.")
def cluster() -> None:
    """A master, workers and a Thrift server on 127.0.0.1; needs Java 17 and the extra signalbox[spark]."""


@cluster.command(short_help="Start it and wait until it answers.")
@click.pass_context
def start(context: click.Context) -> None:
    """Start the cluster of this home; its size is in signalbox.toml ([spark])."""
    from signalbox.engines import cluster as engine

    settings, began = settings_of(context), time.monotonic()
    before = engine.state(settings)
    tell = reporter()
    tell.begin("cluster")
    found = None
    try:
        found = engine.start(settings, lambda text: tell.update(text, 0, 0))
    finally:
        text = "not started" if found is None else engine.memory_text(settings)
        tell.end("cluster", time.monotonic() - began, text)
    verb = "runs already" if found == before else "answers"
    click.echo(f"{verb} at {found.address}, {len(found.members)} processes; `signalbox cluster stop` ends it")


@cluster.command(short_help="End every process of it.")
@click.pass_context
def stop(context: click.Context) -> None:
    """End the cluster of this home, also one that was left by a crash. Its tables stay."""
    from signalbox.engines import cluster as engine

    ended = engine.stop(settings_of(context))
    click.echo(f"{ended} processes ended" if ended else "no cluster of this home was running")


@cluster.command(short_help="What of it runs.")
@click.pass_context
def status(context: click.Context) -> None:
    """Each process of the cluster, and where it answers."""
    from signalbox.engines import cluster as engine

    found = engine.state(settings_of(context))
    if found is None:
        click.echo("no cluster of this home is running")
        return
    click.echo(f"{found.address}, started {found.started}")
    for member in found.members:
        click.echo(f"  {member.name:<14} {'runs' if member.is_running else 'ended'}, process {member.pid}")
