"""Shares of money: parts of a total are rounded half away from zero and add up, whatever the sizes."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conventions.portable_sql import Renderer

SHARE = Renderer("duckdb").statements("{{ cumulative_part('total', 'upto', 'before', 'whole') }}")[0]


def part(total: str, upto: str, before: str, whole: str) -> Decimal | None:
    names = {"total": "decimal(18, 2)", "upto": "decimal(18, 3)", "before": "decimal(18, 3)", "whole": "decimal(18, 3)"}
    cells = ", ".join(f"cast(? as {kind}) as {name}" for name, kind in names.items())
    with duckdb.connect() as con:
        row = con.execute(f"select {SHARE} from (select {cells})", [total, upto, before, whole]).fetchone()
    assert row is not None
    found: Decimal | None = row[0]
    return found


# By hand: 19.15 / 2 = 9.575, half of a cent goes away from zero; the second part is what is left. 1961.55 * 700
# / 1400 = 980.775. The last: 92,000,000,000,000.01 / 3 = 30,666,666,666,666.67, a product of more than 63 bits.
@pytest.mark.parametrize(
    ("total", "upto", "before", "whole", "expected"),
    [
        ("19.15", "1", "0", "2", "9.58"),
        ("19.15", "2", "1", "2", "9.57"),
        ("-19.15", "1", "0", "2", "-9.58"),
        ("1961.55", "700", "0", "1400", "980.78"),
        ("0.01", "0.4", "0", "1", "0.00"),
        ("0.01", "0.5", "0.4", "1", "0.01"),
        ("92000000000000.01", "100000000000", "0", "300000000000", "30666666666666.67"),
        ("5.00", "1", "0", "0", None),
    ],
)
def test_a_part_worked_out_by_hand(total: str, upto: str, before: str, whole: str, expected: str | None) -> None:
    assert part(total, upto, before, whole) == (Decimal(expected) if expected else None)


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=6).filter(any))
def test_parts_are_those_of_exact_fractions_and_add_up(cents: int, weights: list[int]) -> None:
    whole = sum(weights)
    parts, upto, before, cumulated = [], 0, 0, Decimal(0)
    for weight in weights:
        before, upto = upto, upto + weight
        found = part(f"{Decimal(cents) / 100}", *(f"{Decimal(w) / 1000}" for w in (upto, before, whole)))
        assert found is not None
        parts.append(found)
        cumulated += found
        exact = math.floor(Fraction(abs(cents) * upto, whole) + Fraction(1, 2))
        assert abs(cumulated) * 100 == exact
    assert sum(parts) * 100 == cents
