"""The same KPIs from the same landed Parquet by plain programs, and by our compiled SQL in one plain DuckDB process.

The peers compute ``kpis.KPIS`` and nothing else, so they are compared with the SQL of only those models; a whole build,
which computes every KPI and control, audits and publishes, is told beside them. Every table is compared with what was
published before anything is timed. Not here: the programs.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from signalbox.metrics.models import read_catalog
from signalbox.publish import open_snapshot
from signalbox.settings import load_settings
from tests.benchmarks import bare, kpis
from tests.benchmarks.measure import Program, measure, module

_PEERS = ("polars",)


def programs(home: Path) -> list[Program]:
    """The home must be built. Raises RuntimeError when a program's answer is wrong."""
    settings = load_settings(home)
    with open_snapshot(settings) as snapshot:
        as_of = snapshot.as_of.isoformat()
    catalogue = read_catalog(settings.dbt_project_dir / "seeds" / "kpi_catalog.csv")
    metrics = sorted({row["model_name"] for row in catalogue if row["kpi_id"] in kpis.KPIS})
    out = home / "peer.parquet"
    wanted = [
        Program("bare", module("tests.benchmarks.bare", home, bare.captured(home), *metrics)),
        *(Program(name, module(f"tests.benchmarks.peers_{name}", home, out, as_of)) for name in _PEERS),
    ]
    own = kpis.published(home)
    for program in wanted:
        measure(program.command)
        unlike = kpis.differences(_of_bare(home) if program.name == "bare" else pl.read_parquet(out), own)
        if unlike.height:
            raise RuntimeError(f"{program.name} differs on {unlike.height} days:\n{unlike.head(8)}")
    return wanted


def _of_bare(home: Path) -> pl.DataFrame:
    """What the bare program left in its warehouse."""
    with duckdb.connect(str(home / "bare" / load_settings(home).warehouse_path.name), read_only=True) as con:
        return con.execute(kpis.QUERY.format(fact="marts.fct_kpi"), list(kpis.KPIS)).pl()
