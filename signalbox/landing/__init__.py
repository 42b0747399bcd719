"""Landing: extract files to checked raw Parquet, the ledger, quarantine and replay.

Belongs here: the names that others use. Not here: anything else; see the modules' first lines.
"""

from signalbox.landing.land import land, land_locked
from signalbox.landing.report import LandReport, LeftFile, RefusedFile

__all__ = ["LandReport", "LeftFile", "RefusedFile", "land", "land_locked"]
