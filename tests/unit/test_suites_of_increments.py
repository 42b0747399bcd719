"""What the suites of an increment read: rows that changed, and nothing of tables that did not."""

from __future__ import annotations

from orchestration.suite_rows import changed_rows
from signalbox.publish import Change, Changes

ALL = {
    name: f"select * from {name}"
    for name in ("core.dim_product", "marts.fct_kpi", "marts.fct_kpi_histogram", "marts.fct_exception")
}
DAYS = ("kpi_id", "period_date")
KPI = Change("keys", DAYS, "increment.keys_fct_kpi", "increment.fresh_fct_kpi")
HISTOGRAM = Change("keys", DAYS, "increment.keys_fct_kpi_histogram", "increment.fresh_fct_kpi_histogram")
EXCEPTION = Change("keys", ("exception_id",), "increment.keys_fct_exception", "increment.rows_fct_exception")
STAYED = Change("unchanged")


def changes(**by_name: Change) -> Changes:
    known = {("core", "dim_product"): STAYED, **{("marts", name.split(".")[1]): STAYED for name in list(ALL)[1:]}}
    return Changes("base", known | {("core" if n.startswith("dim") else "marts", n): c for n, c in by_name.items()})


def test_nothing_changed() -> None:
    assert changed_rows(ALL, changes()) == dict.fromkeys(ALL)


def test_rows_of_changed_keys() -> None:
    found = changed_rows(ALL, changes(fct_exception=EXCEPTION))
    assert found == dict.fromkeys(ALL) | {"marts.fct_exception": "select * from increment.rows_fct_exception"}


def test_days_of_either_fact_are_read_of_both() -> None:
    """A day whose values moved and whose buckets did not is compared with its buckets."""
    for known, listed in (
        ({"fct_kpi": KPI}, ["keys_fct_kpi)"]),
        ({"fct_kpi": KPI, "fct_kpi_histogram": HISTOGRAM}, ["keys_fct_kpi ", "keys_fct_kpi_histogram)"]),
    ):
        found = changed_rows(ALL, changes(**known))
        for name in ("marts.fct_kpi", "marts.fct_kpi_histogram"):
            query = found[name] or ""
            assert query.startswith(f"select * from {name} semi join (")
            assert all(text in query for text in listed)
        assert found["marts.fct_exception"] is None


def test_a_whole_fact_is_read_whole_and_so_is_the_other() -> None:
    found = changed_rows(ALL, changes(fct_kpi=Change("whole"), fct_kpi_histogram=HISTOGRAM))
    assert [found[name] for name in list(ALL)[1:3]] == [ALL[name] for name in list(ALL)[1:3]]


def test_facts_are_read_whole_when_a_dimension_changed() -> None:
    assert changed_rows(ALL, changes(dim_product=Change("whole"), fct_kpi=KPI)) == ALL
