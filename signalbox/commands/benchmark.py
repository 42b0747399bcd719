"""``benchmark alarms``: how well the controls find what was injected."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from signalbox.commands.options import format_option, settings_of
from signalbox.commands.output import emit
from signalbox.commands.report import reporter

if TYPE_CHECKING:
    from signalbox.settings import Settings


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
    """Score the served snapshot against what was injected; with --seed, a retailer simulated for it.

    found: injected faults with an exception; precision: right exceptions of all; recall: found of injected.
    """
    if seed is None:
        settings = settings_of(context)
        rows = _scores(settings, truth or settings.home / "truth")
    else:
        rows = _simulated(seed, scale)
    emit(rows, fmt)


def _scores(settings: Settings, truth: Path) -> list[dict[str, Any]]:
    from signalbox.publish import open_snapshot
    from signalbox.simulate import score

    with open_snapshot(settings) as snapshot:
        return score(truth, snapshot.con.execute("select * from fct_exception").to_arrow_table())


def _simulated(seed: int, scale: str) -> list[dict[str, Any]]:
    from orchestration.build import run_build
    from signalbox.commands.demo import simulate_into
    from signalbox.settings import load_settings

    tell = reporter()
    with tempfile.TemporaryDirectory(prefix="signalbox-") as folder:
        settings = load_settings(Path(folder))
        simulate_into(settings, scale, seed, tell)
        run_build(settings, reporter=tell)
        return _scores(settings, settings.home / "truth")
