"""`make prove`: every proof at full size, and its dated result in docs/proof.md.

Runs the tests in groups with the full property search and writes the page after each, so that a group that fails or an
interruption leaves what was shown until then. Exit status 1 when anything failed. Not here: the proofs, which are tests
like any other, or the words of the page (``proof_report``).
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime
from pathlib import Path

from tests.proof_report import Group, read_group, report

_ROOT = Path(__file__).resolve().parents[1]
_REPORT = _ROOT / "docs" / "proof.md"
# Title -> folder and the marked tests it takes; tests of the browser run only where they are asked for.
_GROUPS = {
    "Parts, habits and the whole property search": (["tests/unit", "tests/conventions"], "not browser"),
    "Models, laws, controls and KPI facts": (["tests/dbt"], "not browser"),
    "From extracts to the published tower": (["tests/integration"], "not browser"),
    "A person at the screens": (["tests/browser"], "browser"),
}


def _run(title: str, folders: list[str], marked: str) -> Group:
    with tempfile.TemporaryDirectory() as scratch:
        results = Path(scratch) / "results.xml"
        # The family that holds what tests record about themselves.
        options = ["--durations=5", f"--junitxml={results}", "-o", "junit_family=xunit1"]
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-m", marked, *options, *folders],
            cwd=_ROOT,
            env={**os.environ, "HYPOTHESIS_PROFILE": "full"},
            check=False,
        )
        return read_group(title, time.monotonic() - started, results, done.returncode)


def _head() -> str:
    return (
        f"`make prove` on {datetime.now(UTC):%Y-%m-%d}, {_code()}Python {platform.python_version()}, "
        f"{os.cpu_count()} cores. This page is written by that command."
    )


def _code() -> str:
    """The commit that was proved, where git knows it."""
    try:
        done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=_ROOT, capture_output=True, text=True)
    except OSError:
        return ""
    return f"code {done.stdout.strip()}, " if done.returncode == 0 else ""


def main() -> int:
    """Run all groups, two at a time, and write the page after each; 0 when nothing failed."""
    done: dict[str, Group] = {}
    _REPORT.parent.mkdir(exist_ok=True)
    with ThreadPoolExecutor(max_workers=2) as pool:
        running = {pool.submit(_run, title, *group): title for title, group in _GROUPS.items()}
        print(f"== {len(_GROUPS)} groups of tests, two at a time; each tells when it is done", flush=True)
        for future in as_completed(running):
            title = running[future]
            done[title] = future.result()
            groups = [done[name] for name in _GROUPS if name in done]
            _REPORT.write_text(report(groups, _head(), len(_GROUPS)), encoding="utf-8")
            count = Counter(case.outcome for case in done[title].cases)
            trouble = f"; {done[title].trouble}" if done[title].trouble else ""
            print(f"== {title}: {dict(count)} in {done[title].seconds / 60:.1f} minutes{trouble}", flush=True)
    print(_REPORT.read_text(encoding="utf-8"))
    return int(not all(group.is_good for group in done.values()))


if __name__ == "__main__":
    sys.exit(main())
