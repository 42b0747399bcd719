"""A plain polars program for some KPIs from the landed Parquet: what somebody would write who has no control tower.

``python -m tests.benchmarks.peers_polars HOME OUT AS_OF`` reads the raw parts of HOME, keeps the latest version of each
key, and writes ``kpi_id, period_date, channel, numerator, denominator`` to OUT as Parquet. Belongs here: the reader.
The formulas are those of ``tests/twins``, which are plain polars and know nothing of the models. A table is read once,
when it is first asked for, and kept. (With one lazy query a KPI, polars 2.1 spent its time planning: these formulas
share many tables, and it took 50 s for 2,000 orders.) Not here: comparing or timing it.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from signalbox.contracts import load_contracts
from tests.benchmarks.kpis import KPIS
from tests.twins import finance, messages, orders, returns


class Raw:
    """The landed rows below ``root``: ``raw["sales_order"]`` is the latest version of each order."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._entities = load_contracts()
        self._latest: dict[str, pl.DataFrame] = {}

    def versions(self, name: str) -> pl.DataFrame:
        return self._scan(name).collect()

    def _scan(self, name: str) -> pl.LazyFrame:
        entity = self._entities[name]
        names = [column.name for column in entity.columns]
        decimals = [column.name for column in entity.columns if column.duckdb_type.startswith("DECIMAL")]
        files = self._root / entity.system / name / "*.parquet"
        return pl.scan_parquet(files).select(names).with_columns(pl.col(decimals).cast(pl.Float64))

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name not in self._latest:
            entity = self._entities[name]
            order = list(dict.fromkeys([entity.version_column, entity.event_time_column]))
            newest = self._scan(name).sort(order, nulls_last=False)
            self._latest[name] = newest.unique(subset=list(entity.key), keep="last", maintain_order=True).collect()
        return self._latest[name]


def compute(home: Path, as_of: datetime) -> pl.DataFrame:
    """The KPI table."""
    raw: Any = Raw(home / "raw")
    found = [
        orders.k02(raw, as_of),
        orders.k05(raw, as_of),
        orders.k07(raw, as_of),
        orders.k13(raw, as_of),
        messages.k29(raw, as_of).with_columns(pl.lit(None, pl.String).alias("channel")),
        returns.k60(raw, as_of),
        finance.k72(raw),
    ]
    columns = ["kpi_id", "period_date", "channel", "numerator", "denominator"]
    return pl.concat([table.select(columns) for table in found]).filter(pl.col("kpi_id").is_in(KPIS))


if __name__ == "__main__":
    instant = datetime.fromisoformat(sys.argv[3])
    compute(Path(sys.argv[1]), instant).write_parquet(sys.argv[2])
