"""Units name what exists: entities, columns, models, controls that wake them. Not here: whether they are right."""

from __future__ import annotations

import re
from pathlib import Path

from signalbox.contracts import load_contracts
from signalbox.increments.references import CONTROLS, WAKES
from signalbox.increments.units import ENTITIES, KINDS, MODELS
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
