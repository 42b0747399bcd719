"""Every expectation with data that passes and data that fails, on a small hand-made warehouse.

The warehouse is right in every respect; each case breaks one thing by SQL and names the check that must fail.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import sqlalchemy
from sqlalchemy.engine import CursorResult

from expectations.dialect import ROWS_AT_MOST
from expectations.model import Check, Relaxed, Suite
from expectations.registry import all_suites, suites_at
from expectations.results import SuiteResult
from expectations.runner import Relations, runner
from expectations.suites import outbound
from signalbox.contracts import load_contracts
from signalbox.contracts.ledger_tables import LEDGER_TABLES, ledger_columns
from signalbox.duckdb_session import connect
from signalbox.errors import SignalboxError
from signalbox.metrics.dimensions import DIMENSIONS
from signalbox.settings import PROJECT_ROOT, Settings

BUILD = "20261014-050000-000"
SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
METRIC = "kpi_order__promise_accuracy"
KEY_DIMENSIONS = ", ".join(f"cast(null as varchar) as {name}" for name in DIMENSIONS if name != "channel")
KPI = "insert into marts.fct_kpi by name select 'K02' as kpi_id, date '2026-10-13' as period_date"

SETUP = f"""
insert into raw.build_context
    values ('{BUILD}', timestamp '2026-10-14 05:00:00', 'Europe/Berlin', 'EUR', timestamp '1900-01-01');
insert into raw.landing_file (file_digest, entity, business_date, received_ts, rows_accepted, status_code, is_scheduled)
    values ('d1', 'sales_order', date '2026-10-13', timestamp '2026-10-14 00:10:00', 2, 'landed', true),
    ('d2', 'product', date '2026-10-12', timestamp '2026-10-13 01:10:00', 1, 'landed', true);
insert into raw.feed_contract (feed_id, entity) values ('F14', 'sales_order');
insert into raw.sales_order by name select 'O-1' as order_id, 'X-1' as external_order_key, 'web' as channel_id,
    'delivery' as order_type, timestamp '2026-10-13 10:00:00' as order_ts, 'EUR' as currency_code,
    true as prices_include_tax, false as is_test, 1 as version_no, timestamp '2026-10-13 10:00:00' as updated_ts;
create table seeds.kpi_catalog as select * from read_csv('{SEEDS}/kpi_catalog.csv', header = true);
create table seeds.exception_catalog as select * from read_csv('{SEEDS}/exception_catalog.csv', header = true);
create table marts.dim_kpi as select * from seeds.kpi_catalog;
create table core.dim_channel as select 'web' as channel_id, 'Web shop' as channel_name;
create table core.dim_location as select 'S-1' as location_id, 'High Street' as location_name;
create table core.dim_product as select 'A' as sku, 'Shoe' as product_name;
create table core.dim_supplier as select 'V-1' as supplier_id, 'Maker' as supplier_name;
create table core.fct_order as select 'O-1' as order_id;
create table marts.mart_order_timeline as select 'O-1' as order_id;
create table marts.mart_feed_health as select 'sales_order' as entity;
create table marts.fct_kpi as select 'K02' as kpi_id, date '2026-10-13' as period_date, 'total' as grouping_name,
    cast(null as varchar) as channel, {KEY_DIMENSIONS}, 9.0::decimal(38, 6) as numerator,
    10.0::decimal(38, 6) as denominator, 10::bigint as evaluable_count, 1::bigint as excluded_count,
    0::bigint as no_data_count;
{KPI}, 'channel' as grouping_name, 'web' as channel, 5 as numerator, 6 as denominator, 6 as evaluable_count,
    1 as excluded_count, 0 as no_data_count;
{KPI}, 'channel' as grouping_name, 'store' as channel, 4 as numerator, 4 as denominator, 4 as evaluable_count,
    0 as excluded_count, 0 as no_data_count;
insert into marts.fct_kpi by name select 'K05' as kpi_id, date '2026-10-13' as period_date, 'total' as grouping_name,
    7200 as numerator, 2 as denominator, 2 as evaluable_count, 0 as excluded_count, 0 as no_data_count;
