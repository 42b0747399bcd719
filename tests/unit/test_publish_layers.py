"""Layers: any sequence of changes reads like the table written whole; older snapshots never change."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalbox import publish as publishing
from signalbox.errors import SignalboxError
from signalbox.publish import Change, Changes, PublishedTable, layers, layout, read_changes
from signalbox.publish.files import digest_of
from signalbox.settings import Settings
from tests.unit.publish_world import TABLES, audited, new_warehouse, publish

ORDERS = PublishedTable("core", "fct_order", order_by=("day",))
KEYS = ("store_id", "number")
Row = tuple[str | None, int | None, int, str]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", snapshots_kept=2)


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    return with_orders(new_warehouse(), [(None, n, n, "first") for n in range(100)])


def with_orders(con: duckdb.DuckDBPyConnection, rows: list[Row]) -> duckdb.DuckDBPyConnection:
    con.execute("create schema core; create schema increment; create schema touched_core")
    for name in ("core.fct_order", "touched_core.fct_order"):
        con.execute(f"create table {name} (store_id varchar, number integer, day integer, status varchar)")
    con.execute("create table increment.fct_order (store_id varchar, number integer)")
    insert(con, "core.fct_order", rows)
    return con


def insert(con: duckdb.DuckDBPyConnection, name: str, rows: list[Any]) -> None:
    if rows:
        con.executemany(f"insert into {name} values ({', '.join('?' * len(rows[0]))})", rows)


def change_orders(con: duckdb.DuckDBPyConnection, keys: list[tuple[Any, ...]], rows: list[Row]) -> Change:
    """Replace the warehouse's rows of these keys by ``rows``, and say so as a build does."""
    con.execute("truncate increment.fct_order; truncate touched_core.fct_order")
    insert(con, "increment.fct_order", keys)
    insert(con, "touched_core.fct_order", rows)
    same = " and ".join(f"t.{name} is not distinct from k.{name}" for name in KEYS)
    con.execute(f"delete from core.fct_order as t using increment.fct_order as k where {same}")
    con.execute("insert into core.fct_order from touched_core.fct_order")
    return Change("keys", KEYS, "increment.fct_order", "touched_core.fct_order")


def since(base: str | None, change: Change, *unchanged: str) -> Changes:
    others = {("marts", name): Change("unchanged") for name in unchanged}
    return Changes(base, {("core", "fct_order"): change, **others})


def layers_of(settings: Settings, snapshot_id: str, name: str = "fct_order") -> list[layers.Layer]:
    return layers.layers_of(publishing.read_manifest(settings, snapshot_id)["tables"][name])


def digests(settings: Settings, snapshot_id: str) -> dict[str, str]:
    """Of the files as they lie there, which must be those that the manifest names."""
    folder = layout.snapshot_dir(settings, snapshot_id)
    named = {
        item["file"]: item["digest"]
        for entry in publishing.read_manifest(settings, snapshot_id)["tables"].values()
        for item in layers.files_of(layers.layers_of(entry))
    }
    assert {f"tables/{path.name}" for path in (folder / "tables").iterdir()} == set(named)
    found = {name: digest_of(folder / name) for name in named}
    assert found == named
    return found


def assert_reads_like_the_warehouse(settings: Settings, con: duckdb.DuckDBPyConnection, snapshot_id: str) -> None:
    with publishing.open_snapshot(settings, snapshot_id) as snapshot:
        found = snapshot.con.execute("from fct_order order by all").fetchall()
        assert found == con.execute("from core.fct_order order by all nulls first").fetchall()
        assert snapshot.tables["fct_order"]["rows"] == len(found)


keys_drawn = st.tuples(st.sampled_from([None, "a", "b"]), st.sampled_from([None, 1, 2, 3]))
details = st.tuples(st.integers(0, 3), st.sampled_from(["open", "closed"]))
# What a build does: the new rows of some keys, nothing, or the table anew.
changes_drawn = st.one_of(
    st.dictionaries(keys_drawn, st.lists(details, max_size=3), max_size=4), st.sampled_from(["unchanged", "whole"])
)


