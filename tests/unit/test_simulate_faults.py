"""The fault plan and what broken files look like."""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from signalbox.errors import UsageError
from signalbox.simulate.clock import HOUR, Clock
from signalbox.simulate.faults import DEFAULT, plan
from signalbox.simulate.inject_files import BrokenRows, NewColumn, UnknownCode
from signalbox.simulate.inject_holds import review_due
from signalbox.simulate.scales import SCALES, resolve


def test_nothing_is_planned_without_faults() -> None:
    assert plan("none", SCALES["tiny"], 7).count == {}


def test_every_control_gets_faults_by_default_and_more_where_there_is_more() -> None:
    tiny, small = plan("default", SCALES["tiny"], 7), plan("default", SCALES["small"], 7)
    assert set(tiny.count) == set(DEFAULT)
    assert min(tiny.count.values()) >= 2
    assert all(small.count[code] >= tiny.count[code] for code in DEFAULT)


def test_slices_share_the_faults_out() -> None:
    chosen = plan("default", SCALES["small"], 7)
    cuts = [0, 22, 45, 68, 90]
    for code, total in chosen.count.items():
        assert sum(chosen.due(code, a, b) for a, b in pairwise(cuts)) == total


def test_victims_are_the_same_each_time_and_never_more_than_there_are() -> None:
    chosen = plan("default", SCALES["tiny"], 7)
    candidates = np.array([3, 5, 9])
    first = chosen.pick("E12", 0, 60, candidates)
    assert first.tolist() == chosen.pick("E12", 0, 60, candidates).tolist()
    assert set(first.tolist()) <= {3, 5, 9}
    assert chosen.pick("E12", 0, 60, candidates[:0]).size == 0


def test_a_file_lists_faults(tmp_path: Path) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text("- {code: E29, count: 4, size: 55}\n- {code: E12}\n")
    chosen = plan(file, SCALES["tiny"], 7)
    assert chosen.count == {"E29": 4, "E12": 1}
    assert chosen.size_of("E29") == 55


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "expected a list"),
        ("- {code: E99}", "no faults are known for E99"),
        ("- {code: E12, count: many}", "count must be a whole number"),
        ("- [", "faults.yaml"),
    ],
)
def test_a_wrong_file_is_one_clear_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text(text)
    with pytest.raises(UsageError, match=message) as caught:
        plan(file, SCALES["tiny"], 7)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_an_unknown_scale_are_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        plan(tmp_path / "absent.yaml", SCALES["tiny"], 7)
    with pytest.raises(UsageError, match="unknown scale"):
        resolve("huge", None, None)
    with pytest.raises(UsageError, match="--orders"):
        resolve("tiny", 0, None)
    assert resolve("large", 5_000_000, 30).orders == 5_000_000


CSV = b"id,amount,code\n1,2.50,a\n2,3.50,b\n"
JSONL = b'{"id":"1","amount":2.5,"code":"a"}\n{"id":"2","amount":3.5}\n'


def test_broken_rows_are_added_and_good_ones_stay() -> None:
    broken = BrokenRows("E65g:type", "csv.gz", ("amount", "n/a"), 1)
    assert broken(CSV) == CSV + b"1,n/a,a\n"
    assert broken.acted
    assert BrokenRows("E65g:column_count", "csv.gz", "extra", 1)(CSV).endswith(b"1,2.50,a,surplus\n")
    assert BrokenRows("E65g:encoding", "csv.gz", "bytes", 1)(CSV).endswith(b"1,2.50,\xff\xfea\n")
    added = BrokenRows("E65g:required", "jsonl", ("amount", None), 1)(JSONL).splitlines()[-1]
    assert json.loads(added) == {"id": "1", "amount": None, "code": "a"}
    with pytest.raises(json.JSONDecodeError):
        json.loads(BrokenRows("E65g:broken_json", "jsonl", "cut", 1)(JSONL).splitlines()[-1])


def test_a_file_without_rows_cannot_break() -> None:
    empty = BrokenRows("E65g:type", "csv.gz", ("amount", "n/a"), 1)
    assert empty(b"id,amount,code\n") == b"id,amount,code\n"
    assert not empty.acted


def test_unknown_codes_come_in_further_rows_or_in_place_of_others() -> None:
    closed = UnknownCode("csv.gz", "code", "weird", True, 1)
    assert closed(CSV) == CSV + b"1,2.50,weird\n"
    opened = UnknownCode("csv.gz", "code", "weird", False, 1)
    assert opened(CSV) == b"id,amount,code\n1,2.50,weird\n2,3.50,b\n"
    lines = UnknownCode("jsonl", "code", "weird", False, 5)(JSONL).splitlines()
    assert [json.loads(line).get("code") for line in lines] == ["weird", None]


def test_a_new_column_leaves_every_row_readable() -> None:
    rows = [json.loads(line) for line in NewColumn()(JSONL).splitlines()]
    assert [row["sender_note"] for row in rows] == ["v2", "v2"]
    assert rows[0]["amount"] == 2.5


def test_a_review_is_due_after_four_hours_of_work() -> None:
    clock = Clock(date(2026, 5, 17), 60)
    day = (date(2026, 4, 2) - clock.first).days
    placed = clock.utc(np.array([day, day, day]), np.array([8, 20, 23]) * HOUR)
    due = [(clock.date(int(d)), int(t) // HOUR) for d, t in zip(*clock.local(review_due(clock, placed)), strict=True)]
    # From 20:00 two hours are left; Good Friday is free, so that the other two end on Saturday at 09:00.
    assert due == [(date(2026, 4, 2), 12), (date(2026, 4, 4), 9), (date(2026, 4, 4), 11)]
