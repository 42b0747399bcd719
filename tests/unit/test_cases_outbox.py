"""What people did as files of the feed `tower`: each row once, whole, and in the contract's words."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from signalbox.cases import approvals, log, outbox, work
from signalbox.cases.tables import log_head
from signalbox.contracts import load_contracts
from signalbox.landing.files import read_name
from signalbox.settings import Settings
from tests.unit.cases_world import START, World, case, world


@pytest.fixture
def tower(tmp_path: Path) -> World:
    return world(tmp_path)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_each_row_goes_out_once(tower: World, settings: Settings) -> None:
    desk = tower.desk("order_operations")
    work.acknowledge(desk, [case(1), case(2)])
    (first,) = outbox.send(settings, tower.store, tower.at)
    assert outbox.send(settings, tower.store, tower.at) == []
    work.note(desk, [case(1)], "words")
    (second,) = outbox.send(settings, tower.store, tower.at)
    assert [row["row_no"] for path in (first, second) for row in _rows(path)] == [1, 2, 3]
    assert {path.name for path in (first, second)} == {
        "audit_log_20260302T090000Z.jsonl", "audit_log_20260302T090000Z_1.jsonl",
    }  # fmt: skip


def test_rows_are_in_the_contracts_words(tower: World, settings: Settings) -> None:
    contracts = load_contracts()
    approval = approvals.propose(tower.desk("order_operations"), case(), "refunded", Decimal("400"), "late")
    approvals.decide(tower.desk("finance_controller"), approval, True)
    work.merge(tower.desk("order_operations"), [case(2)], case(3))
    work.assign(tower.desk("order_operations"), [case(3)], "order_operations")
    tower.later(hours=1)
    files = outbox.send(settings, tower.store, tower.at)
    assert {path.name.rsplit("_", 1)[0] for path in files} == {"audit_log", "work_log"}
    for path in files:
        facts = read_name(path.name, contracts)
        assert not isinstance(facts, str) and (facts.business_date, facts.received_ts) == (None, tower.at)
        entity = contracts[facts.entity]
        columns = {column.name: column for column in entity.columns}
        for row in _rows(path):
            assert set(row) <= set(columns)
            assert {name for name, column in columns.items() if column.required} <= set(row)
            for name, column in columns.items():
                if column.valid_values and name in row:
                    assert row[name] in column.valid_values, (name, row[name])
    told = next(_rows(path) for path in files if path.name.startswith("audit_log"))
    assert [(row["action_code"], row.get("outcome_code"), row.get("outcome_amount")) for row in told] == [
        ("propose", None, "400"), ("approve", "approved", "400.00"), ("resolve", "refunded", "400.00"),
        ("merge", "merged", None), ("assign", None, None),
    ]  # fmt: skip
    assert told[3]["merged_into_id"] == case(3)["exception_id"] and told[4]["assignee_id"] == "order_operations"


def test_handling_time_goes_out_when_it_has_ended(tower: World, settings: Settings) -> None:
    work.acknowledge(tower.desk("order_operations"), [case(1)])
    assert [path.name[:9] for path in outbox.send(settings, tower.store, tower.at)] == ["audit_log"]
    tower.later(minutes=16)
    (path,) = outbox.send(settings, tower.store, tower.at)
    (row,) = _rows(path)
    assert (row["started_ts"], row["ended_ts"]) == ("2026-03-02T09:00:00.000000Z", "2026-03-02T09:15:00.000000Z")
    assert outbox.send(settings, tower.store, tower.at) == []


def test_a_sending_that_died_comes_again_whole(
    tower: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is there, the note of it is not: the same rows come in another file, under the same keys."""
    work.acknowledge(tower.desk("order_operations"), [case(1)])
    (first,) = outbox.send(settings, tower.store, START)
    with tower.store.writing() as con:
        con.execute(sa.update(log_head).values(sent_row_no=0))
    (second,) = outbox.send(settings, tower.store, START)
    assert first != second and _rows(first) == _rows(second)


def test_a_home_in_which_nobody_worked_sends_nothing(settings: Settings) -> None:
    assert outbox.send_waiting(settings) == []
    assert not settings.cases_path.exists()


def test_what_only_rules_did_waits_for_the_next_build(tower: World, tmp_path: Path) -> None:
    """The loop asks for what people did; with it goes what rules did before."""
    settings = Settings(home=tmp_path, cases_url=f"sqlite:///{tmp_path / 'cases.sqlite'}")
    routed = log.Entry(tower.at, "routing rule", "rule", "policy", "route", "case", "1", "v1", "allowed")
    with tower.store.writing() as con:
        log.append(con, tower.store.key, [routed])
    assert outbox.send_waiting(settings, is_people_only=True) == []
    work.acknowledge(tower.desk("order_operations"), [case(1)])
    (path,) = outbox.send_waiting(settings, is_people_only=True)
    assert [row["actor_type"] for row in _rows(path)] == ["rule", "person"]
    assert outbox.send_waiting(settings, is_people_only=True) == []
