"""An incremental build equals a full one, row by row, however data was cut, shuffled, repeated or delayed.

The warehouse after increments is compared with the warehouse that a full build makes of the same landed rows: every
model, not only what is published. Quick set: one history in two batches. ``make prove``: three batches, time alone,
units rebuilt for nothing, what a kill leaves, histories that hypothesis draws. Not here: publication
(``test_publish_layers``), the loop (``test_watch``).
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from orchestration import warehouse
from orchestration.dbt import DbtProject
from orchestration.increment import FACTS, Models
from orchestration.options import BuildOptions
from orchestration.session import BuildSession
from orchestration.warehouse import Warehouse
from signalbox.increments import references, touched
from signalbox.increments.units import MODELS
from signalbox.landing import land
from signalbox.settings import Settings, load_settings
from signalbox.simulate import simulate
from tests.conftest import Record

ORDERS, DAYS = 160, 30
LAYERS = ("staging", "intermediate", "core", "controls", "marts")
# Nothing that is built may differ but the id of the build.
_OWN = {"build_context"}


@pytest.fixture(scope="module")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A month of a retailer with faults: some 160 orders, what hangs on them, and its master data."""
    folder = tmp_path_factory.mktemp("month")
    simulate(folder / "out", scale="tiny", orders=ORDERS, days=DAYS, seed=11)
    forget_sales(folder / "out" / "extracts")
    return folder / "out" / "extracts"


def forget_sales(extracts: Path) -> None:
    """In every third file the first rows of documents, returns and refunds no longer name their sale."""
    for path in sorted(extracts.rglob("customer_document_line_*.csv.gz"))[::3]:
        rows = list(csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode())))
        for row in rows[:2]:
            row |= dict.fromkeys(("order_id", "order_line_no", "return_id", "return_line_no"), "")
        if rows:
            text = io.StringIO()
            writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
            path.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))
    sale = ("order_id", "order_line_no", "transaction_id", "transaction_line_no", "return_id", "return_line_no")
    for entity, names in (("return_line", sale[:4]), ("refund", sale)):
        for path in sorted(extracts.rglob(f"{entity}_*.jsonl"))[::3]:
            lines = path.read_text(encoding="utf-8").splitlines()
            for number, line in enumerate(lines[:1]):
                lines[number] = json.dumps({k: v for k, v in json.loads(line).items() if k not in names})
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield World(tmp_path_factory.mktemp("world"))


