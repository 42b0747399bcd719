"""Great Expectations: suites, their registry, the runner, results and Data Docs.

Belongs here: what must hold of delivered batches and of what is about to be published, and running it inside DuckDB.
Not here: row-by-row enforcement (``signalbox.landing``), tests between models (dbt), business conditions (``ctl_*``
models).
"""
