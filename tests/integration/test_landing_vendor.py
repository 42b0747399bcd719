"""Landing through a vendor's adapter: the same checks, the vendor's own lines, and what a changed adapter replaces."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from signalbox.errors import UsageError
from signalbox.landing import LandReport, land, source_line
from signalbox.landing.ledger import Ledger
from signalbox.settings import Settings
from tests.integration.landing_world import attached, conserved, put_text, raw_rows, rejected, settings_at, write

YAML = """name: acme
description: Shipments of the ACME system
delivery: once
received_at: 2020-01-01T00:00:00Z
files:
  trips: trips_*
  hauliers: hauliers.csv
feeds:
  shipment: {driving: trips}
"""
SQL = """-- Grain: one row a trip.
select
    t._file_digest,
    t._line,
    t.trip as shipment_id,
    t.orderno as order_id,
    'DC1' as location_id,
    h.code as carrier_id,
    coalesce(cast(try_strptime(t.left_at, '%d.%m.%Y %H:%M') as varchar), t.left_at) as shipped_ts,
    false as is_replacement,
    t.parcels as parcel_count,
    t.state as status_code,
    1 as version_no,
    timestamp '2020-01-01' as updated_ts,
    t.mood as mood,
from {{ trips }} as t
left join {{hauliers}} as h on t.haulier = h.name;
"""
TRIPS = ("csv", "csv.gz", "jsonl", "parquet")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = settings_at(tmp_path / "home")
    _adapter(made, YAML, SQL)
    return made


def _adapter(settings: Settings, yaml: str, sql: str) -> None:
    folder = settings.own_adapters_dir / "acme"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "adapter.yaml").write_text(yaml)
    (folder / "shipment.sql").write_text(sql)


def _trips(count: int) -> list[dict[str, str]]:
    return [
        {
            "trip": f"T{n}",
            "orderno": f"O{n}",
            "haulier": "Fast",
            "left_at": f"{n + 1:02d}.05.2020 08:00",
            "parcels": "2",
            "state": "shipped",
            "mood": "good",
        }
        for n in range(count)
    ]


def _deliver(folder: Path, rows: list[dict[str, str]], extension: str = "csv") -> Path:
    put_text(folder / "hauliers.csv", b"name,code\nFast,FST\n")
    return write(folder, f"trips_1.{extension}", rows)


def _land(settings: Settings, folder: Path) -> LandReport:
    return land(settings, folder, adapter="acme")


@pytest.mark.parametrize("extension", TRIPS)
def test_a_vendors_rows_pass_the_same_checks(tmp_path: Path, settings: Settings, extension: str) -> None:
    rows = _trips(8)
    rows[2]["left_at"] = "soon"
    rows[4]["orderno"] = ""
    rows[5] |= {"state": "flown", "parcels": "2.5"}
    path = _deliver(tmp_path / "in", rows, extension)

    report = _land(settings, tmp_path / "in")

    assert (report.files, report.rows_read, report.rows_accepted, report.rows_quarantined) == (1, 8, 5, 3)
    first = 2 if extension.startswith("csv") else 1
    assert rejected(settings) == [
        (path.name, first + 2, "shipped_ts", "bad_date", "soon"),
        (path.name, first + 4, "order_id", "required", None),
        (path.name, first + 5, "parcel_count", "type", "2.5"),
        (path.name, first + 5, "status_code", "unknown_code", "flown"),
    ]
    assert conserved(settings)
    digest = raw_rows(settings, "shipment")[0][-3]
    found = source_line(settings, digest, first)
    assert (found.file_name, found.values["shipment_id"], found.values["carrier_id"]) == (path.name, "T0", "FST")
    assert (found.values["shipped_ts"], found.extra) == (datetime(2020, 5, 1, 8), '{"mood":"good"}')
    facts = (
        attached(settings).execute("select adapter_name, is_scheduled, received_ts from raw.landing_file").fetchall()
    )
    assert facts == [("acme", False, datetime(2020, 1, 1))]
    assert report.new_columns == {"shipment": {"mood": 1}}


@pytest.mark.parametrize(
    ("extension", "old", "new", "line", "rule", "column"),
    [
        ("csv", b"T3,O3,", b"T3,", 5, "column_count", None),
        ("csv.gz", b"T3,O3,", b"T3,O\xff,", 5, "encoding", "orderno"),
        ("jsonl", b'{"trip": "T3",', b'{"trip" "T3",', 4, "broken_json", None),
        ("jsonl", b'"orderno": "O3"', b'"orderno": "\xff"', 4, "encoding", "orderno"),
    ],
)
def test_a_vendors_broken_line_is_quarantined_with_its_line(
    tmp_path: Path, settings: Settings, extension: str, old: bytes, new: bytes, line: int, rule: str, column: str | None
) -> None:
    import gzip

    path = _deliver(tmp_path / "in", _trips(6), extension)
    data = path.read_bytes()
    data = gzip.decompress(data) if extension.endswith("gz") else data
    assert old in data
    put_text(path, data.replace(old, new))

    report = _land(settings, tmp_path / "in")

    assert (report.rows_read, report.rows_accepted, report.rows_quarantined) == (6, 5, 1)
    assert [row[:4] for row in rejected(settings)] == [(path.name, line, column, rule)]
    assert conserved(settings)


def test_a_vendors_parquet_text_that_is_no_utf8(tmp_path: Path, settings: Settings) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = _deliver(tmp_path / "in", _trips(4), "parquet")
    table = pq.read_table(path)
    moods = pa.array([b"a", b"\xff", b"c", b"d"], pa.binary()).view(pa.string())
    pq.write_table(table.set_column(table.column_names.index("mood"), "mood", moods), path)

    report = _land(settings, tmp_path / "in")

    assert (report.rows_accepted, report.rows_quarantined) == (3, 1)
    assert [row[1:4] for row in rejected(settings)] == [(2, "mood", "encoding")]


def test_an_unreadable_file_is_refused_and_the_others_land(tmp_path: Path, settings: Settings) -> None:
    _deliver(tmp_path / "in", _trips(4), "csv")
    (tmp_path / "in" / "trips_2.csv.gz").write_bytes(b"\x1f\x8b\x08\x00 no gzip")

    report = _land(settings, tmp_path / "in")

    assert (report.files, report.rows_accepted) == (1, 4)
    assert [(refused.path.name, refused.rule) for refused in report.refused] == [("trips_2.csv.gz", "unreadable")]
    assert conserved(settings)


def test_the_same_again_has_no_effect_and_a_changed_adapter_replaces(tmp_path: Path, settings: Settings) -> None:
    rows = _trips(4)
    rows[1]["state"] = "gone"
    _deliver(tmp_path / "in", rows)
    _land(settings, tmp_path / "in")
    before = raw_rows(settings, "shipment")
    again = _land(settings, tmp_path / "in")
    assert (again.duplicates, again.rows_read, raw_rows(settings, "shipment")) == (1, 0, before)

    _adapter(settings, YAML, SQL.replace("t.state as", "replace(t.state, 'gone', 'shipped') as"))
    mended = _land(settings, tmp_path / "in")

    assert (mended.duplicates, mended.rows_accepted, mended.rows_quarantined) == (0, 4, 0)
    assert len(raw_rows(settings, "shipment")) == 4
    assert rejected(settings) == []
    assert conserved(settings)

    _adapter(settings, YAML, SQL)  # and back: as it was, to the digest
    _land(settings, tmp_path / "in")
    assert raw_rows(settings, "shipment") == before
    assert len(rejected(settings)) == 1
    with Ledger(settings) as ledger:
        assert len(ledger.parts("raw", "shipment")) == 1


def test_a_changed_joined_file_replaces_and_files_of_another_batch_stay(tmp_path: Path, settings: Settings) -> None:
    first = _deliver(tmp_path / "in", _trips(2))
    _land(settings, tmp_path / "in")
    first.rename(tmp_path / "kept_elsewhere.csv")
    write(tmp_path / "in", "trips_2.csv", [row | {"trip": "X" + row["trip"]} for row in _trips(3)])
    _land(settings, tmp_path / "in")
    put_text(tmp_path / "in" / "hauliers.csv", b"name,code\nFast,NEW\n")

    _land(settings, tmp_path / "in")

    carriers = attached(settings).execute("select carrier_id, count(*) from raw.shipment group by 1 order by 1")
    assert carriers.fetchall() == [("FST", 2), ("NEW", 3)]
    assert conserved(settings)


def test_a_driving_file_waits_for_what_it_is_joined_with(tmp_path: Path, settings: Settings) -> None:
    write(tmp_path / "in", "trips_1.csv", _trips(2))
    write(tmp_path / "in", "notes.csv", [{"a": "b"}])

    report = _land(settings, tmp_path / "in")

    assert report.files == 0
    assert sorted((left.path.name, left.reason) for left in report.left) == [
        ("notes.csv", "unmatched: no pattern of adapter acme names it"),
        ("trips_1.csv", "shipment needs hauliers, and no file here is that"),
    ]


def test_a_required_column_that_the_sql_leaves_out_refuses_the_file(tmp_path: Path, settings: Settings) -> None:
    path = _deliver(tmp_path / "in", _trips(2))
    _adapter(settings, YAML, SQL.replace("    h.code as carrier_id,\n", ""))

    report = _land(settings, tmp_path / "in")

    assert (report.files, report.rows_accepted) == (0, 0)
    assert [row[:4] for row in rejected(settings)] == [(path.name, None, "carrier_id", "missing_column")]


@pytest.mark.parametrize(
    ("yaml", "sql", "message"),
    [
        (YAML.replace("name: acme", "name: other"), SQL, "name: must be 'acme'"),
        (YAML + "colour: red\n", SQL, "colour: no such key"),
        (YAML.replace("once", "sometimes"), SQL, "delivery: 'sometimes'; must be daily or once"),
        (YAML.replace("2020-01-01T00:00:00Z", "soon"), SQL, "received_at: 'soon' is no time"),
        (YAML.replace("driving: trips", "driving: boats"), SQL, r"feeds\.shipment: must be"),
        (YAML.replace("shipment:", "teleport:"), SQL, r"feeds\.teleport: there is no teleport\.sql"),
        (
            YAML.replace("shipment:", "teleport:").replace("{driving: trips}", "{driving: trips, sql: shipment.sql}"),
            SQL,
            r"feeds\.teleport: no contract has this entity",
        ),
        ("a: [", SQL, "not valid YAML"),
        (YAML, SQL.replace("{{ trips }}", "{{ boats }}"), "boats }}: adapter.yaml names no such files"),
        (YAML, "select 1 from {{ hauliers }}", "the driving relation {{ trips }} is not used"),
        (YAML, "select nothing from {{ trips }}", "shipment.sql: Binder Error"),
        (YAML, "select trip as shipment_id from {{ trips }}", "must pass _file_digest through"),
        (YAML, "select 'x' as _file_digest, _line from {{ trips }}", "2 rows have no _file_digest"),
    ],
)
def test_a_wrong_adapter_is_one_clear_error(
    tmp_path: Path, settings: Settings, yaml: str, sql: str, message: str
) -> None:
    _deliver(tmp_path / "in", _trips(2))
    _adapter(settings, yaml, sql)
    with pytest.raises(UsageError, match=message):
        _land(settings, tmp_path / "in")
    with Ledger(settings) as ledger:
        assert ledger.sequence() == 0
