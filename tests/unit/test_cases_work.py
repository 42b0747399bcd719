"""Cases: what each action needs and changes, and that two people at once lose nothing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from signalbox.cases import approvals, log, work
from signalbox.cases.access import Refused
from signalbox.cases.policy import Person
from signalbox.cases.tables import claim
from signalbox.errors import UsageError
from tests.unit.cases_world import KEY, START, World, case, world


@pytest.fixture
def tower(tmp_path: Path) -> World:
    return world(tmp_path)


def test_a_case_goes_its_way(tower: World) -> None:
    order = tower.desk("order_operations")
    work.acknowledge(order, [case()])
    assert (tower.row()["state_code"], tower.row()["assignee"], tower.row()["version_no"]) == (
        "acknowledged", "order_operations", 1,
    )  # fmt: skip
    work.pause(order, [case()], "waiting for the carrier")
    assert (tower.row()["state_code"], tower.row()["paused_ts"]) == ("paused", START)
    tower.later(hours=3)
    work.resume(tower.desk("order_operations"), [case()])
    assert (tower.row()["state_code"], tower.row()["paused_ts"]) == ("acknowledged", None)
    work.resolve(tower.desk("order_operations"), [case()], "rerouted", text="sent from another store")
    settled = tower.row()
    assert (settled["state_code"], settled["outcome_code"]) == ("resolved", "rerouted")
    assert (settled["acknowledged_ts"], settled["resolved_ts"]) == (START, START + timedelta(hours=3))
    work.reopen(tower.desk("order_operations"), [case()], "it came back")
    assert (tower.row()["state_code"], tower.row()["outcome_code"], tower.row()["version_no"]) == (
        "acknowledged", None, 5,
    )  # fmt: skip
    assert [row["action"] for row in tower.told()] == ["acknowledge", "pause", "resume", "resolve", "reopen"]


@pytest.mark.parametrize(
    ("state", "action"),
    [
        ("new", lambda desk: work.resume(desk, [case()])),
        ("new", lambda desk: work.reopen(desk, [case()], "why")),
        ("acknowledged", lambda desk: work.acknowledge(desk, [case()])),
        ("paused", lambda desk: work.pause(desk, [case()], "again")),
        ("resolved", lambda desk: work.resolve(desk, [case()], "corrected")),
        ("resolved", lambda desk: work.dismiss(desk, [case()], "why")),
        ("resolved", lambda desk: work.pause(desk, [case()], "why")),
        ("resolved", lambda desk: work.assign(desk, [case()], "order_operations")),
    ],
)
def test_an_action_that_does_not_fit_the_state_changes_nothing(tower: World, state: str, action: object) -> None:
    desk = tower.desk("order_operations")
    if state != "new":
        work.acknowledge(desk, [case()])
    if state == "paused":
        work.pause(desk, [case()], "wait")
    if state == "resolved":
        work.resolve(desk, [case()], "corrected")
    before = tower.told()
    with pytest.raises(UsageError, match=f"it is {state}"):
        action(desk)  # type: ignore[operator]
    assert tower.told() == before


def test_the_second_of_two_people_is_told(tower: World) -> None:
    seen_by_both = case() | {"version_no": 0}
    work.acknowledge(tower.desk("order_operations"), [seen_by_both])
    other = Person("colleague", "Colleague", ("order_operations",), {})
    with pytest.raises(work.Conflict, match="order_operations changed it at 2026-03-02 09:00"):
        work.resolve(tower.desk(other), [seen_by_both], "corrected")
    assert tower.row()["state_code"] == "acknowledged"
    work.resolve(tower.desk(other), [case() | {"version_no": 1}], "corrected")
    assert tower.row()["state_code"] == "resolved"


def test_of_many_cases_those_that_cannot_be_done_are_told_and_the_rest_is_done(tower: World) -> None:
    desk = tower.desk("order_operations")
    work.acknowledge(desk, [case(2)])
    cases = [case(1), case(2), case(3, status_code="closed"), case(4, owner_role="finance"), case(5)]
    done = work.acknowledge(desk, cases)
    assert set(done.changed) == {case(1)["exception_id"], case(5)["exception_id"]}
    assert ["it is acknowledged" in done.refused[case(2)["exception_id"]]] == [True]
    assert "closed by itself" in done.refused[case(3)["exception_id"]]
    assert "may not acknowledge cases of finance" in done.refused[case(4)["exception_id"]]


def test_who_is_limited_to_a_store_works_on_no_other(tower: World) -> None:
    manager = Person("amy", "Amy", ("store_manager",), {"location": frozenset({"S001"})})
    work.acknowledge(tower.desk(manager), [case(1, owner_role="store")])
    for number, place in ((2, "S002"), (3, None)):
        with pytest.raises(Refused, match="Amy may not acknowledge"):
            work.acknowledge(tower.desk(manager), [case(number, owner_role="store", location=place)])
    refused = [row for row in tower.told() if row["policy_result"] == "refused"]
    assert [row["object_id"] for row in refused] == [case(2)["exception_id"], case(3)["exception_id"]]


def test_what_was_handed_to_another_desk_is_worked_there(tower: World) -> None:
    """The case's own owner counts, not that of its exception."""
    work.acknowledge(tower.desk("order_operations"), [case()])
    with tower.store.writing() as con:
        work.write(con, [{**tower.row(), "owner_role": "customer_service", "version_no": 2}])
    with pytest.raises(Refused):
        work.note(tower.desk("order_operations"), [case()], "mine")
    work.note(tower.desk("customer_service"), [case()], "ours")


