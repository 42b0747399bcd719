"""Every page on the hand-made home, with its numbers: run by Streamlit's own test runner, no browser.

Expectations are worked out here from the home's rows in plain Python.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from tests.unit.dashboards_home import AS_OF, Home, build_home, write_snapshot

pytest.importorskip("streamlit")
from streamlit import config
from streamlit.testing.v1 import AppTest

APP = Path(__file__).parents[2] / "dashboards" / "app.py"
PAGES = sorted(path.stem for path in (APP.parent / "views").glob("*.py") if path.stem != "__init__")
LAST_WEEK = (AS_OF.date() - timedelta(days=7), AS_OF.date() - timedelta(days=1))

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return build_home(tmp_path_factory.mktemp("pages_home"))


@pytest.fixture
def open_page(home: Home, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open a view with parameters of its address."""

    def opened(view: str, *, address: str = "127.0.0.1", **parameters: Any) -> AppTest:
        monkeypatch.setenv("SIGNALBOX_HOME", str(home.path))
        config.set_option("server.address", address)
        app = AppTest.from_file(str(APP), default_timeout=60).run()
        if view != "overview":
            app.switch_page(f"views/{view}.py")
        for name, value in parameters.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception, app.exception
        return app

    return opened


def text_of(app: AppTest) -> str:
    """What is written on the page, without markup; non-breaking spaces become plain ones."""
    parts = [re.sub(r"<style>.*?</style>", "", element.body, flags=re.S) for element in app.html]
    plain = html.unescape(re.sub(r"<[^>]+>", " ", " ".join(parts))).replace("\u00a0", " ")
    return re.sub(r"\s+", " ", plain)


def rows_of(home: Home, model: str, kpi_id: str, days: tuple[date, date], **where: str) -> list[dict[str, Any]]:
    return [
        row
        for row in home.rows[model]
        if row["kpi_id"] == kpi_id
        and days[0] <= row["period_date"] <= days[1]
        and all(row[name] == value for name, value in where.items())
    ]


def ratio(rows: list[dict[str, Any]]) -> float:
    return float(sum(row["numerator"] for row in rows) / sum(row["denominator"] for row in rows))


@pytest.mark.parametrize("view", PAGES)
def test_every_page_says_as_of_when_and_which_feed_is_late(open_page: Open, view: str) -> None:
    text = text_of(open_page(view))
    assert "Data as of Tue 14 Oct 2025, 06:55" in text  # 04:55 UTC in Berlin
    assert "1 feed is late : settlement_line." in text


def test_the_overview_sums_money_at_risk_and_counts_health(open_page: Open, home: Home) -> None:
    text = text_of(open_page("overview"))
    exceptions = home.tables["fct_exception"].to_pylist()
    at_risk = sum(row["value_at_risk_amount"] for row in exceptions if row["status_code"] == "open")
    assert at_risk == pytest.approx(40_171.95)
    assert "Money at risk € 40.2 k" in text
    assert "Open exceptions 11 4 S1 · 7 past due" in text
    assert "Feeds 10 of 13 on time 1 late · 2 never received" in text
    k02 = ratio(rows_of(home, "kpi_order__promise_accuracy", "K02", LAST_WEEK))
    assert f"Fulfilment promise accuracy K02 · Order operations {k02:.1%}".replace("%", " %") in text
    assert "Not enough data Perfect order K01 · Order operations – – 90.0 % needs feed F36, F42" in text


def test_the_overview_names_the_slices_that_moved_a_measure(open_page: Open, home: Home) -> None:
    """The home's bad week slows one interface: its contribution is nearly the whole change of K29."""
    text = text_of(open_page("overview"))
    part = text[text.index("Inventory synchronisation latency · Inventory") :]
    now = ratio(rows_of(home, "kpi_stock__sync_latency", "K29", LAST_WEEK))
    assert f"{now / 60:.1f} min" in part
    assert part.index("oms>marketplace") < part.index("pos>erp")


def test_the_overview_lists_the_biggest_exception_first(open_page: Open) -> None:
    text = text_of(open_page("overview"))
    queue = text[text.index("Biggest exceptions now") :]
    assert queue.index("Payout late") < queue.index("Purchase order late") < queue.index("Marketplace paid too little")
    assert "E55c" in queue and "€ 18,250" in queue and "90 min past due" in queue


def test_a_kpi_shows_value_numerator_denominator_and_coverage(open_page: Open, home: Home) -> None:
    text = text_of(open_page("kpi", kpi="K02", days="7"))
    rows = rows_of(home, "kpi_order__promise_accuracy", "K02", LAST_WEEK)
    judged = [row for row in rows if not row["is_excluded"]]
    assert f"{ratio(rows):.1%}".replace("%", " %") in text
    assert f"Numerator {int(sum(row['numerator'] for row in rows))} Denominator {len(judged)}" in text
    assert f"Without data {len(rows) - len(judged)} Coverage {len(judged) / len(rows):.1%}".replace("%", " %") in text
    assert "Target 95.0 % watch to 92.0 %" in text
    assert "Formula Numerator of K02 over its denominator" in text


