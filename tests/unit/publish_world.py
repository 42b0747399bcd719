"""A warehouse of two tables in memory and builds of it whose audit passed: what tests of publication start from."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from signalbox import publish as publishing
from signalbox.publish import BuildRecord, Changes, PublishedTable, SuiteOutcome, layout
from signalbox.publish.audit import utc_now
from signalbox.settings import Settings

SUITES = ("inbound_sales_order", "outbound_fct_kpi")
TABLES = [
    PublishedTable("marts", "mart_small", "Two rows.", ("name",)),
    PublishedTable("marts", "mart_other", "One row."),
]


def new_warehouse() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("create schema raw; create schema marts; create schema quality")
    con.execute("create table quality.quality_result as select 'inbound_sales_order' as suite_name, 'x' as expectation")
    con.execute("create table raw.build_context (build_id varchar, as_of timestamp)")
    con.execute("create table marts.mart_small as select * from (values ('b', 2), ('a', 1)) as t (name, quantity)")
    con.execute("create table marts.mart_other as select 1.5 as amount")
    return con


def audited(settings: Settings, con: duckdb.DuckDBPyConnection, **changes: object) -> str:
    """Make the warehouse hold a new build with a complete, passed audit record, but for ``changes``."""
    build_id = layout.new_build_id(settings)
    con.execute("delete from raw.build_context")
    con.execute("insert into raw.build_context values (?, timestamp '2026-10-14 04:55:00')", [build_id])
    suites = [
        SuiteOutcome(suite=name, kind="outbound", target="t", success=True, expectations=1, failed=0) for name in SUITES
    ]
    record = BuildRecord(build_id=build_id, status="audited", started=utc_now(), suites=suites)
    publishing.save_record(settings, record.model_copy(update=changes))
    return build_id


def publish(
    settings: Settings,
    con: duckdb.DuckDBPyConnection,
    tables: Sequence[PublishedTable] = TABLES,
    changes: Changes | None = None,
) -> publishing.PublishReport:
    publishing.stage(settings, con, tables, changes=changes)
    return publishing.publish(settings, con, SUITES)
