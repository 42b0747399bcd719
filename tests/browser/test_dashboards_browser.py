"""The whole way through a browser: every page, from a KPI to a source line, an export against the warehouse."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import duckdb
import pytest

from signalbox.landing import source_line
from signalbox.metrics import drill, values
from signalbox.publish import Snapshot
from signalbox.settings import load_settings
from tests.conftest import Record

PAGES = {
    "": "Overview", "kpi": "KPIs", "exceptions": "Exceptions", "incidents": "Incidents", "integration": "Integration",
    "review": "Monthly review", "data_health": "Data health", "exports": "Exports",
}  # fmt: skip
# Their names in the navigation, where these are shorter.
LINKS = {"Monthly review": "Review"}
# Pixels of Streamlit's grid: the marker column's middle, the header row and the middle of the first row.
_MARKER, _FIRST_ROW = 16, 34 + 17


def settled(page: Any) -> None:
    """Wait until the run that was started is over."""
    page.wait_for_timeout(300)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(300)


def pick_first(page: Any, card: str, parameter: str) -> str:
    """Tick the first line of the grid in a card; returns what the address then says."""
    grid = page.locator(f"[class*=st-key-{card}] [data-testid=stDataFrame]").first
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    page.mouse.click(box["x"] + _MARKER, box["y"] + _FIRST_ROW)
    page.wait_for_url(f"**{parameter}=*")
    settled(page)
    return parse_qs(urlparse(page.url).query)[parameter][0]


@pytest.mark.parametrize("view", PAGES)
def test_every_page_opens_says_its_time_and_has_no_error(page: Any, address: str, view: str) -> None:
    page.goto(f"{address}/{view}")
    page.wait_for_selector("h1")
    settled(page)
    assert page.inner_text("h1") == PAGES[view]
    assert "Data as of" in page.inner_text(".sb-asof")
    assert page.locator("[data-testid=stException]").count() == 0
    width = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert width <= 1280, "the page must not scroll sideways at 1280 pixels"


def test_navigation_reaches_every_page(page: Any, address: str) -> None:
    page.goto(address)
    for name in [*PAGES.values()][1:]:
        page.locator("[data-testid=stTopNavLink]", has_text=LINKS.get(name, name)).click()
        page.wait_for_selector(f"h1:text-is('{name}')")


def test_from_a_kpi_to_the_line_of_the_source_file(page: Any, address: str, home: Path, snapshot: Snapshot) -> None:
    con = snapshot.con.cursor()
    page.goto(f"{address}/kpi?kpi=K02&by=channel&days=28")
    page.wait_for_selector(".scatterlayer .point")
    settled(page)
    point = page.locator(".scatterlayer .point").last.bounding_box()
    page.mouse.click(point["x"] + point["width"] / 2, point["y"] + point["height"] / 2)
    page.wait_for_url("**at=*")
    settled(page)
    day = parse_qs(urlparse(page.url).query)["at"][0]
    channel = pick_first(page, "card_slices", "slice")
    part = {"start": day, "end": day, "where": {"channel": channel}}
    worst = values(con, "K02", by="channel", grain="all", start=day, end=day).to_pylist()
    assert channel == min((row for row in worst if row["value"] is not None), key=lambda row: row["value"])["channel"]
    item = pick_first(page, "card_rows", "row")
    row = drill(con, "K02", **part).to_pylist()[0]
    assert item == row["item_key"]
    shown = page.inner_text(".st-key-card_source")
    found = source_line(load_settings(home), row["_file_digest"], row["_line"])
    assert found.file_name in shown and f"line {row['_line']:,}" in shown
    for value in list(found.values.values())[:3]:
        assert str(value) in shown


def test_an_exported_kpi_table_equals_the_warehouse(
    page: Any, address: str, home: Path, tmp_path: Path, record_property: Record
) -> None:
    """Every row of the file that a person downloads, and dbt's own table of the same."""
    page.goto(f"{address}/exports?name=kpi_K02&format=csv")
    page.wait_for_selector("[class*=st-key-export_] button")
    settled(page)
    with page.expect_download() as waiting:
        page.click("[class*=st-key-export_] button")
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    assert path.name == "kpi_K02.csv"
    part = "grouping_name, channel, location, region, category, carrier, order_type"
    of_file = (
        f"select period_start, {part}, numerator, denominator, evaluable, excluded, no_data "
        "from read_csv(?, all_varchar = true) order by all"
    )
    of_warehouse = (
        f"select period_date::varchar, {part}, numerator::varchar, denominator::varchar, evaluable_count::varchar, "
        "excluded_count::varchar, no_data_count::varchar from marts.fct_kpi where kpi_id = 'K02' order by all"
    )
    with duckdb.connect(str(load_settings(home).warehouse_path), read_only=True) as warehouse:
        lines = warehouse.execute(of_file, [str(path)]).fetchall()
        assert lines == warehouse.execute(of_warehouse).fetchall()
    assert {line[1] for line in lines} >= {"total", "channel"} and len(lines) > 1_000
    record_property("exported lines equal to the warehouse", len(lines))


def test_an_excel_export_is_a_workbook(page: Any, address: str, tmp_path: Path) -> None:
    page.goto(f"{address}/exports?name=exceptions&format=xlsx")
    page.wait_for_selector("[class*=st-key-export_] button")
    settled(page)
    with page.expect_download() as waiting:
        page.click("[class*=st-key-export_] button")
    path = tmp_path / "queue.xlsx"
    waiting.value.save_as(path)
    assert path.read_bytes()[:2] == b"PK"


def test_the_overview_leads_to_the_exception_it_names(page: Any, address: str, snapshot: Snapshot) -> None:
    worst = snapshot.con.cursor().execute(
        "select exception_id, code from fct_exception where status_code = 'open' "
        "order by value_at_risk_amount desc nulls last, due_ts, exception_id limit 1"
    )
    exception_id, code = worst.fetchone()
    page.goto(address)
    page.wait_for_selector(".st-key-card_worst a[href*='id=']")
    settled(page)
    page.locator(".st-key-card_worst a[href*='id=']").first.click()
    page.wait_for_url(f"**id={exception_id}*")
    page.wait_for_selector(".sb-case")
    assert code in page.inner_text(".st-key-card_case")


def test_a_new_snapshot_is_offered_without_a_restart(page: Any, address: str, home: Path) -> None:
    page.goto(address)
    page.wait_for_selector(".sb-asof code")
    settled(page)
    serving = home / "serving"
    before = page.inner_text(".sb-asof code")
    fresh = serving / "snapshots" / "99990101-000000-000"
    shutil.copytree(serving / "snapshots" / before, fresh)
    manifest = json.loads((fresh / "manifest.json").read_text())
    (fresh / "manifest.json").write_text(json.dumps(manifest | {"snapshot_id": fresh.name}))
    pointer = serving / "current"
    try:
        pointer.with_suffix(".new").write_text(fresh.name)
        pointer.with_suffix(".new").replace(pointer)
        page.wait_for_selector(".st-key-show_newer button", timeout=45_000)
        assert page.inner_text(".sb-asof code") == before  # what is open stays as it is
        page.click(".st-key-show_newer button")
        page.wait_for_function(f"document.querySelector('.sb-asof code').innerText === '{fresh.name}'")
    finally:
        pointer.with_suffix(".new").write_text(before)
        pointer.with_suffix(".new").replace(pointer)
        shutil.rmtree(fresh)
