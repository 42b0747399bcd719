"""dbt's own unit tests of the models: hand-made rows in, hand-worked rows out (the YAML beside each model)."""

from __future__ import annotations

import re

from tests.conftest import Record
from tests.dbt.conftest import UnitTestsRun


def test_the_unit_tests_of_the_models_pass(unit_tests_run: UnitTestsRun, record_property: Record) -> None:
    passed = re.search(r"PASS=(\d+) ", unit_tests_run.output)
    assert passed and int(passed[1]) >= 200
    record_property("unit tests of models", int(passed[1]))
