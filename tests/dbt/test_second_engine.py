"""Every model compiles for the second engine: no Java, no cluster and no connection is needed for it.

Not here: what the models give there (``tests/integration/test_spark_parity.py``).
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

from signalbox.engines.session import SESSION
from tests.conftest import Record

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
CONTEXT = {
    "SIGNALBOX_CONTEXT_AS_OF": "2026-05-18 04:38:00",
    "SIGNALBOX_CONTEXT_REPORTING_TIME_ZONE": "Europe/Berlin",
    "SIGNALBOX_CONTEXT_REPORTING_CURRENCY": "EUR",
    "SIGNALBOX_CONTEXT_CUT_OVER_TS": "1900-01-01 00:00:00",
}


def test_every_model_compiles_for_spark(tmp_path: Path, record_property: Record) -> None:
    command = [str(Path(sys.executable).with_name("dbt")), "compile", "--target", "spark", "--no-populate-cache"]
    folders = ["--project-dir", PROJECT, "--profiles-dir", PROJECT, "--target-path", tmp_path, "--log-path", tmp_path]
    # Nobody answers at this port: a compilation that asks a cluster fails.
    environment = {
        **os.environ,
        **CONTEXT,
        "SIGNALBOX_SPARK_PORT": "1",
        "PYTHONPATH": str(_client(tmp_path / "client")),
    }
    done = subprocess.run([*command, *map(str, folders)], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
    models = {path.stem for path in (PROJECT / "models").rglob("*.sql")}
    compiled = {path.stem: path.read_text() for path in (tmp_path / "compiled").rglob("models/**/*.sql")}
    assert models <= compiled.keys() and len(models) > 150
    assert not [name for name, text in compiled.items() if re.search(r"timezone\(|epoch_us\(|to_microseconds\(", text)]
    assert sum("unix_micros(" in text for text in compiled.values()) > 10
    record_property("models compiled for Spark", len(models))
    # An increment finds these names in compiled SQL.
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    named = [node for node in manifest["nodes"].values() if node["resource_type"] in ("model", "seed")]
    assert {node["relation_name"] for node in named} == {f"{node['schema']}.{node['alias']}" for node in named}
    sources = manifest["sources"].values()
    assert {node["relation_name"] for node in sources} == {f"{node['schema']}.{node['identifier']}" for node in sources}


def _client(folder: Path) -> Path:
    """Empty modules of the Thrift client's names: dbt asks whether it is installed, and compiling never calls it."""
    if importlib.util.find_spec("pyhive") is None:
        for name in ("TCLIService/ttypes.py", "thrift/transport/THttpClient.py", "pyhive/hive.py"):
            module = folder / name
            module.parent.mkdir(parents=True)
            for package in module.relative_to(folder).parents:
                (folder / package / "__init__.py").touch()
            module.write_text("class TOperationState: ...\n", encoding="utf-8")
    return folder


def test_dbt_and_the_client_open_the_same_kind_of_session() -> None:
    outputs = yaml.safe_load((PROJECT / "profiles.yml").read_text(encoding="utf-8"))["signalbox"]["outputs"]
    given = outputs["spark"]["server_side_parameters"]
    assert {name.removeprefix("set:hiveconf:"): str(value) for name, value in given.items()} == SESSION
