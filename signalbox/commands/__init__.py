"""The command's parts: one module a family of commands, each body a few lines that call the domain and print.

Belongs here: options and printing. Not here: any rule about data. Heavy imports stand in the bodies.
"""

from __future__ import annotations

import click

from signalbox.commands.benchmark import benchmark
from signalbox.commands.casework import access, approvals, audit
from signalbox.commands.cluster import cluster
from signalbox.commands.demo import demo
from signalbox.commands.exceptions import exceptions
from signalbox.commands.export import export
from signalbox.commands.kpi import kpi
from signalbox.commands.ocel import ocel
from signalbox.commands.pipeline import build, land, prune, simulate
from signalbox.commands.quality import quality
from signalbox.commands.quarantine import quarantine
from signalbox.commands.serve import serve
from signalbox.commands.snapshots import snapshots
from signalbox.commands.status import status
from signalbox.commands.watch import watch

COMMANDS: list[click.Command] = [
    demo,
    simulate,
    land,
    build,
    watch,
    status,
    kpi,
    exceptions,
    approvals,
    access,
    audit,
    export,
    ocel,
    quarantine,
    snapshots,
    prune,
    quality,
    benchmark,
    cluster,
    serve,
]
