"""Reads ``data/contracts/*.yaml`` (Open Data Contract Standard v3.1) into entities and says what is wrong with a file.

Belongs here: the mapping from the standard's keys to ours, and its checks. Not here: what is done with a contract.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

import yaml

from signalbox.contracts.model import Column, Entity
from signalbox.errors import SignalboxError
from signalbox.settings import PROJECT_ROOT

CONTRACTS_DIR = PROJECT_ROOT / "data" / "contracts"
RESERVED = {"received_ts", "_file_digest", "_line", "_extra"}
_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
_TYPES = {
    "string": re.compile(r"VARCHAR"),
    "integer": re.compile(r"BIGINT"),
    "number": re.compile(r"DECIMAL\(\d+,\d+\)"),
    "boolean": re.compile(r"BOOLEAN"),
    "date": re.compile(r"DATE"),
    "timestamp": re.compile(r"TIMESTAMP"),
}


# The parser in C, where PyYAML was built with it, reads the contracts five times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ContractError(SignalboxError):
    """A contract file is not what the landing can work with; the message names file and key."""


def load_contracts(directory: Path | None = None) -> dict[str, Entity]:
    """All entities by name, in the order of the files. Raises ContractError naming file and key."""
    return dict(_load((directory or CONTRACTS_DIR).resolve()))


@lru_cache(maxsize=8)
def _load(directory: Path) -> dict[str, Entity]:
    entities: dict[str, Entity] = {}
    for path in sorted(directory.glob("*.yaml")):
        for entity in read_contract(path):
            if entity.entity in entities:
                raise ContractError(f"{path.name}: schema.{entity.entity}: this entity stands in another contract too")
            entities[entity.entity] = entity
    if not entities:
        raise ContractError(f"{directory}: no contract (*.yaml) here")
    _check_references(entities)
    return entities


def read_contract(path: Path) -> list[Entity]:
    """The entities of one contract file."""
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContractError(f"{path.name}: not valid YAML: {' '.join(str(error).split())}") from error
    reader = _Reader(path.name, document)
    return list(reader.entities())


class _Reader:
    """Walks one document; every miss is an error that names the key."""

    def __init__(self, file_name: str, document: Any) -> None:
        self.file_name = file_name
        self.document = document

    def entities(self) -> Iterator[Entity]:
        version = str(self._get(self.document, "apiVersion", ""))
        if not version.startswith("v3.1") or self.document.get("kind") != "DataContract":
            self._fail("apiVersion", "an Open Data Contract of v3.1 is expected")
        schema = self._get(self.document, "schema", "")
        if not isinstance(schema, list) or not schema:
            self._fail("schema", "at least one entity is expected")
        for item in schema:
            yield self._entity(item)

    def _entity(self, item: Any) -> Entity:
        name = str(self._get(item, "name", "schema"))
        where = f"schema.{name}"
        custom = self._properties(item, where)
        columns = tuple(self._column(prop, where) for prop in self._get(item, "properties", where))
        entity = Entity(
            entity=name,
            feed_id=str(self._get(self.document, "id", "")),
            system=str(self._get(self._properties(self.document, ""), "sourceSystem", "customProperties")),
            process=str(self._get(self._properties(self.document, ""), "process", "customProperties")),
            owner=self._member("owner"),
            steward=self._member("steward"),
            description=str(self._get(item, "description", where)),
            columns=columns,
            version_column=str(self._get(custom, "versionColumn", f"{where}.customProperties")),
            event_time_column=str(self._get(custom, "eventTimeColumn", f"{where}.customProperties")),
            frequency_days=int(self._sla("frequency", name)),
            due_time=str(self._sla("timeOfAvailability", name)),
            grace_minutes=int(self._sla("latency", name)),
            min_rows=self._min_rows(item),
            nets_reservations={str(k): bool(v) for k, v in custom.get("onHandNetsReservations", {}).items()},
        )
        self._check(entity, where)
        return entity

    def _column(self, prop: Any, where: str) -> Column:
        name = str(self._get(prop, "name", f"{where}.properties"))
        where = f"{where}.{name}"
        logical, physical = (str(self._get(prop, key, where)) for key in ("logicalType", "physicalType"))
        if logical not in _TYPES or not _TYPES[logical].fullmatch(physical):
            self._fail(f"{where}.physicalType", f"{physical!r} does not belong to logicalType {logical!r}")
        codes, closed = self._codes(prop, where)
        position = prop.get("primaryKeyPosition") if prop.get("primaryKey") else None
        references = [link["to"] for link in prop.get("relationships", []) if link.get("type") == "foreignKey"]
        return Column(
            name=name,
            logical_type=logical,
            duckdb_type=physical,
            required=bool(prop.get("required", False)) or position is not None,
            key_position=position,
            is_personal=prop.get("classification") == "personal",
            valid_values=codes,
            is_closed_list=closed,
            reference=str(references[0]) if references else None,
            description=str(self._get(prop, "description", where)),
        )

    def _codes(self, prop: Any, where: str) -> tuple[tuple[str, ...], bool]:
        for rule in prop.get("quality", []):
            if rule.get("metric") == "invalidValues":
                values = self._get(self._get(rule, "arguments", f"{where}.quality"), "validValues", f"{where}.quality")
                if not all(isinstance(value, str) for value in values):
                    self._fail(f"{where}.quality.validValues", "every code must be a text (quote it)")
                return tuple(values), rule.get("severity") == "error"
        return (), False

    def _check(self, entity: Entity, where: str) -> None:
        for column in entity.columns:
            if not _NAME.match(column.name) or column.name in RESERVED:
                self._fail(f"{where}.{column.name}", "not a usable column name")
            if column.is_personal and column.logical_type != "string":
                self._fail(f"{where}.{column.name}.classification", "only a string column can be personal")
        if not _NAME.match(entity.entity):
            self._fail(where, "not a usable entity name")
        if len(entity.by_name) != len(entity.columns):
            self._fail(f"{where}.properties", "a column stands twice")
        positions = sorted(column.key_position for column in entity.columns if column.key_position)
        if positions != list(range(1, len(positions) + 1)) or not positions:
            self._fail(f"{where}.properties", "primaryKeyPosition must count 1, 2, … without gaps")
        for key, name in (("versionColumn", entity.version_column), ("eventTimeColumn", entity.event_time_column)):
            if name not in entity.by_name:
                self._fail(f"{where}.customProperties.{key}", f"there is no column {name!r}")
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", entity.due_time):
            self._fail(f"slaProperties.timeOfAvailability ({entity.entity})", f"{entity.due_time!r} must be 'HH:MM'")

    def _member(self, role: str) -> str:
        members = self._get(self._get(self.document, "team", ""), "members", "team")
        names = [member.get("username") for member in members if member.get("role") == role]
        if not names:
            self._fail("team.members", f"nobody has the role {role!r}")
        return str(names[0])

    def _sla(self, prop: str, entity: str) -> Any:
        for item in self._get(self.document, "slaProperties", ""):
            if item.get("property") == prop and item.get("element") in (entity, None):
                return self._get(item, "value", f"slaProperties.{prop}")
        self._fail(f"slaProperties.{prop}", f"missing for {entity}")

    def _min_rows(self, item: Any) -> int:
        for rule in item.get("quality", []):
            if rule.get("metric") == "rowCount":
                return int(rule.get("mustBeGreaterOrEqualTo", 0))
        return 0

    def _properties(self, item: Any, where: str) -> dict[str, Any]:
        pairs = self._get(item, "customProperties", where)
        return {pair["property"]: pair["value"] for pair in pairs}

    def _get(self, item: Any, key: str, where: str) -> Any:
        if not isinstance(item, dict) or key not in item:
            self._fail(f"{where}.{key}".lstrip("."), "missing")
        return item[key]

    def _fail(self, key: str, reason: str) -> NoReturn:
        raise ContractError(f"{self.file_name}: {key}: {reason}")


def _check_references(entities: dict[str, Entity]) -> None:
    for entity in entities.values():
        for column in entity.columns:
            if column.reference is None:
                continue
            target, _, name = column.reference.partition(".")
            if target not in entities or name not in entities[target].by_name:
                raise ContractError(
                    f"{entity.feed_id}: schema.{entity.entity}.{column.name}: no column {column.reference} to refer to"
                )
