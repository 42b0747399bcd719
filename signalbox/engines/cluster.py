"""A small Spark cluster on this machine, to try the second engine: a master, workers, a Thrift server.

Belongs here: starting, asking after and ending it. Everything that it writes lies under ``home/cluster``, tables under
the shared folder. There is no authentication: it never listens anywhere but on 127.0.0.1. Not here: a cluster for real
work, which somebody else runs; a build needs only its address.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from signalbox.engines import processes
from signalbox.engines.install import java, require_client, spark_home
from signalbox.engines.processes import Member
from signalbox.engines.session import SESSION, connected, run
from signalbox.errors import SignalboxError, UsageError
from signalbox.publish.files import write_atomically
from signalbox.settings import Settings

HOST = "127.0.0.1"
_DAEMON_MEMORY = "128m"
_START_SECONDS = 180.0
_END_SECONDS = 15.0
_POLL_SECONDS = 0.5


@dataclass(frozen=True)
class ClusterState:
    """What was started: ``members`` in the order of their start, where it answers, since when (UTC)."""

    address: str
    started: str
    members: tuple[Member, ...] = ()

    @property
    def gone(self) -> list[str]:
        """Names of the processes that ended without being asked."""
        return [member.name for member in self.members if not member.is_running]


def start(settings: Settings, tell: Callable[[str], object] = lambda _text: None) -> ClusterState:
    """Start the cluster and wait until it has run a query. Raises SignalboxError; nothing stays started then.

    One that runs already is left as it is, and is the answer.
    """
    java()
    require_client()
    with _lock(settings):
        known = state(settings)
        if known is not None and not known.gone:
            return known
        if known is not None and any(member.has_group for member in known.members):
            raise SignalboxError(
                f"{settings.home}: a cluster runs here in part ({', '.join(known.gone)} ended); "
                "end it with `signalbox cluster stop`, then start it again"
            )
        _check_address(settings)
        shutil.rmtree(settings.cluster_dir / "logs", ignore_errors=True)
        try:
            return _start(settings, tell)
        except BaseException:
            _end(settings)
            raise


def stop(settings: Settings) -> int:
    """End everything that ``start`` started, also after a crash; gives the number of processes that still ran."""
    with _lock(settings):
        return _end(settings)


def state(settings: Settings) -> ClusterState | None:
    """The cluster that was started here and not stopped; None: there is none."""
    path = _state_path(settings)
    if not path.exists():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    return ClusterState(found["address"], found["started"], tuple(Member(**item) for item in found["members"]))


def memory_text(settings: Settings) -> str:
    """What the cluster may take, for a person."""
    spark = settings.spark
    return (
        f"{spark.workers} workers of {spark.worker_memory} and one core each, a Thrift server of {spark.driver_memory};"
        f" with Java's own needs about {_gigabytes(settings):.1f} GB"
    )


def _gigabytes(settings: Settings) -> float:
    """Heaps, and what a process takes beside its heap: some 300 MB at work, 100 MB where it only watches."""
    spark = settings.spark
    heaps = spark.workers * _megabytes(spark.worker_memory) + _megabytes(spark.driver_memory)
    watching = (spark.workers + 1) * (_megabytes(_DAEMON_MEMORY) + 100)
    return (heaps + 300 * (spark.workers + 1) + watching) / 1024


def _megabytes(memory: str) -> int:
    return int(memory[:-1]) * (1024 if memory.endswith("g") else 1)


def _start(settings: Settings, tell: Callable[[str], object]) -> ClusterState:
    port = _free_port()
    master = f"spark://{HOST}:{port}"
    _write_configuration(settings, master)
    found = ClusterState(settings.spark.address, datetime.now(UTC).isoformat(timespec="seconds"))
    for name, memory, arguments in _programs(settings, port, master):
        tell(name)
        log = settings.cluster_dir / "logs" / f"{name.replace(' ', '_')}.log"
        member = processes.start(name, arguments, _environment(settings, memory), log)
        found = replace(found, members=(*found.members, member))
        _save(settings, found)
        if name == "master":
            _await(settings, found, lambda: _listens(HOST, port))
    tell("waiting for the first answer")
    _await(settings, found, lambda: _answers(settings))
    return found


def _programs(settings: Settings, port: int, master: str) -> Iterator[tuple[str, str, list[str]]]:
    """Name, heap and command line of each process."""
    spark, programs = settings.spark, spark_home() / "bin"
    deploy, local = "org.apache.spark.deploy", ["--host", HOST, "--webui-port", "0"]
    run_class = str(programs / "spark-class")
    yield "master", _DAEMON_MEMORY, [run_class, f"{deploy}.master.Master", *local, "--port", str(port)]
    for number in range(1, spark.workers + 1):
        size = ["--cores", "1", "--memory", f"{_megabytes(spark.worker_memory) + 64}m"]
        work = ["--work-dir", str(settings.cluster_dir / "work")]
        yield f"worker {number}", _DAEMON_MEMORY, [run_class, f"{deploy}.worker.Worker", *local, *size, *work, master]
    thrift = "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"
    submit = [str(programs / "spark-submit"), "--class", thrift, "--name", "signalbox", "spark-internal"]
    yield "thrift server", spark.driver_memory, submit


def _environment(settings: Settings, memory: str) -> dict[str, str]:
    """``SPARK_DAEMON_MEMORY`` is the heap of whichever process it is given to, the Thrift server's too."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "PYSPARK_"))}
    return inherited | {
        "JAVA_HOME": str(java().resolve().parent.parent),
        "SPARK_HOME": str(spark_home()),
        "SPARK_CONF_DIR": str(settings.cluster_dir / "conf"),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_LOCAL_HOSTNAME": HOST,
        "SPARK_DAEMON_MEMORY": memory,
        "SPARK_NO_DAEMONIZE": "1",
        "TZ": "UTC",
    }


