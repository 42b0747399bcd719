"""Exports of the hand-made home: names, numbers, formats, and text that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from signalbox.errors import UsageError
from signalbox.export import export, list_exports, table_bytes
from signalbox.export.guard import guard_text
from signalbox.export.sheet import number_format
from signalbox.publish import Snapshot, open_snapshot
from signalbox.settings import load_settings
from tests.unit.dashboards_home import Home, build_home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return build_home(tmp_path_factory.mktemp("export_home"))


@pytest.fixture(scope="module")
def snapshot(home: Home) -> Iterator[Snapshot]:
    with open_snapshot(load_settings(home.path)) as opened:
        yield opened


def test_the_list_names_the_queue_the_marts_and_every_measure(snapshot: Snapshot) -> None:
    found = {info.name: info for info in list_exports(snapshot)}
    assert found["exceptions"].rows == 11  # the home's open exceptions
    assert found["mart_order_timeline"].kind == "mart"
    assert {"kpi_K01", "kpi_K02", "kpi_K02.late"} <= set(found)
    assert not any(info.kind == "mart" and name.startswith("kpi_") for name, info in found.items())


def test_a_kpi_table_adds_up_to_the_rows_it_came_from(snapshot: Snapshot, home: Home, tmp_path: Path) -> None:
    path = export(snapshot, "kpi_K02", "csv", tmp_path)
    lines = list(csv.DictReader(path.open(encoding="utf-8")))
    rows = [row for row in home.rows["kpi_order__promise_accuracy"] if row["kpi_id"] == "K02"]
    for grouping in ("total", "channel", "carrier"):
        part = [line for line in lines if line["grouping_name"] == grouping]
        assert sum(Decimal(line["numerator"]) for line in part) == sum(row["numerator"] for row in rows)
        assert sum(Decimal(line["denominator"]) for line in part) == sum(row["denominator"] for row in rows)
    web = [row for row in rows if row["channel"] == "web" and row["period_date"] == date(2025, 10, 7)]
    line = next(x for x in lines if x["channel"] == "web" and x["period_start"] == "2025-10-07")
    assert float(line["value"]) == pytest.approx(
        float(sum(r["numerator"] for r in web) / sum(r["denominator"] for r in web))
    )


def test_the_queue_holds_the_open_exceptions_worth_first(snapshot: Snapshot, tmp_path: Path) -> None:
    path = export(snapshot, "exceptions", "parquet", tmp_path / "queue.parquet")
    table = pq.read_table(path)
    worth = [float(value) for value in table["value_at_risk_amount"].to_pylist()]
    assert table.num_rows == 11 and set(table["status_code"].to_pylist()) == {"open"}
    assert worth == sorted(worth, reverse=True) and worth[0] == 18250.0


def test_a_mart_keeps_its_types_in_parquet(snapshot: Snapshot, home: Home, tmp_path: Path) -> None:
    table = pq.read_table(export(snapshot, "mart_order_timeline", "parquet", tmp_path))
    assert table.num_rows == home.tables["mart_order_timeline"].num_rows
    assert table.schema.field("event_ts").type == pa.timestamp("us")


def test_excel_has_a_styled_frozen_header_and_typed_cells(snapshot: Snapshot, tmp_path: Path) -> None:
    path = export(snapshot, "exceptions", "xlsx", tmp_path)
    with zipfile.ZipFile(path) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        styles = book.read("xl/styles.xml").decode()
    assert 'state="frozen"' in sheet and "<autoFilter" in sheet
    assert "<v>18250</v>" in sheet  # a number, not text
    assert "yyyy-mm-dd hh:mm:ss" in styles and "<b/>" in styles


@pytest.mark.parametrize("text", ["=1+1", "+49 30", "-2", "@x", "\tx", "\rx"])
def test_text_that_would_run_is_made_plain(text: str) -> None:
    assert guard_text(pa.array([text, "a=b", None])).to_pylist() == ["'" + text, "a=b", None]


def test_the_guard_holds_in_files_and_leaves_numbers_alone() -> None:
    table = pa.table({"note": ['=HYPERLINK("http://x")', "plain"], "amount": pa.array([Decimal("-5.25"), None])})
    lines = list(csv.reader(io.StringIO(table_bytes(table, "csv").decode())))
    assert lines[1] == ['\'=HYPERLINK("http://x")', "-5.25"] and lines[2] == ["plain", ""]
    with zipfile.ZipFile(io.BytesIO(table_bytes(table, "xlsx"))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "&#39;=HYPERLINK" in sheet.replace("'=", "&#39;=") and "<v>-5.25</v>" in sheet
    kept = pq.read_table(pa.BufferReader(table_bytes(table, "parquet")))
    assert kept["note"].to_pylist()[0].startswith("=")


def test_an_empty_table_still_has_its_header() -> None:
    table = pa.table({"a": pa.array([], pa.string()), "b": pa.array([], pa.timestamp("us"))})
    assert (
        table_bytes(table, "csv").decode().strip() == '"a","b"' or table_bytes(table, "csv").decode().strip() == "a,b"
    )
    with zipfile.ZipFile(io.BytesIO(table_bytes(table, "xlsx"))) as book:
        assert 'ref="A1:B1"' in book.read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (pa.field("value_at_risk_amount", pa.decimal128(18, 2)), "#,##0.00"),
        (pa.field("coverage", pa.float64()), "0.0%"),
        (pa.field("event_ts", pa.timestamp("us")), "yyyy-mm-dd hh:mm:ss"),
        (pa.field("_line", pa.int64()), "0"),
        (pa.field("order_count", pa.int64()), "#,##0"),
    ],
)
def test_number_formats_follow_type_and_name(field: pa.Field, expected: str) -> None:
    assert number_format(field) == expected


def test_an_unknown_name_gets_the_closest_one(snapshot: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"export mart_order_timelin: .*did you mean mart_order_timeline\?"):
        export(snapshot, "mart_order_timelin", "csv", tmp_path)
    with pytest.raises(UsageError, match=r"did you mean kpi_K02\?"):
        export(snapshot, "kpi_k02", "csv", tmp_path)


def test_wrong_format_and_wrong_folder_change_nothing(snapshot: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="format ods: there are csv, xlsx, parquet"):
        export(snapshot, "exceptions", "ods", tmp_path)
    with pytest.raises(UsageError, match="there is no such folder"):
        export(snapshot, "exceptions", "csv", tmp_path / "missing" / "x.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_time_is_written_as_contracts_read_it() -> None:
    table = pa.table({"event_ts": pa.array([datetime(2025, 10, 14, 4, 55)], pa.timestamp("us"))})
    assert "2025-10-14 04:55:00" in table_bytes(table, "csv").decode()
