"""A real browser on the dashboards of a real home. Run with ``pytest -m browser tests/browser``.

The home is the tiny retailer, built by the command; ``SIGNALBOX_BROWSER_HOME`` names another one. Not here: assertions.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from signalbox.publish import Snapshot, open_snapshot
from signalbox.settings import PROJECT_ROOT, load_settings

CHROMIUM = "/usr/bin/chromium"
_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_START_SECONDS = 60


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of this folder run only when asked for, and only where there is a browser."""
    asked = "browser" in (config.getoption("markexpr") or "").replace("not browser", "")
    reason = None if asked else "drives a real browser: ask for it with -m browser"
    if asked and not Path(CHROMIUM).exists():
        reason = f"{CHROMIUM} is not there: install Debian's package chromium"
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of a built home, so that a test may move its pointer."""
    return shutil.copytree(_built_home(request), tmp_path_factory.mktemp("browser") / "home", symlinks=True)


@pytest.fixture
def own_home(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of its own for a test that builds."""
    return shutil.copytree(_built_home(request), tmp_path / "home", symlinks=True)


@pytest.fixture(scope="session")
def snapshot(home: Path) -> Iterator[Snapshot]:
    """What the pages read, opened beside them for comparison."""
    with open_snapshot(load_settings(home)) as opened:
        yield opened


@contextmanager
def dashboards_of(home: Path, secrets: Callable[[str], Path] | None = None) -> Iterator[str]:
    """The dashboards' address, on a free port of this machine; they must still run when the block ends.

    ``secrets`` writes Streamlit's secrets for that address and returns their file.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(PROJECT_ROOT / "dashboards" / "app.py")]
    if secrets is not None:
        command += ["--secrets.files", str(secrets(f"http://127.0.0.1:{port}"))]
    environment = {**os.environ, "SIGNALBOX_HOME": str(home)}
    with subprocess.Popen([*command, "--server.port", str(port)], env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health")
            yield f"http://127.0.0.1:{port}"
            assert server.poll() is None, "the dashboards ended"
        finally:
            server.terminate()


@pytest.fixture(scope="session")
def address(home: Path) -> Iterator[str]:
    with dashboards_of(home) as found:
        yield found


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    opened = browser.new_page(viewport={"width": 1280, "height": 1400})
    opened.set_default_timeout(20_000)
    yield opened
    opened.close()


def _built_home(request: pytest.FixtureRequest) -> Path:
    named = os.environ.get("SIGNALBOX_BROWSER_HOME")
    built: Path = Path(named) if named else request.getfixturevalue("tiny").home
    return built


def _wait(url: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
