"""Lands a vendor's folder through an adapter's SQL.

Belongs here: which files make which relations, the identity of what comes out, the SQL's result as delivered rows. The
checks and writing are the native ones (``batch``, ``settle``). Not here: the adapter's form (``adapters``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from signalbox.contracts import Entity
from signalbox.contracts.schema import quoted
from signalbox.errors import UsageError
from signalbox.landing import files
from signalbox.landing.adapters import Adapter, VendorFeed
from signalbox.landing.batch import Session, Unit, read_batch
from signalbox.landing.checks import Delivered
from signalbox.landing.files import FoundFile
from signalbox.landing.inputs import Input, typed_relation
from signalbox.landing.relations import Relation, read_relation
from signalbox.landing.report import LeftFile
from signalbox.landing.session import digest_files
from signalbox.landing.settle import settle
from signalbox.landing.text import UnreadableError


@dataclass
class _Folder:
    """The files of each relation, their digests, and the relations read so far."""

    adapter: Adapter
    members: dict[str, list[FoundFile]]
    digests: dict[FoundFile, str]
    relations: dict[str, Relation]


def land_vendor(
    session: Session, adapter: Adapter, root: Path, found: Sequence[FoundFile], received_at: datetime | None
) -> None:
    """Land every feed of the adapter from the files under ``root``."""
    for feed in adapter.feeds:
        if feed.entity not in session.contracts:
            raise UsageError(
                f"{feed.sql_path.parent / 'adapter.yaml'}: feeds.{feed.entity}: no contract has this entity"
            )
    members = _members(session, adapter, root if root.is_dir() else root.parent, found)
    digests = _digests(session, members)
    folder = _Folder(adapter, members, digests, {})
    for done, feed in enumerate(adapter.feeds):
        session.progress(f"landing {feed.entity}", done, len(adapter.feeds))
        _land_feed(session, folder, feed, received_at)
    session.progress("landed", len(adapter.feeds), len(adapter.feeds))


def _members(session: Session, adapter: Adapter, root: Path, found: Sequence[FoundFile]) -> dict[str, list[FoundFile]]:
    by_path = {file.path: file for file in found}
    members: dict[str, list[FoundFile]] = {}
    for relation, patterns in adapter.patterns.items():
        paths = {path for pattern in patterns for path in root.glob(pattern)}
        members[relation] = [by_path[path] for path in sorted(paths) if path in by_path]
    matched = {file for group in members.values() for file in group}
    for file in found:
        if file not in matched:
            session.report.left.append(LeftFile(file.path, f"unmatched: no pattern of adapter {adapter.name} names it"))
    return members


def _digests(session: Session, members: Mapping[str, list[FoundFile]]) -> dict[FoundFile, str]:
    return digest_files(session, list(dict.fromkeys(file for group in members.values() for file in group)))


def _land_feed(session: Session, folder: _Folder, feed: VendorFeed, received_at: datetime | None) -> None:
    driving = folder.members[feed.driving]
    lacking = [name for name in feed.relations if not folder.members[name]]
    if lacking:
        session.report.left += [
            LeftFile(file.path, f"{feed.entity} needs {', '.join(lacking)}, and no file here is that")
            for file in driving
        ]
        return
    joined = [folder.digests[f] for name in feed.relations if name != feed.driving for f in folder.members[name]]
    known = session.ledger.known_digests()
    units = []
    for file in driving:
        content = folder.digests[file]
        identity = files.identity(content, feed.entity, folder.adapter.text, feed.sql, *joined)
        if identity in known:
            session.report.duplicates += 1
            continue
        known.add(identity)
        received = received_at or files.delivery_time(file.path.name) or folder.adapter.received_at or file.modified_ts
        older = session.ledger.older_units(folder.adapter.name, feed.entity, content, identity)
        units.append(Unit(file, identity, content, None, received, received_at is not None, tuple(older)))
    if units:
        _land_units(session, folder, feed, units)


def _land_units(session: Session, folder: _Folder, feed: VendorFeed, units: Sequence[Unit]) -> None:
    entity = session.contracts[feed.entity]
    for name in feed.relations:
        if name not in folder.relations:
            folder.relations[name] = read_relation(session.con, name, folder.members[name])
    driving = folder.relations[feed.driving]
    numbers = {unit.file: driving.numbers[unit.file] for unit in units}
    source = Input(entity, numbers, session.code_map.get(entity.entity, {}))
    for unit in units:
        if unit.file in driving.refused:
            source.refused[unit.file] = driving.refused[unit.file]

    def opener(source: Input) -> Delivered:
        return _open_result(session, folder, feed, entity, units, source)

    settle(session, read_batch(session, units, source, opener))


def _open_result(
    session: Session, folder: _Folder, feed: VendorFeed, entity: Entity, units: Sequence[Unit], source: Input
) -> Delivered:
    """Run the SQL; its rows, and the driving file's lines that could not be cut into cells, are what was delivered."""
    con = session.con
    driving = folder.relations[feed.driving]
    view = quoted(f"driving_{feed.driving}")
    names = {name: folder.relations[name].table for name in feed.relations} | {feed.driving: view}
    columns = ", ".join(f"r.{quoted(name)}" for name in driving.columns)
    con.execute(
        f"create or replace temp view {view} as select {columns}, f.file_digest as _file_digest, r._line, r._file_name"
        f" from {driving.table} as r inner join _files as f on r._file_no = f.file_no"
    )
    try:
        con.execute(f"create or replace temp table _vendor_rows as {feed.rendered(names).rstrip().rstrip(';')}")
    except duckdb.Error as error:
        raise UsageError(f"{feed.sql_path}: {' '.join(str(error).split())[:500]}") from error
    types = {row[0]: str(row[1]) for row in con.execute("describe _vendor_rows").fetchall()}
    _check_result(session, feed, types)
    for unit in units:
        if unit.file not in source.refused:
            _check_columns(source, unit.file, types)
    relation = (
        "select f.file_no as _file_no, v.* from _vendor_rows as v"
        " inner join _files as f on v._file_digest = f.file_digest"
    )
    sql, own = typed_relation(source, relation, types)
    nulls = ", ".join(f"cast(null as {kind})" for kind in own.values())
    bad = (
        f"select b._file_no, b._line, b._rule, b._column, {_bad_value(entity)}, cast(null as json), {nulls}"
        f" from {driving.bad_table} as b inner join _files as f on b._file_no = f.file_no"
    )
    return Delivered(f"{sql} union all {bad}", own, source.code_map)


def _bad_value(entity: Entity) -> str:
    return "cast(null as varchar)" if entity.has_personal else "b._value"


def _check_columns(source: Input, file: FoundFile, types: Mapping[str, str]) -> None:
    try:
        source.check_columns([name for name in types if name not in ("_file_digest", "_line")])
    except UnreadableError as error:
        source.refused[file] = UnreadableError(
            f"the adapter's SQL selects no {error.column}", None, error.rule, error.column
        )


def _check_result(session: Session, feed: VendorFeed, types: Mapping[str, str]) -> None:
    for name in ("_file_digest", "_line"):
        if name not in types:
            raise UsageError(f"{feed.sql_path}: the select must pass {name} through from {{{{ {feed.driving} }}}}")
    lost = session.con.execute(
        "select count(*) from _vendor_rows where _line is null or _file_digest is null"
        " or _file_digest not in (select file_digest from _files)"
    ).fetchone()
    if lost and lost[0]:
        raise UsageError(f"{feed.sql_path}: {lost[0]} rows have no _file_digest and _line of {{{{ {feed.driving} }}}}")
