"""Text that a spreadsheet would run as a formula is made plain text.

A cell that starts with = + - @, a tab or a carriage return gets an apostrophe before it (OWASP, "CSV injection").
Only text is touched: a negative number stays a number. Parquet keeps the text as it is.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

_STARTS = r"^[=+\-@\t\r]"


def guard_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same batch with every text column guarded."""
    columns = [guard_text(column) if is_text(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def guard_text(column: pa.Array) -> pa.Array:
    plain = column.cast(pa.string())
    risky = pc.match_substring_regex(plain, _STARTS)
    return pc.if_else(risky, pc.binary_join_element_wise("'", plain, ""), plain)


def is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind))
