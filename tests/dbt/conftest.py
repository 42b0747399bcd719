"""What tests of the models share: dbt's unit tests, run once a session."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Retailer, made_once
from tests.dbt.command import dbt, warehouse_copy


@dataclass(frozen=True)
class UnitTestsRun:
    """What dbt printed, and the folder with the statements that it wrote and ran."""

    output: str
    folder: Path


@pytest.fixture(scope="session")
def unit_tests_run(tiny: Retailer, tmp_path_factory: pytest.TempPathFactory) -> UnitTestsRun:
    """They need their parents only for column types: a copy of the tiny retailer's warehouse has them."""

    def make(folder: Path) -> None:
        output = dbt(warehouse_copy(tiny, folder), "test", "--select", "test_type:unit")
        (folder / "output.txt").write_text(output, encoding="utf-8")

    folder = made_once(tmp_path_factory, "unit_tests", make)
    return UnitTestsRun((folder / "output.txt").read_text(encoding="utf-8"), folder)
