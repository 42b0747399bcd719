"""Assembles what Dagster sees: assets, checks, the job, its schedule and its sensor, for one home.

Belongs here: the assembly. ``dagster dev -m orchestration.definitions`` loads the home that ``SIGNALBOX_HOME``
names. Not here: any of the parts.
"""

from __future__ import annotations

from collections.abc import Callable

import dagster as dg

from orchestration.assets.feeds import feed_assets
from orchestration.assets.models import model_assets
from orchestration.assets.snapshot import snapshot_assets
from orchestration.checks import suite_checks
from orchestration.dbt import DbtProject
from orchestration.keys import SESSION
from orchestration.resources import session_resource
from orchestration.schedules import daily_build
from orchestration.sensors import new_files
from orchestration.session import BuildSession
from signalbox.settings import Settings, load_settings

JOB = "build"


def build_definitions(
    settings: Settings, project: DbtProject | None = None, prepared: Callable[[], BuildSession] | None = None
) -> dg.Definitions:
    """Definitions for a home. ``prepared`` gives the session of a build of this process, which holds the lock."""
    project = project or DbtProject(settings)
    job = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        executor_def=dg.in_process_executor,
        description="Land what is new, build, audit, publish: the one pipeline, whoever starts it.",
    )
    return dg.Definitions(
        assets=[feed_assets(settings), model_assets(settings, project), *snapshot_assets(project)],
        asset_checks=suite_checks(settings, project),
        jobs=[job],
        schedules=[daily_build(settings, job)],
        sensors=[new_files(settings, job)],
        resources={SESSION: session_resource(settings, prepared)},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    return build_definitions(load_settings())