def test_slices_are_ratios_of_sums_and_worst_first(open_page: Open, home: Home) -> None:
    app = open_page("kpi", kpi="K02", days="7", by="channel")
    table = app.dataframe[0].value
    for _, line in table.iterrows():
        rows = rows_of(home, "kpi_order__promise_accuracy", "K02", LAST_WEEK, channel=line["channel"])
        assert line["value"] == pytest.approx(100 * ratio(rows), abs=0.051)  # shown with one decimal
        assert line["denominator"] == len([row for row in rows if not row["is_excluded"]])
    assert list(table["value"]) == sorted(table["value"]) and table["channel"].iloc[0] == "web"


def test_a_linked_slice_of_a_linked_day_leads_to_its_rows_and_their_source_line(open_page: Open, home: Home) -> None:
    day = date(2025, 10, 10)
    rows = rows_of(home, "kpi_stock__sync_latency", "K29", (day, day), interface="oms>marketplace")
    worst = max(rows, key=lambda row: row["numerator"])
    app = open_page(
        "kpi", kpi="K29", by="interface", slice="oms>marketplace", at=str(day), row=worst["item_key"], days="28"
    )
    shown = app.dataframe[1].value
    assert sorted(shown["item_key"]) == sorted(row["item_key"] for row in rows)
    assert shown["item_key"].iloc[0] == worst["item_key"]
    text = text_of(app)
    assert f"promise_2025-10-13_20251013T2240Z.jsonl , line {worst['_line']}" in text
    assert f"order_id P-{worst['_line']}" in text  # line n of the landed file is order P-n


def test_excluded_rows_say_why(open_page: Open, home: Home) -> None:
    app = open_page("kpi", kpi="K02", days="7", rows="excluded")
    rows = [row for row in rows_of(home, "kpi_order__promise_accuracy", "K02", LAST_WEEK) if row["is_excluded"]]
    shown = app.dataframe[1].value
    assert len(shown) == len(rows) > 0
    assert set(shown["exclusion_reason"]) == {"no_data:no promise"}


def test_a_restriction_in_the_address_narrows_everything(open_page: Open, home: Home) -> None:
    app = open_page("kpi", kpi="K02", days="7", only=["channel:web", "region:north"])
    rows = rows_of(home, "kpi_order__promise_accuracy", "K02", LAST_WEEK, channel="web", region="north")
    judged = sum(not row["is_excluded"] for row in rows)
    assert f"Denominator {judged} " in text_of(app)
    assert app.dataframe[0].value["denominator"].sum() == judged


def test_a_measure_without_data_says_which_feed_it_needs(open_page: Open) -> None:
    text = text_of(open_page("kpi", kpi="K01"))
    assert "Not enough data for K01 Perfect order Needs feed F36 (invoice), F42 (tax_line)" in text


def test_what_the_address_does_not_know_falls_back(open_page: Open) -> None:
    app = open_page("kpi", kpi="K999", by="nonsense", at="yesterday")
    assert app.selectbox[0].value == "K02"
    assert "95." in text_of(app)


# Minutes that a case of a category takes, from the policy's handling.csv.
MINUTES = {
    "fulfilment": 8,
    "inventory": 12,
    "finance": 15,
    "integration": 20,
    "payment": 8,
    "returns": 8,
    "supplier": 15,
}


def test_the_queue_has_what_saves_most_a_minute_first_and_filters_add_up(open_page: Open, home: Home) -> None:
    rows = [row for row in home.tables["fct_exception"].to_pylist() if row["status_code"] == "open"]
    paces = sorted((row["value_at_risk_amount"] / MINUTES.get(row["category_code"], 10) for row in rows), reverse=True)
    whole = open_page("exceptions", lines="case")
    assert list(whole.dataframe[0].value["pace"]) == [round(pace) for pace in paces]
    finance = open_page("exceptions", owner="finance", severity=["S1", "S2"])
    assert len(finance.dataframe[0].value) == 2
    assert "Value at risk € 25.7 k" in text_of(finance)  # 18,250.00 + 7,410.20
    closed = open_page("exceptions", state="closed")
    assert len(closed.dataframe[0].value) == 11


