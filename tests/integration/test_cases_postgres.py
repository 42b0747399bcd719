"""Cases of a team on a real PostgreSQL: the same casework, the same log, twenty writers at once."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from decimal import Decimal

import pytest
import sqlalchemy as sa

from signalbox.cases import approvals, log, work
from signalbox.cases.store import Store
from signalbox.cases.tables import audit_log
from signalbox.errors import SignalboxError
from tests.integration import postgres
from tests.unit.cases_world import KEY, World, case

pytestmark = pytest.mark.skipif(
    postgres.binaries() is None, reason="no PostgreSQL on this machine (Debian: postgresql)"
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with postgres.server() as found:
        yield found


@pytest.fixture
def tower(address: str) -> Iterator[World]:
    store = Store(address, KEY)
    with store.engine.begin() as con:
        con.execute(sa.text("drop schema public cascade"))
        con.execute(sa.text("create schema public"))
    store.migrate()
    store.migrate()
    yield World(store)
    store.close()


def test_a_proposal_goes_its_way(tower: World) -> None:
    work.acknowledge(tower.desk("order_operations"), [case()])
    approval = approvals.propose(tower.desk("order_operations"), case(), "refunded", Decimal("400"), "late")
    assert approvals.decide(tower.desk("finance_controller"), approval, True) == "approved"
    assert (tower.row()["state_code"], tower.row()["realised_amount"]) == ("resolved", Decimal("400.00"))
    with tower.store.reading() as con:
        assert log.verify(con, KEY).holds


def test_a_row_altered_in_the_database_is_found(tower: World) -> None:
    work.acknowledge(tower.desk("order_operations"), [case(1), case(2), case(3)])
    with tower.store.writing() as con:
        con.execute(sa.update(audit_log).where(audit_log.c.row_no == 2).values(actor="somebody else"))
    with tower.store.reading() as con:
        assert log.verify(con, KEY).row_no == 2


def test_the_second_of_two_people_is_told(tower: World) -> None:
    seen = case() | {"version_no": 0}
    work.acknowledge(tower.desk("order_operations"), [seen])
    with pytest.raises(work.Conflict):
        work.note(tower.desk("order_operations"), [seen], "me too")


def _write(address: str, writer: int) -> None:
    store = Store(address, KEY)
    store.migrate()
    desk = World(store).desk("order_operations")
    for number in range(10):
        work.note(desk, [case(1)], f"writer {writer} note {number}")
        work.acknowledge(desk, [case(1000 + 10 * writer + number)])


def test_twenty_writers_at_once_lose_nothing(tower: World, address: str) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(address, number)) for number in range(20)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 20
    with tower.store.reading() as con:
        proof = log.verify(con, KEY)
    assert (proof.holds, proof.rows) == (True, 400)
    notes = {row["details"] for row in tower.told() if row["action"] == "note"}
    assert (len(notes), tower.row(1)["version_no"]) == (200, 200)


def test_what_cannot_be_reached_is_one_line() -> None:
    with pytest.raises(SignalboxError, match=r"postgresql\+psycopg://cases:\*\*\*@127.0.0.1:1/none: cannot be used"):
        Store("postgresql+psycopg://cases:secret@127.0.0.1:1/none", KEY).migrate()
