"""Landing: extract files to checked raw Parquet, the ledger, quarantine and replay.

Belongs here: the names that others use. Not here: anything else; see the modules' first lines.
"""

from signalbox.landing.land import land, land_locked
from signalbox.landing.quarantine import (
    Problem,
    QuarantinedRow,
    list_quarantine,
    show_quarantine,
)
from signalbox.landing.replay import ReplayReport, replay
from signalbox.landing.report import LandReport, LeftFile, RefusedFile
from signalbox.landing.source_line import SourceLine, source_line

__all__ = [
    "LandReport",
    "LeftFile",
    "Problem",
    "QuarantinedRow",
    "RefusedFile",
    "ReplayReport",
    "SourceLine",
    "land",
    "land_locked",
    "list_quarantine",
    "replay",
    "show_quarantine",
    "source_line",
]
