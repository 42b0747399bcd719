"""Imports point one way: dashboards → signalbox; orchestration → expectations → signalbox.

Only ``signalbox/cli.py`` and its ``commands`` reach the adapters, inside functions; nothing heavy is imported on the
way there.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ADAPTERS = {"orchestration", "expectations", "dashboards"}
TOOLS = {"dagster", "dagster_dbt", "dbt", "great_expectations", "streamlit", "plotly"}
# package -> what its modules may not import, wherever the import stands
FORBIDDEN = {
    "signalbox": ADAPTERS | TOOLS,
    "expectations": {"orchestration", "dashboards", "dagster", "dbt", "streamlit"},
    "orchestration": {"dashboards", "streamlit", "great_expectations"},
    "dashboards": {"orchestration", "expectations", "dagster", "dbt", "great_expectations"},
}
COMPOSITION_ROOT = {ROOT / "signalbox" / "cli.py", *(ROOT / "signalbox" / "commands").glob("*.py")}


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Top-level package and line of every import below ``tree``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((name.name.split(".")[0], node.lineno) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0], node.lineno


def breaches(path: Path, forbidden: set[str]) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [f"{path.relative_to(ROOT)}:{line}: {name}" for name, line in imports(tree) if name in forbidden]


@pytest.mark.parametrize("package", sorted(FORBIDDEN))
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    modules = [path for path in (ROOT / package).rglob("*.py") if path not in COMPOSITION_ROOT]
    assert modules
    assert [line for path in modules for line in breaches(path, FORBIDDEN[package])] == []


def test_the_command_reaches_the_adapters_late() -> None:
    """An import inside a function is late; at the top of a module it would run with ``signalbox --help``."""
    early = []
    for path in sorted(COMPOSITION_ROOT):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            early += [
                f"{path.name}: {name}" for name, _ in imports(node) if not _is_lazy(node) and name in ADAPTERS | TOOLS
            ]
    assert early == []


def test_help_imports_nothing_heavy() -> None:
    heavy = [
        "duckdb",
        "pyarrow",
        "polars",
        "pandas",
        "numpy",
        "pydantic",
        "dagster",
        "dbt",
        "great_expectations",
        "streamlit",
    ]
    code = f"import sys, signalbox.cli; sys.exit(', '.join(n for n in {heavy} if n in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


def test_a_breach_is_found() -> None:
    tree = ast.parse("import dagster as dg\ndef f():\n    from expectations.model import Suite\n")
    assert [name for name, _ in imports(tree) if name in FORBIDDEN["signalbox"]] == ["dagster", "expectations"]


def _is_lazy(node: ast.stmt) -> bool:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return True
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
