"""KPIs of casework against independent programs, on the tiny retailer with faults after people worked its exceptions.

What they did is written as the tower's own feed: every way a case can go, spread over the exceptions by their ids. The
build that takes it in is an increment. Not here: that the tower writes such a feed (``test_casework_day``).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from signalbox.publish import Snapshot, open_snapshot
from signalbox.settings import load_settings
from tests.conftest import Retailer, signalbox
from tests.twins import MEASURES, casework

# By the remainder of the exception's id: (minutes after detection, action, more). The other remainders: nobody acts.
_PERSON = {"actor_type": "person", "actor_id": "amy", "role_code": "planner"}
_RULE = {"actor_type": "rule", "actor_id": "rule", "role_code": "policy"}
_WAYS: dict[int, list[tuple[float, str, dict[str, Any]]]] = {
    3: [(30, "acknowledge", {})],
    4: [(30, "acknowledge", {}), (180, "resolve", {"outcome_code": "corrected"})],
    5: [(60, "resolve", {"outcome_code": "refunded", "outcome_amount": "12.50", "approval_id": "p"})],
    6: [(120, "dismiss", {"outcome_code": "NOT_AN_ISSUE"})],
    7: [(120, "merge", {"outcome_code": "merged", "merged_into_id": "another"})],
    8: [(10, "resolve", {"outcome_code": "reprocessed", **_RULE})],
    9: [(10, "acknowledge", {}), (20, "pause", {}), (1580, "resume", {}), (1800, "resolve", {"outcome_code": "sent"})],
    10: [(5, "resolve", {"outcome_code": "corrected"}), (600, "reopen", {})],
    11: [(10, "pause", {}), (15, "resolve", {"policy_result": "refused", "outcome_code": "corrected"})],
    12: [(1, "route", {**_RULE, "inputs_digest": None}), (2, "escalate", _RULE), (9, "resolve", {**_RULE})],
    13: [(10, "acknowledge", {}), (6000, "resolve", {"outcome_code": "corrected", "policy_result": "overridden"})],
}  # fmt: skip
_SHARES = 16
_KPIS = ("K93", "K94", "K95", "K96", "K97", "K98", "K104", "K105")
_FAILED = (
    "code, business_key, opening_key, opened_ts, detected_ts, closed_ts, is_retracted, reopened_count,"
    " value_at_risk_amount"
)


@dataclass(frozen=True)
class Worked:
    """The home after people worked, and all that the twins read."""

    home: Path
    snapshot: Snapshot
    cases: list[casework.Case]
    actions: list[dict[str, Any]]
    work: list[dict[str, Any]]


@pytest.fixture(scope="module")
def worked(tiny: Retailer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worked]:
    home = shutil.copytree(tiny.home, tmp_path_factory.mktemp("worked") / "home", symlinks=True)
    with open_snapshot(load_settings(home)) as before:
        as_of = before.as_of
    actions = _actions(_failed(home), as_of)
    stretches = _stretches(actions)
    received = as_of + timedelta(minutes=5)
    _write(home, "audit_log", received, actions)
    _write(home, "work_log", received, stretches)
    signalbox(home, "build")
    with open_snapshot(load_settings(home)) as snapshot:
        assert snapshot.as_of == received
        shared = {row["item_id"]: 0.0 for row in stretches}
        for row in stretches:
            shared[row["item_id"]] += (row["ended_ts"] - row["started_ts"]).total_seconds()
        work = [{"item_id": item, "handling_seconds": seconds} for item, seconds in shared.items()]
        yield Worked(home, snapshot, casework.cases(_failed(home), actions, snapshot.as_of), actions, work)


def _failed(home: Path) -> list[dict[str, Any]]:
    """What the controls found, from the warehouse."""
    with duckdb.connect(str(home / "warehouse" / "signalbox.duckdb"), read_only=True) as con:
        names = con.execute(
            "select table_name from duckdb_tables() where schema_name = 'controls' and starts_with(table_name, 'ctl_')"
            " and not ends_with(table_name, '__old')"
        ).fetchall()
        parts = [f"select {_FAILED} from controls.{name} where status_code = 'fail'" for (name,) in names]
        return con.execute(" union all ".join(parts)).to_arrow_table().to_pylist()


def _actions(failed: list[dict[str, Any]], as_of: datetime) -> list[dict[str, Any]]:
    acts = []
    for row in failed:
        found = casework.exception_id(row)
        for minutes, action, more in _WAYS.get(int(found[:8], 16) % _SHARES, []):
            moment = row["detected_ts"] + timedelta(minutes=minutes)
            if moment <= as_of:
                common = {"policy_result": "allowed", "rule_version": "v1", "inputs_digest": "d", "log_hash": "h"}
                subject = {"object_type": "case", "object_id": found, "case_id": found, "exception_id": found}
                acts.append({**common, **subject, **_PERSON, "event_ts": moment, "action_code": action, **more})
    acts.sort(key=lambda act: (act["event_ts"], act["case_id"]))
    return [{**act, "row_no": number} for number, act in enumerate(acts, start=1)]


def _stretches(actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Three minutes and more before each settlement; no two at the same time of one person."""
    rows = []
    for act in actions:
        if act["action_code"] == "resolve" and act["actor_type"] == "person":
            began = act["event_ts"] - timedelta(minutes=3 + act["row_no"] % 5)
            rows.append({
                "work_id": f"w{act['row_no']}", "item_id": act["case_id"], "actor_id": f"amy {act['row_no']}",
                "started_ts": began, "ended_ts": act["event_ts"],
            })  # fmt: skip
    return rows


