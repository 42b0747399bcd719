"""Which tables of the warehouse a snapshot holds, and in which order their rows are written.

Belongs here: the description of a published table and reading it from dbt's manifest. Not here: writing files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from signalbox.contracts.ledger_tables import LEDGER_TABLES
from signalbox.errors import SignalboxError

# Folder of a dbt model, or schema of a table that landing or the audit writes -> layer shown to readers.
LAYERS = {
    "marts": "mart",
    "metrics": "metric",
    "core": "core",
    "controls": "control",
    "seeds": "seed",
    "raw": "landing",
    "quality": "quality",
}
_ALWAYS = ("marts", "metrics", "seeds")
_METRIC_ORDER = ("kpi_id", "period_date", "item_key")
_LANDING = ("landing_file", "rejected_row", "unknown_code", "feed_contract", "build_context")
_QUALITY_TEXT = "Result of every expectation and every model test of the build."


@dataclass(frozen=True)
class PublishedTable:
    """A table or view of the warehouse.

    Rows are written sorted by ``order_by`` and then by every other column. With ``reads``, schema and name of the
    published tables that it is a view of, its select is published in place of rows that those tables hold already.
    """

    schema: str
    name: str
    description: str = ""
    order_by: tuple[str, ...] = ()
    reads: tuple[tuple[str, str], ...] = ()

    @property
    def layer(self) -> str:
        return LAYERS.get(self.schema, self.schema)


def landing_tables() -> list[PublishedTable]:
    """What landing leaves for readers; present in every build."""
    return [PublishedTable("raw", name, LEDGER_TABLES[name][""][1]) for name in _LANDING]


def quality_table() -> PublishedTable:
    """The results of the audit itself, written last."""
    return PublishedTable("quality", "quality_result", _QUALITY_TEXT, ("suite_name", "expectation"))


def from_dbt_manifest(nodes: Iterable[Mapping[str, Any]]) -> list[PublishedTable]:
    """Published models and seeds: by layer, and by ``meta.published`` where a model says so itself.

    ``nodes`` are dbt's manifest entries. ``meta.published_over`` names what a model is published as a view of. Raises
    SignalboxError when two published models have one name, or one is a view of what is not published.
    """
    tables: dict[str, PublishedTable] = {}
    over: dict[str, Sequence[str]] = {}
    for node in nodes:
        if node["resource_type"] not in ("model", "seed") or not _is_published(node):
            continue
        table = PublishedTable(node["schema"], node["alias"], node.get("description") or "", _order_of(node))
        if table.name in tables:
            raise SignalboxError(f"{table.name}: published from two schemas; a published name must be unique")
        tables[table.name] = table
        over[table.name] = _meta(node).get("published_over", ())
    for name in over:
        reads = [_rows_of(other, name, tables, over) for other in over[name]]
        tables[name] = replace(tables[name], reads=tuple((table.schema, table.name) for table in reads))
    return [tables[name] for name in sorted(tables)]


def _rows_of(
    name: str, view: str, tables: Mapping[str, PublishedTable], over: Mapping[str, Sequence[str]]
) -> PublishedTable:
    """The published table ``name`` that ``view`` reads."""
    if name not in tables or over[name]:
        raise SignalboxError(f"{view}: published over {name}, which is not published as rows")
    return tables[name]


def _is_published(node: Mapping[str, Any]) -> bool:
    said = _meta(node).get("published")
    if said is not None:
        return bool(said)
    return node["schema"] in _ALWAYS or node["name"].startswith("dim_")


def _order_of(node: Mapping[str, Any]) -> tuple[str, ...]:
    named = _meta(node).get("order_by")
    if named:
        return tuple(named)
    return _METRIC_ORDER if node["schema"] == "metrics" and node["name"].startswith("kpi_") else ()


def _meta(node: Mapping[str, Any]) -> dict[str, Any]:
    meta: dict[str, Any] = (node.get("config") or {}).get("meta") or {}
    return meta
