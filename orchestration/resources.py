"""The resource that holds a run's build session, and with it the writer's lock.

Belongs here: from a run's configuration to a session, whoever started the run. Not here: the session's steps.
"""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import dagster as dg

from orchestration.instance import LOCK_TAG, fail_dead_runs
from orchestration.session import BuildOptions, BuildSession
from signalbox.errors import UsageError
from signalbox.lock import writer_lock
from signalbox.publish.keep import close_killed
from signalbox.settings import Settings

CONFIG = {
    "as_of": dg.Field(str, is_required=False, description="Build what was known then: ISO instant, UTC"),
    "from": dg.Field(str, is_required=False, description="First business day to recompute: YYYY-MM-DD"),
    "to": dg.Field(str, is_required=False, description="Last business day to recompute: YYYY-MM-DD"),
    "full_refresh": dg.Field(bool, default_value=False, description="Rebuild everything"),
    "land": dg.Field(bool, default_value=True, description="Land what is new in the drop area first"),
}


def session_resource(settings: Settings, prepared: BuildSession | None = None) -> dg.ResourceDefinition:
    """The session of a run. ``prepared``: the one that ``signalbox build`` made in this process, under its lock."""

    @dg.resource(config_schema=CONFIG, description="One build of the home, under its writer's lock")
    def session(context: dg.InitResourceContext) -> Iterator[BuildSession]:
        if prepared is not None:
            prepared.run_id = prepared.record.run_id = context.run_id
            yield prepared
            return
        with writer_lock(settings, "a build started from Dagster"):
            instance = context.instance
            instance.add_run_tags(context.run_id, {LOCK_TAG: str(os.getpid())})
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
    options = BuildOptions(
        as_of=parse_instant(config["as_of"]) if config.get("as_of") else None,
        date_from=parse_day(config["from"]) if config.get("from") else None,
        date_to=parse_day(config["to"]) if config.get("to") else None,
        full_refresh=bool(config.get("full_refresh")),
        land=bool(config.get("land", True)),
    )
    if options.date_from and options.date_to and options.date_from > options.date_to:
        raise UsageError(f"from {options.date_from} is after to {options.date_to}")
    return options


def config_of(options: BuildOptions) -> dict[str, Any]:
    """The run configuration that gives these options."""
    texts = {"as_of": options.as_of, "from": options.date_from, "to": options.date_to}
    config: dict[str, Any] = {name: value.isoformat() for name, value in texts.items() if value is not None}
    return {**config, "full_refresh": options.full_refresh, "land": options.land}


def parse_instant(text: str) -> datetime:
    """An ISO instant as UTC without zone; a date alone is its midnight. Raises UsageError."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not an instant such as 2026-10-14T04:55 or 2026-10-14T06:55+02:00") from error
    return instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant


def parse_day(text: str) -> date:
    """A day as YYYY-MM-DD. Raises UsageError."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a day such as 2026-10-14") from error
