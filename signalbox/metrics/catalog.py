"""The KPI catalogue as the door reads it: measures with their unit, dimensions and stored groupings.

Belongs here: reading ``dim_kpi`` and finding measures by id. Not here: values.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from signalbox.errors import SignalboxError, UsageError
from signalbox.metrics.dimensions import DIMENSIONS, scale_of

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_MODEL_NAME = re.compile(r"kpi_[a-z0-9_]+")
_COLUMNS = (
    "kpi_id, kpi_family, name, unit, value_kind, direction, time_aggregation, dimensions, starred_dimensions, "
    "required_dimensions, groupings, histogram_groupings, model_name, has_histogram, final_after_days, as_of_date, "
    "status"
)


@dataclass(frozen=True)
class Measure:
    """One measure of the catalogue. ``scale`` turns a stored quotient into ``unit``.

    ``status``: live, or what the measure needs; without ``model_name`` it has no values yet.
    """

    kpi_id: str
    family: str
    name: str
    unit: str
    value_kind: str
    direction: str
    time_aggregation: str
    dimensions: tuple[str, ...]
    starred: tuple[str, ...]
    required: tuple[str, ...]
    groupings: frozenset[str]
    model_name: str
    has_histogram: bool
    histogram_groupings: frozenset[str]
    final_after_days: int | None
    as_of_date: date
    status: str

    @property
    def is_stock(self) -> bool:
        """Whether it must never be summed over time."""
        return self.time_aggregation == "last"

    @property
    def scale(self) -> float:
        return scale_of(self.unit)


def catalogue(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """All columns of ``dim_kpi``, one row a measure, ordered as people count: K01, K02, K02.early."""
    return con.execute(
        "select * from dim_kpi order by cast(substr(kpi_family, 2) as integer), kpi_id <> kpi_family, kpi_id"
    ).to_arrow_table()


def load(con: duckdb.DuckDBPyConnection) -> dict[str, Measure]:
    """Measures by id. Raises SignalboxError when the catalogue holds a name that is no identifier of ours."""
    measures = {row[0]: _measure(row) for row in con.execute(f"select {_COLUMNS} from dim_kpi").fetchall()}
    for measure in measures.values():
        strange = set(measure.dimensions + measure.starred + measure.required) - set(DIMENSIONS)
        if strange or (measure.model_name and not _MODEL_NAME.fullmatch(measure.model_name)):
            raise SignalboxError(f"dim_kpi: {measure.kpi_id} names an unknown dimension or model; mend kpi_catalog.csv")
    return measures


def resolve(measures: dict[str, Measure], kpi_ids: str | Iterable[str]) -> list[Measure]:
    """Measures for ids in the order given, each once; ``K72.*`` is the whole family. Raises UsageError if unknown.

    One without a model is unknown in a family, and named alone it is an error that says what it needs.
    """
    wanted: dict[str, Measure] = {}
    for kpi_id in [kpi_ids] if isinstance(kpi_ids, str) else list(kpi_ids):
        family = kpi_id.removesuffix(".*")
        found = [m for m in measures.values() if m.family == family and m.model_name] if family != kpi_id else []
        found = found or ([measures[kpi_id]] if kpi_id in measures else [])
        if not found:
            raise UsageError(f"unknown KPI {kpi_id!r}{_hint(kpi_id, measures)}; `signalbox kpi --catalogue` lists them")
        if not found[0].model_name:
            raise UsageError(f"{kpi_id} has no values yet: it {found[0].status}")
        wanted.update({m.kpi_id: m for m in sorted(found, key=lambda m: (m.kpi_id != m.family, m.kpi_id))})
    if not wanted:
        raise UsageError("no KPI named; `signalbox kpi --catalogue` lists them")
    return list(wanted.values())


def _hint(kpi_id: str, measures: dict[str, Measure]) -> str:
    close = difflib.get_close_matches(kpi_id, measures, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _measure(row: tuple[Any, ...]) -> Measure:
    kpi_id, family, name, unit, value_kind, direction, time_aggregation = row[:7]
    dimensions, starred, required, groupings, histogram_groupings = (
        tuple(item for item in (text or "").split("|") if item) for text in row[7:12]
    )
    return Measure(
        kpi_id=kpi_id,
        family=family,
        name=name,
        unit=unit,
        value_kind=value_kind,
        direction=direction,
        time_aggregation=time_aggregation,
        dimensions=dimensions,
        starred=starred,
        required=required,
        groupings=frozenset(groupings),
        model_name=row[12] or "",
        has_histogram=row[13],
        histogram_groupings=frozenset(histogram_groupings),
        final_after_days=row[14],
        as_of_date=row[15],
        status=row[16],
    )
