"""Suites can be imported in whatever process a build runs in."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest


@pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is None, reason="the extra of the second engine is not installed"
)
def test_suites_are_imported_where_the_main_module_has_no_file() -> None:
    """A run of Dagster's sensor is such a process; Spark Connect takes it for a doctest and ends it."""
    command = [sys.executable, "-c", "import expectations.no_rows; print('imported')"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "imported", done.stderr[-500:]
