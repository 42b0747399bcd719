"""How a home stands: what is served, the last build, what was delivered, what waits in quarantine.

Belongs here: gathering facts that stand elsewhere. Not here: deciding whether a feed is late; the inbound suites do,
and their results are published.
"""

from __future__ import annotations

from typing import Any

from signalbox.landing.ledger import Ledger
from signalbox.publish import current_snapshot_id, list_builds, open_snapshot
from signalbox.publish.layout import pinned_snapshot_id
from signalbox.settings import Settings

_FEEDS = """
select feed_id, entity, system_code, max(business_date) as last_business_date, max(received_ts) as last_received_ts,
    count(*) as files, sum(rows_accepted) as rows, sum(rows_quarantined) as rows_quarantined
from file group by feed_id, entity, system_code order by feed_id, entity
"""
_OVERDUE = """
select target_name, success from quality_result
where suite_kind = 'inbound' and expectation = 'the next delivery is not overdue'
"""


def home_status(settings: Settings) -> dict[str, Any]:
    """The facts of a home; ``feeds`` holds one object an entity that was ever delivered. Writes nothing."""
    feeds = _feeds(settings)
    served, as_of, behind, states = _served(settings)
    builds = list_builds(settings, 1)
    last = builds[0] if builds else None
    return {
        "home": str(settings.home),
        "snapshot": served,
        "data_as_of": as_of,
        "tables_behind": behind,
        "pinned": pinned_snapshot_id(settings),
        "last_build": last.build_id if last else None,
        "last_build_status": last.status if last else None,
        "last_build_error": last.error if last else None,
        "files": sum(feed["files"] for feed in feeds),
        "rows": sum(feed["rows"] for feed in feeds),
        "rows_in_quarantine": sum(feed["rows_quarantined"] for feed in feeds),
        "feeds_late": sum(state == "late" for state in states.values()),
        "feeds": [feed | {"state": states.get(feed["entity"])} for feed in feeds],
    }


def _feeds(settings: Settings) -> list[dict[str, Any]]:
    if not settings.ledger_path.exists():
        return []
    with Ledger(settings) as ledger:
        cursor = ledger.con.execute(_FEEDS)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _served(settings: Settings) -> tuple[str | None, str | None, int, dict[str, str]]:
    """The served snapshot, its instant, how many tables wait for a complete build; entity -> on time or late then."""
    if current_snapshot_id(settings) is None:
        return None, None, 0, {}
    with open_snapshot(settings) as snapshot:
        found = snapshot.con.execute(_OVERDUE).fetchall()
        states = {name: "on time" if success else "late" for name, success in found if success is not None}
        return snapshot.snapshot_id, f"{snapshot.as_of.isoformat()}Z", len(snapshot.behind), states
