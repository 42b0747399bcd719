"""Publication: the gate, whole snapshots or none, linked files, the pointer, pruning; on a warehouse of two tables."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from signalbox import publish as publishing
from signalbox.errors import SignalboxError, UsageError
from signalbox.increments.state import State, save_state
from signalbox.landing.ledger import Ledger
from signalbox.publish import PublishedTable, SuiteOutcome, layout, write
from signalbox.publish.audit import refusal
from signalbox.publish.keep import close_killed
from signalbox.publish.table_files import Entry, write_table
from signalbox.settings import Settings
from tests.unit.publish_world import SUITES, TABLES, audited, new_warehouse, publish


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", snapshots_kept=2)


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    return new_warehouse()


def test_a_published_snapshot_is_read_back_sorted(settings: Settings, warehouse: duckdb.DuckDBPyConnection) -> None:
    build_id = audited(settings, warehouse)
    report = publish(settings, warehouse)
    assert (report.snapshot_id, report.tables, report.linked, report.is_current) == (build_id, 3, 0, True)
    with publishing.open_snapshot(settings) as snapshot:
        assert snapshot.snapshot_id == build_id
        assert snapshot.as_of.isoformat() == "2026-10-14T04:55:00"
        assert snapshot.con.execute("from mart_small").fetchall() == [("a", 1), ("b", 2)]
        entry = snapshot.tables["mart_small"]
        assert entry["rows"] == 2
        assert entry["columns"] == {"name": "VARCHAR", "quantity": "INTEGER"}
        assert (entry["layer"], entry["description"]) == ("mart", "Two rows.")
    assert publishing.read_record(settings, build_id).status == "published"


def test_a_snapshot_tells_which_tables_wait_for_a_complete_build(
    settings: Settings, warehouse: duckdb.DuckDBPyConnection
) -> None:
    audited(settings, warehouse)
    publish(settings, warehouse)
    with publishing.open_snapshot(settings) as snapshot:
        assert (snapshot.behind, snapshot.complete_as_of) == (frozenset(), snapshot.as_of)
    then = datetime(2026, 10, 14, 3)
    with Ledger(settings):
        pass
    save_state(warehouse, settings, State("b", then, 0, "facts", "duckdb", then), {}, {"mart_other", "a_test"})
    audited(settings, warehouse, quick=True)
    publish(settings, warehouse)
    with publishing.open_snapshot(settings) as snapshot:
        assert (snapshot.behind, snapshot.complete_as_of) == ({"mart_other"}, then)
    first, quick = reversed(publishing.list_builds(settings))
    assert publishing.last_complete(settings) == first and quick.quick
    times = {"started": "2026-10-14T05:00:00+00:00", "finished": "2026-10-14T05:06:40+00:00"}
    publishing.save_record(settings, first.model_copy(update=times))
    assert publishing.complete_seconds(settings) == 400


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "running"}, "running"),
        ({"status": "failed"}, "failed"),
        ({"suites": []}, "never ran: inbound_sales_order, outbound_fct_kpi"),
        (
            {
                "suites": [
                    SuiteOutcome(suite=SUITES[0], kind="inbound", target="t", success=True, expectations=1, failed=0),
                    SuiteOutcome(suite=SUITES[1], kind="outbound", target="t", success=False, expectations=2, failed=1),
                ]
            },
            "failed: outbound_fct_kpi",
        ),
    ],
)
def test_a_build_without_a_complete_passed_audit_is_refused(
    settings: Settings, warehouse: duckdb.DuckDBPyConnection, changes: dict[str, object], reason: str
) -> None:
    served = audited(settings, warehouse)
    publish(settings, warehouse)
    audited(settings, warehouse, **changes)
    with pytest.raises(SignalboxError, match=reason):
        publish(settings, warehouse)
    assert publishing.current_snapshot_id(settings) == served
    assert layout.snapshot_ids(settings) == [served]


def test_the_gate_has_no_way_around(settings: Settings, warehouse: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(SignalboxError, match="holds no build"):
        publish(settings, warehouse)
    warehouse.execute("insert into raw.build_context values ('20260101-000000-000', timestamp '2026-01-01')")
    with pytest.raises(SignalboxError, match="no audit record"):
        publish(settings, warehouse)
    build_id = audited(settings, warehouse)
    with pytest.raises(SignalboxError, match="not written"):
        publishing.publish(settings, warehouse, SUITES)
    record = publishing.read_record(settings, build_id)
    assert refusal(record, build_id, SUITES) is None
    assert "no suite" in (refusal(record, build_id, ()) or "")
    assert "the warehouse holds" in (refusal(record, "another", SUITES) or "")


def test_an_unchanged_table_is_the_same_file_and_a_changed_one_is_not(
    settings: Settings, warehouse: duckdb.DuckDBPyConnection
) -> None:
    first = audited(settings, warehouse)
    publish(settings, warehouse)
    warehouse.execute("update marts.mart_other set amount = 2.5")
    second = audited(settings, warehouse)
    assert publish(settings, warehouse).linked == 1
    same, changed = (
        [layout.snapshot_dir(settings, build) / "tables" / f"{name}.parquet" for build in (first, second)]
        for name in ("mart_small", "mart_other")
    )
    assert same[0].samefile(same[1])
    assert not changed[0].samefile(changed[1])
    with publishing.open_snapshot(settings, first) as snapshot:
        assert snapshot.con.execute("select cast(amount as double) from mart_other").fetchall() == [(1.5,)]


def test_a_file_is_copied_where_links_fail(
    settings: Settings, warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(self: Path, target: Path) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    for _ in range(2):
        audited(settings, warehouse)
        publish(settings, warehouse)
    with publishing.open_snapshot(settings) as snapshot:
        assert snapshot.con.execute("select count(*) from mart_small").fetchall() == [(2,)]


def test_a_past_build_does_not_become_current(settings: Settings, warehouse: duckdb.DuckDBPyConnection) -> None:
    served = audited(settings, warehouse)
    publish(settings, warehouse)
    past = audited(settings, warehouse, requested_as_of="2026-01-01T00:00:00")
    assert not publish(settings, warehouse).is_current
    assert publishing.current_snapshot_id(settings) == served
    assert publishing.use(settings, past) == past
    assert publishing.use(settings, "latest") == served


def test_a_pinned_snapshot_stays_until_latest(settings: Settings, warehouse: duckdb.DuckDBPyConnection) -> None:
    first = audited(settings, warehouse)
    publish(settings, warehouse)
    publishing.use(settings, first)
    second = audited(settings, warehouse)
    publish(settings, warehouse)
    assert publishing.current_snapshot_id(settings) == first
    shown = {info.snapshot_id: (info.is_current, info.is_pinned) for info in publishing.list_snapshots(settings)}
    assert shown == {second: (False, False), first: (True, True)}
    assert publishing.use(settings, "latest") == second
    with pytest.raises(UsageError, match=r"20200101.*there are"):
        publishing.use(settings, "20200101-000000-000")
    assert publishing.current_snapshot_id(settings) == second


def test_pruning_spares_the_served_the_pinned_and_those_in_use(
    settings: Settings, warehouse: duckdb.DuckDBPyConnection
) -> None:
    builds = []
    for _ in range(6):
        builds.append(audited(settings, warehouse))
        publish(settings, warehouse)
    publishing.use(settings, builds[0])
    with publishing.open_snapshot(settings, builds[1]):
        assert publishing.prune(settings) == [builds[3], builds[2]]
    assert layout.snapshot_ids(settings) == [builds[0], builds[1], builds[4], builds[5]]
    assert publishing.prune(settings) == [builds[1]]
    publishing.use(settings, "latest")
    assert publishing.prune(settings) == [builds[0]]
    with publishing.open_snapshot(settings) as snapshot:
        assert snapshot.con.execute("select count(*) from mart_small").fetchall() == [(2,)]


def test_an_open_snapshot_keeps_answering_while_another_is_published(
    settings: Settings, warehouse: duckdb.DuckDBPyConnection
) -> None:
    audited(settings, warehouse)
    publish(settings, warehouse)
    with publishing.open_snapshot(settings) as snapshot:
        warehouse.execute("update marts.mart_small set quantity = 9")
        audited(settings, warehouse)
        publish(settings, warehouse)
        assert snapshot.con.cursor().execute("select sum(quantity) from mart_small").fetchall() == [(3,)]
    with publishing.open_snapshot(settings) as snapshot:
        assert snapshot.con.execute("select sum(quantity) from mart_small").fetchall() == [(18,)]


def test_what_a_killed_writer_left_is_cleared_and_its_build_marked_failed(
    settings: Settings, warehouse: duckdb.DuckDBPyConnection
) -> None:
    served = audited(settings, warehouse)
    publish(settings, warehouse)
    killed = audited(settings, warehouse)
    publish(settings, warehouse)
    layout.current_path(settings).write_text(served)
    publishing.save_record(settings, publishing.read_record(settings, killed).model_copy(update={"status": "audited"}))
    half = layout.snapshots_dir(settings) / f"{layout.UNFINISHED}20260101-000000-000"
    (half / "tables").mkdir(parents=True)
    assert close_killed(settings) == [killed]
    assert publishing.read_record(settings, killed).status == "failed"
    assert publishing.read_record(settings, served).status == "published"
    assert layout.snapshot_ids(settings) == [served]
    audited(settings, warehouse)
    publish(settings, warehouse)
    assert not half.exists()


def test_the_tables_come_from_the_manifest(settings: Settings) -> None:
    def node(schema: str, name: str, meta: dict[str, object] | None = None, kind: str = "model") -> dict[str, object]:
        facts = {"schema": schema, "name": name, "alias": name, "config": {"meta": meta or {}}}
        return {**facts, "resource_type": kind, "description": ""}

    found = publishing.tables.from_dbt_manifest(
        [
            node("marts", "mart_a"),
            node("marts", "mart_hidden", {"published": False}),
            node("metrics", "kpi_order__x"),
            node("core", "dim_product"),
            node("core", "fct_order"),
            node("core", "fct_return_line", {"published": True, "order_by": ["return_key"]}),
            node("intermediate", "int_x"),
            node("seeds", "kpi_catalog", kind="seed"),
            node("marts", "a_test", kind="test"),
        ]
    )
    assert {table.name: table.order_by for table in found} == {
        "dim_product": (),
        "fct_return_line": ("return_key",),
        "kpi_catalog": (),
        "kpi_order__x": ("kpi_id", "period_date", "item_key"),
        "mart_a": (),
    }
    with pytest.raises(SignalboxError, match="mart_a: published from two schemas"):
        publishing.tables.from_dbt_manifest([node("marts", "mart_a"), node("metrics", "mart_a")])
    over = node("metrics", "kpi_order__x", {"published_over": ["fct_order"]})
    with pytest.raises(SignalboxError, match="published over fct_order, which is not published as rows"):
        publishing.tables.from_dbt_manifest([over, node("core", "fct_order")])
    found = publishing.tables.from_dbt_manifest([over, node("core", "fct_order", {"published": True})])
    assert {table.name: table.reads for table in found} == {
        "fct_order": (),
        "kpi_order__x": (("core", "fct_order"),),
    }


def test_a_view_of_published_rows_is_published_as_its_select(
    settings: Settings, warehouse: duckdb.DuckDBPyConnection
) -> None:
    warehouse.execute(
        "create schema metrics; create view metrics.kpi as "
        "with twice as (select name, quantity from marts.mart_small union all select name, 10 from marts.mart_small) "
        "select name as item_key, quantity from twice as b where b.quantity > 1"
    )
    tables = [*TABLES, PublishedTable("metrics", "kpi", reads=(("marts", "mart_small"),))]
    audited(settings, warehouse)
    publishing.stage(settings, warehouse, tables)
    publishing.publish(settings, warehouse, SUITES)
    with publishing.open_snapshot(settings) as snapshot:
        assert sorted(snapshot.con.execute("from kpi").fetchall()) == [("a", 10), ("b", 2), ("b", 10)]
        entry = snapshot.tables["kpi"]
        assert (entry["rows"], entry["columns"]) == (3, {"item_key": "VARCHAR", "quantity": "INTEGER"})
        assert ([layer["file"] for layer in entry["layers"]], entry["reads"]) == (["tables/kpi.sql"], ["mart_small"])
    warehouse.execute("create or replace view metrics.kpi as select name from marts.mart_small, marts.mart_other")
    audited(settings, warehouse)
    with pytest.raises(SignalboxError, match=r"kpi: meta.published_over is not all that it reads: .*mart_other"):
        publishing.stage(settings, warehouse, tables)
    gone = PublishedTable("metrics", "kpi", reads=(("core", "mart_small"),))
    with pytest.raises(SignalboxError, match=r"kpi: published over core.mart_small, which the warehouse does not hold"):
        publishing.stage(settings, warehouse, [*TABLES, gone])


def test_equal_tables_give_equal_bytes_whatever_the_order_of_rows(
    settings: Settings, warehouse: duckdb.DuckDBPyConnection
) -> None:
    warehouse.execute(
        "create or replace table marts.mart_small as select range % 97 as name, range as q from range(300000)"
    )
    audited(settings, warehouse)
    publish(settings, warehouse)
    warehouse.execute("create or replace table marts.mart_small as select * from marts.mart_small order by hash(q)")
    audited(settings, warehouse)
    assert publish(settings, warehouse).linked == 2


def test_there_is_nothing_to_open_before_the_first_publication(settings: Settings) -> None:
    assert publishing.current_snapshot_id(settings) is None
    assert publishing.list_snapshots(settings) == []
    with pytest.raises(SignalboxError, match="nothing is published yet"):
        publishing.open_snapshot(settings)
    with pytest.raises(UsageError, match="nothing is published yet"):
        publishing.use(settings, "latest")
    assert not layout.pinned_path(settings).exists()


def test_tables_that_have_no_memory_side_by_side_are_written_alone(
    settings: Settings, warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    audited(settings, warehouse)
    asked: list[str] = []

    def scarce(con: duckdb.DuckDBPyConnection, table: PublishedTable, *rest: Any) -> Entry:
        asked.append(table.name)
        if asked.count(table.name) == 1:
            raise duckdb.OutOfMemoryException("Out of Memory Error: failed to pin block")
        return write_table(con, table, *rest)

    monkeypatch.setattr(write, "write_table", scarce)
    staged = publishing.stage(settings, warehouse, TABLES)
    assert sorted(asked) == sorted(2 * [table.name for table in TABLES])
    assert staged.entries["mart_small"]["rows"] == 2
