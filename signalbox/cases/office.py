"""Everything that somebody needs to work: the snapshot, the cases, the policy, the tower's time.

Belongs here: opening these together, for the command and the pages. The tower's time is the machine's in a home whose
clock is `wall`; in one whose clock is `data` it goes on from the snapshot's as_of, so that what people do there stands
behind the data that they saw and before what comes next. Not here: what is done with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from signalbox.cases import queue
from signalbox.cases.policy import Person, Policy, load_policy
from signalbox.cases.store import Store, open_store
from signalbox.cases.work import Desk
from signalbox.errors import UsageError
from signalbox.publish import Snapshot, open_snapshot
from signalbox.settings import Settings


@dataclass
class Office:
    """One snapshot and the cases beside it; ``cases`` is what people did, read anew only where it changed."""

    settings: Settings
    snapshot: Snapshot
    store: Store
    overlay: queue.Overlay

    @property
    def moment(self) -> datetime:
        return tower_time(self.settings, self.snapshot)

    @property
    def policy(self) -> Policy:
        return load_policy(self.settings, self.moment)

    def desk(self, person: str | Person) -> Desk:
        """Sit somebody down. Raises UsageError for a person who is not in the policy."""
        policy = self.policy
        who = person if isinstance(person, Person) else policy.people.get(person)
        if who is None:
            names = ", ".join(sorted(policy.people))
            raise UsageError(f"{person!r} is nobody in the policy's table of people; there are {names}")
        return Desk(self.store, policy, who, self.moment, self.snapshot.snapshot_id)

    def find(self, desk: Desk, case_id: str) -> dict[str, Any]:
        """A case that this person may see, as the queue tells it."""
        con = self.snapshot.con
        return queue.find(con, self.overlay.table(), desk.policy, desk.person, desk.moment, case_id)


@contextmanager
def open_office(settings: Settings) -> Iterator[Office]:
    """The home's current snapshot and its cases. Raises SignalboxError when nothing is published."""
    with open_snapshot(settings) as snapshot:
        store = open_store(settings)
        try:
            yield Office(settings, snapshot, store, queue.Overlay(store))
        finally:
            store.close()


def tower_time(settings: Settings, snapshot: Snapshot) -> datetime:
    """Now, as the tower tells the time; UTC without zone."""
    now = datetime.now(UTC).replace(tzinfo=None)
    if settings.clock == "wall":
        return now
    created = datetime.fromisoformat(snapshot.manifest["created"]).astimezone(UTC).replace(tzinfo=None)
    since = now - created
    return snapshot.as_of + max(since, timedelta())
