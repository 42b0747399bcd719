"""A day's work at the screens: sign in, see one's own, take, hand over, settle, propose, be refused, be approved.

Not here: what each action does to a case (``tests/unit/test_cases_work``), or the same day by the command
(``tests/integration/test_casework_day``).
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from signalbox.cases import queue
from signalbox.cases.office import open_office
from signalbox.publish import current_snapshot_id
from signalbox.settings import load_settings
from tests.browser.conftest import dashboards_of
from tests.browser.test_build_while_open import own_key
from tests.browser.test_dashboards_browser import settled

# Whose desks are looked at for one that has work enough for the day.
DESKS = ("procurement", "order_operations", "planner", "store_manager")


def on_desk(home: Path, person: str, right: str = "acknowledge") -> list[str]:
    """Ids of the open cases that they may work, by priority."""
    with open_office(load_settings(home)) as office:
        desk = office.desk(person)
        con, cases = office.snapshot.con, office.overlay.table()
        found = queue.page(con, cases, desk.policy, desk.person, desk.moment, right=right)
    return [str(case_id) for case_id in found["case_id"].to_pylist()]


def press(page: Any, key: str) -> None:
    page.locator(f".st-key-{key} button").first.click()
    settled(page)


def fill(page: Any, key: str, text: str) -> None:
    field = page.locator(f".st-key-{key} input").first
    field.fill(text)
    field.press("Tab")
    settled(page)


def choose(page: Any, key: str, text: str) -> None:
    page.locator(f".st-key-{key} input").first.click()
    page.get_by_role("option", name=text).first.click()
    settled(page)


def cases_on(page: Any) -> int:
    """The number on the tile of cases."""
    found = re.search(r"Cases\s+([\d,]+)", page.inner_text("[data-testid=stMain]"))
    assert found
    return int(found[1].replace(",", ""))


def test_a_day_of_work_is_done_refused_approved_and_seen_in_the_kpis(page: Any, own_home: Path) -> None:
    person = max(DESKS, key=lambda name: len(on_desk(own_home, name)))
    mine, every = on_desk(own_home, person), on_desk(own_home, "executive", "read")
    assert 3 <= len(mine) < len(every)
    with dashboards_of(own_home) as address:
        page.goto(f"{address}/kpi?kpi=K104")
        settled(page)
        assert not re.search(r"100(\.0)?\s%", page.inner_text("[data-testid=stMain]"))
        page.goto(f"{address}/exceptions?as={person}&lines=case")
        settled(page)
        assert "Demonstration sign-in" in page.inner_text("[data-testid=stMain]")
        assert cases_on(page) == len(mine)
        # the first line of the queue is chosen: take it, hand it over, settle it
        press(page, "do_ack")
        assert "Acknowledged" in page.inner_text(".st-key-card_case")
        press(page, "open_assign")
        press(page, "do_assign")
        press(page, "open_resolve")
        fill(page, "resolve_text", "sent from another place")
        press(page, "do_resolve")
        assert cases_on(page) == len(mine) - 1
        # the next one needs somebody else
        page.goto(f"{address}/exceptions?as={person}&lines=case&id={mine[1]}")
        settled(page)
        press(page, "open_resolve")
        choose(page, "outcome", "Money given back")
        fill(page, "amount", "400")
        fill(page, "resolve_text", "parcel lost")
        press(page, "do_propose")
        assert "may not approve" in page.inner_text(".st-key-card_case")
        assert page.locator("[class*=st-key-approve_]").count() == 0
        page.goto(f"{address}/governance?as=finance_controller&tab=approvals")
        settled(page)
        page.locator("[class*=st-key-approve_] button").click()
        settled(page)
        assert "The proposal is approved" in page.inner_text("[data-testid=stMain]")
        page.goto(f"{address}/exceptions?as={person}&lines=case")
        settled(page)
        assert cases_on(page) == len(mine) - 2
        # and the next build tells of it
        before = current_snapshot_id(load_settings(own_home))
        command = [sys.executable, "-m", "signalbox.cli", "--home", str(own_home), "build"]
        subprocess.run(command, env=own_key(load_settings(own_home)), check=True, capture_output=True)
        assert current_snapshot_id(load_settings(own_home)) != before
        page.goto(f"{address}/kpi?kpi=K104")
        settled(page)
        assert re.search(r"100(\.0)?\s%", page.inner_text("[data-testid=stMain]"))
        page.goto(f"{address}/exceptions?as=executive&id={mine[0]}")
        settled(page)
        assert "Resolved" in page.inner_text(".st-key-card_case") or "Closed" in page.inner_text(".st-key-card_case")


@contextmanager
def provider(folder: Path) -> Iterator[Any]:
    """An OpenID Connect provider on this machine, and how to write the secrets that name it."""
    from oidc_provider_mock import User, run_server_in_thread

    people = [User(sub="planner", claims={"preferred_username": "planner"}), User(sub="stranger")]
    with run_server_in_thread(user_claims=people) as server:

        def secrets(address: str) -> Path:
            file = folder / "secrets.toml"
            file.write_text(
                "[auth]\n"
                f'redirect_uri = "{address}/oauth2callback"\n'
                'cookie_secret = "of this test alone, thirty-two or more"\n'
                'client_id = "signalbox"\nclient_secret = "of this test"\n'
                f'server_metadata_url = "http://127.0.0.1:{server.server_port}/.well-known/openid-configuration"\n'
            )
            return file

        yield secrets


def test_people_sign_in_through_openid_connect(page: Any, home: Path, tmp_path: Path) -> None:
    """Nobody chooses who they are; a person of the policy sees their desk, a stranger nothing."""
    mine = on_desk(home, "planner")
    with provider(tmp_path) as secrets, dashboards_of(home, secrets) as address:
        for name, seen in (("planner", "Signed in as planner"), ("stranger", "not in the policy's table of people")):
            page.context.clear_cookies()
            page.goto(f"{address}/exceptions?as=executive&lines=case")
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_selector("input[name=sub]")
            page.fill("input[name=sub]", name)
            page.locator("button[type=submit], input[type=submit]").first.click()
            page.wait_for_url(f"{address}/**")
            settled(page)
            page.goto(f"{address}/exceptions?lines=case")
            page.wait_for_selector(f"text={seen}")
            settled(page)
            assert "Demonstration sign-in" not in page.inner_text("[data-testid=stMain]")
            if name == "planner":
                assert cases_on(page) == len(mine)
