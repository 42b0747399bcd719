"""Asks the published KPIs for the figures worked out by hand in ``tests/integration/anchors``.

The extracts and the story of each order: ``data/sample/anchors`` and ``anchors_dropship``. They are landed and built by
the command.
Not here: independent programs of the formulas (``test_twins``), or rows for one model (dbt's unit tests).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from signalbox.metrics import percentiles, values
from signalbox.publish import Snapshot, open_snapshot
from signalbox.settings import PROJECT_ROOT, load_settings
from tests.conftest import signalbox
from tests.integration.anchors import ANCHORS, dropship
from tests.integration.anchors.contribution import WATERFALLS
from tests.integration.anchors.ranks import RANKS
from tests.integration.anchors.shape import Anchor, Rank

SAMPLES = PROJECT_ROOT / "data" / "sample"


@contextmanager
def _built(home: Path, sample: str) -> Iterator[Snapshot]:
    signalbox(home, "land", str(SAMPLES / sample))
    signalbox(home, "build")
    with open_snapshot(load_settings(home)) as snapshot:
        yield snapshot


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    """The hand-made extracts, landed and built by the command."""
    with _built(tmp_path_factory.mktemp("anchors") / "home", "anchors") as snapshot:
        yield snapshot


def test_the_build_stands_at_the_last_delivery(published: Snapshot) -> None:
    assert published.as_of == datetime(2026, 4, 20, 8)


@pytest.mark.parametrize("anchor", ANCHORS, ids=str)
def test_a_figure_is_what_was_worked_out_by_hand(anchor: Anchor, published: Snapshot) -> None:
    _assert_figure(anchor, published)


@pytest.mark.prove
def test_figures_of_drop_ship_lines_are_what_was_worked_out_by_hand(tmp_path: Path) -> None:
    with _built(tmp_path / "home", "anchors_dropship") as snapshot:
        assert snapshot.as_of == datetime(2026, 3, 31, 6)
        for anchor in dropship.ANCHORS:
            _assert_figure(anchor, snapshot)


def _assert_figure(anchor: Anchor, published: Snapshot) -> None:
    rows = values(
        published.con,
        anchor.measure,
        grain="day" if anchor.day else "all",
        start=anchor.day,
        end=anchor.day,
        where=anchor.where,
        **({"by": "reason"} if anchor.among else {}),
    ).to_pylist()
    if anchor.among:
        rows = [row for row in rows if row["reason"] in anchor.among]
        names = ("numerator", "denominator", "no_data", "excluded")
        rows = [{name: sum(row[name] for row in rows) for name in names} | {"value": anchor.value}]
    assert len(rows) == 1, rows
    (row,) = rows
    expected = (Decimal(str(anchor.numerator)), Decimal(str(anchor.denominator)), anchor.no_data)
    assert (row["numerator"], row["denominator"], row["no_data"]) == expected
    assert row["value"] == (None if anchor.value is None else pytest.approx(anchor.value, rel=1e-12))
    if anchor.out is not None:
        assert row["excluded"] == anchor.out


@pytest.mark.parametrize("rank", RANKS, ids=str)
def test_percentiles_are_those_of_the_items_counted_by_hand(rank: Rank, published: Snapshot) -> None:
    (row,) = percentiles(
        published.con,
        rank.measure,
        grain="day" if rank.day else "all",
        start=rank.day,
        end=rank.day,
        quantiles=(0.5, 0.9, 0.99),
    ).to_pylist()
    assert [row["p50"], row["p90"], row["p99"]] == pytest.approx([rank.p50, rank.p90, rank.p99], rel=0.01)


@pytest.mark.parametrize("order_id", WATERFALLS)
def test_every_step_of_an_order_is_what_was_worked_out_by_hand(order_id: str, published: Snapshot) -> None:
    found = published.con.execute(
        "select step_code, sum(amount) from fct_contribution where order_id = ? group by step_code", [order_id]
    ).fetchall()
    assert dict(found) == {step: Decimal(amount) for step, amount in WATERFALLS[order_id].items()}


def test_the_steps_add_up_to_the_contribution(published: Snapshot) -> None:
    """Each step over all orders and tills, from the same rows as above."""
    table = values(published.con, "K72.amount", by="reason", grain="all")
    found = dict(zip(table["reason"].to_pylist(), table["numerator"].to_pylist(), strict=True))
    expected = {
        # O1 110, O2 100, O3 36, O4 200, O8 240, O10 100, O11 110, O12 10, T1 20, T2 100, T3 100; a gift card is no sale
        "gross_sales": "1126.00",
        "funded_discount": "-4.00",
        # O1 6.00, T2 23.80 / 1.19
        "unfunded_discount": "-26.00",
        # O1 5, O8 120, O11 20, T1 10
        "refund": "-155.00",
        # O1 42.5, O2 40, O3 18, O4 110, O8 60, O10 40, O11 45, O12 6, T1 10 - 5 back, T2 40, T3 40; R7 2.5 back
        "cogs": "-444.00",
        "supplier_funding": "4.00",
        "return_writedown": "-60.00",
        # O1 5, O4 16
        "shipping_revenue": "21.00",
        # O1 2.4, O2 0.7 + 0.2 (store), O3 3 × 1.1, O4 1.6, O8 1.6, O10 0.8, O11 2.4, O12 1.1
        "fulfilment": "-14.10",
        # 6.6 + 4.8 + 12 + 20 + 5 + 9 + 3
        "freight": "-60.40",
        # O1 1.2, O2 0.6, O4 3.2, O10 1.5, O11 1.1, O12 0.2, T2 0.95
        "payment_fee": "-8.75",
        # O3 3 × 1.2, O8 20 × 1.2, storage 10 × 1.25
        "marketplace_fee": "-40.10",
        # R1 1, R2 1, R3 2, R7 1
        "return_handling": "-5.00",
    }
    assert found == {step: Decimal(amount) for step, amount in expected.items()}
    assert sum(found.values()) == Decimal("333.65")
