"""``watch``: the resident loop, its one line a batch, and its clean stop."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from signalbox.commands.options import settings_of

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_ABANDONED = 130


@click.command(short_help="The resident loop: lands, builds and publishes as files arrive.")
@click.option("--once", is_flag=True, help="Process what is there and end.")
@click.option("--interval", type=click.FloatRange(min=0.05), help="Seconds between two looks; default: a setting, 1.")
@click.pass_context
def watch(context: click.Context, once: bool, interval: float | None) -> None:
    """Look at the drop area (home/landing) and publish what arrives, until Ctrl-C or a termination signal.

    Where a complete build takes long, what is touched is published first, and the rest when it is quiet.

    What people do with cases arrives there, too. What arrives while a batch is built is the next batch. The first
    signal lets the batch end, a second one abandons it: what is served stays as it is.
    """
    from orchestration.build import Builder
    from signalbox.cases.outbox import send_waiting
    from signalbox.publish import complete_seconds
    from signalbox.watch import Watch

    settings = settings_of(context)
    settings.landing_dir.mkdir(parents=True, exist_ok=True)
    stop = threading.Event()
    # Builds run beside the main thread, where signals arrive and where libraries would put handlers of their own.
    with _stopped_by_signals(stop), ThreadPoolExecutor(1) as worker, Builder(settings) as builder:
        loop = Watch(
            settings,
            lambda quick: builder.batch(settings.watch_files_at_most, quick),
            _say,
            collect=lambda: send_waiting(settings, is_people_only=True),
            complete_seconds=complete_seconds(settings),
        )
        if not once:
            _say(f"watching {settings.landing_dir}; Ctrl-C ends it")
        worker.submit(loop.run, stop, interval or settings.watch_interval_seconds, once).result()
    if not once:
        _say("ended")


@contextmanager
def _stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    def handle(_number: int, _frame: object) -> None:
        if stop.is_set():
            _say("abandoned; the next start repairs what it left")
            os._exit(_ABANDONED)
        stop.set()
        _say("ending after the batch that is being built, if there is one; again to abandon it")

    before = {number: signal.signal(number, handle) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(text: str) -> None:
    click.echo(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}  {text}")
