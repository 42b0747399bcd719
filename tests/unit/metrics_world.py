"""A small snapshot made by hand for the tests of the door: the real catalogue, and facts summed from metric rows.

The facts are summed here in plain Python, by a program that shares nothing with the dbt macros or the door.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import duckdb

from signalbox.metrics.dimensions import DIMENSIONS
from signalbox.metrics.models import CATALOG

TARGETS = CATALOG.with_name("kpi_target.csv")
AS_OF = date(2026, 3, 31)
ROW_COLUMNS = (
    "kpi_id varchar, item_key varchar, period_date date, "
    + ", ".join(f"{dim} varchar" for dim in DIMENSIONS)
    + ", numerator decimal(38, 6), denominator decimal(38, 6), is_excluded boolean, exclusion_reason varchar, "
    "source_entity varchar, _file_digest varchar, _line bigint"
)


@dataclass
class Row:
    """One metric row; ``dims`` names only what the measure declares."""

    kpi_id: str
    day: date
    numerator: Decimal | float | int
    denominator: Decimal | float | int = 1
    exclusion: str | None = None
    dims: dict[str, str] = field(default_factory=dict)
    key: str = "item"


def catalog_rows() -> dict[str, dict[str, str]]:
    with CATALOG.open(encoding="utf-8", newline="") as handle:
        return {row["kpi_id"]: row for row in csv.DictReader(handle)}


def world(rows: list[Row]) -> duckdb.DuckDBPyConnection:
    """A connection that sees dim_kpi, dim_kpi_target, the metric rows, and fct_kpi with the catalogue's groupings."""
    con = duckdb.connect()
    con.execute(
        "create table dim_kpi as select * exclude (has_histogram, final_after_days), "
        "cast(has_histogram as boolean) as has_histogram, cast(final_after_days as integer) as final_after_days, "
        f"date '{AS_OF}' as as_of_date from read_csv('{CATALOG}', all_varchar = true)"
    )
    con.execute(
        "create table dim_kpi_target as select kpi_id, scope_type, scope_value, "
        "cast(target_value as decimal(18, 6)) as target_value, cast(warn_value as decimal(18, 6)) as warn_value, "
        "cast(valid_from as date) as valid_from, cast(valid_to as date) as valid_to "
        f"from read_csv('{TARGETS}', all_varchar = true)"
    )
    catalog = catalog_rows()
    for model in sorted({row["model_name"] for row in catalog.values() if row["model_name"]}):
        con.execute(f"create table {model} ({ROW_COLUMNS})")
    for number, row in enumerate(rows, start=1):
        _insert_row(con, catalog[row.kpi_id]["model_name"], row, number)
    _insert_facts(con, catalog, rows)
    return con


def _insert_row(con: duckdb.DuckDBPyConnection, model: str, row: Row, number: int) -> None:
    counts = row.exclusion is None
    con.execute(
        f"insert into {model} values ({', '.join('?' for _ in range(10 + len(DIMENSIONS)))})",
        [
            row.kpi_id,
            f"{row.key}-{number}",
            row.day,
            *(row.dims.get(dim) for dim in DIMENSIONS),
            row.numerator if counts else 0,
            row.denominator if counts else 0,
            not counts,
            row.exclusion,
            "entity",
            "digest",
            number,
        ],
    )


def _insert_facts(con: duckdb.DuckDBPyConnection, catalog: dict[str, dict[str, str]], rows: list[Row]) -> None:
    con.execute(
        "create table fct_kpi (kpi_id varchar, period_date date, grouping_name varchar, "
        + ", ".join(f"{dim} varchar" for dim in DIMENSIONS)
        + ", numerator decimal(38, 6), denominator decimal(38, 6), evaluable_count bigint, excluded_count bigint, "
        "no_data_count bigint)"
    )
    sums: dict[tuple, list] = defaultdict(lambda: [Decimal(0), Decimal(0), 0, 0, 0])
    for row in rows:
        starred = [dim for dim in catalog[row.kpi_id]["starred_dimensions"].split("|") if dim]
        for grouping in catalog[row.kpi_id]["groupings"].split("|"):
            held = grouping.split("+")
            key = (row.kpi_id, row.day, grouping, *(row.dims.get(dim) if dim in held else None for dim in DIMENSIONS))
            total = sums[key]
            if row.exclusion is None:
                total[0] += Decimal(str(row.numerator))
                total[1] += Decimal(str(row.denominator))
                total[2] += all(row.dims.get(dim) == "NONE" for dim in starred)
            total[3] += (row.exclusion or "").startswith("out:")
            total[4] += (row.exclusion or "").startswith("no_data:")
    for key, total in sums.items():
        con.execute(
            f"insert into fct_kpi values ({', '.join('?' for _ in range(8 + len(DIMENSIONS)))})", [*key, *total]
        )
