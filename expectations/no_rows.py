"""The expectations that most suites use: a query returns no row, and each row fulfils a condition.

Great Expectations' own ``UnexpectedRowsExpectation`` runs its query twice, once to count and once for a sample; this
one counts, and fetches the sample only when there is something to show. The second reads the batch once, for both its
number of rows and the bad ones. Not here: the queries. Importing this module imports Great Expectations.
"""

from __future__ import annotations

from typing import Any, ClassVar

from great_expectations.compatibility import pydantic
from great_expectations.expectations import UnexpectedRowsExpectation
from great_expectations.expectations.metadata_types import DataQualityIssues

SAMPLE_ROWS = 20


class ExpectNoRows(UnexpectedRowsExpectation):
    """Passes when the query returns nothing.

    Where an answer is not one bad row of the batch, its column ``rows_total`` says how many rows are bad, in every
    answer.
    """

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count", "table.row_count")

    class Config:
        title = "The query returns no row"

        @staticmethod
        def schema_extra(schema: dict[str, Any], model: type[ExpectNoRows]) -> None:
            UnexpectedRowsExpectation.Config.schema_extra(schema, model)
            schema["properties"]["metadata"]["properties"]["data_quality_issues"]["const"] = [
                DataQualityIssues.SQL.value
            ]

    @pydantic.validator("unexpected_rows_query")
    def _validate_query(cls, query: str) -> str:
        """Queries on landing's small tables need no ``{batch}``.

        The inherited validator prints a warning for each.
        """
        return query.strip()

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        found = int(metrics["unexpected_rows_query.row_count"])
        sample = self._rows(execution_engine, f"select * from {{query}} limit {SAMPLE_ROWS}") if found else []
        for row in sample[1:]:
            row.pop("rows_total", None)
        unexpected = int(sample[0].pop("rows_total", found)) if sample else found
        return _result(found, unexpected, metrics.get("table.row_count"), sample)

    def _rows(self, execution_engine: Any, sql: str) -> list[dict[str, Any]]:
        """Rows of ``sql`` over the ``{query}`` of this expectation, on its batch."""
        from great_expectations.compatibility.sqlalchemy import sqlalchemy as sa

        selectable = execution_engine.get_compute_domain({}, domain_type="table")[0]
        batch = str(selectable.compile(execution_engine.engine, compile_kwargs={"literal_binds": True}))
        query = self.unexpected_rows_query.format(batch=f"({batch})")
        rows = execution_engine.execute_query(sa.text(sql.format(query=f"({query}) as found")))
        return [dict(row._mapping) for row in rows]


class ExpectEachRow(ExpectNoRows):
    """Passes when no row of the query says ``is_bad``; the query returns every row of the batch."""

    metric_dependencies: ClassVar[tuple[str, ...]] = ()

    class Config:
        title = "Each row fulfils the condition"

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        (counted,) = self._rows(
            execution_engine, "select count(*) as elements, count(*) filter (where is_bad) as bad from {query}"
        )
        shown = f"select * exclude (is_bad) from {{query}} where is_bad limit {SAMPLE_ROWS}"
        sample = self._rows(execution_engine, shown) if counted["bad"] else []
        return _result(counted["bad"], counted["bad"], counted["elements"], sample)


def _result(found: int, unexpected: int, elements: int | None, sample: list[dict[str, Any]]) -> dict[str, Any]:
    result = {
        "observed_value": found,
        "element_count": elements,
        "unexpected_count": unexpected,
        "unexpected_percent": 100 * unexpected / elements if elements else 0.0,
        "details": {"unexpected_rows": sample},
    }
    return {"success": found == 0, "result": result}
