"""Landing as a whole: identity, order, growing files, drift, personal data, crashes, compaction, fixed points."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from signalbox.errors import LockedError, SignalboxError, UsageError
from signalbox.landing import land, list_quarantine, source_line
from signalbox.landing import settle as settle_module
from signalbox.landing.ledger import Ledger
from signalbox.landing.raw import attach, touched_days
from signalbox.lock import writer_lock
from tests.integration.landing_world import (
    FORMATS,
    attached,
    conserved,
    csv_bytes,
    json_line,
    native_name,
    po_lines,
    put_text,
    raw_rows,
    rejected,
    sales_orders,
    settings_at,
    write,
)

LINES, ORDERS = "purchase_order_line", "sales_order"


def _deliveries(folder: Path) -> list[Path]:
    """Twelve files of two entities in all formats; some rows are bad."""
    paths = []
    for day in range(1, 7):
        extension = FORMATS[day % 4]
        lines, orders = po_lines(30, day * 20), sales_orders(20, day * 10)
        lines[day]["status_code"] = "unheard of"
        paths.append(write(folder / "erp" / LINES, native_name(LINES, extension, day), lines))
        paths.append(write(folder / "oms" / ORDERS, native_name(ORDERS, extension, day), orders))
    return paths


def test_landing_twice_has_no_effect(tmp_path: Path) -> None:
    paths = _deliveries(tmp_path / "in")
    settings = settings_at(tmp_path / "home")
    first = land(settings, tmp_path / "in")
    before = (raw_rows(settings, LINES), raw_rows(settings, ORDERS), rejected(settings))
    copy = tmp_path / "elsewhere" / paths[0].name
    copy.parent.mkdir()
    shutil.copy(paths[0], copy)

    second = land(settings, tmp_path / "in")
    third = land(settings, copy)

    assert (first.files, first.rows_read, first.rows_quarantined, first.duplicates) == (12, 300, 6, 0)
    assert (second.files, second.rows_read, second.duplicates) == (0, 0, 12)
    assert (third.files, third.duplicates) == (0, 1)
    assert (raw_rows(settings, LINES), raw_rows(settings, ORDERS), rejected(settings)) == before
    assert conserved(settings)


@pytest.mark.parametrize("seed", [1, 2])
def test_five_parts_in_any_order_give_the_same_rows(tmp_path: Path, seed: int) -> None:
    paths = _deliveries(tmp_path / "in")
    at_once, in_parts = settings_at(tmp_path / "one"), settings_at(tmp_path / "five")
    land(at_once, tmp_path / "in")

    random.Random(seed).shuffle(paths)
    for part in range(5):
        folder = tmp_path / f"part{part}"
        folder.mkdir()
        for path in paths[part::5]:
            shutil.copy2(path, folder / path.name)
        land(in_parts, folder)

    for entity in (LINES, ORDERS):
        assert raw_rows(in_parts, entity) == raw_rows(at_once, entity)
    for table in ("landing_file", "rejected_row", "unknown_code", "build_context"):
        select = f"select * from raw.{table} order by all"
        assert attached(in_parts).execute(select).fetchall() == attached(at_once).execute(select).fetchall()


def test_the_same_content_on_another_business_day_is_another_delivery(tmp_path: Path) -> None:
    """A weekly master that did not change, or a day without rows, must not look like a feed that failed to deliver."""
    rows = po_lines(3)
    for day in (1, 8):
        write(tmp_path / "in", native_name(LINES, "csv", day), rows)
        put_text(tmp_path / "in" / native_name(ORDERS, "jsonl", day), b"")
    settings = settings_at(tmp_path / "home")

    report = land(settings, tmp_path / "in")

    assert (report.files, report.duplicates, report.rows_read) == (4, 0, 6)
    dates = attached(settings).execute("select entity, business_date from raw.landing_file order by all").fetchall()
    assert [(entity, day.day) for entity, day in dates] == [(LINES, 1), (LINES, 8), (ORDERS, 1), (ORDERS, 8)]


def test_a_growing_file_is_left_alone_and_lands_when_it_is_at_rest(tmp_path: Path) -> None:
    settings = settings_at(tmp_path / "home").model_copy(update={"settle_seconds": 0.4})
    resting = write(tmp_path / "in", native_name(LINES, "csv", 1), po_lines(3))
    os.utime(resting, (time.time() - 60,) * 2)
    growing = write(tmp_path / "in", native_name(LINES, "jsonl", 2), po_lines(3))
    stop = threading.Event()

    def grow() -> None:
        number = 3
        while not stop.is_set():
            with growing.open("ab") as handle:
                handle.write(json_line(po_lines(1, number)[0]))
            number += 1
            time.sleep(0.02)

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        first = land(settings, tmp_path / "in")
    finally:
        stop.set()
        writer.join()
    second = land(settings, tmp_path / "in")

    assert (first.files, first.rows_read) == (1, 3)
    assert [(left.path, left.reason) for left in first.left] == [
        (growing, "still growing: it changed while it was watched")
    ]
    assert (second.files, second.duplicates) == (1, 1)
    assert second.rows_read == growing.read_bytes().count(b"\n")


def test_a_file_that_changes_while_it_is_read_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from signalbox.landing import parts

    settings = settings_at(tmp_path / "home")
    steady = write(tmp_path / "in", native_name(LINES, "csv", 1), po_lines(3))
    changing = write(tmp_path / "in", native_name(LINES, "csv", 2), po_lines(3, 10))
    real, calls = parts.write, []

    def write_and_touch(con, select, path):
        rows = real(con, select, path)
        if not calls:
            changing.write_bytes(changing.read_bytes() + b"x\n")
        calls.append(rows)
        return rows

    monkeypatch.setattr(parts, "write", write_and_touch)
    report = land(settings, tmp_path / "in")

    assert (report.files, report.rows_read) == (1, 3)
    assert [left.path for left in report.left] == [changing]
    assert {row[-3] for row in raw_rows(settings, LINES)} == {_digest_of(settings, steady)}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("purchase_order_line_2026-03-01.csv.tmp", "temporary"),
        ("purchase_order_line_2026-03-01.csv.part", "temporary"),
        ("purchase_order_line_2026-03-01.csv.filepart", "temporary"),
        (".purchase_order_line_2026-03-01.csv", "hidden"),
        ("notes.txt", "unmatched"),
        ("nothing_known_2026-03-01.csv", "unmatched"),
        ("purchase_order_line_2026-13-01.csv", "unmatched"),
    ],
)
def test_files_that_are_left_alone_and_why(tmp_path: Path, name: str, reason: str) -> None:
    put_text(tmp_path / "in" / name, b"a\n")
    settings = settings_at(tmp_path / "home")

    report = land(settings, tmp_path / "in")

    assert [left.path.name for left in report.left] == [name]
    assert report.left[0].reason.startswith(reason)
    assert (report.files, report.refused) == (0, [])


@pytest.mark.parametrize("extension", FORMATS)
def test_a_new_column_is_kept_and_reported(tmp_path: Path, extension: str) -> None:
    rows = po_lines(3)
    for number, row in enumerate(rows):
        row["colour"] = f'red "{number}"'
    write(tmp_path / "in", native_name(LINES, extension), rows)
    settings = settings_at(tmp_path / "home")

    report = land(settings, tmp_path / "in")

    assert report.new_columns == {LINES: {"colour": 1}}
    assert [json.loads(row[-1]) for row in raw_rows(settings, LINES)] == [{"colour": f'red "{n}"'} for n in range(3)]


@pytest.mark.parametrize("extension", FORMATS)
def test_codes_of_open_lists_are_kept_and_told(tmp_path: Path, extension: str) -> None:
    rows = [
        {
            "shipment_id": f"S{n}",
            "cost_type": "toll" if n in (1, 2) else "freight",
            "amount": "1.00",
            "currency_code": "EUR",
            "cost_ts": "2026-01-01 10:00:00",
        }
        for n in range(4)
    ]
    write(tmp_path / "in", native_name("shipment_cost", extension), rows)
    settings = settings_at(tmp_path / "home")

    report = land(settings, tmp_path / "in")

    assert (report.rows_accepted, report.unknown_codes) == (4, {("shipment_cost", "cost_type", "toll"): 2})
    line = 3 if extension.startswith("csv") else 2
    told = attached(settings).execute("select entity, feed_id, column_name, code, rows, line from raw.unknown_code")
    assert told.fetchall() == [("shipment_cost", "F22", "cost_type", "toll", 2, line)]


@pytest.mark.parametrize("extension", FORMATS)
def test_personal_values_are_hashed_with_the_home_key_everywhere(
    tmp_path: Path, extension: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The expected hash is Python's own HMAC-SHA256 (RFC 2104), not the SQL's."""
    monkeypatch.delenv("SIGNALBOX_PSEUDONYM_KEY", raising=False)
    rows = sales_orders(30)
    rows[3]["order_type"] = "nonsense"
    write(tmp_path / "in", native_name(ORDERS, extension, 1), rows)
    put_text(tmp_path / "in" / native_name(ORDERS, "csv", 2), b"order_id\nann.9@example.org\n")
    lines = [json_line(row) for row in sales_orders(3, 100)]
    undecodable = lines[2].replace(b"ann.2@", b"ann.2\xff@")
    put_text(tmp_path / "in" / native_name(ORDERS, "jsonl", 3), lines[0] + lines[1][:-9] + b"\n" + undecodable)
    header, *rest = csv_bytes(sales_orders(3, 200)).replace(b"ann.2@", b"ann.2\xff@").splitlines(keepends=True)
    put_text(tmp_path / "in" / native_name(ORDERS, "csv", 4), header + b"".join(rest) + b"O9,web,ann.9@example.org\n")
    settings = settings_at(tmp_path / "home")

    land(settings, tmp_path / "in")

    key = settings.secret_path.read_bytes().strip()
    assert settings.secret_path.stat().st_mode & 0o777 == 0o600
    expected = hmac.new(key, b"ann.0@example.org", hashlib.sha256).hexdigest()
    found = (
        attached(settings).execute("select distinct customer_id from raw.sales_order where order_id = 'O5'").fetchall()
    )
    assert found == [(expected,)]
    for path in settings.home.rglob("*"):
        assert path.is_dir() or b"example.org" not in _unpacked(path), path
    rules = sorted((problem.rule, problem.column) for row in list_quarantine(settings) for problem in row.problems)
    assert rules == [
        ("broken_json", None),
        ("column_count", None),
        ("encoding", "customer_id"),
        ("encoding", "customer_id"),
        ("missing_column", "external_order_key"),
        ("unknown_code", "order_type"),
    ]
    stored = [row for row in list_quarantine(settings) if row.row]
    assert [row.row["customer_id"] for row in stored] == [
        hmac.new(key, b"ann.3@example.org", hashlib.sha256).hexdigest()
    ]


