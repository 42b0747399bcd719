"""The simulated retailer: extracts that look like real ones, and the truth about what went wrong.

Belongs here: everything made up. Not here: reading extracts, or any rule of the control tower itself. The truth is
written where the pipeline does not read.
"""

from signalbox.simulate.run import SimReport, simulate
from signalbox.simulate.score import score

__all__ = ["SimReport", "score", "simulate"]
