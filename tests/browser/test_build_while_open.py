"""Dashboards while a build runs: every page answers from the snapshot it has, and then shows the new one.

One server from beginning to end: nothing is restarted. Not here: the pages themselves (``test_dashboards_browser``).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from signalbox.publish import current_snapshot_id, open_snapshot
from signalbox.settings import Settings, load_settings
from tests.browser.conftest import dashboards_of
from tests.browser.test_dashboards_browser import PAGES, settled
from tests.conftest import Record

# A page that waits for the builder's lock or its warehouse would wait as long as the build does.
_SLOWEST_PAGE_SECONDS = 20


def deliver(home: Path) -> None:
    """A file of the next day into the drop area: an empty one, which is a delivery, so that only the clock moves on."""
    with open_snapshot(load_settings(home)) as snapshot:
        next_day = snapshot.as_of + timedelta(days=1)
    name = f"channel_{next_day - timedelta(days=1):%Y-%m-%d}_{next_day:%Y%m%dT%H%MZ}.jsonl"
    folder = home / "landing" / "oms" / "channel"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).touch()


def own_key(settings: Settings) -> dict[str, str]:
    """The environment, less the tests' key where the home has a key of its own (one that ``make demo`` made)."""
    unwanted = "SIGNALBOX_PSEUDONYM_KEY" if settings.secret_path.exists() else None
    return {name: value for name, value in os.environ.items() if name != unwanted}


def open_every_page(page: Any, address: str, going_on: Callable[[], bool]) -> list[tuple[str, str, float]]:
    """Open page after page until it is over: the view, the snapshot it showed, the seconds it took."""
    seen = []
    for view in cycle(PAGES):
        started = time.monotonic()
        page.goto(f"{address}/{view}")
        page.wait_for_selector(f"h1:text-is('{PAGES[view]}')")
        settled(page)
        if not going_on():
            return seen
        assert page.locator("[data-testid=stException]").count() == 0, view
        seen.append((view, page.inner_text(".sb-asof code"), time.monotonic() - started))
    raise AssertionError("unreachable")


def test_pages_answer_while_a_build_runs_and_show_what_it_published(
    browser: Any, page: Any, own_home: Path, record_property: Record
) -> None:
    settings = load_settings(own_home)
    before = current_snapshot_id(settings)
    with dashboards_of(own_home) as address:
        left_open = browser.new_page(viewport={"width": 1280, "height": 1400})
        left_open.goto(address)
        left_open.wait_for_selector(".sb-asof code")
        assert left_open.inner_text(".sb-asof code") == before
        as_of = left_open.inner_text(".sb-asof strong")

        deliver(own_home)
        command = [sys.executable, "-m", "signalbox.cli", "--home", str(own_home), "build"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(command, env=own_key(settings), text=True, **pipes) as building:
            seen = open_every_page(page, address, lambda: building.poll() is None)
            _, messages = building.communicate()
        assert building.returncode == 0, messages

        fresh = current_snapshot_id(settings)
        assert fresh != before
        assert {view for view, _, _ in seen} == set(PAGES), "every page was opened while the build ran"
        assert seen[0][1] == before and {shown for _, shown, _ in seen} <= {before, fresh}
        assert max(seconds for _, _, seconds in seen) < _SLOWEST_PAGE_SECONDS
        record_property("pages opened while a build ran", len(seen))

        left_open.wait_for_selector(".st-key-show_newer button", timeout=45_000)
        assert left_open.inner_text(".sb-asof code") == before  # what is open stays as it is
        left_open.click(".st-key-show_newer button")
        left_open.wait_for_function(f"document.querySelector('.sb-asof code').innerText === '{fresh}'")
        assert left_open.inner_text(".sb-asof strong") != as_of
        for view, name in PAGES.items():
            page.goto(f"{address}/{view}")
            page.wait_for_selector(f"h1:text-is('{name}')")
            settled(page)
            assert page.inner_text(".sb-asof code") == fresh
            assert page.locator("[data-testid=stException]").count() == 0, view
        left_open.close()
    with open_snapshot(settings) as opened, open_snapshot(settings, before) as old:
        assert opened.as_of - old.as_of == pytest.approx(timedelta(days=1), abs=timedelta(minutes=1))
