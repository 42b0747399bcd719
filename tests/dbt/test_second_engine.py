"""Every model compiles for the second engine, and the warehouse's own views follow it: no Java, no cluster is needed.

Not here: what the models give there (``tests/integration/test_spark_parity.py``).
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import duckdb
import yaml

from orchestration.compiled import compiled
from orchestration.dbt import DbtProject
from orchestration.increment import Models
from orchestration.spark_increment import make_views_of_the_instant, views_of_the_instant
from signalbox.duckdb_session import connect
from signalbox.engines.session import SESSION
from signalbox.settings import load_settings
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


def test_an_increment_makes_views_of_the_instant_in_the_warehouse_that_it_holds(home_copy: Path) -> None:
    settings = load_settings(home_copy)
    models = Models(DbtProject(settings))
    names = views_of_the_instant(models)
    views = "select view_name, sql from duckdb_views() where list_contains(?, view_name)"

    def texts(con: duckdb.DuckDBPyConnection) -> list[str]:
        found = dict(con.execute(views, [names]).fetchall())
        assert set(found) == set(names)
        return list(found.values())

    with connect(settings, settings.warehouse_path) as con:
        before = con.execute("select as_of from raw.build_context").fetchone()[0]
        assert all(f"{before}" in text for text in texts(con))
    here, now = compiled(models.project, "this code", str(before)), before + timedelta(days=3, seconds=7)
    with connect(settings, settings.warehouse_path) as held, connect(settings, settings.warehouse_path) as con:
        make_views_of_the_instant(con, models, here, now)
        assert all(f"{now}" in text and f"{before}" not in text for text in texts(held))
