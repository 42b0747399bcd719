"""The KPI facts that dbt filled, on the tiny retailer: what is stored says what the metric rows say, and laws hold.

Not here: whether the numbers are right (the twins in tests/integration) and the door on hand-made facts (tests/unit).
"""

from __future__ import annotations

import duckdb
import pytest

from signalbox.metrics import catalog, drill, percentiles, values
from signalbox.metrics.models import grouping_dims
from signalbox.metrics.percentiles import QUANTILES, percentile_query
from signalbox.metrics.query import value_query
from signalbox.metrics.request import checked
from tests.conftest import Retailer


def _live(con: duckdb.DuckDBPyConnection) -> list[catalog.Measure]:
    """Measures that have values."""
    return [measure for measure in catalog.load(con).values() if measure.model_name]


@pytest.fixture(scope="module")
def con(tiny: Retailer):
    from signalbox.publish import open_snapshot
    from signalbox.settings import load_settings

    with open_snapshot(load_settings(tiny.home)) as snapshot:
        yield snapshot.con


def rows_of(con, query) -> list[dict]:
    return con.execute(query.sql, query.parameters).to_arrow_table().to_pylist()


def test_every_stored_grouping_says_what_the_metric_rows_say(con) -> None:
    """All measures, all their groupings, by month: numerator, denominator, counts and value to the last digit."""
    compared = 0
    for measure in _live(con):
        for grouping in sorted(measure.groupings):
            request = checked([measure], grouping_dims(grouping), "month")
            stored, read = (rows_of(con, value_query(request, (measure,), kind)) for kind in (True, False))
            assert stored == read, f"{measure.kpi_id} by {grouping}"
            compared += len(stored)
    assert compared > 1000


def test_every_stored_histogram_says_what_the_metric_rows_say(con) -> None:
    for measure in _live(con):
        for grouping in sorted(measure.histogram_groupings):
            request = checked([measure], grouping_dims(grouping), "all")
            stored, read = (rows_of(con, percentile_query(request, QUANTILES, kind)) for kind in (True, False))
            assert stored == read, f"{measure.kpi_id} by {grouping}"


def test_kept_early_and_late_add_up_to_the_lines_due(con) -> None:
    table = values(con, ["K02", "K02.early", "K02.late"], by="channel").to_pylist()
    due: dict[tuple, list] = {}
    for row in table:
        due.setdefault((row["period_start"], row["channel"]), []).append(row)
    assert due
    for parts in due.values():
        assert sum(part["numerator"] for part in parts) == parts[0]["denominator"]


def test_the_stages_of_complete_orders_add_up_to_their_cycle_time(con) -> None:
    """Orders of which every stage is known; on the tiny retailer that is nearly all of them."""
    off, whole = con.execute(
        """
        with stages as (
            select item_key, sum(numerator) as seconds, bool_or(is_excluded) as has_gap
            from kpi_order__cycle_time
            where kpi_id not in ('K05', 'K05.open_age')
            group by item_key
        )
        select count(*) filter (where abs(stages.seconds - cycle.numerator) > 0.01), count(*)
        from stages
        inner join kpi_order__cycle_time as cycle on stages.item_key = cycle.item_key and cycle.kpi_id = 'K05'
        where not stages.has_gap and not cycle.is_excluded
        """
    ).fetchone()
    assert whole > 1000
    assert off == 0


def test_the_steps_of_contribution_add_up_to_it(con) -> None:
    (steps,) = values(con, "K72.amount", grain="all").to_pylist()
    (margin,) = values(con, "K72", grain="all").to_pylist()
    assert steps["numerator"] == margin["numerator"]


def test_shares_stay_within_one(con) -> None:
    shares = [m.kpi_id for m in _live(con) if m.unit == "share"]
    wrong = [row for row in values(con, shares).to_pylist() if row["value"] is not None and not 0 <= row["value"] <= 1]
    assert not wrong


def test_the_drill_gives_the_rows_of_the_figure(con) -> None:
    (week, *_) = values(con, "K02", by="channel", grain="week", where={"channel": "web"}).to_pylist()
    rows = drill(con, "K02", start=week["period_start"], end=None, where={"channel": "web"}, limit=10**6).to_pylist()
    (whole,) = values(con, "K02", grain="all", start=week["period_start"], where={"channel": "web"}).to_pylist()
    assert sum(row["numerator"] for row in rows) == whole["numerator"]
    assert len(rows) == whole["evaluable"]
    assert all(row["_file_digest"] and row["_line"] for row in rows)


def test_a_percentile_is_near_the_exact_one(con) -> None:
    """p90 of the order cycle time against DuckDB's discrete quantile of the rows: within 1 %."""
    (row,) = percentiles(con, "K05", [0.9], grain="all").to_pylist()
    (exact,) = con.execute(
        "select cast(quantile_disc(numerator, 0.9) as double) / 3600 from kpi_order__cycle_time "
        "where kpi_id = 'K05' and not is_excluded"
    ).fetchone()
    assert row["p90"] == pytest.approx(exact, rel=0.0101)
