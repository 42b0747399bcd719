"""Increments on Spark give what a full build on DuckDB gives, and write only what is touched.

``make prove``: a month of the tiny retailer in three batches on a cluster of two workers, files of the second late; the
last month of Wide World Importers on top of the months before. Skipped, with the reason, without Java or the extra.
Not here: increments on DuckDB (``test_increments``), full builds on Spark (``test_spark_parity``), what is done with a
node (``tests/dbt/test_increment_plan.py``), single statements (``test_spark_statements``).
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from signalbox.engines import install
from signalbox.publish import open_snapshot
from signalbox.settings import Settings, load_settings
from signalbox.simulate import simulate
from tests.conftest import Record, signalbox
from tests.integration.spark_world import WIDE_WORLD, running_cluster, use_cluster
from tests.integration.test_identical_marts import unlike_rows
from tests.integration.test_increments import DAYS, ORDERS, dated_files, first_days

REASON = install.missing()
pytestmark = [
    pytest.mark.prove,
    pytest.mark.slow,
    pytest.mark.skipif(REASON is not None, reason=REASON or ""),
]


@pytest.fixture(scope="module")
def spark_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with running_cluster(tmp_path_factory.mktemp("cluster")) as home:
        yield home


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("month") / "out"
    simulate(folder, scale="tiny", orders=ORDERS, days=DAYS, seed=11)
    return folder / "extracts"


def batches(files: list[Path]) -> list[list[Path]]:
    """Days 1-20; days 21-26 without every seventh file; the rest, with what was late."""
    start = first_days(files, 20)
    second = [path for number, path in enumerate(first_days(files, 26)) if path not in start and number % 7]
    return [start, second, [path for path in files if path not in start and path not in second]]


def land_files(settings: Settings, extracts: Path, files: list[Path]) -> None:
    for path in files:
        target = settings.landing_dir / path.relative_to(extracts)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, target)


def written(settings: Settings) -> dict[str, frozenset[str]]:
    """Table -> its files on the shared storage; Spark gives a file that it writes a name of its own."""
    folders = (settings.shared_dir / "warehouse").glob("*.db/*")
    return {
        f"{folder.parent.stem}.{folder.name}": frozenset(path.name for path in folder.glob("*.parquet"))
        for folder in folders
        if not folder.parent.stem.startswith(("touched_", "before_", "seeds")) and not folder.name.endswith("__old")
    }


def test_two_increments_with_late_files(spark_home: Path, month: Path, tmp_path: Path, record_property: Record) -> None:
    use_cluster(tmp_path, spark_home)
    settings, spark = load_settings(tmp_path), ("build", "--engine", "spark")
    told, files = [], []
    for batch in batches(dated_files(month)):
        land_files(settings, month, batch)
        told.append(signalbox(tmp_path, *spark).stderr)
        files.append(written(settings))
    assert "all of it, since there is no warehouse yet" in told[0]
    assert "an increment" in told[1] and "an increment" in told[2]
    stayed = [name for name, names in files[1].items() if names and files[2].get(name) == names]
    assert len(stayed) > 5
    rows = rows_like_a_full_build(settings)
    record_property("rows equal after increments on Spark", rows)


def rows_like_a_full_build(settings: Settings) -> int:
    """How many rows the snapshot has, all equal to those of a full build on DuckDB.

    Suites of an increment look at fewer rows than those of a full build, and say so.
    """
    with open_snapshot(settings) as one:
        signalbox(settings.home, "build", "--full-refresh")
        with open_snapshot(settings) as two:
            assert one.snapshot_id != two.snapshot_id and one.as_of == two.as_of
            assert set(one.tables) == set(two.tables)
            assert [line for line in unlike_rows(one, two) if not line.startswith("quality_result: ")] == []
            return sum(table["rows"] for name, table in one.tables.items() if name != "quality_result")


def deliveries(folder: Path) -> Iterator[Path]:
    """The sample in two: what was ordered or invoiced before December 2015, and the rest; other tables in both."""
    first = {
        "orders": "OrderDate < '2015-12-01'",
        "order_lines": "OrderID in (select OrderID from {orders} where OrderDate < '2015-12-01')",
        "customer_transactions": "TransactionDate < '2015-12-01'",
        "invoice_lines": "InvoiceID in (select InvoiceID from {customer_transactions}"
        " where TransactionDate < '2015-12-01')",
    }
    files = {path.stem: f"'{path}'" for path in WIDE_WORLD.glob("*.parquet")}
    for name in ("first", "second"):
        (folder / name).mkdir()
        for path in WIDE_WORLD.glob("*.parquet"):
            target = folder / name / path.name
            if path.stem not in first:
                shutil.copy(path, target)
                continue
            is_first = f"coalesce({first[path.stem].format(**files)}, false)"
            wanted = is_first if name == "first" else f"not {is_first}"
            with duckdb.connect() as con:
                con.execute(f"copy (select * from '{path}' where {wanted}) to '{target}' (format parquet)")
        yield folder / name


@pytest.mark.skipif(not WIDE_WORLD.exists(), reason="the public sample data is not here")
def test_the_last_month_of_wide_world_importers(spark_home: Path, tmp_path: Path, record_property: Record) -> None:
    home, landing = tmp_path / "home", ("--adapter", "wide_world_importers", "--received-at")
    first, second = deliveries(tmp_path)
    signalbox(home, "land", str(first), *landing, "2016-06-01T07:00:00Z")
    use_cluster(home, spark_home)
    signalbox(home, "build", "--engine", "spark")
    signalbox(home, "land", str(second), *landing, "2016-06-08T07:00:00Z")
    told = signalbox(home, "build", "--engine", "spark").stderr
    assert "an increment" in told and re.search(r"\b[1-9][\d,]* orders, ", told)
    rows = rows_like_a_full_build(load_settings(home))
    assert rows > 500_000
    record_property("rows of Wide World Importers equal after an increment on Spark", rows)
