"""`make prove`: every proof at full size, and its dated result in docs/proof.md; the second engine's in proof-spark.md.

Runs the tests in groups with the full property search and writes their page after each, so that a group that fails or
an interruption leaves what was shown until then. Results are kept in ``docs/proof``, with each test by its name:
``python -m tests.prove models`` runs one group again and takes the others as they were; the page tells of which code
each is. Exit status 1 when anything failed. Not here: the proofs, which are tests like any other, or the words of the
pages (``proof_report``).
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime
from pathlib import Path

from tests.proof_report import PAGES, report
from tests.proof_results import Group, read_group

_ROOT = Path(__file__).resolve().parents[1]
_PAGES = _ROOT / "docs"
_KEPT = _PAGES / "proof"
_INTEGRATION = "tests/integration"
# Tests that take long, in groups of their own, so that one can be run again alone.
_DRAWN = [f"{_INTEGRATION}/test_increments.py::{name}" for name in ("test_any_history", "test_each_morning_of_a_month")]
_KILLED = f"{_INTEGRATION}/test_spark_parity.py::test_a_worker_killed_in_the_middle"
_ALONE = {
    "increments": ("test_increments.py", "test_identical_marts.py"),
    "kills": ("test_kill.py", "test_watch.py"),
    "spark": ("test_spark_parity.py",),
    "spark-increments": ("test_spark_increments.py",),
}


def _files(name: str) -> list[str]:
    return [f"{_INTEGRATION}/{file}" for file in _ALONE[name]]


# Name -> title, and what pytest is asked for; tests of the browser run only where they are asked for.
_GROUPS = {
    "parts": ("Parts, habits and the whole property search", ["tests/unit", "tests/conventions"]),
    "models": ("Models, laws, controls and KPI facts", ["tests/dbt"]),
    "pipeline": (
        "From extracts to the published tower",
        [_INTEGRATION, *(f"--ignore={file}" for name in _ALONE for file in _files(name))],
    ),
    "increments": (
        "Increments, and files in any order",
        [*_files("increments"), *(f"--deselect={test}" for test in _DRAWN)],
    ),
    "histories": ("Increments of drawn histories, and of a month", _DRAWN),
    "kills": ("Killed, and near real time", _files("kills")),
    "spark": ("The second engine", [*_files("spark"), f"--deselect={_KILLED}"]),
    "spark-killed": ("A worker of the second engine killed", [_KILLED]),
    "spark-increments": ("Increments on the second engine", _files("spark-increments")),
    "screens": ("A person at the screens", ["tests/browser"]),
}


def _run(name: str) -> Group:
    """Run a group, keep its results and of which code they are, and give them."""
    title, asked = _GROUPS[name]
    marked = "browser" if name == "screens" else "not browser"
    of, started = f"{_code()}, {datetime.now(UTC):%Y-%m-%d}", time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        # The family that holds what tests record about themselves.
        options = ["--durations=5", f"--junitxml={results}", "-o", "junit_family=xunit1"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-m", marked, *options, *asked],
            cwd=_ROOT,
            env={**os.environ, "HYPOTHESIS_PROFILE": "full"},
            check=False,
        )
        group = read_group(title, time.monotonic() - started, results, done.returncode)
    group.of = of
    (_KEPT / f"{name}.json").write_text(group.to_json(), encoding="utf-8")
    return group


def _head() -> str:
    return (
        f"`make prove` on {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores. "
        "This page is written by that command."
    )


def _code() -> str:
    """The commit that is proved, where git knows it."""
    try:
        done = subprocess.run(["git", "rev-parse", "--short=8", "HEAD"], cwd=_ROOT, capture_output=True, text=True)
    except OSError:
        return "unknown"
    return done.stdout.strip() if done.returncode == 0 else "unknown"


def main(names: Sequence[str] = ()) -> int:
    """Run the groups named, or all, two at a time, and write the page after each; 0 when nothing failed."""
    unknown = set(names) - set(_GROUPS)
    if unknown:
        print(f"no group {', '.join(sorted(unknown))}; choose from {', '.join(_GROUPS)}", file=sys.stderr)
        return 2
    wanted = [name for name in _GROUPS if not names or name in names]
    _KEPT.mkdir(parents=True, exist_ok=True)
    for name in wanted:
        (_KEPT / f"{name}.json").unlink(missing_ok=True)
    good = True
    with ThreadPoolExecutor(max_workers=2) as pool:
        running = {pool.submit(_run, name): name for name in wanted}
        print(f"== {len(wanted)} groups of tests, two at a time; each tells when it is done", flush=True)
        for future in as_completed(running):
            _write(_page(running[future]))
            done = future.result()
            good &= done.is_good
            count = Counter(case.outcome for case in done.cases)
            trouble = f"; {done.trouble}" if done.trouble else ""
            print(f"== {done.title}: {dict(count)} in {done.seconds / 60:.1f} minutes{trouble}", flush=True)
    for page in sorted({_page(name) for name in wanted}):
        print((_PAGES / f"{page}.md").read_text(encoding="utf-8"))
    return int(not good)


def _page(name: str) -> str:
    """Where a group is told."""
    return "proof-spark" if name.startswith("spark") else "proof"


def _write(page: str) -> None:
    """A page of all its groups whose results are kept."""
    names = [name for name in _GROUPS if _page(name) == page]
    kept = [path for name in names if (path := _KEPT / f"{name}.json").exists()]
    groups = [Group.from_json(path.read_text(encoding="utf-8")) for path in kept]
    (_PAGES / f"{page}.md").write_text(report(groups, _head(), len(names), PAGES[page]), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
