"""Which keys have other rows on one side than on the other.

Rows are compared by a hash of 64 bits of all their columns, taken together with their key: two rows of one key that
differ and have the same hash would pass for equal, once in 10^19 changed rows. Comparing the columns themselves costs
ten times as much, more than computing them.
"""

from __future__ import annotations

from collections.abc import Sequence


def differing(one: str, other: str, keys: Sequence[str], left_out: Sequence[str] = ()) -> str:
    """A query for each key, once or more, whose rows are not the same on both sides; equal rows count as often as they
    stand there.

    ``one``, ``other``: what stands after ``from``: a relation with or without a condition, of the same columns on both
    sides. ``keys``: columns of it; none: a column ``differs``. ``left_out``: other columns, which are not compared.
    """
    cells = "".join(f"{name}, " for name in keys)
    without = ", ".join(f'"{name}"' for name in left_out)
    told = f"* exclude ({without})" if without else "*"
    sides = " union all ".join(
        f"select {cells}hash(compared) as row_hash, {count} as side_count from (select {told} from {rows}) as compared"
        for count, rows in ((1, one), (-1, other))
    )
    found = cells or "true as differs, "
    return f"select {found[:-2]} from ({sides}) as hashed group by {cells}row_hash having sum(side_count) <> 0"
