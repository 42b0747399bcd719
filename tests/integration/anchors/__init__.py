"""Figures worked out by hand from the extracts in ``data/sample/anchors``, three or more for each KPI; K91 has its own.

One module a domain; each figure has its working beside it, from the rows and the catalogue's formula, never from what
is published. Instants in the files are UTC; a day is one in Berlin (UTC+1, from 29 March UTC+2); as_of is 20 April
2026, 08:00 UTC, the last file's delivery. ``test_anchors`` asks for them, ``test_kpi_anchors`` counts them.
"""

from tests.integration.anchors import (
    casework,
    close,
    contribution,
    inbound,
    integration,
    messages,
    network,
    orders,
    prices,
    reconciliation,
    returns,
    returns_flow,
    sourcing,
    stock,
    stock_flow,
    stock_records,
    supply,
)
from tests.integration.anchors.shape import Anchor

MODULES = (
    orders,
    sourcing,
    network,
    stock,
    stock_records,
    stock_flow,
    prices,
    returns,
    returns_flow,
    contribution,
    reconciliation,
    close,
    supply,
    inbound,
    integration,
    messages,
    casework,
)
ANCHORS: list[Anchor] = [anchor for module in MODULES for anchor in module.ANCHORS]
