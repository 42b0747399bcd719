"""What an adapter may ask of a home, and how its entities may be made from several relations."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from signalbox.errors import UsageError
from signalbox.landing.adapters import load_adapter
from signalbox.landing.home import suit_home
from signalbox.settings import load_settings

DOLLARS = {"reporting_currency": "USD", "reporting_time_zone": "UTC"}


def test_a_fresh_home_is_set(tmp_path: Path) -> None:
    (note,) = suit_home(load_settings(tmp_path), DOLLARS, is_fresh=True)
    assert note.endswith("written, as the adapter asks for reporting_currency USD, reporting_time_zone UTC")
    assert load_settings(tmp_path).reporting_currency == "USD"
    assert suit_home(load_settings(tmp_path), DOLLARS, is_fresh=True) == []


def test_a_home_with_rows_or_settings_is_left_alone(tmp_path: Path) -> None:
    (note,) = suit_home(load_settings(tmp_path), DOLLARS, is_fresh=False)
    assert "this home has another" in note
    assert not (tmp_path / "signalbox.toml").exists()
    (tmp_path / "signalbox.toml").write_text('reporting_currency = "GBP"\n')
    suit_home(load_settings(tmp_path), DOLLARS, is_fresh=True)
    assert load_settings(tmp_path).reporting_currency == "GBP"


def test_the_cut_over_is_midnight_in_the_reporting_zone(tmp_path: Path) -> None:
    """Berlin is an hour ahead of UTC on 1 March and two on 1 April; a home without a day takes everything."""
    for day, begin in (("2026-03-01", datetime(2026, 2, 28, 23)), ("2026-04-01", datetime(2026, 3, 31, 22))):
        (tmp_path / "signalbox.toml").write_text(f"cut_over_date = {day}\n")
        assert load_settings(tmp_path).cut_over_ts == begin
    (tmp_path / "signalbox.toml").unlink()
    assert load_settings(tmp_path).cut_over_ts == datetime(1900, 1, 1)


def test_a_value_that_no_home_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"home\.reporting_time_zone.*Mars"):
        suit_home(load_settings(tmp_path), {"reporting_time_zone": "Mars"}, is_fresh=True)
    assert not (tmp_path / "signalbox.toml").exists()


def adapter(home: Path, text: str) -> Path:
    folder = home / "adapters" / "acme"
    folder.mkdir(parents=True)
    (folder / "adapter.yaml").write_text("name: acme\nfiles: {a: a.csv, b: b.csv}\n" + text)
    for name in ("channel", "other"):
        (folder / f"{name}.sql").write_text("select * from {{ a }} union all select * from {{ b }}")
    return home


def test_an_entity_may_come_from_several_relations(tmp_path: Path) -> None:
    home = adapter(tmp_path, "feeds: {channel: [{driving: a}, {driving: b, sql: other.sql}]}\n")
    feeds = load_adapter(load_settings(home), "acme").feeds
    assert [(feed.entity, feed.driving, feed.sql_path.name) for feed in feeds] == [
        ("channel", "a", "channel.sql"),
        ("channel", "b", "other.sql"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "feeds: {channel: [{driving: a}, {driving: a, sql: other.sql}]}\n",
            "feeds.channel: the same driving relation",
        ),
        ("feeds: {channel: {driving: a}}\nhome: {threads: '4'}\n", "home.threads: only"),
        ("feeds: {channel: {driving: a}}\nhome: USD\n", "home: a mapping is expected"),
    ],
)
def test_what_an_adapter_may_not_say(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_adapter(load_settings(adapter(tmp_path, text)), "acme")
