"""Spark gives what DuckDB gives.

Quick set: each macro that differs by engine, on values where engines like to differ, on an embedded Spark.
``make prove``: whole builds of the tiny retailer and of Wide World Importers on a cluster of two workers, every
published table compared in every column; and once with a worker killed in the middle. Skipped, with the reason, without
Java or the extra.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from signalbox.engines import cluster, install
from signalbox.publish import open_snapshot
from signalbox.settings import load_settings
from tests.conftest import Record, Retailer, signalbox
from tests.conventions.portable_sql import Renderer
from tests.integration.spark_world import WIDE_WORLD, running_cluster, use_cluster
from tests.integration.test_identical_marts import unlike_rows

REASON = install.missing()
pytestmark = pytest.mark.skipif(REASON is not None, reason=REASON or "")

# Summer time ends in Berlin on 2026-10-25 (02:30 comes twice) and began on 2026-03-29 (02:30 is skipped).
TEMPLATES = {
    "local date": "{{ local_date('ts', 'zone') }}",
    "end of a local day": "{{ end_of_local_day('day', 'zone') }}",
    "local instant": "{{ local_instant('day', 'clock', 'zone') }}",
    "seconds between": "{{ seconds_between('ts', 'later') }}",
    "negative seconds": "{{ seconds_between('later', 'ts') }}",
    "seconds later": "{{ add_seconds('ts', 'number * 0.5') }}",
    "days later": "{{ add_days('day', 'number') }}",
    "days between": "{{ days_between('day', 'later') }}",
    "weekday": "{{ iso_weekday('day') }}",
    "year of the week": "{{ iso_year('day') }}",
    "decimal money": "{{ money('amount * number') }}",
    "double money": "{{ money('cast(amount as double) / nullif(number, 0)') }}",
    "part of a total": "{{ cumulative_part('amount', 'number', '1', '7') }}",
    "six places": "{{ decimal_of('cast(amount as double) / nullif(number, 0)', 38, 6) }}",
    "nearest whole number": "{{ nearest('amount + 0.40') }}",
    "minutes": "{{ control_minutes('ts', 'later') }}",
    "bucket": "{{ kpi_bucket_index('amount') }}",
    "instant as text": "cast(ts as string)",
    "later of two": "{{ greatest_ts('ts', 'later') }}",
}
AGGREGATES = {
    "last by keys": "{{ max_by_keys('note', ['day', 'number']) }}",
    "first by keys": "{{ min_by_keys('note', ['day', 'number'], where='number <> 3') }}",
    "by one key": "{{ max_by_keys('note', ['ts']) }}",
    "counted": "count(*) filter (where number > 100)",
}
ROWS = """
select
    cast(ts as timestamp) as ts, cast(later as timestamp) as later, cast(day as date) as day, clock, zone,
    cast(amount as decimal(18, 2)) as amount, cast(number as bigint) as number, note
from (values
    ('2026-10-25 00:30:00.123456', '2026-10-25 01:30:00', '2026-10-25', '02:30', 'Europe/Berlin', 1.005, 3, 'a'),
    ('2026-03-29 00:59:59.999999', '2026-03-29 01:00:00', '2026-03-29', '02:30', 'Europe/Berlin', -2.675, -2, null),
    ('2026-11-01 05:30:00', '2026-11-01 06:30:00.0005', '2026-11-01', '01:30', 'America/New_York', 10.10, 8, 'b'),
    ('2025-12-31 23:00:00', '2026-01-01 00:00:00', '2025-12-29', '00:00', 'Europe/Berlin', 0.02, 128, 'c'),
    ('2024-02-28 22:30:00', '2024-03-01 00:00:00', '2024-02-29', '23:59', 'Asia/Kolkata', 33.33, 7, 'd'),
    ('2027-01-01 12:00:00', null, '2027-01-01', null, 'UTC', 0.00, 0, null),
    ('2026-06-01 00:00:00', '2026-06-01 00:00:00', '2026-06-01', '09:00', 'UTC', 1961.55, 1440, 'f'),
    (null, '2026-06-01 00:00:00', null, '09:00', 'Europe/Berlin', null, null, 'e')
) as t (ts, later, day, clock, zone, amount, number, note)
"""


def on_both(embedded: Any, cells: dict[str, str], tail: str) -> tuple[list[Any], list[Any]]:
    """What the expressions give on DuckDB and on Spark: text, so that neither side's client has a say."""
    found = []
    for engine in ("duckdb", "spark"):
        renderer = Renderer(engine)
        values = [renderer.statements(text)[0] for text in cells.values()]
        names = ", ".join(f"cast({value} as string) as c{number}" for number, value in enumerate(values))
        query = f"select {names} from ({ROWS}) as r {tail}"
        if engine == "duckdb":
            with duckdb.connect() as con:
                con.execute("set TimeZone = 'UTC'; set default_null_order = 'nulls_first_on_asc_last_on_desc'")
                found.append([tuple(row) for row in con.execute(query).fetchall()])
        else:
            found.append([tuple(row) for row in embedded.sql(query).collect()])
    return found[0], found[1]


