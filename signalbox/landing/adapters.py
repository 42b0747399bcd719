"""Reads ``adapters/<name>/adapter.yaml`` and its SQL; ``data/adapters/README.md`` describes the form.

Belongs here: the adapter as typed values; its errors name file and key. Not here: running its SQL (``vendor``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from signalbox.errors import UsageError
from signalbox.settings import Settings

NATIVE = "signalbox"
_KEYS = {"name", "description", "delivery", "received_at", "home", "files", "feeds"}
_HOME_KEYS = {"reporting_currency", "reporting_time_zone"}
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_RELATION = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")


@dataclass(frozen=True)
class VendorFeed:
    """How one entity is made: the driving relation and the SQL. ``relations``: those that the SQL names."""

    entity: str
    driving: str
    sql_path: Path
    sql: str
    relations: tuple[str, ...]

    def rendered(self, names: Mapping[str, str]) -> str:
        """The SQL with the relations' real names."""
        return _RELATION.sub(lambda match: names[match[1]], self.sql)


@dataclass(frozen=True)
class Adapter:
    """A vendor's way of delivering. ``patterns``: relation -> globs below the folder; ``home``: settings wanted."""

    name: str
    is_scheduled: bool
    received_at: datetime | None
    home: dict[str, str]
    patterns: dict[str, tuple[str, ...]]
    feeds: tuple[VendorFeed, ...]
    text: str


def load_adapter(settings: Settings, name: str) -> Adapter:
    """The adapter of that name: the home's own, else the shipped one. Raises UsageError."""
    folders = [settings.own_adapters_dir / name, settings.adapters_dir / name]
    for folder in folders:
        path = folder / "adapter.yaml"
        if _NAME.fullmatch(name) and path.is_file():
            return _read(path, name)
    known = {path.parent.name for folder in folders for path in folder.parent.glob("*/adapter.yaml")}
    raise UsageError(f"there is no adapter {name!r}; there are: {', '.join(sorted(known))}")


def _read(path: Path, name: str) -> Adapter:
    text = path.read_text(encoding="utf-8")
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(document, dict):
        raise UsageError(f"{path}: a mapping with the keys {', '.join(sorted(_KEYS))} is expected")
    unknown = set(document) - _KEYS
    if unknown:
        raise UsageError(f"{path}: {sorted(unknown)[0]}: no such key; known: {', '.join(sorted(_KEYS))}")
    if document.get("name") != name:
        raise UsageError(f"{path}: name: must be {name!r}, like the folder")
    delivery = document.get("delivery", "daily")
    if delivery not in ("daily", "once"):
        raise UsageError(f"{path}: delivery: {delivery!r}; must be daily or once")
    patterns = {
        str(relation): tuple([globs] if isinstance(globs, str) else globs)
        for relation, globs in _mapping(path, document, "files").items()
    }
    feeds = tuple(
        feed
        for entity, facts in _mapping(path, document, "feeds").items()
        for feed in _feeds(path, str(entity), facts, patterns)
    )
    if name != NATIVE and not feeds:
        raise UsageError(f"{path}: feeds: no entity is filled")
    home = _home(path, document)
    return Adapter(name, delivery == "daily", _received_at(path, document), home, patterns, feeds, text)


def _mapping(path: Path, document: dict[str, Any], key: str) -> dict[Any, Any]:
    value = document.get(key) or {}
    if not isinstance(value, dict):
        raise UsageError(f"{path}: {key}: a mapping is expected")
    return value


def _home(path: Path, document: dict[str, Any]) -> dict[str, str]:
    home = _mapping(path, document, "home")
    for key, value in home.items():
        if key not in _HOME_KEYS or not isinstance(value, str):
            raise UsageError(f"{path}: home.{key}: only {', '.join(sorted(_HOME_KEYS))} may stand here, each a text")
    return home


def _feeds(path: Path, entity: str, facts: Any, patterns: Mapping[str, object]) -> list[VendorFeed]:
    """An entity comes from one relation, or from several, each with an SQL of its own."""
    feeds = [_feed(path, entity, fact, patterns) for fact in (facts if isinstance(facts, list) else [facts])]
    if len({feed.driving for feed in feeds}) < len(feeds):
        # What a changed SQL gave before is replaced by driving file: two of them would replace each other.
        raise UsageError(
            f"{path}: feeds.{entity}: the same driving relation stands there twice; use one SQL with a union"
        )
    return feeds


def _feed(path: Path, entity: str, facts: Any, patterns: Mapping[str, object]) -> VendorFeed:
    if not isinstance(facts, dict) or facts.get("driving") not in patterns or set(facts) - {"driving", "sql"}:
        raise UsageError(
            f"{path}: feeds.{entity}: must be {{driving: <one of files>}}, with sql: if it is not {entity}.sql"
        )
    sql_path = path.parent / str(facts.get("sql", f"{entity}.sql"))
    if not sql_path.is_file():
        raise UsageError(f"{path}: feeds.{entity}: there is no {sql_path.name} beside it")
    sql = sql_path.read_text(encoding="utf-8")
    relations = tuple(dict.fromkeys(_RELATION.findall(sql)))
    for relation in relations:
        if relation not in patterns:
            raise UsageError(f"{sql_path}: {{{{ {relation} }}}}: adapter.yaml names no such files")
    if facts["driving"] not in relations:
        raise UsageError(f"{sql_path}: the driving relation {{{{ {facts['driving']} }}}} is not used")
    return VendorFeed(entity, facts["driving"], sql_path, sql, relations)


def _received_at(path: Path, document: dict[str, Any]) -> datetime | None:
    value = document.get("received_at")
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    raise UsageError(f"{path}: received_at: {value!r} is no time such as 2016-01-01T00:00:00Z")
