"""``demo``: simulate, land, build, audit, publish, serve."""

from __future__ import annotations

import json
import shutil
import time
from typing import TYPE_CHECKING

import click

from signalbox.commands.options import settings_of
from signalbox.commands.report import reporter
from signalbox.errors import UsageError

if TYPE_CHECKING:
    from signalbox.progress import Reporter
    from signalbox.settings import Settings


@click.command(short_help="Simulate a retailer, land, build, audit, publish, serve.")
@click.option("--scale", type=click.Choice(["tiny", "small", "large"]), default="small", show_default=True)
@click.option("--seed", type=int, default=7, show_default=True)
@click.option(
    "--serve/--no-serve", "with_serve", default=True, show_default=True, help="Serve the dashboards at the end."
)
@click.pass_context
def demo(context: click.Context, scale: str, seed: int, with_serve: bool) -> None:
    """The whole way on a simulated retailer.

    The extracts go to home/landing/demo; what was injected goes to home/truth, which nothing lands.
    """
    from orchestration.build import run_build
    from signalbox.commands.serve import serve_home
    from signalbox.lock import writer_lock

    settings, tell = settings_of(context), reporter()
    with writer_lock(settings, "a demonstration"):
        simulate_into(settings, scale, seed, tell)
        report = run_build(settings, reporter=tell)
    click.echo(f"{'nothing new' if report.is_unchanged else 'built and published'} in {report.seconds:.1f} s")
    if with_serve:
        serve_home(settings)
    else:
        click.echo("`signalbox serve` shows the dashboards")


def simulate_into(settings: Settings, scale: str, seed: int, tell: Reporter, is_calm: bool = False) -> None:
    """Put the simulated extracts into the drop area, whole or not at all; the same retailer is not simulated twice."""
    from signalbox.simulate import simulate

    extracts, truth = settings.landing_dir / "demo", settings.home / "truth"
    if extracts.exists() and truth.exists():
        facts = json.loads((truth / "run.json").read_text(encoding="utf-8"))
        if (facts["scale"], facts["seed"]) != (scale, seed):
            raise UsageError(
                f"{extracts} holds the retailer of scale {facts['scale']} and seed {facts['seed']}; "
                "give another --home, or clear this one"
            )
        return
    started, fresh = time.monotonic(), settings.home / ".simulated"
    tell.begin("simulate")
    for left in (fresh, extracts, truth):
        shutil.rmtree(left, ignore_errors=True)
    done = simulate(fresh, scale=scale, seed=seed, progress=tell.update, is_calm=is_calm)
    extracts.parent.mkdir(parents=True, exist_ok=True)
    (fresh / "truth").rename(truth)
    (fresh / "extracts").rename(extracts)
    fresh.rmdir()
    tell.end("simulate", time.monotonic() - started, f"{done.orders:,} orders in {done.files:,} files")
