"""dbt's own command, as the tests here call it, on a copy of a retailer's warehouse.

Not here: tests, or builds; those go through ``signalbox build``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import Retailer

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"


def warehouse_copy(retailer: Retailer, folder: Path) -> Path:
    """The retailer's warehouse in a folder of the test."""
    return Path(shutil.copy(retailer.home / "warehouse" / "signalbox.duckdb", folder / "signalbox.duckdb"))


def dbt(warehouse: Path, *arguments: str) -> str:
    """What dbt printed; what it writes lies beside the warehouse. Fails the test when dbt fails."""
    folders = ["--project-dir", PROJECT, "--profiles-dir", PROJECT]
    folders += ["--target-path", warehouse.parent, "--log-path", warehouse.parent]
    done = subprocess.run(
        [str(Path(sys.executable).with_name("dbt")), *arguments, *map(str, folders)],
        env={**os.environ, "SIGNALBOX_WAREHOUSE": str(warehouse)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout
