"""The queue of a year: 100,000 open and a million closed exceptions; its first page, and a bulk action on 500 cases.

The exceptions are made here, written as a snapshot writes a table, and read back; a tenth of the open ones are being
worked. Not here: what stands on a page (``signalbox.cases.queue``).
"""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from tests.benchmarks.data import Size
from tests.benchmarks.figures import Figure

OPEN, CLOSED, WORKED, BULK, PAGE = 100_000, 1_000_000, 10_000, 500, 100
PAGE_MILLISECONDS, BULK_SECONDS = 300.0, 2.0
_NOW = datetime(2026, 3, 2, 9)
_TRIES = 5


def queue(folder: Path, size: Size) -> list[Figure]:
    """The first page as it is asked for each time, after somebody acted and before; the slowest of each."""
    from signalbox.cases import queue as domain
    from signalbox.cases import work
    from signalbox.cases.policy import SHIPPED, Policy
    from signalbox.cases.store import Store

    made = folder / "queue"
    made.mkdir(parents=True, exist_ok=True)
    (made / "cases.sqlite").unlink(missing_ok=True)
    con = _exceptions(made)
    store = Store(f"sqlite:///{made / 'cases.sqlite'}", b"key of the benchmark")
    store.migrate()
    policy = Policy([SHIPPED], _NOW.date())
    desk = work.Desk(store, policy, policy.people["order_operations"], _NOW, "snapshot")
    overlay = domain.Overlay(store)

    def page() -> list[dict[str, Any]]:
        return domain.page(con, overlay.table(), policy, desk.person, _NOW, limit=PAGE).to_pylist()

    mine = domain.page(con, overlay.table(), policy, desk.person, _NOW).to_pylist()
    for first in range(0, WORKED, BULK):
        work.acknowledge(desk, mine[first : first + BULK])
    pages, bulks = [], []
    for turn in range(_TRIES):
        pages.append(_timed(page))
        some = mine[WORKED + turn * BULK : WORKED + (turn + 1) * BULK]
        bulks.append(_timed(lambda some=some: work.acknowledge(desk, some)))
        pages.append(_timed(page))
    return [
        Figure(
            f"first page of {OPEN:,} open and {CLOSED:,} closed exceptions", 1000 * max(pages), "ms", PAGE_MILLISECONDS
        ),
        Figure(f"a bulk action on {BULK} cases", max(bulks), "s", BULK_SECONDS),
    ]


def _timed(body: Any) -> float:
    started = time.perf_counter()
    body()
    return time.perf_counter() - started


def _exceptions(folder: Path) -> duckdb.DuckDBPyConnection:
    """The fact as a Parquet file, with what stands beside it, in a DuckDB as pages open it."""
    con = duckdb.connect(config={"threads": 2})
    con.execute(
        f"""
        copy (
            select
                md5(i::varchar) as exception_id,
                'E' || (1 + i % 66)::varchar as code,
                'ORD_SOMETHING' as exception_name,
                ['fulfilment', 'inventory', 'finance', 'integration', 'returns'][1 + i % 5] as category_code,
                'S' || (1 + i % 3)::varchar as severity_code,
                case when i < {OPEN} then 'open' else 'closed' end as status_code,
                timestamp '{_NOW}' - to_minutes((i % 500000)::bigint) as opened_ts,
                opened_ts + interval 1 hour as detected_ts,
                opened_ts + interval 9 hour as due_ts,
                case when i >= {OPEN} then opened_ts + interval 20 hour end as closed_ts,
                case when i >= {OPEN} then 'ended' end as close_reason,
                0::bigint as reopened_count,
                'order ' || i::varchar as business_key,
                'opened ' || i::varchar as opening_key,
                i::varchar as order_id,
                i::varchar || '|1' as order_line_key,
                'sku ' || (i % 20000)::varchar as sku,
                'WEB' as channel,
                'S' || (i % 180)::varchar as location,
                'NORTH' as region,
                'shoes' as category,
                null::varchar as supplier,
                null::varchar as interface,
                ['order_operations', 'inventory', 'finance', 'integration', 'returns'][1 + i % 5] as owner_role,
                (hash(i) % 1000000 / 100)::decimal(18, 2) as value_at_risk_amount,
                null::decimal(18, 2) as realised_loss_amount,
                1::decimal(38, 6) as observed_value,
                0::decimal(38, 6) as threshold_value,
                1::bigint as customers_affected,
                'promise' as evidence_entity,
                md5((i % 5000)::varchar) as _file_digest,
                i as _line,
                'Look at the last scan of each parcel and tell the customer the new date.' as next_step
            from range({OPEN + CLOSED}) as t (i)
            order by status_code, code, detected_ts, exception_id
        ) to '{folder / "fct_exception.parquet"}' (format parquet, compression zstd)
        """
    )
    con.execute(f"create view fct_exception as from '{folder / 'fct_exception.parquet'}'")
    con.execute(
        "create table mart_open_exception as select exception_id, 'standard' as customer_tier"
        " from fct_exception where status_code = 'open'"
    )
    con.execute(
        """
        create table mart_incident_exception as
        select
            exception_id,
            first_value(exception_id) over (partition by sku, location order by exception_id) as incident_id,
            null::varchar as parent_id,
            'stock_message' as rule,
            'Stock messages of the place were late' as because,
            row_number() over (partition by sku, location order by exception_id) - 1 as depth
        from fct_exception
        where hash(exception_id) % 3 = 0
        """
    )
    return con