def test_assigning_needs_somebody_who_works_there(tower: World) -> None:
    desk = tower.desk("order_operations")
    with pytest.raises(UsageError, match="Pricing does not work cases of order_operations"):
        work.assign(desk, [case()], "pricing")
    with pytest.raises(UsageError, match="'nobody' is nobody"):
        work.assign(desk, [case()], "nobody")
    work.assign(desk, [case()], "order_operations")
    assert tower.row()["assignee"] == "order_operations"


def test_parts_of_a_case_are_cases(tower: World) -> None:
    desk = tower.desk("order_operations")
    parts = work.split(desk, case(), ["line 1", "line 2"])
    assert len(set(parts)) == 2
    with pytest.raises(UsageError, match="part of that name already"):
        work.split(desk, case(), ["line 3", "line 1"])
    with tower.store.reading() as con:
        rows = con.execute(sa.text("select business_key, split_from, state_code from case_file order by 1")).all()
    assert [tuple(row) for row in rows] == [
        ("order 1", None, "new"),
        ("order 1 / line 1", case()["exception_id"], "new"),
        ("order 1 / line 2", case()["exception_id"], "new"),
    ]


def test_merging_goes_into_an_open_case(tower: World) -> None:
    desk = tower.desk("order_operations")
    work.merge(desk, [case(2)], case(1))
    assert (tower.row(2)["state_code"], tower.row(2)["merged_into"]) == ("merged", case(1)["exception_id"])
    assert tower.row(1)["state_code"] == "new"
    with pytest.raises(UsageError, match="it is merged; merge into one that is open"):
        work.merge(desk, [case(3)], case(2))
    with pytest.raises(UsageError, match="into itself"):
        work.merge(desk, [case(1)], case(1))


def test_money_beyond_the_limit_needs_others(tower: World) -> None:
    """A refund of 1,000 needs two votes (approval.csv): not of who proposed it, not twice of one person."""
    desk = tower.desk("order_operations")
    with pytest.raises(UsageError, match="needs approval"):
        work.resolve(desk, [case()], "refunded", Decimal("1000"))
    approval = approvals.propose(desk, case(), "refunded", Decimal("1000"), "parcel lost")
    with pytest.raises(Refused, match="Order operations had a part in order 1 \\(propose\\)"):
        approvals.decide(desk, approval, True)
    with pytest.raises(Refused, match="Pricing may not approve a refund of"):
        approvals.decide(tower.desk("pricing"), approval, True)
    assert approvals.decide(tower.desk("finance_controller"), approval, True) == "pending"
    with pytest.raises(Refused, match="has voted on it already"):
        approvals.decide(tower.desk("finance_controller"), approval, True)
    assert approvals.decide(tower.desk("second_controller"), approval, True) == "approved"
    assert (tower.row()["state_code"], tower.row()["outcome_code"], tower.row()["realised_amount"]) == (
        "resolved", "refunded", Decimal("1000.00"),
    )  # fmt: skip
    with pytest.raises(UsageError, match="it is approved"):
        approvals.decide(tower.desk("second_controller"), approval, False, "too late")
    told = [(row["action"], row["policy_result"], row["actor_type"]) for row in tower.told()]
    assert told == [
        ("propose", "allowed", "person"),
        ("approve", "refused", "person"),
        ("approve", "refused", "person"),
        ("approve", "allowed", "person"),
        ("approve", "refused", "person"),
        ("approve", "allowed", "person"),
        ("resolve", "allowed", "rule"),
    ]