class World:
    """Homes that share one parsed project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = 0
        self.project: DbtProject | None = None

    def home(self) -> Settings:
        self.number += 1
        home = self.folder / str(self.number)
        home.mkdir()
        return load_settings(home)

    def build(self, settings: Settings, full: bool = False, quick: bool = False) -> Warehouse:
        """Attach and build the models: an increment where it can be one. Suites and publication have other tests."""
        session = BuildSession(settings, BuildOptions(full_refresh=full, quick=quick), parsed=self._parsed(settings))
        try:
            session.attach()
            session.models()
        finally:
            session.warehouse.let_go()
        assert session.record.error is None
        return session.warehouse

    def _parsed(self, settings: Settings) -> DbtProject:
        project = DbtProject(settings)
        if self.project is not None:
            project.__dict__.update({k: v for k, v in self.project.__dict__.items() if k != "settings"})
        else:
            _ = project.nodes, project.sources
            self.project = project
        return project


def day_of(path: Path) -> str:
    found = re.search(r"\d{4}-\d\d-\d\d", path.name)
    return found[0] if found else ""


def put(extracts: Path, settings: Settings, files: list[Path]) -> None:
    """Copy files into the landing area and land them."""
    for path in files:
        target = settings.landing_dir / path.relative_to(extracts)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    land(settings, settings.landing_dir)


def differing(settings: Settings, other: Path, only: Mapping[str, str] | None = None) -> list[str]:
    """A line for each model whose rows differ between the warehouse and a copy of an earlier one.

    ``only``: table -> condition of the rows that count, where not all tables do.
    """
    found = []
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as con:
        con.execute(f"attach '{other}' as other (read_only)")
        tables = con.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'signalbox'"
            f" and schema_name in {LAYERS} order by all"
        ).fetchall()
        assert len(tables) > 120
        for schema, name in tables:
            if only is not None and name not in only:
                continue
            here, there, rule = f"{schema}.{name}", f"other.{schema}.{name}", (only or {}).get(name, "true")
            rows = [
                con.execute(
                    f"select * from {a} where {rule} except all select * from {b} where {rule} order by all limit 2"
                ).fetchall()
                for a, b in ((here, there), (there, here))
            ]
            if any(rows):
                found.append(f"{here}: only in the full build {rows[0]}, only in increments {rows[1]}")
    return found


def assert_equals_full(world: World, settings: Settings, only: Mapping[str, str] | None = None) -> None:
    kept = settings.warehouse_path.with_name("increments.duckdb")
    shutil.copy(settings.warehouse_path, kept)
    world.build(settings, full=True)
    assert differing(settings, kept, only) == []
    kept.unlink()


def kept_up(models: Models) -> dict[str, str]:
    """Tables that a quick build leaves as a full build would, and which of their rows: not sums of what is behind."""
    tables = {name for name in models.kept_up - set(FACTS) if not models.is_view(name)}
    return {name: f"not ({MODELS[name].apart})" if name in models.mixed else "true" for name in tables}


def dated_files(extracts: Path) -> list[Path]:
    return sorted(path for path in extracts.rglob("*") if path.is_file())


def first_days(files: list[Path], days: int) -> list[Path]:
    """Files of the first days, and what has no day."""
    known = sorted({day_of(path) for path in files} - {""})
    return [path for path in files if day_of(path) <= known[days - 1]]


@pytest.mark.parametrize("days", [(26,), pytest.param((20, 26), marks=pytest.mark.slow)], ids=["two", "three"])
def test_batches_with_late_files(extracts: Path, world: World, record_property: Record, days: tuple[int, ...]) -> None:
    """The first days, in the last of these batches without every seventh file; then the rest, late ones first."""
    files, settings, put_in = dated_files(extracts), world.home(), set[Path]()
    batches = [first_days(files, number) for number in days]
    batches[-1] = [path for number, path in enumerate(batches[-1]) if number % 7]
    for batch in (*batches, files[::-1]):
        put(extracts, settings, [path for path in batch if path not in put_in])
        put_in.update(batch)
        last = world.build(settings)
    assert last.change is not None, "the last build was no increment"
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as con:
        aside = con.execute(
            "select count(*) from duckdb_tables() where schema_name = 'increment' and starts_with(table_name, 'items_')"
        ).fetchone()
    assert aside is not None and aside[0] > 20, "metric rows that are not of units are all summed anew"
    assert_equals_full(world, settings)
    record_property("increments compared", len(days))


@pytest.mark.prove
def test_each_morning_of_a_month(extracts: Path, world: World, record_property: Record) -> None:
    """A build a day, with what stands open on that day: codes without mapping, parcels under way, files to come."""
    files, settings, put_in = dated_files(extracts), world.home(), set[Path]()
    days = len({day_of(path) for path in files} - {""})
    for day in range(2, days + 1):
        batch = [path for path in first_days(files, day) if path not in put_in]
        put(extracts, settings, batch)
        put_in.update(batch)
        world.build(settings)
    assert_equals_full(world, settings)
    record_property("mornings built", days - 1)


@pytest.mark.slow
def test_quick_builds_keep_up_what_is_touched_and_a_complete_one_makes_up_for_the_rest(
    extracts: Path, world: World, record_property: Record
) -> None:
    files, settings = dated_files(extracts), world.home()
    put(extracts, settings, first_days(files, 22))
    first = world.build(settings)
    assert not first.behind
    for days in (24, 26):
        put(extracts, settings, first_days(files, days))
        quick = world.build(settings, quick=True)
    tables = kept_up(Models(quick.project))
    assert quick.change is not None and len(tables) > 90 and quick.behind.isdisjoint(tables)
    assert {"ctl_supplier__late_purchase_order", "kpi_stock__turns", "mart_exception_time"} <= quick.behind
    aside = settings.home.with_name(f"{settings.home.name}_full")
    shutil.copytree(settings.home, aside)
    assert_equals_full(world, load_settings(aside), tables)
    put(extracts, settings, files)
    complete = world.build(settings)
    assert complete.change is not None and complete.change.behind and not complete.behind
    assert_equals_full(world, settings)
    record_property("increments compared", 4)


@pytest.mark.slow
def test_time_alone(extracts: Path, world: World, monkeypatch: pytest.MonkeyPatch, record_property: Record) -> None:
    """No new file, a later instant: deadlines, windows and ages move as a full build would have them.

    The first build is at nine o'clock of the last day, the rest of which is told before its time.
    """
    files, settings = dated_files(extracts), world.home()
    put(extracts, settings, first_days(files, 24))
    day = sorted({day_of(path) for path in files} - {""})[23]
    start = datetime.fromisoformat(f"{day} 09:00")
    now = [start]
    monkeypatch.setattr(warehouse, "_as_of", lambda *_: now[0])
    world.build(settings)
    # Over the end of a pickup's holding alone, and then by weeks.
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as con:
        hold = con.execute(
            "select min(hold_until_ts) from core.fct_pickup_line where hold_until_ts > ?", [start]
        ).fetchone()
    assert hold is not None
    minute = timedelta(minutes=1)
    for steps in ([hold[0] - minute, hold[0] + minute], [start + timedelta(days=14), start + timedelta(days=40)]):
        for now[0] in steps:
            assert world.build(settings).change is not None
        assert_equals_full(world, settings)
        record_property("increments compared", 1)


@pytest.mark.slow
def test_units_touched_for_nothing_do_not_change(
    extracts: Path, world: World, monkeypatch: pytest.MonkeyPatch, record_property: Record
) -> None:
    """Any third of the orders, sales and objects, computed alone, has the rows that it had among all the others."""
    settings = world.home()
    put(extracts, settings, dated_files(extracts))
    world.build(settings)
    monkeypatch.setattr(references, "wake", _touch_a_third)
    last = world.build(settings)
    assert last.change is not None
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as con:
        some = con.execute("select count(*) from increment.touched_order").fetchone()
        assert some is not None and ORDERS / 5 < some[0] < ORDERS
        changed = con.execute("select node_name from increment.change where change_code = 'keys'").fetchall()
        wrong = [name for (name,) in changed if _is_keyed(con, name)]
    assert wrong == []
    record_property("units rebuilt for nothing", int(some[0]))


def _touch_a_third(con: duckdb.DuckDBPyConnection, span: object) -> None:
    for kind, relation, column in (
        ("order", "core.fct_order", "order_id"),
        ("sale", "core.fct_store_sale_line", "transaction_id"),
        ("message", "core.fct_message", "interface_id || '|' || business_key || '|' || business_version"),
        ("movement", "core.fct_stock_movement", "movement_id"),
        ("cut", "core.fct_stock_snapshot", "location_id || '|' || cast(snapshot_ts as varchar)"),
    ):
        touched.touch(con, kind, f"select {column} from {relation} where hash({column}) % 3 = 1")


def _is_keyed(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    row = con.execute(
        "select count(*) from duckdb_tables() where schema_name = 'increment' and table_name = ?", [f"keys_{name}"]
    ).fetchone()
    return row is not None and row[0] > 0


@pytest.mark.slow
def test_a_build_that_died_is_followed_by_a_whole_one(extracts: Path, world: World) -> None:
    files, settings = dated_files(extracts), world.home()
    put(extracts, settings, first_days(files, 20))
    world.build(settings)
    put(extracts, settings, first_days(files, 22))
    died = BuildSession(settings, parsed=world._parsed(settings))
    died.attach()  # and no more
    died.warehouse.let_go()
    last = world.build(settings)
    assert last.change is None
    assert_equals_full(world, settings)


@pytest.mark.slow
def test_an_event_that_comes_again_for_another_order(extracts: Path, world: World) -> None:
    """The order that loses the event is computed again as well."""
    files, settings = dated_files(extracts), world.home()
    put(extracts, settings, files)
    world.build(settings)
    events = [path for path in files if path.parent.name == "order_event" and path.stat().st_size]
    rows = [json.loads(line) for line in events[len(events) // 2].read_text(encoding="utf-8").splitlines()]
    other = next(row["order_id"] for row in rows if row["order_id"] != rows[0]["order_id"])
    next_day = date.fromisoformat(day_of(events[-1])) + timedelta(days=1)
    name = f"order_event_{day_of(events[-1])}_{next_day:%Y%m%d}T2359Z.jsonl"
    late = settings.landing_dir / events[-1].relative_to(extracts).with_name(name)
    late.write_text(json.dumps(rows[0] | {"order_id": other}) + "\n", encoding="utf-8")
    land(settings, settings.landing_dir)
    assert world.build(settings).change is not None
    assert_equals_full(world, settings)


@st.composite
def histories(draw: Callable[..., object]) -> tuple[int, int, int, float, float]:
    """Batches, the day on which the first ends, a seed, the share of files that are late, the share that come twice."""
    return (
        draw(st.integers(2, 4)),
        draw(st.integers(8, 22)),
        draw(st.integers(0, 2**32)),
        draw(st.sampled_from([0.0, 0.1, 0.4])),
        draw(st.sampled_from([0.0, 0.2])),
    )  # type: ignore[return-value]


def cut(path: Path, extracts: Path, scratch: Path, chance: random.Random) -> tuple[Path, Path]:
    """Two files with the rows of one in any order: an early part and a part that was delivered some hours later."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    chance.shuffle(lines)
    half = chance.randrange(len(lines) + 1)
    stem, _, delivered = path.stem.rpartition("_")
    later = datetime.strptime(delivered, "%Y%m%dT%H%MZ") + timedelta(hours=chance.randrange(1, 60))
    parts = []
    for name, rows in ((delivered, lines[:half]), (f"{later:%Y%m%dT%H%MZ}", lines[half:])):
        part = scratch / path.relative_to(extracts).with_name(f"{stem}_{name}{path.suffix}")
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_text("".join(rows), encoding="utf-8")
        parts.append(part)
    return parts[0], parts[1]


