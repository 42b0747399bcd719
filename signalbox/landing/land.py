"""Lands a file or a folder: finds what is new there, groups it, and lands each group as a batch.

Belongs here: from a path to batches, for the native shape; other adapters are in ``vendor``. Not here: a batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from signalbox.contracts import Entity
from signalbox.errors import UsageError
from signalbox.landing import files, parts
from signalbox.landing.adapters import NATIVE, load_adapter
from signalbox.landing.batch import Session, Unit, read_batch
from signalbox.landing.files import FoundFile
from signalbox.landing.home import suit_home
from signalbox.landing.inputs import Input, open_damaged_parquet, open_input
from signalbox.landing.report import LandReport, LeftFile, Progress, no_progress
from signalbox.landing.session import digest_files, open_session
from signalbox.landing.settle import settle
from signalbox.landing.text import UnreadableError
from signalbox.landing.vendor import land_vendor
from signalbox.lock import writer_lock
from signalbox.settings import Settings

# A batch ends at this many bytes of input, so that a crash in a first load of years loses minutes and not hours.
_BATCH_BYTES = 2 << 30
Group = tuple[Entity, str, list[Unit]]


def land(
    settings: Settings,
    path: Path,
    adapter: str | None = None,
    received_at: datetime | None = None,
    progress: Progress | None = None,
) -> LandReport:
    """Land the file or folder ``path``, holding the home's lock.

    ``received_at`` (UTC) overrides every delivery time. What was landed before has no effect. Raises UsageError for a
    path or an adapter that does not exist; a bad file or row is no error: it stands in the report and in quarantine.
    """
    with writer_lock(settings, f"land {path}"):
        return land_locked(settings, path, adapter, received_at, progress)


def land_locked(
    settings: Settings,
    path: Path,
    adapter: str | None = None,
    received_at: datetime | None = None,
    progress: Progress | None = None,
    files_at_most: int | None = None,
) -> LandReport:
    """``land`` for a caller that holds the lock already.

    ``files_at_most`` of files in the contracts' own shape: the oldest new ones are landed, the others wait.
    """
    path = path.expanduser().resolve()
    if not path.exists():
        raise UsageError(f"{path}: there is no such file or folder")
    if received_at is not None and received_at.tzinfo is not None:
        received_at = received_at.astimezone(UTC).replace(tzinfo=None)
    chosen = load_adapter(settings, adapter or NATIVE)
    progress = progress or no_progress
    with open_session(settings, chosen.name, chosen.is_scheduled, progress) as session:
        session.report.notes += suit_home(settings, chosen.home, is_fresh=session.ledger.sequence() == 0)
        found, session.report.left[:] = files.find_files(path, settings.settle_seconds)
        if chosen.name == NATIVE:
            _land_native(session, found, received_at, files_at_most)
        else:
            land_vendor(session, chosen, path, found, received_at)
        for entity in session.contracts.values():
            parts.compact(session.con, settings, session.ledger, entity)
    return session.report


def _land_native(
    session: Session, found: Sequence[FoundFile], received_at: datetime | None, at_most: int | None
) -> None:
    named: dict[FoundFile, files.NameFacts] = {}
    for file in found:
        facts = files.read_name(file.path.name, session.contracts)
        if isinstance(facts, str):
            session.report.left.append(LeftFile(file.path, facts))
        else:
            named[file] = facts
    digests = digest_files(session, list(named))
    news: list[tuple[Entity, Unit]] = []
    known = session.ledger.known_digests()
    for file, facts in named.items():
        identity = files.identity(digests[file], facts.entity, str(facts.business_date or ""))
        if identity in known:
            session.report.duplicates += 1
            continue
        known.add(identity)
        received = received_at or facts.received_ts or file.modified_ts
        unit = Unit(file, identity, digests[file], facts.business_date, received, received_at is not None)
        news.append((session.contracts[facts.entity], unit))
    if at_most is not None and len(news) > at_most:
        news.sort(key=lambda item: (item[1].file.mtime_ns, item[1].file.path))
        session.report.waiting += [unit.file.path for _, unit in news[at_most:]]
    by_entity: dict[str, list[Unit]] = {}
    for entity, unit in news[:at_most]:
        by_entity.setdefault(entity.entity, []).append(unit)
    land_units(session, by_entity)


def land_units(session: Session, by_entity: Mapping[str, Sequence[Unit]]) -> None:
    """Land native files, entity by entity, in as few batches as their shapes allow."""
    groups = [group for name, units in by_entity.items() for group in _groups(session.contracts[name], units)]
    done, total = 0, sum(len(units) for _, _, units in groups)
    for entity, kind, units in groups:
        session.progress(f"landing {entity.entity}", done, total)
        _land_group(session, entity, kind, units)
        done += len(units)
    if total:
        session.progress("landed", total, total)


def _groups(entity: Entity, units: Sequence[Unit]) -> Iterator[Group]:
    """Units that one query can read: the same format, and for Parquet the same columns and types."""
    shapes: dict[tuple[str, str], list[Unit]] = {}
    for unit in units:
        shapes.setdefault((unit.file.format, _shape(unit.file)), []).append(unit)
    for (kind, shape), members in shapes.items():
        chunk: list[Unit] = []
        size = 0
        for unit in members:
            if chunk and size + unit.file.size > _BATCH_BYTES:
                yield entity, kind if shape else "unreadable", chunk
                chunk, size = [], 0
            chunk.append(unit)
            size += unit.file.size
        yield entity, kind if shape else "unreadable", chunk


def _shape(file: FoundFile) -> str:
    """Tells Parquet files of different columns apart; empty when the file is not readable as Parquet."""
    if file.format != "parquet":
        return file.format
    schema = parquet_columns(file)
    return schema if isinstance(schema, str) else ""


def parquet_columns(file: FoundFile) -> str | UnreadableError:
    """The file's columns and types as text, or why it cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(file.path)
    except (pa.ArrowException, OSError) as error:
        return UnreadableError(f"not readable as Parquet: {str(error).splitlines()[0]}")
    return repr([(item.name, str(item.type)) for item in schema])


def _land_group(session: Session, entity: Entity, kind: str, units: list[Unit]) -> None:
    numbers = {unit.file: number for number, unit in enumerate(units)}
    source = Input(entity, numbers, session.code_map.get(entity.entity, {}))
    if kind == "unreadable":
        for unit in units:
            error = parquet_columns(unit.file)
            source.refused[unit.file] = error if isinstance(error, UnreadableError) else UnreadableError("changed")
        settle(session, read_batch(session, units, source, partial(open_input, session.con, file_format="parquet")))
        return
    damaged = None
    if kind == "parquet":
        check_parquet_columns(source)
        damaged = partial(open_damaged_parquet, session.con)
    opener = partial(open_input, session.con, file_format=kind)
    settle(session, read_batch(session, units, source, opener, damaged))


def check_parquet_columns(source: Input) -> None:
    """Refuse files that lack a required column."""
    import pyarrow.parquet as pq

    for file in source.numbers:
        try:
            source.check_columns(pq.read_schema(file.path).names)
        except UnreadableError as error:
            source.refused[file] = UnreadableError(error.reason, None, error.rule, error.column)