def _write(home: Path, entity: str, received: datetime, rows: list[dict[str, Any]]) -> None:
    path = home / "landing" / f"{entity}_{received:%Y%m%dT%H%M%SZ}.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            held = {name: value for name, value in row.items() if value is not None}
            file.write(json.dumps(held, default=lambda value: f"{value.isoformat()}Z") + "\n")


def _twin(worked: Worked, kpi: str) -> pl.DataFrame:
    if kpi in ("K104", "K105"):
        return {"K104": casework.k104, "K105": casework.k105}[kpi](worked.actions)
    if kpi == "K98":
        return casework.k98(worked.cases, worked.work, worked.snapshot.as_of)
    return getattr(casework, kpi.lower())(worked.cases, worked.snapshot.as_of)


@pytest.mark.parametrize("kpi", _KPIS)
def test_a_kpi_of_casework_equals_its_twin_on_every_day(kpi: str, worked: Worked) -> None:
    wanted = MEASURES[kpi]
    twin = _twin(worked, kpi)
    assert set(twin["kpi_id"]) == set(wanted), "a twin that computes nothing proves nothing"
    marks = ", ".join("?" for _ in wanted)
    published = worked.snapshot.con.execute(
        "select kpi_id, period_date, cast(numerator as double) as numerator, cast(denominator as double) as denominator"
        f" from fct_kpi where grouping_name = 'total' and kpi_id in ({marks}) and (denominator <> 0 or numerator <> 0)",
        [*wanted],
    ).pl()
    both = twin.join(published, on=["kpi_id", "period_date"], how="full", coalesce=True, suffix="_published").fill_null(
        0
    )
    unlike = both.filter(
        ((pl.col("numerator") - pl.col("numerator_published")).abs() > 1e-3)
        | (pl.col("denominator") != pl.col("denominator_published"))
    )
    assert unlike.is_empty(), f"{unlike.height} day(s) differ\n{unlike.sort('kpi_id', 'period_date').head(12)}"


def test_every_way_a_case_can_go_is_there(worked: Worked) -> None:
    """Without each ending, and a reopening of each kind, the comparison would prove less than it says."""
    assert {case.ending for case in worked.cases} == {
        "open", "self_cleared", "person", "automation", "merged", "no_issue",
    }  # fmt: skip
    asked_again = [case for case in worked.cases if case.is_open and case.settled]
    by_somebody = [case for case in worked.cases if any(act["action_code"] == "reopen" for act in case.acts)]
    assert asked_again and by_somebody
    assert any(case.pauses for case in worked.cases) and any(case.is_paused for case in worked.cases)