create table marts.fct_kpi_histogram as select 'K05' as kpi_id, date '2026-10-13' as period_date,
    'total' as grouping_name, cast(null as varchar) as channel, {KEY_DIMENSIONS}, 1204 as bucket_index,
    2::bigint as item_count;
create table marts.fct_exception as select 'e1' as exception_id, 'E12' as code, 'S2' as severity_code,
    'open' as status_code, timestamp '2026-10-13 12:00:00' as opened_ts, timestamp '2026-10-14 01:00:00' as detected_ts,
    timestamp '2026-10-14 09:00:00' as due_ts, cast(null as timestamp) as closed_ts, 'O-1|x' as business_key,
    'web' as channel, 'S-1' as location, 'NONE' as supplier, cast(null as varchar) as interface,
    'order operations' as owner_role;
create table metrics.{METRIC} as select 'K02' as kpi_id, 'O-1|1' as item_key, date '2026-10-13' as period_date,
    1.0::decimal(38, 6) as numerator, 1.0::decimal(38, 6) as denominator, false as is_excluded,
    cast(null as varchar) as exclusion_reason, 'sales_order_line' as source_entity;
insert into metrics.{METRIC} values
    ('K02', 'O-1|2', date '2026-10-13', 0, 0, true, 'no_data:no promise', 'sales_order_line');