def test_another_key_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_at(tmp_path / "home")
    write(tmp_path / "in", native_name(ORDERS, "csv", 1), sales_orders(1))
    land(settings, tmp_path / "in")
    monkeypatch.setenv("SIGNALBOX_PSEUDONYM_KEY", "another key")

    with pytest.raises(SignalboxError, match=r"pseudonym key is not the one"):
        land(settings, tmp_path / "in")


_KILLED = """
import os, sys
from pathlib import Path
from signalbox.landing import land
from signalbox.landing.ledger import Ledger
from tests.integration.landing_world import settings_at
Ledger.record = lambda self, batch: os._exit(9)
land(settings_at(Path(sys.argv[1])), Path(sys.argv[2]))
"""


def test_a_crash_between_the_part_and_the_ledger_is_repaired(tmp_path: Path) -> None:
    _deliveries(tmp_path / "in")
    settings = settings_at(tmp_path / "home")
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(settings.home), str(tmp_path / "in")], check=False)
    left_over = sorted(settings.raw_dir.rglob("*.parquet"))
    assert killed.returncode == 9
    assert left_over

    report = land(settings, tmp_path / "in")

    assert (report.files, report.duplicates, report.rows_read) == (12, 0, 300)
    with Ledger(settings) as ledger:
        on_disk = [*settings.raw_dir.rglob("*.parquet*"), *settings.quarantine_dir.rglob("*.parquet*")]
        assert {path.relative_to(settings.home).as_posix() for path in on_disk} == ledger.part_paths()
    assert conserved(settings)


