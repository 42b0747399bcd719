"""dbt's own command, as the tests here call it, on a copy of a retailer's warehouse.

Not here: tests, or builds; those go through ``signalbox build``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from orchestration.dbt import dbt_runner, parsed
from tests.conftest import Retailer

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"


def warehouse_copy(retailer: Retailer, folder: Path) -> Path:
    """The retailer's warehouse in a folder of the test."""
    return Path(shutil.copy(retailer.home / "warehouse" / "signalbox.duckdb", folder / "signalbox.duckdb"))


def dbt(warehouse: Path, *arguments: str) -> str:
    """What dbt printed; what it writes lies beside the warehouse. Fails the test when dbt fails."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.dbt.command", *arguments],
        env={**os.environ, "SIGNALBOX_WAREHOUSE": str(warehouse)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    return done.stdout


def main() -> None:
    """dbt on the warehouse that the environment names; a parse of the project is shared as builds share it."""
    folder = Path(os.environ["SIGNALBOX_WAREHOUSE"]).parent
    folders = ["--project-dir", PROJECT, "--profiles-dir", PROJECT, "--target-path", folder, "--log-path", folder]
    options = ["--target", "duckdb", *map(str, folders)]
    manifest = parsed(PROJECT, folder, "duckdb", ["--quiet", *options])
    sys.exit(not dbt_runner(manifest).invoke([*sys.argv[1:], *options]).success)


if __name__ == "__main__":
    main()
