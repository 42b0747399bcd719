"""Habits of the KPI catalogue: complete, consistent with itself, and the generated list of models not stale."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml

from expectations.registry import suites_at
from signalbox.errors import UsageError
from signalbox.metrics import models
from signalbox.metrics.dimensions import DIMENSIONS, UNIT_SCALE, grouping_name, scale_of
from signalbox.settings import load_settings
from tests import twins

ROOT = Path(__file__).resolve().parents[2]
METRICS = ROOT / "dbt_project" / "models" / "metrics"
ROWS = models.read_catalog()
# Measures that have values, and those that wait for decision support or casework.
LIVE = [row for row in ROWS if row["model_name"]]
PLANNED = [row for row in ROWS if not row["model_name"]]
# A band around nought, or a level that each node or mix has of its own.
_WITHOUT_TARGET = {"K18", "K18.labour", "K72.amount"}
# Axes that are never summed over time.
_LAST = ("as_of", "cut", "window end", "month end")


def test_the_generated_list_of_metric_models_is_current() -> None:
    assert models.is_current(), "run python -m signalbox.metrics.models --write"


def test_a_changed_seed_makes_the_list_stale() -> None:
    changed = [{**ROWS[0], "groupings": "total"}, *ROWS[1:]]
    assert models.render(changed) != models.render(ROWS)


def test_every_kpi_is_there_and_every_measure_once_with_its_kpi_first() -> None:
    families = list(dict.fromkeys(row["kpi_family"] for row in ROWS))
    assert families == [f"K{number:02}" for number in range(1, 111)]
    measures = [row["kpi_id"] for row in ROWS]
    assert len(set(measures)) == len(measures)
    assert all(row["kpi_id"].partition(".")[0] == row["kpi_family"] for row in ROWS)
    assert set(families) <= set(measures)


def test_only_what_needs_more_has_no_values_yet() -> None:
    assert {row["status"] for row in ROWS} == {"live", "needs decision support"}
    assert all(row["status"] != "live" for row in PLANNED)
    waiting = {row["kpi_family"] for row in ROWS if row["status"] == "needs decision support"}
    assert waiting == {f"K{no}" for no in (33, 35, 41, 42, 48, 49, 55, 56, 59, 89, 106, 107, 108)}


def test_every_metric_model_is_in_the_catalogue_and_the_other_way_round() -> None:
    files = {path.stem for path in METRICS.rglob("kpi_*.sql")}
    assert files == {row["model_name"] for row in LIVE}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["kpi_id"])
def test_a_measure_says_all_that_people_need(row: dict[str, str]) -> None:
    texts = ("name", "formula_text", "numerator_text", "denominator_text", "exclusions_text", "time_axis")
    assert all(row[name] for name in (*texts, "owner_role", "reviewer_role", "source_feeds"))
    assert row["owner_role"] != row["reviewer_role"]
    assert row["value_kind"] in {"ratio", "mean", "total"}
    assert row["direction"] in {"up", "down", "band", "none"}
    assert row["time_aggregation"] in {"sum", "last"}
    assert (row["time_aggregation"] == "last") == any(word in row["time_axis"] for word in _LAST)
    # a quotient of its own may be read in days, with its numerator in seconds
    assert row["value_kind"] != "mean" or row["unit"] in {"seconds", "minutes", "hours", "days"}
    assert (row["has_histogram"] == "true") == (row["value_kind"] == "mean")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["kpi_id"])
def test_groupings_hold_the_total_and_each_dimension_unless_one_must_be_named(row: dict[str, str]) -> None:
    groupings, required = row["groupings"].split("|"), row["required_dimensions"]
    assert len(groupings) == len(set(groupings))
    if required:
        assert all(required in grouping.split("+") for grouping in groupings)
    else:
        assert set(groupings) >= {"total", *row["dimensions"].split("|")}


def test_targets_belong_to_measures_and_warn_on_the_worse_side() -> None:
    by_id = {row["kpi_id"]: row for row in ROWS}
    with models.CATALOG.with_name("kpi_target.csv").open(encoding="utf-8", newline="") as handle:
        targets = list(csv.DictReader(handle))
    for target in targets:
        measure = by_id[target["kpi_id"]]
        assert target["scope_type"] == "all" or target["scope_type"] in measure["dimensions"].split("|")
        worse = float(target["target_value"]) - float(target["warn_value"])
        assert worse > 0 if measure["direction"] == "up" else worse < 0, target
    # without a judgement, without one level for all, or best at a level of their own
    untargeted = set(by_id) - {target["kpi_id"] for target in targets}
    judged = {kpi_id for kpi_id in untargeted if by_id[kpi_id]["direction"] != "none"}
    assert judged == _WITHOUT_TARGET


def test_every_metric_model_has_its_yaml_with_owner_unit_tests_and_suite() -> None:
    suites = {suite.name for suite in suites_at(load_settings(), "snapshot")}
    for path in METRICS.rglob("kpi_*.sql"):
        document = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))
        (model,) = document["models"]
        assert model["name"] == path.stem
        assert model["description"] and model["config"]["meta"]["owner"]
        assert f"outbound_{path.stem}" in suites, "the rows that pages drill to have a suite"


def test_a_catalogue_that_names_what_is_not_there_is_refused(tmp_path: Path) -> None:
    def seed(**changes: str) -> Path:
        with (tmp_path / "kpi_catalog.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, list(ROWS[0]))
            writer.writeheader()
            writer.writerow({**ROWS[0], **changes})
        return tmp_path / "kpi_catalog.csv"

    with pytest.raises(UsageError, match=r"kpi_catalog.csv:2: K01: not a dimension of it: colour"):
        models.read_catalog(seed(dimensions="channel|location|region|order_type|colour"))
    with pytest.raises(UsageError, match="not a dimension of it: supplier"):
        models.read_catalog(seed(groupings="total|supplier"))
    with pytest.raises(UsageError, match=r"write channel\+region for region\+channel"):
        models.read_catalog(seed(groupings="total|region+channel"))


def test_names_of_groupings_follow_the_columns_of_the_fact() -> None:
    assert grouping_name([]) == "total"
    assert grouping_name(["region", "channel"]) == "channel+region"
    assert grouping_name(DIMENSIONS) == "+".join(DIMENSIONS)
    assert (scale_of("hours"), scale_of("share"), set(UNIT_SCALE)) == (
        1 / 3600,
        1.0,
        {"per_1000", "seconds", "minutes", "hours", "days"},
    )


def test_every_measure_has_a_twin_and_a_retailer_that_has_rows_of_it() -> None:
    compared = [kpi_id for of_twin in twins.MEASURES.values() for kpi_id in of_twin]
    assert len(compared) == len(set(compared)), "each measure is compared once"
    assert set(compared) == {row["kpi_id"] for row in LIVE}
    assert not set.intersection(*twins.ABSENT.values())
    assert all(kpi_id.partition(".")[0] == kpi for kpi, of_twin in twins.MEASURES.items() for kpi_id in of_twin)
