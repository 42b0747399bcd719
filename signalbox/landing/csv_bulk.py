"""CSV (RFC 4180) cut into records in bulk, by the positions of newlines, commas and quotes.

Belongs here: the fast and exact way for sound quoting, where what follows an even number of quotes stands outside
quotes. What is not sound goes to ``csv_repair``, chunk by chunk. Not here: types and rules.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from signalbox.landing.csv_repair import repair
from signalbox.landing.text import (
    COMMA,
    NEWLINE,
    QUOTE,
    RETURN,
    BadLine,
    Chunk,
    Mask,
    Positions,
    UnreadableError,
    blocks,
    check_length,
    encoding_problem,
    shown,
    undecodable,
)

if TYPE_CHECKING:
    import pyarrow as pa

# Bytes after the last whole record that are taken for a lost quote and not for a long record.
_LONGEST_RECORD = 1 << 20
Octets = npt.NDArray[np.uint8]


def read_csv(path: Path, is_gzip: bool) -> Iterator[Chunk]:
    """The file's records; the first chunk is empty and tells the header. Raises UnreadableError."""
    carry, reader = b"", None
    for block, is_last in blocks(path, is_gzip):
        data = bytes(block.after(carry, is_last))
        if reader is None:
            first = data.find(b"\n") + 1
            if not first:
                raise UnreadableError("the header row does not end", 1)
            reader = _Reader(_header(data[:first]))
            yield Chunk(reader.empty(), np.zeros(0, np.int64))
            data = data[first:]
        chunk, used = reader.cut(data, is_last)
        if len(chunk.lines) or chunk.bad:
            yield chunk
        carry = data[used:]
        check_length(carry, reader.line)
    if reader is None:
        raise UnreadableError("the file is empty; a CSV file begins with a header row", 1)


def _header(first: bytes) -> list[str]:
    try:
        names = [name.strip() for name in next(csv.reader([first.decode("utf-8").rstrip("\r\n")], strict=True), [])]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableError(f"the header row cannot be read: {error}", 1) from error
    twice = {name for name in names if names.count(name) > 1}
    if not names or twice:
        raise UnreadableError(f"the header row names a column twice: {', '.join(sorted(twice))}", 1)
    return names


class _Reader:
    """Cuts data that begins at a record; counts physical lines."""

    def __init__(self, header: list[str]) -> None:
        self.header = header
        self.line = 2

    def empty(self) -> pa.Table:
        import pyarrow as pa

        return pa.table({name: pa.array([], pa.string()) for name in self.header})

    def cut(self, data: bytes, is_last: bool) -> tuple[Chunk, int]:
        """The whole records of ``data``, and how many bytes they take."""
        octets = np.frombuffer(data, np.uint8)
        newlines = np.flatnonzero(octets == NEWLINE)
        quotes = np.flatnonzero(octets == QUOTE) if b'"' in data else np.zeros(0, np.int64)
        ends = newlines[_outside(quotes, newlines)] if len(quotes) else newlines
        used = int(ends[-1]) + 1 if len(ends) else 0
        rest = len(data) - used
        lost = rest > _LONGEST_RECORD or (is_last and rest > 0)
        if lost or not _is_sound(octets, quotes[quotes < used], used):
            return self._repair(data, is_last)
        if not used:
            return Chunk(self.empty(), np.zeros(0, np.int64)), 0
        chunk = self._bulk(data[:used], octets[:used], newlines[newlines < used], ends, quotes)
        return (chunk, used) if chunk else self._repair(data, is_last)

    def _bulk(
        self, data: bytes, octets: Octets, newlines: Positions, ends: Positions, quotes: Positions
    ) -> Chunk | None:
        starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])
        commas = np.flatnonzero(octets == COMMA)
        if len(quotes):
            commas = commas[_outside(quotes, commas)]
        lengths = ends - starts
        blank = (lengths == 0) | ((lengths == 1) & (octets[starts] == RETURN))
        wrong = np.diff(np.searchsorted(commas, ends), prepend=0) != len(self.header) - 1
        undecoded = undecodable(octets, ends)
        keep = ~(blank | wrong | undecoded)
        table = self._parse(data if keep.all() else _kept(data, starts, ends, keep), len(newlines) > len(ends))
        if table.num_rows != int(keep.sum()):
            return None
        lines = self.line + np.searchsorted(newlines, starts)
        bad = [
            self._bad(int(lines[i]), data[starts[i] : ends[i]], bool(undecoded[i]))
            for i in np.flatnonzero((wrong | undecoded) & ~blank).tolist()
        ]
        self.line += len(newlines)
        return Chunk(table, lines[keep], bad)

    def _bad(self, line: int, record: bytes, is_undecoded: bool) -> BadLine:
        if is_undecoded:
            return encoding_problem(line, record, self._cells)
        return BadLine(line, "column_count", None, shown(record))

    def _cells(self, text: str) -> dict[str, str]:
        return dict(zip(self.header, next(csv.reader([text.rstrip("\r")])), strict=True))

    def _parse(self, data: bytes, has_inner_newlines: bool) -> pa.Table:
        import pyarrow as pa
        import pyarrow.csv as pc

        if not data:
            return self.empty()
        return pc.read_csv(
            pa.BufferReader(data),
            read_options=pc.ReadOptions(column_names=self.header, block_size=max(len(data), 1)),
            parse_options=pc.ParseOptions(newlines_in_values=has_inner_newlines, ignore_empty_lines=False),
            convert_options=pc.ConvertOptions(
                column_types={name: pa.string() for name in self.header},
                strings_can_be_null=True,
                null_values=[""],
                check_utf8=False,
            ),
        )

    def _repair(self, data: bytes, is_last: bool) -> tuple[Chunk, int]:
        import pyarrow as pa

        found = repair(data, self.line, self.header, is_last)
        columns = list(zip(*found.rows, strict=True)) or [()] * len(self.header)
        cells = {
            name: pa.array([cell or None for cell in column], pa.string())
            for name, column in zip(self.header, columns, strict=True)
        }
        self.line += found.line_count
        return Chunk(pa.table(cells), np.array(found.lines, dtype=np.int64), found.bad), found.used


def _outside(quotes: Positions, positions: Positions) -> Mask:
    """Which positions stand outside quotes."""
    return np.searchsorted(quotes, positions) % 2 == 0


def _is_sound(octets: Octets, quotes: Positions, used: int) -> bool:
    """Whether every opening quote begins a cell, every closing one ends it, and no carriage return stands alone."""
    returns = np.flatnonzero(octets[:used] == RETURN)
    if len(returns) and not (octets[returns + 1] == NEWLINE).all():
        return False
    if not len(quotes):
        return True
    opening, closing = quotes[::2], quotes[1::2]
    before = np.where(opening > 0, octets[opening - 1], NEWLINE)
    after = octets[closing + 1]
    return bool(
        np.isin(before, (COMMA, NEWLINE, QUOTE)).all() and np.isin(after, (COMMA, NEWLINE, RETURN, QUOTE)).all()
    )


def _kept(data: bytes, starts: Positions, ends: Positions, keep: Mask) -> bytes:
    """The kept records' bytes, copied by runs."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], keep, [False]]).astype(np.int8)))
    runs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return b"".join(data[starts[first] : ends[last - 1] + 1] for first, last in runs)