def test_macros_give_the_same_on_both_engines(embedded: Any, record_property: Record) -> None:
    here, there = on_both(embedded, TEMPLATES, "order by r.amount, r.number")
    for row, (one, other) in enumerate(zip(here, there, strict=True)):
        assert dict(zip(TEMPLATES, one, strict=True)) == dict(zip(TEMPLATES, other, strict=True)), row
    here, there = on_both(embedded, AGGREGATES, "where r.day is not null")
    assert here == there
    record_property("values compared on both engines", len(TEMPLATES) * 8 + len(AGGREGATES))


def test_a_row_without_value_is_no_last_row(embedded: Any) -> None:
    """By hand: by day and number the last row (2027-01-01) has no note, the one before it is 2026-11-01, b."""
    here, _ = on_both(embedded, {"last": AGGREGATES["last by keys"]}, "where r.day is not null")
    assert here == [("b",)]


@pytest.fixture(scope="module")
def spark_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with running_cluster(tmp_path_factory.mktemp("cluster")) as home:
        yield home


def built_on_both(spark_home: Path, home: Path, kill: bool = False) -> tuple[list[str], int]:
    """Build on DuckDB, then on Spark; what differs between the two snapshots, and how many rows were compared."""
    use_cluster(home, spark_home)
    signalbox(home, "build", "--full-refresh")
    settings = load_settings(home)
    with open_snapshot(settings) as one:
        command = [sys.executable, "-m", "signalbox.cli", "--home", str(home), "build", "--full-refresh"]
        running = subprocess.Popen([*command, "--engine", "spark"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if kill:
            kill_a_worker_amid(spark_home, running)
        told = running.communicate()[0].decode()
        assert running.returncode == 0, told[-2000:]
        with open_snapshot(settings) as two:
            assert one.snapshot_id != two.snapshot_id
            assert set(one.tables) == set(two.tables)
            columns = {name: (entry["columns"], two.tables[name]["columns"]) for name, entry in one.tables.items()}
            assert [name for name, (here, there) in columns.items() if here != there] == []
            rows = sum(entry["rows"] for entry in one.tables.values())
            return list(unlike_rows(one, two)), rows


def kill_a_worker_amid(spark_home: Path, running: subprocess.Popen[bytes]) -> None:
    """Kill one of the two workers, with its executor, once Spark has written tables of the core."""
    settings = load_settings(spark_home)
    limit = time.monotonic() + 1200
    while running.poll() is None and not list((settings.shared_dir / "warehouse" / "core.db").glob("fct_*")):
        assert time.monotonic() < limit
        time.sleep(0.2)
    assert running.poll() is None, "it ended before a worker was killed"
    found = cluster.state(settings)
    assert found is not None
    os.killpg(next(member.pid for member in found.members if member.name == "worker 2"), signal.SIGKILL)


@pytest.mark.prove
@pytest.mark.slow
def test_the_tiny_retailer(spark_home: Path, tiny_copy: Path, record_property: Record) -> None:
    differing, rows = built_on_both(spark_home, tiny_copy)
    assert differing == []
    assert rows > 100_000
    record_property("rows equal on DuckDB and Spark", rows)


@pytest.mark.prove
@pytest.mark.slow
@pytest.mark.skipif(not WIDE_WORLD.exists(), reason="the public sample data is not here")
def test_wide_world_importers(spark_home: Path, tmp_path: Path, record_property: Record) -> None:
    signalbox(tmp_path, "land", str(WIDE_WORLD), "--adapter", "wide_world_importers")
    differing, rows = built_on_both(spark_home, tmp_path)
    assert differing == []
    record_property("rows equal on DuckDB and Spark", rows)


@pytest.mark.prove
@pytest.mark.slow
def test_a_worker_killed_in_the_middle(spark_home: Path, tiny_copy: Path, record_property: Record) -> None:
    """The last test of this cluster: it goes on with one worker."""
    differing, _ = built_on_both(spark_home, tiny_copy, kill=True)
    assert differing == []
    found = cluster.state(load_settings(spark_home))
    assert found is not None and found.gone == ["worker 2"]
    record_property("builds with a worker killed", 1)


@pytest.fixture
def tiny_copy(tiny: Retailer, tmp_path: Path) -> Path:
    """A home of the tiny retailer's extracts that a test may build in."""
    signalbox(tmp_path, "land", str(tiny.extracts))
    return tmp_path
