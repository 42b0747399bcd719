"""dbt's own unit tests of the models: hand-made rows in, hand-worked rows out (the YAML beside each model).

They need the parents' relations only for their column types: a copy of the tiny retailer's warehouse has them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import Record, Retailer

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"


def test_the_unit_tests_of_the_models_pass(tiny: Retailer, tmp_path: Path, record_property: Record) -> None:
    warehouse = tmp_path / "signalbox.duckdb"
    shutil.copy(tiny.home / "warehouse" / "signalbox.duckdb", warehouse)
    command = [str(Path(sys.executable).with_name("dbt")), "test", "--select", "test_type:unit"]
    folders = ["--project-dir", PROJECT, "--profiles-dir", PROJECT, "--target-path", tmp_path, "--log-path", tmp_path]
    done = subprocess.run(
        [*command, *map(str, folders)],
        env={**os.environ, "SIGNALBOX_WAREHOUSE": str(warehouse)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    passed = re.search(r"PASS=(\d+) ", done.stdout)
    assert passed and int(passed[1]) >= 30
    record_property("unit tests of models", int(passed[1]))
