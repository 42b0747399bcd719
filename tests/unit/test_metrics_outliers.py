"""Nodes that stand out: tails worked out by hand, the step-up rule, and who is not judged."""

from __future__ import annotations

import pytest

from signalbox.metrics.outliers import binomial_tail, worse_nodes


def test_tails_of_small_binomials() -> None:
    assert binomial_tail(2, 2, 0.5) == pytest.approx(1 / 4)  # both heads
    assert binomial_tail(2, 3, 0.5) == pytest.approx(4 / 8)  # three ways with two heads, one with three
    assert binomial_tail(1, 3, 0.1) == pytest.approx(1 - 0.9**3)
    assert binomial_tail(3, 3, 0.1) == pytest.approx(0.001)
    assert (binomial_tail(0, 5, 0.2), binomial_tail(1, 5, 0.0), binomial_tail(6, 5, 0.5)) == (1.0, 0.0, 0.0)


def test_a_tail_of_many_lines_does_not_underflow() -> None:
    # mean 1,000 and deviation 31.5: 1,100 is more than three deviations above, 900 nearly certain to be exceeded
    assert 0.0005 < binomial_tail(1100, 100_000, 0.01) < 0.002
    assert binomial_tail(900, 100_000, 0.01) > 0.998


def test_the_bad_node_stands_out_and_the_others_do_not() -> None:
    # 3 of 600 elsewhere is 0.5 %: 10 of 100 is far beyond, 1 of 100 is not
    counts = {"bad": (10, 100), "one": (1, 100), "two": (1, 250), "three": (1, 250)}
    assert list(worse_nodes(counts)) == ["bad"]


def test_a_node_of_few_lines_is_not_judged() -> None:
    assert worse_nodes({"small": (20, 49), "large": (1, 1000)}) == {}
    assert list(worse_nodes({"small": (20, 50), "large": (1, 1000)})) == ["small"]


def test_a_node_alone_has_no_others() -> None:
    assert worse_nodes({"only": (50, 100)}) == {}


def test_the_step_up_rule_keeps_what_stands_below_a_later_limit() -> None:
    # against a rate of 0 a single error has p = 0; both are kept although each is tested
    assert set(worse_nodes({"a": (5, 100), "b": (6, 100), "c": (0, 5000)})) == {"a", "b"}
