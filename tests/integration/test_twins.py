"""Every KPI of the warehouse against its independent polars twin, on the tiny retailer without injected faults.

The twins read the extract files and know nothing of the models (``tests/twins``); numerator and denominator must agree
by period day (and channel or stream, where the twin has it), not only in total. On the retailer with faults they read
the rows that landing accepted, so that duplicates, late versions and breaches are counted alike, too. Within its days,
with what had been delivered by then, much is open that is closed later.
"""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import ModuleType

import duckdb
import polars as pl
import pytest

from tests.conftest import Retailer, signalbox
from tests.twins import (
    ABSENT,
    MEASURES,
    activation,
    finance,
    flow,
    inbound,
    inventory,
    matching,
    messages,
    network,
    nodes,
    offers,
    office,
    orders,
    perfect,
    prices,
    records,
    returns,
    reverse,
    risk,
    service,
    settled,
    stock,
    stock_walk,
    supply,
    waiting,
)
from tests.twins.extracts import Extracts, Landed

_ROOT = Path(__file__).resolve().parents[2]
_CONTRACTS = _ROOT / "data" / "contracts"
# A setting of the retailer: which locations may serve a type of channel.
_ELIGIBLE = (
    pl.read_csv(_ROOT / "dbt_project" / "seeds" / "channel_eligibility.csv")
    .filter(pl.col("is_eligible"))
    .select("channel_type", "location_type")
)


@pytest.fixture(scope="module")
def extracts(tiny_clean: Retailer) -> Extracts:
    return Extracts(tiny_clean.extracts)


@pytest.fixture(scope="module")
def warehouse(tiny_clean: Retailer):
    from signalbox.publish import open_snapshot
    from signalbox.settings import load_settings

    with open_snapshot(load_settings(tiny_clean.home)) as snapshot:
        yield snapshot


def _dimension(twin: pl.DataFrame) -> str | None:
    """The dimension by which a twin counts, if any."""
    return next((name for name in ("channel", "stream") if name in twin.columns), None)


def _published(warehouse, kpi_ids: list[str], dimension: str | None) -> pl.DataFrame:
    marks = ", ".join("?" for _ in kpi_ids)
    return warehouse.con.execute(
        f"select kpi_id, period_date, coalesce({dimension or 'null'}, '') as slice, "
        "cast(numerator as double) as numerator, cast(denominator as double) as denominator from fct_kpi "
        f"where grouping_name = ? and kpi_id in ({marks}) and (denominator <> 0 or numerator <> 0)",
        [dimension or "total", *kpi_ids],
    ).pl()


def _differences(twin: pl.DataFrame, published: pl.DataFrame, tolerance: float) -> pl.DataFrame:
    key = ["kpi_id", "period_date", "slice"]
    dimension = _dimension(twin)
    twin = twin.rename({dimension: "slice"}) if dimension else twin.with_columns(pl.lit("").alias("slice"))
    twin = twin.with_columns(pl.col("kpi_id").cast(pl.String), pl.col("period_date").cast(pl.Date))
    twin = twin.filter((pl.col("denominator") != 0) | (pl.col("numerator") != 0))
    both = twin.join(published, on=key, how="full", coalesce=True, suffix="_published").fill_null(0)
    # each row's quotient is kept to six places, which a large sum of them shows
    off_top, off_bottom = (
        (pl.col(name) - pl.col(f"{name}_published")).abs() > tolerance + 1e-9 * pl.col(name).abs()
        for name in ("numerator", "denominator")
    )
    return both.filter(off_top | off_bottom).sort(key)


# Module -> the KPIs of which it holds the twin; some are by channel or stream, as their columns tell.
_OF_MODULES: dict[ModuleType, tuple[int, ...]] = {
    perfect: (1,),
    orders: (2, 5, 7, 13, 14),
    returns: (60, 62),
    messages: (29, 30),
    supply: (85,),
    network: (9, 10, 11, 16, 23, 24),
    nodes: (3, 4, 15, 17, 18, 19, 21, 22, 91),
    service: (12, 25, 26, 88, 99, 103, 109),
    inventory: (31, 32, 43, 44, 45, 46, 47),
    stock_walk: (34, 38, 39, 40),
    activation: (50,),
    prices: (51, 53, 54),
    reverse: (61, 63, 64, 65, 66, 67, 68, 69),
    matching: (58, 70, 73, 74),
    settled: (75, 82),
    waiting: (6, 20),
    risk: (33, 89),
    records: (100, 102),
    flow: (110,),
    office: (52, 57, 71, 76, 77, 78, 79, 80, 81),
    inbound: (83, 84, 86, 87, 90, 92),
}
_TWINS: dict[str, Callable[[Extracts, datetime], pl.DataFrame]] = {
    f"K{number:02}": getattr(module, f"k{number:02}") for module, numbers in _OF_MODULES.items() for number in numbers
}
_TWINS |= {
    "K28": lambda x, as_of: offers.k28(x, _ELIGIBLE, as_of),
    "K72": lambda x, as_of: finance.k72(x),
    "K101": lambda x, as_of: supply.k101(x, _CONTRACTS, as_of),
}
# What landing itself finds out: whether a delivery kept its contract, and codes of rows that it refused.
_OF_LANDING = {"K101", "K102"}
# The place that gave an order line's goods is told by the warehouse: K07 and K10 compare it.
_BY_PLACE = {"K35": risk.k35, "K36": stock_walk.k36, "K37": stock_walk.k37}


