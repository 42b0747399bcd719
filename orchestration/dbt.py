"""dbt in this process: the parsed manifest, a build by dbt's own runner, and results in plain values.

Belongs here: everything that knows dbt's Python interface. Not here: assets, or what a failed test means for
publication.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from shutil import copyfile
from typing import Any

from signalbox.errors import SignalboxError
from signalbox.settings import Settings

# A unit test checks logic on made-up rows; it belongs to the tests of the project, not to a build.
_BUILT = ("model", "seed", "test")
_GOOD = ("success", "pass", "no-op")
# Where dbt keeps what a parse found, and what the profile reads from the environment while it parses.
_PARSE = "partial_parse.msgpack"
_NO_HOME = {"SIGNALBOX_WAREHOUSE": "signalbox.duckdb", "SIGNALBOX_MEMORY_LIMIT": "2GB", "SIGNALBOX_THREADS": "2"}


@dataclass(frozen=True)
class NodeResult:
    """What dbt says of a model, a seed or a data test. ``status``: success, pass, warn, fail, error or skipped."""

    unique_id: str
    name: str
    kind: str
    status: str
    seconds: float
    message: str
    failures: int | None

    @property
    def is_good(self) -> bool:
        return self.status in _GOOD

    @property
    def blocks(self) -> bool:
        """Whether it keeps the build from being published; a test of severity warn does not."""
        return not self.is_good and self.status != "warn"


class DbtProject:
    """The dbt project of this checkout, built into the home's warehouse, or elsewhere by its target."""

    def __init__(self, settings: Settings, target: str = "duckdb") -> None:
        self.settings, self._target = settings, target

    @cached_property
    def manifest(self) -> Any:
        """dbt's manifest; parsed again by dbt only where files changed since the last parse."""
        os.environ.update(environment(self.settings))
        return parsed(self.settings.dbt_project_dir, self.target_dir, self._target, self.arguments())

    @cached_property
    def nodes(self) -> dict[str, dict[str, Any]]:
        """Models, seeds and data tests of the manifest by dbt's unique id, as plain values."""
        found = {key: node.to_dict(omit_none=False) for key, node in self.manifest.nodes.items()}
        return {key: node for key, node in found.items() if node["resource_type"] in _BUILT}

    @cached_property
    def sources(self) -> dict[str, dict[str, Any]]:
        return {key: source.to_dict(omit_none=False) for key, source in self.manifest.sources.items()}

    @cached_property
    def relations(self) -> dict[str, dict[str, Any]]:
        """The nodes that become a table or a view."""
        return {key: node for key, node in self.nodes.items() if node["resource_type"] != "test"}

    @cached_property
    def tested(self) -> dict[str, str]:
        """Data test -> the relation to which its result belongs: the one it is written at, else the last it reads."""
        order = {key: position for position, key in enumerate(self.in_order)}
        homes = {}
        for key, node in self.nodes.items():
            if node["resource_type"] == "test":
                read = [name for name in node["depends_on"]["nodes"] if name in order]
                home = node.get("attached_node") or max(read, key=order.__getitem__, default=None)
                if home in order:
                    homes[key] = home
        return homes

    def build(
        self,
        full_refresh: bool = False,
        on_node: Callable[[str, int, int], None] | None = None,
        select: Sequence[str] = (),
        extra: Mapping[str, str] | None = None,
    ) -> list[NodeResult]:
        """Seeds, models and data tests, in their order, into the warehouse; dbt's connections are closed afterwards.

        ``select`` names nodes, all without it; ``extra`` is added to the environment while dbt runs. A failed
        node is a result and no exception. Raises SignalboxError when dbt could not run at all.
        """
        arguments = ["build", *self.arguments(), "--exclude-resource-type", "unit_test", "--no-write-json"]
        if full_refresh:
            arguments.append("--full-refresh")
        if select:
            arguments += ["--indirect-selection", "empty", "--select", *select]
        return self._invoke(arguments, [_Counter(len(self.nodes), on_node)], extra or {})

    def compile(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """SQL of every model, data test and analysis by dbt's unique id, for the instant that the warehouse holds.

        Spark is not asked for anything: ``extra`` has to hold the instant, as for a build.
        """
        arguments = ["compile", *self.arguments(), "--exclude", "resource_type:unit_test", "--no-write-json"]
        if self._target != "duckdb":
            arguments.append("--no-populate-cache")
        results = self._invoke_raw(arguments, [], extra or {})
        return {item.node.unique_id: item.node.compiled_code for item in results if item.node.compiled_code is not None}

    def make(self, names: Iterable[str]) -> list[NodeResult]:
        """The named models alone, without their tests: for those that are no more than a view of what is there."""
        arguments = ["run", *self.arguments(), "--no-write-json", "--select", *names]
        return self._invoke(arguments, [], {})

    def _invoke(
        self, arguments: list[str], callbacks: Iterable[Callable[[Any], None]], extra: Mapping[str, str]
    ) -> list[NodeResult]:
        return [self._result(item) for item in self._invoke_raw(arguments, callbacks, extra)]

    def _invoke_raw(
        self, arguments: list[str], callbacks: Iterable[Callable[[Any], None]], extra: Mapping[str, str]
    ) -> list[Any]:
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager

        runner = dbt_runner(self.manifest, callbacks)
        os.environ.update({**environment(self.settings), **extra})
        try:
            result = runner.invoke(arguments)
        finally:
            DuckDBConnectionManager.close_all_connections()
            for name in extra:
                os.environ.pop(name, None)
        if result.result is None:
            raise SignalboxError(f"dbt: {_one_line(result.exception)}")
        return list(result.result.results)

    def with_unbuilt(self, results: Sequence[NodeResult]) -> list[NodeResult]:
        """The results in the order of what they read, with a no-op for each relation that did not have to be built."""
        if any(item.blocks for item in results):
            return list(results)
        found = {item.unique_id: item for item in results}
        unbuilt = (
            NodeResult(key, node["name"], str(node["resource_type"]), "no-op", 0.0, "as it was", None)
            for key, node in self.relations.items()
            if key not in found
        )
        place = {key: number for number, key in enumerate(self.in_order)}
        return sorted([*results, *unbuilt], key=lambda item: place.get(item.unique_id, len(place)))

    def _result(self, item: Any) -> NodeResult:
        return NodeResult(
            unique_id=item.node.unique_id,
            name=item.node.name,
            kind=str(item.node.resource_type.value),
            status=str(item.status.value),
            seconds=round(item.execution_time, 3),
            message=_one_line(item.message).partition(" > in macro ")[0].partition(" at org.apache.")[0],
            failures=item.failures,
        )

    @cached_property
    def in_order(self) -> list[str]:
        """Relations so that each comes after those it reads."""
        order: dict[str, None] = {}

        def visit(key: str) -> None:
            if key in order or key not in self.relations:
                return
            for name in self.relations[key]["depends_on"].get("nodes", ()):
                visit(name)
            order[key] = None

        for key in self.relations:
            visit(key)
        return list(order)

    @property
    def target_dir(self) -> Path:
        """Where what dbt made of the project is kept, apart for each engine."""
        return self.settings.dbt_target_dir / ("" if self._target == "duckdb" else self._target)

    def arguments(self) -> list[str]:
        project, logs = str(self.settings.dbt_project_dir), self.settings.dbt_target_dir / "logs"
        paths = [
            "--project-dir",
            project,
            "--profiles-dir",
            project,
            "--target-path",
            str(self.target_dir),
            "--target",
            self._target,
        ]
        quiet = ["--log-level", "none", "--log-level-file", "none", "--log-path", str(logs), "--no-use-colors"]
        return [*paths, *quiet]


def dbt_runner(manifest: Any = None, callbacks: Iterable[Callable[[Any], None]] = ()) -> Any:
    """dbt's own runner in this process."""
    from dbt.cli.main import dbtRunner

    return dbtRunner(manifest=manifest, callbacks=list(callbacks))


def parsed(project_dir: Path, target_dir: Path, target: str, arguments: Sequence[str]) -> Any:
    """dbt's manifest of a project. It depends on no home: what one home parsed serves the user's next one.

    dbt would parse the whole project again for another warehouse, so it is told of none here. It compares each file
    with what it had read of it, so a parse that is kept can be old, not wrong. Raises SignalboxError.
    """
    own = target_dir / _PARSE
    kept = _cache_dir() / f"{target}-{sha256(str(project_dir).encode()).hexdigest()[:16]}-{_PARSE}"
    if not own.exists():
        with suppress(OSError):
            target_dir.mkdir(parents=True, exist_ok=True)
            copyfile(kept, own)
    before = {name: os.environ.get(name) for name in _NO_HOME}
    os.environ.update(_NO_HOME)
    try:
        result = dbt_runner().invoke(["parse", *arguments])
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    if not result.success:
        raise SignalboxError(f"dbt: {_one_line(result.exception)}")
    with suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_name(f"{kept.name}.{os.getpid()}")
        try:
            copyfile(own, fresh)
            fresh.replace(kept)
        finally:
            fresh.unlink(missing_ok=True)
    return result.result


def _cache_dir() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "signalbox"


def environment(settings: Settings) -> dict[str, str]:
    """What the dbt profile reads from the environment; nothing is sent home."""
    return {
        "SIGNALBOX_WAREHOUSE": str(settings.warehouse_path),
        "SIGNALBOX_MEMORY_LIMIT": settings.memory_limit,
        "SIGNALBOX_THREADS": str(settings.threads),
        "SIGNALBOX_SPARK_HOST": settings.spark.host,
        "SIGNALBOX_SPARK_PORT": str(settings.spark.port),
        "SIGNALBOX_SPARK_THREADS": str(settings.spark.threads),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def meta_of(node: Mapping[str, Any]) -> dict[str, Any]:
    """A node's own notes: owner, feed, whether it is published."""
    return (node.get("config") or {}).get("meta") or {}


class _Counter:
    """Counts finished nodes for the progress display."""

    def __init__(self, total: int, tell: Callable[[str, int, int], None] | None) -> None:
        self._done, self._total, self._tell = 0, total, tell

    def __call__(self, event: Any) -> None:
        if event.info.name == "NodeFinished":
            self._done += 1
            if self._tell:
                self._tell(event.data.node_info.node_name, self._done, self._total)


def _one_line(message: Any) -> str:
    return " ".join(str(message or "").split())
