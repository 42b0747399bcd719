"""Where a test may kill a build: named moments, honoured only in the environment ``test``.

Nothing else belongs here. In any other environment a moment is a comparison and no more.
"""

from __future__ import annotations

import os
import signal

from signalbox.settings import Settings

VARIABLE = "SIGNALBOX_KILL_AT"
MOMENTS = (
    "locked",
    "landed",
    "attached",
    "inbound_passed",
    "models_half",
    "models_built",
    "outbound_passed",
    "audited",
    "tables_half",
    "tables_written",
    "manifest_written",
    "snapshot_in_place",
    "published",
)


def reached(settings: Settings, moment: str) -> None:
    """Die here, as ``kill -9`` does, when a test asked for this moment."""
    if settings.environment == "test" and os.environ.get(VARIABLE) == moment:
        os.kill(os.getpid(), signal.SIGKILL)
