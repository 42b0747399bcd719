"""Near real time: files of 2,000 order events dropped in, from the drop to the served snapshot.

The resident loop takes most of them, Dagster's sensor a few more. Belongs here: making the drops out of the last days'
order events, which the history lacks, and watching the pointer. A drop is served when a snapshot's ``landing_file``
names its file. Not here: data (``data``), or what takes the drops.
"""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from signalbox.publish import current_snapshot_id, open_snapshot
from signalbox.settings import Settings, load_settings
from tests.benchmarks.data import Data, Size, data_of
from tests.benchmarks.figures import Figure
from tests.benchmarks.measure import ROOT, measure, module

_DROPS, _EVENTS, _AT_MOST_SECONDS, _LOOK_SECONDS, _GIVE_UP_SECONDS = 40, 2_000, 30.0, 0.2, 900.0
_TO_DAGSTER, _DAGSTER_AT_MOST_SECONDS = 3, 90.0
_ENTITY = "order_event"


def loop(folder: Path, size: Size) -> list[Figure]:
    """Drop one file after the other, each when the one before is served; the 95th percentile of the loop's times.

    Then a few for Dagster's sensor, of which the slowest counts.
    """
    data = data_of(folder, size)
    history, days = data.split("events", _days_needed(data), _ENTITY)
    home = data.home("events", history)
    settings = load_settings(home)
    measure(module("signalbox.cli", "--home", home, "build", "--full-refresh"))
    drops = enumerate(_drops(days))
    with _running(home, module("signalbox.cli", "--home", home, "watch")) as process:
        waited = sorted(_taken(settings, process, days[-1].name, islice(drops, _DROPS)))
    with _running(home, _daemon(settings)) as process:
        asked = _taken(settings, process, days[-1].name, islice(drops, _TO_DAGSTER))
    many = len(waited)
    return [
        Figure(f"drops of {_EVENTS:,} order events", many, "files"),
        Figure("from drop to served snapshot, median", waited[many // 2], "s"),
        Figure("from drop to served snapshot, p95", waited[max(0, -(-many * 95 // 100) - 1)], "s", _AT_MOST_SECONDS),
        Figure(f"through Dagster's sensor, the slowest of {len(asked)}", max(asked), "s", _DAGSTER_AT_MOST_SECONDS),
    ]


def _taken(
    settings: Settings, process: subprocess.Popen[str], day: str, drops: Iterable[tuple[int, bytes]]
) -> list[float]:
    """Seconds of each drop until it is served."""
    return [_served(settings, process, _drop(settings, day, number, text)) for number, text in drops]


def _days_needed(data: Data) -> int:
    """How many last days hold the events of all drops, with a quarter to spare for quiet days."""
    a_day = data.size.orders * 10 / data.size.days
    return min(data.size.days // 2, 1 + int(1.25 * (_DROPS + _TO_DAGSTER) * _EVENTS / a_day))


def _drops(days: list[Path]) -> Iterator[bytes]:
    """The held events in their order, cut to files of equal length."""
    held: list[bytes] = []
    for day in days:
        for path in sorted(day.rglob("*.gz")):
            held += gzip.decompress(path.read_bytes()).splitlines(keepends=True)
            while len(held) >= _EVENTS:
                yield b"".join(held[:_EVENTS])
                del held[:_EVENTS]


def _drop(settings: Settings, day: str, number: int, text: bytes) -> Path:
    """Rename a file into the drop area, as a careful sender does."""
    name = f"{_ENTITY}_{day}_{day.replace('-', '')}T22{number:02d}Z.jsonl"
    draft = settings.home / f".{name}"
    draft.write_bytes(text)
    return draft.rename(settings.landing_dir / name)


def _served(settings: Settings, process: subprocess.Popen[str], path: Path) -> float:
    """Seconds until the served snapshot names the file."""
    started, seen = time.monotonic(), None
    while time.monotonic() - started < _GIVE_UP_SECONDS:
        if process.poll() is not None:
            raise RuntimeError(f"what should take it ended with {process.returncode}")
        current = current_snapshot_id(settings)
        if current != seen and current is not None:
            seen = current
            with open_snapshot(settings) as snapshot:
                if snapshot.con.execute("select 1 from landing_file where file_name = ?", [path.name]).fetchone():
                    return time.monotonic() - started
        time.sleep(_LOOK_SECONDS)
    raise RuntimeError(f"{path.name} is not served after {_GIVE_UP_SECONDS:.0f} s")


def _daemon(settings: Settings) -> Sequence[str]:
    """Dagster's daemon as ``signalbox serve --dagster`` starts it, with its sensor switched on."""
    from signalbox.commands.serve import dagster_services

    os.environ["SIGNALBOX_HOME"] = str(settings.home)
    daemon = dagster_services(settings)[-1].arguments
    measure(module("dagster", "sensor", "start", "new_files", "-m", "orchestration.definitions"))
    return daemon


@contextmanager
def _running(home: Path, command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """A command in a process, ended by the signal of a terminal."""
    with (home / "running.log").open("a", encoding="utf-8") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, text=True, env=os.environ)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=_GIVE_UP_SECONDS)
