"""One corrupted row of each kind in each format is quarantined with file, line, column, rule; every other row lands."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from signalbox.landing import land
from tests.integration.landing_world import (
    FORMATS,
    conserved,
    csv_bytes,
    json_line,
    native_name,
    po_lines,
    put_text,
    raw_rows,
    rejected,
    settings_at,
    write,
)

ENTITY = "purchase_order_line"
COUNT, BAD, SPLIT = 40, 16, 5  # rows; index of the bad one; index of a row whose sku spans two lines in CSV
CELLS = {
    "type": ("ordered_qty", "many", "type", "many"),
    "fraction": ("ordered_qty", "1.5", "type", "1.5"),
    "amount": ("unit_cost_amount", "1,50", "type", "1,50"),
    "null key": ("po_id", "", "required", None),
    "null required": ("sku", "", "required", None),
    "unknown code": ("status_code", "opne", "unknown_code", "opne"),
    "bad timestamp": ("updated_ts", "2026-02-30T10:00:00Z", "bad_date", "2026-02-30T10:00:00Z"),
    "bad date": ("requested_date", "31/12/2026", "bad_date", "31/12/2026"),
}


def _rows() -> list[dict[str, str]]:
    rows = po_lines(COUNT)
    rows[SPLIT]["sku"] = "SKU\nX"
    return rows


def _line_of_bad(extension: str) -> int:
    """CSV: header, sixteen rows before it of which one spans two lines -> 19. Others: the seventeenth row -> 17."""
    return 19 if extension.startswith("csv") else 17


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize("kind", CELLS)
def test_a_bad_cell_is_quarantined_and_nothing_else_is_lost(tmp_path: Path, kind: str, extension: str) -> None:
    column, cell, rule, value = CELLS[kind]
    rows = _rows()
    rows[BAD][column] = cell
    name = native_name(ENTITY, extension)
    write(tmp_path / "in", name, rows)
    settings = settings_at(tmp_path / "home")

    report = land(settings, tmp_path / "in")

    assert (report.rows_read, report.rows_accepted, report.rows_quarantined) == (COUNT, COUNT - 1, 1)
    assert rejected(settings) == [(name, _line_of_bad(extension), column, rule, value)]
    assert _landed(settings) == _keys(rows[:BAD] + rows[BAD + 1 :])
    assert conserved(settings)


@pytest.mark.parametrize("extension", ["csv", "csv.gz"])
@pytest.mark.parametrize("cut", ["few", "many", "lost quote"])
def test_a_line_with_the_wrong_number_of_cells(tmp_path: Path, cut: str, extension: str) -> None:
    rows = _rows()
    rows[BAD]["sku"] = "CUTHERE"
    whole = csv_bytes(rows)
    there = next(line for line in whole.split(b"\n") if b"CUTHERE" in line)
    broken = {"few": there[:20], "many": there + b",1,2", "lost quote": b'"' + there}[cut]
    name = native_name(ENTITY, extension)
    put_text(tmp_path / "in" / name, whole.replace(there, broken))
    settings = settings_at(tmp_path / "home")

    report = land(settings, tmp_path / "in")

    assert (report.rows_read, report.rows_accepted, report.rows_quarantined) == (COUNT, COUNT - 1, 1)
    assert rejected(settings) == [(name, 19, None, "column_count", broken.decode())]
    assert _landed(settings) == _keys(rows[:BAD] + rows[BAD + 1 :])


@pytest.mark.parametrize("extension", ["jsonl", "jsonl.gz"])
@pytest.mark.parametrize("text", ['{"po_id": "PO1", ', "[1, 2]", "no json", '{"po_id": "a"} {"po_id": "b"}'])
def test_a_line_that_is_no_json_object(tmp_path: Path, text: str, extension: str) -> None:
    rows = po_lines(COUNT)
    lines = [json_line(row) for row in rows]
    lines[BAD] = text.encode() + b"\n"
    lines.insert(3, b"\n")  # a blank line is no row but it is a line
    name = native_name(ENTITY, extension)
    put_text(tmp_path / "in" / name, b"".join(lines))
    settings = settings_at(tmp_path / "home")

    report = land(settings, tmp_path / "in")

    assert (report.rows_read, report.rows_accepted, report.rows_quarantined) == (COUNT, COUNT - 1, 1)
    assert rejected(settings) == [(name, 18, None, "broken_json", text)]
    assert _landed(settings) == _keys(rows[:BAD] + rows[BAD + 1 :])


@pytest.mark.parametrize("extension", FORMATS)
def test_bytes_that_are_no_utf8(tmp_path: Path, extension: str) -> None:
    rows = _rows()
    rows[BAD]["sku"] = "MARK"
    name = native_name(ENTITY, extension)
    path = tmp_path / "in" / name
    if extension == "parquet":
        path.parent.mkdir()
        table = pa.table({key: [row[key] or None for row in rows] for key in rows[0]})
        raw = [b"M\xfcller" if value == "MARK" else value.encode() for value in table.column("sku").to_pylist()]
        sku = pa.array(raw, pa.binary()).view(pa.string())
        pq.write_table(table.set_column(2, "sku", sku), path)
    elif extension == "jsonl":
        put_text(path, b"".join(json_line(row) for row in rows).replace(b"MARK", b"M\xfcller"))
    else:
        put_text(path, csv_bytes(rows).replace(b"MARK", b"M\xfcller"))
    settings = settings_at(tmp_path / "home")

    report = land(settings, tmp_path / "in")

    assert (report.rows_read, report.rows_accepted, report.rows_quarantined) == (COUNT, COUNT - 1, 1)
    [(file_name, line, column, rule, value)] = rejected(settings)
    assert (file_name, line, column, rule) == (name, _line_of_bad(extension), "sku", "encoding")
    assert value.lower() == "m\\xfcller"
    assert _landed(settings) == _keys(rows[:BAD] + rows[BAD + 1 :])
    assert conserved(settings)


@pytest.mark.parametrize("extension", ["csv.gz", "jsonl.gz"])
@pytest.mark.parametrize("rows", [40, 200_000])
def test_a_truncated_gzip_file_gives_nothing(tmp_path: Path, extension: str, rows: int) -> None:
    """200,000 rows are more than one block of reading: what was read before the end broke must not stay."""
    lines = po_lines(rows)
    data = csv_bytes(lines) if extension == "csv.gz" else b"".join(json_line(row) for row in lines)
    packed = gzip.compress(data, compresslevel=1, mtime=0)
    bad, good = native_name(ENTITY, extension, 1), native_name(ENTITY, extension, 2)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / bad).write_bytes(packed[: len(packed) * 9 // 10])
    write(tmp_path / "in", good, po_lines(5))
    settings = settings_at(tmp_path / "home")

    report = land(settings, tmp_path / "in")

    assert (report.files, report.rows_accepted, report.rows_quarantined) == (1, 5, 0)
    assert [(refused.path.name, refused.rule) for refused in report.refused] == [(bad, "unreadable")]
    [(file_name, line, column, rule, _)] = rejected(settings)
    assert (file_name, column, rule) == (bad, None, "unreadable")
    assert rows * 0.7 < line < rows  # nine tenths of the packed bytes hold about nine tenths of the lines
    assert conserved(settings)

    (tmp_path / "in" / bad).write_bytes(packed)
    assert land(settings, tmp_path / "in").rows_accepted == rows


@pytest.mark.parametrize("damage", ["truncated", "no parquet", "empty"])
def test_a_broken_parquet_file_is_refused_whole(tmp_path: Path, damage: str) -> None:
    bad = write(tmp_path / "in", native_name(ENTITY, "parquet", 1), po_lines(COUNT))
    data = bad.read_bytes()
    bad.write_bytes({"truncated": data[: len(data) // 2], "no parquet": b"hello", "empty": b""}[damage])
    write(tmp_path / "in", native_name(ENTITY, "parquet", 2), po_lines(5))
    settings = settings_at(tmp_path / "home")

    report = land(settings, tmp_path / "in")

    assert (report.files, report.rows_accepted) == (1, 5)
    assert [row[:4] for row in rejected(settings)] == [(bad.name, None, None, "unreadable")]


def test_parquet_with_damaged_pages_is_refused_whole(tmp_path: Path) -> None:
    """The footer is sound, so that only reading the pages finds it out; the file beside it in the same query lands."""
    bad = write(tmp_path / "in", native_name(ENTITY, "parquet", 1), po_lines(4000))
    data = bytearray(bad.read_bytes())
    data[200:2200] = bytes(2000)
    bad.write_bytes(bytes(data))
    write(tmp_path / "in", native_name(ENTITY, "parquet", 2), po_lines(5))
    settings = settings_at(tmp_path / "home")

    report = land(settings, tmp_path / "in")

    assert (report.files, report.rows_accepted) == (1, 5)
    assert [(row[0], row[3]) for row in rejected(settings)] == [(bad.name, "unreadable")]


@pytest.mark.parametrize("extension", FORMATS)
def test_a_missing_required_column_refuses_the_file(tmp_path: Path, extension: str) -> None:
    rows = po_lines(COUNT)
    for row in rows:
        del row["sku"]
    name = native_name(ENTITY, extension)
    write(tmp_path / "in", name, rows)
    settings = settings_at(tmp_path / "home")

    report = land(settings, tmp_path / "in")

    assert (report.files, report.rows_accepted) == (0, 0)
    assert [row[:1] + row[2:4] for row in rejected(settings)] == [(name, "sku", "missing_column")]


def test_json_rows_without_a_value_are_bad_one_by_one_when_the_key_is_there(tmp_path: Path) -> None:
    rows = po_lines(3)
    put_text(
        tmp_path / "in" / native_name(ENTITY, "jsonl"),
        b"".join(json_line(row | {"sku": None}) for row in rows),
    )
    settings = settings_at(tmp_path / "home")

    assert land(settings, tmp_path / "in").rows_quarantined == 3
    assert [row[1:4] for row in rejected(settings)] == [(line, "sku", "required") for line in (1, 2, 3)]


@pytest.mark.parametrize("extension", FORMATS)
def test_several_faults_of_a_row_are_several_problems_and_one_row(tmp_path: Path, extension: str) -> None:
    rows = po_lines(COUNT)
    rows[BAD] |= {"ordered_qty": "x", "status_code": "y", "sku": "", "updated_ts": "z"}
    write(tmp_path / "in", native_name(ENTITY, extension), rows)
    settings = settings_at(tmp_path / "home")

    report = land(settings, tmp_path / "in")

    assert (report.rows_accepted, report.rows_quarantined) == (COUNT - 1, 1)
    assert sorted(row[2:4] for row in rejected(settings)) == [
        ("ordered_qty", "type"),
        ("sku", "required"),
        ("status_code", "unknown_code"),
        ("updated_ts", "bad_date"),
    ]


def _landed(settings) -> list[tuple[str, str]]:
    return sorted((row[0], str(row[1])) for row in raw_rows(settings, ENTITY))


def _keys(rows) -> list[tuple[str, str]]:
    return sorted((row["po_id"], row["line_no"]) for row in rows)
