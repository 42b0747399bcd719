"""The simulator's time and memory for a retailer of the size, carried in proportion to 10 M order lines.

Not here: the simulator.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.benchmarks.data import Size
from tests.benchmarks.figures import Figure
from tests.benchmarks.measure import measure, module

_LINES, _AT_MOST_SECONDS, _AT_MOST_GB = 10_000_000, 600.0, 8 * 1.073741824


def simulator(folder: Path, size: Size) -> list[Figure]:
    """One run of the command. Lines are those of sales orders; till sales come on top and are told."""
    out = folder / "simulator"
    shutil.rmtree(out, ignore_errors=True)
    numbers = ["--orders", size.orders, "--days", size.days, "--faults", "none"]
    run = measure(module("signalbox.cli", "simulate", "--out", out, "--scale", "large", *numbers))
    facts = json.loads((out / "truth" / "run.json").read_text(encoding="utf-8"))
    shutil.rmtree(out)
    lines = facts["order_lines"]
    return [
        Figure("order lines simulated", lines / 1e6, "M"),
        Figure("store sale lines beside them", facts["rows"]["pos_transaction_line"] / 1e6, "M"),
        Figure("extract files", facts["bytes"] / 1e9, "GB"),
        Figure("simulator", run.seconds, "s"),
        Figure("simulator, processor time", run.cpu_seconds, "s"),
        Figure("simulator, carried to 10 M order lines", run.seconds * _LINES / lines, "s", _AT_MOST_SECONDS),
        Figure("simulator, peak memory", run.peak_bytes / 1e9, "GB", _AT_MOST_GB),
    ]
