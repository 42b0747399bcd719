"""Landing against DuckDB's own reader writing the same Parquet, format by format.

Belongs here: which files stand for a format, and the bare program. ``python -m tests.benchmarks.landing FOLDER OUT`` is
the bare program: every entity's files of FOLDER to one Parquet file each, with the contract's types told to the reader
(left to find them, DuckDB looks into each of thousands of CSV files for longer than it reads), no checks, no lineage.
"""

from __future__ import annotations

import gzip
import shutil
import sys
from pathlib import Path

from tests.benchmarks.measure import Program, module

# Format -> systems whose extracts have it.
SYSTEMS = {"csv.gz": ("erp", "pos"), "jsonl": ("oms", "integration"), "parquet": ("wms", "carrier")}
_READERS = {
    "csv.gz": "read_csv('{files}', header = true, auto_detect = false, columns = {{{columns}}})",
    "jsonl": "read_json('{files}', format = 'newline_delimited', columns = {{{columns}}})",
    "parquet": "read_parquet('{files}', union_by_name = true)",
}


def programs(extracts: Path, work: Path, kind: str) -> list[Program]:
    """Landing and the bare reader on the files of one format."""
    inputs, home, out = work / f"landing_{kind}", work / "home", work / "bare"
    for system in SYSTEMS[kind]:
        if (extracts / system).exists() and not (inputs / system).exists():
            fresh = inputs / f".{system}"
            shutil.rmtree(fresh, ignore_errors=True)
            shutil.copytree(extracts / system, fresh, copy_function=_unpack if kind == "jsonl" else _link)
            fresh.rename(inputs / system)

    def clear() -> None:
        for folder in (home, out):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)

    return [
        Program("signalbox", module("signalbox.cli", "--home", home, "land", inputs), clear),
        Program("bare", module("tests.benchmarks.landing", inputs, out), clear),
    ]


def _unpack(source: str, target: str) -> None:
    """Plain JSON lines of the packed ones that a large retailer delivers."""
    with gzip.open(source) as packed, Path(target.removesuffix(".gz")).open("wb") as plain:
        shutil.copyfileobj(packed, plain, 1 << 20)


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)


def read_bare(inputs: Path, out: Path) -> None:
    """Every folder of files below ``inputs`` to one Parquet file in ``out``."""
    import duckdb

    from signalbox.contracts import load_contracts
    from signalbox.settings import load_settings

    settings, contracts = load_settings(), load_contracts()
    with duckdb.connect(config={"threads": settings.threads, "memory_limit": settings.memory_limit}) as con:
        con.execute("set preserve_insertion_order = false")
        for folder in sorted({path.parent for path in inputs.rglob("*") if path.is_file()}):
            kind = next(kind for kind in SYSTEMS if next(folder.iterdir()).name.endswith(kind))
            columns = ", ".join(f"'{c.name}': '{c.duckdb_type}'" for c in contracts[folder.name].columns)
            source = _READERS[kind].format(files=str(folder / f"*.{kind}").replace("'", "''"), columns=columns)
            target = str(out / f"{folder.name}.parquet").replace("'", "''")
            con.execute(f"copy (select * from {source}) to '{target}' (format parquet, compression zstd)")


if __name__ == "__main__":
    read_bare(Path(sys.argv[1]), Path(sys.argv[2]))
