"""A PostgreSQL of a test's own: the system's binaries, a temporary folder, loopback, gone afterwards.

Belongs here: starting and ending it. Not here: what is written to it. PostgreSQL refuses to run as root, so root starts
it as the user `nobody`.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

_DEBIAN = Path("/usr/lib/postgresql")


def binaries() -> Path | None:
    """The folder of the newest PostgreSQL of this machine; None: there is none."""
    versions = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if versions:
        return versions[-1].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextmanager
def server() -> Iterator[str]:
    """SQLAlchemy's address of an empty database."""
    own = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
    with TemporaryDirectory(prefix="signalbox-postgres-") as scratch:
        home = Path(scratch)
        if own:
            shutil.chown(home, "nobody", "nogroup")
        data, port = home / "data", _free_port()
        run = {"check": True, "capture_output": True, "text": True, "cwd": home, **own}
        subprocess.run([binaries() / "initdb", "-D", data, "-U", "cases", "-A", "trust", "-E", "UTF8", "-N"], **run)
        options = f"-p {port} -k {home} -c listen_addresses=127.0.0.1 -c fsync=off"
        subprocess.run(
            [binaries() / "pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options, "start"],
            **{**run, "capture_output": False, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL},
        )
        try:
            yield f"postgresql+psycopg://cases@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([binaries() / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], **run)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
