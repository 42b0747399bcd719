"""Everything that somebody needs to work: the snapshot, the cases, the policy, the tower's time.

Belongs here: opening these together, for the command and the pages. The tower's time is the machine's in a home whose
clock is `wall`. In one whose clock is `data` it goes on while an office is open, from the snapshot's as_of or the last
action, whichever is later: what people do stands behind the data that they saw, and no feed is late because a home was
left alone. Not here: what is done with them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from signalbox.cases import queue
from signalbox.cases.calendar import BusinessClock
from signalbox.cases.policy import Person, Policy, load_policy
from signalbox.cases.store import Store, open_store
from signalbox.cases.tables import audit_log
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
    _opened: float = field(default_factory=time.monotonic)

    @property
    def moment(self) -> datetime:
        """Now, as the tower tells the time; UTC without zone."""
        if self.settings.clock == "wall":
            return datetime.now(UTC).replace(tzinfo=None)
        return self._begin + timedelta(seconds=time.monotonic() - self._opened)

    @cached_property
    def _begin(self) -> datetime:
        with self.store.reading() as con:
            last = con.execute(sa.select(sa.func.max(audit_log.c.moment_ts))).scalar_one()
        return max(self.snapshot.as_of, last or self.snapshot.as_of)

    @cached_property
    def clock(self) -> BusinessClock:
        return BusinessClock.of(self.snapshot.con)

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
        return Desk(self.store, policy, who, self.moment, self.snapshot.snapshot_id, self.clock)

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
