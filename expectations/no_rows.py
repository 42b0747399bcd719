"""The expectation that most suites use: a query returns no row.

Great Expectations' own ``UnexpectedRowsExpectation`` runs its query twice, once to count and once for a sample; this
one counts, and fetches the sample only when there is something to show. Not here: the queries. Importing this module
imports Great Expectations.
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
        sample = self._sample(execution_engine) if found else []
        for row in sample[1:]:
            row.pop("rows_total", None)
        unexpected = int(sample[0].pop("rows_total", found)) if sample else found
        elements = metrics.get("table.row_count")
        result = {
            "observed_value": found,
            "element_count": elements,
            "unexpected_count": unexpected,
            "unexpected_percent": 100 * unexpected / elements if elements else 0.0,
            "details": {"unexpected_rows": sample},
        }
        return {"success": found == 0, "result": result}

    def _sample(self, execution_engine: Any) -> list[dict[str, Any]]:
        from great_expectations.compatibility.sqlalchemy import sqlalchemy as sa

        selectable = execution_engine.get_compute_domain({}, domain_type="table")[0]
        batch = str(selectable.compile(execution_engine.engine, compile_kwargs={"literal_binds": True}))
        query = self.unexpected_rows_query.format(batch=f"({batch})")
        rows = execution_engine.execute_query(sa.text(f"select * from ({query}) limit {SAMPLE_ROWS}"))
        return [dict(row._mapping) for row in rows]
