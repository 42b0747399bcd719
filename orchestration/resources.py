"""The resource that holds a run's build session, and with it the writer's lock.

Belongs here: from a run's configuration to a session, whoever started the run. Not here: the session's steps.
"""

from collections.abc import Callable, Iterator
from typing import Any

import dagster as dg

from orchestration.instance import LOCK_TAG, WAIT_TAG, fail_dead_runs, process_mark
from orchestration.options import BuildOptions
from orchestration.session import BuildSession
from signalbox.lock import writer_lock
from signalbox.moments import parse_day, parse_instant
from signalbox.publish.keep import close_killed
from signalbox.settings import Settings

# How long a run waits for another writer of the home.
_WAIT_SECONDS = 900.0
CONFIG = {
    "as_of": dg.Field(str, is_required=False, description="Build what was known then: ISO instant, UTC"),
    "from": dg.Field(str, is_required=False, description="First business day to recompute: YYYY-MM-DD"),
    "to": dg.Field(str, is_required=False, description="Last business day to recompute: YYYY-MM-DD"),
    "full_refresh": dg.Field(bool, default_value=False, description="Rebuild everything"),
    "engine": dg.Field(dg.Enum("engine", [dg.EnumValue("duckdb"), dg.EnumValue("spark")]), default_value="duckdb"),
    "land": dg.Field(bool, default_value=True, description="Land what is new in the drop area first"),
    "quick": dg.Field(bool, default_value=False, description="Only orders, sales, returns and stock that are touched"),
    "files_at_most": dg.Field(int, is_required=False, description="How many new files of it are landed; default: all"),
}


def session_resource(settings: Settings, prepared: Callable[[], BuildSession] | None = None) -> dg.ResourceDefinition:
    """The session of a run. ``prepared`` gives the one that ``build`` or ``watch`` made here, under their lock."""

    @dg.resource(config_schema=CONFIG, description="One build of the home, under its writer's lock")
    def session(context: dg.InitResourceContext) -> Iterator[BuildSession]:
        if prepared is not None:
            made = prepared()
            made.run_id = made.record.run_id = context.run_id
            yield made
            return
        instance = context.instance
        instance.add_run_tags(context.run_id, {WAIT_TAG: process_mark()})
        # Nobody stands before the terminal to start it again.
        with writer_lock(settings, "a build started from Dagster", max(settings.lock_wait_seconds, _WAIT_SECONDS)):
            instance.add_run_tags(context.run_id, {LOCK_TAG: process_mark()})
            fail_dead_runs(instance, own_run_id=context.run_id)
            close_killed(settings)
            opened = BuildSession(settings, options_of(context.resource_config), run_id=context.run_id)
            try:
                yield opened
            finally:
                opened.finish()

    return session


def options_of(config: dict[str, Any]) -> BuildOptions:
    """Options from a run's configuration. Raises UsageError naming the value that is wrong."""
    return BuildOptions(
        as_of=parse_instant(config["as_of"], "as_of") if config.get("as_of") else None,
        date_from=parse_day(config["from"], "from") if config.get("from") else None,
        date_to=parse_day(config["to"], "to") if config.get("to") else None,
        full_refresh=bool(config.get("full_refresh")),
        land=bool(config.get("land", True)),
        files_at_most=config.get("files_at_most"),
        engine=config.get("engine", "duckdb"),
        quick=bool(config.get("quick")),
    )


def config_of(options: BuildOptions) -> dict[str, Any]:
    """The run configuration that gives these options."""
    texts = {"as_of": options.as_of, "from": options.date_from, "to": options.date_to}
    config: dict[str, Any] = {name: value.isoformat() for name, value in texts.items() if value is not None}
    if options.files_at_most is not None:
        config["files_at_most"] = options.files_at_most
    flags = {"full_refresh": options.full_refresh, "land": options.land, "quick": options.quick}
    return {**config, **flags, "engine": options.engine}
