"""What can be exported from a snapshot, by name, and the rows of one name as a stream of Arrow batches.

Names: a mart (``mart_order_summary``), ``kpi_<measure>`` (``kpi_K02``, ``kpi_K02.late``) and ``exceptions``. Not here:
files.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from signalbox.errors import UsageError
from signalbox.metrics.dimensions import DIMENSIONS

if TYPE_CHECKING:
    from signalbox.publish import Snapshot

QUEUE = "exceptions"
_KPI = "kpi_"
_BATCH_ROWS = 50_000
_KPI_FIRST = ["kpi_id", "period_start", "grouping_name"]


@dataclass(frozen=True)
class ExportInfo:
    """One export: ``kind`` is mart, kpi or queue; ``rows`` is None where only writing it tells."""

    name: str
    kind: str
    description: str
    rows: int | None


def list_exports(snapshot: Snapshot) -> list[ExportInfo]:
    """Every name that ``export`` takes on this snapshot: the queue, then marts, then KPI tables."""
    found = [ExportInfo(QUEUE, "queue", "Open exceptions, most value at risk first.", _open_exceptions(snapshot))]
    for name, entry in sorted(snapshot.tables.items()):
        if entry.get("layer") == "mart":
            found.append(ExportInfo(name, "mart", " ".join(str(entry.get("description") or "").split()), entry["rows"]))
    return found + _kpi_tables(snapshot)


def export_rows(snapshot: Snapshot, name: str) -> pa.RecordBatchReader:
    """The rows of one export. Raises UsageError with the closest name when there is no such export."""
    names = {info.name: info.kind for info in list_exports(snapshot)}
    if name not in names:
        raise UsageError(_unknown(name, list(names)))
    cursor = snapshot.con.cursor()
    if names[name] == "queue":
        from signalbox.exceptions import list_exceptions

        return _reader(list_exceptions(cursor, status="open"))
    if names[name] == "kpi":
        return _reader(_kpi_table(cursor, name.removeprefix(_KPI)))
    return cursor.execute(f'select * from "{name}"').to_arrow_reader(_BATCH_ROWS)


def _unknown(name: str, names: list[str]) -> str:
    folded = {known.lower(): known for known in names}
    close = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.4)
    hint = f"did you mean {folded[close[0]]}?" if close else "`signalbox export` lists them"
    return f"export {name}: no mart, KPI table or queue has this name; {hint}"


def _open_exceptions(snapshot: Snapshot) -> int:
    sql = "select count(*) from fct_exception where status_code = 'open'"
    return int(snapshot.con.cursor().execute(sql).fetchall()[0][0])


def _kpi_tables(snapshot: Snapshot) -> list[ExportInfo]:
    sql = "select kpi_id, count(*) from fct_kpi group by kpi_id"
    rows = dict(snapshot.con.cursor().execute(sql).fetchall())
    return [
        ExportInfo(
            f"{_KPI}{measure['kpi_id']}",
            "kpi",
            f"{measure['name']}: by day, in total and by each declared slice.",
            # A slice by a starred dimension is shared out when it is read: fewer rows than are stored.
            None if measure["starred_dimensions"] else int(rows.get(measure["kpi_id"], 0)),
        )
        for measure in _catalogue(snapshot.con.cursor())
    ]


def _catalogue(cursor: Any) -> list[dict[str, Any]]:
    from signalbox import metrics

    measures: list[dict[str, Any]] = metrics.catalogue(cursor).to_pylist()
    return measures


def _kpi_table(cursor: Any, kpi_id: str) -> pa.Table:
    """Daily values of one measure in every stored grouping, through the one door to KPI values."""
    from signalbox import metrics

    measure = next(row for row in _catalogue(cursor) if row["kpi_id"] == kpi_id)
    parts = []
    for grouping in str(measure["groupings"]).split("|"):
        by = [] if grouping == "total" else grouping.split("+")
        part = metrics.values(cursor, [kpi_id], by=by, grain="day")
        label = pa.array([grouping] * part.num_rows, pa.string())
        parts.append(part.append_column("grouping_name", label))
    whole = pa.concat_tables(parts, promote_options="permissive")
    dimensions = [name for name in DIMENSIONS if name in whole.column_names]
    figures = [name for name in whole.column_names if name not in {*_KPI_FIRST, *dimensions}]
    return whole.select([*_KPI_FIRST, *dimensions, *figures])


def _reader(table: pa.Table) -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=_BATCH_ROWS))