def _write_configuration(settings: Settings, master: str) -> None:
    folder, spark = settings.cluster_dir, settings.spark
    java_options = f"-Duser.timezone=UTC -Dderby.system.home={folder / 'metastore'}"
    values = {
        "spark.master": master,
        "spark.master.rest.enabled": "false",
        "spark.ui.enabled": "false",
        "spark.driver.host": HOST,
        "spark.driver.bindAddress": HOST,
        "spark.executor.cores": "1",
        "spark.executor.memory": spark.worker_memory,
        "spark.driver.extraJavaOptions": java_options,
        "spark.executor.extraJavaOptions": "-Duser.timezone=UTC",
        "spark.local.dir": str(folder / "local"),
        "spark.scheduler.mode": "FAIR",
        "spark.sql.warehouse.dir": str(settings.shared_dir / "warehouse"),
        "spark.sql.shuffle.partitions": str(4 * spark.workers),
        "spark.hadoop.hive.server2.thrift.bind.host": HOST,
        "spark.hadoop.hive.server2.thrift.port": str(spark.port),
        "spark.hadoop.javax.jdo.option.ConnectionURL": (
            f"jdbc:derby:;databaseName={folder / 'metastore' / 'catalogue'};create=true"
        ),
    } | SESSION
    (folder / "conf").mkdir(parents=True, exist_ok=True)
    (folder / "metastore").mkdir(exist_ok=True)
    (settings.shared_dir / "warehouse").mkdir(parents=True, exist_ok=True)
    text = "".join(f"{name} {value}\n" for name, value in values.items())
    write_atomically(folder / "conf" / "spark-defaults.conf", text)
    write_atomically(folder / "conf" / "log4j2.properties", _LOGGING)


def _answers(settings: Settings) -> bool:
    """Whether a query that needs the workers gets its answer."""
    if not _listens(settings.spark.host, settings.spark.port):
        return False
    with connected(settings) as connection:
        total = run(connection, "select sum(id) from range(0, 100, 1, 4)")
    return bool(total and total[0][0] == 4950)


def _await(settings: Settings, found: ClusterState, is_ready: Callable[[], bool]) -> None:
    limit = time.monotonic() + _START_SECONDS
    while not is_ready():
        if found.gone:
            name = found.gone[0]
            log = settings.cluster_dir / "logs" / f"{name.replace(' ', '_')}.log"
            raise SignalboxError(f"the {name} ended at its start: {_last_complaint(log)}; see {log}")
        if time.monotonic() > limit:
            logs = settings.cluster_dir / "logs"
            raise SignalboxError(f"no answer at {settings.spark.address} after {_START_SECONDS:.0f} s; see {logs}")
        time.sleep(_POLL_SECONDS)


def _last_complaint(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    told = [line for line in lines if "Exception" in line or "Error" in line or " ERROR " in line]
    return (told or lines or ["it said nothing"])[-1].strip()[:200]


def _end(settings: Settings) -> int:
    known = state(settings)
    if known is None:
        return 0
    ended = processes.end(reversed(known.members), _END_SECONDS)
    shutil.rmtree(settings.cluster_dir / "local", ignore_errors=True)
    shutil.rmtree(settings.cluster_dir / "work", ignore_errors=True)
    _state_path(settings).unlink(missing_ok=True)
    return ended


def _check_address(settings: Settings) -> None:
    spark = settings.spark
    if spark.host not in (HOST, "localhost"):
        raise UsageError(
            f"signalbox.toml: [spark] address is {spark.address}: a cluster is started on this machine for "
            f"{HOST} only; the one there is started by whoever runs it"
        )
    if _listens(HOST, spark.port):
        raise SignalboxError(
            f"{spark.address} is in use; end what runs there, or choose another port "
            "in signalbox.toml ([spark] address)"
        )


def _listens(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _state_path(settings: Settings) -> Path:
    return settings.cluster_dir / "state.json"


def _save(settings: Settings, found: ClusterState) -> None:
    facts = {"address": found.address, "started": found.started, "members": [asdict(item) for item in found.members]}
    write_atomically(_state_path(settings), json.dumps(facts, indent=1) + "\n")


@contextmanager
def _lock(settings: Settings) -> Iterator[None]:
    settings.cluster_dir.mkdir(parents=True, exist_ok=True)
    with (settings.cluster_dir / ".lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SignalboxError(f"{settings.home}: its cluster is being started or stopped; wait for it") from error
        yield


_LOGGING = """\
rootLogger.level = warn
rootLogger.appenderRef.stdout.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n%ex
"""
