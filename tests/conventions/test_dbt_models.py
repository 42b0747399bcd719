"""The dbt project keeps its habits: layers, names, comments, generated files, one dialect, a description a model.

Not here: whether the models are right (dbt's own tests, tests/dbt) or compile (dbt).
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
import yaml

from signalbox.settings import PROJECT_ROOT

DBT = PROJECT_ROOT / "dbt_project"
MODELS = DBT / "models"
SQL = sorted(MODELS.rglob("*.sql"))
LAYERS = ("staging", "intermediate", "core", "controls", "metrics", "marts")
# What a layer may read. The uniform facts are marts, filled from controls and metrics; a KPI counts exceptions.
READS = {
    "staging": set(),
    "intermediate": {"staging", "intermediate", "core", "seeds"},
    "core": {"staging", "intermediate", "core", "seeds"},
    "controls": {"staging", "intermediate", "core", "controls", "seeds"},
    "metrics": {"staging", "intermediate", "core", "controls", "metrics", "marts", "seeds"},
    "marts": {"staging", "intermediate", "core", "controls", "metrics", "marts", "seeds"},
}
NAMES = {
    "staging": r"stg_[a-z0-9]+__[a-z0-9_]+",
    "intermediate": r"int_[a-z]+__[a-z0-9_]+",
    "core": r"(dim|fct)_[a-z0-9_]+",
    "controls": r"((ctl|int)_[a-z_]+__|dim_)[a-z0-9_]+",
    "metrics": r"(kpi_[a-z]+__|dim_)[a-z0-9_]+",
    "marts": r"(mart|fct)_[a-z0-9_]+",
}
# Landing's own tables have no contract and so no staging view.
LANDING_TABLES = {"build_context", "landing_file", "rejected_row", "unknown_code", "feed_contract", "stock_view_policy"}
# Spelled or meant differently by the two engines, or read from a clock: they belong in a dispatched macro, or nowhere.
ENGINE_ONLY = re.compile(
    r"::|//|\b(qualify|asof|exclude|strftime|strptime|date_diff|datediff|interval|generate_series|string_agg|listagg|"
    r"array_agg|quantile_cont|regexp_matches|regexp_replace|unnest|dayofweek|epoch|epoch_us|epoch_ms)\b|\bapprox_|"
    r"\b(now|today|current_date|current_timestamp|localtimestamp)\b|\bunion( all)? by name\b",
    re.IGNORECASE,
)


def layer(path: Path) -> str:
    return path.relative_to(MODELS).parts[0]


def statement(path: Path) -> str:
    """The model's SQL without comments and text literals."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"'[^']*'", "''", re.sub(r"--[^\n]*", "", text))


def references(path: Path) -> set[str]:
    return set(re.findall(r"""\bref\(\s*['"]([a-z0-9_]+)['"]\s*\)""", path.read_text(encoding="utf-8")))


def models_of(path: Path) -> list[dict]:
    return (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("models") or []


def generator():
    spec = importlib.util.spec_from_file_location("generate_staging", DBT / "generate_staging.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_staging_models_are_what_the_contracts_give() -> None:
    written = generator().staging_files()
    committed = {path.relative_to(MODELS / "staging") for path in (MODELS / "staging").rglob("stg_*__*.sql")}
    assert committed == {path for path in written if path.suffix == ".sql"}
    stale = [str(p) for p, text in written.items() if (MODELS / "staging" / p).read_text(encoding="utf-8") != text]
    assert not stale, f"run python dbt_project/generate_staging.py: {stale}"


def test_the_generator_notices_a_changed_contract() -> None:
    from dataclasses import replace

    from signalbox.contracts import load_contracts

    entity = load_contracts()["promise"]
    changed = replace(entity, columns=entity.columns[:-1])
    assert generator().staging_sql(changed) != generator().staging_sql(entity)


@pytest.mark.parametrize("path", SQL, ids=lambda path: path.stem)
def test_a_model_is_named_after_its_layer(path: Path) -> None:
    assert layer(path) in LAYERS
    assert re.fullmatch(NAMES[layer(path)], path.stem)


def test_a_model_reads_only_what_lies_before_it() -> None:
    home = {path.stem: layer(path) for path in SQL} | {path.stem: "seeds" for path in (DBT / "seeds").glob("*.csv")}
    wrong = [
        f"{path.stem} reads {name}" for path in SQL for name in references(path) if home[name] not in READS[layer(path)]
    ]
    assert not wrong


def test_only_staging_and_controls_read_what_was_landed() -> None:
    # A control may judge every version of a row, and when each came; staging keeps the latest. Whether a feed ever told
    # something is asked of all rows: ranking the versions of every key first would cost seconds for one yes or no.
    evidence = ("int_order__feed_evidence",)
    # What held at a past hour is told by the versions of then.
    versions = ("int_kpi__limit_version", "int_kpi__listing_span")
    free = (*evidence, *versions)
    for path in (path for path in SQL if layer(path) not in ("staging", "controls") and path.stem not in free):
        read = set(re.findall(r"""source\(\s*['"]raw['"],\s*['"]([a-z_]+)['"]""", path.read_text(encoding="utf-8")))
        assert read <= LANDING_TABLES, f"{path.stem} reads raw tables of feeds"


def test_no_model_speaks_one_engine_only_or_reads_a_clock() -> None:
    found = {path.stem: match[0] for path in SQL if (match := ENGINE_ONLY.search(statement(path)))}
    assert not found


@pytest.mark.parametrize(
    ("sql", "is_refused"),
    [
        ("select a::date from t", True),
        ("select * from t qualify row_number() over (order by a) = 1", True),
        ("select current_date", True),
        ("select ts + interval 1 day from t", True),
        ("select 'a::b' as code -- current_date", False),
        ("select {{ add_days('day', 1) }} from t", False),
    ],
)
def test_the_dialect_rule_tells_good_from_bad(tmp_path: Path, sql: str, is_refused: bool) -> None:
    path = tmp_path / "model.sql"
    path.write_text(sql, encoding="utf-8")
    assert bool(ENGINE_ONLY.search(statement(path))) is is_refused


def test_a_fact_opens_with_its_grain() -> None:
    for path in SQL:
        if layer(path) in ("core", "marts") and not path.stem.startswith("dim_"):
            first = path.read_text(encoding="utf-8").splitlines()[0]
            assert first.startswith("-- Grain: "), path.stem


def test_every_model_is_described_beside_it() -> None:
    for path in SQL:
        if layer(path) in ("core", "metrics", "marts", "intermediate"):
            described = {model["name"]: model for model in models_of(path.with_suffix(".yml"))}
            assert described.get(path.stem, {}).get("description"), f"{path.stem} has no description beside it"


def test_every_contracted_column_has_a_type_and_a_meaning() -> None:
    for path in SQL:
        if layer(path) not in ("core", "marts"):
            continue
        (model,) = models_of(path.with_suffix(".yml"))
        names = [column["name"] for column in model["columns"]]
        assert len(names) == len(set(names))
        vague = [c["name"] for c in model["columns"] if not c.get("data_type") or not c.get("description")]
        assert not vague, f"{path.stem}: {vague}"


def test_every_core_model_has_a_tested_key() -> None:
    for path in SQL:
        if layer(path) != "core":
            continue
        (model,) = models_of(path.with_suffix(".yml"))
        tests = [name for test in model.get("data_tests", []) for name in test]
        tests += [test for column in model["columns"] for test in column.get("data_tests", []) if isinstance(test, str)]
        assert {"unique_key", "holds_every_key_of", "unique"} & set(tests), path.stem


def test_a_relaxed_test_says_why() -> None:
    for path in MODELS.rglob("*.yml"):
        for model in models_of(path):
            holders = [model, *model.get("columns", [])]
            tests = [t for h in holders for t in h.get("data_tests", []) if isinstance(t, dict)]
            for config in (value.get("config", {}) for test in tests for value in test.values() if value):
                assert config.get("severity") != "warn" or config.get("meta", {}).get("reason"), path.name


def test_every_page_is_an_exposure_with_its_owner_and_models() -> None:
    document = yaml.safe_load((MODELS / "exposures.yml").read_text(encoding="utf-8"))
    exposures = {exposure["name"]: exposure for exposure in document["exposures"]}
    pages = {path.stem for path in (PROJECT_ROOT / "dashboards" / "views").glob("*.py")} - {"__init__"}
    assert set(exposures) == pages
    assert all(e["owner"]["name"] and e["depends_on"] and e["description"] for e in exposures.values())


def test_no_module_of_the_project_passes_for_a_dbt_plugin() -> None:
    # dbt imports every package on the path whose name begins with `dbt_`.
    assert not (DBT / "__init__.py").exists()
