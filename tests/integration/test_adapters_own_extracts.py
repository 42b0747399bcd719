"""docs/own_extracts.md works as it is written: its commands are pasted into one shell, and its numbers come out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from signalbox.settings import PROJECT_ROOT

pytestmark = pytest.mark.prove  # two builds

PAGE = PROJECT_ROOT / "docs" / "own_extracts.md"


def test_the_page_works_as_it_is_written(tmp_path: Path) -> None:
    blocks = re.findall(r"```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-c", "\n".join(blocks)],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # Three promises kept of the five that can be read, then four of six.
    shares = [line.split()[2] for line in done.stdout.splitlines() if line.startswith("K02")]
    assert shares == ["0.6", "0.6667"], done.stdout
    first, second = done.stdout.find("0.6 "), done.stdout.find("0.6667")
    assert "31.02.2026" in done.stdout[first:second]
    assert "promise_latest_ts" in done.stdout[first:second]