@given(first=st.lists(st.tuples(keys_drawn, details), max_size=12), steps=st.lists(changes_drawn, max_size=9))
def test_any_changes_in_layers_read_like_the_table_written_whole(first: Any, steps: Any) -> None:
    """Three layers at most, and rows may be hidden at will, so that merging is met at every length."""
    with tempfile.TemporaryDirectory() as home, pytest.MonkeyPatch.context() as patch:
        patch.setattr(layers, "LAYERS_AT_MOST", 3)
        patch.setattr(layers, "HIDDEN_AT_MOST", 0.7)
        settings = Settings(home=Path(home), snapshots_kept=2)
        con = with_orders(new_warehouse(), [(*key, *rest) for key, rest in first])
        change, base = Change(), None
        before: dict[str, dict[str, str]] = {}
        for step in [None, *steps]:
            if isinstance(step, dict):
                change = change_orders(con, list(step), [(*key, *row) for key, rows in step.items() for row in rows])
            elif step is not None:
                change = Change(step)
            audited(settings, con)
            base = publish(settings, con, [ORDERS], since(base, change)).snapshot_id
            assert_reads_like_the_warehouse(settings, con, base)
            assert len(layers_of(settings, base)) <= 3
            before[base] = digests(settings, base)
            for gone in publishing.prune(settings):
                del before[gone]
            assert {older: digests(settings, older) for older in before} == before
        con.close()


def test_a_change_is_one_small_layer_over_linked_files(
    settings: Settings, warehouse: duckdb.DuckDBPyConnection
) -> None:
    tables = [ORDERS, *TABLES]
    first = audited(settings, warehouse)
    publish(settings, warehouse, tables)
    change = change_orders(warehouse, [(None, 7), ("new", 1)], [(None, 7, 1, "late"), ("new", 1, 0, "open")])
    second = audited(settings, warehouse)
    report = publish(settings, warehouse, tables, since(first, change, "mart_small", "mart_other"))
    (old,), (linked, fresh) = layers_of(settings, first), layers_of(settings, second)
    assert linked == old
    assert (fresh["rows"], fresh["hides"]["rows"]) == (2, 1)
    one, two = (layout.snapshot_dir(settings, build) / old["file"] for build in (first, second))
    assert one.samefile(two)
    assert report.linked == 2
    written = fresh["bytes"] + fresh["hides"]["bytes"] + layers_of(settings, second, "quality_result")[0]["bytes"]
    assert report.bytes_written == written
    assert_reads_like_the_warehouse(settings, warehouse, second)
    with publishing.open_snapshot(settings, second) as snapshot:
        assert snapshot.tables["fct_order"]["rows"] == 101
        assert snapshot.con.execute("from fct_order where number = 7").fetchall() == [(None, 7, 1, "late")]


def test_an_unchanged_table_is_linked_without_reading_it(
    settings: Settings, warehouse: duckdb.DuckDBPyConnection
) -> None:
    base = audited(settings, warehouse)
    publish(settings, warehouse)
    warehouse.execute("update marts.mart_small set quantity = 9")
    said = {("marts", table.name): Change("unchanged") for table in TABLES}
    again = audited(settings, warehouse)
    publish(settings, warehouse, changes=Changes(base, said))
    assert layers_of(settings, again, "mart_small") == layers_of(settings, base, "mart_small")
    audited(settings, warehouse)
    publish(settings, warehouse, changes=Changes("another build", said))
    with publishing.open_snapshot(settings) as snapshot:
        assert snapshot.con.execute("select sum(quantity) from mart_small").fetchall() == [(18,)]


@pytest.mark.parametrize("code", ["keys", "unchanged"])
def test_a_table_is_written_whole_where_its_layers_cannot_go_on(
    settings: Settings, warehouse: duckdb.DuckDBPyConnection, code: str
) -> None:
    """New columns, or a file of the base that is gone."""
    base = audited(settings, warehouse)
    publish(settings, warehouse, [ORDERS])
    for statement in ("alter table {} add column note varchar", "alter table {} drop column note"):
        for name in ("core.fct_order", "touched_core.fct_order"):
            warehouse.execute(statement.format(name))
        if "drop" in statement:
            (layout.snapshot_dir(settings, base) / "tables" / "fct_order.parquet").unlink()
        change = Change(code, KEYS, "increment.fct_order", "touched_core.fct_order")
        fresh = audited(settings, warehouse)
        publish(settings, warehouse, [ORDERS], since(base, change))
        assert [layer["rows"] for layer in layers_of(settings, fresh)] == [100]
        base = fresh


def test_young_layers_are_merged_and_hidden_rows_end_in_a_whole_table(
    settings: Settings, warehouse: duckdb.DuckDBPyConnection
) -> None:
    base = audited(settings, warehouse)
    publish(settings, warehouse, [ORDERS])
    counts, stored = [], []
    for number in range(40):
        change = change_orders(warehouse, [(None, number)], [(None, number, 0, "again")])
        fresh = audited(settings, warehouse)
        publish(settings, warehouse, [ORDERS], since(base, change))
        assert_reads_like_the_warehouse(settings, warehouse, fresh)
        found = layers_of(settings, fresh)
        counts.append(len(found))
        stored.append(layers.stored_rows(found))
        base = fresh
    assert counts[:8] == [2, 3, 4, 5, 6, 7, 8, 2]
    assert max(counts) == layers.LAYERS_AT_MOST
    whole = stored.index(100)
    assert stored[:whole] == [101 + number for number in range(33)]  # 34 of 134 rows would be more than a quarter
    assert stored[whole + 1] == 101


