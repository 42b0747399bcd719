"""Lineage from dbt's manifest: everything above a model, near and far, by layer; and what is said without one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from signalbox.errors import UsageError
from signalbox.metrics.lineage import read_lineage


def _node(kind: str, layer: str, name: str, *above: str) -> dict[str, object]:
    return {
        "name": name,
        "resource_type": kind,
        "fqn": ["signalbox", layer, name],
        "original_file_path": f"models/{layer}/{name}.sql",
        "raw_code": f"-- {name}\n",
        "depends_on": {"nodes": list(above)},
    }


def test_everything_above_a_model_stands_in_its_layer(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    nodes = {
        "model.signalbox.stg_a": _node("model", "staging", "stg_a", "source.signalbox.raw.a"),
        "seed.signalbox.limits": _node("seed", "seeds", "limits"),
        "model.signalbox.fct_a": _node("model", "core", "fct_a", "model.signalbox.stg_a"),
        "model.signalbox.kpi_a": _node("model", "metrics", "kpi_a", "model.signalbox.fct_a", "seed.signalbox.limits"),
        "test.signalbox.kpi_a": _node("test", "metrics", "kpi_a_test", "model.signalbox.kpi_a"),
    }
    path.write_text(json.dumps({"nodes": nodes}), encoding="utf-8")
    found = read_lineage(path)
    assert set(found) == {"stg_a", "fct_a", "kpi_a"}
    assert found["kpi_a"].sql == "-- kpi_a" and found["kpi_a"].path == "models/metrics/kpi_a.sql"
    assert list(found["kpi_a"].above.items()) == [
        ("raw", ("a",)), ("seeds", ("limits",)), ("staging", ("stg_a",)), ("core", ("fct_a",)),
    ]  # fmt: skip
    assert found["stg_a"].above == {"raw": ("a",)}


def test_without_a_manifest_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no build has left a manifest; run `signalbox build`"):
        read_lineage(tmp_path / "manifest.json")
