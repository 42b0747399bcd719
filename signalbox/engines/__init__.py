"""Where models run: what Signalbox needs to know of an engine other than DuckDB, the default.

Belongs here: the cluster of this machine, a connection to a cluster, giving it the landed rows and fetching what is
published. Not here: SQL of models and its dialects (``dbt_project``), or the order of a build (``orchestration``).
"""