"""

# (suite, check) -> SQL that breaks it
BREAKS = {
    ("inbound_sales_order", "every accepted row meets its contract"): "update raw.sales_order set order_type = 'foo'",
    (
        "inbound_sales_order",
        "the next delivery is not overdue",
    ): ("update raw.landing_file set business_date = date '2026-10-12'"),
    ("inbound_product", "every delivery holds at least 1 row"): "update raw.landing_file set rows_accepted = 0",
    ("outbound_dim_channel", "channel_id: each once"): "insert into core.dim_channel values ('web', 'again')",
    ("outbound_dim_channel", "channel_id is known in every row"): "insert into core.dim_channel values (null, 'x')",
    ("outbound_dim_channel", "channel_name is known in every row"): "insert into core.dim_channel values ('y', null)",
    (
        "outbound_fct_kpi",
        "kpi_id, period_date, grouping_name",
    ): ("insert into marts.fct_kpi select * from marts.fct_kpi limit 1"),
    ("outbound_fct_kpi", "kpi_id is known in every row"): "update marts.fct_kpi set kpi_id = null",
    ("outbound_fct_kpi", "period_date is known in every row"): "update marts.fct_kpi set period_date = null",
    ("outbound_fct_kpi", "numerator is known in every row"): "update marts.fct_kpi set numerator = null",
    ("outbound_fct_kpi", "denominator is known in every row"): "update marts.fct_kpi set denominator = null",
    ("outbound_fct_kpi", "0 ≤ evaluable_count"): "update marts.fct_kpi set evaluable_count = -1",
    ("outbound_fct_kpi", "0 ≤ excluded_count"): "update marts.fct_kpi set excluded_count = -1",
    ("outbound_fct_kpi", "0 ≤ no_data_count"): "update marts.fct_kpi set no_data_count = -1",
    ("outbound_fct_kpi", "every measure stands in the catalogue"): "update marts.fct_kpi set kpi_id = 'K999'",
    (
        "outbound_fct_kpi",
        "a share lies between 0 and 1",
    ): ("update marts.fct_kpi set numerator = 11 where kpi_id = 'K02'"),
    (
        "outbound_fct_kpi",
        "every grouping sums to the total of its day",
    ): ("delete from marts.fct_kpi where channel = 'web'"),
    ("outbound_fct_kpi_histogram", "kpi_id, period_date, grouping_name"): (
        "insert into marts.fct_kpi_histogram select * from marts.fct_kpi_histogram"
    ),
    ("outbound_fct_kpi_histogram", "bucket_index is known in every row"): (
        "update marts.fct_kpi_histogram set bucket_index = null"
    ),
    ("outbound_fct_kpi_histogram", "1 ≤ item_count"): "update marts.fct_kpi_histogram set item_count = 0",
    ("outbound_fct_kpi_histogram", "every measure stands in the catalogue"): (
        "update marts.fct_kpi_histogram set kpi_id = 'K999'"
    ),
    ("outbound_fct_kpi_histogram", "the buckets hold every item that counts"): (
        "update marts.fct_kpi_histogram set item_count = 1"
    ),
    (
        "outbound_fct_exception",
        "exception_id: each once",
    ): ("insert into marts.fct_exception select * from marts.fct_exception"),
    (
        "outbound_fct_exception",
        "exception_id is known in every row",
    ): ("update marts.fct_exception set exception_id = null"),
    (
        "outbound_fct_exception",
        "business_key is known in every row",
    ): ("update marts.fct_exception set business_key = null"),
    ("outbound_fct_exception", "owner_role is known in every row"): "update marts.fct_exception set owner_role = null",
    ("outbound_fct_exception", "opened_ts is known in every row"): "update marts.fct_exception set opened_ts = null",
    ("outbound_fct_exception", "status_code is one of"): "update marts.fct_exception set status_code = 'lost'",
    ("outbound_fct_exception", "severity_code is one of"): "update marts.fct_exception set severity_code = 'S9'",
    ("outbound_fct_exception", "every code stands in the catalogue"): "update marts.fct_exception set code = 'E999'",
    ("outbound_fct_exception", "it opens, is detected, falls due and closes in this order"): (
        "update marts.fct_exception set due_ts = detected_ts"
    ),
    ("outbound_fct_exception", "a closed or retracted one has its end, an open one has none"): (
        "update marts.fct_exception set status_code = 'closed'"
    ),
    ("outbound_fct_exception", "nothing was opened or detected after the build's instant"): (
        "update marts.fct_exception set detected_ts = timestamp '2026-10-14 05:00:01', due_ts = timestamp '2027-01-01'"
    ),
    ("outbound_fct_exception", "its channel, location and supplier are known members"): (
        "update marts.fct_exception set location = 'S-404'"
    ),
    (f"outbound_{METRIC}", "every row is of a measure of this model, and counts or says why not"): (
        f"update metrics.{METRIC} set exclusion_reason = null where is_excluded"
    ),
    (
        f"outbound_{METRIC}",
        "every row is of a measure of this model",
    ): (f"update metrics.{METRIC} set kpi_id = 'K29'"),
    ("outbound_snapshot", "every table that readers rely on is there"): (
        "delete from quality.staged_table where name = 'fct_kpi'"
    ),
    ("outbound_snapshot", "every catalogue has rows"): (
        "update quality.staged_table set row_count = 0 where name = 'kpi_catalog'"
    ),
    ("outbound_snapshot", "no mart is empty while its input is not"): "delete from marts.mart_order_timeline",
}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse in which every suite passes."""
    path = tmp_path_factory.mktemp("warehouse") / "signalbox.duckdb"
    entities = load_contracts().values()
    with duckdb.connect(str(path)) as con:
        for schema in ("raw", "seeds", "core", "metrics", "marts", "quality"):
            con.execute(f"create schema {schema}")
        for table in LEDGER_TABLES:
            columns = ", ".join(f'"{name}" {kind}' for name, kind in ledger_columns(table).items())
            con.execute(f"create table raw.{table} ({columns})")
        for entity in entities:
            columns = ", ".join(f'"{column.name}" {column.duckdb_type}' for column in entity.columns)
            con.execute(f"create table raw.{entity.entity} ({columns}, received_ts timestamp)")
        con.execute(SETUP)
        con.execute("create table quality.staged_table (name varchar, layer varchar, row_count bigint)")
        needed = [suite for suite in all_suites(Settings(home=path.parent)) if suite.stage == "snapshot"]
        names = [*outbound.REQUIRED, *(suite.target for suite in needed)]
        con.executemany(
            "insert into quality.staged_table values (?, case when ? like '%catalog%' then 'seed' else 'mart' end, 1)",
            [[name, name] for name in names],
        )
    return path


@pytest.fixture
def settings(warehouse: Path, tmp_path: Path) -> Iterator[Settings]:
    """A home whose warehouse is a copy that the test may break."""
    made = Settings(home=tmp_path)
    made.warehouse_path.parent.mkdir(parents=True)
    shutil.copy(warehouse, made.warehouse_path)
    yield made


