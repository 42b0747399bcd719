"""The one door to KPI values: pages, exports and the command read KPIs through these functions only.

``con`` is any DuckDB connection that sees the published tables by their names (fct_kpi, fct_kpi_histogram, dim_kpi,
dim_kpi_target and the metric rows kpi_*). Tables come back as pyarrow tables.
"""

from signalbox.metrics.catalog import catalogue
from signalbox.metrics.compare import changes, contributions, trend
from signalbox.metrics.percentiles import percentiles
from signalbox.metrics.query import values
from signalbox.metrics.rows import drill, spread

__all__ = ["catalogue", "changes", "contributions", "drill", "percentiles", "spread", "trend", "values"]
