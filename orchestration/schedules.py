"""When a build runs without anybody asking.

Belongs here: schedules. Not here: the job.
"""

from __future__ import annotations

from typing import Any

import dagster as dg

from signalbox.settings import Settings

# After the due time and grace of the contracts' daily deliveries (01:30 and 03:00 plus an hour).
DAILY_AT = "30 4 * * *"


def daily_build(settings: Settings, job: Any) -> dg.ScheduleDefinition:
    """A build every morning of the reporting zone: exceptions that open by time do so without new files."""
    return dg.ScheduleDefinition(
        name="daily_build",
        job=job,
        cron_schedule=DAILY_AT,
        execution_timezone=settings.reporting_time_zone,
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="Builds every morning; switch it on for a home whose clock is the wall's.",
    )
