"""The KPIs that the peers compute, too, and the comparison of a peer's table with what Signalbox published.

Not here: the peers. A benchmark of a wrong answer is worth nothing, so every peer's table is compared once.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

KPIS = ("K02", "K05", "K07", "K13", "K29", "K60", "K72")
# Their values day by day and channel; K29 has no channel.
QUERY = f"""
select
    kpi_id, period_date, channel, cast(numerator as double) as numerator, cast(denominator as double) as denominator
from {{fact}}
where
    kpi_id in ({", ".join("?" for _ in KPIS)})
    and grouping_name = case when kpi_id = 'K29' then 'total' else 'channel' end"""
# Sums of binary fractions in another order.
_TOLERANCE = 1e-3


def published(home: Path) -> pl.DataFrame:
    """What Signalbox published of these KPIs."""
    from signalbox.publish import open_snapshot
    from signalbox.settings import load_settings

    with open_snapshot(load_settings(home)) as snapshot:
        return snapshot.con.execute(QUERY.format(fact="fct_kpi"), list(KPIS)).pl()


def differences(peer: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """Days and channels on which the tables differ by more than a thousandth; rows of nothing count as absent."""
    key = ["kpi_id", "period_date", "channel"]
    some = (pl.col("numerator") != 0) | (pl.col("denominator") != 0)
    both = peer.filter(some).join(own.filter(some), on=key, how="full", coalesce=True, suffix="_own", nulls_equal=True)
    off = [(pl.col(name).fill_null(0) - pl.col(f"{name}_own").fill_null(0)).abs() > _TOLERANCE
           for name in ("numerator", "denominator")]  # fmt: skip
    return both.filter(off[0] | off[1]).sort(key)
