"""The matrix of role, action and scope, enumerated: in the case layer, and in the condition that pages read by.

What is expected is read from the tables by a program of its own: a right is a line of access.csv, a desk is desk.csv.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from itertools import product
from pathlib import Path

import duckdb
import pytest

from signalbox.cases import work
from signalbox.cases.access import Refused, condition, role_for
from signalbox.cases.policy import ACTIONS, LIMITS, ROLES, SHIPPED, WORKING, Person, Policy
from signalbox.errors import UsageError
from signalbox.exceptions.models import read_catalog
from tests.unit.cases_world import World, case, world

POLICY = Policy([SHIPPED], date(2026, 3, 2))
OWNERS = sorted({*(row["owner_role"] for row in read_catalog()), "fraud", "nobody"})
# A person without limits, limited to where the case is, to elsewhere, and to where a case without a place cannot be.
PLACES: list[tuple[dict[str, frozenset[str]], str | None, bool]] = [
    ({}, "S001", True),
    ({}, None, True),
    ({"location": frozenset({"S001", "S002"})}, "S001", True),
    ({"location": frozenset({"S002"})}, "S001", False),
    ({"location": frozenset({"S002"})}, None, False),
    ({"location": frozenset({"S001"}), "channel": frozenset({"STORE"})}, "S001", False),
]


def _table(name: str) -> list[dict[str, str]]:
    with (SHIPPED / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


RIGHTS = {(row["role"], row["action"]): row["scope"] for row in _table("access")}
DESK = {(row["role"], row["owner_role"]) for row in _table("desk")}


def _expected(role: str, action: str, owner: str, is_within: bool) -> bool:
    scope = RIGHTS.get((role, action), "denied")
    return is_within and (scope == "all" or (scope == "desk" and (role, owner) in DESK))


def _people() -> Iterator[tuple[str, Person, str | None, bool]]:
    for role, (limits, place, is_within) in product(ROLES, PLACES):
        yield role, Person("amy", "Amy", (role,), limits), place, is_within


@pytest.mark.parametrize("action", ACTIONS)
def test_every_role_action_and_scope(action: str) -> None:
    """14 roles x 19 actions x every owner x 6 situations; what is not granted is denied."""
    for role, person, place, is_within in _people():
        for owner in OWNERS:
            found = role_for(POLICY, person, action, case(owner_role=owner, location=place))
            assert found == (role if _expected(role, action, owner, is_within) else None), (role, action, owner, person)


@pytest.mark.parametrize("action", ["read", "export"])
def test_what_pages_read_is_what_may_be_read(action: str) -> None:
    """The condition keeps exactly the cases that the case layer would allow."""
    con = duckdb.connect()
    con.execute(
        "create table fact (owner_role varchar, channel varchar, region varchar, location varchar, supplier varchar)"
    )
    rows = [(owner, "WEB", "NORTH", place, None) for owner in OWNERS for place in ("S001", "S002", None)]
    con.executemany("insert into fact values (?, ?, ?, ?, ?)", rows)
    for _, person, _, _ in _people():
        wanted = condition(POLICY, person, action)
        kept = con.execute(f"select * from fact where {wanted.sql}", wanted.parameters).fetchall()
        names = ("owner_role", *LIMITS)
        order = ("owner_role", "channel", "region", "location", "supplier")
        assert set(names) == set(order)
        allowed = [row for row in rows if role_for(POLICY, person, action, dict(zip(order, row, strict=True)))]
        assert sorted(kept, key=str) == sorted(allowed, key=str), (person, wanted)


DO = {
    "acknowledge": lambda desk, one: work.acknowledge(desk, [one]),
    "assign": lambda desk, one: work.assign(desk, [one], "amy"),
    "note": lambda desk, one: work.note(desk, [one], "words"),
    "pause": lambda desk, one: work.pause(desk, [one], "why"),
    "resolve": lambda desk, one: work.resolve(desk, [one], "corrected"),
    "dismiss": lambda desk, one: work.dismiss(desk, [one], "why"),
    "reopen": lambda desk, one: work.reopen(desk, [one], "why"),
    "split": lambda desk, one: work.split(desk, one, ["part"]),
    "merge": lambda desk, one: work.merge(
        desk, [one], case(9_000 + int(one["exception_id"], 16), owner_role=one["owner_role"])
    ),
    "propose": lambda desk, one: _propose(desk, one),
}


def _propose(desk: work.Desk, one: dict[str, object]) -> str:
    from decimal import Decimal

    from signalbox.cases import approvals

    return approvals.propose(desk, one, "written_off", Decimal(10), "why")


@pytest.fixture
def tower(tmp_path: Path) -> World:
    return world(tmp_path)


@pytest.mark.parametrize("action", WORKING)
def test_an_action_is_done_where_it_is_allowed_and_refused_elsewhere(tower: World, action: str) -> None:
    assert set(DO) == set(WORKING)
    owners = ("order_operations", "finance", "data_steward")
    for number, (role, owner) in enumerate(product(ROLES, owners), start=1):
        person = Person("amy", "Amy", (role,), {})
        tower.policy.__dict__["people"] = {**tower.policy.people, "amy": person}
        desk, one = tower.desk(person), case(number, owner_role=owner)
        if _expected(role, action, owner, True):
            if action == "reopen":
                work.resolve(desk, [one], "corrected")
            DO[action](desk, one)
        else:
            with pytest.raises((Refused, UsageError), match=r"may not|not on your desk"):
                DO[action](desk, one)


def test_two_roles_add_up() -> None:
    both = Person("amy", "Amy", ("returns", "procurement"), {})
    assert role_for(POLICY, both, "resolve", case(owner_role="procurement")) == "procurement"
    assert role_for(POLICY, both, "resolve", case(owner_role="returns")) == "returns"
    assert role_for(POLICY, both, "resolve", case(owner_role="finance")) is None


def test_every_owner_of_an_exception_has_a_desk() -> None:
    desks = {owner for _, owner in DESK}
    assert {row["owner_role"] for row in read_catalog()} <= desks


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("access", "role,action,scope\nking,read,all\n", "role: 'king' is none of"),
        ("access", "role,action\nauditor,read\n", "its columns must be role,action,scope"),
        ("access", "role,action,scope\nauditor,read\n", "line 2: it has not 3 values"),
        ("people", "{head}\namy,Amy,auditor|administrator,,,,,2000-01-01,\n", "amy holds administrator and auditor"),
        ("approval", "{head}\nrefund,much,1,finance_controller,8,2000-01-01,\n", "from_amount: 'much' is not a number"),
        ("outcome", "{head}\nx,bribe,true,words\n", "kind: 'bribe' is none of"),
    ],
)
def test_a_table_that_is_wrong_is_refused_with_its_place(tmp_path: Path, name: str, text: str, words: str) -> None:
    head = (SHIPPED / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0]
    (tmp_path / f"{name}.csv").write_text(text.replace("{head}", head), encoding="utf-8")
    with pytest.raises(UsageError, match=words):
        policy = Policy([tmp_path, SHIPPED], date(2026, 3, 2))
        assert policy.approvals


def test_a_table_of_the_retailer_replaces_the_shipped_one_while_it_is_valid(tmp_path: Path) -> None:
    head = (SHIPPED / "people.csv").read_text(encoding="utf-8").splitlines()[0]
    lines = [head, "amy,Amy,planner,WEB|APP,,,,2026-01-01,2026-03-31", "bo,Bo,auditor,,,,,2026-04-01,"]
    (tmp_path / "people.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    spring = Policy([tmp_path, SHIPPED], date(2026, 3, 31))
    assert spring.people == {"amy": Person("amy", "Amy", ("planner",), {"channel": frozenset({"WEB", "APP"})})}
    assert list(Policy([tmp_path, SHIPPED], date(2026, 4, 1)).people) == ["bo"]
    assert spring.version != POLICY.version
