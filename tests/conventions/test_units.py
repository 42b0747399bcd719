"""Units name what exists: entities, columns, models, controls that wake them. Not here: whether they are right."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from signalbox.contracts import load_contracts
from signalbox.exceptions.models import read_catalog
from signalbox.increments.references import CONTROLS, WAKES
from signalbox.increments.units import CODES, ENTITIES, KINDS, MODELS
from signalbox.settings import PROJECT_ROOT

MODEL_FILES = {path.stem: path for path in (PROJECT_ROOT / "dbt_project" / "models").rglob("*.sql")}


def schema_of(path: Path) -> str:
    return path.relative_to(PROJECT_ROOT / "dbt_project" / "models").parts[0]


def test_identifiers_are_columns_of_their_entity() -> None:
    contracts = load_contracts(PROJECT_ROOT / "data" / "contracts")
    assert set(ENTITIES) <= set(contracts)
    for entity, kinds in ENTITIES.items():
        columns = {column.name for column in contracts[entity].columns}
        for expression in kinds.values():
            assert set(re.findall(r"[a-z_]{3,}", expression)) - {"cast", "string"} <= columns, f"{entity}: {expression}"


def test_units_are_of_models_and_of_kinds_that_exist() -> None:
    assert set(MODELS) <= set(MODEL_FILES)
    derived = {"message_row"}  # messages of touched objects, by their own number
    for name, unit in MODELS.items():
        assert set(unit.kinds) <= {*KINDS, *derived}, name


def test_every_control_of_units_wakes_them() -> None:
    assert set(CONTROLS) == {name for name in MODELS if name.startswith("ctl_")}
    for _, _, relation, _ in WAKES:
        schema, _, name = relation.partition(".")
        assert schema_of(MODEL_FILES[name]) == schema


def test_the_codes_of_units_are_those_of_their_controls() -> None:
    assert set(CODES) == {row["code"] for row in read_catalog() if row["model_name"] in CONTROLS}


def units_of(model: str, rows: str) -> list[tuple[str | None, ...]]:
    """For each row its own name, the kinds of unit that it names, and whether it is computed each time."""
    unit = MODELS[model]
    cells = [f"case when ({text}) is not null then '{kind} ' || ({text}) end" for kind, text in unit.kinds.items()]
    query = f"select row_name, concat_ws(', ', {', '.join(cells)}), coalesce({unit.loose}, false) from ({rows})"
    return duckdb.sql(query).fetchall()


def test_a_posting_without_order_or_sale_is_of_its_document_or_computed_each_time() -> None:
    """A row that is computed each time, though it names a unit that is not touched, would be lost."""
    rows = """select * from (values
        ('line', 'order_line', 'shipment_line', 'o1|1', 'o1'),
        ('till', 'store_sale', 'pos_transaction_line', 't1|1', null),
        ('invoice', 'document', 'customer_document_line', 'd1|2', null),
        ('refund', 'channel', 'refund', 'r1', null),
        ('return', 'channel', 'return_event', 'b1|1', null),
        ('storage fee', 'channel', 'settlement_line', 's1|7', null),
        ('fee of an order', 'channel', 'settlement_line', 's1|8', 'o2')
    ) as t(row_name, item_kind_code, source_entity, item_key, order_id)"""
    assert units_of("fct_contribution", rows) == [
        ("line", "order o1", False),
        ("till", "sale t1", False),
        ("invoice", "document d1", False),
        ("refund", "refund r1", False),
        ("return", "return b1", False),
        ("storage fee", "", True),
        ("fee of an order", "order o2", False),
    ]


def test_an_exception_is_of_its_units_or_computed_each_time() -> None:
    rows = """select * from (values
        ('order', 'o1', 'E49', 'b1|1'), ('till return', null, 'E49', 'b2|1'), ('silent feed', null, 'E65c', 'f1'),
        ('computed whole', 'o2', 'E14', 'o2|1')
    ) as t(row_name, order_id, code, business_key)"""
    assert units_of("fct_exception", rows) == [
        ("order", "order o1, return b1", False),
        ("till return", "return b2", False),
        ("silent feed", "", True),
        ("computed whole", "", True),
    ]
