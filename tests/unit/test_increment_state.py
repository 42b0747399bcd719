"""From which state a build may start, and what it says where it may not. Not here: what is touched."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from signalbox.engines.built import built, forget_built, note_built
from signalbox.increments.state import State, close_state, open_state, save_state
from signalbox.landing.ledger import Ledger
from signalbox.settings import Settings, load_settings

BEFORE = State("20260518T043800", datetime(2026, 5, 18, 4, 38), 0, "code|UTC|EUR|data", "spark")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = load_settings(tmp_path)
    with Ledger(found):
        pass
    return found


def test_a_build_starts_from_a_build_of_its_own_engine(settings: Settings) -> None:
    with duckdb.connect() as con:
        assert open_state(con, settings, BEFORE.facts, "spark") == (None, "the warehouse holds no finished build")
        save_state(con, settings, BEFORE, {})
        change, reason = open_state(con, settings, BEFORE.facts, "spark")
        assert change is not None and change.before == BEFORE and reason == ""
        assert open_state(con, settings, BEFORE.facts) == (None, "the build before was made by spark")
        assert open_state(con, settings, "other", "spark") == (None, "models, contracts or settings changed")
        close_state(con)
        assert open_state(con, settings, BEFORE.facts, "spark") == (None, "the warehouse holds no finished build")


def test_a_state_of_an_older_shape_is_no_state(settings: Settings) -> None:
    with duckdb.connect() as con:
        con.execute("create schema increment; create table increment.state (build_id varchar, as_of timestamp)")
        assert open_state(con, settings, BEFORE.facts)[0] is None


def test_the_storage_tells_whose_tables_it_holds(settings: Settings) -> None:
    assert built(settings) is None
    note_built(settings, "one")
    note_built(settings, "two")
    assert built(settings) == "two"
    forget_built(settings)
    forget_built(settings)
    assert built(settings) is None
