"""`make prove`: every proof at full size, and its dated result in docs/proof.md.

Runs the tests in groups with the full property search, counts what passed, failed and was skipped (with the reasons),
and writes the table. Exit status 1 when anything failed. Not here: the proofs; they are tests like any other.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_REPORT = _ROOT / "docs" / "proof.md"
_GROUPS = {
    "Unit tests and the whole property search": ["tests/unit", "tests/conventions"],
    "dbt: unit tests of models, controls and KPIs": ["tests/dbt"],
    "From extracts to the published tower: kills, shuffles, corrupted rows, twins, adapters": ["tests/integration"],
    "A person at the screens (browser)": ["tests/browser"],
}


@dataclass
class Result:
    """What one group of tests gave; ``skips`` holds the reasons."""

    title: str
    seconds: float
    counts: dict[str, int]
    skips: list[str] = field(default_factory=list)


def _run(title: str, folders: list[str]) -> Result | None:
    present = [folder for folder in folders if (_ROOT / folder).exists()]
    if not present:
        return None
    print(f"== {title}", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        started = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "pytest", "-m", "prove or not prove", f"--junitxml={report}", *present],
            cwd=_ROOT,
            env={**os.environ, "HYPOTHESIS_PROFILE": "full"},
            check=False,
        )
        seconds = time.monotonic() - started
        suite = ElementTree.parse(report).getroot().find("testsuite")
    assert suite is not None, "pytest wrote no report"
    failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    skipped = int(suite.get("skipped", 0))
    counts = {"passed": int(suite.get("tests", 0)) - failed - skipped, "failed": failed, "skipped": skipped}
    reasons = {skip.get("message", "") for skip in suite.iter("skipped")}
    return Result(title, seconds, counts, sorted(reasons))


def _report(results: list[Result]) -> str:
    lines = [
        "# Proof",
        "",
        f"`make prove` on {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores.",
        "",
        "| proof | passed | failed | skipped | seconds |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for result in results:
        counts = result.counts
        lines.append(
            f"| {result.title} | {counts['passed']} | {counts['failed']} | {counts['skipped']} | {result.seconds:.0f} |"
        )
    reasons = sorted({reason for result in results for reason in result.skips})
    if reasons:
        lines += ["", "Skipped because:", "", *[f"- {reason}" for reason in reasons]]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run all groups, write the report; 0 when nothing failed."""
    results = [result for title, folders in _GROUPS.items() if (result := _run(title, folders))]
    _REPORT.parent.mkdir(exist_ok=True)
    _REPORT.write_text(_report(results), encoding="utf-8")
    print(_report(results))
    return int(any(result.counts["failed"] for result in results))


if __name__ == "__main__":
    sys.exit(main())
