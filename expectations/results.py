"""What Great Expectations found, as the product reads it: rows of ``quality_result`` and outcomes for the audit record.

Belongs here: turning a result into rows, and the table in the warehouse. Not here: running suites, or deciding what
is published; ``signalbox.publish`` does that from the outcomes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from expectations.model import Suite
from signalbox.publish.audit import SuiteOutcome

COLUMNS = {
    "build_id": "varchar",
    "suite_name": "varchar",
    "suite_kind": "varchar",
    "target_name": "varchar",
    "expectation": "varchar",
    "column_name": "varchar",
    "severity_code": "varchar",
    "success": "boolean",
    "observed_value": "varchar",
    "unexpected_count": "bigint",
    "element_count": "bigint",
}
_OBSERVED_LENGTH = 500


@dataclass(frozen=True)
class SuiteResult:
    """A suite that ran. ``rows`` belong into ``quality_result``; ``found`` is for Data Docs."""

    suite: Suite
    outcome: SuiteOutcome
    rows: list[dict[str, Any]]
    found: Any = field(default=None, repr=False)

    @property
    def summary(self) -> str:
        """One line: what failed, else how much was checked."""
        failed = [row for row in self.rows if row["success"] is False]
        if failed:
            return "; ".join(f"{row['expectation']}: {row['observed_value']}" for row in failed)
        assessed = [row for row in self.rows if row["success"]]
        return f"{len(assessed)} of {len(self.rows)} assessed, none failed" if assessed else "nothing to assess yet"


def summarise(suite: Suite, build_id: str, found: Any) -> SuiteResult:
    """Rows and outcome of a suite that was validated; ``found`` answers its checks in any order."""
    checks = {check.name: check for check in suite.checks}
    rows = []
    for single in found.results:
        check = checks[single.expectation_config.meta["check"]]
        result = single.result or {}
        rows.append(
            _row(suite, build_id, check.name)
            | {
                "column_name": check.column,
                "severity_code": check.severity,
                "success": bool(single.success),
                "observed_value": _observed(single),
                "unexpected_count": result.get("unexpected_count"),
                "element_count": result.get("element_count"),
            }
        )
    return _result(suite, rows, found)


def nothing_to_assess(suite: Suite, build_id: str) -> SuiteResult:
    """No file of the entity was ever landed: neither passed nor failed."""
    return _alike(suite, build_id, {"observed_value": "no delivery yet"})


def as_before(suite: Suite, build_id: str) -> SuiteResult:
    """Not a row is new since a build in which the suite passed."""
    return _alike(suite, build_id, {"success": True, "observed_value": "nothing new since it passed"})


def _alike(suite: Suite, build_id: str, found: dict[str, Any]) -> SuiteResult:
    """The same answer for every check."""
    rows = [
        _row(suite, build_id, check.name) | {"column_name": check.column, "severity_code": check.severity} | found
        for check in suite.checks
    ]
    return _result(suite, rows)


def unreadable(suite: Suite, build_id: str, error: Exception) -> SuiteResult:
    """The relation could not be read, so nothing of it is known: the suite failed."""
    row = _row(suite, build_id, f"{suite.relation} can be read")
    row |= {"severity_code": "error", "success": False, "observed_value": _first_line(str(error))}
    return _result(suite, [row])


def write_quality_table(con: duckdb.DuckDBPyConnection, rows: Sequence[dict[str, Any]]) -> None:
    """Make ``quality.quality_result`` hold these rows."""
    import pyarrow as pa

    types = {"varchar": pa.string(), "boolean": pa.bool_(), "bigint": pa.int64()}
    found = pa.Table.from_pylist(list(rows), pa.schema([(name, types[kind]) for name, kind in COLUMNS.items()]))
    con.execute("create schema if not exists quality")
    con.register("found_quality", found)
    con.execute("create or replace table quality.quality_result as select * from found_quality")
    con.unregister("found_quality")


def quality_row(build_id: str, suite_name: str, kind: str, target: str, expectation: str) -> dict[str, Any]:
    """An empty row of ``quality_result`` about one expectation."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row |= {"build_id": build_id, "suite_name": suite_name, "suite_kind": kind, "target_name": target}
    return row | {"expectation": expectation}


def _row(suite: Suite, build_id: str, expectation: str) -> dict[str, Any]:
    return quality_row(build_id, suite.name, suite.kind, suite.target, expectation)


def _result(suite: Suite, rows: list[dict[str, Any]], found: Any = None) -> SuiteResult:
    failed = [row for row in rows if row["success"] is False]
    outcome = SuiteOutcome(
        suite=suite.name,
        kind=suite.kind,
        target=suite.target,
        success=not any(row["severity_code"] == "error" for row in failed),
        expectations=len(rows),
        failed=len(failed),
    )
    return SuiteResult(suite, outcome, rows, found)


def _observed(single: Any) -> str | None:
    """What was seen, short enough to read: the offending rows, values or the error."""
    info = single.exception_info or {}
    messages = [info.get("exception_message")] if "raised_exception" in info else _messages(info)
    raised = next((message for message in messages if message), None)
    if raised:
        return _first_line(str(raised))
    result = single.result or {}
    sample = (result.get("details") or {}).get("unexpected_rows") or result.get("partial_unexpected_list")
    if not single.success and sample:
        return "; ".join(map(_in_words, sample[:3]))[:_OBSERVED_LENGTH]
    observed = result.get("observed_value", result.get("unexpected_count"))
    return None if observed is None else str(observed)


def _in_words(found: Any) -> str:
    """An offending value, or an offending row as "business date 2026-03-19, accepted 0"."""
    if not isinstance(found, dict):
        return str(found)
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in found.items())


def _messages(info: dict[str, Any]) -> list[Any]:
    return [item.get("exception_message") for item in info.values() if isinstance(item, dict)]


def _first_line(text: str) -> str:
    return " ".join(text.split())[:_OBSERVED_LENGTH]
