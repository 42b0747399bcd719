"""A suite and its checks as plain values, without Great Expectations, which takes seconds to import.

Belongs here: the dataclasses. Not here: what is checked (``suites``) or running it (``runner``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

SuiteKind = Literal["inbound", "outbound"]
CheckKind = Literal["no_rows", "each_row", "not_null", "between", "in_set"]
# Where an outbound suite reads: what dbt built, or the files of the snapshot that is about to be published.
Stage = Literal["raw", "models", "snapshot"]


@dataclass(frozen=True)
class Relaxed:
    """Why a check only warns: the reason, since when (ISO date), and what would make it block again."""

    reason: str
    since: str
    tightens: str


@dataclass(frozen=True)
class Check:
    """One expectation. ``name`` is the sentence that holds when it passes.

    ``no_rows``: ``sql`` over ``{batch}``, and other tables as ``{read schema.table}``, returns nothing; where an answer
    is not one bad row, its column ``rows_total`` says how many there are. ``each_row``: ``sql`` is a condition that
    each row of the batch fulfils; of one that does not, the ``columns`` among the arguments are shown. The others are
    Great Expectations' own, on ``column``. A check that is not ``relaxed`` blocks.
    """

    name: str
    kind: CheckKind
    sql: str = ""
    column: str | None = None
    arguments: dict[str, Any] = field(default_factory=dict)
    relaxed: Relaxed | None = None

    @property
    def severity(self) -> str:
        return "warning" if self.relaxed else "error"


@dataclass(frozen=True)
class Suite:
    """Checks of one relation. ``target`` is what readers know it by, ``relation`` its name in the warehouse.

    ``delivered_by``: the entity without whose files there is nothing to assess (inbound). ``whole_by``: the checks
    compare rows that agree in these columns, so who reads only a part must read all rows of each of their values.
    Without it any rows can be looked at by themselves, but for a key, of which all rows must be there.
    """

    name: str
    kind: SuiteKind
    stage: Stage
    target: str
    relation: str
    checks: tuple[Check, ...]
    delivered_by: str | None = None
    whole_by: tuple[str, ...] = ()


def no_rows(name: str, sql: str, column: str | None = None, relaxed: Relaxed | None = None) -> Check:
    """The query returns no row. Braces other than ``{batch}`` and ``{read schema.table}`` are doubled."""
    return Check(name, "no_rows", sql=sql, column=column, relaxed=relaxed)


def each_row(name: str, condition: str, columns: Sequence[str]) -> Check:
    """Every row fulfils the condition; braces in it are doubled. Its relation is read once."""
    return Check(name, "each_row", sql=condition, arguments={"columns": ", ".join(columns)})


def not_null(column: str) -> Check:
    return Check(f"{column} is known in every row", "not_null", column=column)


def between(column: str, low: float | None, high: float | None) -> Check:
    limits = f"{'' if low is None else f'{low:g} ≤ '}{column}{'' if high is None else f' ≤ {high:g}'}"
    return Check(limits, "between", column=column, arguments={"min_value": low, "max_value": high})


def in_set(column: str, values: tuple[str, ...]) -> Check:
    return Check(
        f"{column} is one of {', '.join(values)}", "in_set", column=column, arguments={"value_set": list(values)}
    )


def unique(*columns: str) -> Check:
    """No two rows agree on all these columns; two empty values are equal."""
    names = ", ".join(f'"{column}"' for column in columns)
    sql = (
        f"select {names}, count(*) as copies, sum(count(*)) over () as rows_total "
        "from {batch} group by all having count(*) > 1"
    )
    return no_rows(f"{', '.join(columns)}: each once", sql, column=columns[0] if len(columns) == 1 else None)
