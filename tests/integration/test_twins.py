"""Every KPI of the warehouse against its independent polars twin, on the tiny retailer without injected faults.

The twins read the extract files and know nothing of the models (``tests/twins``); numerator and denominator must agree
by period day (and channel, where the twin has it), not only in total. On the retailer with faults they read the rows
that landing accepted, so that duplicates, late versions and breaches are counted alike, too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import ModuleType

import duckdb
import polars as pl
import pytest

from tests.conftest import Retailer
from tests.twins import (
    MEASURES,
    finance,
    inbound,
    inventory,
    matching,
    messages,
    network,
    nodes,
    office,
    orders,
    perfect,
    prices,
    returns,
    reverse,
    service,
    stock,
    stock_walk,
    supply,
)
from tests.twins.extracts import Extracts, Landed

_CONTRACTS = Path(__file__).resolve().parents[2] / "data" / "contracts"


@pytest.fixture(scope="module")
def extracts(tiny_clean: Retailer) -> Extracts:
    return Extracts(tiny_clean.extracts)


@pytest.fixture(scope="module")
def warehouse(tiny_clean: Retailer):
    from signalbox.publish import open_snapshot
    from signalbox.settings import load_settings

    with open_snapshot(load_settings(tiny_clean.home)) as snapshot:
        yield snapshot


def _published(warehouse, kpi_ids: list[str], by_channel: bool) -> pl.DataFrame:
    marks = ", ".join("?" for _ in kpi_ids)
    grouping = "channel" if by_channel else "total"
    return warehouse.con.execute(
        "select kpi_id, period_date, coalesce(channel, '') as channel, cast(numerator as double) as numerator, "
        "cast(denominator as double) as denominator from fct_kpi "
        f"where grouping_name = ? and kpi_id in ({marks}) and (denominator <> 0 or numerator <> 0)",
        [grouping, *kpi_ids],
    ).pl()


def _differences(twin: pl.DataFrame, published: pl.DataFrame, tolerance: float) -> pl.DataFrame:
    key = ["kpi_id", "period_date", "channel"]
    if "channel" not in twin.columns:
        twin = twin.with_columns(pl.lit("").alias("channel"))
    twin = twin.filter((pl.col("denominator") != 0) | (pl.col("numerator") != 0))
    both = twin.join(published, on=key, how="full", coalesce=True, suffix="_published").fill_null(0)
    # each row's quotient is kept to six places, which a large sum of them shows
    off_top, off_bottom = (
        (pl.col(name) - pl.col(f"{name}_published")).abs() > tolerance + 1e-9 * pl.col(name).abs()
        for name in ("numerator", "denominator")
    )
    return both.filter(off_top | off_bottom).sort(key)


_BY_CHANNEL: dict[str, Callable[[Extracts, datetime], pl.DataFrame]] = {
    "K01": perfect.k01,
    "K02": orders.k02,
    "K05": orders.k05,
    "K07": orders.k07,
    "K13": orders.k13,
    "K14": orders.k14,
    "K60": returns.k60,
    "K62": returns.k62,
    "K72": lambda x, as_of: finance.k72(x),
}
_TOTAL: dict[str, Callable[[Extracts, datetime], pl.DataFrame]] = {
    "K29": messages.k29,
    "K30": messages.k30,
    "K85": supply.k85,
    "K101": lambda x, as_of: supply.k101(x, _CONTRACTS, as_of),
}
# Module -> the KPIs of which it holds the twin; some are by channel, as their columns tell.
_OF_MODULES: dict[ModuleType, tuple[int, ...]] = {
    network: (9, 10, 11, 16, 23, 24),
    nodes: (3, 4, 15, 17, 18, 19, 21, 22, 91),
    service: (12, 25, 26, 88, 99, 103, 109),
    inventory: (31, 32, 43, 44, 45, 46, 47),
    stock_walk: (34, 38, 39, 40),
    prices: (51, 53, 54),
    reverse: (61, 63, 64, 67, 68, 69),
    office: (52, 57, 71, 76, 77, 78, 79, 80, 81),
    inbound: (83, 84, 86, 87, 90, 92),
}
_TOTAL |= {
    f"K{number:02}": getattr(module, f"k{number:02}") for module, numbers in _OF_MODULES.items() for number in numbers
}


def _assert_equal(kpi: str, twin: pl.DataFrame, snapshot) -> None:
    assert set(twin["kpi_id"]) == set(MEASURES[kpi]) - {"K72.amount"}, "a twin that computes nothing proves nothing"
    published = _published(snapshot, list(MEASURES[kpi]), by_channel="channel" in twin.columns)
    unlike = _differences(twin, published.filter(pl.col("kpi_id") != "K72.amount"), tolerance=1e-3)
    assert unlike.is_empty(), f"{kpi}: {unlike.height} day(s) differ\n{unlike.head(12)}"


@pytest.mark.parametrize("kpi", [*_BY_CHANNEL, *_TOTAL])
def test_a_kpi_equals_its_twin_on_every_day(kpi: str, extracts: Extracts, warehouse) -> None:
    _assert_equal(kpi, (_BY_CHANNEL | _TOTAL)[kpi](extracts, warehouse.as_of), warehouse)


def test_the_kpis_equal_their_twins_in_spite_of_faults(tiny: Retailer) -> None:
    """K101 is not asked: whether a delivery kept its contract is what landing itself finds out."""
    from signalbox.publish import open_snapshot
    from signalbox.settings import load_settings

    landed = Landed(tiny.home / "raw")
    with open_snapshot(load_settings(tiny.home)) as snapshot:
        twins = {kpi: twin(landed, snapshot.as_of) for kpi, twin in (_BY_CHANNEL | _TOTAL).items() if kpi != "K101"}
        for kpi, twin in twins.items():
            _assert_equal(kpi, twin, snapshot)
    breaches = pl.concat([twins["K29"], twins["K30"]]).group_by("kpi_id").agg(pl.col("numerator").sum())
    assert dict(breaches.rows())["K29.breach"] > 0 and dict(breaches.rows())["K30.value"] > 0


def test_the_match_by_document_equals_its_twin(extracts: Extracts, warehouse) -> None:
    """The streams whose sides name the same documents; the others follow from the ledger's totals."""
    twin = matching.k70(extracts, warehouse.as_of).rename({"stream": "channel"})
    published = warehouse.con.execute(
        "select kpi_id, period_date, stream as channel, cast(numerator as double) as numerator, "
        "cast(denominator as double) as denominator from fct_kpi where kpi_id in ('K70', 'K70.count') "
        "and grouping_name = 'stream' and stream in ('tender', 'gift_card', 'refund')"
    ).pl()
    assert set(twin["channel"]) == set(matching.TERMS)
    unlike = _differences(twin, published, tolerance=1e-3)
    assert unlike.is_empty(), str(unlike.head(12))


