"""Text files as chunks of records, each record with its physical line, however broken the file is.

Belongs here: blocks of bytes, broken encoding, JSON lines, and the shapes that both text readers share. CSV is cut in
``csv_bulk`` and ``csv_repair``. Not here: what a text means (``checks``).
"""

from __future__ import annotations

import codecs
import csv
import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

NEWLINE, COMMA, QUOTE, RETURN = 10, 44, 34, 13
BLOCK_BYTES = 4 << 20
_ROOM_BYTES = 1 << 16
_FIRST_NOT_ASCII = 128
_STEP_BYTES = 1 << 16
_LONGEST_LINE_BYTES = 64 << 20
_SHOWN_CHARACTERS = 500
_BOM = codecs.BOM_UTF8
Positions = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Octets = npt.NDArray[np.uint8]


class UnreadableError(Exception):
    """The file as a whole is refused. ``line`` is where it broke, if known."""

    def __init__(
        self, reason: str, line: int | None = None, rule: str = "unreadable", column: str | None = None
    ) -> None:
        super().__init__(reason)
        self.reason, self.line, self.rule, self.column = reason, line, rule, column


@dataclass(frozen=True)
class BadLine:
    """A record without cells: its first line, the rule that it breaks, the column if known, its text."""

    line: int
    rule: str
    column: str | None
    text: str


@dataclass
class Chunk:
    """Good records with their lines, and bad ones. CSV: a column a header name; JSON lines: one column ``text``."""

    table: pa.Table
    lines: Positions
    bad: list[BadLine] = field(default_factory=list)


class Block:
    """Bytes of a file in memory of Arrow's, which is used again and again; ``start`` and ``end`` bound what was read.

    Before them is room for what the last block left over, after them for a newline.
    """

    def __init__(self, size: int) -> None:
        import pyarrow as pa

        self.buffer: pa.Buffer = pa.allocate_buffer(_ROOM_BYTES + size + 1)
        self.start = self.end = _ROOM_BYTES

    def __bytes__(self) -> bytes:
        return self.octets.tobytes()

    @property
    def octets(self) -> Octets:
        return np.frombuffer(self.buffer, np.uint8)[self.start : self.end]

    def fill(self, handle: IO[bytes], size: int) -> None:
        """Read ``size`` bytes, fewer only at the end of the file."""
        room = memoryview(self.buffer).cast("B")
        while size and (count := handle.readinto(room[self.end : self.end + size])):  # type: ignore[attr-defined]
            self.end += count
            size -= count

    def after(self, carry: bytes, is_last: bool) -> Block:
        """The block with ``carry`` before it; the last one ends in a newline."""
        if len(carry) > self.start:
            longer = Block(len(carry) + self.end - self.start)
            longer._append(carry)
            longer._append(bytes(self))
            return longer.after(b"", is_last)
        at = self.start - len(carry)
        memoryview(self.buffer).cast("B")[at : self.start] = carry
        self.start = at
        if is_last and self.end > at and self.octets[-1] != NEWLINE:
            self._append(b"\n")
        return self

    def _append(self, data: bytes) -> None:
        memoryview(self.buffer).cast("B")[self.end : self.end + len(data)] = data
        self.end += len(data)


def blocks(path: Path, is_gzip: bool) -> Iterator[tuple[Block, bool]]:
    """The file's bytes in blocks, without a byte order mark, each with whether it is the last.

    A block is given only when the next one could be read, so that a small truncated file gives nothing.
    Raises UnreadableError with the line reached.
    """
    with cast(IO[bytes], gzip.open(path, "rb") if is_gzip else path.open("rb", buffering=0)) as handle:
        try:
            held = _filled(handle)
            beginning = held.octets[: len(_BOM)].tobytes()
            if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise UnreadableError("the text is UTF-16; UTF-8 is expected", 1)
            if beginning == _BOM:
                held.start += len(_BOM)
            while held.end > held.start:
                following = _filled(handle)
                yield held, following.end == following.start
                held = following
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise UnreadableError(f"the gzip stream is broken: {error}", _line_reached(path)) from error


def _filled(handle: IO[bytes]) -> Block:
    block = Block(BLOCK_BYTES)
    block.fill(handle, BLOCK_BYTES)
    return block


