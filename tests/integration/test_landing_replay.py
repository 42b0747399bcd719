"""Quarantine and replay: what passes by now lands as if it had been right at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from signalbox.errors import UsageError
from signalbox.landing import land, list_quarantine, replay, show_quarantine
from signalbox.settings import Settings
from tests.integration.landing_world import (
    FORMATS,
    attached,
    conserved,
    csv_bytes,
    native_name,
    po_lines,
    put_text,
    raw_rows,
    sales_orders,
    settings_at,
    write,
)

LINES, ORDERS = "purchase_order_line", "sales_order"


def _map_codes(settings: Settings, *rows: str) -> None:
    settings.policy_dir.mkdir(parents=True, exist_ok=True)
    text = "\n".join(["entity,column_name,code,mapped_code", *rows]) + "\n"
    (settings.policy_dir / "code_map.csv").write_text(text)


@pytest.mark.parametrize("extension", FORMATS)
def test_replay_lands_what_a_code_map_mends_and_only_that(tmp_path: Path, extension: str) -> None:
    """A second home has the map from the start: raw must be the same, row for row, digest and line included."""
    lines, orders = po_lines(10), sales_orders(10)
    lines[2]["status_code"] = "OPEN_NEW"
    lines[4] |= {"status_code": "OPEN_NEW", "ordered_qty": "x"}
    orders[6]["order_type"] = "HOME"
    for row in lines:
        row["colour"] = "red"
    write(tmp_path / "in", native_name(LINES, extension), lines)
    write(tmp_path / "in", native_name(ORDERS, extension), orders)
    late, early = settings_at(tmp_path / "late"), settings_at(tmp_path / "early")
    mapping = [f"{LINES},status_code,OPEN_NEW,open", f"{ORDERS},order_type,HOME,delivery"]
    _map_codes(early, *mapping)
    land(early, tmp_path / "in")
    land(late, tmp_path / "in")
    assert len(list_quarantine(late)) == 3
    _map_codes(late, *mapping)

    report = replay(late)

    assert (len(report.replayed), len(report.refused)) == (2, 1)
    for entity in (LINES, ORDERS):
        assert raw_rows(late, entity) == raw_rows(early, entity)
    assert conserved(late)
    [waiting] = list_quarantine(late)
    assert [(problem.column, problem.rule) for problem in waiting.problems] == [
        ("ordered_qty", "type"),
        ("status_code", "unknown_code"),
    ]
    replayed = attached(late).execute(
        "select count(*), count(replayed_ts), max(replayed_ts) = (select as_of from raw.build_context)"
        " from raw.rejected_row"
    )
    assert replayed.fetchone() == (4, 2, True)

    again = replay(late)
    assert (again.replayed, again.refused) == ((), report.refused)
    assert raw_rows(late, LINES) == raw_rows(early, LINES)


def test_replay_of_chosen_rows(tmp_path: Path) -> None:
    rows = po_lines(5)
    rows[1]["status_code"] = rows[3]["status_code"] = "odd"
    write(tmp_path / "in", native_name(LINES, "csv"), rows)
    settings = settings_at(tmp_path / "home")
    land(settings, tmp_path / "in")
    first, second = list_quarantine(settings)
    assert (first.line, second.line) == (3, 5)
    _map_codes(settings, f"{LINES},status_code,odd,open")

    assert replay(settings, [second.id]).replayed == (second.id,)

    assert [row.id for row in list_quarantine(settings)] == [first.id]
    assert show_quarantine(settings, second.id).replayed_ts is not None
    assert show_quarantine(settings, first.id).row == {**dict.fromkeys(first.row), **_shown(rows[1])}
    with pytest.raises(UsageError, match="is not waiting in quarantine"):
        replay(settings, [second.id])
    with pytest.raises(UsageError, match="is not in quarantine"):
        show_quarantine(settings, "abc:1")


def _shown(row: dict[str, str]) -> dict[str, str | None]:
    return {name: value or None for name, value in row.items()}


def test_lines_without_cells_and_broken_texts_stay(tmp_path: Path) -> None:
    rows = po_lines(5)
    rows[1]["sku"] = "MARK"
    data = csv_bytes(rows).replace(b"MARK", b"\xff\xfe") + b"only,three,cells\n"
    put_text(tmp_path / "in" / native_name(LINES, "csv"), data)
    settings = settings_at(tmp_path / "home")
    land(settings, tmp_path / "in")

    report = replay(settings)

    assert (report.replayed, len(report.refused)) == ((), 2)
    assert len(raw_rows(settings, LINES)) == 4


def test_a_file_refused_whole_is_read_again_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The contract no longer requires the column: replay lands the file once, under the digest that it had."""
    from dataclasses import replace

    from signalbox.contracts import load_contracts
    from signalbox.landing import session

    rows = po_lines(5)
    for row in rows:
        del row["sku"]
    path = write(tmp_path / "in", native_name(LINES, "csv"), rows)
    settings = settings_at(tmp_path / "home")
    land(settings, tmp_path / "in")
    [refused] = list_quarantine(settings)
    assert replay(settings).refused == (refused.id,)

    contracts = load_contracts()
    entity = contracts[LINES]
    eased = tuple(replace(c, required=False) if c.name == "sku" else c for c in entity.columns)
    monkeypatch.setattr(session, "load_contracts", lambda _: contracts | {LINES: replace(entity, columns=eased)})

    assert replay(settings).replayed == (refused.id,)
    assert {row[-3] for row in raw_rows(settings, LINES)} == {refused.file_digest}
    assert len(raw_rows(settings, LINES)) == 5
    assert list_quarantine(settings, with_replayed=True) == []
    assert land(settings, path).duplicates == 1
    assert conserved(settings)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("entity,column,code,mapped\n", "line 1: the header must be"),
        ("entity,column_name,code,mapped_code\nnone,a,b,c\n", "line 2: entity: no contract has 'none'"),
        (f"entity,column_name,code,mapped_code\n{LINES},none,b,c\n", "line 2: column_name"),
        (f"entity,column_name,code,mapped_code\n{ORDERS},customer_id,b,c\n", "line 2: column_name"),
        (f"entity,column_name,code,mapped_code\n{LINES},status_code,,c\n", "line 2: code and mapped_code"),
    ],
)
def test_a_wrong_code_map_is_named_by_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    settings = settings_at(tmp_path / "home")
    settings.policy_dir.mkdir(parents=True)
    (settings.policy_dir / "code_map.csv").write_text(text)
    (tmp_path / "in").mkdir()
    with pytest.raises(UsageError, match=message):
        land(settings, tmp_path / "in")
