"""The same KPIs from the same landed Parquet by plain programs, and by our compiled SQL in one plain DuckDB process.

A peer computes some KPIs and nothing else, so it is compared with the SQL of only those models; a whole build, which
computes every KPI and control, audits and publishes, is told beside it. Every table is compared with what was
published before anything is timed. Not here: the programs.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl

from signalbox.metrics.models import read_catalog
from signalbox.publish import open_snapshot
from signalbox.settings import load_settings
from tests.benchmarks import bare, kpis
from tests.benchmarks.measure import Program, measure, module

# Peer -> the KPIs that it computes. pandas has no K72, whose amounts are decimals.
PEERS = {"polars": kpis.KPIS, "pandas": tuple(kpi for kpi in kpis.KPIS if kpi != "K72")}


def programs(home: Path, peer: str) -> list[Program]:
    """A peer and our own SQL. The home must be built. Raises RuntimeError when one of them gives a wrong answer."""
    settings, wanted = load_settings(home), PEERS[peer]
    with open_snapshot(settings) as snapshot:
        as_of = snapshot.as_of.isoformat()
    catalogue = read_catalog(settings.dbt_project_dir / "seeds" / "kpi_catalog.csv")
    metrics = sorted({row["model_name"] for row in catalogue if row["kpi_id"] in wanted})
    out = home / f"{peer}.parquet"
    bare_program = Program("bare", module("tests.benchmarks.bare", home, bare.captured(home), *metrics))
    peer_program = Program(peer, module(f"tests.benchmarks.peers_{peer}", home, out, as_of))
    own = kpis.published(home).filter(pl.col("kpi_id").is_in(wanted))
    for program in (bare_program, peer_program):
        measure(program.command)
        given = _of_bare(home, wanted) if program is bare_program else pl.read_parquet(out)
        unlike = kpis.differences(given, own)
        if unlike.height:
            raise RuntimeError(f"{program.name} differs on {unlike.height} days:\n{unlike.head(8)}")
    return [bare_program, peer_program]


def _of_bare(home: Path, wanted: Sequence[str]) -> pl.DataFrame:
    """What the bare program left in its warehouse."""
    with duckdb.connect(str(home / "bare" / load_settings(home).warehouse_path.name), read_only=True) as con:
        found = con.execute(kpis.QUERY.format(fact="marts.fct_kpi"), list(kpis.KPIS)).pl()
    return found.filter(pl.col("kpi_id").is_in(wanted))