def test_a_failed_ledger_transaction_lands_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_at(tmp_path / "home")
    write(tmp_path / "in", native_name(LINES, "csv"), po_lines(3))
    monkeypatch.setattr(settle_module, "_facts", lambda *_: None)
    with pytest.raises(AttributeError):
        land(settings, tmp_path / "in")
    monkeypatch.undo()
    with pytest.raises(UsageError, match="nothing was landed"):
        attached(settings)
    assert land(settings, tmp_path / "in").rows_accepted == 3


def test_small_parts_are_merged_and_keep_every_row(tmp_path: Path) -> None:
    settings = settings_at(tmp_path / "home")
    for day in range(1, 19):
        write(tmp_path / "in", native_name(LINES, "csv", day), po_lines(4, day * 10))
        land(settings, tmp_path / "in")
    with Ledger(settings) as ledger:
        parts = ledger.parts("raw", LINES)
    assert [part.rows for part in parts if part.rows > 4] == [17 * 4]
    assert sum(part.rows for part in parts) == 72
    assert len(list(settings.raw_dir.rglob("*.parquet"))) == len(parts) == 2
    assert len(raw_rows(settings, LINES)) == 72
    assert conserved(settings)


def test_received_ts_comes_from_the_row_the_name_the_file_or_the_caller(tmp_path: Path) -> None:
    settings = settings_at(tmp_path / "home")
    own = po_lines(2)
    own[0]["received_ts"], own[1]["received_ts"] = "2026-05-05T05:00:00Z", ""
    write(tmp_path / "in", native_name(LINES, "csv", 1), own)
    unnamed = write(tmp_path / "in", f"{LINES}.csv", po_lines(1, 10))
    os.utime(unnamed, (1_767_225_600, 1_767_225_600))  # 2026-01-01T00:00:00Z
    land(settings, tmp_path / "in")
    write(tmp_path / "late", native_name(LINES, "csv", 3), own)
    land(settings, tmp_path / "late", received_at=datetime(2026, 6, 1))

    received = sorted(row[-4] for row in raw_rows(settings, LINES))
    assert received == [
        datetime(2026, 1, 1),
        datetime(2026, 3, 2, 1, 30),
        datetime(2026, 5, 5, 5),
        datetime(2026, 6, 1),
        datetime(2026, 6, 1),
    ]


