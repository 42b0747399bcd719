"""The known answers of two real data sets, read from Signalbox's own KPIs and exports after ``land`` and ``build``.

The answers were worked out with plain SQL on the vendors' files (the README beside the data);
docs/known_answers.md tells which KPI or export gives each. Skipped where the data is absent: its publishers own it
and it is not part of the project.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from signalbox.settings import PROJECT_ROOT
from tests.conftest import signalbox

pytestmark = pytest.mark.prove  # each set is landed and built once, about a minute each

DATA = PROJECT_ROOT.parent / "shared" / "data"


class Built:
    """A home in which one vendor's files were landed and built."""

    def __init__(self, vendor: str, home: Path) -> None:
        self.home = home
        self.landed = signalbox(home, "land", str(DATA / vendor), "--adapter", vendor).stdout
        self.built = signalbox(home, "build").stdout

    def kpi(self, measure: str, *options: str) -> list[dict[str, Any]]:
        output = signalbox(self.home, "kpi", measure, "--grain", "all", *options, "--format", "json").stdout
        rows: list[dict[str, Any]] = json.loads(output, parse_float=Decimal)
        return rows

    def day_sheet(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the export of orders and till sales by day; `orders` in the query stands for it."""
        path = self.home / "orders.parquet"
        if not path.exists():
            signalbox(self.home, "export", "mart_order_summary", "--format", "parquet", "-o", str(path))
        con = duckdb.connect()
        con.execute(f"create view orders as select * from '{path}'")
        return con.execute(query).fetchall()


def _built(vendor: str, factory: pytest.TempPathFactory) -> Built:
    if not (DATA / vendor).is_dir():
        pytest.skip(f"{DATA / vendor} is absent: the data belongs to its publisher and is not part of the project")
    return Built(vendor, factory.mktemp(vendor))


@pytest.fixture(scope="module")
def wide_world(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return _built("wide_world_importers", tmp_path_factory)


@pytest.fixture(scope="module")
def electronics(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return _built("global_electronics", tmp_path_factory)


def by(rows: list[dict[str, Any]], dimension: str, show: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    return {row[dimension]: show(row) for row in rows}


def shares(rows: list[dict[str, Any]], dimension: str) -> dict[str, str]:
    return by(rows, dimension, lambda row: f"{row['value']:.6f}")


def test_wide_world_orders_and_picks(wide_world: Built) -> None:
    orders = wide_world.day_sheet(
        "select sum(order_count), sum(picked_order_count), sum(picked_by_promise_order_count), "
        "sum(backordered_order_count) from orders"
    )
    assert orders == [(63_978, 61_550, 58_464, 6_534)]
    assert wide_world.day_sheet("select round(sum(picked_qty) / sum(ordered_qty), 6) from orders") == [(0.963929,)]


def test_wide_world_sales_and_profit(wide_world: Built) -> None:
    (total,) = wide_world.kpi("K72.gross_margin")
    assert (f"{total['denominator']:.2f}", f"{total['numerator']:.2f}") == ("149628165.65", "74554415.35")
    assert f"{total['value']:.6f}" == "0.498265"
    assert shares(wide_world.kpi("K72.gross_margin", "--by", "channel"), "channel") == {
        "Computer Store": "0.498137",
        "Corporate": "0.503975",
        "Gift Store": "0.503097",
        "Novelty Shop": "0.497492",
        "Supermarket": "0.496567",
    }


def test_wide_world_receipts(wide_world: Built) -> None:
    (days,) = wide_world.kpi("K85.days")
    assert (days["denominator"], f"{days['value']:.6f}") == (7_307, "1.436841")


@pytest.mark.parametrize("measure", ["K01", "K02", "K05", "K07", "K08", "K13", "K14", "K27", "K29", "K30", "K60"])
def test_what_wide_world_does_not_tell_is_not_zero(wide_world: Built, measure: str) -> None:
    assert [row["value"] for row in wide_world.kpi(measure) if row["value"] is not None] == []


def test_electronics_lines_and_orders(electronics: Built) -> None:
    counts = "select sum(line_count), sum(order_count) from orders"
    assert electronics.day_sheet(counts) == [(62_884, 26_326)]
    assert electronics.day_sheet(f"{counts} where channel = 'web'") == [(13_165, 5_580)]


def test_electronics_list_price_margin(electronics: Built) -> None:
    rows = electronics.kpi("K72.gross_margin", "--by", "channel")
    assert shares(rows, "channel") == {"store": "0.586005", "web": "0.585102"}
    assert by(rows, "channel", lambda row: f"{row['denominator']:.2f}") == {
        "store": "44351154.96",
        "web": "11404324.63",
    }


def test_electronics_days_from_order_to_delivery(electronics: Built) -> None:
    """By line and by year of the order; K05 has the same orders by order and by day of delivery."""
    found = electronics.day_sheet(
        "select year(order_date), round(sum(completed_line_seconds) / 86400 / sum(completed_line_count), 4) "
        "from orders where channel = 'web' group by 1 order by 1"
    )
    assert [(year, f"{days:.4f}") for year, days in found] == [
        (2016, "7.2911"),
        (2017, "5.1908"),
        (2018, "4.3128"),
        (2019, "4.0763"),
        (2020, "4.0306"),
        (2021, "3.8468"),
    ]


def test_electronics_both_formats_of_date_are_read_as_month_and_day(electronics: Built) -> None:
    """The file writes `mm-dd-yyyy` where the day is at most 12, else `m/d/yyyy`; a mix-up would move lines."""
    found = electronics.day_sheet(
        "select sum(line_count) filter (day(order_date) > 12), sum(line_count) filter (day(order_date) <= 12) "
        "from orders"
    )
    assert found == [(38_540, 24_344)]


@pytest.mark.parametrize("measure", ["K01", "K02", "K07", "K13", "K27", "K29", "K30", "K60", "K85"])
def test_what_electronics_does_not_tell_is_not_zero(electronics: Built, measure: str) -> None:
    assert [row["value"] for row in electronics.kpi(measure) if row["value"] is not None] == []


@pytest.mark.parametrize("vendor", ["wide_world", "electronics"])
def test_no_row_of_the_vendors_is_refused(vendor: str, request: pytest.FixtureRequest) -> None:
    home = request.getfixturevalue(vendor).home
    assert json.loads(signalbox(home, "quarantine", "list", "--format", "json").stdout) == []
