"""The score of alarms on truth made by hand; each figure was counted by hand as its comment says."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from signalbox.errors import UsageError
from signalbox.simulate.score import score

TIME = pl.Datetime("us")


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 5, day, hour)


def truth(folder: Path) -> Path:
    rows = [
        ("E12-1", "E12", "injected", "A", at(1), at(1, 1), at(3)),
        ("E12-2", "E12", "injected", "B", at(2), at(2), None),
        ("E12-3", "E12", "ordinary", "C", at(2), at(2), at(4)),
        ("E12-4", "E12", "near_miss", "D", at(5), at(5), at(5)),
        ("E29-1", "E29", "injected", "x|S1", at(11), at(11), at(11, 2)),
    ]
    names = ["fault_id", "code", "kind", "business_key", "opened_ts", "known_ts", "closed_ts"]
    frame = pl.DataFrame(rows, schema=names, orient="row").cast(dict.fromkeys(names[4:], TIME))
    frame.write_parquet(folder / "faults.parquet")
    return folder


def alarms(*rows: tuple[str, str, datetime, datetime, datetime | None, str]) -> pa.Table:
    names = ["code", "business_key", "opened_ts", "detected_ts", "closed_ts", "status_code"]
    frame = pl.DataFrame(list(rows), schema=names, orient="row")
    return frame.cast({"opened_ts": TIME, "detected_ts": TIME, "closed_ts": TIME}).to_arrow()


def test_alarms_are_matched_by_code_key_and_time(tmp_path: Path) -> None:
    found = score(
        truth(tmp_path),
        alarms(
            ("E12", "A", at(1), at(1, 6), at(3), "closed"),  # right, six hours late
            ("E12", "C", at(2), at(3), at(4), "closed"),  # right: ordinary is real too
            ("E12", "D", at(5), at(5), None, "open"),  # false: a near miss
            ("E12", "A", at(9), at(9), None, "open"),  # false: another time
            ("E12", "B", at(2), at(2), at(2), "retracted"),  # false: taken back
        ),
    )
    late, sync = found
    assert late == {
        "code": "E12",
        "injected": 2,
        "found": 1,
        "in_first_build": 1,  # five hours after it could be known
        "false_alarms": 3,
        "precision": 2 / 5,
        "recall": 1 / 2,
        "time_to_detect_seconds": 6 * 3600.0,
        "false_alarms_per_day": 3 / 10,  # from 1 to 11 May
    }
    assert (sync["injected"], sync["found"], sync["recall"]) == (1, 0, 0.0)
    assert sync["precision"] is None
    assert sync["time_to_detect_seconds"] is None


@pytest.mark.parametrize(("detected", "many"), [(at(1, 7), 1), (at(1, 8), 0)])
def test_an_alarm_of_a_later_night_is_not_of_the_first_build(tmp_path: Path, detected: datetime, many: int) -> None:
    rows = score(truth(tmp_path), alarms(("E12", "A", at(1), detected, at(3), "closed")))  # known at 1 o'clock
    assert [(r["found"], r["in_first_build"]) for r in rows if r["code"] == "E12"] == [(1, many)]


def test_an_open_alarm_covers_all_that_follows(tmp_path: Path) -> None:
    rows = score(truth(tmp_path), alarms(("E29", "x|S1", at(10), at(10), None, "open")))
    assert [r["found"] for r in rows if r["code"] == "E29"] == [1]
    assert [r["time_to_detect_seconds"] for r in rows if r["code"] == "E29"] == [0.0]


def test_without_alarms_nothing_is_found(tmp_path: Path) -> None:
    rows = score(truth(tmp_path) / "faults.parquet", alarms())
    assert [(r["code"], r["found"], r["false_alarms"]) for r in rows] == [("E12", 0, 0), ("E29", 0, 0)]


def test_alarms_come_from_a_file_too(tmp_path: Path) -> None:
    file = tmp_path / "exceptions.parquet"
    pl.DataFrame(pl.from_arrow(alarms(("E12", "A", at(1), at(1), None, "open")))).write_parquet(file)
    assert score(truth(tmp_path), file)[0]["found"] == 1


def test_a_missing_file_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no truth there"):
        score(tmp_path, alarms())
    with pytest.raises(UsageError, match="no such file"):
        score(truth(tmp_path), tmp_path / "absent.parquet")


def test_a_person_in_a_key_is_looked_up_under_the_name_that_the_home_keeps(tmp_path: Path) -> None:
    frame = pl.DataFrame({
        "fault_id": ["E66h-1"], "code": ["E66h"], "kind": ["injected"], "business_key": ["{amy}|2026-05-01|dormant"],
        "opened_ts": [at(1)], "known_ts": [at(1)], "closed_ts": [None],
    }).cast({"opened_ts": TIME, "known_ts": TIME, "closed_ts": TIME})  # fmt: skip
    frame.write_parquet(tmp_path / "faults.parquet")
    told = alarms(("E66h", "AMY|2026-05-01|dormant", at(1), at(2), None, "open"))
    (row,) = score(tmp_path, told, ["E66h"], str.upper)
    assert (row["found"], row["false_alarms"]) == (1, 0)
