"""The log: whatever is done to its rows, or to its end, is found, and the first row is named."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from signalbox.cases import log, work
from signalbox.cases.store import Store
from signalbox.cases.tables import audit_log, log_head
from signalbox.errors import SignalboxError
from tests.unit.cases_world import KEY, World, case, world

ROWS = 12


def _entry(number: int) -> log.Entry:
    return log.Entry(
        datetime(2026, 3, 2, 9, number % 60), "amy", "person", "planner", "note", "case", f"case {number}", "v1",
        "allowed", case_id=f"case {number}", details={"text": f"words {number}", "größe": number},
    )  # fmt: skip


def _filled(folder: Path) -> Store:
    store = Store(f"sqlite:///{folder / 'cases.sqlite'}", KEY)
    store.migrate()
    with store.writing() as con:
        log.append(con, KEY, [_entry(number) for number in range(1, ROWS + 1)])
    return store


def _proof(store: Store, key: bytes = KEY) -> log.Proof:
    with store.reading() as con:
        return log.verify(con, key)


def _swap(con: sa.Connection) -> None:
    for old, new in ((4, 99), (5, 4), (99, 5)):
        con.execute(sa.update(audit_log).where(audit_log.c.row_no == old).values(row_no=new))


def _insert(con: sa.Connection) -> None:
    """A copy of row 3 behind it, the rest moved on."""
    for number in range(ROWS, 3, -1):
        con.execute(sa.update(audit_log).where(audit_log.c.row_no == number).values(row_no=number + 1))
    row = dict(con.execute(sa.select(audit_log).where(audit_log.c.row_no == 3)).mappings().one())
    con.execute(sa.insert(audit_log), {**row, "row_no": 4})


def _append(con: sa.Connection) -> None:
    row = dict(con.execute(sa.select(audit_log).where(audit_log.c.row_no == ROWS)).mappings().one())
    con.execute(sa.insert(audit_log), {**row, "row_no": ROWS + 1})


def _forge(con: sa.Connection) -> None:
    """Row 4 changed and the chain made anew from there, by somebody who lacks the key."""
    rows = [dict(row) for row in con.execute(sa.select(audit_log).order_by(audit_log.c.row_no)).mappings()]
    con.execute(sa.delete(audit_log))
    previous = rows[2]["hash"]
    for row in rows[3:]:
        row |= {"actor": "eve", "previous_hash": previous}
        previous = row["hash"] = log._hash(b"another key", row)
    con.execute(sa.insert(audit_log), rows)
    con.execute(sa.update(log_head).values(hash=previous))


def _delete(*numbers: int) -> Callable[[sa.Connection], None]:
    return lambda con: con.execute(sa.delete(audit_log).where(audit_log.c.row_no.in_(numbers))) and None  # type: ignore[func-returns-value]


@pytest.mark.parametrize(
    ("spoil", "row_no", "words"),
    [
        (_delete(4), 4, "row 4 was removed"),
        (_delete(4, 5), 4, "rows 4 to 5 were removed"),
        (_delete(1), 1, "row 1 was removed"),
        (_delete(ROWS), ROWS, f"row {ROWS} was removed from the end"),
        (_delete(*range(1, ROWS + 1)), 1, f"rows 1 to {ROWS} were removed from the end"),
        (_swap, 4, "row 4 was altered"),
        (_insert, 4, "row 4 was altered, or put in"),
        (_append, ROWS + 1, f"row {ROWS + 1} was altered, or put in"),
        (_forge, 4, "row 4 was altered"),
    ],
    ids=["one", "two", "first", "last", "all", "swapped", "inserted", "added", "forged"],
)
def test_rows_that_are_removed_moved_or_put_in_are_found(
    tmp_path: Path, spoil: Callable[[sa.Connection], None], row_no: int, words: str
) -> None:
    store = _filled(tmp_path)
    assert _proof(store).holds
    with store.writing() as con:
        spoil(con)
    proof = _proof(store)
    assert (proof.row_no, proof.rows) == (row_no, row_no - 1)
    assert words in str(proof.trouble)


@pytest.mark.parametrize("column", [column.name for column in audit_log.columns if column.name != "row_no"])
def test_every_column_is_sealed(tmp_path: Path, column: str) -> None:
    store = _filled(tmp_path)
    other = datetime(2020, 1, 1) if column.endswith("_ts") else "something else"
    with store.writing() as con:
        con.execute(sa.update(audit_log).where(audit_log.c.row_no == 7).values({column: other}))
    proof = _proof(store)
    assert (proof.row_no, proof.rows) == (7, 6)


def test_another_key_proves_nothing(tmp_path: Path) -> None:
    assert "row 1 was altered" in str(_proof(_filled(tmp_path), b"another key").trouble)


def test_an_end_sealed_without_the_key_is_found(tmp_path: Path) -> None:
    """The last two rows cut off, and the head moved back to what is left."""
    store = _filled(tmp_path)
    with store.writing() as con:
        left = con.execute(sa.select(audit_log.c.hash).where(audit_log.c.row_no == ROWS - 2)).scalar_one()
        _delete(ROWS, ROWS - 1)(con)
        con.execute(sa.update(log_head).values(row_no=ROWS - 2, hash=left))
    assert "seal" in str(_proof(store).trouble)


@given(batches=st.lists(st.lists(st.text(max_size=20), max_size=4), max_size=5))
def test_whatever_is_told_in_whatever_portions_the_chain_holds(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[str]]
) -> None:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('log') / 'cases.sqlite'}", KEY)
    store.migrate()
    for batch in batches:
        with store.writing() as con:
            entries = [log.Entry(datetime(2026, 3, 2), text, "rule", "r", "a", "o", text, "v", "p") for text in batch]
            log.append(con, KEY, entries)
    store.migrate()
    proof = _proof(store)
    store.close()
    assert (proof.holds, proof.rows) == (True, sum(map(len, batches)))


def test_a_writer_that_fails_leaves_no_row(tmp_path: Path) -> None:
    store = _filled(tmp_path)
    with pytest.raises(RuntimeError), store.writing() as con:
        log.append(con, KEY, [_entry(99)])
        raise RuntimeError("the power failed")
    assert (_proof(store).holds, _proof(store).rows) == (True, ROWS)


def test_a_database_that_fails_in_the_middle_says_so_and_keeps_nothing(tmp_path: Path) -> None:
    store = _filled(tmp_path)
    with pytest.raises(SignalboxError, match="cannot be used: no such table: nowhere"), store.writing() as con:
        log.append(con, KEY, [_entry(99)])
        con.execute(sa.text("insert into nowhere values (1)"))
    assert (_proof(store).holds, _proof(store).rows) == (True, ROWS)


def _write(folder: str, writer: int) -> None:
    tower = World(Store(f"sqlite:///{folder}/cases.sqlite", KEY))
    desk = tower.desk("order_operations")
    for number in range(10):
        work.note(desk, [case(1)], f"writer {writer} note {number}")
        work.acknowledge(desk, [case(1000 + 10 * writer + number)])


def test_twenty_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    tower = world(tmp_path)
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(str(tmp_path), number)) for number in range(20)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 20
    proof = _proof(tower.store)
    assert (proof.holds, proof.rows) == (True, 400)
    notes = {row["details"] for row in tower.told() if row["action"] == "note"}
    assert (len(notes), tower.row(1)["version_no"]) == (200, 200)


def test_tables_of_a_later_version_are_left_alone(tmp_path: Path) -> None:
    store = _filled(tmp_path)
    with store.writing() as con:
        con.execute(sa.text("update alembic_version set version_num = '9999'"))
    with pytest.raises(SignalboxError, match="made by a later version"):
        store.migrate()
