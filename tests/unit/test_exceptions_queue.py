"""The reading of the exception queue, on a small fact written out by hand."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from signalbox.errors import UsageError
from signalbox.exceptions import list_exceptions, show_exception

COLUMNS = (
    "exception_id, code, severity_code, status_code, due_ts, owner_role, channel, location, value, order_id, entity"
)
ROWS = """
    ('aa01', 'E12', 'S1', 'open', '2026-03-02 10:00', 'customer_service', 'web', 'DC1', 500, 'o1', 'promise'),
    ('ab02', 'E12', 'S2', 'open', '2026-03-02 09:00', 'customer_service', 'web', 'DC1', 500, 'o2', 'promise'),
    ('bb03', 'E24', 'S2', 'closed', '2026-03-02 09:00', 'store', 'web', 'S1', 900, null, 'sales_order'),
    ('cc04', 'E28', 'S3', 'open', '2026-03-01 09:00', 'inventory', null, 'S1', null, null, null)
"""
TYPES = """
    ('E12', 'old', '2000-01-01', '2026-01-01'),
    ('E12', 'new', '2026-01-01', '9999-12-31'),
    ('E24', 'fetch', '2000-01-01', '9999-12-31'),
    ('E28', 'count', '2000-01-01', '9999-12-31')
"""


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(f"""
            create table fct_exception as
            select * exclude (value, entity, due_ts), value as value_at_risk_amount, entity as evidence_entity,
                due_ts::timestamp as due_ts, timestamp '2026-03-01 19:00' as opened_ts, 'f1' as _file_digest, 7 as _line
            from (values {ROWS}) as rows ({COLUMNS})
        """)
        connection.execute(f"""
            create table dim_exception_type as
            select code, code || ' title' as title, 'opens' as opens_text, 'closes' as closes_text,
                runbook as runbook_text, 4 as sla_hours,
                first::timestamp as valid_from_ts, last::timestamp as valid_to_ts
            from (values {TYPES}) as types (code, runbook, first, last)
        """)
        connection.execute("""
            create table mart_order_timeline as
            select * from (values ('o1', 2, '2026-03-01 12:00'::timestamp), ('o1', 1, '2026-03-01 11:00'::timestamp),
                ('o2', 1, '2026-03-01 10:00'::timestamp)) as rows (order_id, event_seq, event_ts)
        """)
        yield connection


def _ids(table: object) -> list[str]:
    return table["exception_id"].to_pylist()  # type: ignore[index]


def test_the_list_is_worth_first_then_due_and_what_has_no_value_comes_last(con: duckdb.DuckDBPyConnection) -> None:
    assert _ids(list_exceptions(con)) == ["bb03", "ab02", "aa01", "cc04"]
    assert _ids(list_exceptions(con, limit=2)) == ["bb03", "ab02"]


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({"status": "open"}, ["ab02", "aa01", "cc04"]),
        ({"code": "E24"}, ["bb03"]),
        ({"owner": "store"}, ["bb03"]),
        ({"channel": "web", "status": "open"}, ["ab02", "aa01"]),
        ({"location": "S1"}, ["bb03", "cc04"]),
        ({"severity": "S1"}, ["aa01"]),
        ({"channel": "' or true --"}, []),
    ],
)
def test_filters_narrow_the_list(con: duckdb.DuckDBPyConnection, filters: dict[str, str], ids: list[str]) -> None:
    assert _ids(list_exceptions(con, **filters)) == ids


@pytest.mark.parametrize(
    ("filters", "says"),
    [
        ({"status": "done"}, "status 'done' does not exist: open, closed, retracted"),
        ({"severity": "S4"}, "severity 'S4' does not exist"),
        ({"code": "E2"}, "did you mean"),
        ({"limit": 0}, "give at least 1"),
    ],
)
def test_wrong_use_is_said_in_one_line(con: duckdb.DuckDBPyConnection, filters: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=says.replace("'", ".")):
        list_exceptions(con, **filters)  # type: ignore[arg-type]


def test_an_exception_shows_its_type_evidence_and_the_timeline_of_its_order(con: duckdb.DuckDBPyConnection) -> None:
    shown = show_exception(con, "aa")
    assert shown["exception_id"] == "aa01"
    assert shown["runbook_text"] == "new"
    assert shown["evidence"] == {"entity": "promise", "file_digest": "f1", "line": 7}
    assert [event["event_seq"] for event in shown["timeline"]] == [1, 2]
    assert show_exception(con, "bb03")["timeline"] == []


@pytest.mark.parametrize(("exception_id", "says"), [("a", "several"), ("zz", "does not exist"), ("", "does not exist")])
def test_an_id_that_names_none_or_several_is_refused(
    con: duckdb.DuckDBPyConnection, exception_id: str, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        show_exception(con, exception_id)
