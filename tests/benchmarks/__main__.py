"""``make bench``: run the comparisons, print figures beside their targets, write JSON.

``python -m tests.benchmarks [--orders N] [--days D] [--turns K] [--only NAME] [--keep DIR]``. Comparisons with another
program run in turns, and a ratio is that of the medians. Not here: the programs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from tests.benchmarks import bare, build, landing, loop, peers, queue, reading, simulator
from tests.benchmarks.data import Size, data_of
from tests.benchmarks.figures import Figure, table
from tests.benchmarks.measure import Program, Run, in_turns, median

RESULTS = Path(__file__).parent / "results"
_LANDING, _FULL = 1.5, 1.25


@dataclass
class Result:
    """What a comparison found; ``runs`` only where programs ran in turns."""

    figures: list[Figure]
    runs: dict[str, list[Run]]


Comparison = Callable[[Path, Size, int], Result]


def main() -> None:
    comparisons = _comparisons()
    options = _options(list(comparisons))
    size = Size(options.orders, options.days)
    found: dict[str, Result] = {}
    with tempfile.TemporaryDirectory(prefix="signalbox-bench-") as scratch:
        folder = Path(options.keep or scratch).resolve()
        print(f"data: {size}", flush=True)
        for name in options.only or comparisons:
            print(name, flush=True)
            found[name] = comparisons[name](folder, size, options.turns)
            path = _write(found, options)
    print(_runs_table(found))
    print(table(figure for result in found.values() for figure in result.figures))
    print(f"written to {path}")


def _comparisons() -> dict[str, Comparison]:
    """Name -> comparison; data and programs are made only when they are wanted."""
    alone = {"simulator": simulator.simulator, "growth": build.growth, "increment": build.increment, "loop": loop.loop,
             "gates": build.gates, "memory": build.memory, "reading": reading.reading,
             "queue": queue.queue}  # fmt: skip
    return {
        **{f"landing {kind}": partial(_landing, kind) for kind in landing.SYSTEMS},
        "full build": _full_build,
        **{f"peers {name}": partial(_peers, name) for name in peers.PEERS},
        **{name: partial(_figures, measured) for name, measured in alone.items()},
    }


def _figures(measured: Callable[[Path, Size], list[Figure]], folder: Path, size: Size, _turns: int) -> Result:
    return Result(measured(folder, size), {})


def _landing(kind: str, folder: Path, size: Size, turns: int) -> Result:
    data = data_of(folder, size)
    runs = _in_turns(landing.programs(data.extracts, data.folder, kind), turns)
    return Result([_ratio(f"landing {kind} against DuckDB's reader", runs, "signalbox", _LANDING)], runs)


def _full_build(folder: Path, size: Size, turns: int) -> Result:
    runs = _in_turns(bare.programs(data_of(folder, size).landed), turns)
    return Result([_ratio("full build against its SQL alone", runs, "signalbox", _FULL)], runs)


def _peers(peer: str, folder: Path, size: Size, turns: int) -> Result:
    home, whole = data_of(folder, size).built
    runs = _in_turns(peers.programs(home, peer), turns)
    ratio = _ratio(f"{peer}, {len(peers.PEERS[peer])} KPIs, against our SQL of them", runs, peer)
    return Result([ratio, Figure("a whole build: all KPIs, audit, publication", whole.seconds, "s")], runs)


def _in_turns(programs: Sequence[Program], turns: int) -> dict[str, list[Run]]:
    return in_turns(programs, turns, lambda text: print(f"  {text}", flush=True))


def _ratio(name: str, runs: dict[str, list[Run]], program: str, target: float | None = None) -> Figure:
    return Figure(name, median(runs[program]).seconds / median(runs["bare"]).seconds, "x", target)


def _runs_table(found: dict[str, Result]) -> str:
    lines = ["", f"{'comparison':<16}{'program':<12}{'seconds':>9}{'processor s':>13}{'peak MB':>9}{'ratio':>8}"]
    for name, result in found.items():
        for program, each in result.runs.items():
            middle, base = median(each), median(result.runs["bare"]).seconds
            lines.append(
                f"{name:<16}{program:<12}{middle.seconds:>9.1f}{middle.cpu_seconds:>13.1f}"
                f"{middle.peak_bytes / 1e6:>9.0f}{middle.seconds / base:>8.2f}"
            )
    return "\n".join(lines) if len(lines) > 2 else ""


def _write(found: dict[str, Result], options: argparse.Namespace) -> Path:
    """All that was found so far, so that an interruption leaves it."""
    now = datetime.now(UTC)
    results = {
        name: {
            "figures": [asdict(figure) | {"is_met": figure.is_met} for figure in result.figures],
            "runs": {program: [asdict(run) for run in each] for program, each in result.runs.items()},
        }
        for name, result in found.items()
    }
    facts: dict[str, Any] = {
        "date": f"{now:%Y-%m-%d}", "orders": options.orders, "days": options.days, "cores": os.cpu_count(),
        "busy_processes": round(os.getloadavg()[0], 1), "machine": platform.machine(),
        "python": platform.python_version(), "results": results,
    }  # fmt: skip
    RESULTS.mkdir(exist_ok=True)
    names = "_".join(options.only or ["all"]).replace(" ", "-")
    path = RESULTS / f"{now:%Y-%m-%d}_{options.orders}_orders_{options.days}_days_{names}.json"
    path.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return path


def _options(names: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=main.__doc__)
    parser.add_argument("--orders", type=int, default=520_000, help="520,000 orders are 1 M order lines")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--only", action="append", metavar="NAME", help=f"may be repeated; one of: {', '.join(names)}")
    parser.add_argument("--keep", help="folder that keeps the data for the next time")
    options = parser.parse_args()
    unknown = [name for name in options.only or [] if name not in names]
    if unknown:
        parser.error(f"--only: there is no comparison {unknown[0]!r}; there are {', '.join(names)}")
    return options


if __name__ == "__main__":
    main()