def test_an_incident_is_one_line_at_its_cause_and_has_a_page(open_page: Open, home: Home) -> None:
    """Three cases share a cause: 1,842.50 + 612.00 + 96.40 = 2,550.90 in three orders, 318.86 for each of 8 minutes."""
    rows = [row for row in home.tables["fct_exception"].to_pylist() if row["status_code"] == "open"]
    queue = open_page("exceptions").dataframe[0].value
    assert len(queue) == len(rows) - 2
    (line,) = queue[queue["more"] == 2].to_dict("records")
    assert (line["worth"], line["pace"], line["key"]) == (2551, 319, "O-000")
    page = open_page("incidents")
    assert list(page.dataframe[0].value["cases"]) == [3]
    assert "At risk € 2,551 each order once" in text_of(page) and "Explains 2 3 of all are open" in text_of(page)
    assert list(page.dataframe[1].value["because"]) == [
        "The earliest common cause", *2 * ["The place has more work than it can do"]
    ]  # fmt: skip
    store = open_page("incidents", id=line_id(rows, "O-000"), **{"as": "store_manager"})
    assert "the earliest case that you may see" in text_of(store)


def line_id(rows: list[dict[str, Any]], order_id: str) -> str:
    return next(str(row["exception_id"]) for row in rows if row["order_id"] == order_id)


def test_everybody_sees_their_own_desk(open_page: Open, home: Home) -> None:
    rows = home.tables["fct_exception"].to_pylist()
    theirs = [row for row in rows if row["status_code"] == "open" and row["owner_role"] == "procurement"]
    page = open_page("exceptions", **{"as": "procurement"})
    assert f"Cases {len(theirs)} " in text_of(page) and "Demonstration sign-in" in text_of(page)
    assert "Cases 0 " in text_of(open_page("exceptions", **{"as": "administrator"}))


def test_beyond_this_machine_nobody_chooses_who_they_are(open_page: Open) -> None:
    page = open_page("exceptions", address="0.0.0.0")
    assert "Nobody can sign in here" in text_of(page) and not page.dataframe


def test_a_case_is_taken_proposed_refused_to_its_proposer_and_approved_by_others(open_page: Open, home: Home) -> None:
    (case_id,) = [
        row["exception_id"]
        for row in home.tables["fct_exception"].to_pylist()
        if row["code"] == "E30" and row["status_code"] == "open"
    ]
    mine = open_page("exceptions", **{"as": "store_manager"})
    mine.button(key="do_ack").click().run()
    assert "✓ Done" in text_of(mine) and "State Acknowledged With Store manager" in text_of(mine)
    mine.selectbox(key="outcome").set_value("refunded").run()
    mine.text_input(key="amount").set_value("400").run()
    mine.text_input(key="resolve_text").set_value("parcel lost").run()
    assert "Needs 1 approval of others" in text_of(mine)
    mine.button(key="do_propose").click().run()
    assert "may not approve a refund of 400.00" in text_of(mine)
    assert not [button for button in mine.button if str(button.key).startswith("approve_")]
    other = open_page("exceptions", id=case_id, show="all", **{"as": "finance_controller"})
    (approve,) = [button for button in other.button if str(button.key).startswith("approve_")]
    approve.click().run()
    assert "The proposal is approved" in text_of(other)
    done = open_page("exceptions", id=case_id, **{"as": "store_manager"})
    text = text_of(done)
    assert "State Resolved" in text and "refunded · 400" in text and "approval rule resolve" in text


def test_what_somebody_takes_along_is_what_they_may_see(open_page: Open, home: Home) -> None:
    rows = home.tables["fct_exception"].to_pylist()
    theirs = [row for row in rows if row["status_code"] == "open" and row["owner_role"] == "procurement"]
    buyer = open_page("exports", name="exceptions", **{"as": "procurement"})
    listed = buyer.dataframe[0].value.set_index("name")
    assert "fct_exception" not in listed.index and listed.loc["exceptions", "rows"] == len(theirs)
    assert set(buyer.dataframe[1].value["owner_role"]) == {"procurement"}
    assert "may not take figures or cases along" in text_of(open_page("exports", **{"as": "administrator"}))


def test_who_oversees_sees_rights_and_a_log_that_holds_and_others_do_not(open_page: Open) -> None:
    auditor = open_page("governance", tab="log", **{"as": "auditor"})
    assert "✓" in text_of(auditor) and "sealed one with the other" in text_of(auditor)
    rights = open_page("governance", tab="access", **{"as": "administrator"})
    assert "Who may do what, and did it" in text_of(rights) and "15 " in text_of(rights)
    store = text_of(open_page("governance", tab="log", **{"as": "store_manager"}))
    assert "What waits for a data steward" in store and "sealed one with the other" not in store


