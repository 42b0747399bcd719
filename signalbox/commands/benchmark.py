"""``benchmark alarms``: how well the controls find what was injected."""

from __future__ import annotations

import json
import tempfile
from functools import partial
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
@click.option("--seed", type=int, help="Simulate the retailers of this seed, in homes of their own, and score those.")
@click.option("--scale", type=click.Choice(["tiny", "small", "large"]), default="tiny", show_default=True)
@click.option("--truth", type=click.Path(path_type=Path), help="Truth of what this home landed; default: home/truth.")
@format_option
@click.pass_context
def alarms(context: click.Context, seed: int | None, scale: str, truth: Path | None, fmt: str) -> None:
    """Score the served snapshot against what was injected; with --seed, two retailers simulated for it.

    One is an ordinary retailer; in the other, a calm one, nothing goes wrong but what is injected: faults of codes that
    an ordinary retailer has of its own. found: injected faults with an exception; in_first_build: with the first build
    after the evidence landed; precision: right exceptions of all; recall: found of injected.
    """
    if seed is None:
        settings = settings_of(context)
        rows = _scores(settings, truth or settings.home / "truth")
    else:
        rows = _simulated(seed, scale)
    emit(rows, fmt)


def _scores(settings: Settings, truth: Path) -> list[dict[str, Any]]:
    from signalbox.landing.pseudonym import load_key, pseudonym
    from signalbox.publish import open_snapshot
    from signalbox.simulate import score
    from signalbox.simulate.faults import CALM, DEFAULT

    run = (truth if truth.is_dir() else truth.parent) / "run.json"
    is_calm = run.exists() and json.loads(run.read_text(encoding="utf-8")).get("is_calm", False)
    with open_snapshot(settings) as snapshot:
        alarms = snapshot.con.execute("select * from fct_exception").to_arrow_table()
    rows = score(truth, alarms, CALM if is_calm else DEFAULT, partial(pseudonym, load_key(settings)))
    return [{**row, "world": "calm" if is_calm else "ordinary"} for row in rows]


def _simulated(seed: int, scale: str) -> list[dict[str, Any]]:
    from orchestration.build import run_build
    from signalbox.commands.demo import simulate_into
    from signalbox.settings import load_settings
    from signalbox.simulate.faults import CALM

    tell, rows = reporter(), []
    for is_calm in (False, True):
        with tempfile.TemporaryDirectory(prefix="signalbox-") as folder:
            settings = load_settings(Path(folder))
            simulate_into(settings, scale, seed, tell, is_calm)
            run_build(settings, reporter=tell)
            scored = _scores(settings, settings.home / "truth")
            rows += [row for row in scored if (row["code"] in CALM) == is_calm]
    return sorted(rows, key=lambda row: row["code"])
