"""What every page starts with: the settings, the current snapshot, and cached reads of it.

Belongs here: opening, caching and asking. Not here: what a page shows, SQL (``queries/``) or any rule about a number
(``signalbox.metrics``, ``signalbox.exceptions``). Every rerun follows the pointer anew and stays on the snapshot it
found.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dashboards.components import numbers
from signalbox.errors import SignalboxError
from signalbox.settings import Settings, load_settings

Where = tuple[tuple[str, str], ...]
QUERIES = Path(__file__).parent / "queries"
# Two snapshots are alive while a new one takes over; a third allows for `snapshots use`.
_SNAPSHOTS_OPEN = 3


@dataclass(frozen=True)
class Session:
    """One rerun's view of the data: everything it reads comes from ``snapshot``."""

    settings: Settings
    snapshot: Any
    snapshot_id: str
    as_of: datetime

    @property
    def zone(self) -> str:
        return self.settings.reporting_time_zone

    @property
    def currency(self) -> str:
        return self.settings.reporting_currency

    @property
    def key(self) -> str:
        """What cached results belong to."""
        return f"{self.settings.home}|{self.snapshot_id}"

    @property
    def today(self) -> date:
        """The business day of ``as_of`` in the reporting zone."""
        return numbers.local(self.as_of, self.zone).date()

    def moment(self, stamp: Any, *, weekday: bool = False) -> str:
        return numbers.moment(stamp, self.zone, weekday=weekday)

    def local(self, stamps: Any) -> pd.Series:
        """UTC without zone to the reporting zone without zone, for pictures and grids that show times as they are."""
        return pd.to_datetime(stamps).dt.tz_localize("UTC").dt.tz_convert(self.zone).dt.tz_localize(None)


def open_session() -> Session | None:
    """The session of this rerun, or None when nothing was published yet. Raises SignalboxError for a broken home."""
    from signalbox.publish import current_snapshot_id

    settings = load_settings()
    snapshot_id = current_snapshot_id(settings)
    if snapshot_id is None:
        return None
    snapshot = _snapshot(settings, snapshot_id)
    return Session(settings, snapshot, snapshot_id, snapshot.as_of)


@st.cache_resource(max_entries=_SNAPSHOTS_OPEN, show_spinner=False)
def _snapshot(settings: Settings, snapshot_id: str) -> Any:
    from signalbox.publish import open_snapshot

    return open_snapshot(settings, snapshot_id)


def query(session: Session, name: str, **parameters: Any) -> pd.DataFrame:
    """The rows of ``queries/<name>.sql`` with its named parameters."""
    return _query(session, session.key, name, parameters)


@st.cache_data(max_entries=400, show_spinner=False)
def _query(_session: Session, key: str, name: str, parameters: dict[str, Any]) -> pd.DataFrame:
    sql = (QUERIES / f"{name}.sql").read_text(encoding="utf-8")
    return _session.snapshot.con.cursor().execute(sql, parameters or None).df()


def catalogue(session: Session, planned: bool = False) -> pd.DataFrame:
    """One row a measure, indexed by its id, as valid at ``as_of``; those without values yet only when ``planned``."""
    frame = _catalogue(session, session.key)
    return frame if planned else frame[frame["model_name"].notna()]


@st.cache_data(max_entries=_SNAPSHOTS_OPEN, show_spinner=False)
def _catalogue(_session: Session, key: str) -> pd.DataFrame:
    from signalbox import metrics

    frame = frame_of(metrics.catalogue(_session.snapshot.con.cursor()))
    return frame.set_index("kpi_id", drop=False)


def names(listed: Any) -> list[str]:
    """The items of a list that the catalogue separates by bars."""
    return [] if numbers.is_missing(listed) else [name for name in str(listed).split("|") if name]


@dataclass(frozen=True)
class Slice:
    """What of a measure is asked: days (both included) and values of dimensions. Hashable, to be cached by."""

    start: date | None = None
    end: date | None = None
    where: Where = ()


def values(
    session: Session, kpi_ids: tuple[str, ...], part: Slice, by: tuple[str, ...] = (), grain: str = "all"
) -> pd.DataFrame:
    """KPI values through the one door: kpi_id, period_start, dimensions, value, numerator, denominator, coverage …"""
    return _values(session, session.key, kpi_ids, part, by, grain)


@st.cache_data(max_entries=2000, show_spinner=False)
def _values(
    _session: Session, key: str, kpi_ids: tuple[str, ...], part: Slice, by: tuple[str, ...], grain: str
) -> pd.DataFrame:
    from signalbox import metrics

    table = metrics.values(
        _session.snapshot.con.cursor(),
        list(kpi_ids),
        by=list(by),
        grain=grain,
        start=part.start,
        end=part.end,
        where=dict(part.where),
    )
    return frame_of(table)