@pytest.mark.prove
@settings(
    max_examples=int(os.environ.get("SIGNALBOX_HISTORIES", "12")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
# A shipment's file is late, and only an order event tells that the parcel left.
@example(history=(3, 12, 3565, 0.1, 0.2))
@given(history=histories())
def test_any_history(extracts: Path, world: World, history: tuple[int, int, int, float, float]) -> None:
    """Files in any batch after their day began, JSON lines cut in two and shuffled, some delayed, some landed
    twice; every other build but the last is a quick one."""
    batches, first, seed, late, twice = history
    chance, home = random.Random(seed), world.home()
    scratch = home.home / "cut"
    files = dated_files(extracts)
    start = set(first_days(files, first))
    order: list[list[tuple[Path, Path]]] = [[] for _ in range(batches)]
    for path in files:
        parts = [(path, extracts)]
        if path.suffix == ".jsonl" and path.stat().st_size and chance.random() < 0.15:
            parts = [(part, scratch) for part in cut(path, extracts, scratch, chance)]
        for part in parts:
            place = 0 if path in start else chance.randrange(1, batches)
            if chance.random() < late:
                place = chance.randrange(place, batches)
            order[place].append(part)
            if chance.random() < twice:
                order[chance.randrange(place, batches)].append(part)
    for number, batch in enumerate(order):
        chance.shuffle(batch)
        for root in (extracts, scratch):
            put(root, home, [path for path, base in batch if base == root])
        if batch or number:
            world.build(home, quick=bool(number) and chance.random() < 0.5)
    world.build(home)
    assert_equals_full(world, home)
    shutil.rmtree(home.home)
