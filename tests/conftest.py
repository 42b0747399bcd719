"""What every test may use: hypothesis profiles and retailers that are simulated, landed and built once a session.

Not here: fixtures of one test file. A test that changes a home copies it first (``home_copy``).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

_COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]}
settings.register_profile("quick", max_examples=25, **_COMMON)
settings.register_profile("full", max_examples=500, **_COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

for name, value in {
    "DAGSTER_DISABLE_TELEMETRY": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    # One key for every home of the tests, so that pseudonyms can be compared between homes.
    "SIGNALBOX_PSEUDONYM_KEY": "6b6579206f6620746865207465737473206b6579206f66207468652074657374",
}.items():
    os.environ.setdefault(name, value)


# What pytest's `record_property` is: a name and a number for the page that `make prove` writes.
Record = Callable[[str, object], None]


@dataclass(frozen=True)
class Retailer:
    """A simulated retailer: its extracts, its truth, and the home in which it was landed and built."""

    extracts: Path
    truth: Path
    home: Path


def signalbox(home: Path, *arguments: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "signalbox.cli", "--home", str(home), *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )
    if check and done.returncode != 0:
        raise AssertionError(
            f"signalbox {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        )
    return done


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder ``name`` with what ``make`` puts there, once a run: other workers wait for the first."""
    base = factory.getbasetemp()
    root = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, made = root / name, root / f"{name}.made"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            made.touch()
    return folder


def _retailer(factory: pytest.TempPathFactory, name: str, faults: str) -> Retailer:
    from signalbox.simulate import simulate

    def make(folder: Path) -> None:
        simulate(folder / "simulated", scale="tiny", faults=faults)
        signalbox(folder / "home", "land", str(folder / "simulated" / "extracts"))
        signalbox(folder / "home", "build")

    folder = made_once(factory, name, make)
    return Retailer(folder / "simulated" / "extracts", folder / "simulated" / "truth", folder / "home")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Retailer:
    """The tiny retailer with the default faults."""
    return _retailer(tmp_path_factory, "tiny", "default")


@pytest.fixture(scope="session")
def tiny_clean(tmp_path_factory: pytest.TempPathFactory) -> Retailer:
    """The tiny retailer without injected faults."""
    return _retailer(tmp_path_factory, "tiny_clean", "none")


@pytest.fixture
def home_copy(tiny: Retailer, tmp_path: Path) -> Path:
    """A copy of the tiny home that the test may change."""
    return shutil.copytree(tiny.home, tmp_path / "home", symlinks=True)
