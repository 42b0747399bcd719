"""One SQL select that turns delivered cells into typed cells, and says which rules a row breaks.

Belongs here: the checks of a row, the same for every format and adapter. Not here: reading files (``inputs``), or what
happens to a bad row (``parts``). The rules of a single cell stand in ``signalbox.contracts.predicates``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from signalbox.contracts import Column, Entity
from signalbox.contracts.predicates import bad_value_rule, typed_cell, unknown_code
from signalbox.contracts.schema import literal, quoted
from signalbox.landing.pseudonym import pseudonym_sql

RECEIVED = Column("received_ts", "timestamp", "TIMESTAMP", False, None, False, (), False, None, "When it was received")
_STRUCTURAL = {"column_name": "_column", "rule_code": "_rule", "value": "_value"}
# column -> delivered code -> the contract's code
CodeMap = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Delivered:
    """Rows as delivered: ``sql`` selects _file_no, _line, _rule, _column, _value, _extra and the columns of ``types``.

    ``types``: contract columns (and ``received_ts``) that are there, with the DuckDB type they have there. A row with a
    ``_rule`` is bad already; its cells are not looked at. ``is_hashed``: personal columns hold hashes already.
    """

    sql: str
    types: dict[str, str]
    code_map: CodeMap = field(default_factory=dict)
    is_hashed: bool = False


@dataclass(frozen=True)
class _Check:
    column: Column
    cell_type: str
    mapped: Mapping[str, str]
    is_hashed: bool

    @property
    def hashes(self) -> bool:
        return self.column.is_personal and not self.is_hashed

    @property
    def source(self) -> str:
        return quoted(self.column.name)

    @property
    def cell(self) -> str:
        return quoted("c$" + self.column.name)

    @property
    def typed(self) -> str:
        return quoted("t$" + self.column.name)

    @property
    def cell_sql(self) -> str:
        """The delivered value: empty text is null, personal text is hashed."""
        if self.cell_type == "BLOB":
            text = f"nullif(try(decode({self.source})), '')"
            return pseudonym_sql(f"nullif({self.source}, ''::blob)") if self.hashes else text
        if self.cell_type in ("DOUBLE", "FLOAT"):
            return f"case when not isnan({self.source}) then {self.source} end"
        text = f"nullif({self.source}, '')" if self.cell_type == "VARCHAR" else self.source
        return pseudonym_sql(f"encode(cast({text} as varchar))") if self.hashes else text

    @property
    def carried_type(self) -> str:
        return "VARCHAR" if self.column.is_personal or self.cell_type == "BLOB" else self.cell_type

    @property
    def typed_sql(self) -> str:
        if not self.mapped:
            return typed_cell(self.column, self.cell, self.carried_type)
        cases = " ".join(f"when {literal(code)} then {literal(ours)}" for code, ours in self.mapped.items())
        text = f"cast({self.cell} as varchar)"
        return typed_cell(self.column, f"(case {text} {cases} else {text} end)", "VARCHAR")

    @property
    def shown(self) -> str:
        """The value as the quarantine keeps it."""
        if self.cell_type == "BLOB" and not self.column.is_personal:
            return f"coalesce({self.cell}, cast({self.source} as varchar))"
        return f"cast({self.cell} as varchar)"

    def problems(self) -> Iterator[tuple[str, str]]:
        """Rule and the SQL condition under which the cell breaks it; at most one holds."""
        undecoded = f"try(decode({self.source})) is null and {self.source} is not null"
        checks_encoding = self.cell_type == "BLOB" and not self.column.is_personal
        if checks_encoding:
            yield "encoding", undecoded
        if self.column.required:
            yield "required", f"{self.cell} is null" + (f" and not ({undecoded})" if checks_encoding else "")
        if self.typed_sql != self.cell:
            yield bad_value_rule(self.column), f"{self.typed} is null and {self.cell} is not null"
        if self.column.is_closed_list:
            yield "unknown_code", unknown_code(self.column, self.typed)


def checked_select(entity: Entity, delivered: Delivered) -> str:
    """The raw row's columns plus ``_bad`` (list of column_name, rule_code, value; null when good) and ``_row`` (JSON).

    Reads table ``_files`` (file_no, file_digest, received_ts, is_overridden) for what the file says, as two lists that
    _file_no indexes: a join would copy every column. ``is_overridden`` is the same for all files of a batch.
    """
    checks = [
        _Check(column, delivered.types[column.name], delivered.code_map.get(column.name, {}), delivered.is_hashed)
        for column in (*entity.columns, RECEIVED)
        if column.name in delivered.types
    ]
    conditions = [(check, rule, sql) for check in checks for rule, sql in check.problems()]
    is_bad = " or ".join(["_rule is not null", *(f"({sql})" for _, _, sql in conditions)])
    problems = ", ".join(
        f"case when {sql} then {{'column_name': {literal(check.column.name)}, 'rule_code': {literal(rule)}, "
        f"'value': {check.shown}}} end"
        for check, rule, sql in conditions
    )
    undecoded = " or ".join(["false", *(f"({sql})" for _, rule, sql in conditions if rule == "encoding")])
    row = ", ".join(f"{literal(check.column.name)}: {check.shown}" for check in checks)
    texts = (f"'{name}': cast({cell} as varchar)" for name, cell in _STRUCTURAL.items())
    structural = f"{{{', '.join(texts)}}}"
    return f"""
with delivered as ({delivered.sql}),
cells as (select *, {", ".join(f"{check.cell_sql} as {check.cell}" for check in checks)} from delivered),
typed as (select *, {", ".join(f"{check.typed_sql} as {check.typed}" for check in checks)} from cells),
judged as (select *, {is_bad} as _is_bad from typed)
select
    {_contract_columns(entity, checks)},
    _file_facts.digests[_file_no + 1] as _file_digest,
    cast(_line as bigint) as _line,
    {_received(checks)} as received_ts,
    cast(_extra as varchar) as _extra,
    case when _rule is not null then [{structural}]
        when _is_bad then list_filter([{problems}], lambda problem: problem is not null) end as _bad,
    case when _is_bad and _rule is null and not ({undecoded}) then cast(to_json({{{row}}}) as varchar) end as _row
from judged
cross join (
    select list(file_digest order by number) as digests, list(received_ts order by number) as receipts,
        bool_or(is_overridden) as is_overridden
    from range((select max(file_no) + 1 from _files)) as numbers(number)
    left join _files on numbers.number = _files.file_no
) as _file_facts"""


def _contract_columns(entity: Entity, checks: list[_Check]) -> str:
    typed = {check.column.name: check.typed for check in checks}
    return ",\n    ".join(
        f"cast({typed.get(column.name, 'null')} as {column.duckdb_type}) as {quoted(column.name)}"
        for column in entity.columns
    )


def _received(checks: list[_Check]) -> str:
    delivered = "_file_facts.receipts[_file_no + 1]"
    if any(check.column is RECEIVED for check in checks):
        return f"case when is_overridden then {delivered} else coalesce({quoted('t$received_ts')}, {delivered}) end"
    return delivered