def test_cover_and_velocity_equal_their_twins(tiny_clean: Retailer, extracts: Extracts, warehouse) -> None:
    """The place that gave an order line's goods is told by the warehouse: K07 and K10 compare it."""
    with duckdb.connect(str(tiny_clean.home / "warehouse" / "signalbox.duckdb"), read_only=True) as con:
        places = con.execute("select order_id, line_no, location_id from core.fct_order_line").pl()
    for kpi, twin in {"K36": stock_walk.k36, "K37": stock_walk.k37}.items():
        _assert_equal(kpi, twin(extracts, warehouse.as_of, places), warehouse)


def test_exceptions_of_orders_equal_their_twin(extracts: Extracts, warehouse) -> None:
    """K08 counts the published exceptions; which of them are of an order's class is read from their catalogue."""
    counted = warehouse.con.execute(
        "select order_id, opened_ts from fct_exception join exception_catalog using (code) where order_class "
        "and status_code <> 'retracted' and coalesce(close_reason, '') <> 'NOT_AN_ISSUE' and order_id is not null"
    ).pl()
    assert counted.height > 10
    twin = orders.k08(extracts, counted, warehouse.as_of)
    unlike = _differences(twin, _published(warehouse, list(MEASURES["K08"]), by_channel=True), tolerance=1e-3)
    assert unlike.is_empty(), str(unlike.head(12))


def test_available_to_sell_equals_its_twin_at_every_location(extracts: Extracts, warehouse) -> None:
    twin = stock.k27(extracts, warehouse.as_of).sort("location")
    published = warehouse.con.execute(
        "select location, cast(numerator as double), cast(denominator as bigint) from fct_kpi "
        "where kpi_id = 'K27' and grouping_name = 'location' order by location"
    ).fetchall()
    assert twin.height > 10
    assert twin.rows() == published


def test_available_to_sell_of_a_channel_equals_its_twin(extracts: Extracts, warehouse) -> None:
    eligible = warehouse.con.execute(
        "select channel_type, location_type from channel_eligibility where is_eligible"
    ).pl()
    twin = stock.k27_channel(extracts, eligible, warehouse.as_of).sort("channel")
    published = warehouse.con.execute(
        "select channel, cast(numerator as double) as numerator, cast(denominator as double) as denominator "
        "from fct_kpi where kpi_id = 'K27.channel' and grouping_name = 'channel' order by channel"
    ).pl()
    assert twin.height > 2
    assert twin.rows() == published.rows()


def test_every_step_of_contribution_equals_its_twin_to_the_cent(extracts: Extracts, warehouse) -> None:
    twin = finance.k72_steps(extracts)
    key = ["step", "channel", "period_date"]
    rows = warehouse.con.execute(
        "select reason as step, channel, period_date, cast(numerator as double) as published from fct_kpi "
        "where kpi_id = 'K72.amount' and grouping_name = 'channel+reason'"
    ).pl()
    both = twin.join(rows, on=key, how="full", coalesce=True).fill_null(0)
    assert twin["step"].n_unique() == 13
    off = both.filter((pl.col("amount") - pl.col("published")).abs() > 0.001).sort(key)
    assert off.is_empty(), str(off.head(12))


def test_contribution_ties_to_the_general_ledger(extracts: Extracts, warehouse) -> None:
    """The sum over all order lines equals the ledger's control total, account by account and in all (K72)."""
    ledger = extracts["gl_posting"].filter(pl.col("currency_code") == "EUR").group_by("account_code")
    accounts = dict(ledger.agg(pl.col("amount").sum()).rows())
    steps = warehouse.con.execute(
        "select case when reason like '%discount' then 'discount' when reason = 'gross_sales' then 'revenue' "
        "else reason end as account_code, cast(sum(numerator) as double) from fct_kpi "
        "where kpi_id = 'K72.amount' and grouping_name = 'reason' group by all"
    ).fetchall()
    unlike = {code: (value, accounts.get(code)) for code, value in steps if abs(value - accounts.get(code, 0)) >= 0.005}
    assert not unlike and len(steps) == len(accounts), f"step, ledger: {unlike}"
    total = warehouse.con.execute(
        "select cast(sum(numerator) as double) from fct_kpi where kpi_id = 'K72' and grouping_name = 'total'"
    ).fetchone()[0]
    assert abs(total - sum(accounts.values())) < 0.005
