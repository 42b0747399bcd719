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


def test_what_is_injected_into_a_calm_world_is_found_and_nothing_else(tmp_path: Path, record_property: Record) -> None:
    """Of codes that only a calm world can show: each fault has its alarm, each alarm a fault, no near miss has one."""
    simulate(tmp_path / "simulated", scale="tiny", is_calm=True)
    home = tmp_path / "home"
    signalbox(home, "land", str(tmp_path / "simulated" / "extracts"))
    signalbox(home, "build")
    settings = load_settings(home)
    with open_snapshot(settings) as snapshot:
        alarms = snapshot.con.execute("select * from fct_exception").to_arrow_table()
    known_as = partial(pseudonym, load_key(settings))
    figures = [row for row in score(tmp_path / "simulated" / "truth", alarms, CALM, known_as) if row["code"] in CALM]
    assert {row["code"] for row in figures if row["injected"]} == set(CALM)
    assert not [row for row in figures if row["recall"] != 1 or row["precision"] != 1]
    record_property("faults found in a calm world", sum(row["found"] for row in figures))
