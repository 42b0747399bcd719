"""The resident loop on a build that only notes what it was given: when a batch is due, and what becomes of failures."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from signalbox.errors import LockedError, SignalboxError
from signalbox.settings import Settings
from signalbox.watch import Batch, Watch

START = 1_800_000_000.0


@dataclass
class Loop:
    """A loop over a drop area, its clock, and the builds that it asked for."""

    settings: Settings
    seconds: float = START
    batches: list[list[str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    # Of each batch, whether a quick build was asked for.
    quick: list[bool] = field(default_factory=list)
    # What the next builds do instead of landing.
    trouble: list[Exception] = field(default_factory=list)
    at_most: int = 100
    meanwhile: Callable[[], None] | None = None
    # What people did, put into the drop area.
    collect: Callable[[], object] = lambda: None

    def __post_init__(self) -> None:
        self.settings.landing_dir.mkdir(parents=True)
        self.known: set[str] = set()
        self.watch = Watch(
            self.settings, self.build, self.said.append, now=lambda: self.seconds, collect=lambda: self.collect()
        )

    def drop(self, name: str, text: str = "x", age: float = 60.0) -> None:
        path = self.settings.landing_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (self.seconds - age, self.seconds - age))

    def build(self, quick: bool) -> Batch:
        self.quick.append(quick)
        if self.trouble:
            raise self.trouble.pop(0)
        names = {path.name: path for path in sorted(self.settings.landing_dir.rglob("*.csv"))}
        news = [name for name in names if name not in self.known]
        self.known.update(news[: self.at_most])
        self.batches.append(news[: self.at_most])
        if self.meanwhile:
            self.meanwhile()
            self.meanwhile = None
        waiting = tuple(names[name] for name in news[self.at_most :])
        landed = tuple(names[name] for name in news[: self.at_most])
        return Batch(landed, 7, waiting, "s1", build_seconds=3.0 if quick else 90.0, is_behind=quick)

    def turn_at(self, seconds: float) -> bool:
        """A turn so many seconds after the start."""
        self.seconds = START + seconds
        return self.watch.turn()


@pytest.fixture
def loop(tmp_path: Path) -> Loop:
    return Loop(Settings(home=tmp_path / "home", watch_retry_seconds=30))


def test_an_empty_home_is_left_alone(loop: Loop) -> None:
    assert not loop.turn_at(0)
    (loop.settings.landing_dir / "a.csv.part").write_text("half")
    (loop.settings.landing_dir / ".hidden.csv").write_text("half")
    assert not loop.turn_at(10)
    assert (loop.batches, loop.said) == ([], [])


def test_what_lies_there_at_the_start_is_a_batch_and_then_nothing(loop: Loop) -> None:
    loop.drop("a.csv")
    assert loop.turn_at(0)
    assert not loop.turn_at(1)
    assert loop.batches == [["a.csv"]]
    assert loop.said[0].startswith("1 files, 7 rows: snapshot s1; land 0.0 s, build 90.0 s, publish 0.0 s; ")


def test_a_growing_file_waits_until_it_is_at_rest(loop: Loop) -> None:
    loop.drop("a.csv")
    loop.turn_at(0)
    loop.seconds = START + 10
    loop.drop("b.csv", "1", age=0)
    assert not loop.turn_at(10)
    loop.seconds = START + 11.5
    loop.drop("b.csv", "12", age=0)
    assert not loop.turn_at(11.5)
    assert not loop.turn_at(13)
    assert loop.turn_at(13.6)
    assert loop.batches == [["a.csv"], ["b.csv"]]


def test_what_came_while_a_batch_was_built_is_the_next_one(loop: Loop) -> None:
    loop.drop("a.csv")
    loop.meanwhile = lambda: [loop.drop(name) for name in ("b.csv", "deep/c.csv", "d.csv")]
    assert loop.turn_at(0) and loop.turn_at(1) and not loop.turn_at(2)
    assert [sorted(batch) for batch in loop.batches] == [["a.csv"], ["b.csv", "c.csv", "d.csv"]]


def test_a_batch_is_cut_at_the_most_files_and_the_rest_follows(loop: Loop) -> None:
    loop.at_most = 2
    for name in "abcde":
        loop.drop(f"{name}.csv", age=0)
    loop.watch.run(threading.Event(), interval=0.01, once=True)
    assert [len(batch) for batch in loop.batches] == [2, 2, 1]
    assert loop.said[0].endswith("3 files wait")


def test_what_people_did_is_a_batch_asked_for_now_and_then(loop: Loop) -> None:
    loop.drop("a.csv")
    assert loop.turn_at(0)
    asked = []
    loop.collect = lambda: (asked.append(loop.seconds - START), loop.drop(f"acted{len(asked)}.csv"))
    assert [loop.turn_at(seconds) for seconds in (5, 19, 20, 21, 39, 41)] == [False, False, True, False, False, True]
    assert asked == [20, 41]
    assert loop.batches == [["a.csv"], ["acted1.csv"], ["acted2.csv"]]


def test_cases_that_cannot_be_reached_keep_no_file_from_landing(loop: Loop) -> None:
    def collect() -> None:
        raise SignalboxError("cases: cannot be reached")

    loop.collect = collect
    loop.drop("a.csv")
    assert loop.turn_at(0)


def test_batches_keep_their_distance(tmp_path: Path) -> None:
    loop = Loop(Settings(home=tmp_path / "home", watch_pause_seconds=60))
    loop.drop("a.csv")
    assert loop.turn_at(0)
    loop.drop("b.csv")
    assert not loop.turn_at(59)
    assert loop.turn_at(60)


def test_a_failed_build_is_told_once_and_tried_again_later_or_with_new_files(loop: Loop) -> None:
    loop.drop("a.csv")
    loop.trouble = [SignalboxError("models: x is broken"), SignalboxError("again"), SignalboxError("and again")]
    assert loop.turn_at(0)
    assert loop.said == [
        "failed: models: x is broken; what is served stays; tried again when files come, at the latest in 30 s"
    ]
    assert not any(loop.turn_at(seconds) for seconds in (1, 10, 29))
    assert loop.turn_at(30)
    assert loop.said[-1].endswith("at the latest in 60 s")
    assert not loop.turn_at(89)
    loop.drop("b.csv")
    assert loop.turn_at(89)
    assert loop.said[-1].endswith("at the latest in 120 s")
    assert not loop.turn_at(200)
    assert loop.turn_at(209)
    assert loop.batches == [["a.csv", "b.csv"]]
    assert not loop.turn_at(1000)


def test_another_writer_is_waited_for(loop: Loop) -> None:
    loop.drop("a.csv")
    loop.trouble = [LockedError("a build is writing here"), LockedError("a build is writing here")]
    assert not loop.turn_at(0) and not loop.turn_at(1) and loop.turn_at(2)
    assert loop.said[0] == "waiting: a build is writing here"
    assert (len(loop.said), loop.batches) == (2, [["a.csv"]])


@pytest.mark.parametrize("trouble", [SignalboxError("models: x is broken"), LockedError("a build is writing here")])
def test_once_raises_what_failed(loop: Loop, trouble: SignalboxError) -> None:
    loop.drop("a.csv")
    loop.trouble = [trouble]
    with pytest.raises(type(trouble), match=str(trouble)):
        loop.watch.run(threading.Event(), interval=0.01, once=True)


def test_a_changed_file_is_new_and_a_touched_permission_too(loop: Loop) -> None:
    loop.drop("a.csv")
    loop.turn_at(0)
    loop.drop("a.csv", "longer")
    assert loop.turn_at(5)
    (loop.settings.landing_dir / "a.csv").chmod(0o600)
    assert loop.turn_at(10)
    assert not loop.turn_at(15)


def test_it_stops_between_batches(loop: Loop) -> None:
    stop = threading.Event()
    loop.drop("a.csv")
    loop.meanwhile = stop.set
    loop.watch.run(stop, interval=60)
    assert loop.batches == [["a.csv"]]


def test_where_a_complete_build_takes_long_it_waits_until_it_is_quiet(loop: Loop) -> None:
    loop.drop("a.csv")
    assert loop.turn_at(0)
    loop.drop("b.csv")
    assert loop.turn_at(10)
    assert loop.said[-1].endswith("other tables follow when it is quiet")
    loop.drop("c.csv")
    assert loop.turn_at(40)
    assert [loop.turn_at(seconds) for seconds in (41, 339)] == [False, False]
    assert loop.turn_at(340)
    assert not loop.turn_at(1000)
    assert loop.quick == [False, True, True, False]
    assert loop.batches[-1] == []


def test_files_that_keep_coming_put_a_complete_build_off_for_an_hour_at_most(loop: Loop) -> None:
    loop.drop("0.csv")
    assert loop.turn_at(0)
    for number in range(1, 75):
        loop.drop(f"{number}.csv")
        assert loop.turn_at(50 * number)
    # the first quick batch was at 50 s
    assert [number for number, quick in enumerate(loop.quick) if not quick] == [0, 73]


def test_a_complete_build_that_is_short_is_made_at_once(tmp_path: Path) -> None:
    loop = Loop(Settings(home=tmp_path / "home", watch_quick_above_seconds=120))
    for number in range(3):
        loop.drop(f"{number}.csv")
        assert loop.turn_at(10 * number)
    assert loop.quick == [False, False, False]
