"""The page of `make prove` says what the results say: numbers, failures, skips, and runs that left no results."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

from tests import prove
from tests.proof_report import PAGES, report
from tests.proof_results import Group, read_group

_ROOT = Path(__file__).resolve().parents[2]
# In pytest's own form (JUnit XML, family xunit1).
_RESULTS = """<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" tests="9">
<properties><property name="hypothesis-statistics-tests/unit/test_a.py::test_law" value="{statistics}"/></properties>
<testcase classname="tests.integration.test_kill" name="test_a_kill[locked]" time="30">
  <properties><property name="kills at named moments" value="1"/></properties></testcase>
<testcase classname="tests.integration.test_kill" name="test_a_kill[landed]" time="30">
  <properties><property name="kills at named moments" value="1"/></properties></testcase>
<testcase classname="tests.integration.test_twins" name="test_a[K02]" time="1"><failure message="no"/></testcase>
<testcase classname="tests.integration.test_twins" name="test_a[K05]" time="1"/>
<testcase classname="tests.integration.test_adapters" name="test_b" time="0"><skipped message="no data"/></testcase>
<testcase classname="tests.integration.test_anchors" name="test_a_figure_is_what_was_worked_out_by_hand[K02]"/>
<testcase classname="tests.integration.test_anchors" name="test_a_figure_is_what_was_worked_out_by_hand[K05]"/>
<testcase classname="tests.integration.test_anchors" name="test_each_kpi_has_three_anchors"/>
<testcase classname="tests.unit.test_a" name="test_law" time="6"/>
</testsuite></testsuites>"""
_STATISTICS = (
    "test_law:\n  - during generate phase: 25 passing, 0 failing, and 3 invalid test cases\n"
    "  - during reuse phase: 5 passing examples"
)


def _group(folder: Path, text: str = _RESULTS, status: int = 1):
    path = folder / "results.xml"
    path.write_text(text.replace("{statistics}", base64.b64encode(_STATISTICS.encode()).decode()))
    return read_group("All of it", 90, path, status)


def _line(page: str, words: str) -> str:
    (line,) = [line for line in page.splitlines() if words in line]
    return line


def test_numbers_come_from_the_results(tmp_path: Path) -> None:
    page = report([_group(tmp_path)], "today", planned=1)
    assert "| 2 kills at named moments, 2 tests | 1.0 | shown |" in _line(page, "kill -9")
    assert "| 1 comparison | 0.0 | **1 FAILED** |" in _line(page, "KPIs of the simulated retailer equal")
    assert "| 2 figures, 1 test beside them | 0.0 | shown |" in _line(page, "worked out by hand from its files")
    assert "| 0 answers | 0.0 | did not run |" in _line(page, "Two real data sets")
    assert "| 1 property, 30 examples | | shown |" in _line(page, "property search")
    assert "| 1 test | 0.1 | shown |" in _line(page, "The parts one by one")
    assert "| All of it |  | 7 | 1 | 1 | 1.5 |" in page
    assert "- `tests.integration.test_twins.test_a[K02]`" in page and "- no data" in page
    assert "**Not proved**: something failed in All of it." in page


def test_a_run_without_results_is_no_success(tmp_path: Path) -> None:
    gone = read_group("Lost", 1, tmp_path / "none.xml", -9)
    assert not gone.is_good
    page = report([gone], "today", planned=2)
    assert "**Not proved**" in page and "Lost: pytest ended with status -9 before it wrote its results." in page
    assert not _group(tmp_path, status=2).is_good


def test_it_is_complete_only_after_every_run(tmp_path: Path) -> None:
    good = _RESULTS.replace('<failure message="no"/>', "")
    assert "**Not complete**: 1 of 2 runs." in report([_group(tmp_path, good, 0)], "today", planned=2)
    assert "Everything that ran passed." in report([_group(tmp_path, good, 0)], "today", planned=1)


def test_a_claim_is_shown_only_by_all_that_it_stands_on(tmp_path: Path) -> None:
    """Statements of increments alone do not show that each model compiles for the second engine."""
    part = _RESULTS.replace("test_kill", "test_spark_statements")
    good = part.replace('<failure message="no"/>', "")
    line = _line(report([_group(tmp_path, good, 0)], "today", planned=2), "compiles for Spark")
    assert line.endswith("| **in part**, without dbt.test_second_engine |")
    whole = good.replace("tests.unit.test_a", "tests.dbt.test_second_engine")
    line = _line(report([_group(tmp_path, whole, 0)], "today", planned=2), "compiles for Spark")
    assert line.endswith("| shown |")


def test_a_run_is_kept_as_it_was(tmp_path: Path) -> None:
    group = _group(tmp_path)
    group.of = "0123abcd, 2026-11-23"
    assert Group.from_json(group.to_json()) == group
    lost = read_group("Lost", 1, tmp_path / "none.xml", -9)
    assert Group.from_json(lost.to_json()) == lost


def test_the_second_engine_has_a_page_of_its_own(tmp_path: Path) -> None:
    """Increments that did not run are not shown by a full build; what no claim names is told on the other page."""
    ran = _RESULTS.replace("test_kill", "test_spark_parity").replace("test_a_kill", "test_macros")
    page = report([_group(tmp_path, ran, 1)], "today", 2, PAGES["proof-spark"])
    assert page.startswith("# Proof of the second engine\n")
    assert _line(page, "Each macro").endswith("| 1.0 | shown |")
    assert _line(page, "So do increments").endswith("| did not run |")
    assert "The parts one by one" not in page and "property search" not in page


def test_a_run_is_told_on_its_page(tmp_path: Path, monkeypatch) -> None:
    """What a page tells stays as it is where none of its runs is asked for."""
    pages = tmp_path / "docs"
    monkeypatch.setattr(prove, "_KEPT", pages / "proof")
    monkeypatch.setattr(prove, "_PAGES", pages)
    monkeypatch.setattr(prove, "_ROOT", tmp_path)
    monkeypatch.setattr(prove.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 5, "", ""))
    assert prove.main(["spark"]) == 1
    assert {path.name for path in pages.rglob("*.*")} == {"proof-spark.md", "spark.json"}
    assert "The second engine: pytest ended with status 5" in (pages / "proof-spark.md").read_text()


def test_every_claim_names_tests_that_there_are() -> None:
    files = {".".join(path.relative_to(_ROOT).with_suffix("").parts) + "." for path in _ROOT.glob("tests/*/test_*.py")}
    for claim in (claim for page in PAGES.values() for claim in page.claims):
        for prefix in claim.tests:
            file = next((name for name in files if name.startswith(prefix) or prefix.startswith(name)), None)
            assert file, prefix
            if prefix.startswith(file) and prefix != file:
                path = _ROOT / f"{file.rstrip('.').replace('.', '/')}.py"
                assert f"def {prefix.removeprefix(file)}" in path.read_text(encoding="utf-8"), prefix


def test_a_group_that_there_is_not_runs_nothing(capsys) -> None:
    assert prove.main(["nothing"]) == 2
    known = "parts, models, pipeline, increments, histories, kills, spark, spark-killed, spark-increments, screens"
    assert f"no group nothing; choose from {known}" in capsys.readouterr().err
