"""The writer's lock: refused with who holds it, taken again by the thread that has it, gone with its process."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from signalbox.errors import LockedError
from signalbox.lock import writer_lock
from signalbox.settings import Settings

HOLD = """
import sys, time
from pathlib import Path
from signalbox.lock import writer_lock
from signalbox.settings import Settings
with writer_lock(Settings(home=Path(sys.argv[1])), "a long build"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_another_process_is_named_and_its_death_frees_the_lock(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        with (
            pytest.raises(LockedError, match=rf"a long build \(process {holder.pid}, since 20"),
            writer_lock(settings, "x"),
        ):
            pass
        holder.kill()
    with writer_lock(settings, "x"):
        pass


def test_the_holding_thread_may_take_it_again_and_another_may_not(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    refused: list[str] = []

    def other() -> None:
        try:
            with writer_lock(settings, "inner"):
                refused.append("not refused")
        except LockedError as error:
            refused.append(str(error))

    with writer_lock(settings, "outer"):
        with writer_lock(settings, "again"):
            pass
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(refused) == 1 and "outer" in refused[0]
    with writer_lock(settings, "free again"):
        pass
