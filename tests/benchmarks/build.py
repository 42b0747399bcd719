"""Full builds: growth with the data, peak memory, share of the quality gates; and one more day on a long history.

Every build is the command in a process of its own. Not here: the bare program (``bare``), or data (``data``).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from statistics import median

from signalbox.publish import list_builds
from signalbox.settings import load_settings
from tests.benchmarks.data import Data, Size, data_of
from tests.benchmarks.figures import Figure
from tests.benchmarks.measure import measure, module

_GATES = ("inbound suites", "outbound suites", "snapshot suites")
_GROWTH, _MEMORY_GB, _GATES_SHARE = 10.5, 8 * 1.073741824, 0.10
_DAYS_MORE, _OF_THE_FULL, _AT_MOST_SECONDS, _HISTORY = 3, 0.05, 20.0, 1.3


def growth(folder: Path, size: Size) -> list[Figure]:
    """A full build of a tenth of the orders over the same days, and of all."""
    small = data_of(folder, Size(size.orders // 10, size.days)).built[1]
    large = data_of(folder, size).built[1]
    return [
        Figure(f"full build, {size.orders // 10:,} orders", small.seconds, "s"),
        Figure(f"full build, {size.orders:,} orders", large.seconds, "s"),
        Figure("growth of a full build, ten times the orders", large.seconds / small.seconds, "x", _GROWTH),
    ]


def memory(folder: Path, size: Size) -> list[Figure]:
    """Peak resident memory of a full build."""
    run = data_of(folder, size).built[1]
    return [Figure("peak memory of a full build", run.peak_bytes / 1e9, "GB", _MEMORY_GB)]


def gates(folder: Path, size: Size) -> list[Figure]:
    """The quality gates' share of a full build, from its audit record; dbt's own tests run with the models."""
    home, run = data_of(folder, size).built
    steps = {step.step: step.seconds for step in list_builds(load_settings(home))[0].steps}
    spent = sum(steps[name] for name in _GATES)
    return [
        *(Figure(f"{name} of a full build", steps[name], "s") for name in _GATES),
        Figure("quality gates of a full build", spent / run.seconds, "share", _GATES_SHARE),
    ]


def increment(folder: Path, size: Size) -> list[Figure]:
    """One more day's extracts on about a month of history and on all of it, at the same orders a day.

    A day is landed and built by one command; the figure is the median of three days in a row.
    """
    month = min(31, size.days)
    short = _days_more(data_of(folder, Size(size.orders * month // size.days, month)))
    data = data_of(folder, size)
    long = _days_more(data)
    full = data.built[1].seconds
    limit = _OF_THE_FULL * full + _AT_MOST_SECONDS
    return [
        Figure(f"one more day on {month} days", short, "s"),
        Figure(f"full build of {size.days} days", full, "s"),
        Figure(f"one more day on {size.days} days (5 % of it + 20 s)", long, "s", limit),
        Figure(f"from {month} to {size.days} days of history", long / short, "x", _HISTORY),
    ]


def _days_more(data: Data) -> float:
    history, days = data.split("days", _DAYS_MORE)
    home = data.home("days", history)
    settings = load_settings(home)
    measure(module("signalbox.cli", "--home", home, "build", "--full-refresh"))
    seconds = []
    for day in days:
        # put there in one go: a build must not see half of a day
        shutil.copytree(day, settings.landing_dir, dirs_exist_ok=True)
        seconds.append(measure(module("signalbox.cli", "--home", home, "build")).seconds)
    shutil.rmtree(home)
    return median(seconds)