def test_layers_are_merged_with_those_of_their_size() -> None:
    def first(*sizes: int) -> int | None:
        file = {"file": "f", "digest": "d", "bytes": 1}
        found = [layers.layer_of({**file, "rows": size}, {**file, "rows": 0}) for size in sizes]
        return layers.first_to_merge(found)

    assert first(1000, 8, 7, 6, 5, 4, 3, 2) is None
    assert first(1000, 100, 1, 1, 1, 1, 1, 1, 1) == 2
    assert first(10, 1, 1, 1, 1, 1, 1, 1, 1) == 1
    assert first(1000, 640, 320, 160, 80, 40, 20, 10, 4) == 7


def test_layers_that_lie_about_the_warehouse_are_refused(
    settings: Settings, warehouse: duckdb.DuckDBPyConnection
) -> None:
    base = audited(settings, warehouse)
    publish(settings, warehouse, [ORDERS])
    change = change_orders(warehouse, [(None, 1)], [])
    warehouse.execute("truncate increment.fct_order")
    audited(settings, warehouse)
    with pytest.raises(SignalboxError, match=r"core.fct_order: its layers hold 100 rows, the warehouse 99; run .*full"):
        publish(settings, warehouse, [ORDERS], since(base, change))
    assert publishing.current_snapshot_id(settings) == base


def test_a_view_over_a_layered_table_reads_its_rows(settings: Settings, warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("create schema metrics; create view metrics.kpi as select number, day from core.fct_order")
    tables = [ORDERS, PublishedTable("metrics", "kpi", reads=(("core", "fct_order"),))]
    base = audited(settings, warehouse)
    publish(settings, warehouse, tables)
    change = change_orders(warehouse, [(None, 1), (None, 2)], [(None, 1, 500, "late")])
    audited(settings, warehouse)
    publish(settings, warehouse, tables, since(base, change))
    with publishing.open_snapshot(settings) as snapshot:
        assert snapshot.con.execute("select count(*), max(day) from kpi").fetchall() == [(99, 500)]
        assert snapshot.tables["kpi"]["rows"] == 99


def test_a_snapshot_of_the_older_format_is_read_and_continued(
    settings: Settings, warehouse: duckdb.DuckDBPyConnection
) -> None:
    base = audited(settings, warehouse)
    publish(settings, warehouse, [ORDERS])
    path = layout.manifest_path(settings, base)
    manifest = json.loads(path.read_text())
    for entry in manifest["tables"].values():
        (layer,) = entry.pop("layers")
        entry |= {"file": layer["file"], "digest": layer["digest"]}
    path.write_text(json.dumps({**manifest, "format": 1}))
    assert_reads_like_the_warehouse(settings, warehouse, base)
    change = change_orders(warehouse, [(None, 1)], [])
    fresh = audited(settings, warehouse)
    publish(settings, warehouse, [ORDERS], since(base, change))
    assert len(layers_of(settings, fresh)) == 2
    assert_reads_like_the_warehouse(settings, warehouse, fresh)
    path.write_text(json.dumps({**manifest, "format": 3}))
    with pytest.raises(SignalboxError, match="manifest of format 3, this Signalbox reads up to 2"):
        publishing.open_snapshot(settings, base)


def test_changes_are_read_from_the_warehouse(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert read_changes(warehouse) == Changes()
    warehouse.execute("create table increment.base_build (build_id varchar)")
    warehouse.execute(
        "create table increment.changed_table (schema_name varchar, table_name varchar, change_code varchar,"
        " key_columns varchar, keys_relation varchar, rows_relation varchar)"
    )
    assert read_changes(warehouse) == Changes()
    warehouse.execute("insert into increment.base_build values ('b1')")
    warehouse.execute(
        "insert into increment.changed_table values"
        " ('core', 'fct_order', 'keys', 'store_id, number', 'increment.k', 'touched_core.fct_order'),"
        " ('marts', 'mart_small', 'unchanged', null, null, null)"
    )
    found = read_changes(warehouse)
    assert found.base_id == "b1"
    assert found.of("core", "fct_order") == Change("keys", KEYS, "increment.k", "touched_core.fct_order")
    assert (found.of("marts", "mart_small").code, found.of("marts", "mart_other").code) == ("unchanged", "whole")
    warehouse.execute("update increment.changed_table set key_columns = null")
    with pytest.raises(SignalboxError, match=r"core.fct_order: no key columns or relations"):
        read_changes(warehouse)
    warehouse.execute("update increment.changed_table set change_code = 'some'")
    with pytest.raises(SignalboxError, match="'some' is not a kind of change"):
        read_changes(warehouse)
