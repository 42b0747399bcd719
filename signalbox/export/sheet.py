"""One Excel sheet from Arrow batches: header style, widths, number formats, a frozen and filterable header.

Rows go to disk as they come (constant memory), so widths are taken from the header and the first batch. Not here:
guarding text (``guard``) or the target file (``write``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from signalbox.errors import UsageError

MAX_ROWS = 1_048_575  # a sheet's rows without the header
_WIDTHS = (8, 60)
_SAMPLE = 500
_HEADER = {"bold": True, "bg_color": "#E4EFF5", "font_color": "#16202B", "bottom": 1, "bottom_color": "#0B5E82"}


def write_sheet(schema: pa.Schema, batches: Iterable[pa.RecordBatch], path: Path, title: str) -> None:
    """Write the workbook. Raises UsageError when there are more rows than a sheet holds."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
    try:
        sheet = book.add_worksheet(_sheet_name(title))
        formats = [book.add_format({"num_format": number_format(field)}) for field in schema]
        rows = _Rows(sheet, schema, formats, book.add_format(_HEADER))
        for batch in batches:
            rows.add(batch)
        rows.finish()
    finally:
        book.close()


class _Rows:
    """Writes batch after batch below each other; the header goes out with the first, once widths are known."""

    def __init__(self, sheet: Any, schema: pa.Schema, formats: list[Any], header: Any) -> None:
        self.sheet, self.schema, self.formats, self.header = sheet, schema, formats, header
        self.next_row = 0
        self.writers = [_writer(sheet, field.type) for field in schema]

    def add(self, batch: pa.RecordBatch) -> None:
        if self.next_row == 0:
            self._begin(batch)
        if self.next_row - 1 + batch.num_rows > MAX_ROWS:
            raise UsageError(f"more than {MAX_ROWS:,} rows do not fit an Excel sheet; export csv or parquet instead")
        columns = [column.to_pylist() for column in batch.columns]
        for row, cells in enumerate(zip(*columns, strict=True), start=self.next_row):
            for index, cell in enumerate(cells):
                if cell is not None:
                    self.writers[index](row, index, cell, self.formats[index])
        self.next_row += batch.num_rows

    def finish(self) -> None:
        if self.next_row == 0:
            self._begin(None)
        self.sheet.autofilter(0, 0, self.next_row - 1, len(self.schema) - 1)

    def _begin(self, batch: pa.RecordBatch | None) -> None:
        for index, field in enumerate(self.schema):
            sample = [] if batch is None else batch.column(index).slice(0, _SAMPLE).to_pylist()
            self.sheet.set_column(index, index, _width(field, sample), self.formats[index])
        self.sheet.freeze_panes(1, 0)
        for index, field in enumerate(self.schema):
            self.sheet.write_string(0, index, field.name, self.header)
        self.next_row = 1


def number_format(field: pa.Field) -> str:
    """Excel's format by the column's type and, for numbers, by the kind that its name ends in."""
    kind, name = field.type, field.name
    if pa.types.is_timestamp(kind):
        return "yyyy-mm-dd hh:mm:ss"
    if pa.types.is_date(kind):
        return "yyyy-mm-dd"
    if pa.types.is_integer(kind):
        return "0" if name.startswith("_") or name.endswith(("_no", "_line", "line")) else "#,##0"
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        if name.endswith("_share") or name == "coverage":
            return "0.0%"
        return "#,##0.00" if name.endswith("_amount") else "#,##0.######"
    return "General"


def _writer(sheet: Any, kind: pa.DataType) -> Callable[[int, int, Any, Any], Any]:
    if pa.types.is_boolean(kind):
        return lambda row, column, cell, form: sheet.write_boolean(row, column, cell, form)
    if pa.types.is_temporal(kind) and not (pa.types.is_duration(kind) or pa.types.is_time(kind)):
        return lambda row, column, cell, form: sheet.write_datetime(row, column, _naive(cell), form)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return lambda row, column, cell, form: _write_number(sheet, row, column, float(cell), form)
    return lambda row, column, cell, form: sheet.write_string(row, column, str(cell), form)


def _write_number(sheet: Any, row: int, column: int, number: float, form: Any) -> None:
    if number == number and abs(number) != float("inf"):  # a sheet has no NaN and no infinity: left empty
        sheet.write_number(row, column, number, form)


def _naive(moment: Any) -> Any:
    return moment.replace(tzinfo=None) if getattr(moment, "tzinfo", None) else moment


def _width(field: pa.Field, sample: list[Any]) -> float:
    kind = field.type
    if pa.types.is_timestamp(kind):
        longest = 19
    elif pa.types.is_date(kind):
        longest = 10
    elif pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        longest = max((len(f"{float(cell):,.2f}") for cell in sample if cell is not None), default=0)
    else:
        longest = max((len(str(cell)) for cell in sample if cell is not None), default=0)
    return float(min(max(longest + 2, len(field.name) + 4, _WIDTHS[0]), _WIDTHS[1]))


def _sheet_name(title: str) -> str:
    return "".join("_" if letter in "[]:*?/\\" else letter for letter in title)[:31] or "export"
