"""The KPIs in the ecosystem's own form: dbt semantic models and metrics, generated from the catalogue seed.

Other tools that speak to dbt's semantic layer (MetricFlow) read the same definitions: sums over the same metric rows,
divided when read. Only what such a layer can say without error is there: measures that may be summed over time and are
a ratio of sums or a total in the unit in which they are stored. Not there: stock (``last``, ``average``), percentiles
and durations, and dimensions that carry a numerator only. Run ``python -m signalbox.metrics.models --write``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import yaml

from signalbox.metrics.dimensions import DIMENSIONS, scale_of
from signalbox.settings import PROJECT_ROOT

SEMANTIC = PROJECT_ROOT / "dbt_project" / "models" / "metrics" / "_semantic.yml"
HEADER = """# Generated from seeds/kpi_catalog.csv by `python -m signalbox.metrics.models --write`; never by hand.
# What stands here, and what does not, is told in signalbox/metrics/semantic.py.
"""


def metric_name(kpi_id: str) -> str:
    """Name of a measure's metric: ``K02.early`` is ``k02_early``."""
    return kpi_id.lower().replace(".", "_")


def is_told(row: dict[str, str]) -> bool:
    """Whether a row of the catalogue has a metric in the semantic layer."""
    return (
        bool(row["model_name"])
        and row["time_aggregation"] == "sum"
        and row["value_kind"] in ("ratio", "total")
        and scale_of(row["unit"]) == 1.0
        and not row["required_dimensions"]
    )


def render(rows: Iterable[dict[str, str]]) -> str:
    """Text of the properties file: a semantic model for each metric model, a metric for each measure."""
    by_model: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        if is_told(row):
            by_model[row["model_name"]].append(row)
    found = {
        "version": 2,
        "semantic_models": [_semantic_model(model, by_model[model]) for model in sorted(by_model)],
        "metrics": [metric for model in sorted(by_model) for metric in _metrics(model, by_model[model])],
    }
    return HEADER + yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=120)


def _semantic_model(model: str, rows: list[dict[str, str]]) -> dict[str, object]:
    told = [name for name in DIMENSIONS if any(name in _dimensions(row) for row in rows)]
    return {
        "name": model.replace("__", "_"),
        "description": f"Metric rows of {', '.join(row['kpi_id'] for row in rows)}.",
        "model": f"ref('{model}')",
        "defaults": {"agg_time_dimension": "period_date"},
        "primary_entity": _item(model),
        # Shared by all KPIs, so that they can be asked for together by one of them.
        "entities": [{"name": name, "type": "foreign"} for name in told],
        "dimensions": [
            {"name": "period_date", "type": "time", "type_params": {"time_granularity": "day"}},
            {"name": "kpi_id", "type": "categorical"},
        ],
        "measures": [
            {"name": f"{_item(model)}_{name}", "agg": "sum", "expr": name} for name in ("numerator", "denominator")
        ],
    }


def _metrics(model: str, rows: list[dict[str, str]]) -> Iterable[dict[str, object]]:
    for part in ("numerator", "denominator"):
        if part == "numerator" or any(row["value_kind"] == "ratio" for row in rows):
            name = f"{_item(model)}_{part}"
            said = f"Sum of the {part}s of {model}; means something for one KPI only."
            yield {
                "name": name,
                "label": f"{model} {part}",
                "description": said,
                "type": "simple",
                "type_params": {"measure": name},
            }
    for row in rows:
        top, bottom = (f"{_item(model)}_{part}" for part in ("numerator", "denominator"))
        is_ratio = row["value_kind"] == "ratio"
        yield {
            "name": metric_name(row["kpi_id"]),
            "label": f"{row['kpi_id']} {row['name']}",
            "description": row["formula_text"],
            "type": "ratio" if is_ratio else "simple",
            "type_params": {"numerator": top, "denominator": bottom} if is_ratio else {"measure": top},
            "filter": f"{{{{ Dimension('{_item(model)}__kpi_id') }}}} = '{row['kpi_id']}'",
        }


def _item(model: str) -> str:
    """The item of a metric model as an entity; names of the semantic layer hold no double underscore."""
    return f"{model.removeprefix('kpi_').replace('__', '_')}_item"


def _dimensions(row: dict[str, str]) -> set[str]:
    starred = set(row["starred_dimensions"].split("|"))
    return set(row["dimensions"].split("|")) - starred - {""}


def is_current(rows: Iterable[dict[str, str]], path: Path = SEMANTIC) -> bool:
    """Whether the committed file is what the seed gives."""
    return path.exists() and path.read_text(encoding="utf-8") == render(rows)
