"""Independent polars programs of the KPIs, written from the catalogue's formulas and from nothing else of the project.

A twin reads the extract files themselves (not the raw store, not a model), so that landing, staging, core and the
metric model are all checked by one comparison. Not here: the comparison itself (``tests/integration/test_twins.py``).
"""

from __future__ import annotations

# The measures that each twin computes; the comparison asks for exactly these, a convention that none is forgotten.
MEASURES = {
    "K01": ("K01", "K01.in_full", "K01.on_time", "K01.docs_ok", "K01.condition_ok", "K01.line"),
    "K02": ("K02", "K02.early", "K02.late", "K02.current", "K02.slip", "K02.lateness"),
    "K05": (
        *("K05", "K05.release", "K05.allocate", "K05.pick", "K05.pack", "K05.ship", "K05.deliver", "K05.collect"),
        "K05.open_age",
    ),
    "K07": ("K07",),
    "K08": ("K08", "K08.escalations"),
    "K13": ("K13",),
    "K14": ("K14",),
    "K27": ("K27", "K27.channel"),
    "K29": ("K29", "K29.breach"),
    "K30": ("K30", "K30.value"),
    "K60": ("K60", "K60.flow"),
    "K62": ("K62", "K62.credit_memo", "K62.open_age"),
    "K72": ("K72", "K72.gross_margin", "K72.cohort", "K72.amount"),
    "K85": ("K85", "K85.days", "K85.first", "K85.slip"),
    "K101": ("K101", "K101.rejected"),
}
# Measures that no comparison reaches, each with what proves it instead.
WITHOUT = {
    "K29.open_lag": "no stock message of the simulated retailer stays unapplied; by hand in the model's unit test",
}
