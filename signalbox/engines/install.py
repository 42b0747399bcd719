"""Whether the second engine can run here: Java, Spark's programs, the client; each with what to do when it is missing.

Not here: starting anything (``cluster``).
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from signalbox.errors import UsageError

JAVA_NEEDED = 17
_INSTALL_JAVA = (
    "install it (Debian and Ubuntu: `apt install openjdk-17-jre-headless`; macOS: `brew install openjdk@17`) "
    "or set JAVA_HOME"
)
_INSTALL_SPARK = "run `make spark`, or install the extra `signalbox[spark]`"


@cache
def java() -> Path:
    """The Java program. Raises UsageError when there is none or it is older than 17."""
    home = os.environ.get("JAVA_HOME")
    found = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if not found or not Path(found).exists():
        raise UsageError(f"no Java here: Spark needs Java {JAVA_NEEDED} or newer; {_INSTALL_JAVA}")
    told = subprocess.run([found, "-version"], capture_output=True, text=True, check=False)
    version = re.search(r'version "(?:1\.)?(\d+)', told.stderr + told.stdout)
    if version is None or int(version[1]) < JAVA_NEEDED:
        said = version[1] if version else "unknown"
        raise UsageError(f"{found} is Java {said}: Spark needs Java {JAVA_NEEDED} or newer; {_INSTALL_JAVA}")
    return Path(found)


@cache
def spark_home() -> Path:
    """The folder with Spark's programs and jars, as its package brings it. Raises UsageError when it is missing."""
    found = importlib.util.find_spec("pyspark")
    if found is None or found.origin is None:
        raise UsageError(f"Spark is not installed here: {_INSTALL_SPARK}")
    return Path(found.origin).parent


def require_client() -> None:
    """Raises UsageError when dbt's adapter or the client of the Thrift server is not installed."""
    needed = ("pyhive", "thrift", "dbt.adapters.spark")
    try:
        missing = [name for name in needed if importlib.util.find_spec(name) is None]
    except ModuleNotFoundError as error:
        missing = [str(error.name)]
    if missing:
        raise UsageError(f"the second engine is not installed here ({missing[0]} is missing): {_INSTALL_SPARK}")


def missing() -> str | None:
    """What keeps a cluster from being started here, in a line; None: nothing."""
    try:
        java()
        spark_home()
        require_client()
    except UsageError as error:
        return str(error)
    return None
