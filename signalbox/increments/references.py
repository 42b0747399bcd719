"""What touches units besides their own rows: time that passes over a deadline, and reference data that changes.

Belongs here: where the deadlines of units stand, and which units a change of a reference table concerns. Not here:
tables of reference data (dbt), or what new rows name (``touched``). A change without a rule here makes its readers be
built whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from signalbox.increments.touched import touch
from signalbox.increments.units import ENTITIES, MODELS

if TYPE_CHECKING:
    import duckdb

_CUT = "cuts.location_id || '|' || cast(cuts.snapshot_ts as string)"
_MESSAGE = ENTITIES["integration_message"]["message"]
_SOLD_ORDER = "case when source_entity = 'sales_order_line' then split_part(sale_key, '|', 1) end"
_SOLD_SALE = "case when source_entity <> 'sales_order_line' then split_part(sale_key, '|', 1) end"
# Controls of units: how a row names its unit.
CONTROLS = {
    "ctl_finance__settlement_short": ("order", "order_id"),
    "ctl_finance__settlement_unmatched": ("order", "order_id"),
    "ctl_inventory__oversell": ("order", "order_id"),
    "ctl_order__backorder_overdue": ("order", "order_id"),
    "ctl_order__duplicate": ("order", "order_id"),
    "ctl_order__metadata_incomplete": ("order", "order_id"),
    "ctl_order__no_stock": ("order", "order_id"),
    "ctl_order__partial_allocation": ("order", "order_id"),
    "ctl_order__promise_missed": ("order", "order_id"),
    "ctl_order__unallocated": ("order", "order_id"),
    "ctl_pickup__not_ready": ("order", "order_id"),
    "ctl_return__refund_before_inspection": ("return", "split_part(business_key, '|', 1)"),
}
# (kind, expression, relation, instant from which the unit is told differently)
WAKES = [
    *((kind, text, f"controls.{name}", "judged_after_ts") for name, (kind, text) in CONTROLS.items()),
    ("order", "order_id", "core.fct_order_line", "first_promise_latest_ts"),
    ("order", "order_id", "core.fct_order_line", "current_promise_latest_ts"),
    ("order", "order_id", "core.fct_order", "order_ts"),
    ("order", "order_id", "core.fct_order", "expected_ship_ts"),
    ("order", "order_id", "core.fct_order_line", "actual_ts + interval 1 day"),
    ("order", "order_id", "core.fct_order_line", "collected_ts + interval 1 day"),
    ("order", "order_id", "core.fct_pickup_line", "hold_until_ts"),
    ("order", "order_id", "core.fct_promise", "issued_ts"),
    ("order", "order_id", "core.fct_order_line", "first_promise_latest_ts + interval 7 day"),
    ("order", "order_id", "intermediate.int_kpi__fulfilment_step", "pick_due_ts"),
    ("order", "order_id", "intermediate.int_kpi__fulfilment_step", "pack_due_ts"),
    ("order", _SOLD_ORDER, "intermediate.int_kpi__sold_unit", "sold_ts + interval 30 day"),
    ("sale", _SOLD_SALE, "intermediate.int_kpi__sold_unit", "sold_ts + interval 30 day"),
    ("reservation", "reservation_id", "core.fct_reservation", "expires_ts"),
    ("reservation", "reservation_id", "core.fct_reservation", "created_ts"),
    ("message", _MESSAGE, "core.fct_message", "breach_due_ts"),
    ("message", _MESSAGE, "core.fct_message", "event_ts"),
]
# Entity -> when what it tells happened.
EVENTS = {
    "sales_order": "order_ts",
    "order_event": "event_ts",
    "payment": "event_ts",
    "shipment": "shipped_ts",
    "shipment_cost": "cost_ts",
    "return_event": "event_ts",
    "refund": "refund_ts",
    "customer_document_line": "issued_ts",
    "settlement_line": "posted_ts",
    "pos_transaction": "transaction_ts",
    "discount_allocation": "event_ts",
    "inventory_movement": "event_ts",
}
# Deliveries that tell of the silence that controls of units judge.
_COVERING = (
    "sales_order",
    "sales_order_line",
    "order_event",
    "allocation_attempt",
    "promise",
    "return_event",
    "settlement",
    "settlement_line",
    "shipment_event",
    "pickup_task",
    "refund",
)
LINEAGE = ("_file_digest", "_line", "received_ts")
_CALENDAR_AHEAD = timedelta(days=300)


@dataclass(frozen=True)
class Span:
    """The instants of the build before and of this one, UTC without zone."""

    before: datetime
    now: datetime


def wake(con: duckdb.DuckDBPyConnection, span: Span) -> None:
    """Touch units with a deadline after the build before and not after this one, those of which something was told
    before its time, by a clock that is ahead, and those with an open exception."""
    told = [(*next(iter(ENTITIES[entity].items())), f"raw.{entity}", instant) for entity, instant in EVENTS.items()]
    for kind, expression, relation, instant in [*WAKES, *told]:
        touch(
            con,
            kind,
            f"select {expression} from {relation}"
            f" where {instant} > {_literal(span.before)} and {instant} <= {_literal(span.now)}",
        )
    for name, (kind, expression) in CONTROLS.items():
        touch(con, kind, f"select {expression} from controls.{name} where status_code = 'fail' and closed_ts is null")


def touch_unmatched(con: duckdb.DuckDBPyConnection) -> None:
    """Touch what names no unit that is known: those rows are computed each time (``units.Unit.loose``)."""
    touch(
        con,
        "external",
        "select external_order_key from core.fct_settlement_line"
        " where external_order_key is not null and order_id is null",
    )


def whole_stock_days(con: duckdb.DuckDBPyConnection) -> None:
    """Touch every cut of a day of which one is touched: only the last one of a day counts. Call it after all rules."""
    instant = "cast(regexp_extract(id, '[^|]*$') as timestamp)"
    zone = "(select reporting_time_zone from raw.build_context)"
    day = f"cast(timezone({zone}, timezone('UTC', {instant})) as date)"
    touch(
        con,
        "cut",
        f"select {_CUT} from intermediate.int_stock__system_cut as cuts semi join"
        f" (select regexp_extract(id, '^(.*)[|]', 1) as location_id, {day} as cut_date"
        " from increment.frontier_cut) as days"
        " on cuts.location_id = days.location_id and cuts.cut_date = days.cut_date",
    )


def raw_rules(con: duckdb.DuckDBPyConnection, fresh: dict[str, Iterable[str]]) -> set[str]:
    """Touch what new rows of entities without units concern; the entities of which nothing else can differ."""
    handled = set()
    for entity, rule in _RAW_RULES.items():
        if entity in fresh:
            listed = ", ".join(f"'{digest}'" for digest in sorted(fresh[entity]))
            rule(con, f"_file_digest in ({listed})")
            handled.add(entity)
    return handled


def apply_rules(con: duckdb.DuckDBPyConnection, span: Span, read_by_units: Iterable[str]) -> list[str]:
    """Touch what changed reference tables concern and mark those as harmless; the names of those without a rule."""
    unruled = []
    changed = con.execute(
        "select node_name, schema_name from increment.change where change_code = 'whole' and not is_harmless"
    ).fetchall()
    wanted = set(read_by_units)
    for name, schema in changed:
        if name not in wanted:
            continue
        rule = _RULES.get(name)
        if rule is None or not rule(con, span, f"{schema}.{name}", f"{schema}.{name}__old"):
            unruled.append(name)
            continue
        con.execute("update increment.change set is_harmless = true where node_name = ?", [name])
    return unruled


def _publications(con: duckdb.DuckDBPyConnection, new: str) -> None:
    """Order lines that were placed after a published quantity that is only known now."""
    touch(
        con,
        "order",
        "select lines.order_id from core.fct_order_line as lines inner join ("
        f"select sku, channel_id, min(live_ts) as live_ts from raw.ats_publication where {new} group by all"
        ") as published on lines.sku = published.sku and lines.channel_id = published.channel_id"
        " and lines.order_ts >= published.live_ts",
    )


def _statements(con: duckdb.DuckDBPyConnection, new: str) -> None:
    """The orders on a statement whose header is new."""
    touch(
        con,
        "external",
        "select external_order_key from raw.settlement_line where external_order_key is not null and settlement_id in"
        f" (select settlement_id from raw.settlement where {new})",
    )


def _in_flight(con: duckdb.DuckDBPyConnection, new: str) -> None:
    """Cuts at which a stock message was on its way, by what is known now or was known before."""
    versions = f"select {_MESSAGE} from raw.integration_message where {new} and object_type = 'stock'"
    told = "location_id, sent_ts, coalesce(applied_ts, timestamp '9999-12-31') as applied_ts"
    touch(
        con,
        "cut",
        f"select {_CUT} from intermediate.int_stock__system_cut as cuts"
        f" inner join (select {told} from raw.integration_message where {_MESSAGE} in ({versions})"
        f" union select {told} from core.fct_message where {_MESSAGE} in ({versions})) as messages"
        " on cuts.location_id = messages.location_id"
        " and cuts.snapshot_ts >= messages.sent_ts and cuts.snapshot_ts < messages.applied_ts",
    )


def _differing(con: duckdb.DuckDBPyConnection, new: str, old: str) -> str:
    """A temporary table of the rows that differ in more than where they came from."""
    names = [row[0] for row in con.execute(f"describe {new}").fetchall() if row[0] not in LINEAGE]
    listed = ", ".join(f'"{name}"' for name in names)
    con.execute(
        "create or replace temp table _differing as"
        f" (select {listed} from {new} except all select {listed} from {old})"
        f" union all (select {listed} from {old} except all select {listed} from {new})"
    )
    return "_differing"


def _by_sku(con: duckdb.DuckDBPyConnection, span: Span, new: str, old: str) -> bool:
    skus = f"select sku from {_differing(con, new, old)}"
    touch(con, "order", f"select order_id from core.fct_order_line where sku in ({skus})")
    touch(con, "sale", f"select transaction_id from core.fct_store_sale_line where sku in ({skus})")
    touch(con, "return", f"select return_id from core.fct_return_line where sku in ({skus})")
    touch(con, "document", f"select document_id from core.fct_order_document_line where sku in ({skus})")
    touch(con, "message", f"select {_MESSAGE} from core.fct_message where sku in ({skus})")
    touch(con, "movement", f"select movement_id from core.fct_stock_movement where sku in ({skus})")
    touch(
        con, "cut", f"select {ENTITIES['inventory_snapshot']['cut']} from core.fct_stock_snapshot where sku in ({skus})"
    )
    return True


def _by_range(con: duckdb.DuckDBPyConnection, span: Span, new: str, old: str) -> bool:
    """Cuts of a location on days on which an item is ranged that was not, or the other way round."""
    touch(
        con,
        "cut",
        f"select {_CUT} from intermediate.int_stock__system_cut as cuts"
        f" inner join {_differing(con, new, old)} as changed on cuts.location_id = changed.location_id"
        " and cuts.cut_date between changed.valid_from and changed.valid_to",
    )
    return True


def _by_promotion(con: duckdb.DuckDBPyConnection, span: Span, new: str, old: str) -> bool:
    promotions = f"select promotion_id from {_differing(con, new, old)}"
    touch(con, "order", f"select order_id from raw.sales_order_line where promotion_id in ({promotions})")
    touch(con, "sale", f"select transaction_id from raw.pos_transaction_line where promotion_id in ({promotions})")
    return True


def _by_rate_day(con: duckdb.DuckDBPyConnection, span: Span, new: str, old: str) -> bool:
    """Units with anything on or after the first day whose rate differs."""
    row = con.execute(f"select min(rate_date) from {_differing(con, new, old)}").fetchone()
    if row is None or row[0] is None or datetime(row[0].year, row[0].month, row[0].day) > span.now + _CALENDAR_AHEAD:
        return True
    since = f"cast('{row[0] - timedelta(days=1)}' as timestamp)"
    for entity, instant in EVENTS.items():
        kind, expression = next(iter(ENTITIES[entity].items()))
        touch(con, kind, f"select {expression} from raw.{entity} where {instant} >= {since}")
    return True


def _far_ahead(day: str) -> Callable[[duckdb.DuckDBPyConnection, Span, str, str], bool]:
    """A calendar that only grew: nothing has such a day yet."""

    def rule(con: duckdb.DuckDBPyConnection, span: Span, new: str, old: str) -> bool:
        row = con.execute(
            f"select count(*) from {_differing(con, new, old)} where {day} < {_literal(span.now + _CALENDAR_AHEAD)}"
        ).fetchone()
        return row is not None and row[0] == 0

    return rule


def _by_coverage(con: duckdb.DuckDBPyConnection, span: Span, new: str, old: str) -> bool:
    """Controls whose deadline lies in a stretch of which more, or less, is known now."""
    listed = ", ".join(f"'{name}'" for name in _COVERING)
    con.execute(
        "create or replace temp table _stretches as select distinct covered_from_ts, covered_until_ts"
        f" from {_differing(con, new, old)} where entity in ({listed}) and covered_from_ts <= {_literal(span.now)}"
    )
    first = con.execute("select min(covered_from_ts) from _stretches").fetchone()
    if first is None or first[0] is None:
        return True
    for kind, expression, relation, instant in WAKES:
        if kind == "message" or "interval" in instant:
            continue
        touch(
            con,
            kind,
            f"select {expression} from (select * from {relation} where {instant} >= {_literal(first[0])}"
            f" and {instant} <= {_literal(span.now)}) as waiting where exists (select 1 from _stretches"
            f" where waiting.{instant} >= _stretches.covered_from_ts"
            f" and waiting.{instant} <= _stretches.covered_until_ts)",
        )
    return True


def _by_statement(con: duckdb.DuckDBPyConnection, span: Span, new: str, old: str) -> bool:
    """What is on a statement that differs, and what was handed over in its period and is on none yet."""
    differing = _differing(con, new, old)
    touch(
        con,
        "order",
        f"select expected.order_id from core.fct_settlement_expectation as expected inner join {differing} as changed"
        " on expected.channel_id = changed.channel_id and (expected.settlement_id = changed.settlement_id"
        " or expected.shipped_ts >= changed.period_start_date - 4"
        " and expected.shipped_ts <= changed.period_end_date + 4)",
    )
    touch(
        con,
        "external",
        f"select lines.external_order_key from raw.settlement_line as lines inner join {differing} as changed"
        " on lines.settlement_id = changed.settlement_id where lines.external_order_key is not null",
    )
    return True


def _by_case(con: duckdb.DuckDBPyConnection, span: Span, new: str, old: str) -> bool:
    """Orders and returns of exceptions on which people acted since."""
    acted = f"select case_id from {_differing(con, new, old)}"
    for kind, expression in MODELS["fct_exception"].kinds.items():
        touch(con, kind, f"select {expression} from marts.fct_exception where exception_id in ({acted})")
    return True


def _always_computed(con: duckdb.DuckDBPyConnection, span: Span, new: str, old: str) -> bool:
    """What reads it computes all its rows each time."""
    return True


def _literal(moment: datetime) -> str:
    return f"cast('{moment.isoformat(sep=' ')}' as timestamp)"


_RAW_RULES = {"ats_publication": _publications, "settlement": _statements, "integration_message": _in_flight}
_RULES: dict[str, Callable[[duckdb.DuckDBPyConnection, Span, str, str], bool]] = {
    "dim_product": _by_sku,
    "dim_item_cost": _by_sku,
    "fct_case": _by_case,
    "dim_promotion": _by_promotion,
    "int_finance__daily_rate": _by_rate_day,
    "dim_date": _far_ahead("date_day"),
    "dim_location_day": _far_ahead("date_day"),
    "int_control__business_day": _far_ahead("date_day"),
    "int_control__feed_coverage": _by_coverage,
    "fct_settlement": _by_statement,
    "fct_bank_deposit": _always_computed,
    "int_stock__range_interval": _by_range,
}
