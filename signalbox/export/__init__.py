"""CSV, Excel and Parquet out of a snapshot: marts, KPI tables and the queue of exceptions; the processes' log as OCEL.

Belongs here: what can be exported, and writing it. Not here: what the numbers mean (``signalbox.metrics``,
``signalbox.exceptions``) or where a snapshot comes from (``signalbox.publish``).
"""

from signalbox.export.listing import ExportInfo, export_rows, list_exports
from signalbox.export.ocel import export_ocel
from signalbox.export.sheet import MAX_ROWS
from signalbox.export.write import FORMATS, export, table_bytes

__all__ = [
    "FORMATS",
    "MAX_ROWS",
    "ExportInfo",
    "export",
    "export_ocel",
    "export_rows",
    "list_exports",
    "table_bytes",
]
