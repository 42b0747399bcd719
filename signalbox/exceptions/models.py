"""The list of control models that fills ``fct_exception``, generated from the catalogue seed.

Belongs here: reading ``exception_catalog.csv`` and writing ``macros/exception_models.sql``. Not here: exceptions.
Run ``python -m signalbox.exceptions.models --write`` after a change of the seed; without ``--write`` it says whether
the file is stale.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from signalbox.errors import UsageError
from signalbox.settings import PROJECT_ROOT

CATALOG = PROJECT_ROOT / "dbt_project" / "seeds" / "exception_catalog.csv"
MACRO = PROJECT_ROOT / "dbt_project" / "macros" / "exception_models.sql"
HEADER = """{#
Generated from seeds/exception_catalog.csv by
`python -m signalbox.exceptions.models --write`; a test tells when it is stale.
#}
"""


def read_catalog(path: Path = CATALOG) -> list[dict[str, str]]:
    """Rows of the catalogue seed as text. Raises UsageError where a code has two models, or a model two codes."""
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    pairs = {(row["code"], row["model_name"]) for row in rows}
    for column in (0, 1):
        names = [pair[column] for pair in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise UsageError(f"{path.name}: one code has one model, and a model one code: {', '.join(twice)}")
    return rows


def render(rows: list[dict[str, str]]) -> str:
    """Text of the macro file: the control models by name."""
    models = sorted({row["model_name"] for row in rows})
    listed = ",\n".join(f"        '{model}'" for model in models)
    return f"{HEADER}{{% macro exception_models() -%}}\n    {{{{- return([\n{listed}\n    ]) -}}}}\n{{%- endmacro %}}\n"


def is_current() -> bool:
    """Whether the committed macro file is what the seed gives."""
    return MACRO.exists() and MACRO.read_text(encoding="utf-8") == render(read_catalog())


def main(arguments: list[str]) -> int:
    """Write the file, or say whether it is stale: exit status 1."""
    if "--write" in arguments:
        MACRO.write_text(render(read_catalog()), encoding="utf-8")
        return 0
    if is_current():
        return 0
    print(f"{MACRO.name} is stale: run python -m signalbox.exceptions.models --write", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
