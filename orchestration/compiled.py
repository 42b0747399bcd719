"""The SQL that dbt compiled from this code, kept beside its manifest: an increment runs it without compiling again.

Not here: what is done with it (``walk``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from signalbox.publish.files import write_atomically

if TYPE_CHECKING:
    from orchestration.dbt import DbtProject

# The analysis that holds the selects which fill the facts.
PARTS = "fact_parts"
_PART = re.compile(r"^-- part: (\S+) (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Compiled:
    """``nodes``: dbt's unique id -> SQL of a model or a data test, compiled as of the instant ``as_of``.

    ``parts``: fact that hooks fill -> model -> the select that fills it from the model.
    """

    facts: str
    as_of: str
    nodes: Mapping[str, str]
    parts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def at(self, sql: str, moment: datetime) -> str:
        """Its SQL as of another instant."""
        return sql.replace(_instant(self.as_of), _instant(str(moment)))


def compiled(
    project: DbtProject,
    facts: str,
    as_of: str,
    extra: Mapping[str, str] | None = None,
    before: Callable[[], object] = lambda: None,
) -> Compiled:
    """What was compiled from the same code and settings (``facts``), or else what dbt compiles now, as of ``as_of``.

    ``extra`` is for ``DbtProject.compile``; ``before`` is called before dbt, which opens the warehouse itself.
    """
    path = project.target_dir / "compiled.json"
    if path.exists():
        kept = Compiled(**json.loads(path.read_text(encoding="utf-8")))
        if kept.facts == facts:
            return kept
    before()
    nodes = project.compile(extra)
    analysis = next(sql for key, sql in nodes.items() if key.endswith(f".{PARTS}"))
    made = Compiled(facts, as_of, nodes, _parts(analysis))
    write_atomically(path, json.dumps(asdict(made)))
    return made


def _instant(text: str) -> str:
    return f"cast('{text}' as timestamp)"


def _parts(sql: str) -> dict[str, dict[str, str]]:
    """The selects of the analysis by fact and model."""
    pieces = _PART.split(sql)[1:]
    parts: dict[str, dict[str, str]] = {}
    for fact, model, select in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        parts.setdefault(fact, {})[model] = select.strip()
    return parts
