"""Faults of prices, price lists and approvals: what they touch, and when an occurrence is one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from signalbox.simulate import catalogue, planning
from signalbox.simulate.clock import DAY, Clock
from signalbox.simulate.inject_approvals import approval_faults, worked_until
from signalbox.simulate.inject_price_list import _wrong
from signalbox.simulate.inject_prices import price_faults
from signalbox.simulate.run import _run
from signalbox.simulate.scales import resolve
from signalbox.simulate.truth import Truth

KEYS = ["sku", "channel_id", "price_version", "updated_ts"]


def _struck(tmp_path: Path, spec: str) -> tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame], Truth]:
    run = _run(tmp_path, resolve("tiny", None, None), 7, spec, None)
    world = run.world
    frames = catalogue.master_frames(world.scale, world.cat, world.net, world.clock, world.seed)
    frames |= planning.master_frames(world)
    truth = Truth()
    struck = price_faults(world, run.plan, truth, run.writer, frames)
    struck["approval_request"] = approval_faults(world, run.plan, truth, frames["approval_request"])
    return frames, struck, truth


def test_without_faults_prices_and_approvals_are_as_they_were(tmp_path: Path) -> None:
    frames, struck, truth = _struck(tmp_path, "none")
    for name, frame in struck.items():
        before = frames[name]
        same = frame.select(before.columns).with_columns(
            pl.col(c).cast(pl.String) for c, t in before.schema.items() if not t.is_integer()
        )
        wanted = before.with_columns(pl.col(c).cast(pl.String) for c, t in before.schema.items() if not t.is_integer())
        assert same.equals(wanted), name
    assert all((part["kind"] == 0).all() for part in truth.parts)


def test_faults_of_prices_touch_few_rows_and_say_which(tmp_path: Path) -> None:
    frames, struck, truth = _struck(tmp_path, "default")
    before, after = frames["price_publication"].select(KEYS), struck["price_publication"].select(KEYS)
    assert after.join(before, on=KEYS, how="anti").height < 0.15 * before.height
    counts = pl.concat(truth.parts).filter(pl.col("kind") == 1).group_by("code").len()
    assert dict(counts.iter_rows()) == dict.fromkeys(
        ("E41a", "E41b", "E41c", "E41d", "E42", "E47a", "E47b", "E47c", "E66g"), 3
    )


@pytest.mark.parametrize(
    ("prices", "spans"),
    [
        pytest.param([(1, 0, 1, 100, 50)], [], id="one price"),
        pytest.param([(1, 0, 1, 100, 50), (5, 10, 2, 60, 20)], [], id="another priority"),
        pytest.param([(1, 0, 1, 100, 50), (1, 10, 2, 90, 20)], [(10, 20, True)], id="same priority"),
        pytest.param([(1, 0, 1, 100, 50), (5, 10, 2, 59, 20)], [(10, 20, True)], id="holds below the floor"),
        pytest.param([(1, 0, 1, 59, 50), (5, 0, 2, 100, 50)], [], id="below the floor and does not hold"),
    ],
)
def test_prices_are_in_conflict_or_below_the_floor(
    prices: list[tuple[int, int, int, int, int]], spans: list[tuple[int, int, bool]]
) -> None:
    assert _wrong(prices, 60, True) == spans


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        # Berlin is two hours ahead of UTC: work from 6 to 15
        pytest.param("2026-04-14T06:00", "2026-04-14T14:00", id="eight hours of one day"),
        pytest.param("2026-04-14T10:00", "2026-04-15T09:00", id="five hours and three of the next day"),
        pytest.param("2026-04-17T14:00", "2026-04-20T13:00", id="over a weekend"),
        pytest.param("2026-04-02T16:00", "2026-04-07T14:00", id="over Easter"),
    ],
)
def test_a_service_level_counts_hours_of_work(asked: str, due: str) -> None:
    clock = Clock(date(2026, 5, 17), 60)
    instant = int(datetime.fromisoformat(asked).replace(tzinfo=UTC).timestamp())
    wanted = int(datetime.fromisoformat(due).replace(tzinfo=UTC).timestamp())
    assert worked_until(clock, instant) == wanted
    assert np.abs(wanted - instant) < 6 * DAY