def test_suites_run_while_a_build_holds_the_warehouse(settings: Settings) -> None:
    """What another connection wrote is there for them, though it was never closed."""
    with connect(settings, settings.warehouse_path) as held:
        held.execute("delete from raw.landing_file where entity = 'product'")
        with runner(settings, BUILD) as opened:
            assert opened._delivered == {"sales_order"}


def suite(settings: Settings, name: str) -> Suite:
    return next(item for item in all_suites(settings) if item.name == name)


def run(settings: Settings, name: str) -> SuiteResult:
    with runner(settings, BUILD) as opened:
        (result,) = opened.run([suite(settings, name)])
    return result


def failed(result: SuiteResult) -> list[str]:
    return [row["expectation"] for row in result.rows if row["success"] is False]


@pytest.mark.parametrize("name", sorted({name for name, _ in BREAKS}))
def test_right_data_passes(settings: Settings, name: str) -> None:
    result = run(settings, name)
    assert result.outcome.success and failed(result) == [], result.summary
    assert all(row["success"] for row in result.rows)


@pytest.mark.parametrize(("case", "sql"), BREAKS.items(), ids=[f"{name}: {check}" for name, check in BREAKS])
def test_wrong_data_fails(settings: Settings, case: tuple[str, str], sql: str) -> None:
    name, check = case
    with duckdb.connect(str(settings.warehouse_path)) as con:
        con.execute(sql)
    result = run(settings, name)
    assert [text for text in failed(result) if text.startswith(check)], result.rows
    row = next(row for row in result.rows if row["expectation"].startswith(check))
    assert row["unexpected_count"] and row["observed_value"] and not row["observed_value"].startswith(("[", "{"))
    assert result.outcome.success == (row["severity_code"] == "warning")


def test_every_kind_of_check_is_broken_by_a_case() -> None:
    """One entity, one dimension and one metric model stand for their generated likes."""
    settings = Settings(home=Path("unused"))
    broken = {name for name, _ in BREAKS}
    for item in all_suites(settings):
        if item.name in broken and not item.name.startswith("inbound_"):
            assert all(
                any(name == item.name and check.name.startswith(text) for name, text in BREAKS) for check in item.checks
            ), item.name
    generated = ("inbound_", "outbound_dim_", "outbound_kpi_")
    assert [item.name for item in all_suites(settings) if not item.name.startswith(generated)] == [
        name for name in dict.fromkeys(name for name, _ in BREAKS) if not name.startswith(generated)
    ]


def test_every_entity_has_its_suite_and_every_name_is_unique() -> None:
    settings = Settings(home=Path("unused"))
    names = [item.name for item in all_suites(settings)]
    assert len(names) == len(set(names))
    for entity in load_contracts():
        assert f"inbound_{entity}" in names
    assert sum(len(suites_at(settings, stage)) for stage in ("raw", "models", "snapshot")) == len(names)


def test_a_warning_says_why_since_when_and_until_what() -> None:
    for item in all_suites(Settings(home=Path("unused"))):
        for check in item.checks:
            if check.relaxed is not None:
                assert check.relaxed.reason and check.relaxed.tightens
                assert len(check.relaxed.since) == len("2026-11-20")
    assert Check("x", "no_rows").severity == "error"
    assert Check("x", "no_rows", relaxed=Relaxed("r", "2026-11-20", "t")).severity == "warning"


def test_an_entity_without_delivery_is_neither_passed_nor_failed(settings: Settings) -> None:
    result = run(settings, "inbound_payment")
    assert result.outcome.success and result.summary == "nothing to assess yet"
    assert {row["success"] for row in result.rows} == {None}
    assert {row["observed_value"] for row in result.rows} == {"no delivery yet"}


def test_a_relation_that_cannot_be_read_fails(settings: Settings) -> None:
    with duckdb.connect(str(settings.warehouse_path)) as con:
        con.execute("drop table marts.fct_exception")
    result = run(settings, "outbound_fct_exception")
    assert not result.outcome.success
    assert "fct_exception" in str(failed(result) + [row["observed_value"] for row in result.rows])


def run_on(settings: Settings, name: str, relations: Relations) -> SuiteResult:
    with runner(settings, BUILD) as opened:
        (result,) = opened.run([suite(settings, name)], relations)
    return result


