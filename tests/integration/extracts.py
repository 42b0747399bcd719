"""Reads simulated extracts back, as any reader of the files would, and checks them against the contracts.

Belongs here: helpers of the simulator's integration tests. Not here: the landing code, which they must not depend on.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

CONTRACTS = Path(__file__).resolve().parents[2] / "data" / "contracts"


@cache
def contracts() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """entity -> (contract, table) of every contract."""
    found = {}
    for path in sorted(CONTRACTS.glob("*.yaml")):
        contract = yaml.safe_load(path.read_text(encoding="utf-8"))
        for table in contract["schema"]:
            found[table["name"]] = (contract, table)
    return found


def reader(files: Path, table: dict[str, Any]) -> str:
    """A DuckDB table function over an entity's files with the contract's types."""
    example = next(iter(files.iterdir())).name
    columns = ", ".join(f"'{p['name']}': '{p['physicalType']}'" for p in table["properties"])
    if example.endswith(".parquet"):
        return f"read_parquet('{files}/*.parquet', filename=true)"
    if example.endswith(".jsonl"):
        return f"read_json('{files}/*.jsonl', format='newline_delimited', columns={{{columns}}}, filename=true)"
    dialect = "header=true, nullstr='', auto_detect=false, delim=',', quote='\"', escape='\"'"
    return f"read_csv('{files}/*', columns={{{columns}}}, {dialect}, filename=true)"


def connect(extracts: Path) -> duckdb.DuckDBPyConnection:
    """A database with a view ``<entity>`` of the latest row of each key, and ``all_<entity>`` of every row."""
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    for entity, (contract, table) in contracts().items():
        source = {p["property"]: p["value"] for p in contract["customProperties"]}
        custom = {p["property"]: p["value"] for p in table["customProperties"]}
        files = extracts / source["sourceSystem"] / entity
        con.execute(f"create table all_{entity} as select * from {reader(files, table)}")
        keys = ", ".join(p["name"] for p in table["properties"] if p.get("primaryKey"))
        con.execute(
            f"create view {entity} as select * from all_{entity} qualify row_number() over "
            f"(partition by {keys} order by {custom['versionColumn']} desc, filename desc) = 1"
        )
    return con


def breaches(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Every required, type, code, key and reference rule of the contracts that a row breaks."""
    found: list[str] = []
    for entity, (_, table) in contracts().items():
        types = dict(con.execute(f"select column_name, column_type from (describe all_{entity})").fetchall())
        checks: dict[str, str] = {}
        for column in table["properties"]:
            name, kind = column["name"], column["physicalType"]
            if types.get(name) != kind:
                found.append(f"{entity}.{name} is {types.get(name)}, not {kind}")
            if column["required"]:
                checks[f"{entity}.{name} empty"] = f"{name} is null"
            for rule in column.get("quality", []):
                values = ", ".join(f"'{v}'" for v in rule["arguments"]["validValues"])
                checks[f"{entity}.{name} unknown code"] = f"{name} not in ({values})"
            for link in column.get("relationships", []):
                other, key = link["to"].split(".")
                values = f"(select distinct {name} as v from all_{entity})"
                sql = f"select count(*) from {values} anti join all_{other} on v = {key}"
                found += _broken(f"{entity}.{name} -> {link['to']}", con.execute(f"{sql} where v is not null"))
        counts = con.execute(
            f"select {', '.join(f'count_if({c})' for c in checks.values())} from all_{entity}"
        ).fetchone()
        found += [f"{text}: {n}" for text, n in zip(checks, counts or (), strict=True) if n]
        found += _broken(f"{entity} duplicate key and version", con.execute(_duplicates(entity, table)))
    return found


def _broken(text: str, result: duckdb.DuckDBPyConnection) -> list[str]:
    number = (result.fetchone() or (0,))[0]
    return [f"{text}: {number}"] if number else []


def _duplicates(entity: str, table: dict[str, Any]) -> str:
    """Rows of one key and version; a weekly file repeats what it said before, a daily one does not."""
    custom = {p["property"]: p["value"] for p in table["customProperties"]}
    keys = [p["name"] for p in table["properties"] if p.get("primaryKey")]
    parts = dict.fromkeys([*(["filename"] if _weekly(entity) else []), *keys, custom["versionColumn"]])
    columns = ", ".join(parts)
    return f"select count(*) from (select 1 from all_{entity} group by {columns} having count(*) > 1)"


def _weekly(entity: str) -> bool:
    contract, table = contracts()[entity]
    name = table["name"]
    sla = [p for p in contract["slaProperties"] if p.get("element") == name]
    return any(p["property"] == "frequency" and p["value"] == 7 for p in sla)
