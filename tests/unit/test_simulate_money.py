"""The money rules in whole cents. Golden numbers were worked out by hand as written beside them."""

from __future__ import annotations

import numpy as np
import pytest

from signalbox.simulate.money import cost, div, ex_tax, part, to_reporting


def one(value: int) -> np.ndarray:
    return np.array([value], dtype=np.int64)


@pytest.mark.parametrize(("value", "by", "expected"), [(5, 2, 3), (-5, 2, -3), (7, 3, 2), (-7, 3, -2), (0, 9, 0)])
def test_division_rounds_half_away_from_zero(value: int, by: int, expected: int) -> None:
    assert div(one(value), by).tolist() == [expected]


def test_tax_comes_out_of_an_included_price() -> None:
    # 11.90 at 19 % is 10.00 and 1.90; 9.99 at 7 % is 9.336... = 9.34; nothing at 0 %
    assert ex_tax(one(1190), one(1900)).tolist() == [1000]
    assert ex_tax(one(999), one(700)).tolist() == [934]
    assert ex_tax(one(999), one(0)).tolist() == [999]


def test_parts_of_a_line_add_up() -> None:
    amount, whole = one(1000), one(3)
    parts = [int(part(amount, one(k), one(k + 1), whole)[0]) for k in range(3)]
    assert parts == [333, 334, 333]  # 333.33, then 666.67 - 333, then the rest


def test_currency_and_unit_costs() -> None:
    assert to_reporting(one(1005), one(1_172_000)).tolist() == [1178]  # 10.05 x 1.172 = 11.7786
    assert to_reporting(one(-1005), one(1_172_000)).tolist() == [-1178]
    assert cost(one(3), one(15_350)).tolist() == [461]  # 3 x 1.535 = 4.605
