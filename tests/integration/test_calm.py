"""A calm world: nothing goes wrong but what is injected, so nothing else may be found.

Not here: an ordinary world, in which much goes wrong of itself (``tests/dbt/test_control_alarms``).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from signalbox.landing.pseudonym import load_key, pseudonym
from signalbox.metrics import values
from signalbox.publish import open_snapshot
from signalbox.settings import load_settings
from signalbox.simulate import score, simulate
from signalbox.simulate.faults import CALM
from tests.conftest import Record, signalbox
from tests.integration.test_identical_marts import land_parts, published_rows, shuffled_parts
from tests.integration.test_twins import assert_all_equal

pytestmark = pytest.mark.slow


def test_no_control_alarms_where_nothing_goes_wrong(tmp_path: Path, record_property: Record) -> None:
    """Thirty days without faults, with ample stock, capacity and collection: nothing to find, and nothing found."""
    simulate(tmp_path / "simulated", scale="tiny", orders=1_000, days=30, faults="none", is_calm=True)
    home = tmp_path / "home"
    signalbox(home, "land", str(tmp_path / "simulated" / "extracts"))
    signalbox(home, "build")
    with open_snapshot(load_settings(home)) as snapshot:
        alarms = snapshot.con.execute("select code, count(*) from fct_exception group by code order by code").fetchall()
        (orders,) = values(snapshot.con, "K08", grain="all").to_pylist()
    assert orders["denominator"] > 900
    assert alarms == []
    record_property("days without an alarm of any control", 30)


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """What was simulated, and the home in which it was landed and built."""
    folder = tmp_path_factory.mktemp("calm")
    simulate(folder / "simulated", scale="tiny", is_calm=True)
    signalbox(folder / "home", "land", str(folder / "simulated" / "extracts"))
    signalbox(folder / "home", "build")
    return folder / "simulated", folder / "home"


def test_what_is_injected_into_a_calm_world_is_found_and_nothing_else(
    faults: tuple[Path, Path], record_property: Record
) -> None:
    """Of codes that only a calm world can show: each fault has its alarm, each alarm a fault, no near miss has one."""
    simulated, home = faults
    settings = load_settings(home)
    with open_snapshot(settings) as snapshot:
        alarms = snapshot.con.execute("select * from fct_exception").to_arrow_table()
    known_as = partial(pseudonym, load_key(settings))
    figures = [row for row in score(simulated / "truth", alarms, CALM, known_as) if row["code"] in CALM]
    assert {row["code"] for row in figures if row["injected"]} == set(CALM)
    assert not [row for row in figures if row["recall"] != 1 or row["precision"] != 1]
    assert not [row for row in figures if row["in_first_build"] != row["injected"]]
    record_property("faults found in a calm world", sum(row["found"] for row in figures))


@pytest.mark.prove
def test_the_kpis_equal_their_twins_in_spite_of_its_faults(faults: tuple[Path, Path]) -> None:
    """Substitutes, old claims on suppliers and more that no ordinary retailer has."""
    assert_all_equal(faults[1], "calm")


def test_its_exceptions_do_not_depend_on_how_its_files_came(
    faults: tuple[Path, Path], tmp_path: Path, record_property: Record
) -> None:
    """Five shuffled parts, each landed twice, as in the ordinary world (``test_identical_marts``)."""
    simulated, home = faults
    other = load_settings(tmp_path / "home")
    land_parts(other, shuffled_parts(simulated / "extracts", tmp_path, seed=2), times=2)
    signalbox(other.home, "build")
    with open_snapshot(load_settings(home)) as one, open_snapshot(other) as two:
        rows, again = (published_rows(snapshot, "fct_exception") for snapshot in (one, two))
    assert set(rows["code"].to_pylist()) >= set(CALM)
    assert rows.equals(again)
    record_property("exceptions of a calm world compared", rows.num_rows)
