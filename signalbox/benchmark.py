"""How well controls find what was injected: a published snapshot against the simulator's truth.

Belongs here: the scoring. Not here: simulating or building (the command composes them), or the truth itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from signalbox.errors import UsageError

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Score:
    """One control. ``injected``: faults that were knowable at the snapshot's instant; ``found``: those that it
    raised.

    precision: exceptions that are real over all it raised (a retracted one is a false alarm; an ordinary mishap of
    the simulated world is real); recall: found / injected; time to detect: median from the fault's opening to
    detection. A ratio is None where there is nothing to divide.
    """

    code: str
    injected: int
    found: int
    precision: float | None
    recall: float | None
    time_to_detect_seconds: float | None
    false_alarms_per_day: float


_SCORES = """
with truth as (
    select *
    from read_parquet($faults)
    where known_ts <= (select as_of from build_context)
),

raised as (
    select
        exception.code,
        exception.business_key,
        exception.detected_ts,
        exception.status_code != 'retracted' and exists (
            select 1
            from truth
            where
                truth.code = exception.code
                and truth.business_key = exception.business_key
                and truth.kind != 'near_miss'
        ) as is_real
    from fct_exception as exception
),

expected as (
    select
        truth.code,
        truth.fault_id,
        truth.opened_ts,
        min(raised.detected_ts) as detected_ts
    from truth
    left join raised on truth.code = raised.code and truth.business_key = raised.business_key and raised.is_real
    where truth.kind = 'injected'
    group by all
),

by_truth as (
    select
        code,
        count(*) as injected,
        count(detected_ts) as found,
        median(epoch(detected_ts) - epoch(opened_ts)) filter (where detected_ts is not null) as seconds
    from expected
    group by code
),

by_alarm as (
    select code, count(*) as alarms, count_if(is_real) as real_alarms
    from raised
    group by code
)

select
    code,
    coalesce(injected, 0),
    coalesce(found, 0),
    cast(real_alarms as double) / nullif(alarms, 0),
    cast(found as double) / nullif(injected, 0),
    cast(seconds as double),
    cast(coalesce(alarms - real_alarms, 0) as double) / $days
from by_truth
full join by_alarm using (code)
order by code
"""


def score(con: duckdb.DuckDBPyConnection, truth: Path) -> list[Score]:
    """Scores by code; ``con`` sees the published tables, ``truth`` is the folder that the simulator wrote.

    Raises UsageError when there is no truth there.
    """
    faults, run = truth / "faults.parquet", truth / "run.json"
    if not faults.exists() or not run.exists():
        raise UsageError(f"{truth}: no truth of a simulated retailer here; give --seed N, or --truth DIR")
    facts = json.loads(run.read_text(encoding="utf-8"))
    days = (date.fromisoformat(facts["last_day"]) - date.fromisoformat(facts["first_day"])).days + 1
    return [Score(*row) for row in con.execute(_SCORES, {"faults": str(faults), "days": days}).fetchall()]
