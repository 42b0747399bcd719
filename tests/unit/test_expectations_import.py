"""Suites can be imported in whatever process a build runs in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_suites_are_imported_where_spark_connect_ends_the_process(tmp_path: Path) -> None:
    """A run of Dagster's sensor has a main module without a file; Spark Connect takes it for a doctest and ends it.

    A package in Spark's place does so always.
    """
    connect = tmp_path / "pyspark" / "sql" / "connect"
    connect.mkdir(parents=True)
    for folder in (connect.parents[1], connect.parent):
        (folder / "__init__.py").touch()
    (connect / "__init__.py").write_text("import sys\n\nsys.exit(0)\n", encoding="utf-8")
    command = [sys.executable, "-c", "import expectations.no_rows; print('imported')"]
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "imported", done.stderr[-500:]
