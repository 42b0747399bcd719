"""How long a page waits for a KPI: every measure by each of its dimensions, day by day, from the published snapshot.

Not here: what a value is (``signalbox.metrics``), or the pages.
"""

from __future__ import annotations

import time
from pathlib import Path

from tests.benchmarks.data import Size, data_of
from tests.benchmarks.figures import Figure

MOST_MILLISECONDS = 50.0
_TRIES = 3


def reading(folder: Path, size: Size) -> list[Figure]:
    """The slowest and the median of them, each the best of three."""
    home, _ = data_of(folder, size).built
    found = sorted(slices(home))
    return [
        Figure("a KPI by one dimension, the slowest", found[-1] * 1000, "ms", MOST_MILLISECONDS),
        Figure(f"a KPI by one dimension, the median of {len(found)}", found[len(found) // 2] * 1000, "ms"),
    ]


def slices(home: Path) -> list[float]:
    """Seconds of the clock for each measure and dimension that a home has published."""
    from signalbox.metrics import catalog, values
    from signalbox.publish import open_snapshot
    from signalbox.settings import load_settings

    with open_snapshot(load_settings(home)) as snapshot:
        con = snapshot.con
        asked = [
            (measure.kpi_id, dim)
            for measure in catalog.load(con).values()
            if measure.model_name
            for dim in measure.required or measure.dimensions
        ]
        values(con, asked[0][0], by=asked[0][1])  # opens the files
        return [min(_seconds(con, kpi_id, dim) for _ in range(_TRIES)) for kpi_id, dim in asked]


def _seconds(con: object, kpi_id: str, dim: str) -> float:
    from signalbox.metrics import values

    begun = time.perf_counter()
    values(con, kpi_id, by=dim)  # type: ignore[arg-type]
    return time.perf_counter() - begun