def percentiles(session: Session, kpi_id: str, part: Slice, grain: str) -> pd.DataFrame:
    """p50, p90, p95 and p99 by period of a measure that keeps a histogram."""
    return _percentiles(session, session.key, kpi_id, part, grain)


@st.cache_data(max_entries=200, show_spinner=False)
def _percentiles(_session: Session, key: str, kpi_id: str, part: Slice, grain: str) -> pd.DataFrame:
    from signalbox import metrics

    cursor = _session.snapshot.con.cursor()
    return frame_of(
        metrics.percentiles(cursor, kpi_id, grain=grain, start=part.start, end=part.end, where=dict(part.where))
    )


def drill(session: Session, kpi_id: str, part: Slice, *, excluded: bool, limit: int) -> pd.DataFrame:
    """The rows behind a figure, at the measure's own grain."""
    return _drill(session, session.key, kpi_id, part, excluded, limit)


@st.cache_data(max_entries=100, show_spinner=False)
def _drill(_session: Session, key: str, kpi_id: str, part: Slice, excluded: bool, limit: int) -> pd.DataFrame:
    from signalbox import metrics

    table = metrics.drill(
        _session.snapshot.con.cursor(),
        kpi_id,
        start=part.start,
        end=part.end,
        where=dict(part.where),
        excluded=excluded,
        limit=limit,
    )
    return frame_of(table)


def lineage(session: Session) -> dict[str, Any]:
    """SQL and lineage of every model by its name; empty when no build has left a manifest here."""
    return _lineage(session.settings, session.key)


@st.cache_resource(max_entries=_SNAPSHOTS_OPEN, show_spinner=False)
def _lineage(_settings: Settings, key: str) -> dict[str, Any]:
    from signalbox.metrics.lineage import read_lineage

    try:
        return dict(read_lineage(_settings.dbt_target_dir / "manifest.json"))
    except SignalboxError:
        return {}


def exceptions(session: Session, filters: tuple[tuple[str, tuple[str, ...]], ...]) -> pd.DataFrame:
    """The queue through its one door, most value at risk first; a filter without values does not restrict."""
    return _exceptions(session, session.key, filters)


@st.cache_data(max_entries=50, show_spinner=False)
def _exceptions(_session: Session, key: str, filters: tuple[tuple[str, tuple[str, ...]], ...]) -> pd.DataFrame:
    from signalbox.exceptions import FILTERS, list_exceptions

    wanted = {name: list(chosen) for name, chosen in filters if chosen}
    single = {name: chosen[0] for name, chosen in wanted.items() if len(chosen) == 1}
    frame = frame_of(list_exceptions(_session.snapshot.con.cursor(), **single))
    for name, chosen in wanted.items():
        frame = frame[frame[FILTERS[name]].isin(chosen)]
    return frame.reset_index(drop=True)


def exception(session: Session, exception_id: str) -> dict[str, Any] | None:
    """One exception with its type's texts and its order's events; None when this snapshot does not hold it."""
    from signalbox.exceptions import show_exception

    try:
        return show_exception(session.snapshot.con.cursor(), exception_id)
    except SignalboxError:
        return None


def frame_of(table: Any) -> pd.DataFrame:
    """Arrow to pandas for showing: decimals become floats. Nothing is computed further from them."""
    import pyarrow as pa

    fields = [field.with_type(pa.float64()) if pa.types.is_decimal(field.type) else field for field in table.schema]
    return table.cast(pa.schema(fields)).to_pandas()


def exports(session: Session) -> pd.DataFrame:
    """What can be exported: name, kind, description, rows."""
    return _exports(session, session.key)


@st.cache_data(max_entries=_SNAPSHOTS_OPEN, show_spinner=False)
def _exports(_session: Session, key: str) -> pd.DataFrame:
    from signalbox.export import list_exports

    return pd.DataFrame([vars(info) for info in list_exports(_session.snapshot)]).astype({"rows": "Int64"})


def export_preview(session: Session, name: str, rows: int) -> pd.DataFrame:
    """The first rows of an export."""
    return _export_preview(session, session.key, name, rows)


@st.cache_data(max_entries=60, show_spinner=False)
def _export_preview(_session: Session, key: str, name: str, rows: int) -> pd.DataFrame:
    import pyarrow as pa

    from signalbox.export import export_rows

    reader = export_rows(_session.snapshot, name)
    first = next(iter(reader), None)
    return frame_of(pa.Table.from_batches([] if first is None else [first.slice(0, rows)], reader.schema))
