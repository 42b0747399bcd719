"""``make bench``: run the comparisons, print a table, write JSON.

``python -m tests.benchmarks [--orders N] [--days D] [--turns K] [--only NAME] [--keep DIR]``. Each comparison runs its
programs in turns; a ratio is that of the medians. Not here: the programs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.benchmarks import bare, data, landing
from tests.benchmarks.measure import Program, Run, in_turns, measure, median, module

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="signalbox-bench-") as scratch:
        folder = Path(options.keep or scratch)
        folder.mkdir(parents=True, exist_ok=True)
        print(f"data: {options.orders:,} orders over {options.days} days", flush=True)
        extracts = data.extracts(folder, options.orders, options.days)
        found = {}
        for name, programs in _comparisons(extracts, folder).items():
            if options.only in (None, name):
                print(name, flush=True)
                found[name] = in_turns(programs(), options.turns, lambda text: print(f"  {text}", flush=True))
    print(_table(found))
    path = _write(found, options)
    print(f"written to {path}")


def _comparisons(extracts: Path, folder: Path) -> dict[str, Callable[[], Sequence[Program]]]:
    """Name -> the programs that do the same work; made only when they are wanted."""
    wanted: dict[str, Callable[[], Sequence[Program]]] = {
        f"landing {kind}": lambda kind=kind: landing.programs(extracts, folder, kind) for kind in landing.SYSTEMS
    }
    return wanted | {"full build": lambda: bare.programs(_landed(extracts, folder), folder)}


def _landed(extracts: Path, folder: Path) -> Path:
    """A home in which all extracts are landed."""
    home = folder / f"home_{extracts.parent.name}"
    if not home.exists():
        measure(module("signalbox.cli", "--home", home, "land", extracts))
    return home


def _table(found: dict[str, dict[str, list[Run]]]) -> str:
    lines = ["", f"{'comparison':<16}{'program':<12}{'seconds':>9}{'processor s':>13}{'peak MB':>9}{'ratio':>8}"]
    for name, runs in found.items():
        base = median(runs["bare"]).seconds
        for program, each in runs.items():
            middle = median(each)
            lines.append(
                f"{name:<16}{program:<12}{middle.seconds:>9.1f}{middle.cpu_seconds:>13.1f}"
                f"{middle.peak_bytes / 1e6:>9.0f}{middle.seconds / base:>8.2f}"
            )
    return "\n".join(lines)


def _write(found: dict[str, dict[str, list[Run]]], options: argparse.Namespace) -> Path:
    now = datetime.now(UTC)
    runs: dict[str, Any] = {name: {p: [asdict(run) for run in each] for p, each in programs.items()}
                            for name, programs in found.items()}  # fmt: skip
    facts = {
        "date": f"{now:%Y-%m-%d}", "orders": options.orders, "days": options.days, "cores": os.cpu_count(),
        "machine": platform.machine(), "python": platform.python_version(), "runs": runs,
    }  # fmt: skip
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{now:%Y-%m-%d}_{options.orders}_orders.json"
    path.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return path


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=main.__doc__)
    parser.add_argument("--orders", type=int, default=520_000, help="520,000 orders are 1 M order lines")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--only", help="one comparison, such as 'full build'")
    parser.add_argument("--keep", help="folder that keeps the data for the next time")
    return parser.parse_args()


if __name__ == "__main__":
    main()
