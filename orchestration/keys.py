"""How things are named in Dagster: asset keys, groups, owners, checks.

Belongs here: names, so that assets, checks and tests agree. Not here: definitions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dagster import AssetKey

from expectations.model import Suite
from orchestration.dbt import meta_of
from signalbox.contracts import Entity

SESSION = "session"
STAGED = AssetKey(["serving", "staged_snapshot"])
SNAPSHOT = AssetKey(["serving", "serving_snapshot"])
MODEL_CHECK = "data_tests"
# Who keeps what is no feed's and no subject's: landing's own tables, seeds, the snapshot.
PLATFORM = "data-platform"


def feed_key(entity: Entity) -> AssetKey:
    return AssetKey(["raw", entity.system, entity.entity])


def ledger_key(table: str) -> AssetKey:
    """A table that landing tells about itself."""
    return AssetKey(["raw", "signalbox", table])


def relation_key(node: Mapping[str, Any]) -> AssetKey:
    """A dbt model or seed, under its schema."""
    return AssetKey([node["schema"], node["name"]])


def suite_key(suite: Suite, feeds: Mapping[str, Entity], relations: Mapping[str, AssetKey]) -> AssetKey:
    """The asset on which a suite's check stands: what it looks at."""
    if suite.stage == "raw":
        return feed_key(feeds[suite.target])
    if suite.stage == "snapshot":
        return STAGED
    return relations[suite.target]


def group_of(node: Mapping[str, Any]) -> str:
    """Seeds are one group; a model's group is its layer and, below it, its subject."""
    if node["resource_type"] == "seed":
        return "seeds"
    return "_".join(part for part in node["fqn"][1:-1])


def owner_of(name: str | None) -> list[str]:
    """A team as Dagster writes it; nothing for an unknown one."""
    slug = re.sub(r"[^a-z0-9]+", "-", (name or "").lower()).strip("-")
    return [f"team:{slug}"] if slug else []


def node_owner(node: Mapping[str, Any]) -> list[str]:
    named = meta_of(node).get("owner")
    return owner_of(PLATFORM if named is None and node["resource_type"] == "seed" else named)
