"""Which files lie there, whether they are at rest, and what their names say.

Belongs here: finding, naming and digesting files. Not here: reading rows, or remembering what was landed (``ledger``).
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from signalbox.contracts import Entity
from signalbox.landing.report import LeftFile

FORMATS = {".csv": "csv", ".csv.gz": "csv", ".jsonl": "jsonl", ".jsonl.gz": "jsonl", ".parquet": "parquet"}
_TEMPORARY = (".tmp", ".part", ".filepart", ".crdownload", ".swp")
_NAME = re.compile(
    r"(?P<entity>[a-z][a-z0-9_]*?)(?:_(?P<date>\d{4}-\d{2}-\d{2}))?(?:_(?P<received>\d{8}T\d{4}(?:\d{2})?Z))?(?:_\d+)?"
)
_DELIVERED = re.compile(r"_(\d{8}T\d{4}(?:\d{2})?Z)")


@dataclass(frozen=True)
class FoundFile:
    """A file at rest, as it was when it was found. ``size`` in bytes."""

    path: Path
    size: int
    mtime_ns: int

    @property
    def format(self) -> str:
        return FORMATS[_suffix(self.path.name)]

    @property
    def is_gzip(self) -> bool:
        return self.path.name.endswith(".gz")

    @property
    def modified_ts(self) -> datetime:
        return datetime.fromtimestamp(self.mtime_ns // 1000 / 1e6, UTC).replace(tzinfo=None)

    def has_changed(self) -> bool:
        """Whether the file is no longer what was found."""
        try:
            stat = self.path.stat()
        except OSError:
            return True
        return (stat.st_size, stat.st_mtime_ns) != (self.size, self.mtime_ns)


@dataclass(frozen=True)
class NameFacts:
    """What a native file name says; times UTC without zone."""

    entity: str
    business_date: date | None
    received_ts: datetime | None


@dataclass(frozen=True)
class FileState:
    """What tells that a file changed. Seconds since 1970: ``modified``, and ``arrived`` (put or renamed there)."""

    size: int
    modified: float
    arrived: float


def lying_files(root: Path) -> dict[Path, FileState]:
    """The files under ``root`` that landing would look at, as they are now, at rest or not."""
    lying = {}
    for path in _walk(root):
        if _unusable(path):
            continue
        state = state_of(path)
        if state is not None:
            lying[path] = state
    return lying


def state_of(path: Path) -> FileState | None:
    """A file as it is now; None when it is gone or cannot be looked at."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return FileState(stat.st_size, stat.st_mtime, stat.st_ctime)


def find_files(root: Path, settle_seconds: float) -> tuple[list[FoundFile], list[LeftFile]]:
    """Files at rest under ``root`` (or ``root`` itself), in the order of their paths, and those left alone.

    Files younger than ``settle_seconds`` are looked at twice, that long apart; one that changed is still growing.
    """
    found: list[FoundFile] = []
    left: list[LeftFile] = []
    for path in _walk(root):
        reason = _unusable(path)
        if reason:
            left.append(LeftFile(path, reason))
            continue
        try:
            stat = path.stat()
        except OSError as error:
            left.append(LeftFile(path, f"not readable: {error.strerror}"))
            continue
        found.append(FoundFile(path, stat.st_size, stat.st_mtime_ns))
    growing = _growing(found, settle_seconds)
    left += [LeftFile(file.path, "still growing: it changed while it was watched") for file in growing]
    return [file for file in found if file not in growing], left


def _growing(found: Iterable[FoundFile], settle_seconds: float) -> set[FoundFile]:
    limit_ns = time.time_ns() - int(settle_seconds * 1e9)
    young = [file for file in found if file.mtime_ns > limit_ns]
    if not young or settle_seconds == 0:
        return set()
    time.sleep(settle_seconds)
    return {file for file in young if file.has_changed()}


def _walk(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
        return
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder) / name for name in sorted(names))


def _unusable(path: Path) -> str | None:
    if path.name.startswith("."):
        return "hidden file"
    if path.name.lower().endswith(_TEMPORARY):
        return "temporary file: its sender has not finished it"
    if _suffix(path.name) not in FORMATS:
        return f"unmatched: only {', '.join(FORMATS)} are read"
    if path.exists() and not os.access(path, os.R_OK):
        return "not readable: no permission"
    return None


def _suffix(name: str) -> str:
    stem, dot, last = name.rpartition(".")
    if last == "gz":
        return "." + stem.rpartition(".")[2] + ".gz"
    return dot + last


def read_name(name: str, contracts: Mapping[str, Entity]) -> NameFacts | str:
    """The facts of a native file name, or why there are none."""
    stem = name[: -len(_suffix(name))]
    match = _NAME.fullmatch(stem)
    if not match or match["entity"] not in contracts:
        return "unmatched: the name does not begin with an entity of data/contracts; see data/adapters/README.md"
    try:
        business_date = date.fromisoformat(match["date"]) if match["date"] else None
        return NameFacts(match["entity"], business_date, delivery_time(name))
    except ValueError as error:
        return f"unmatched: the name holds no usable date: {error}"


def delivery_time(name: str) -> datetime | None:
    """The delivery time in a file name (``_YYYYMMDDTHHMMZ``, UTC), if there is one."""
    match = _DELIVERED.search(name)
    if not match:
        return None
    form = "%Y%m%dT%H%MZ" if len(match[1]) == len("20260302T0012Z") else "%Y%m%dT%H%M%SZ"
    return datetime.strptime(match[1], form)


def content_digest(path: Path) -> str:
    """SHA-256 of the file's bytes, hex."""
    with path.open("rb", buffering=0) as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def identity(*parts: str) -> str:
    """SHA-256 over the facts that make a landed file what it is, hex."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def digest_all(
    files: Iterable[FoundFile], known: Mapping[str, tuple[int, int, str]], tick: Callable[[], None]
) -> dict[FoundFile, str]:
    """Content digests; a file that ``known`` (path -> size, mtime_ns, digest) holds unchanged is not read again."""
    digests: dict[FoundFile, str] = {}
    for file in files:
        size, mtime_ns, digest = known.get(str(file.path), (-1, -1, ""))
        digests[file] = digest if (size, mtime_ns) == (file.size, file.mtime_ns) else content_digest(file.path)
        tick()
    return digests
