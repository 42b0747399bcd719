"""Alerts: told once, not in quiet hours, gathered in digests; delivered to a real mail server and a webhook."""

from __future__ import annotations

import json
import socket
import threading
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from signalbox.cases import alerts, log, queue, work
from signalbox.cases.policy import SHIPPED, AlertRule, Policy
from signalbox.settings import Settings
from tests.unit.cases_world import KEY, NO_INCIDENTS, START, World, case, world

_SEVERE = AlertRule("severe", "operations lead", "operations", frozenset(), "", "S1", Decimal(500), 0, 1440, None, None)


class Tower:
    """An office of a few cases, whose clock the test moves, and a sender that remembers."""

    def __init__(self, base: World, rules: list[AlertRule], home: Path) -> None:
        self.base, self.sent, self.trouble = base, [], {}  # type: ignore[var-annotated]
        policy = Policy([SHIPPED], date(2026, 3, 2))
        policy.__dict__["alerts"] = rules
        con = duckdb.connect()
        rows = [
            case(1, severity_code="S1", value_at_risk_amount=Decimal("900.00")),
            case(2, severity_code="S1", value_at_risk_amount=Decimal("499.99")),
            case(3, severity_code="S2", value_at_risk_amount=Decimal("9000.00")),
            case(4, severity_code="S1", value_at_risk_amount=Decimal("500.00"), code="E65a", owner_role="integration"),
        ]
        more = {"category_code": "fulfilment", "exception_name": "ORD_X", "next_step": "Look.", "customers_affected": 1}
        facts = pa.Table.from_pylist([{**more, "order_id": None, **row} for row in rows])  # noqa: F841
        con.execute("create table fct_exception as from facts")
        con.execute(NO_INCIDENTS)
        con.execute(
            "create table mart_open_exception as select exception_id, null::varchar as customer_tier from facts"
        )
        self.office: Any = SimpleNamespace(
            settings=Settings(home=home), store=base.store, policy=policy, overlay=queue.Overlay(base.store),
            snapshot=SimpleNamespace(con=con, snapshot_id="s"), moment=START,
        )  # fmt: skip

    def run(self, **later: float) -> list[tuple[str, int]]:
        self.office.moment += timedelta(**later)
        return [(fired.state, fired.cases) for fired in alerts.run(self.office, self._send)]

    def _send(self, _settings: Settings, message: alerts.Message) -> str | None:
        self.sent.append(message)
        return self.trouble.get(message.channel)


@pytest.fixture
def tower(tmp_path: Path) -> Tower:
    return Tower(world(tmp_path), [_SEVERE], tmp_path)


def test_a_case_is_told_once_and_again_when_it_is_still_open_a_day_later(tower: Tower) -> None:
    assert tower.run() == [("sent", 2)]
    assert tower.run(minutes=1439) == []
    assert tower.run(minutes=1) == [("sent", 2)]
    work.resolve(tower.base.desk("order_operations"), [case(1)], "corrected")
    assert tower.run(minutes=1440) == [("sent", 1)]
    first = tower.sent[0]
    assert first.title == "Signalbox: 2 cases for operations lead, 1,400.00 EUR at risk"
    assert [line[:33] for line in first.body.splitlines()] == [
        "S1 E12 ORD_X order 1: 900.00 EUR,", "S1 E65a ORD_X order 4: 500.00 EUR",
    ]  # fmt: skip


def test_quiet_hours_hold_an_alert_back_and_say_so(tower: Tower, tmp_path: Path) -> None:
    """09:00 UTC is 10:00 in Berlin; quiet until 12:00 there."""
    from datetime import time

    tower.office.policy.__dict__["alerts"] = [replace(_SEVERE, quiet_from=time(22), quiet_to=time(12))]
    assert tower.run() == [("quiet", 2)]
    assert tower.run(minutes=119) == [("quiet", 2)]
    assert tower.run(minutes=1) == [("sent", 2)]
    with tower.base.store.reading() as con:
        told = alerts.history(con)
    assert [(row["state_code"], row["reason"]) for row in told] == [
        ("sent", ""), ("quiet", "quiet from 22:00 to 12:00"), ("quiet", "quiet from 22:00 to 12:00"),
    ]  # fmt: skip


