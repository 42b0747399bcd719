"""The simulator as a whole: same bytes, independent faults, truth, and what its files look like."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from signalbox.errors import UsageError
from signalbox.simulate import SimReport, simulate
from signalbox.simulate.faults import DEFAULT
from signalbox.simulate.layout import layouts
from signalbox.simulate.scales import SCALES


def digests(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture(scope="module")
def struck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, SimReport]]:
    out = tmp_path_factory.mktemp("struck")
    yield out, simulate(out, "tiny")


def test_the_same_call_gives_the_same_bytes(struck: tuple[Path, SimReport], tmp_path: Path) -> None:
    simulate(tmp_path, "tiny")
    assert digests(tmp_path) == digests(struck[0])


def test_a_large_retailer_packs_its_json_lines_and_nothing_else_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate(tmp_path / "plain", "tiny", orders=300, days=20, faults="none")
    monkeypatch.setitem(SCALES, "tiny", replace(SCALES["tiny"], packed=True))
    simulate(tmp_path / "packed", "tiny", orders=300, days=20, faults="none")

    def rows(folder: Path) -> dict[str, list[dict[str, object]]]:
        found = {}
        for path in sorted(folder.rglob("*.jsonl*")):
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            lines = [json.loads(line) for line in data.splitlines()]
            found[path.name.removesuffix(".gz")] = [{k: v for k, v in r.items() if v is not None} for r in lines]
        return found

    packed, plain = tmp_path / "packed" / "extracts", tmp_path / "plain" / "extracts"
    assert rows(packed) == rows(plain)
    assert not list(packed.rglob("*.jsonl")) and len(list(packed.rglob("*.jsonl.gz"))) == len(rows(plain)) > 100
    others = [{k: v for k, v in digests(folder).items() if ".jsonl" not in k} for folder in (packed, plain)]
    assert others[0] == others[1]


def test_another_seed_gives_another_retailer(tmp_path: Path) -> None:
    simulate(tmp_path / "a", "tiny", orders=100, days=7, seed=1)
    simulate(tmp_path / "b", "tiny", orders=100, days=7, seed=2)
    assert digests(tmp_path / "a") != digests(tmp_path / "b")


def test_faults_leave_the_rest_of_the_world_as_it_was(struck: tuple[Path, SimReport], tmp_path: Path) -> None:
    simulate(tmp_path, "tiny", faults="none")
    clean, faulty = digests(tmp_path / "extracts"), digests(struck[0] / "extracts")
    for entity in ("pos/pos_transaction_line", "erp/location", "erp/exchange_rate", "oms/discount_allocation"):
        mine = {k: v for k, v in clean.items() if k.startswith(entity + "/")}
        same = sum(faulty.get(k) == v for k, v in mine.items())
        assert same >= 0.85 * len(mine), f"{entity}: {same} of {len(mine)} files are as before"
    truth = pl.read_parquet(tmp_path / "truth" / "faults.parquet")
    assert set(truth["kind"].to_list()) <= {"ordinary", "near_miss"}


def test_the_truth_holds_every_control(struck: tuple[Path, SimReport]) -> None:
    truth = pl.read_parquet(struck[0] / "truth" / "faults.parquet")
    injected = truth.filter(pl.col("kind") == "injected").group_by("code").len()
    counts = dict(injected.iter_rows())
    assert {code: counts.get(code, 0) for code in DEFAULT if counts.get(code, 0) < 2} == {}
    assert truth["fault_id"].n_unique() == truth.height
    assert truth.filter(pl.col("known_ts") < pl.col("opened_ts")).is_empty()
    assert truth.filter(pl.col("closed_ts") < pl.col("opened_ts")).is_empty()
    assert struck[1].faults == sum(counts.values())


def test_missing_files_are_missing_and_late_ones_late(struck: tuple[Path, SimReport]) -> None:
    truth = pl.read_parquet(struck[0] / "truth" / "faults.parquet").filter(
        (pl.col("code") == "E65h") & (pl.col("kind") == "injected")
    )
    assert truth.height > 0
    for key, closed in truth.select("business_key", "closed_ts").iter_rows():
        entity, day = key.split("|")
        files = list((struck[0] / "extracts").glob(f"*/{entity}/{entity}_{day}_*"))
        assert len(files) == (0 if closed is None else 1)
        if closed is not None:
            assert closed.strftime("%Y%m%dT%H%MZ") in files[0].name


def test_every_entity_is_delivered_on_time_each_day(tmp_path: Path) -> None:
    report = simulate(tmp_path, "tiny", orders=200, days=10, faults="none")
    folders = {p.parent.name for p in (tmp_path / "extracts").rglob("*") if p.is_file()}
    assert folders == set(layouts()) == set(report.rows)
    assert len(list((tmp_path / "extracts" / "oms" / "sales_order").iterdir())) == 10
    assert len(list((tmp_path / "extracts" / "erp" / "product").iterdir())) == 3  # first day, two Sundays
    run = json.loads((tmp_path / "truth" / "run.json").read_text())
    assert run["orders"] == 200


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    simulate(tmp_path, "tiny", orders=50, days=7, progress=lambda *step: told.append(step))
    assert told[0][1] == 0
    assert told[-1][1] == told[-1][2]


def test_a_wrong_date_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="as_of must be a date"):
        simulate(tmp_path, "tiny", as_of="17.5.2026")
