"""``benchmark alarms``: how well the controls find what was injected."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signalbox.commands.options import format_option, settings_of
from signalbox.commands.output import emit
from signalbox.commands.report import reporter

if TYPE_CHECKING:
    from signalbox.benchmark import Score
    from signalbox.progress import Reporter


@click.group(short_help="Measure the controls on injected faults.")
def benchmark() -> None:
    """Measures that need a simulated retailer, since only there the truth is known."""


@benchmark.command(short_help="Precision, recall and time to detect of every control.")
@click.option("--seed", type=int, help="Simulate the retailer of this seed, in a home of its own, and score that.")
@click.option("--scale", type=click.Choice(["tiny", "small", "large"]), default="tiny", show_default=True)
@click.option("--truth", type=click.Path(path_type=Path), help="Truth of what this home landed; default: home/truth.")
@format_option
@click.pass_context
def alarms(context: click.Context, seed: int | None, scale: str, truth: Path | None, fmt: str) -> None:
    """Score the served snapshot against what was injected; with --seed, a retailer simulated for it."""
    from signalbox.benchmark import score
    from signalbox.publish import open_snapshot

    if seed is not None:
        scores = _simulated(seed, scale, reporter())
    else:
        settings = settings_of(context)
        with open_snapshot(settings) as snapshot:
            scores = score(snapshot.con, truth or settings.home / "truth")
    emit([asdict(item) for item in scores], fmt)


def _simulated(seed: int, scale: str, tell: Reporter) -> list[Score]:
    from orchestration.build import run_build
    from signalbox.benchmark import score
    from signalbox.commands.demo import simulate_into
    from signalbox.publish import open_snapshot
    from signalbox.settings import load_settings

    with tempfile.TemporaryDirectory(prefix="signalbox-") as folder:
        settings = load_settings(Path(folder))
        simulate_into(settings, scale, seed, tell)
        run_build(settings, reporter=tell)
        with open_snapshot(settings) as snapshot:
            return score(snapshot.con, settings.home / "truth")
