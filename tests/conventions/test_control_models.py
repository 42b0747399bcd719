"""Every catalogued exception has its control, its test, its owner's calendar and its limits; and nothing has more."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
import yaml

from signalbox.errors import UsageError
from signalbox.exceptions import models
from signalbox.settings import PROJECT_ROOT
from signalbox.simulate.faults import CALM, DEFAULT

DBT = PROJECT_ROOT / "dbt_project"
CONTROLS = DBT / "models" / "controls"


def _seed(name: str) -> list[dict[str, str]]:
    with (DBT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_the_catalogue_and_the_control_models_are_the_same_set() -> None:
    catalogue = {row["model_name"] for row in models.read_catalog()}
    assert {path.stem for path in CONTROLS.rglob("ctl_*.sql")} == catalogue


def test_the_generated_list_of_models_is_current() -> None:
    assert models.is_current(), "run python -m signalbox.exceptions.models --write"


def test_a_model_of_two_codes_is_refused(tmp_path: Path) -> None:
    seed = tmp_path / "exception_catalog.csv"
    seed.write_text("code,model_name\nE01,ctl_a__b\nE02,ctl_a__b\n", encoding="utf-8")
    with pytest.raises(UsageError, match="ctl_a__b"):
        models.read_catalog(seed)


@pytest.mark.parametrize("row", models.read_catalog(), ids=lambda row: row["code"])
def test_a_control_has_its_code_and_a_unit_test(row: dict[str, str]) -> None:
    (sql,) = CONTROLS.rglob(f"{row['model_name']}.sql")
    text = sql.read_text(encoding="utf-8")
    assert f'"{row["code"]}"' in text
    assert text.startswith("-- Grain: ")
    tests = yaml.safe_load(sql.with_suffix(".yml").read_text(encoding="utf-8"))["unit_tests"]
    statuses = {expected.get("status_code") for test in tests for expected in test["expect"]["rows"]}
    # Unknown codes and refused rows are data only when something is wrong: they have no item that passes.
    assert {"fail"} <= statuses
    assert "pass" in statuses or row["code"] in {"E65g"}


@pytest.mark.parametrize("row", models.read_catalog(), ids=lambda row: row["code"])
def test_a_type_says_what_to_do_next(row: dict[str, str]) -> None:
    assert 1 <= len(re.findall(r"[.!](?:\s|$)", row["runbook_text"])) <= 3
    assert float(row["sla_hours"]) > 0
    assert set(row["severity_rule"].split(",")) <= {"P", "V", "I", "C"}
    assert row["min_severity"] in {"", "S1", "S2", "S3"}


def test_every_owner_has_a_calendar() -> None:
    regular = {row["owner_role"] for row in _seed("business_calendar") if not row["calendar_date"]}
    assert {row["owner_role"] for row in models.read_catalog()} <= regular


def test_every_limit_that_a_control_reads_has_a_default() -> None:
    defaults = {(row["code"], row["parameter"]) for row in _seed("control_threshold") if row["scope_type"] == "all"}
    assert {code for code, _ in defaults} - {"*"} == {row["code"] for row in models.read_catalog()}
    for sql in CONTROLS.rglob("ctl_*.sql"):
        text = sql.read_text(encoding="utf-8")
        for code, listed in re.findall(r'control_threshold_joins\(\s*"(E\w+)",\s*\[([^\]]*)\]', text):
            for parameter in re.findall(r'"(\w+)"', listed):
                assert (code, parameter) in defaults, f"{sql.name} reads {parameter} of {code}"


def test_causes_make_no_circle_and_chains_stay_short() -> None:
    """Codes that share a cause are one node, since any of them may head the others; a chain has at most eight steps."""
    rules = _seed("incident_rule")
    node = {code: code for rule in rules for code in (rule["cause_codes"] + "|" + rule["consequence_codes"]).split("|")}
    for rule in rules:
        if rule["kind"] == "shared":
            first, *others = rule["cause_codes"].split("|")
            for code in others:
                old, new = node[code], node[first]
                node = {name: new if at == old else at for name, at in node.items()}
    effects: dict[str, set[str]] = {}
    for rule in rules:
        for cause in rule["cause_codes"].split("|"):
            effects.setdefault(node[cause], set()).update(
                node[code] for code in rule["consequence_codes"].split("|") if code
            )

    def longest(at: str, before: tuple[str, ...]) -> int:
        assert at not in before, f"a circle of causes: {' > '.join((*before, at))}"
        return max((1 + longest(effect, (*before, at)) for effect in effects.get(at, ())), default=0)

    # A step from cause to effect, and one within each node from its head to another member.
    assert all(2 * longest(start, ()) + 1 <= 8 for start in effects)


def test_faults_of_every_code_are_injected_into_one_of_the_two_worlds() -> None:
    codes = {row["code"] for row in models.read_catalog()}
    assert sorted([*DEFAULT, *CALM]) == sorted(codes)


def test_causes_and_consequences_are_codes_of_the_catalogue() -> None:
    codes = {row["code"] for row in models.read_catalog()}
    named = "|".join(rule[side] for rule in _seed("incident_rule") for side in ("cause_codes", "consequence_codes"))
    assert set(named.split("|")) - {""} <= codes
