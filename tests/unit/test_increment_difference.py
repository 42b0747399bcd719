"""Which keys differ between two tables, against a program that counts rows."""

from __future__ import annotations

from collections import Counter

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from signalbox.increments.difference import differing, digest

CELLS = ("ab", [1, 2, None], ["x", "", None], "fg")
ROWS = st.lists(st.tuples(*map(st.sampled_from, CELLS)), max_size=6)


def table(con: duckdb.DuckDBPyConnection, name: str, rows: list[tuple[object, ...]]) -> None:
    con.execute(f"create or replace table {name} (id varchar, amount integer, note varchar, _file varchar)")
    if rows:
        con.executemany(f"insert into {name} values (?, ?, ?, ?)", rows)


@given(one=ROWS, other=ROWS)
def test_a_key_differs_when_the_bags_of_its_rows_do(
    one: list[tuple[object, ...]], other: list[tuple[object, ...]]
) -> None:
    with duckdb.connect() as con:
        table(con, "one", one)
        table(con, "other", other)
        mine, yours = Counter(one), Counter(other)
        wanted = {row[0] for row in (mine - yours) + (yours - mine)}
        for apart_by in ("", "amount", "note"):
            found = con.execute(differing("one", "other", ("id",), apart_by)).fetchall()
            assert {row[0] for row in found} == wanted
        for width, left_out in ((4, ()), (3, ("_file",))):
            mine, yours = (Counter(row[:width] for row in rows) for rows in (one, other))
            digests = {con.execute(digest(name, left_out)).fetchone() for name in ("one", "other")}
            assert (len(digests) == 1) == (mine == yours)


def test_values_that_change_places_differ() -> None:
    """By hand: (a, 1, x) and (a, 2, y) against (a, 1, y) and (a, 2, x): the same values in each column, other rows."""
    with duckdb.connect() as con:
        table(con, "one", [("a", 1, "x", "f"), ("a", 2, "y", "f"), ("b", 1, "x", "f")])
        table(con, "other", [("a", 1, "y", "f"), ("a", 2, "x", "f"), ("b", 1, "x", "f")])
        assert set(con.execute(differing("one", "other", ("id",))).fetchall()) == {("a",)}


def test_a_condition_holds_for_its_side() -> None:
    with duckdb.connect() as con:
        table(con, "one", [("a", 1, None, "f")])
        table(con, "other", [("a", 1, None, "f"), ("b", 1, None, "f")])
        assert con.execute(differing("one", "other where id <> 'b'", ("id",))).fetchall() == []
