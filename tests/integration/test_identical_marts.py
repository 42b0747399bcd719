"""What is published depends on which files landed, not on how often or in which order: compared row by row.

``make prove`` alone, but for the comparison itself: the quick set has batches with late files (``test_increments``) and
the same files landed twice (``test_landing``).
Not here: the raw rows alone (``test_landing``).
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pytest

from signalbox.landing import land
from signalbox.publish import Snapshot, open_snapshot
from signalbox.settings import Settings, load_settings
from tests.conftest import Record, Retailer, signalbox

# The only published columns that may differ: each build has an id of its own. No wall time and no landing order is
# published.
OWN_OF_A_BUILD = {"build_context": "build_id", "quality_result": "build_id"}
# A suite of an increment counts what it read: what is new.
OWN_OF_AN_INCREMENT = OWN_OF_A_BUILD | {"quality_result": "build_id, observed_value, unexpected_count, element_count"}
PARTS = 5


def published_rows(snapshot: Snapshot, table: str, own: Mapping[str, str] = OWN_OF_A_BUILD) -> pa.Table:
    """Every row of a published table in a fixed order, less the build's own columns."""
    without = f"exclude ({own[table]})" if table in own else ""
    return snapshot.con.execute(f'select * {without} from "{table}" order by all').to_arrow_table()


def unlike_rows(one: Snapshot, other: Snapshot, own: Mapping[str, str] = OWN_OF_A_BUILD) -> Iterator[str]:
    """A line for each table that differs, with its first rows on either side."""
    for table in one.tables:
        here, there = published_rows(one, table, own), published_rows(other, table, own)
        if here.equals(there):
            continue
        if here.schema != there.schema:
            yield f"{table}: {here.schema} and {there.schema}"
            continue
        con = one.con.cursor()
        con.register("here", here)
        con.register("there", there)
        only_here = con.execute("select * from here except all select * from there order by all limit 3").fetchall()
        only_there = con.execute("select * from there except all select * from here order by all limit 3").fetchall()
        yield f"{table}: {here.num_rows} and {there.num_rows} rows; {only_here} and {only_there}"


def assert_identical(home: Path, other: Path, record_property: Record, own: Mapping[str, str] = OWN_OF_A_BUILD) -> None:
    with open_snapshot(load_settings(home)) as one, open_snapshot(load_settings(other)) as two:
        assert one.snapshot_id != two.snapshot_id
        assert one.as_of == two.as_of
        assert set(one.tables) == set(two.tables)
        counts = {name: entry["rows"] for name, entry in one.tables.items()}
        assert counts["fct_kpi"] > 100_000 and counts["fct_exception"] > 100 and counts["rejected_row"] > 5
        assert list(unlike_rows(one, two, own)) == []
    record_property("homes compared", 1)
    record_property("rows compared", sum(counts.values()))


def shuffled_parts(extracts: Path, folder: Path, seed: int) -> list[Path]:
    """Five folders that together hold every file once, drawn at random from all systems and days."""
    paths = sorted(path for path in extracts.rglob("*") if path.is_file())
    random.Random(seed).shuffle(paths)
    for number, path in enumerate(paths):
        target = folder / f"part{number % PARTS}" / path.relative_to(extracts)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, target)
    return [folder / f"part{number}" for number in range(PARTS)]


def land_parts(settings: Settings, parts: list[Path], times: int) -> None:
    """Land each part ``times`` times in a row; only the first time has an effect."""
    for part in parts:
        files = land(settings, part).files
        assert files > 100
        for _ in range(times - 1):
            again = land(settings, part)
            assert (again.files, again.rows_read, again.duplicates) == (0, 0, files)


def test_one_changed_value_is_found(tiny: Retailer) -> None:
    """The comparison itself: one cell of one row of one table differs."""
    settings = load_settings(tiny.home)
    with open_snapshot(settings) as one, open_snapshot(settings) as two:
        (layer,) = two.tables["dim_channel"]["layers"]
        file = two.folder / layer["file"]
        name = "if(channel_id = 'store', 'spoilt', channel_name)"
        select = f"select * replace ({name} as channel_name) from read_parquet('{file}')"
        two.con.execute(f"create or replace view dim_channel as {select}")
        (found,) = unlike_rows(one, two)
    assert found.startswith("dim_channel: 4 and 4 rows; [('store', ") and "'spoilt'" in found.split(" and [")[1]


@pytest.mark.prove
def test_shuffled_parts_each_landed_twice_give_identical_marts(
    tiny: Retailer, tmp_path: Path, record_property: Record
) -> None:
    home = tmp_path / "home"
    land_parts(load_settings(home), shuffled_parts(tiny.extracts, tmp_path, seed=1), times=2)
    signalbox(home, "build")
    assert_identical(tiny.home, home, record_property)


@pytest.mark.prove
def test_everything_landed_twice_gives_identical_marts(
    tiny: Retailer, home_copy: Path, record_property: Record
) -> None:
    """Into the home that has it already, from where it lay and from elsewhere, and then everything is computed anew."""
    settings = load_settings(home_copy)
    elsewhere = home_copy.parent / "elsewhere"
    shuffled_parts(tiny.extracts, elsewhere, seed=0)
    for place in (tiny.extracts, elsewhere):
        again = land(settings, place)
        assert (again.files, again.rows_read) == (0, 0)
        assert again.duplicates > 1_000
    signalbox(home_copy, "build", "--full-refresh")
    assert_identical(tiny.home, home_copy, record_property)


@pytest.mark.prove
@pytest.mark.parametrize("seed", [2, 3])
def test_five_shuffled_parts_give_identical_marts(
    tiny: Retailer, tmp_path: Path, seed: int, record_property: Record
) -> None:
    home = tmp_path / "home"
    land_parts(load_settings(home), shuffled_parts(tiny.extracts, tmp_path, seed), times=1)
    signalbox(home, "build")
    assert_identical(tiny.home, home, record_property)
