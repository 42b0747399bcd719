"""Where a metric model comes from: its SQL and everything above it, as dbt's manifest of the last build tells.

Not here: rows (``rows``) or the line of a source file (``signalbox.landing``).
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from signalbox.errors import UsageError

# Folders of models in the order in which data passes through them; what is landed comes first.
LAYERS = ("raw", "seeds", "staging", "intermediate", "core", "controls", "metrics", "marts")


@dataclass(frozen=True)
class Lineage:
    """``sql``: the model as it is written. ``above``: layer -> names of what it reads, near and far."""

    path: str
    sql: str
    above: Mapping[str, tuple[str, ...]]


def read_lineage(manifest: Path) -> dict[str, Lineage]:
    """Every model's lineage by its name. Raises UsageError when there is no manifest."""
    if not manifest.exists():
        raise UsageError(f"{manifest}: no build has left a manifest; run `signalbox build`")
    found = json.loads(manifest.read_text(encoding="utf-8"))
    nodes = {key: node for key, node in found["nodes"].items() if node["resource_type"] in ("model", "seed")}
    parents = {key: node.get("depends_on", {}).get("nodes", []) for key, node in nodes.items()}
    return {
        node["name"]: Lineage(
            node["original_file_path"], node["raw_code"].strip(), _by_layer(_above(key, parents), nodes)
        )
        for key, node in nodes.items()
        if node["resource_type"] == "model"
    }


def _above(key: str, parents: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = deque(parents[key])
    while waiting:
        parent = waiting.popleft()
        if parent not in found:
            found.add(parent)
            waiting.extend(parents.get(parent, ()))
    return found


def _by_layer(keys: set[str], nodes: Mapping[str, dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    layers: dict[str, list[str]] = {}
    for key in keys:
        kind, *_, name = key.split(".")
        if kind == "source":
            layers.setdefault("raw", []).append(name)
        elif key in nodes:
            layer = "seeds" if kind == "seed" else nodes[key]["fqn"][1]
            layers.setdefault(layer, []).append(name)
    return {layer: tuple(sorted(layers[layer])) for layer in LAYERS if layer in layers}
