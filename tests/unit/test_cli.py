"""The command: exit statuses, one-line errors, and rows as tables, JSON and CSV. No build."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import click
import pytest

from signalbox.cli import main
from signalbox.commands import options
from signalbox.commands.output import emit
from signalbox.errors import UsageError

ROWS = [
    {"kpi_id": "K02", "period_start": date(2026, 10, 1), "value": Decimal("0.95"), "n": Decimal("12"), "note": None},
    {"kpi_id": "K29", "period_start": None, "value": 1234.5, "n": 7, "note": 'a "quoted", text'},
]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main([*arguments])
    shown = capsys.readouterr()
    return status, shown.out, shown.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["frobnicate"], "No such command 'frobnicate'"),
        (["kpi", "--grain", "hour"], "'hour' is not one of"),
        (["build", "--from", "2026-02-30"], "--from: '2026-02-30' is not a day"),
        (["build", "--as-of", "yesterday"], "--as-of: 'yesterday' is not an instant"),
        (["build", "--from", "2026-03-02", "--to", "2026-03-01"], "2026-03-02 is after"),
        (["build"], "nothing was landed yet"),
        (["land", "no/such/folder"], "there is no such file or folder"),
        (["simulate"], "Missing option '--out'"),
        (["simulate", "--out", "x", "--scale", "tiny", "--faults", "nowhere.yaml"], "nowhere.yaml"),
        (["snapshots", "use", "20200101-000000-000"], "no such snapshot"),
        (["quarantine", "show", "abc:1"], "is not in quarantine"),
        (["benchmark", "alarms", "--scale", "huge"], "'huge' is not one of"),
    ],
)
def test_wrong_use_is_one_line_and_status_2(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = run(capsys, "--home", str(tmp_path / "home"), *arguments)
    assert (status, out) == (2, "")
    last = err.strip().splitlines()[-1]
    assert last.startswith("signalbox: ") and message in last
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [["kpi"], ["exceptions", "list"], ["export"], ["exceptions", "show", "x"]])
def test_reading_before_the_first_build_fails_with_status_1(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = run(capsys, "--home", str(tmp_path), *arguments)
    assert (status, out) == (1, "")
    assert err == f"signalbox: {tmp_path}: nothing is published yet; run `signalbox build`\n"


def test_a_home_with_a_broken_setting_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "signalbox.toml").write_text('reporting_time_zone = "Atlantis"\n')
    status, _, err = run(capsys, "--home", str(tmp_path), "status")
    assert status == 2
    assert "signalbox.toml: reporting_time_zone" in err and "'Atlantis'" in err


def test_an_unexpected_error_is_one_line_and_keeps_its_traceback_on_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_settings: object) -> dict[str, object]:
        raise KeyError("surprise")

    monkeypatch.setattr("signalbox.status.home_status", broken)
    status, _, err = run(capsys, "--home", str(tmp_path), "status")
    assert status == 1
    assert err.count("\n") == 1 and "KeyError" in err and "SIGNALBOX_DEBUG" in err
    monkeypatch.setenv("SIGNALBOX_DEBUG", "1")
    with pytest.raises(KeyError):
        main(["--home", str(tmp_path), "status"])


def test_a_fresh_home_has_a_status_and_stays_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--home", str(tmp_path / "none"), "status", "--format", "json")
    assert status == 0
    (facts,) = json.loads(out)
    assert facts["snapshot"] is None and facts["feeds"] == [] and facts["files"] == 0
    assert not (tmp_path / "none").exists()


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["-h"], ["build", "--help"], ["exceptions", "list", "-h"], ["--version"]):
        status, out, err = run(capsys, *arguments)
        assert (status, err) == (0, "") and out


def test_json_is_an_array_of_objects(capsys: pytest.CaptureFixture[str]) -> None:
    emit(ROWS, "json")
    first, second = json.loads(capsys.readouterr().out)
    assert first == {"kpi_id": "K02", "period_start": "2026-10-01", "value": 0.95, "n": 12, "note": None}
    assert second["value"] == 1234.5
    emit([], "json")
    assert json.loads(capsys.readouterr().out) == []
    emit([{"at": datetime(2026, 10, 1, 4, 55)}], "json")
    assert json.loads(capsys.readouterr().out) == [{"at": "2026-10-01T04:55:00Z"}]


def test_csv_has_a_header_and_quotes_what_needs_it(capsys: pytest.CaptureFixture[str]) -> None:
    emit(ROWS, "csv")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "kpi_id,period_start,value,n,note"
    assert lines[1] == "K02,2026-10-01,0.95,12,"
    assert lines[2] == 'K29,,1234.5,7,"a ""quoted"", text"'


def test_a_table_aligns_and_says_when_there_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    emit(ROWS, "table", ("kpi_id", "value"))
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split() == ["kpi_id", "value"]
    assert first.split() == ["K02", "0.95"] and second.split() == ["K29", "1,234.50"]
    assert first.rstrip().endswith("0.95") and len(first.rstrip()) == len(second.rstrip())
    emit([], "table", empty="no such row")
    assert capsys.readouterr().out == "no such row\n"


def test_texts_of_options_become_values() -> None:
    assert options.instant("2026-10-14T06:55+02:00", "--as-of") == datetime(2026, 10, 14, 4, 55)
    assert options.instant("2026-10-14", "--as-of") == datetime(2026, 10, 14)
    assert options.day("2026-10-14", "--from") == date(2026, 10, 14)
    assert options.pairs(("channel=web", "channel=store", "region=a=b"), "--where") == {
        "channel": ["web", "store"],
        "region": ["a=b"],
    }
    assert options.names(" channel, region,") == ["channel", "region"]
    with pytest.raises(UsageError, match="--where: 'channel' is not NAME=VALUE"):
        options.pairs(("channel",), "--where")


def test_every_command_has_a_help_text() -> None:
    from signalbox.cli import cli

    def walk(command: click.Command, name: str) -> None:
        assert command.help, name
        if isinstance(command, click.Group):
            for child_name, child in command.commands.items():
                walk(child, f"{name} {child_name}")

    walk(cli, "signalbox")
