"""What landing gives the warehouse: schema ``raw`` at one fixed point of the ledger.

Belongs here: the relations of schema ``raw`` (shapes: ``contracts.ledger_tables``), which days changed. Not here: dbt,
or writing parts. The views name their parts one by one; what lands later is in the next fixed point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from signalbox.contracts import Entity, load_contracts
from signalbox.contracts.ledger_tables import LEDGER_TABLES, ledger_columns
from signalbox.contracts.schema import empty_select, literal, quoted, raw_columns
from signalbox.errors import UsageError
from signalbox.landing import parts
from signalbox.landing.ledger import Ledger, Part, as_text
from signalbox.landing.rows import insert_rows, make_table
from signalbox.settings import Settings

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class FixedPoint:
    """The state of the ledger that a build reads. ``sequence``: the last batch; ``rows``: accepted rows by entity.

    ``received_until``: only rows received up to then are seen; None: all.
    """

    build_id: str
    as_of: datetime
    sequence: int
    received_until: datetime | None
    files: int
    rows: dict[str, int]


def attach(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    build_id: str,
    as_of: datetime | None = None,
    received_until: datetime | None = None,
) -> FixedPoint:
    """(Re)create schema ``raw`` in the database of ``con``: a view an entity, and the ledger's tables.

    ``as_of`` (UTC without zone): default is the greatest received_ts, capped by ``received_until``. Raises UsageError
    when nothing was landed and no ``as_of`` is given.
    """
    contracts = load_contracts(settings.contracts_dir)
    with Ledger(settings, create=False) as ledger:
        clock = ledger.greatest_received_ts()
        moment = as_of or (min(clock, received_until) if clock and received_until else clock)
        if moment is None:
            raise UsageError(f"{settings.home}: nothing was landed yet; run `signalbox land PATH` first")
        con.execute("create schema if not exists raw")
        live = ledger.parts("raw")
        for entity in contracts.values():
            own = [part for part in live if part.entity == entity.entity]
            select = _entity_select(settings, entity, own, received_until)
            con.execute(f"create or replace view raw.{quoted(entity.entity)} as {select}")
        _write_tables(con, settings, ledger, contracts, received_until)
        context = (build_id, moment, settings.reporting_time_zone, settings.reporting_currency, settings.cut_over_ts)
        insert_rows(con, "raw.build_context", [context])
        files = con.execute("select count(*) from raw.landing_file").fetchone()
        rows: dict[str, int] = {}
        for part in live:
            rows[part.entity] = rows.get(part.entity, 0) + part.rows
        return FixedPoint(build_id, moment, ledger.sequence(), received_until, int(files[0]) if files else 0, rows)


def touched_days(settings: Settings, after_sequence: int) -> dict[str, set[date]]:
    """Entity -> event dates (UTC) of the rows that batches after ``after_sequence`` brought or took away."""
    with Ledger(settings, create=False) as ledger:
        found = ledger.con.execute(
            "select entity, event_date from file_day where sequence > ?"
            " union select entity, event_date from day_removed where sequence > ?",
            [after_sequence, after_sequence],
        )
        days: dict[str, set[date]] = {}
        for entity, day in found:
            days.setdefault(entity, set()).add(date.fromisoformat(day))
        return days


def _entity_select(settings: Settings, entity: Entity, own: Sequence[Part], until: datetime | None) -> str:
    if not own:
        return empty_select(entity)
    select = parts.union_select(settings, raw_columns(entity), own)
    if until is None:
        return select
    return f"select * from ({select}) where received_ts <= {_moment(until)}"


def _moment(moment: datetime) -> str:
    return f"timestamp {literal(str(as_text(moment)))}"


def _write_tables(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    ledger: Ledger,
    contracts: Mapping[str, Entity],
    until: datetime | None,
) -> None:
    for table in LEDGER_TABLES:
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in ledger_columns(table).items())
        con.execute(f"create or replace table raw.{table} ({columns})")
    insert_rows(con, "raw.feed_contract", [_contract_row(entity) for entity in contracts.values()])
    nets = {pair for entity in contracts.values() for pair in entity.nets_reservations.items()}
    insert_rows(con, "raw.stock_view_policy", sorted(nets))
    insert_rows(con, "raw.landing_file", _landing_files(ledger, until))
    _fill_rejected(con, settings, ledger, until)
    _fill_unknown_codes(con, ledger, contracts, until)


def _contract_row(entity: Entity) -> tuple[object, ...]:
    return (
        entity.feed_id,
        entity.entity,
        entity.system,
        entity.process,
        entity.owner,
        entity.steward,
        entity.frequency_days,
        entity.due_time,
        entity.grace_minutes,
        entity.description,
    )


def _landing_files(ledger: Ledger, until: datetime | None) -> list[tuple[object, ...]]:
    return ledger.con.execute(
        "select file_digest, feed_id, entity, system_code, adapter_name, file_name, business_date, received_ts,"
        " rows_read, rows_accepted, rows_quarantined, status_code, is_scheduled from file"
        " where ? is null or received_ts <= ? order by file_digest",
        [as_text(until)] * 2,
    ).fetchall()


def _fill_rejected(con: duckdb.DuckDBPyConnection, settings: Settings, ledger: Ledger, until: datetime | None) -> None:
    refused = ledger.parts("quarantine")
    if not refused:
        return
    make_table(
        con,
        "_replayed",
        "file_digest varchar, line bigint, replayed_ts timestamp",
        ledger.con.execute("select * from replayed").fetchall(),
    )
    stored = parts.relation(settings, [part.path for part in refused])
    limit = f"where q.received_ts <= {_moment(until)}" if until else ""
    con.execute(
        "insert into raw.rejected_row select q.file_digest, f.feed_id, f.entity, q.line, q.column_name, q.rule_code,"
        f" q.value, q.received_ts, r.replayed_ts from {stored} as q"
        " inner join raw.landing_file as f on q.file_digest = f.file_digest"
        f" left join _replayed as r on q.file_digest = r.file_digest and q.line = r.line {limit}"
        " order by q.file_digest, q.line, q.column_name, q.rule_code"
    )


def _fill_unknown_codes(
    con: duckdb.DuckDBPyConnection, ledger: Ledger, contracts: Mapping[str, Entity], until: datetime | None
) -> None:
    """Codes of open lists from the ledger, of closed ones from refused rows; the first by receipt, file, line."""
    codes = ledger.con.execute(
        "select entity, column_name, code, rows, first_received_ts, file_digest, line from open_code"
        " where ? is null or first_received_ts <= ?",
        [as_text(until)] * 2,
    ).fetchall()
    shape = (
        "entity varchar, column_name varchar, code varchar, rows bigint,"
        " received_ts timestamp, file_digest varchar, line bigint"
    )
    make_table(con, "_codes", shape, [row for row in codes if row[0] in contracts])
    con.execute(
        "insert into _codes select entity, column_name, value, 1, received_ts, file_digest, line"
        " from raw.rejected_row where rule_code = 'unknown_code' and replayed_ts is null"
    )
    first = "(c.received_ts, c.file_digest, c.line)"
    con.execute(
        "insert into raw.unknown_code select c.entity, max(f.feed_id), c.column_name, c.code,"
        " cast(sum(c.rows) as bigint), min(c.received_ts),"
        f" arg_min(c.file_digest, {first}), arg_min(c.line, {first}) from _codes as c"
        " inner join raw.feed_contract as f on c.entity = f.entity"
        " group by c.entity, c.column_name, c.code order by all"
    )