def test_an_exception_shows_evidence_next_step_timeline_and_source(open_page: Open, home: Home) -> None:
    case = next(
        row
        for row in home.tables["fct_exception"].to_pylist()
        if row["code"] == "E12" and row["value_at_risk_amount"] == 1842.5
    )
    app = open_page("exceptions", id=case["exception_id"])
    text = text_of(app)
    assert "Promise missed E12 ORD_PROMISE_MISSED · O-000|1" in text
    assert "€ 1,842 at risk" in text and "Observed 31.50" in text and "Threshold 24 " in text
    assert "Next step Tell the customer a new date" in text and "Call the carrier" in text
    assert "The way of order O-000" in text
    steps = app.dataframe[1].value
    assert list(steps["step_name"])[:3] == ["Placed", "Promised", "Released"] and len(steps) == 8
    assert "line 4" in text and "order_id P-4" in text


def test_finance_shows_how_far_the_close_of_a_period_is(open_page: Open) -> None:
    """The period that ended last is chosen by itself; the one that runs has nobody's signature yet."""
    ended = open_page("finance").dataframe[-1].value
    assert list(ended["cleared"]) == [90.0] and list(ended["signed_by"]) == ["u-17"]  # 900 of 1,000
    running = open_page("finance", fiscal_period="2026-05").dataframe[-1].value
    assert list(running["state"]) == ["Not started"] and list(running["open_over_30_days_amount"]) == [50.0]


def test_data_health_shows_feeds_checks_quarantine_builds_and_snapshots(open_page: Open, home: Home) -> None:
    feeds = text_of(open_page("data_health"))
    assert "▲ Late 5.0 h overdue settlement_line F43 · marketplace" in feeds
    assert "– Never received invoice F36 · erp" in feeds
    assert "Checks passed 39 of 40 0 errors · 1 warnings" in feeds
    assert "The last build failed and was not published: audit: outbound_fct_kpi" in feeds
    checks = open_page("data_health", tab="checks", suite="inbound_settlement_line")
    assert "▲ Warning landed on time" in text_of(checks)
    refused = open_page("data_health", tab="quarantine", rule="payment|type")
    assert list(refused.dataframe[1].value["line"]) == [17, 88]
    assert "sales_order channel_id app 12" in text_of(refused)
    builds = text_of(open_page("data_health", tab="builds"))
    assert "✕ Failed b-20251014T061500Z-ffffff" in builds and "✓ Published" in builds
    assert f"✓ Served {home.snapshot_id}" in text_of(open_page("data_health", tab="snapshots"))


def test_exports_list_everything_and_preview_real_rows(open_page: Open) -> None:
    app = open_page("exports", name="exceptions", format="xlsx")
    listed = app.dataframe[0].value.set_index("name")["rows"]
    assert listed["exceptions"] == 11 and "kpi_K02.late" in listed.index and "mart_order_timeline" in listed.index
    assert app.dataframe[1].value["value_at_risk_amount"].iloc[0] == 18250.0
    assert app.get("download_button")[0].label.replace("\u00a0", " ") == "Download 11 rows"


def test_a_new_snapshot_is_shown_on_the_next_run(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = build_home(tmp_path / "home")
    monkeypatch.setenv("SIGNALBOX_HOME", str(own.path))
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    assert own.snapshot_id in text_of(app)
    own.tables["fct_exception"] = own.tables["fct_exception"].slice(0, 1)
    write_snapshot(own, "20251015T045500Z-d4e5f6", AS_OF + timedelta(days=1))
    text = text_of(app.run())
    assert "20251015T045500Z-d4e5f6" in text and "Wed 15 Oct 2025, 06:55" in text and "Open exceptions 1 " in text


def test_a_page_tells_which_tables_wait_for_a_complete_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = build_home(tmp_path)
    monkeypatch.setenv("SIGNALBOX_HOME", str(own.path))
    behind = [str(own.tables["dim_kpi"].filter(pc.field("kpi_id") == "K02")["model_name"][0]), "fct_exception"]
    write_snapshot(own, "20251014T055500Z-d4e5f6", AS_OF + timedelta(hours=1), behind)
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    then = f"2 of {len(own.tables)} tables as of Tue 14 Oct 2025, 06:55"
    assert f"Data as of Tue 14 Oct 2025, 07:55 {then}" in text_of(app)
    app.switch_page("views/kpi.py")
    app.query_params["kpi"] = "K02"
    assert "As of Tue 14 Oct 2025, 06:55." in text_of(app.run())
    app.query_params["kpi"] = "K05"
    text = text_of(app.run())
    assert then in text and "As of Tue 14 Oct 2025, 06:55." not in text


def test_a_home_without_a_snapshot_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNALBOX_HOME", str(tmp_path))
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not app.exception and "Nothing was published yet" in text_of(app) and "signalbox build" in text_of(app)


def test_a_broken_setting_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "signalbox.toml").write_text("reporting_time_zone = 'Mars/Base'\n")
    monkeypatch.setenv("SIGNALBOX_HOME", str(tmp_path))
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not app.exception and "'Mars/Base' is not an IANA time zone" in text_of(app)