def test_a_digest_gathers_what_came_since_the_last_one(tower: Tower) -> None:
    tower.office.policy.__dict__["alerts"] = [replace(_SEVERE, digest_minutes=240, min_value=Decimal(600))]
    assert tower.run() == [("sent", 1)]
    tower.office.policy.__dict__["alerts"] = [replace(_SEVERE, digest_minutes=240)]
    assert tower.run(minutes=239) == [("digest", 1)]
    assert tower.run(minutes=1) == [("sent", 1)]


def test_a_broken_channel_raises_an_alarm_of_its_own_and_is_tried_again(tower: Tower) -> None:
    tower.trouble["operations"] = "no such host"
    assert tower.run() == [("failed", 2)]
    assert [message.channel for message in tower.sent] == ["operations", alerts.FALLBACK]
    assert "Alerts of operations lead are not delivered: no such host" in tower.sent[1].body
    tower.trouble.clear()
    assert tower.run(minutes=1) == [("sent", 2)]


def test_an_alert_that_was_cut_off_is_told_again(tower: Tower) -> None:
    def dies(_settings: Settings, _message: alerts.Message) -> str | None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        alerts.run(tower.office, dies)
    assert tower.run(minutes=9) == []
    assert tower.run(minutes=2) == [("sent", 2)]


def test_what_was_told_is_in_the_log(tower: Tower) -> None:
    tower.run()
    with tower.base.store.reading() as con:
        assert log.verify(con, KEY).holds
    (row,) = tower.base.told()
    assert (row["action"], row["actor_type"], row["outcome"], row["object_id"]) == ("alert", "rule", "sent", "severe")


def test_a_channel_without_an_address_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    message = alerts.Message("operations", "title", "body")
    assert "operations is not named" in str(alerts.through_apprise(Settings(home=tmp_path), message))
    named = Settings(home=tmp_path, alert_channels={"operations": "SIGNALBOX_TEST_CHANNEL"})
    assert "SIGNALBOX_TEST_CHANNEL is not set" in str(alerts.through_apprise(named, message))
    monkeypatch.setenv("SIGNALBOX_TEST_CHANNEL", "nonsense://")
    assert "does not know" in str(alerts.through_apprise(named, message))


def test_a_mail_server_gets_the_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from aiosmtpd.controller import Controller
    from aiosmtpd.handlers import Message as Mailbox

    got: list[Any] = []

    class Keep(Mailbox):
        def handle_message(self, message: Any) -> None:
            got.append(message)

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(Keep(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        address = f"mailto://127.0.0.1:{port}?from=tower@example.com&to=lead@example.com&mode=insecure&format=text"
        monkeypatch.setenv("SIGNALBOX_TEST_CHANNEL", address)
        settings = Settings(home=tmp_path, alert_channels={"operations": "SIGNALBOX_TEST_CHANNEL"})
        assert alerts.through_apprise(settings, alerts.Message("operations", "Two cases", "größer: 1,400 €")) is None
    finally:
        server.stop()
    (mail,) = got
    text = next(part for part in mail.walk() if part.get_content_type() == "text/plain")
    assert "Two cases" in str(mail["Subject"]) and "größer: 1,400 €" in text.get_payload(decode=True).decode()


def test_a_webhook_gets_the_alert_and_a_refusal_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[dict[str, Any]] = []
    answers = [200, 500]

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(answers[len(got) - 1])
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        monkeypatch.setenv("SIGNALBOX_TEST_CHANNEL", f"json://127.0.0.1:{server.server_port}/hook")
        settings = Settings(home=tmp_path, alert_channels={"operations": "SIGNALBOX_TEST_CHANNEL"})
        message = alerts.Message("operations", "Two cases", "words")
        assert alerts.through_apprise(settings, message) is None
        assert alerts.through_apprise(settings, message) == "operations did not take it"
    finally:
        server.shutdown()
        server.server_close()
    assert (got[0]["title"], got[0]["message"]) == ("Two cases", "words")


def test_the_shipped_rules_name_a_service_each() -> None:
    rules = Policy([SHIPPED], datetime(2026, 3, 2).date()).alerts
    assert rules and all(rule.service and rule.channel for rule in rules)