def test_one_vote_against_refuses_and_the_case_stays_open(tower: World) -> None:
    approval = approvals.propose(tower.desk("order_operations"), case(), "refunded", Decimal("400"), "late")
    with pytest.raises(UsageError, match="say why"):
        approvals.decide(tower.desk("finance_controller"), approval, False)
    assert approvals.decide(tower.desk("finance_controller"), approval, False, "not ours") == "refused"
    assert tower.row()["state_code"] == "new"


def test_who_worked_around_the_case_does_not_approve_it(tower: World) -> None:
    """Somebody with both roles split the case; the conflict matrix separates that from approving."""
    both = Person("bo", "Bo", ("order_operations",), {})
    work.split(tower.desk(both), case(), ["line 1"])
    approval = approvals.propose(tower.desk("order_operations"), case(), "refunded", Decimal("400"), "late")
    with pytest.raises(Refused, match="Bo had a part in order 1 \\(split\\)"):
        approvals.decide(tower.desk(both), approval, True)


def test_a_small_refund_needs_nobody(tower: World) -> None:
    desk = tower.desk("order_operations")
    with pytest.raises(UsageError, match="needs no approval"):
        approvals.propose(desk, case(), "refunded", Decimal("99.99"), "late")
    work.resolve(desk, [case()], "refunded", Decimal("99.99"))
    assert tower.row()["realised_amount"] == Decimal("99.99")


def test_a_second_proposal_waits_for_the_first(tower: World) -> None:
    desk = tower.desk("order_operations")
    first = approvals.propose(desk, case(), "refunded", Decimal("400"), "late")
    with pytest.raises(UsageError, match="is waiting already"):
        approvals.propose(desk, case(), "refunded", Decimal("300"), "late")
    with pytest.raises(UsageError, match="only they can take it back"):
        approvals.withdraw(tower.desk("finance_controller"), first)
    approvals.withdraw(desk, first)
    approvals.propose(desk, case(), "refunded", Decimal("300"), "late")
    with tower.store.reading() as con:
        assert [row["amount"] for row in approvals.waiting(con)] == [Decimal("300.00")]


def test_handling_time_ends_with_the_next_case_or_after_a_quarter_of_an_hour(tower: World) -> None:
    """09:00 and 09:10 on case 1, 09:12 on case 2: 12 minutes; then nothing until 10:00: case 2 ends at 09:27."""
    who = "order_operations"
    work.acknowledge(tower.desk(who), [case(1)])
    tower.later(minutes=10)
    work.note(tower.desk(who), [case(1)], "called")
    tower.later(minutes=2)
    work.acknowledge(tower.desk(who), [case(2)])
    tower.later(minutes=48)
    work.note(tower.desk(who), [case(1)], "called again")
    with tower.store.reading() as con:
        rows = con.execute(sa.select(claim).order_by(claim.c.started_ts)).mappings().all()
    spans = [
        (row["case_id"][-1], row["started_ts"] - START, row["ended_ts"] and row["ended_ts"] - START) for row in rows
    ]
    minutes = timedelta(minutes=1)
    assert spans == [("1", 0 * minutes, 12 * minutes), ("2", 12 * minutes, 27 * minutes), ("1", 60 * minutes, None)]


def test_everything_done_is_in_a_log_that_holds(tower: World) -> None:
    desk = tower.desk("order_operations")
    work.acknowledge(desk, [case(number) for number in range(1, 601)])
    with tower.store.reading() as con:
        proof = log.verify(con, KEY)
    assert (proof.holds, proof.rows) == (True, 600)
