"""Great Expectations: suites, their registry, the runner, results and Data Docs.

Belongs here: what must hold of delivered batches and of what is about to be published, and running it inside DuckDB.
Not here: row-by-row enforcement (``signalbox.landing``), tests between models (dbt), business conditions (``ctl_*``
models).
"""

import sys

# Great Expectations imports Spark Connect where the extra of the second engine is installed; that ends the process,
# with status 0, where the main module has no file, as in a run that Dagster's sensor starts. No suite runs on Spark.
sys.modules.setdefault("pyspark.sql.connect", None)  # type: ignore[arg-type]