def _assert_equal(kpi: str, twin: pl.DataFrame, snapshot, retailer: str) -> None:
    wanted = set(MEASURES[kpi]) - {"K72.amount"}
    here = wanted - ABSENT[retailer]
    assert set(twin["kpi_id"]) == here, f"{kpi}: a twin that computes nothing proves nothing"
    unlike = _differences(twin, _published(snapshot, list(wanted), _dimension(twin)), tolerance=1e-3)
    assert unlike.is_empty(), f"{kpi}: {unlike.height} day(s) differ\n{unlike.head(12)}"


def _places(home: Path) -> pl.DataFrame:
    with duckdb.connect(str(home / "warehouse" / "signalbox.duckdb"), read_only=True) as con:
        return con.execute("select order_id, line_no, location_id from core.fct_order_line").pl()


@pytest.mark.parametrize("kpi", [kpi for kpi in _TWINS if not set(MEASURES[kpi]) <= ABSENT["without_faults"]])
def test_a_kpi_equals_its_twin_on_every_day(kpi: str, extracts: Extracts, warehouse) -> None:
    _assert_equal(kpi, _TWINS[kpi](extracts, warehouse.as_of), warehouse, "without_faults")


def assert_all_equal(home: Path, retailer: str) -> dict[str, pl.DataFrame]:
    """All twins of a home against what it published, but for what landing finds out; the twins."""
    from signalbox.publish import open_snapshot
    from signalbox.settings import load_settings

    landed, places = Landed(home / "raw"), _places(home)
    with open_snapshot(load_settings(home)) as snapshot:
        twins = {kpi: twin(landed, snapshot.as_of) for kpi, twin in _TWINS.items() if kpi not in _OF_LANDING}
        twins |= {kpi: twin(landed, snapshot.as_of, places) for kpi, twin in _BY_PLACE.items()}
        for kpi, twin in twins.items():
            _assert_equal(kpi, twin, snapshot, retailer)
    return twins


def test_the_kpis_equal_their_twins_in_spite_of_faults(tiny: Retailer) -> None:
    twins = assert_all_equal(tiny.home, "with_faults")
    breaches = pl.concat([twins["K29"], twins["K30"]]).group_by("kpi_id").agg(pl.col("numerator").sum())
    assert dict(breaches.rows())["K29.breach"] > 0 and dict(breaches.rows())["K30.value"] > 0


def _delivered(retailer: Retailer, until: str, extracts: Path) -> None:
    """The retailer's files that had come by a moment."""
    for path in retailer.extracts.rglob("*"):
        found = re.search(r"_(\d{8}T\d{4})Z", path.name)
        if found and found[1] <= until:
            target = extracts / path.relative_to(retailer.extracts)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)


def _interrupt(extracts: Path) -> None:
    """In the last night messages are not applied, nothing is put away, no memo is told, and half of what came back."""
    names = ("integration_message", "customer_document_line", "return_event")
    last = {name: sorted(extracts.rglob(f"{name}_*"))[-1] for name in names}
    path = last["integration_message"]
    messages = pl.read_ndjson(path, infer_schema_length=None)
    waits = (pl.int_range(pl.len()) % 3 == 0) & pl.col("applied_ts").is_not_null()
    messages.with_columns(
        applied_ts=pl.when(~waits).then("applied_ts"),
        status_code=pl.when(waits).then(pl.lit("received")).otherwise("status_code"),
    ).write_ndjson(path)
    events = pl.read_parquet(last["return_event"])
    events.filter(pl.int_range(pl.len()) % 2 == 0).write_parquet(last["return_event"])
    path = last["customer_document_line"]
    documents = pl.read_csv(path, infer_schema=False).filter(pl.col("document_type") != "credit_memo")
    path.write_bytes(gzip.compress(documents.write_csv().encode()))
    for path in sorted(extracts.rglob("receipt_line_*"))[-3:]:
        receipts = pl.read_parquet(path)
        receipts.with_columns(putaway_ts=pl.lit(None, dtype=receipts.schema["putaway_ts"])).write_parquet(path)


@pytest.mark.prove
@pytest.mark.parametrize(
    ("until", "when"),
    [("20260421T0100", "in_a_month"), ("20260506T0100", "during_a_close"), ("20260512T0400", "interrupted")],
)
def test_the_kpis_equal_their_twins_within_its_days(tiny: Retailer, tmp_path: Path, until: str, when: str) -> None:
    """What had been delivered by three in the morning of a day: the ledger of the day before had not."""
    _delivered(tiny, until, tmp_path / "extracts")
    if when == "interrupted":
        _interrupt(tmp_path / "extracts")
    signalbox(tmp_path / "home", "land", str(tmp_path / "extracts"))
    signalbox(tmp_path / "home", "build")
    assert_all_equal(tmp_path / "home", when)


def test_cover_velocity_and_risk_equal_their_twins(tiny_clean: Retailer, extracts: Extracts, warehouse) -> None:
    places = _places(tiny_clean.home)
    for kpi, twin in _BY_PLACE.items():
        _assert_equal(kpi, twin(extracts, warehouse.as_of, places), warehouse, "without_faults")


def test_exceptions_of_orders_equal_their_twin(extracts: Extracts, warehouse) -> None:
    """K08 counts the published exceptions; which of them are of an order's class is read from their catalogue."""
    counted = warehouse.con.execute(
        "select order_id, opened_ts from fct_exception join exception_catalog using (code) where order_class "
        "and status_code <> 'retracted' and coalesce(close_reason, '') <> 'NOT_AN_ISSUE' and order_id is not null"
    ).pl()
    assert counted.height > 10
    twin = orders.k08(extracts, counted, warehouse.as_of)
    unlike = _differences(twin, _published(warehouse, list(MEASURES["K08"]), "channel"), tolerance=1e-3)
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
