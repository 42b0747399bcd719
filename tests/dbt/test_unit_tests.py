"""dbt's own unit tests of the models: hand-made rows in, hand-worked rows out (the YAML beside each model).

They need the parents' relations only for their column types: a copy of the tiny retailer's warehouse has them.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.conftest import Record, Retailer
from tests.dbt.command import dbt, warehouse_copy


def test_the_unit_tests_of_the_models_pass(tiny: Retailer, tmp_path: Path, record_property: Record) -> None:
    passed = re.search(r"PASS=(\d+) ", dbt(warehouse_copy(tiny, tmp_path), "test", "--select", "test_type:unit"))
    assert passed and int(passed[1]) >= 30
    record_property("unit tests of models", int(passed[1]))
