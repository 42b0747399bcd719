"""The models of a build on the second engine, and what of them comes back.

Belongs here: the order: sources to Spark, dbt with the target spark, published tables back into the warehouse, and
there the views that are no more than SQL over what is there already. Not here: how rows travel (``signalbox.engines``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from orchestration.dbt import DbtProject, NodeResult, meta_of
from signalbox.engines.built import forget_built
from signalbox.engines.fetch import FetchedTable, fetch
from signalbox.engines.sources import give_sources
from signalbox.errors import SignalboxError
from signalbox.publish import tables
from signalbox.settings import Settings

if TYPE_CHECKING:
    import duckdb

# Columns of raw.build_context that models ask for again and again.
_CONTEXT = ("as_of", "reporting_time_zone", "reporting_currency", "cut_over_ts")

# Not published, but counted by the suite of the whole snapshot.
_COUNTED = ("fct_order",)


def build_on_spark(
    settings: Settings,
    received_until: datetime | None,
    project: DbtProject,
    warehouse: Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]],
    on_node: Callable[[str, int, int], None],
) -> list[NodeResult]:
    """Seeds, models and data tests on Spark; then every relation that is audited or published stands in the warehouse.

    ``project`` is that of the warehouse, whose schema ``raw`` is filled. A failed node is a result and no exception;
    nothing comes back then.
    """
    forget_built(settings)
    with warehouse() as con:
        give_sources(con, settings, received_until)
        extra = context_of(con)
    found = DbtProject(settings, "spark").build(on_node=on_node, extra=extra)
    if any(result.blocks for result in found):
        return found
    relations = list(project.relations.values())
    with warehouse() as con:
        fetch(con, settings, [wanted(node) for node in relations if comes_back(node)])
    make_views(project, [node["name"] for node in relations if is_made_here(node)])
    return found


def make_views(project: DbtProject, names: Iterable[str]) -> None:
    """Views of the warehouse that are no more than SQL over what is there. Raises SignalboxError when one fails."""
    failed = [result for result in project.make(names) if result.blocks]
    if failed:
        raise SignalboxError(f"{failed[0].name}: made on Spark, but not as a view here: {failed[0].message}")


def is_made_here(node: Mapping[str, Any]) -> bool:
    """A view of landed rows, which are here, or one that readers get as a view of what comes back."""
    is_view = node["config"]["materialized"] == "view"
    return is_view and (node["schema"] == "staging" or bool(meta_of(node).get("published_over")))


def context_of(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The build's context as the environment that Spark's macros read."""
    cells = ", ".join(f"cast({name} as varchar)" for name in _CONTEXT)
    row = con.execute(f"select {cells} from raw.build_context").fetchone()
    return {f"SIGNALBOX_CONTEXT_{name.upper()}": str(value) for name, value in zip(_CONTEXT, row or (), strict=True)}


def comes_back(node: Mapping[str, Any]) -> bool:
    """What is published, and what the suites look at."""
    if is_made_here(node):
        return False
    return node["schema"] == "staging" or node["name"] in _COUNTED or bool(tables.from_dbt_manifest([node]))


def stays_there(node: Mapping[str, Any]) -> bool:
    """A table that only other models read."""
    is_table = node["resource_type"] == "model" and node["config"]["materialized"] == "table"
    return is_table and not comes_back(node)


def wanted(node: Mapping[str, Any], stays: bool = False) -> FetchedTable:
    """The table's shape as its contract says it, or a seed's settings; the rest is as Spark wrote it.

    Metric rows, the largest, always stay in Spark's files: their relation is a view, as it is when DuckDB makes it.
    """
    declared = {name: str(column["data_type"]) for name, column in node["columns"].items() if column.get("data_type")}
    if node["resource_type"] == "seed":
        declared = dict(node["config"].get("column_types") or {})
    stays = stays or node["schema"] == "metrics"
    return FetchedTable(node["schema"], node["alias"], declared, required(node), stays)


def required(node: Mapping[str, Any]) -> frozenset[str]:
    """Columns that must not be null."""
    return frozenset(
        name
        for name, column in node["columns"].items()
        if any(constraint["type"] == "not_null" for constraint in column.get("constraints") or ())
    )
