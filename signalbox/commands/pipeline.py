"""``simulate``, ``land``, ``build``, ``prune``: from extracts to a published snapshot."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from signalbox.commands.options import day, from_option, instant, settings_of, to_option
from signalbox.commands.report import reporter

if TYPE_CHECKING:
    from signalbox.landing import LandReport

_LEFT_SHOWN = 5


@click.command(short_help="Write a simulated retailer's extracts, and apart from them what was injected.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder to write to.")
@click.option(
    "--scale", type=click.Choice(["tiny", "small", "large"]), help="The network and its size; default: small."
)
@click.option("--orders", type=click.IntRange(min=1), help="Orders in place of the scale's own.")
@click.option("--days", type=click.IntRange(min=7), help="Days of business in place of the scale's own.")
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed gives the same bytes.")
@click.option("--faults", default="default", show_default=True, help="none, default, or a YAML file of faults.")
@click.option("--as-of", metavar="DAY", help="Last day of business, YYYY-MM-DD.")
@click.option("--calm", is_flag=True, help="A world in which nothing goes wrong but what is injected.")
def simulate(
    out: Path,
    scale: str | None,
    orders: int | None,
    days: int | None,
    seed: int,
    faults: str,
    as_of: str | None,
    calm: bool,
) -> None:
    """Write the extracts under OUT/extracts and what was injected under OUT/truth."""
    from signalbox.simulate import simulate as run

    last_day = day(as_of, "--as-of")
    tell, started = reporter(), time.monotonic()
    tell.begin("simulate")
    done = run(out, scale or "small", orders, days, seed, faults, last_day, tell.update, calm)
    text = f"{done.orders:,} orders, {done.files:,} files, {done.bytes / 1e6:,.0f} MB, {done.faults:,} faults"
    tell.end("simulate", time.monotonic() - started, text)


@click.command(short_help="Land files or a folder; the same content twice changes nothing.")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--adapter", metavar="NAME", help="Whose files these are; default: files in the contracts' own shape.")
@click.option("--received-at", metavar="INSTANT", help="When the files were received (UTC), instead of what they say.")
@click.pass_context
def land(context: click.Context, path: Path, adapter: str | None, received_at: str | None) -> None:
    """Check the rows of PATH against their contracts and keep them; what breaks its contract goes to quarantine."""
    from signalbox.landing import land as run

    received = instant(received_at, "--received-at")
    tell, started = reporter(), time.monotonic()
    tell.begin("land")
    try:
        report = run(settings_of(context), path, adapter, received, tell.update)
    except BaseException:
        tell.end("land", time.monotonic() - started, "stopped")
        raise
    tell.end("land", time.monotonic() - started, land_text(report))
    for note in land_notes(report):
        click.echo(note)


@click.command(short_help="Land what is new, build, audit, publish.")
@click.option("--full-refresh", is_flag=True, help="Build even when nothing is new.")
@click.option(
    "--engine", type=click.Choice(["duckdb", "spark"]), default="duckdb", show_default=True, help="Where models run."
)
@from_option
@to_option
@click.option("--as-of", metavar="INSTANT", help="Build what was known then (UTC); it does not become current.")
@click.option("--quick", is_flag=True, help="Only orders, sales, returns, messages and stock that are touched.")
@click.pass_context
def build(
    context: click.Context,
    full_refresh: bool,
    engine: Literal["duckdb", "spark"],
    date_from: str | None,
    date_to: str | None,
    as_of: str | None,
    quick: bool,
) -> None:
    """Land what is new in the drop area (home/landing), build, audit and publish.

    --from and --to recompute a range of business days from raw. After --quick the tables that are not of orders, sales,
    returns, messages or stock stand as before; the next build without it makes up for them.
    """
    from orchestration.build import run_build
    from orchestration.options import BuildOptions

    options = BuildOptions(
        as_of=instant(as_of, "--as-of"),
        date_from=day(date_from, "--from"),
        date_to=day(date_to, "--to"),
        full_refresh=full_refresh,
        engine=engine,
        quick=quick,
    )
    report = run_build(settings_of(context), options, reporter())
    if report.is_unchanged:
        click.echo(f"nothing new: the published snapshot stands ({report.seconds:.1f} s)")
    elif report.published is not None:
        state = "published" if report.published.is_current else "written, not current (as of a past instant)"
        click.echo(f"snapshot {report.published.snapshot_id} {state} in {report.seconds:.1f} s")


@click.command(short_help="Clear old snapshots, build records and runs.")
@click.pass_context
def prune(context: click.Context) -> None:
    """Keep the newest snapshots (setting snapshots_kept), and those that are served, pinned or read."""
    from orchestration.retention import prune_all

    gone = prune_all(settings_of(context))
    click.echo(f"{len(gone.snapshots)} snapshots, {gone.runs} runs, {gone.reports} quality reports cleared")


def land_text(report: LandReport) -> str:
    """The counts of a landing in a line."""
    parts = [f"{report.files:,} files, {report.rows_accepted:,} rows"]
    if report.rows_quarantined:
        parts.append(f"{report.rows_quarantined:,} rows in quarantine")
    if report.duplicates:
        parts.append(f"{report.duplicates:,} files landed before")
    return ", ".join(parts)


def land_notes(report: LandReport) -> list[str]:
    """What a person should look at after a landing, a line each."""
    notes = [*report.notes]
    notes += [f"refused: {item.path}: {item.reason}" for item in report.refused[:_LEFT_SHOWN]]
    notes += [f"left alone: {item.path}: {item.reason}" for item in report.left[:_LEFT_SHOWN]]
    hidden = max(len(report.refused) - _LEFT_SHOWN, 0) + max(len(report.left) - _LEFT_SHOWN, 0)
    if hidden:
        notes.append(f"… and {hidden:,} more files")
    for entity, columns in sorted(report.new_columns.items()):
        notes.append(f"new columns of {entity}: {', '.join(sorted(columns))}")
    if report.rows_quarantined:
        notes.append("`signalbox quarantine list` shows the refused rows and why")
    return notes
