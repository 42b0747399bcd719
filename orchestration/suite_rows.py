"""Which rows a suite reads: of an increment those that are new or differ, else all.

Belongs here: the queries. Not here: the suites, or what differs (``signalbox.publish``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from orchestration.increment import FACTS
from signalbox import publish as publishing
from signalbox.contracts import load_contracts
from signalbox.contracts.schema import literal
from signalbox.settings import Settings

if TYPE_CHECKING:
    from expectations.runner import Relations


def new_rows(settings: Settings, digests: Mapping[str, Collection[str]]) -> Relations:
    """Raw relation -> rows of the files ``digests`` of its entity: those before were judged when they came.

    A suite without new rows is asked all the same: that none came may be what it has to tell.
    """
    rows = {}
    for name in load_contracts(settings.contracts_dir):
        listed = ", ".join(literal(digest) for digest in sorted(digests.get(name, ())))
        rows[f"raw.{name}"] = f"select * from raw.{name} where {f'_file_digest in ({listed})' if listed else 'false'}"
    return rows


def changed_rows(rows: dict[str, str], changes: publishing.Changes) -> Relations:
    """Relation -> a query for the rows that differ from the build before; of facts all when a dimension changed.

    ``rows``: relation -> a query for all of it.
    """
    changed = {name: changes.of(*name.split(".", 1)) for name in rows}
    if any(change.code != "unchanged" for name, change in changed.items() if name.startswith("core.dim_")):
        return rows
    found: dict[str, str | None] = {}
    for name, change in changed.items():
        new = f"select * from {change.rows_relation}" if change.code == "keys" else rows[name]
        found[name] = None if change.code == "unchanged" else new
    return found | _days_of_facts(changed)


def _days_of_facts(changed: Mapping[str, publishing.Change]) -> dict[str, str]:
    """The uniform facts are compared with one another: of both, the days are read of which either has changed."""
    facts = {name: change for name in FACTS if (change := changed.get(f"marts.{name}")) is not None}
    keys = [change.keys_relation for change in facts.values() if change.code == "keys"]
    if all(change.code == "unchanged" for change in facts.values()):
        return {}
    if any(change.code == "whole" for change in facts.values()):
        return {f"marts.{name}": f"select * from marts.{name}" for name in facts}
    days = " union ".join(f"select kpi_id, period_date from {relation}" for relation in keys)
    return {
        f"marts.{name}": f"select * from marts.{name} semi join ({days}) as days using (kpi_id, period_date)"
        for name in facts
    }


def metric_files(settings: Settings, build_id: str) -> dict[str, str]:
    """Metric rows are read where they were written: in the files of the staged snapshot."""
    staged = publishing.read_staged(settings, build_id)
    rows = publishing.queries(staged.folder, staged.entries)
    return {f"metrics.{name}": query for name, query in rows.items()}
