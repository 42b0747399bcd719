"""Independent polars programs of the KPIs, written from the catalogue's formulas and from nothing else of the project.

A twin reads the extract files themselves (not the raw store, not a model), so that landing, staging, core and the
metric model are all checked by one comparison. Not here: the comparison itself (``tests/integration/test_twins.py``).
"""
