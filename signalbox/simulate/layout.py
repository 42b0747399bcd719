"""What a delivery looks like: system, format, columns and due time of every entity, read from the data contracts.

Belongs here: the physical side of a feed. Not here: its content.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from signalbox.settings import PROJECT_ROOT

FORMATS = {
    "erp": "csv.gz", "pos": "csv.gz", "bank": "csv", "wms": "parquet", "carrier": "parquet", "3pl": "parquet",
}  # fmt: skip

# Weekly entities of which a row is an issue that never changes.
_ISSUED = ("demand_forecast",)


@dataclass(frozen=True)
class Layout:
    """One entity's files.

    ``columns`` maps a column to its contract type; ``due_seconds`` counts from local midnight. ``is_issued``: a weekly
    file holds what was issued since the one before, and not all of it again.
    """

    entity: str
    system: str
    columns: dict[str, str]
    required: frozenset[str]
    keys: tuple[str, ...]
    codes: dict[str, tuple[bool, tuple[str, ...]]]
    event_column: str
    weekly: bool
    is_issued: bool
    due_seconds: int
    grace_seconds: int

    @property
    def extension(self) -> str:
        return FORMATS.get(self.system, "jsonl")

    @property
    def delivery_column(self) -> str:
        """The column that says on which day a row changed."""
        return "updated_ts" if "updated_ts" in self.columns else self.event_column


def _codes(column: dict[str, Any]) -> tuple[bool, tuple[str, ...]] | None:
    for rule in column.get("quality", []):
        if rule.get("metric") == "invalidValues":
            return rule["severity"] == "error", tuple(rule["arguments"]["validValues"])
    return None


def _layout(contract: dict[str, Any], table: dict[str, Any]) -> Layout:
    sla = {p["property"]: p for p in contract["slaProperties"] if p.get("element") == table["name"]}
    custom = {p["property"]: p["value"] for p in table["customProperties"]}
    source = {p["property"]: p["value"] for p in contract["customProperties"]}
    columns = table["properties"]
    hour, minute = str(sla["timeOfAvailability"]["value"]).split(":")
    return Layout(
        entity=table["name"],
        system=source["sourceSystem"],
        columns={c["name"]: c["physicalType"] for c in columns},
        required=frozenset(c["name"] for c in columns if c["required"]),
        keys=tuple(c["name"] for c in columns if c.get("primaryKey")),
        codes={c["name"]: codes for c in columns if (codes := _codes(c))},
        event_column=custom["eventTimeColumn"],
        weekly=sla["frequency"]["value"] == 7,
        is_issued=table["name"] in _ISSUED,
        due_seconds=int(hour) * 3600 + int(minute) * 60,
        grace_seconds=int(sla["latency"]["value"]) * 60,
    )


@cache
def layouts(folder: Path = PROJECT_ROOT / "data" / "contracts") -> dict[str, Layout]:
    """Every entity of the contracts in ``folder`` by name."""
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        contract = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        for table in contract["schema"]:
            found[table["name"]] = _layout(contract, table)
    return found
