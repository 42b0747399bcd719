"""The dbt source file ``_raw__sources.yml``; ``python -m signalbox.contracts.sources`` writes it from the contracts.

Belongs here: its text. Not here: staging models, which are dbt's own.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from signalbox.contracts.ledger_tables import LEDGER_TABLES
from signalbox.contracts.model import Entity
from signalbox.contracts.read import load_contracts
from signalbox.settings import PROJECT_ROOT

SOURCES_PATH = PROJECT_ROOT / "dbt_project" / "models" / "staging" / "_raw__sources.yml"
_HEADER = "# Made from data/contracts by `python -m signalbox.contracts.sources`; do not edit.\n"
_LANDING_MEANING = {
    "_file_digest": ("VARCHAR", "Identity of the file that the row came in"),
    "_line": ("BIGINT", "Line of the row in its file"),
    "received_ts": ("TIMESTAMP", "When the row was received, UTC"),
    "_extra": ("VARCHAR", "Columns that the contract does not know, as JSON"),
}


def dbt_sources_yaml(contracts: Mapping[str, Entity]) -> str:
    """The file's text: source ``raw`` with a table an entity and the ledger's tables."""
    tables = [_entity_table(entity) for entity in contracts.values()]
    tables += [_ledger_table(name) for name in LEDGER_TABLES]
    document = {
        "version": 2,
        "sources": [{"name": "raw", "schema": "raw", "description": "Accepted rows and the ledger.", "tables": tables}],
    }
    return _HEADER + yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=118)


def main() -> None:
    """Write the committed file, or with ``-`` print it."""
    text = dbt_sources_yaml(load_contracts())
    if sys.argv[1:] == ["-"]:
        sys.stdout.write(text)
        return
    path = Path(sys.argv[1]) if sys.argv[1:] else SOURCES_PATH
    path.write_text(text, encoding="utf-8")


class _Dumper(yaml.SafeDumper):
    """Lists indented under their key, as people write them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _entity_table(entity: Entity) -> dict[str, Any]:
    described = {column.name: (column.duckdb_type, column.description) for column in entity.columns} | _LANDING_MEANING
    meta = {"feed_id": entity.feed_id, "system": entity.system, "owner": entity.owner, "steward": entity.steward}
    return {
        "name": entity.entity,
        "description": f"{entity.feed_id}: {entity.description}",
        "config": {"meta": meta},
        "columns": _columns(described),
    }


def _ledger_table(name: str) -> dict[str, Any]:
    described = {column: facts for column, facts in LEDGER_TABLES[name].items() if column}
    return {"name": name, "description": LEDGER_TABLES[name][""][1], "columns": _columns(described)}


def _columns(described: Mapping[str, tuple[str, str]]) -> list[dict[str, str]]:
    return [
        {"name": name, "data_type": kind.lower(), "description": meaning} for name, (kind, meaning) in described.items()
    ]


if __name__ == "__main__":
    main()
