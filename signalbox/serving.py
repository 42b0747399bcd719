"""Processes that serve on loopback until somebody interrupts: started together, ended together.

Belongs here: starting, waiting until they answer, ending. Not here: what they show.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from signalbox.errors import SignalboxError
from signalbox.settings import PROJECT_ROOT, Settings

HOST = "127.0.0.1"
_START_SECONDS = 120.0
_END_SECONDS = 10.0
_POLL_SECONDS = 0.25


@dataclass(frozen=True)
class Service:
    """A process to run. ``health``: path that answers when it is up; empty for one that serves no pages."""

    name: str
    arguments: tuple[str, ...]
    port: int = 0
    health: str = ""

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


def dashboards(settings: Settings) -> Service:
    """Streamlit on the dashboards' entry file."""
    entry = PROJECT_ROOT / "dashboards" / "app.py"
    flags = {
        "server.address": HOST,
        "server.port": str(settings.dashboard_port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    options = [part for name, value in flags.items() for part in (f"--{name}", value)]
    arguments = (sys.executable, "-m", "streamlit", "run", str(entry), *options)
    return Service("dashboards", arguments, settings.dashboard_port, "/_stcore/health")


def run(settings: Settings, services: Sequence[Service], say: Callable[[str], object]) -> None:
    """Run the services until Ctrl-C or a termination signal. Raises SignalboxError when one cannot start or ends."""
    for service in services:
        if service.port:
            _check_free(service)
    environment = {**os.environ, "SIGNALBOX_HOME": str(settings.home)}
    with _interruptible(), _children(services, environment) as children:
        try:
            _await(children)
            for service in children:
                if service.port:
                    say(f"{service.name}: {service.url}")
            say("Ctrl-C ends it")
            while True:
                _check_alive(children)
                time.sleep(_POLL_SECONDS)
        except KeyboardInterrupt:
            say("ending")


@contextmanager
def _children(
    services: Sequence[Service], environment: dict[str, str]
) -> Iterator[dict[Service, subprocess.Popen[bytes]]]:
    """The processes, each the head of a group of its own, so that what they start ends with them."""
    children: dict[Service, subprocess.Popen[bytes]] = {}
    try:
        for service in services:
            children[service] = subprocess.Popen(
                service.arguments,
                env=environment,
                cwd=PROJECT_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        yield children
    finally:
        for child in children.values():
            _signal(child, signal.SIGTERM)
        limit = time.monotonic() + _END_SECONDS
        for child in children.values():
            try:
                child.wait(max(limit - time.monotonic(), 0))
            except subprocess.TimeoutExpired:
                _signal(child, signal.SIGKILL)
                child.wait()
            _signal(child, signal.SIGKILL)


@contextmanager
def _interruptible() -> Iterator[None]:
    """A termination signal ends things as Ctrl-C does."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _await(children: dict[Service, subprocess.Popen[bytes]]) -> None:
    limit = time.monotonic() + _START_SECONDS
    for service in children:
        while service.health and not _answers(service.url + service.health):
            _check_alive(children)
            if time.monotonic() > limit:
                raise SignalboxError(f"{service.name}: no answer at {service.url} after {_START_SECONDS:.0f} s")
            time.sleep(_POLL_SECONDS)


def _check_alive(children: dict[Service, subprocess.Popen[bytes]]) -> None:
    for service, child in children.items():
        if child.poll() is not None:
            raise SignalboxError(f"{service.name} ended with status {child.returncode}; its messages stand above")


def _check_free(service: Service) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, service.port))
        except OSError as error:
            raise SignalboxError(
                f"{HOST}:{service.port} is in use; end what runs there or choose another port for the {service.name}"
            ) from error


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _signal(child: subprocess.Popen[bytes], number: int) -> None:
    """To the whole group; it may be gone already."""
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        return
