"""``serve``: the dashboards, and Dagster's own pages, on loopback until interrupted."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from signalbox.commands.options import settings_of

if TYPE_CHECKING:
    from signalbox.serving import Service
    from signalbox.settings import Settings


@click.command(short_help="The dashboards; --dagster: the orchestration UI too.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the dashboards; default: a setting, 8501.")
@click.option("--dagster", "with_dagster", is_flag=True, help="Dagster's pages too, with its sensor and schedule.")
@click.option("--dagster-port", type=click.IntRange(1, 65535), help="Their port; default: a setting, 3000.")
@click.pass_context
def serve(context: click.Context, port: int | None, with_dagster: bool, dagster_port: int | None) -> None:
    """Serve on 127.0.0.1 until Ctrl-C; prints what to open."""
    settings = settings_of(context)
    ports = {"dashboard_port": port, "dagster_port": dagster_port}
    chosen = settings.model_copy(update={name: value for name, value in ports.items() if value is not None})
    serve_home(chosen, with_dagster)


def serve_home(settings: Settings, with_dagster: bool = False) -> None:
    """The dashboards of a home, and Dagster's pages where asked for."""
    from signalbox import serving

    services = [serving.dashboards(settings), *(dagster_services(settings) if with_dagster else ())]
    serving.run(settings, services, click.echo)


def dagster_services(settings: Settings) -> list[Service]:
    """Dagster's webserver and the daemon of its sensor and schedule, on the home's instance."""
    from orchestration.instance import ensure_instance
    from signalbox.serving import HOST, Service

    ensure_instance(settings)
    module = ("-m", "orchestration.definitions")
    start = (sys.executable, "-m")
    pages = (*start, "dagster_webserver", *module, "-h", HOST, "-p", str(settings.dagster_port))
    daemon = (*start, "dagster._daemon", "run", *module)
    return [Service("Dagster", pages, settings.dagster_port, "/server_info"), Service("Dagster's daemon", daemon)]
