"""CSV with broken quoting, line by line: what cannot be read is one bad line, and the next line counts again.

Belongs here: the slow and careful way for a chunk that ``csv_bulk`` cannot cut. Not here: types and rules.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from functools import partial

from signalbox.landing.text import BadLine, encoding_problem, shown

# A quoted cell that spans more lines than this is a lost quote.
_LONGEST_RECORD_LINES = 200


@dataclass
class Repaired:
    """Rows with their first lines, bad lines, and how many bytes and physical lines were used up."""

    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)
    used: int = 0
    line_count: int = 0


def repair(data: bytes, first_line: int, header: list[str], is_last: bool) -> Repaired:
    """Records of ``data``, which begins at one. Without ``is_last``, what may go on in the next block is left."""
    texts = data[: data.rfind(b"\n") + 1].split(b"\n")[:-1]
    found = Repaired()
    at = 0
    while at < len(texts):
        count = _one_record(texts, at, first_line + at, header, found)
        if count is None and not is_last and len(texts) - at <= _LONGEST_RECORD_LINES:
            break
        if count is None:
            found.bad.append(BadLine(first_line + at, "column_count", None, shown(texts[at])))
            count = 1
        at += count
    found.line_count = at
    found.used = sum(len(text) + 1 for text in texts[:at])
    return found


def _one_record(texts: list[bytes], at: int, line: int, header: list[str], found: Repaired) -> int | None:
    """Take the record that begins at ``at``; gives its number of lines, None when its quotes never close."""
    if not texts[at].rstrip(b"\r"):
        return 1
    for last in range(at, min(at + _LONGEST_RECORD_LINES, len(texts))):
        record = b"\n".join(texts[at : last + 1])
        cells = _cells(record)
        if cells is None:
            continue
        if last > at and len(cells) != len(header):
            return None
        if _is_text(record) and len(cells) == len(header):
            found.rows.append(cells)
            found.lines.append(line)
        elif not _is_text(record):
            found.bad.append(encoding_problem(line, record, partial(_named, header, cells)))
        else:
            found.bad.append(BadLine(line, "column_count", None, shown(record)))
        return last - at + 1
    return None


def _cells(record: bytes) -> list[str] | None:
    """The cells of one record; None when its quoting is broken or does not close."""
    text = record.decode("utf-8", "surrogateescape").rstrip("\r")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _named(header: list[str], cells: list[str], _text: str) -> dict[str, str]:
    return dict(zip(header, cells, strict=False))


def _is_text(record: bytes) -> bool:
    try:
        return "\0" not in record.decode("utf-8")
    except UnicodeDecodeError:
        return False
