"""``quality docs``: Great Expectations' own pages about what the warehouse holds."""

from __future__ import annotations

import click

from signalbox.commands.options import settings_of
from signalbox.commands.report import reporter


@click.group(short_help="Reports of the expectation suites.")
def quality() -> None:
    """What the expectation suites say about the last build."""


@quality.command(short_help="Run every suite on the warehouse and write Data Docs.")
@click.pass_context
def docs(context: click.Context) -> None:
    """Run every suite on what the warehouse holds and write HTML pages (Data Docs); nothing is published."""
    from orchestration.docs import write_docs

    index, failed = write_docs(settings_of(context), reporter())
    click.echo(f"{index} ({failed} suites failed)")
