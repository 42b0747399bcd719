"""Contracts: the committed files, what a reader makes of them, and the errors that name file and key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from signalbox.contracts import CONTRACTS_DIR, ContractError, load_contracts, read_contract
from signalbox.contracts.ledger_tables import LEDGER_TABLES
from signalbox.contracts.predicates import accepted_row_problems, typed_cell
from signalbox.contracts.schema import arrow_schema, column_definitions, empty_select, raw_columns
from signalbox.contracts.sources import SOURCES_PATH, dbt_sources_yaml

CONTRACTS = load_contracts()
FILES = sorted(CONTRACTS_DIR.glob("*.yaml"))


def test_every_feed_and_entity_is_there() -> None:
    assert len(FILES) == len({entity.feed_id for entity in CONTRACTS.values()}) == 61
    assert len(CONTRACTS) == 84


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_contract_file_keeps_the_standard(path: Path) -> None:
    """Validated by the JSON schema that the publishers of the standard ship."""
    standard = pytest.importorskip("open_data_contract_standard.model")
    document = standard.OpenDataContractStandard.from_string(path.read_text(encoding="utf-8"))
    assert document.id == path.name.split("_")[0]


def test_an_entity_says_what_its_file_says() -> None:
    """Read off data/contracts/F14_sales_order.yaml and F26_inventory_snapshot.yaml by hand."""
    order = CONTRACTS["sales_order"]
    assert (order.feed_id, order.system, order.process, order.owner, order.steward) == (
        "F14",
        "oms",
        "order-to-cash",
        "order-operations",
        "order-steward",
    )
    assert (order.key, order.version_column, order.event_time_column) == (("order_id",), "version_no", "order_ts")
    assert (order.frequency_days, order.due_time, order.grace_minutes, order.min_rows) == (1, "01:30", 60, 0)
    assert [column.name for column in order.columns if column.is_personal] == ["customer_id", "ship_to_postcode"]
    assert order.by_name["order_type"].is_closed_list
    assert order.by_name["channel_id"].reference == "channel.channel_id"
    snapshot = CONTRACTS["inventory_snapshot"]
    assert snapshot.key == ("system_code", "location_id", "sku", "snapshot_ts")
    assert snapshot.nets_reservations["ecommerce"] and not snapshot.nets_reservations["wms"]


@pytest.mark.parametrize("entity", CONTRACTS.values(), ids=lambda entity: entity.entity)
def test_schemas_agree_with_each_other(entity: Any) -> None:
    con = duckdb.connect()
    con.execute(f"create table made ({column_definitions(entity)})")
    con.execute(f"create table selected as {empty_select(entity)}")
    shapes = [con.execute(f"describe {name}").fetchall() for name in ("made", "selected")]
    assert [row[:2] for row in shapes[0]] == [row[:2] for row in shapes[1]] == list(raw_columns(entity).items())
    con.register("arrow", arrow_schema(entity).empty_table())
    assert [row[1] for row in con.execute("describe arrow").fetchall()] == list(raw_columns(entity).values())
    for condition in accepted_row_problems(entity).values():
        assert con.execute(f"select count(*) from made where {condition}").fetchone() == (0,)


def test_predicates_find_what_no_accepted_row_may_have() -> None:
    con = duckdb.connect()
    con.execute("create table r as select 'a' as shipment_id, null::varchar as order_id, 'teleported' as status_code")
    problems = accepted_row_problems(CONTRACTS["shipment"])
    for key, expected in {
        ("shipment_id", "required"): 0,
        ("order_id", "required"): 1,
        ("status_code", "unknown_code"): 1,
    }.items():
        assert con.execute(f"select count(*) from r where {problems[key]}").fetchone() == (expected,), key


def test_the_dbt_sources_name_every_relation_of_raw() -> None:
    text = dbt_sources_yaml(CONTRACTS)
    assert SOURCES_PATH.read_text(encoding="utf-8") == text, "run python -m signalbox.contracts.sources"
    document = yaml.safe_load(text)
    [source] = document["sources"]
    tables = {table["name"]: table for table in source["tables"]}
    assert (source["name"], source["schema"]) == ("raw", "raw")
    assert set(tables) == {*CONTRACTS, *LEDGER_TABLES}
    columns = [column["name"] for column in tables["shipment"]["columns"]]
    assert columns == list(raw_columns(CONTRACTS["shipment"]))


TIMES = {
    "2026-01-02 03:04:05": "2026-01-02 03:04:05",
    "2026-01-02T03:04:05Z": "2026-01-02 03:04:05",
    "2026-01-02T03:04:05.678901": "2026-01-02 03:04:05.678901",
    "2026-01-02T03:04:05+02:00": "2026-01-02 01:04:05",
    "2026-01-02 03:04:05-05": "2026-01-02 08:04:05",
    "2026-01-02": None,
    "2026-02-30 00:00:00": None,
    "infinity": None,
    "epoch": None,
    "02.01.2026 03:04:05": None,
    "": None,
}
DATES = {
    "2026-01-02": "2026-01-02",
    "2026-01-02T00:00:00Z": "2026-01-02",
    "2026-01-02 10:00:00": None,
    "2026-02-30": None,
    "infinity": None,
    "-infinity": None,
    "1/2/2026": None,
}
INTEGERS = {
    "7": "7",
    "-7": "-7",
    "+7": "7",
    "007": "7",
    "7.0": "7",
    "7.5": None,
    "1e3": None,
    "1_000": None,
    "0x1F": None,
}
MONEY = {
    "1.5": "1.50",
    "-1.005": "-1.01",
    "1.004": "1.00",
    "1e2": "100.00",
    "1,5": None,
    "nan": None,
    "inf": None,
    "1_0": None,
}
BOOLEANS = {"true": "true", "FALSE": "false", "1": "true", "0": "false", "yes": None, "t": None, "2": None}


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (kind, text, expected)
        for kind, cases in {
            "TIMESTAMP": TIMES,
            "DATE": DATES,
            "BIGINT": INTEGERS,
            "DECIMAL(18,2)": MONEY,
            "BOOLEAN": BOOLEANS,
        }.items()
        for text, expected in cases.items()
    ],
)
def test_a_text_becomes_a_value_or_nothing(kind: str, text: str, expected: str | None) -> None:
    column = next(c for entity in CONTRACTS.values() for c in entity.columns if c.duckdb_type == kind)
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    value = con.execute(f"select cast({typed_cell(column, 'x', 'VARCHAR')} as varchar) from (select ? as x)", [text])
    assert value.fetchone() == (expected,)


@pytest.mark.parametrize(
    ("kind", "cell", "cell_type", "expected"),
    [
        ("BIGINT", "7.0::double", "DOUBLE", "7"),
        ("BIGINT", "7.5::double", "DOUBLE", None),
        ("BIGINT", "true", "BOOLEAN", None),
        ("BIGINT", "7::tinyint", "TINYINT", "7"),
        ("DECIMAL(18,2)", "2.675::double", "DOUBLE", "2.68"),
        ("DECIMAL(18,2)", "2.675::decimal(18,3)", "DECIMAL(18,3)", "2.68"),
        ("TIMESTAMP", "date '2026-01-02'", "DATE", "2026-01-02 00:00:00"),
        ("TIMESTAMP", "timestamptz '2026-01-02 03:00:00+02'", "TIMESTAMP WITH TIME ZONE", "2026-01-02 01:00:00"),
        ("TIMESTAMP", "timestamp_ns '2026-01-02 03:04:05.123456789'", "TIMESTAMP_NS", "2026-01-02 03:04:05.123456"),
        ("TIMESTAMP", "timestamp 'infinity'", "TIMESTAMP", None),
        ("DATE", "timestamp '2026-01-02 00:00:00'", "TIMESTAMP", "2026-01-02"),
        ("DATE", "timestamp '2026-01-02 00:00:01'", "TIMESTAMP", None),
        ("VARCHAR", "7", "INTEGER", "7"),
        ("BOOLEAN", "1", "INTEGER", "true"),
    ],
)
def test_a_typed_cell_becomes_a_value_or_nothing(kind: str, cell: str, cell_type: str, expected: str | None) -> None:
    column = next(c for entity in CONTRACTS.values() for c in entity.columns if c.duckdb_type == kind)
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    value = con.execute(f"select cast({typed_cell(column, 'x', cell_type)} as varchar) from (select {cell} as x)")
    assert value.fetchone() == (expected,)


def _change(document: dict[str, Any], path: str, value: Any) -> None:
    *steps, last = json.loads(path)
    for step in steps:
        document = document[step]
    if value is None:
        del document[last]
    else:
        document[last] = value


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ('["schema", 0, "properties", 0, "physicalType"]', "INTEGER", r"schema\.product\.sku\.physicalType: 'INTEGER'"),
        ('["schema", 0, "properties", 0, "description"]', None, r"schema\.product\.sku\.description: missing"),
        ('["schema", 0, "properties", 0, "name"]', "_line", r"schema\.product\._line: not a usable column name"),
        ('["schema", 0, "properties", 1, "name"]', "sku", r"schema\.product\.properties: a column stands twice"),
        ('["schema", 0, "properties", 0, "primaryKeyPosition"]', 2, "primaryKeyPosition must count"),
        ('["schema", 0, "customProperties", 0, "value"]', "none", r"versionColumn: there is no column 'none'"),
        ('["schema", 0, "properties", 9, "classification"]', "personal", "only a string column can be personal"),
        ('["slaProperties", 1, "value"]', "25:00", r"timeOfAvailability \(product\): '25:00' must be 'HH:MM'"),
        ('["slaProperties"]', [], r"slaProperties\.frequency: missing for product"),
        ('["team", "members"]', [], r"team\.members: nobody has the role 'owner'"),
        ('["apiVersion"]', "v2.0.0", r"apiVersion: an Open Data Contract of v3\.1 is expected"),
        ('["customProperties"]', None, r"customProperties: missing"),
    ],
)
def test_what_is_wrong_with_a_contract_is_named(tmp_path: Path, path: str, value: Any, message: str) -> None:
    document = yaml.safe_load((CONTRACTS_DIR / "F01_product.yaml").read_text(encoding="utf-8"))
    _change(document, path, value)
    file = tmp_path / "F01_product.yaml"
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(ContractError, match=f"^F01_product.yaml: .*{message}"):
        read_contract(file)


def test_a_reference_to_nothing_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="no contract"):
        load_contracts(tmp_path)
    text = (CONTRACTS_DIR / "F02_channel_listing.yaml").read_text(encoding="utf-8")
    (tmp_path / "F02_channel_listing.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ContractError, match=r"channel_listing\.channel_id: no column channel\.channel_id"):
        load_contracts(tmp_path)
    (tmp_path / "F03.yaml").write_text("a: [", encoding="utf-8")
    with pytest.raises(ContractError, match=r"^F03\.yaml: not valid YAML"):
        load_contracts(tmp_path)
