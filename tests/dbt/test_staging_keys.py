"""Staging has each business key once, although deliveries repeat keys; so no suite of a build needs to look for it.

It holds by the way the views are written (macro ``deduplicated``) because no column of a key may be empty, which
landing enforces. Not here: which of several versions stays (dbt's unit tests).
"""

from __future__ import annotations

import duckdb
import pytest

from signalbox.contracts import load_contracts
from tests.conftest import Retailer

ENTITIES = load_contracts()


@pytest.mark.parametrize("name", ENTITIES)
def test_every_column_of_a_key_must_be_filled(name: str) -> None:
    entity = ENTITIES[name]
    assert entity.key
    assert [column.name for column in entity.columns if column.key_position and not column.required] == []


def test_each_key_once_although_raw_has_many_twice(tiny: Retailer) -> None:
    repeated = 0
    with duckdb.connect(str(tiny.home / "warehouse" / "signalbox.duckdb"), read_only=True) as con:
        for entity in ENTITIES.values():
            key = ", ".join(entity.key)
            many = "select count(*) from (select 1 from {} group by {} having count(*) > 1)"
            (twice,) = con.execute(many.format(f"raw.{entity.entity}", key)).fetchone() or (0,)
            (left,) = con.execute(many.format(f"staging.stg_{entity.system}__{entity.entity}", key)).fetchone() or (0,)
            assert left == 0, entity.entity
            repeated += twice > 0
    assert repeated >= 5