def test_a_fixed_point_sees_what_was_received_until_then(tmp_path: Path) -> None:
    _deliveries(tmp_path / "in")
    settings = settings_at(tmp_path / "home")
    land(settings, tmp_path / "in")
    until = datetime(2026, 3, 4, 1, 30)  # files of business days 1 to 3

    con = attached(settings, received_until=until, as_of=until)

    assert con.execute("select count(*), max(received_ts) from raw.sales_order").fetchone() == (60, until)
    assert con.execute("select count(*) from raw.rejected_row").fetchone() == (3,)
    assert con.execute("select count(*) from raw.landing_file").fetchone() == (6,)
    assert con.execute("select as_of from raw.build_context").fetchone() == (until,)
    assert con.execute("select count(*) from raw.product").fetchone() == (0,)


def test_the_days_that_batches_touched_are_known(tmp_path: Path) -> None:
    settings = settings_at(tmp_path / "home")
    write(tmp_path / "in", native_name(LINES, "csv", 1), po_lines(2))
    land(settings, tmp_path / "in")
    point = attach(attached(settings), settings, "b")
    write(tmp_path / "in", native_name(LINES, "csv", 2), po_lines(1, 5))
    land(settings, tmp_path / "in")

    assert {day.isoformat() for day in touched_days(settings, 0)[LINES]} == {"2026-01-01", "2026-01-02", "2026-01-06"}
    assert {day.isoformat() for day in touched_days(settings, point.sequence)[LINES]} == {"2026-01-06"}


def test_a_row_leads_back_to_its_line(tmp_path: Path) -> None:
    settings = settings_at(tmp_path / "home")
    path = write(tmp_path / "in", native_name(LINES, "csv.gz", 1), po_lines(5))
    land(settings, tmp_path / "in")
    digest = _digest_of(settings, path)

    found = source_line(settings, digest, 4)

    assert (found.file_name, found.path, found.entity, found.line) == (path.name, path, LINES, 4)
    assert (found.values["po_id"], found.values["ordered_qty"]) == ("PO0", 3)
    with pytest.raises(UsageError, match="line 99"):
        source_line(settings, digest, 99)
    with pytest.raises(UsageError, match="no such file"):
        source_line(settings, "0" * 64, 1)


def test_wrong_use_is_one_clear_error_and_changes_nothing(tmp_path: Path) -> None:
    settings = settings_at(tmp_path / "home")
    with pytest.raises(UsageError, match="no such file or folder"):
        land(settings, tmp_path / "absent")
    with pytest.raises(UsageError, match="there is no adapter 'nobody'"):
        land(settings, tmp_path, adapter="nobody")
    assert list_quarantine(settings) == []
    with pytest.raises(UsageError, match="nothing was landed yet"):
        attached(settings)
    assert [path.name for path in settings.home.iterdir()] == [".lock"]
    with (
        writer_lock(settings, "a build"),
        ThreadPoolExecutor(1) as other_thread,
        pytest.raises(LockedError, match="a build"),
    ):
        other_thread.submit(land, settings, tmp_path).result()


def _unpacked(path: Path) -> bytes:
    if path.suffix == ".parquet":
        return repr(duckdb.execute(f"select * from read_parquet('{path}')").fetchall()).encode()
    return path.read_bytes()


def _digest_of(settings, path: Path) -> str:
    select = "select file_digest from raw.landing_file where file_name = ?"
    return attached(settings).execute(select, [path.name]).fetchone()[0]
