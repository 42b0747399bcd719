"""Small deliveries for the landing tests: purchase-order lines, and sales orders (personal data), in every format.

Not here: assertions.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from signalbox.contracts import load_contracts
from signalbox.landing.raw import attach
from signalbox.settings import Settings

FORMATS = ("csv", "csv.gz", "jsonl", "parquet")
Row = dict[str, Any]


def settings_at(home: Path) -> Settings:
    return Settings(home=home, settle_seconds=0, environment="test")


def po_lines(count: int, start: int = 0) -> list[Row]:
    """Purchase-order lines ``start`` … ``start + count - 1``; values are texts as a CSV has them."""
    return [
        {
            "po_id": f"PO{number // 3}",
            "line_no": str(number % 3 + 1),
            "sku": f"SKU{number % 7}",
            "ordered_qty": str(number + 1),
            "unit_cost_amount": f"{number}.{number % 10}5",
            "quoted_lead_time_days": "" if number % 2 else "14",
            "requested_date": f"2026-02-{number % 28 + 1:02d}",
            "new_date": "",
            "closed_ts": "",
            "status_code": "open" if number % 2 else "closed",
            "version_no": "1",
            "updated_ts": f"2026-01-{number % 28 + 1:02d}T10:{number % 60:02d}:00Z",
        }
        for number in range(start, start + count)
    ]


def sales_orders(count: int, start: int = 0) -> list[Row]:
    return [
        {
            "order_id": f"O{number}",
            "external_order_key": f"X{number}",
            "channel_id": "web",
            "order_type": "delivery",
            "order_ts": f"2026-01-{number % 28 + 1:02d} 09:00:00",
            "customer_id": f"ann.{number % 5}@example.org",
            "ship_to_postcode": f"1{number % 5}115",
            "currency_code": "EUR",
            "prices_include_tax": "true",
            "is_test": "0",
            "version_no": "1",
            "updated_ts": f"2026-01-{number % 28 + 1:02d} 09:00:00",
        }
        for number in range(start, start + count)
    ]


def native_name(entity: str, extension: str, day: int = 1) -> str:
    return f"{entity}_2026-03-{day:02d}_202603{day + 1:02d}T0130Z.{extension}"


def write(folder: Path, name: str, rows: Sequence[Row]) -> Path:
    """Write rows in the format that the name ends in."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    if name.endswith((".csv", ".csv.gz")):
        put_text(path, csv_bytes(rows))
    elif name.endswith((".jsonl", ".jsonl.gz")):
        put_text(path, b"".join(json_line(row) for row in rows))
    else:
        names = list(dict.fromkeys(key for row in rows for key in row))
        pq.write_table(pa.table({key: [row.get(key) or None for row in rows] for key in names}), path)
    return path


def csv_bytes(rows: Sequence[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def json_line(row: Row) -> bytes:
    return json.dumps({key: value for key, value in row.items() if value != ""}).encode() + b"\n"


def put_text(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data, mtime=0) if path.name.endswith(".gz") else data)
    return path


def attached(settings: Settings, **options: Any) -> duckdb.DuckDBPyConnection:
    """A warehouse in memory with schema raw."""
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    attach(con, settings, "test-build", **options)
    return con


def raw_rows(settings: Settings, entity: str) -> list[tuple[Any, ...]]:
    """Every raw row of an entity, in a fixed order."""
    columns = ", ".join(f'"{column.name}"' for column in load_contracts()[entity].columns)
    select = (
        f"select {columns}, received_ts, _file_digest, _line, _extra from raw.{entity} order by _file_digest, _line"
    )
    return attached(settings).execute(select).fetchall()


def rejected(settings: Settings) -> list[tuple[Any, ...]]:
    """(file_name, line, column, rule, value) of what was refused."""
    return (
        attached(settings)
        .execute(
            "select f.file_name, r.line, r.column_name, r.rule_code, r.value from raw.rejected_row as r"
            " inner join raw.landing_file as f using (file_digest) order by all"
        )
        .fetchall()
    )


def conserved(settings: Settings) -> bool:
    """Rows read = accepted + quarantined, and accepted = rows in raw, file by file."""
    con = attached(settings)
    entities = [row[0] for row in con.execute("select entity from raw.feed_contract").fetchall()]
    union = " union all ".join(f"select _file_digest from raw.{entity}" for entity in entities)
    counted = f"select _file_digest, count(*) as n from ({union}) group by 1"
    wrong = con.execute(
        f"select count(*) from raw.landing_file as f left join ({counted}) as r on f.file_digest = r._file_digest"
        " where f.rows_read <> f.rows_accepted + f.rows_quarantined"
        " or f.rows_accepted <> coalesce(r.n, 0)"
    ).fetchone()
    return wrong == (0,)
