"""A calm month: nothing goes wrong, so nothing may be found. Not here: what is found when something does."""

from __future__ import annotations

from pathlib import Path

import pytest

from signalbox.metrics import values
from signalbox.publish import open_snapshot
from signalbox.settings import load_settings
from signalbox.simulate import simulate
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