def _line_reached(path: Path) -> int:
    """The physical line in which a broken gzip stream ends, as far as it can be unpacked."""
    lines, reader = 1, zlib.decompressobj(wbits=31)
    with path.open("rb") as handle:
        try:
            while block := handle.read(_STEP_BYTES):
                while block:
                    lines += reader.decompress(block).count(b"\n")
                    block = reader.unused_data
                    if reader.eof:
                        reader = zlib.decompressobj(wbits=31)
        except zlib.error:
            pass
    return lines


def check_length(carry: bytes, line: int) -> None:
    """Refuse a file whose line does not end within what fits into memory."""
    if len(carry) > _LONGEST_LINE_BYTES:
        raise UnreadableError(f"a line is longer than {_LONGEST_LINE_BYTES >> 20} MB", line)


def undecodable(octets: Octets, ends: Positions) -> Mask:
    """Which records are not UTF-8 text. ``ends`` are the positions of the newlines that end records."""
    bad = np.zeros(len(ends), dtype=bool)
    if octets.min() == 0:
        bad[np.searchsorted(ends, np.flatnonzero(octets == 0))] = True
    view, position = octets.data, len(octets) if octets.max() < _FIRST_NOT_ASCII else 0
    while position < len(octets):
        try:
            codecs.utf_8_decode(view[position:], "strict", True)
            break
        except UnicodeDecodeError as error:
            record = int(np.searchsorted(ends, position + error.start))
            bad[record] = True
            position = int(ends[record]) + 1
    return bad


def encoding_problem(line: int, record: bytes, cells: Callable[[str], dict[str, Any]]) -> BadLine:
    """A record that is not UTF-8; ``cells`` splits its text, to tell which column holds the bad bytes."""
    text = record.decode("utf-8", "surrogateescape")
    try:
        for column, value in cells(text).items():
            if isinstance(value, str) and any(letter == "\0" or "\udc80" <= letter <= "\udcff" for letter in value):
                return BadLine(line, "encoding", column, _shown(value))
    except (ValueError, csv.Error):
        pass
    return BadLine(line, "encoding", None, _shown(text))


def shown(record: bytes) -> str:
    """A record as people see it in the quarantine: cut, and with bytes that are no text as escapes."""
    return _shown(record.decode("utf-8", "surrogateescape").rstrip("\r\n"))


def _shown(text: str) -> str:
    readable = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return readable.replace("\0", "\\x00")[:_SHOWN_CHARACTERS]


def read_jsonl(path: Path, is_gzip: bool) -> Iterator[Chunk]:
    """The lines of a JSON lines file, blank ones left out; whether a line is JSON is not looked at."""
    carry, line = b"", 1
    for held, is_last in blocks(path, is_gzip):
        block = held.after(carry, is_last)
        ends = np.flatnonzero(block.octets == NEWLINE)
        used = int(ends[-1]) + 1 if len(ends) else 0
        carry = block.octets[used:].tobytes()
        check_length(carry, line)
        if used:
            yield _json_chunk(block, ends, line)
            line += len(ends)


def _json_chunk(block: Block, ends: Positions, line: int) -> Chunk:
    import pyarrow as pa

    octets = block.octets[: ends[-1] + 1]
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])
    offsets = np.concatenate([starts, [len(octets)]]).astype(np.int32)
    texts = pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), block.buffer.slice(block.start, len(octets)))
    lengths = ends - starts
    blank = (lengths == 0) | ((lengths == 1) & (octets[starts] == RETURN))
    wrong = undecodable(octets, ends)
    keep = ~(blank | wrong)
    lines = line + np.arange(len(ends), dtype=np.int64)
    bad = [
        encoding_problem(int(lines[i]), octets[starts[i] : ends[i]].tobytes(), _json_cells)
        for i in np.flatnonzero(wrong).tolist()
    ]
    if not keep.all():
        texts, lines = texts.filter(pa.array(keep)), lines[keep]
    return Chunk(pa.table({"text": texts}), lines, bad)


def _json_cells(text: str) -> dict[str, Any]:
    cells = json.loads(text)
    return cells if isinstance(cells, dict) else {}
