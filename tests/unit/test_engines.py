"""The second engine as far as it needs no Java: what is said when something is missing, and ending what was started.

Not here: what Spark computes (``tests/integration/test_spark_parity.py``).
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from signalbox.engines import cluster, install, processes
from signalbox.engines.fetch import FetchedTable, fetch
from signalbox.errors import SignalboxError, UsageError
from signalbox.settings import Settings, SparkSettings, load_settings
from tests.conftest import signalbox


@pytest.fixture
def no_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    install.java.cache_clear()
    yield
    install.java.cache_clear()


def test_without_java_it_says_what_to_install(no_java: None, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no Java here: Spark needs Java 17 or newer; install it .*apt install"):
        cluster.start(load_settings(tmp_path))
    assert "no Java here" in str(install.missing())


def test_an_old_java_is_refused(no_java: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "java"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_392\"' >&2\n")
    program.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    with pytest.raises(UsageError, match="is Java 8: Spark needs Java 17 or newer"):
        install.java()


def test_stop_and_status_of_nothing(tmp_path: Path) -> None:
    assert "no cluster of this home was running" in signalbox(tmp_path, "cluster", "stop").stdout
    assert "no cluster of this home is running" in signalbox(tmp_path, "cluster", "status").stdout


def test_a_build_without_a_cluster_is_one_line(tmp_path: Path) -> None:
    if install.missing() is None:
        (tmp_path / "signalbox.toml").write_text('[spark]\naddress = "127.0.0.1:1"\n')
    done = signalbox(tmp_path, "build", "--engine", "spark", check=False)
    assert done.returncode in (1, 2)
    assert len(done.stderr.strip().splitlines()) == 1
    assert "cluster start" in done.stderr or "make spark" in done.stderr


@pytest.mark.parametrize("address", ["127.0.0.1", "host:port", "a b:1"])
def test_an_address_has_host_and_port(tmp_path: Path, address: str) -> None:
    (tmp_path / "signalbox.toml").write_text(f'[spark]\naddress = "{address}"\n')
    with pytest.raises(UsageError, match=r"signalbox\.toml: spark\.address"):
        load_settings(tmp_path)


def test_a_cluster_is_started_for_loopback_only(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, spark=SparkSettings(address="10.0.0.5:10000"))
    with pytest.raises(
        UsageError, match=r"10\.0\.0\.5:10000: a cluster is started on this machine for 127\.0\.0\.1 only"
    ):
        cluster._check_address(settings)


PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


def test_what_a_killed_process_started_is_ended_too(tmp_path: Path) -> None:
    """A worker that was killed leaves its executor: the group is found by its id when its head is gone."""
    log = tmp_path / "logs" / "parent.log"
    member = processes.start("parent", [sys.executable, "-c", PARENT], dict(os.environ), log)
    limit = time.monotonic() + 20
    while not log.read_text().strip():
        assert time.monotonic() < limit
        time.sleep(0.05)
    child = int(log.read_text())
    os.kill(member.pid, signal.SIGKILL)
    while member.is_running:
        assert time.monotonic() < limit
        time.sleep(0.05)
    assert member.has_group
    assert processes.end([member], 10) == 1
    assert processes.born(child) is None
    assert processes.end([member], 10) == 0


def test_a_process_that_got_the_same_id_is_left_alone(tmp_path: Path) -> None:
    mine = processes.start(
        "one", [sys.executable, "-c", "import time; time.sleep(600)"], dict(os.environ), tmp_path / "l"
    )
    try:
        stranger = processes.Member("one", mine.pid, "started at another time")
        assert processes.end([stranger], 1) == 0
        assert mine.is_running
    finally:
        assert processes.end([mine], 10) == 1


def test_what_spark_wrote_gets_the_types_and_constraints_of_the_contract(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    folder = settings.shared_dir / "warehouse" / "core.db" / "fct_thing"
    folder.mkdir(parents=True)
    table = FetchedTable("core", "fct_thing", {"n": "bigint", "amount": "decimal(18,2)"}, frozenset({"n"}))
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        rows = "select 1::int as n, 2.5::decimal(28,2) as amount, timestamptz '2026-03-29 01:30:00+00' as happened"
        con.execute(f"copy ({rows}) to '{folder / 'part-0.parquet'}'")
        fetch(con, settings, [table])
        found = con.execute(
            "select n, cast(amount as varchar), cast(happened as varchar) from core.fct_thing"
        ).fetchall()
        types = [row[1] for row in con.execute("describe core.fct_thing").fetchall()]
        assert (found, types) == ([(1, "2.50", "2026-03-29 01:30:00")], ["BIGINT", "DECIMAL(18,2)", "TIMESTAMP"])
        con.execute(
            f"copy (select null::int as n, 2.5 as amount, null::timestamptz as happened) to '{folder / 'p.parquet'}'"
        )
        with pytest.raises(SignalboxError, match=r"what Spark wrote does not fit: .*NOT NULL"):
            fetch(con, settings, [table])
