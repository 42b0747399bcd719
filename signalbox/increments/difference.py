"""Whether two tables hold the same rows, and which keys have other rows on one side than on the other.

Rows are compared by a hash of 64 bits of all their columns, taken together with their key: two rows of one key that
differ and have the same hash would pass for equal, once in 10^19 changed rows. Comparing the columns themselves costs
ten times as much, more than computing them. Bags of rows are compared by their number, and by the exclusive or and
the sum of their hashes: 3 M rows in a quarter of a second.
"""

from __future__ import annotations

from collections.abc import Sequence

_DIGEST = "count(*) as row_count, bit_xor(hash(compared)) as hashes_xor, sum(hash(compared)) as hashes_sum"


def digest(rows: str, left_out: Sequence[str] = ()) -> str:
    """A query for one row, which is the same for the same rows in any order.

    ``rows``: what stands after ``from``. ``left_out``: columns that do not count.
    """
    return f"select {_DIGEST} from (select {_told(left_out)} from {rows}) as compared"


def differing(one: str, other: str, keys: Sequence[str], apart_by: str = "") -> str:
    """A query for each key, once or more, whose rows are not the same on both sides; equal rows count as often as they
    stand there.

    ``one``, ``other``: what stands after ``from``: a relation with or without a condition, of the same columns on both
    sides. ``keys``: columns of it. ``apart_by``: a column, of a day as a rule: rows are looked at one by one only where
    those of a value of it are not the same on both sides. It makes long tables of which little differs quick.
    """
    cells = "".join(f"{name}, " for name in keys)
    one, other = (f"(select * from {rows})" for rows in (one, other))
    parts = ""
    if apart_by:
        parts = f"with parts as materialized ({_parts_that_differ(one, other, apart_by)}) "
        there = f"where hash({apart_by}) in (select part from parts)"
        one, other = (f"(select * from {rows} as told {there})" for rows in (one, other))
    sides = " union all ".join(
        f"select {cells}hash(compared) as row_hash, {count} as side_count from {rows} as compared"
        for count, rows in ((1, one), (-1, other))
    )
    return f"{parts}select {cells[:-2]} from ({sides}) as hashed group by {cells}row_hash having sum(side_count) <> 0"


def _parts_that_differ(one: str, other: str, column: str) -> str:
    """Hashes of the column's values of which the rows are not the same on both sides."""
    sides = " union all ".join(
        f"select hash({column}) as part, {_DIGEST} from {rows} as compared group by part" for rows in (one, other)
    )
    same = " or ".join(f"min({name}) <> max({name})" for name in ("row_count", "hashes_xor", "hashes_sum"))
    return f"select part from ({sides}) as digests group by part having count(*) <> 2 or {same}"


def _told(left_out: Sequence[str]) -> str:
    without = ", ".join(f'"{name}"' for name in left_out)
    return f"* exclude ({without})" if without else "*"
