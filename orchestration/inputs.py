"""What a build depends on, as digests: equal digests mean that building again would give the served snapshot.

Belongs here: the digests of code and of landed data. Not here: deciding what follows from them (``build``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from signalbox.landing.ledger import Ledger
from signalbox.settings import PROJECT_ROOT, Settings

if TYPE_CHECKING:
    from orchestration.options import BuildOptions

# Folders whose files decide what a build computes or checks.
_CODE = ("signalbox", "expectations", "orchestration")
_CODE_SUFFIXES = {".py", ".sql", ".yml", ".yaml", ".csv"}


@dataclass(frozen=True)
class Inputs:
    """Digests of the code and of the data of a build."""

    code_digest: str
    inputs_digest: str


def read_inputs(settings: Settings, options: BuildOptions) -> Inputs:
    """Digests as they are now. Data:

    The ledger's last change, the instant asked for, the reporting zone and currency, the cut-over.
    """
    with Ledger(settings) as ledger:
        sequence, clock = ledger.sequence(), ledger.greatest_received_ts()
    moment: datetime | str | None = options.as_of or (clock if settings.clock == "data" else "now")
    facts = (sequence, moment, settings.reporting_time_zone, settings.reporting_currency, settings.cut_over_ts)
    data = hashlib.sha256("|".join(str(fact) for fact in facts).encode()).hexdigest()
    own = [settings.dbt_project_dir, settings.contracts_dir, settings.adapters_dir]
    folders = [*(PROJECT_ROOT / name for name in _CODE), *own, settings.own_adapters_dir, settings.policy_dir]
    return Inputs(_digest_of_files(tuple(folders)), data)


@cache
def _digest_of_files(folders: tuple[Path, ...]) -> str:
    """Digest over names and contents; remembered, since the code of a process does not change while it runs."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in _files(folder):
            digest.update(f"{path.relative_to(folder)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(folder: Path) -> Iterable[Path]:
    found = folder.rglob("*") if folder.exists() else ()
    kept = (path for path in found if path.suffix in _CODE_SUFFIXES and "target" not in path.parts)
    return sorted(kept)
