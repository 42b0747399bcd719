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
BLOCK_BYTES = 8 << 20
_STEP_BYTES = 1 << 16
_LONGEST_LINE_BYTES = 64 << 20
_SHOWN_CHARACTERS = 500
_BOM = codecs.BOM_UTF8
Positions = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


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


def blocks(path: Path, is_gzip: bool) -> Iterator[tuple[bytes, bool]]:
    """The file's bytes in blocks, without a byte order mark, each with whether it is the last.

    A block is given only when the next one could be read, so that a small truncated file gives nothing.
    Raises UnreadableError with the line reached.
    """
    with cast(IO[bytes], gzip.open(path, "rb") if is_gzip else path.open("rb")) as handle:
        try:
            held = handle.read(BLOCK_BYTES)
            if held.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise UnreadableError("the text is UTF-16; UTF-8 is expected", 1)
            held = held.removeprefix(_BOM)
            while held:
                following = handle.read(BLOCK_BYTES)
                yield held, not following
                held = following
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise UnreadableError(f"the gzip stream is broken: {error}", _line_reached(path)) from error


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


def undecodable(data: bytes, ends: Positions) -> Mask:
    """Which records are not UTF-8 text. ``ends`` are the positions of the newlines that end records."""
    bad = np.zeros(len(ends), dtype=bool)
    view, position = memoryview(data), len(data) if data.isascii() else 0
    while position < len(data):
        try:
            codecs.utf_8_decode(view[position:], "strict", True)
            break
        except UnicodeDecodeError as error:
            record = int(np.searchsorted(ends, position + error.start))
            bad[record] = True
            position = int(ends[record]) + 1
    if b"\0" in data:
        bad[np.searchsorted(ends, np.flatnonzero(np.frombuffer(data, np.uint8) == 0))] = True
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
    for block, is_last in blocks(path, is_gzip):
        data = carry + block
        if is_last and not data.endswith(b"\n"):
            data += b"\n"
        used = data.rfind(b"\n") + 1
        carry, data = data[used:], data[:used]
        check_length(carry, line)
        if data:
            chunk, count = _json_chunk(data, line)
            line += count
            yield chunk


def _json_chunk(data: bytes, line: int) -> tuple[Chunk, int]:
    import pyarrow as pa

    octets = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(octets == NEWLINE)
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])
    offsets = np.concatenate([starts, [len(data)]]).astype(np.int32)
    texts = pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(data))
    lengths = ends - starts
    blank = (lengths == 0) | ((lengths == 1) & (octets[starts] == RETURN))
    wrong = undecodable(data, ends)
    keep = ~(blank | wrong)
    lines = line + np.arange(len(ends), dtype=np.int64)
    bad = [
        encoding_problem(int(lines[i]), data[starts[i] : ends[i]], _json_cells) for i in np.flatnonzero(wrong).tolist()
    ]
    if not keep.all():
        texts, lines = texts.filter(pa.array(keep)), lines[keep]
    return Chunk(pa.table({"text": texts}), lines, bad), len(ends)


def _json_cells(text: str) -> dict[str, Any]:
    cells = json.loads(text)
    return cells if isinstance(cells, dict) else {}
