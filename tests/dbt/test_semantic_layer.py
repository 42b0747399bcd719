"""The semantic layer gives what the one door to values gives: MetricFlow is asked, as another tool would ask it."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pytest

from signalbox.metrics import semantic, values
from signalbox.metrics.models import read_catalog
from signalbox.publish import open_snapshot
from signalbox.settings import load_settings
from tests.conftest import Record, Retailer
from tests.dbt.command import PROJECT

# MetricFlow's command without its question to the package registry whether it is the newest.
COMMAND = (
    "import update_checker; update_checker.UpdateChecker.check = lambda *args, **named: None;"
    "from dbt_metricflow.cli.main import cli; cli()"
)
# Ratios and totals of several models, by time and by a dimension of theirs that is shared with other KPIs.
ASKED = {
    "channel": ["K01", "K02", "K02.late", "K07", "K13", "K60", "K72"],
    "location": ["K02", "K10"],
    "supplier": ["K83"],
}


@pytest.fixture(scope="module")
def project(tiny: Retailer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the dbt project beside a copy of the retailer's warehouse, parsed."""
    folder = tmp_path_factory.mktemp("semantic") / "project"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("target", "logs"))
    shutil.copy(tiny.home / "warehouse" / "signalbox.duckdb", folder / "signalbox.duckdb")
    _run(folder, [str(Path(sys.executable).with_name("dbt")), "parse", "--profiles-dir", str(folder)])
    return folder


def _run(project: Path, command: list[str]) -> str:
    environment = {"SIGNALBOX_WAREHOUSE": str(project / "signalbox.duckdb"), "DBT_PROFILES_DIR": str(project)}
    done = subprocess.run(
        command, cwd=project, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    return done.stdout


def _asked(project: Path, kpis: list[str], by: str) -> dict[tuple[str, date, str], float]:
    """(measure, day, member) -> value, as MetricFlow tells it; empty where nothing can be divided."""
    answer = project / "answer.csv"
    names = ",".join(semantic.metric_name(kpi) for kpi in kpis)
    query = ["query", "--metrics", names, "--group-by", f"metric_time__day,{by}", "--csv", str(answer)]
    _run(project, [sys.executable, "-c", COMMAND, *query])
    found = {}
    with answer.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            day = datetime.fromisoformat(row["metric_time__day"]).date()
            for kpi in kpis:
                value = row[semantic.metric_name(kpi)]
                if value not in ("", "NULL", "nan"):
                    found[kpi, day, row[by]] = float(value)
    return found


def test_metricflow_finds_nothing_wrong(project: Path) -> None:
    told = _run(project, [sys.executable, "-c", COMMAND, "validate-configs", "--skip-dw"])
    assert "ERRORS: 0" in told


@pytest.mark.parametrize("by", ASKED)
def test_metricflow_gives_the_same_values(project: Path, tiny: Retailer, by: str, record_property: Record) -> None:
    theirs = _asked(project, ASKED[by], by)
    with open_snapshot(load_settings(tiny.home)) as snapshot:
        rows = values(snapshot.con, ASKED[by], by=by, grain="day").to_pylist()
    ours = {(row["kpi_id"], row["period_start"], row[by]): row["value"] for row in rows if row["value"] is not None}
    assert len(ours) > 50 and {kpi for kpi, _, _ in ours} == set(ASKED[by])
    assert {key: theirs.get(key) for key in ours} == pytest.approx(ours, rel=1e-9)
    record_property("values that MetricFlow gives, too", len(ours))


def test_only_what_the_layer_can_say_is_there() -> None:
    """Stock, durations and quotas of a thousand are left out; a dimension that only splits a numerator, too."""
    rows = {row["kpi_id"]: row for row in read_catalog()}
    assert not any(semantic.is_told(rows[kpi]) for kpi in ("K27", "K05", "K08.escalations", "K29", "K39"))
    assert sum(semantic.is_told(row) for row in rows.values()) > 100
    text = semantic.render([rows["K07"]])
    assert "name: channel" in text and "name: reason" not in text
    assert semantic.is_current(rows.values())
