"""Opens what landing works with: ledger, an in-memory DuckDB, contracts, the retailer's code map, the pseudonym key.

Belongs here: opening, closing, and digesting what was found. Not here: landing itself.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from signalbox.contracts import load_contracts
from signalbox.errors import SignalboxError
from signalbox.landing import files
from signalbox.landing.batch import Session
from signalbox.landing.files import FoundFile
from signalbox.landing.ledger import Ledger
from signalbox.landing.parts import remove_unrecorded
from signalbox.landing.policy import load_code_map
from signalbox.landing.pseudonym import fingerprint, install_key, load_key
from signalbox.landing.report import Progress, no_progress
from signalbox.settings import Settings


@contextmanager
def open_session(
    settings: Settings, adapter_name: str, is_scheduled: bool, progress: Progress = no_progress
) -> Iterator[Session]:
    """A session of the writer that holds the lock; what an earlier crash left is cleared first."""
    import duckdb

    contracts = load_contracts(settings.contracts_dir)
    code_map = load_code_map(settings, contracts)
    key = load_key(settings)
    spill = settings.raw_dir / ".spill"
    with Ledger(settings) as ledger, duckdb.connect() as con:
        _check_key(ledger, key)
        remove_unrecorded(settings, ledger)
        con.execute(f"set threads = {settings.threads}")
        con.execute(f"set memory_limit = '{settings.memory_limit}'")
        con.execute("set TimeZone = 'UTC'")
        con.execute("set preserve_insertion_order = false")
        con.execute("set temp_directory = ?", [str(spill)])
        install_key(con, key)
        yield Session(settings, ledger, con, contracts, code_map, adapter_name, is_scheduled, progress)
    shutil.rmtree(spill, ignore_errors=True)


def digest_files(session: Session, found: Sequence[FoundFile]) -> dict[FoundFile, str]:
    """Content digests of the files; what was read is remembered, so that an unchanged file is not read again."""
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        if done % 100 == 0 or done == len(found):
            session.progress("looking at files", done, len(found))

    seen = session.ledger.seen()
    digests = files.digest_all(found, seen, tick)
    news = [(str(file.path), file.size, file.mtime_ns, digest) for file, digest in digests.items()]
    session.ledger.remember(row for row in news if seen.get(row[0]) != row[1:])
    return digests


def _check_key(ledger: Ledger, key: bytes) -> None:
    known = ledger.meta("key_fingerprint")
    if known is None:
        ledger.set_meta("key_fingerprint", fingerprint(key))
    elif known != fingerprint(key):
        raise SignalboxError(
            f"{ledger.path}: the pseudonym key is not the one that earlier rows were hashed with; "
            "put secret.key (or SIGNALBOX_PSEUDONYM_KEY) back, or land into a new home"
        )
