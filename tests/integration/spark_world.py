"""A small cluster for tests of the second engine, and builds of other homes on it.

Not here: what is compared.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from signalbox.engines import cluster
from signalbox.settings import load_settings
from tests.conftest import signalbox

# Public sample data, beside the checkout.
WIDE_WORLD = Path(__file__).resolve().parents[3] / "shared" / "data" / "wide_world_importers"


@contextmanager
def running_cluster(home: Path) -> Iterator[Path]:
    """A home with a running cluster of two workers of its own; builds of other homes go there by its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (home / "signalbox.toml").write_text(f'[spark]\naddress = "127.0.0.1:{port}"\n')
    signalbox(home, "cluster", "start")
    try:
        yield home
    finally:
        signalbox(home, "cluster", "stop")
        assert cluster.state(load_settings(home)) is None


def use_cluster(home: Path, cluster_home: Path) -> None:
    """Have the home's builds on Spark go to that cluster, whose storage they share."""
    settings = load_settings(cluster_home)
    config = home / "signalbox.toml"
    before = config.read_text() if config.exists() else ""
    storage = settings.shared_dir
    config.write_text(f'{before}\n[spark]\naddress = "{settings.spark.address}"\nstorage = "{storage}"\n')
