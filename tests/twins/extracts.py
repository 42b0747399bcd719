"""Reads a folder of extracts into polars frames: columns cast by their contract, the latest version of each key.

Only what the contract says is used: column types, business key, version column. On a retailer without injected faults
every line parses; of one with faults the landed rows are read, which leaves out the quarantined ones (``Landed``).
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cached_property
from pathlib import Path

import polars as pl
import yaml

_CONTRACTS = Path(__file__).resolve().parents[2] / "data" / "contracts"
_DELIVERED = re.compile(r"_(\d{8}T\d{4})Z")
ZONE = "Europe/Berlin"


def _contract_entities() -> dict[str, dict]:
    found = {}
    for path in sorted(_CONTRACTS.glob("*.yaml")):
        for table in yaml.safe_load(path.read_text(encoding="utf-8"))["schema"]:
            found[table["name"]] = table
    return found


def _cast(name: str, physical: str) -> pl.Expr:
    text = pl.col(name)
    if physical == "TIMESTAMP":
        plain = text.cast(pl.String).str.replace("T", " ").str.strip_chars_end("Z")
        return plain.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False).alias(name)
    if physical == "DATE":
        return text.cast(pl.String).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).alias(name)
    if physical == "BOOLEAN":
        return text.cast(pl.String).str.to_lowercase().is_in(["true", "1"]).alias(name)
    if physical == "BIGINT":
        return text.cast(pl.String).cast(pl.Int64, strict=False).alias(name)
    if physical.startswith("DECIMAL"):
        return text.cast(pl.String).cast(pl.Float64, strict=False).alias(name)
    return text.cast(pl.String).alias(name)


def _read(path: Path, columns: list[str]) -> pl.DataFrame:
    if path.suffix == ".parquet":
        frame = pl.read_parquet(path)
    elif path.suffix == ".jsonl":
        if path.stat().st_size == 0:
            return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
        frame = pl.read_ndjson(path, schema=dict.fromkeys(columns, pl.String))
    else:
        frame = pl.read_csv(path, infer_schema=False)
    missing = [pl.lit(None, dtype=pl.String).alias(name) for name in columns if name not in frame.columns]
    return frame.with_columns(missing).select(pl.col(columns).cast(pl.String))


class Extracts:
    """The extracts below ``root``: ``x["sales_order"]`` is the latest version of each order."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._entities = _contract_entities()
        self._cache: dict[str, pl.DataFrame] = {}

    @cached_property
    def files(self) -> dict[str, list[Path]]:
        found: dict[str, list[Path]] = {}
        for path in sorted(self._root.rglob("*")):
            if path.is_file():
                found.setdefault(path.parent.name, []).append(path)
        return found

    def versions(self, entity: str) -> pl.DataFrame:
        """All rows of the entity, typed, with no version dropped; equal rows once."""
        table = self._entities[entity]
        types = {column["name"]: column["physicalType"] for column in table["properties"]}
        names = list(types)
        parts = [self._rows(path, names).drop("received_ts") for path in self.files.get(entity, [])]
        frame = pl.concat(parts) if parts else pl.DataFrame(schema=dict.fromkeys(names, pl.String))
        return frame.unique(maintain_order=True).select([_cast(name, kind) for name, kind in types.items()])

    def _rows(self, path: Path, names: list[str]) -> pl.DataFrame:
        """The columns as text, and when the file was delivered, as its name says."""
        at = datetime.strptime(_DELIVERED.search(path.name)[1], "%Y%m%dT%H%M")
        return _read(path, names).with_columns(pl.lit(at, dtype=pl.Datetime("us")).alias("received_ts"))

    def received(self, entity: str) -> pl.DataFrame:
        """The latest version of each key, with when it was first delivered, and when any version of the key was."""
        table = self._entities[entity]
        types = {column["name"]: column["physicalType"] for column in table["properties"]}
        key = [column["name"] for column in table["properties"] if column.get("primaryKey")]
        parts = [self._rows(path, list(types)) for path in self.files.get(entity, [])]
        schema = {**dict.fromkeys(types, pl.String), "received_ts": pl.Datetime("us")}
        frame = pl.concat(parts) if parts else pl.DataFrame(schema=schema)
        seen = frame.group_by(list(types), maintain_order=True).agg(pl.col("received_ts").min())
        typed = seen.select(*[_cast(name, kind) for name, kind in types.items()], "received_ts")
        times = typed.group_by(key).agg(pl.col("received_ts").min().alias("first_received_ts"))
        extra = {prop["property"]: prop["value"] for prop in table["customProperties"]}
        order = [extra["versionColumn"], extra["eventTimeColumn"]]
        latest = typed.sort(order, maintain_order=True, nulls_last=False)
        return latest.unique(subset=key, keep="last", maintain_order=True).join(times, on=key)

    def __getitem__(self, entity: str) -> pl.DataFrame:
        if entity not in self._cache:
            table = self._entities[entity]
            key = [column["name"] for column in table["properties"] if column.get("primaryKey")]
            extra = {prop["property"]: prop["value"] for prop in table["customProperties"]}
            order = [extra["versionColumn"], extra["eventTimeColumn"]]
            frame = self.versions(entity).sort(order, maintain_order=True, nulls_last=False)
            self._cache[entity] = frame.unique(subset=key, keep="last", maintain_order=True)
        return self._cache[entity]


class Landed(Extracts):
    """The rows that landing accepted: the Parquet parts below ``root``, whatever system they came from."""

    def _rows(self, path: Path, names: list[str]) -> pl.DataFrame:
        part = pl.read_parquet(path, columns=[*names, "received_ts"])
        return part.select(pl.col(names).cast(pl.String), pl.col("received_ts").cast(pl.Datetime("us")))


def day(column: str | pl.Expr) -> pl.Expr:
    """The period day of a UTC timestamp in the reporting zone."""
    expr = pl.col(column) if isinstance(column, str) else column
    return expr.dt.replace_time_zone("UTC").dt.convert_time_zone(ZONE).dt.date()


def seconds(later: str, earlier: str) -> pl.Expr:
    """Whole elapsed time between two UTC timestamps, seconds."""
    return (pl.col(later) - pl.col(earlier)).dt.total_microseconds() / 1e6