def test_only_the_rows_that_are_given_are_looked_at(settings: Settings) -> None:
    with duckdb.connect(str(settings.warehouse_path)) as con:
        con.execute("update raw.sales_order set order_type = 'foo'")
    read = {"raw.sales_order": "select * from raw.sales_order where order_id = 'O-1'"}
    none = {"raw.sales_order": "select * from raw.sales_order where false"}
    assert failed(run_on(settings, "inbound_sales_order", read)) == ["every accepted row meets its contract"]
    assert failed(run_on(settings, "inbound_sales_order", none)) == []


def test_a_relation_of_which_nothing_is_new_is_not_read(settings: Settings) -> None:
    with duckdb.connect(str(settings.warehouse_path)) as con:
        con.execute("drop table marts.fct_exception")
    nothing = run_on(settings, "outbound_fct_exception", {"marts.fct_exception": None})
    assert failed(nothing) == [] and len(nothing.rows) == len(suite(settings, "outbound_fct_exception").checks)
    assert {row["observed_value"] for row in nothing.rows} == {"nothing new since it passed"}


def test_a_feed_that_falls_silent_is_told_though_nothing_is_new(settings: Settings) -> None:
    with duckdb.connect(str(settings.warehouse_path)) as con:
        con.execute("update raw.build_context set as_of = as_of + interval 10 day")
    none = {"raw.sales_order": "select * from raw.sales_order where false"}
    assert failed(run_on(settings, "inbound_sales_order", none)) == ["the next delivery is not overdue"]


def test_a_suite_of_two_tables_reads_the_same_part_of_both(settings: Settings) -> None:
    """K02's day has no buckets, which is right; K05's has too few: it is seen only where K05 is looked at."""
    with duckdb.connect(str(settings.warehouse_path)) as con:
        con.execute("update marts.fct_kpi_histogram set item_count = 1")
    name, tables = "outbound_fct_kpi_histogram", ("marts.fct_kpi", "marts.fct_kpi_histogram")
    of = {kpi: {table: f"select * from {table} where kpi_id = '{kpi}'" for table in tables} for kpi in ("K02", "K05")}
    assert suite(settings, name).whole_by == ("kpi_id", "period_date")
    assert failed(run_on(settings, name, of["K02"])) == []
    assert failed(run_on(settings, name, of["K05"])) == ["the buckets hold every item that counts"]


def test_rows_of_a_batch_are_not_fetched_to_learn_its_columns(settings: Settings) -> None:
    with runner(settings, BUILD) as opened, opened._source.get_engine().begin() as connection:
        long, longest = (sqlalchemy.text(f"select * from range({rows})") for rows in (ROWS_AT_MOST + 1, ROWS_AT_MOST))
        assert list(connection.execute(long).keys()) == ["range"]
        for read in (CursorResult.fetchall, CursorResult.fetchone, CursorResult.fetchmany):
            with pytest.raises(SignalboxError, match="more than 1,000 rows"):
                read(connection.execute(long))
        assert [number for (number,) in connection.execute(longest).fetchall()] == list(range(ROWS_AT_MOST))
        assert connection.execute(sqlalchemy.text("select 1")).fetchone() == (1,)


def test_the_warehouse_is_free_afterwards(settings: Settings) -> None:
    """DuckDB refuses a second connection with other settings while one is open in the process."""
    run(settings, "outbound_dim_channel")
    with duckdb.connect(str(settings.warehouse_path), config={"threads": 1}) as con:
        assert con.execute("select count(*) from core.dim_channel").fetchone() == (1,)


def test_data_docs_show_failures_first(settings: Settings, tmp_path: Path) -> None:
    from expectations.docs import write_data_docs

    with duckdb.connect(str(settings.warehouse_path)) as con:
        con.execute("update core.dim_product set product_name = null")
    with runner(settings, BUILD) as opened:
        results = opened.run([suite(settings, "outbound_dim_channel"), suite(settings, "outbound_dim_product")])
    index = write_data_docs(results, tmp_path / "docs", BUILD)
    text = index.read_text()
    assert text.index("outbound_dim_product") < text.index("outbound_dim_channel")
    assert "product_name" in (index.parent / "outbound_dim_product.html").read_text()
