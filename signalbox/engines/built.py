"""Which build made the tables on the shared storage: an increment may start only from those of the build before.

Not here: what that build was made from (``increments.state``).
"""

from __future__ import annotations

from signalbox.publish.files import write_atomically
from signalbox.settings import Settings

_NAME = "built"


def built(settings: Settings) -> str | None:
    """The build whose tables stand there, whole; None: there are none, or a build that changed them did not end."""
    path = settings.shared_dir / _NAME
    return path.read_text(encoding="utf-8").strip() if path.exists() else None


def note_built(settings: Settings, build_id: str) -> None:
    """Say that all tables are those of this build; call it after the last model and test."""
    write_atomically(settings.shared_dir / _NAME, build_id + "\n")


def forget_built(settings: Settings) -> None:
    """Say that the tables are being changed; call it before the first."""
    (settings.shared_dir / _NAME).unlink(missing_ok=True)
