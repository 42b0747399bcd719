"""JSON lines: whether lines are like the first one changes what landing costs, never what it gives.

Belongs here: the short way for usual lines and the careful way on the same file, compared cell by cell; a rare key that
the contract does not know is kept. Not here: what becomes of the rows (``test_landing``).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signalbox.contracts import load_contracts
from signalbox.landing import inputs
from signalbox.landing.files import FoundFile

ENTITY = load_contracts()["interface"]
NAMES = [column.name for column in ENTITY.columns]
VALUES = [
    None, "", "x", "Zürich", "a\u0000b", '"', "\\", 7, -0.0, 1.10, 12.5, 1e5, 10**25, True, [1, 2], {"x": 1.0},
    "2026-03-02T00:00:00+02:00", "1_000",
]  # fmt: skip
USUAL = st.fixed_dictionaries({name: st.sampled_from(VALUES) for name in NAMES})
TEXTS = [
    "null",
    "3",
    "[1]",
    "no json",
    "{",
    "{}",
    '{"a": 1} x',
    '"{"',
    '\t{"a": 1}',
    ' {"a": 1}',
    '{"a": 1,}',
    '{"a": NaN}',
]


def _without(row: dict[str, Any]) -> str:
    return json.dumps({name: value for name, value in row.items() if name != NAMES[-1]})


def _with_new(row: dict[str, Any]) -> str:
    return json.dumps(row | {"a_new_key": 1})


def _twice(row: dict[str, Any]) -> str:
    return json.dumps(row)[:-1] + f', "{NAMES[0]}": "twice"}}'


def _backwards(row: dict[str, Any]) -> str:
    return json.dumps(dict(reversed(row.items())), ensure_ascii=False)


def _renamed(row: dict[str, Any]) -> str:
    """As many keys, but one of them with an escape: it is the same key."""
    return json.dumps(row).replace(f'"{NAMES[0]}"', f'"\\u{ord(NAMES[0][0]):04x}{NAMES[0][1:]}"', 1)


LINE = st.one_of(
    USUAL.map(json.dumps),
    st.builds(
        lambda write, row: write(row),
        st.sampled_from([_without, _with_new, _twice, _backwards, _renamed, lambda row: "\t" + json.dumps(row)]),
        USUAL,
    ),
    st.sampled_from(TEXTS),
)


def _delivered(path: Path) -> list[tuple[Any, ...]]:
    stat = path.stat()
    source = inputs.Input(ENTITY, {FoundFile(path, stat.st_size, stat.st_mtime_ns): 0}, {})
    with duckdb.connect() as con:
        sql = inputs.open_input(con, source, "jsonl").sql
        return sorted(con.execute(sql).fetchall(), key=repr)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(first=USUAL.map(json.dumps), lines=st.lists(LINE, max_size=30))
def test_the_short_way_gives_what_the_careful_way_gives(
    tmp_path_factory: pytest.TempPathFactory, first: str, lines: list[str]
) -> None:
    path = tmp_path_factory.mktemp("jsonl") / "interface_2026-03-02.jsonl"
    path.write_text("\n".join([first, *lines]) + "\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inputs, "_usual_keys", lambda _source: [])
        careful = _delivered(path)
    assert _delivered(path) == careful


@pytest.mark.parametrize("at", [1, 2_500, 4_999])
def test_one_new_key_among_many_usual_lines_is_kept(tmp_path: Path, at: int) -> None:
    """DuckDB's json_transform_strict says nothing of a key that its shape does not have; landing must."""
    row = dict.fromkeys(NAMES, "x")
    lines = [json.dumps(row)] * 5_000
    lines[at] = _with_new(row)
    path = tmp_path / "interface_2026-03-02.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    extra = [(line, value) for _, line, _, _, _, value, *_ in _delivered(path) if value is not None]
    assert extra == [(at + 1, '{"a_new_key":1}')]
