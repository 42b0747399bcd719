"""Cutting text into records: the cells of Python's csv module, and the right physical line, whatever the blocks."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalbox.landing import csv_bulk, text
from signalbox.landing.csv_bulk import read_csv
from signalbox.landing.text import UnreadableError, blocks, read_jsonl

CELL = st.text(alphabet=st.sampled_from('ab",\n\r é€'), max_size=6)


def _read(path: Path, data: bytes, is_gzip: bool = False) -> tuple[list[tuple[int, tuple[str | None, ...]]], list]:
    path.write_bytes(gzip.compress(data) if is_gzip else data)
    rows, bad = [], []
    for chunk in read_csv(path, is_gzip):
        cells = zip(*(chunk.table.column(name).to_pylist() for name in chunk.table.column_names), strict=True)
        rows += list(zip(chunk.lines.tolist(), cells, strict=True))
        bad += [(line.line, line.rule, line.column, line.text) for line in chunk.bad]
    return rows, bad


@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), max_size=12),
    ending=st.sampled_from(["\n", "\r\n"]),
    block=st.sampled_from([16, 64, 1 << 20]),
    is_gzip=st.booleans(),
)
def test_what_a_csv_writer_wrote_is_read_back_with_its_lines(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str]],
    ending: str,
    block: int,
    is_gzip: bool,
) -> None:
    """The writer is Python's; a record's line is counted from the newlines written before it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "BLOCK_BYTES", block)
        written, expected, line = "a,b,c" + ending, [], 2
        for row in rows:
            record = io.StringIO(newline="")
            # Python's writer forgets to quote a carriage return unless it ends lines.
            quoting = csv.QUOTE_ALL if any("\r" in cell for cell in row) else csv.QUOTE_MINIMAL
            csv.writer(record, lineterminator=ending, quoting=quoting).writerow(row)
            expected.append((line, tuple(cell or None for cell in row)))
            written += record.getvalue()
            line += record.getvalue().count("\n")
        path = tmp_path_factory.mktemp("csv") / "x.csv"
        assert _read(path, written.encode(), is_gzip) == (expected, [])


@given(
    lines=st.lists(st.text(alphabet=st.sampled_from('a",\n'), max_size=8), max_size=12),
    block=st.sampled_from([16, 1 << 20]),
)
def test_any_text_is_read_or_told_as_bad_and_sound_lines_after_it_count(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], block: int
) -> None:
    """After whatever comes first, enough sound records follow that a lost quote cannot swallow the last of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "BLOCK_BYTES", block)
        patch.setattr(csv_bulk, "_LONGEST_RECORD", 64)
        before = "".join(line + "\n" for line in lines)
        sound = "".join(f"x{n},y\n" for n in range(300))
        path = tmp_path_factory.mktemp("csv") / "x.csv"
        rows, bad = _read(path, ("a,b\n" + before + sound).encode())
        at = 2 + before.count("\n")
        assert rows[-50:] == [(at + n, (f"x{n}", "y")) for n in range(250, 300)]
        starts = [line for line, _ in rows] + [line for line, *_ in bad]
        assert len(starts) == len(set(starts))


@pytest.mark.parametrize("block", [8, 1 << 20])
def test_broken_lines_are_told_one_by_one(tmp_path: Path, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "BLOCK_BYTES", block)
    data = (
        b"a,b,c\n"
        b"1,2,3\n"
        b"\n"  # blank: no row
        b"4,5\n"
        b'"two\nlines",5" screen,x\n'
        b"6,7,8,9\n"
        b'"lost,2,3\n'
        b"M\xfcller,\x00,3\n"
        b"7,,9"
    )
    rows, bad = _read(tmp_path / "x.csv", data)
    assert rows == [(2, ("1", "2", "3")), (5, ("two\nlines", '5" screen', "x")), (10, ("7", None, "9"))]
    assert sorted(bad) == [
        (4, "column_count", None, "4,5"),
        (7, "column_count", None, "6,7,8,9"),
        (8, "column_count", None, '"lost,2,3'),
        (9, "encoding", "a", "M\\xfcller"),
    ]


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    rows, _ = _read(tmp_path / "x.csv", b"\xef\xbb\xbfa,b\n1,2\n")
    assert rows == [(2, ("1", "2"))]
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}\n')
    assert [chunk.table.column("text").to_pylist() for chunk in read_jsonl(path, False)] == [['{"a": 1}\n']]


@pytest.mark.parametrize(
    ("data", "message", "line"),
    [
        (b"", "the file is empty", 1),
        (b"a,b,a\n1,2,3\n", "names a column twice: a", 1),
        (b'"a\n', "the header row cannot be read", 1),
        (b"\xff\xfea\x00", "UTF-16", 1),
        (b"a,\xff\n1,2\n", "the header row cannot be read", 1),
    ],
)
def test_a_file_without_a_usable_header_is_unreadable(tmp_path: Path, data: bytes, message: str, line: int) -> None:
    with pytest.raises(UnreadableError, match=message) as caught:
        _read(tmp_path / "x.csv", data)
    assert caught.value.line == line


def test_a_broken_gzip_file_tells_the_line_reached(tmp_path: Path) -> None:
    packed = gzip.compress(b"1234567\n" * 1000)
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(packed + packed[:-4])  # a sound member, then one that lacks its end
    with pytest.raises(UnreadableError, match="gzip") as caught:
        list(blocks(path, True))
    assert caught.value.line == 2001
    path.write_bytes(packed[:-8] + b"12345678")  # wrong check sum
    with pytest.raises(UnreadableError, match="CRC"):
        list(blocks(path, True))


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "BLOCK_BYTES", 1000)
    monkeypatch.setattr(text, "_LONGEST_LINE_BYTES", 5000)
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"{}\n" + b"x" * 10_000)
    with pytest.raises(UnreadableError, match="a line is longer") as caught:
        list(read_jsonl(path, False))
    assert caught.value.line == 2


JSON_LINES = [b"", b"\r", b'{"a": "\xc3\xa9"}', b"no json", b'{"a": "\xff"}', b"\xff"]


@given(
    lines=st.lists(st.sampled_from(JSON_LINES), max_size=20),
    block=st.sampled_from([4, 1 << 20]),
    is_ended=st.booleans(),
)
def test_json_lines_keep_their_lines(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], block: int, is_ended: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "BLOCK_BYTES", block)
        path = tmp_path_factory.mktemp("jsonl") / "x.jsonl"
        path.write_bytes(b"\n".join(lines) + (b"\n" if is_ended else b""))
        chunks = list(read_jsonl(path, False))
    good = [n for chunk in chunks for n in chunk.lines.tolist()]
    texts = [value.strip() for chunk in chunks for value in chunk.table.column("text").to_pylist()]
    bad = [(line.line, line.column) for chunk in chunks for line in chunk.bad]
    numbered = [(n, line) for n, line in enumerate(lines, 1) if line.strip()]
    assert good == [n for n, line in numbered if b"\xff" not in line]
    assert texts == [line.decode() for _, line in numbered if b"\xff" not in line]
    assert bad == [(n, "a" if b"{" in line else None) for n, line in numbered if b"\xff" in line]
