"""A parse of the dbt project serves the next home, and is never taken for what the files say no longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.dbt import parsed
from signalbox.errors import SignalboxError

PROFILE = """
small:
  target: duckdb
  outputs:
    duckdb: {type: duckdb, path: "{{ env_var('SIGNALBOX_WAREHOUSE') }}", schema: main}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one model, and a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "project"
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("{name: small, profile: small, version: 1.0.0}", encoding="utf-8")
    (folder / "profiles.yml").write_text(PROFILE, encoding="utf-8")
    (folder / "models" / "one.sql").write_text("select 1 as a", encoding="utf-8")
    return folder


def sql_of(project: Path, home: str) -> str:
    """The model as a parse for this home has it."""
    target = project.parent / home
    folders = ["--project-dir", str(project), "--profiles-dir", str(project), "--target-path", str(target)]
    manifest = parsed(project, target, "duckdb", ["--quiet", *folders, "--log-path", str(target)])
    return str(manifest.nodes["model.small.one"].raw_code)


def test_a_kept_parse_is_used_and_what_changed_is_read_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNALBOX_WAREHOUSE", "first.duckdb")
    assert sql_of(project, "first") == "select 1 as a"
    kept = list((project.parent / "cache").rglob("*partial_parse*"))
    assert len(kept) == 1
    (project / "models" / "one.sql").write_text("select 2 as a", encoding="utf-8")
    monkeypatch.setenv("SIGNALBOX_WAREHOUSE", "second.duckdb")
    assert sql_of(project, "second") == "select 2 as a"
    kept[0].write_bytes(b"half of a parse")
    assert sql_of(project, "third") == "select 2 as a"


def test_a_cache_that_cannot_be_written_is_done_without(project: Path) -> None:
    (project.parent / "cache").write_text("a file", encoding="utf-8")
    assert sql_of(project, "home") == "select 1 as a"


def test_a_model_that_does_not_parse_is_told_in_one_line(project: Path) -> None:
    (project / "models" / "one.sql").write_text("select * from {{ ref('nothing_such') }}", encoding="utf-8")
    with pytest.raises(SignalboxError, match=r"^dbt: .*nothing_such") as caught:
        sql_of(project, "home")
    assert "\n" not in str(caught.value)
