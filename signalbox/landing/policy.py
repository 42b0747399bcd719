"""The retailer's own mapping of codes, ``policy/code_map.csv`` under home: entity,column_name,code,mapped_code.

Belongs here: reading and checking that file. Not here: applying it (``checks``).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping

from signalbox.contracts import Entity
from signalbox.errors import UsageError
from signalbox.settings import Settings

_HEADER = ["entity", "column_name", "code", "mapped_code"]


def load_code_map(settings: Settings, contracts: Mapping[str, Entity]) -> dict[str, dict[str, dict[str, str]]]:
    """Entity -> column -> delivered code -> the contract's code. Raises UsageError naming file and line."""
    path = settings.policy_dir / "code_map.csv"
    mapping: dict[str, dict[str, dict[str, str]]] = {}
    if not path.exists():
        return mapping
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = csv.DictReader(handle)
        if rows.fieldnames != _HEADER:
            raise UsageError(f"{path}: line 1: the header must be {','.join(_HEADER)}")
        for row in rows:
            where = f"{path}: line {rows.line_num}"
            entity = contracts.get(row["entity"])
            if entity is None:
                raise UsageError(f"{where}: entity: no contract has {row['entity']!r}")
            column = entity.by_name.get(row["column_name"])
            if column is None or column.is_personal:
                raise UsageError(f"{where}: column_name: {row['column_name']!r} cannot be mapped in {row['entity']}")
            if not row["code"] or not row["mapped_code"]:
                raise UsageError(f"{where}: code and mapped_code must both be given")
            mapping.setdefault(entity.entity, {}).setdefault(column.name, {})[row["code"]] = row["mapped_code"]
    return mapping
