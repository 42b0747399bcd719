"""What a data contract says, as typed values.

Belongs here: the dataclasses. Not here: reading the YAML (``read``), or schemas and SQL made from it (``schema``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Column:
    """A column of an entity. ``key_position`` counts from 1; ``valid_values`` is the code list, else empty."""

    name: str
    logical_type: str
    duckdb_type: str
    required: bool
    key_position: int | None
    is_personal: bool
    valid_values: tuple[str, ...]
    is_closed_list: bool
    reference: str | None
    description: str


@dataclass(frozen=True)
class Entity:
    """One table of a feed. Times of ``due_time`` (HH:MM) are local, on the day after the business date."""

    entity: str
    feed_id: str
    system: str
    process: str
    owner: str
    steward: str
    description: str
    columns: tuple[Column, ...]
    version_column: str
    event_time_column: str
    frequency_days: int
    due_time: str
    grace_minutes: int
    min_rows: int
    nets_reservations: dict[str, bool]

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def key(self) -> tuple[str, ...]:
        """Names of the business key's columns, in their order."""
        keyed = [(column.key_position, column.name) for column in self.columns if column.key_position]
        return tuple(name for _, name in sorted(keyed))

    @cached_property
    def has_personal(self) -> bool:
        return any(column.is_personal for column in self.columns)
