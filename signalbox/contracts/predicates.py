"""What makes a cell and a row valid, as DuckDB SQL made from the contract.

Belongs here: the one place that says how a text becomes a value and which rule a bad cell breaks. Landing applies it
row by row; the inbound suites prove with ``accepted_row_problems`` that what was accepted is valid. Not here: files.
"""

from __future__ import annotations

from signalbox.contracts.model import Column, Entity
from signalbox.contracts.schema import literal, quoted

_EXACT_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")


def typed_cell(column: Column, cell: str, cell_type: str) -> str:
    """SQL that turns ``cell`` (of DuckDB type ``cell_type``) into the contract's type; null where that cannot be done.

    A number with more decimals than the contract is rounded half away from zero; a time with an offset becomes UTC.
    """
    target = column.duckdb_type
    if cell_type == target:
        return f"case when isfinite({cell}) then {cell} end" if target in ("TIMESTAMP", "DATE") else cell
    if target == "VARCHAR":
        return f"cast({cell} as varchar)"
    if target.startswith("DECIMAL") and (cell_type in _EXACT_NUMBERS or cell_type.startswith("DECIMAL")):
        return f"try_cast({cell} as {target})"
    if target == "BIGINT" and cell_type in _EXACT_NUMBERS:
        return f"try_cast({cell} as bigint)"
    if target in ("TIMESTAMP", "DATE") and cell_type.startswith(("TIMESTAMP", "DATE")):
        return _from_time(target, cell, cell_type)
    return _from_text(target, cell if cell_type == "VARCHAR" else f"cast({cell} as varchar)")


def _from_time(target: str, cell: str, cell_type: str) -> str:
    instant = f"{cell} at time zone 'UTC'" if cell_type == "TIMESTAMP WITH TIME ZONE" else f"cast({cell} as timestamp)"
    if target == "TIMESTAMP":
        return f"case when isfinite({cell}) then {instant} end"
    return f"case when isfinite({cell}) and {instant} = cast({instant} as date) then cast({instant} as date) end"


def _from_text(target: str, text: str) -> str:
    if target == "BIGINT":
        number = f"try_cast({text} as bigint)"
        return (
            f"case when cast({number} as varchar) = {text} or regexp_full_match({text}, '[+-]?[0-9]+([.]0*)?') "
            f"then {number} end"
        )
    if target.startswith("DECIMAL"):
        return f"case when not contains({text}, '_') then try_cast({text} as {target}) end"
    if target == "BOOLEAN":
        return f"case when lower({text}) in ('true', '1') then true when lower({text}) in ('false', '0') then false end"
    zoned = f"contains({text}, '+') or contains(substr({text}, 11), '-')"
    instant = (
        f"case when length({text}) < 16 or not {text} between '0' and ':' then null "
        f"when {zoned} then try_cast({text} as timestamptz) at time zone 'UTC' else try_cast({text} as timestamp) end"
    )
    if target == "TIMESTAMP":
        return instant
    return (
        f"case when length({text}) <= 10 then case when {text} between '0' and ':' then try_cast({text} as date) end "
        f"when {instant} = try_cast({text} as date) then try_cast({text} as date) end"
    )


def bad_value_rule(column: Column) -> str:
    """The rule that a cell breaks when it cannot be turned into the column's type."""
    return "bad_date" if column.logical_type in ("date", "timestamp") else "type"


def unknown_code(column: Column, cell: str) -> str:
    """SQL: the cell holds a code that the contract's list does not have."""
    codes = ", ".join(literal(code) for code in column.valid_values)
    return f"{cell} not in ({codes})"


def accepted_row_problems(entity: Entity) -> dict[tuple[str, str], str]:
    """SQL conditions by (column, rule) that no accepted raw row may meet."""
    problems: dict[tuple[str, str], str] = {}
    for column in entity.columns:
        if column.required:
            problems[column.name, "required"] = f"{quoted(column.name)} is null"
        if column.is_closed_list:
            problems[column.name, "unknown_code"] = unknown_code(column, quoted(column.name))
    return problems
