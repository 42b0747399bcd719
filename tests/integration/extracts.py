"""Reads simulated extracts back, as any reader of the files would, and checks them against the contracts.

Belongs here: helpers of the simulator's integration tests. Not here: the landing code, which they must not depend on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import yaml

CONTRACTS = Path(__file__).resolve().parents[2] / "data" / "contracts"


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

    def count(text: str, sql: str) -> None:
        number = con.execute(sql).fetchone()[0]  # type: ignore[index]
        if number:
            found.append(f"{text}: {number}")

    for entity, (_, table) in contracts().items():
        keys = [p["name"] for p in table["properties"] if p.get("primaryKey")]
        custom = {p["property"]: p["value"] for p in table["customProperties"]}
        types = dict(con.execute(f"select column_name, column_type from (describe all_{entity})").fetchall())
        for column in table["properties"]:
            name, kind = column["name"], column["physicalType"]
            if types.get(name) != kind:
                found.append(f"{entity}.{name} is {types.get(name)}, not {kind}")
            if column["required"]:
                count(f"{entity}.{name} empty", f"select count(*) from all_{entity} where {name} is null")
            for rule in column.get("quality", []):
                values = ", ".join(f"'{v}'" for v in rule["arguments"]["validValues"])
                count(
                    f"{entity}.{name} unknown code", f"select count(*) from all_{entity} where {name} not in ({values})"
                )
            for link in column.get("relationships", []):
                other, key = link["to"].split(".")
                count(
                    f"{entity}.{name} -> {link['to']}",
                    f"select count(*) from {entity} a where a.{name} is not null"
                    f" and a.{name} not in (select {key} from all_{other})",
                )
        version = custom["versionColumn"]
        parts = ", ".join(dict.fromkeys([*keys, version]))
        weekly = "filename, " if _weekly(entity) else ""
        count(
            f"{entity} duplicate key and version",
            f"select count(*) from (select 1 from all_{entity} group by {weekly}{parts} having count(*) > 1)",
        )
    return found


def _weekly(entity: str) -> bool:
    contract, table = contracts()[entity]
    return any(
        p["property"] == "frequency" and p["value"] == 7 and p.get("element") == table["name"]
        for p in contract["slaProperties"]
    )
