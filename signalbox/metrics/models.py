"""The list of metric models that fills the KPI facts, generated from the catalogue seed.

Belongs here: reading ``kpi_catalog.csv`` and writing ``macros/kpi_models.sql``. Not here: KPI values, or what the
semantic layer says (``semantic``), which is written with it. Run ``python -m signalbox.metrics.models --write`` after a
change of the seed; without ``--write`` it says whether a file is stale.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from signalbox.errors import UsageError
from signalbox.metrics import semantic
from signalbox.metrics.dimensions import DIMENSIONS, grouping_name
from signalbox.settings import PROJECT_ROOT

CATALOG = PROJECT_ROOT / "dbt_project" / "seeds" / "kpi_catalog.csv"
MACRO = PROJECT_ROOT / "dbt_project" / "macros" / "kpi_models.sql"
HEADER = """{#
Generated from seeds/kpi_catalog.csv by `python -m signalbox.metrics.models --write`; a test fails when it is stale.
A grouping without measures holds for all measures of its model.
#}
"""


def read_catalog(path: Path = CATALOG) -> list[dict[str, str]]:
    """Rows of the catalogue seed as text. Raises UsageError where lists name what does not exist."""
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    for number, row in enumerate(rows, start=2):
        dims = split(row["dimensions"])
        groupings = split(row["groupings"]) + split(row["histogram_groupings"])
        listed = {name for grouping in groupings for name in grouping_dims(grouping)}
        starred = set(split(row["starred_dimensions"])) | set(split(row["required_dimensions"]))
        unknown = (set(dims) - set(DIMENSIONS)) | ((listed | starred) - set(dims))
        if unknown:
            raise UsageError(
                f"{path.name}:{number}: {row['kpi_id']}: not a dimension of it: {', '.join(sorted(unknown))}"
            )
        for grouping in groupings:
            right = grouping_name(grouping_dims(grouping))
            if grouping != right:
                raise UsageError(f"{path.name}:{number}: {row['kpi_id']}: write {right} for {grouping}")
    return rows


def split(text: str) -> list[str]:
    """Items of a list that the seed separates by bars."""
    return [item for item in text.split("|") if item]


def grouping_dims(grouping: str) -> list[str]:
    """Dimensions of a grouping's name."""
    return [] if grouping == "total" else grouping.split("+")


def render(rows: list[dict[str, str]]) -> str:
    """Text of the macro file: for each metric model its dimensions, groupings and duration measures."""
    by_model: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        if row["model_name"]:
            by_model[row["model_name"]].append(row)
    items = [_render_model(model, by_model[model]) for model in sorted(by_model)]
    return (
        HEADER + "{% macro kpi_models() -%}\n    {{- return([\n" + ",\n".join(items) + "\n    ]) -}}\n{%- endmacro %}\n"
    )


def _render_model(model: str, rows: list[dict[str, str]]) -> str:
    used = {name for row in rows for name in split(row["dimensions"])}
    starred = {name for row in rows for name in split(row["starred_dimensions"])}
    for row in rows:
        mixed = starred & set(split(row["dimensions"])) - set(split(row["starred_dimensions"]))
        if mixed:
            raise UsageError(
                f"{row['kpi_id']}: {', '.join(mixed)} is starred in another measure of {model}, and not here"
            )
    durations = [row for row in rows if row["has_histogram"] == "true"]
    return "\n".join(
        [
            "        {",
            f"            'model': '{model}',",
            f"            'dims': {_names(name for name in DIMENSIONS if name in used)},",
            f"            'starred': {_names(sorted(starred))},",
            f"            'durations': {_names(row['kpi_id'] for row in durations)},",
            f"            'measures': {_names(row['kpi_id'] for row in rows)},",
            "            'groupings': [",
            _render_groupings(rows, "groupings"),
            "            ],",
            "            'histogram_groupings': [",
            _render_groupings(durations, "histogram_groupings"),
            "            ]",
            "        }",
        ]
    )


def _render_groupings(rows: list[dict[str, str]], column: str) -> str:
    """Each grouping with its dimensions and the measures that keep it; no measures named: all of ``rows``."""
    kept: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        for grouping in split(row[column]):
            kept[grouping].append(row["kpi_id"])
    measures = [row["kpi_id"] for row in rows]
    return ",\n".join(
        f"                {{'name': '{name}', 'dims': {_names(grouping_dims(name))}, "
        f"'measures': {_names([] if kept[name] == measures else kept[name])}}}"
        for name in sorted(kept, key=_order)
    )


def _names(names: Iterable[str]) -> str:
    return "[" + ", ".join(f"'{name}'" for name in names) + "]"


def _order(grouping: str) -> tuple[int, list[int]]:
    dims = grouping_dims(grouping)
    return len(dims), [DIMENSIONS.index(name) for name in dims]


def is_current() -> bool:
    """Whether the committed macro file is what the seed gives."""
    return MACRO.exists() and MACRO.read_text(encoding="utf-8") == render(read_catalog())


def main(arguments: list[str]) -> int:
    """Write the files, or say whether one is stale: exit status 1."""
    rows = read_catalog()
    if "--write" in arguments:
        MACRO.write_text(render(rows), encoding="utf-8")
        semantic.SEMANTIC.write_text(semantic.render(rows), encoding="utf-8")
        return 0
    stale = [MACRO.name] * (not is_current()) + [semantic.SEMANTIC.name] * (not semantic.is_current(rows))
    for name in stale:
        print(f"{name} is stale: run python -m signalbox.metrics.models --write", file=sys.stderr)
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
