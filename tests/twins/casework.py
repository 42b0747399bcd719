"""Twins of K93 to K98, K104 and K105: exceptions as their controls found them, and what people did with them.

Formulas: catalogue K93–K98, K104, K105, convention 11 (service levels run on the owner's calendar, pauses removed), and
the rules of closing and reopening at the head of the exception catalogue. What the controls found is given, since K93
counts it; calendar, types and actions are read from their files. Not here: the comparison.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

_SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"
_ZONE = ZoneInfo("Europe/Berlin")
_ENDS = ("resolve", "dismiss", "merge", "reopen")


def _seed(name: str) -> list[dict[str, str]]:
    with (_SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _utc(day: date, clock: str) -> datetime:
    local = datetime.combine(day, time.fromisoformat(clock), _ZONE)
    return local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


def _day(moment: datetime) -> date:
    return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(_ZONE).date()


class Hours:
    """Working time of an owner, day by day from the calendar's file."""

    def __init__(self, owner: str) -> None:
        rows = _seed("business_calendar")
        self._closed = {row["calendar_date"] for row in rows if row["owner_role"] == "*" and not row["opens_local"]}
        own = [row for row in rows if row["owner_role"] == owner]
        self._own = own[0] if own else None

    @property
    def is_known(self) -> bool:
        return self._own is not None

    def _span(self, day: date) -> tuple[datetime, datetime] | None:
        assert self._own is not None
        if day.isoformat() in self._closed or str(day.isoweekday()) not in self._own["weekdays"]:
            return None
        return _utc(day, self._own["opens_local"]), _utc(day, self._own["closes_local"])

    def between(self, first: datetime, last: datetime) -> float:
        day, whole = _day(first) - timedelta(days=1), 0.0
        while day <= _day(last):
            span = self._span(day)
            if span:
                whole += max((min(span[1], last) - max(span[0], first)).total_seconds(), 0.0)
            day += timedelta(days=1)
        return whole

    def after(self, moment: datetime, seconds: float) -> datetime:
        day, left = _day(moment), seconds
        while True:
            span = self._span(day)
            if span and span[1] > moment:
                begin = max(span[0], moment)
                here = (span[1] - begin).total_seconds()
                if left <= here:
                    return begin + timedelta(seconds=left)
                left -= here
            day += timedelta(days=1)


@dataclass
class Case:
    """One exception with its type and the actions on it, oldest first."""

    found: Mapping[str, Any]
    kind: Mapping[str, str]
    acts: list[dict[str, Any]] = field(default_factory=list)
    as_of: datetime = datetime.max

    def __post_init__(self) -> None:
        self.hours = Hours(self.kind["owner_role"])
        self.sla = float(self.kind["sla_hours"]) * 3600
        allowed = [act for act in self.acts if act["policy_result"] != "refused" and act["object_type"] == "case"]
        ends = [act for act in allowed if act["action_code"] in _ENDS]
        last = ends[-1] if ends and ends[-1]["action_code"] != "reopen" else None
        closed = self.found["closed_ts"]
        self.is_retracted = bool(self.found["is_retracted"])
        if self.is_retracted or (last and closed and closed <= last["event_ts"]):
            last = None
        again = False
        if last and last["action_code"] == "resolve" and self.kind["is_event"] != "true" and self.hours.is_known:
            asked = self.hours.after(last["event_ts"], self.sla)
            again = asked <= self.as_of and (closed is None or closed > asked)
        self.settled = last
        self.closed = closed if last is None or again else last["event_ts"]
        self.is_open = self.closed is None
        self.reopened = self.found["reopened_count"] + again + sum(act["action_code"] == "reopen" for act in allowed)
        self.by_people = sum(act["actor_type"] == "person" for act in allowed)
        self.ending = "open" if self.is_open else self._ending(last, again)
        taken = [act["event_ts"] for act in allowed if act["action_code"] == "acknowledge"]
        self.taken = None
        if self.ending != "self_cleared":
            self.taken = min(taken) if taken else (last["event_ts"] if last else None)
        self.pauses = self._pauses(allowed)

    @staticmethod
    def _ending(last: Mapping[str, Any] | None, again: bool) -> str:
        if last is None:
            return "self_cleared"
        if not again and last["action_code"] in ("dismiss", "merge"):
            return {"dismiss": "no_issue", "merge": "merged"}[last["action_code"]]
        return "person" if last["actor_type"] == "person" else "automation"

    @staticmethod
    def _pauses(allowed: list[dict[str, Any]]) -> list[tuple[datetime, datetime | None]]:
        steps = [act for act in allowed if act["action_code"] in ("pause", "resume", *_ENDS)]
        return [
            (act["event_ts"], steps[place + 1]["event_ts"] if place + 1 < len(steps) else None)
            for place, act in enumerate(steps)
            if act["action_code"] == "pause"
        ]

    def paused(self, until: datetime | None) -> float:
        """Working seconds of pauses before ``until``; one that runs still has no end."""
        whole = 0.0
        for begin, end in self.pauses:
            ends = [moment for moment in (end, until) if moment is not None]
            if ends:
                whole += max(self.hours.between(begin, min(ends)), 0.0)
        return whole

    @property
    def is_paused(self) -> bool:
        return self.is_open and any(end is None for _, end in self.pauses)


def cases(found: Iterable[Mapping[str, Any]], actions: Iterable[dict[str, Any]], as_of: datetime) -> list[Case]:
    """Each failed item of a control with its type and its actions."""
    kinds = {row["code"]: row for row in _seed("exception_catalog")}
    by_case: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for act in sorted(actions, key=lambda act: (act["event_ts"], act["row_no"])):
        if act.get("case_id"):
            by_case[act["case_id"]].append(act)
    return [Case(row, kinds[row["code"]], by_case[exception_id(row)], as_of) for row in found]


def exception_id(row: Mapping[str, Any]) -> str:
    key = f"{row['code']}|{row['business_key']}|{row['opening_key']}"
    return hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()


def _frame(rows: list[tuple[str, date, float, float]]) -> pl.DataFrame:
    named = pl.DataFrame(rows, schema=["kpi_id", "period_date", "numerator", "denominator"], orient="row")
    return named.group_by("kpi_id", "period_date").agg(
        pl.col("numerator").cast(pl.Float64).sum(), pl.col("denominator").cast(pl.Float64).sum()
    )


def k93(known: list[Case], as_of: datetime) -> pl.DataFrame:
    """Open exceptions now, their value and age; opened and closed by day."""
    rows: list[tuple[str, date, float, float]] = []
    for case in known:
        if case.is_retracted:
            continue
        rows.append(("K93.opened", _day(case.found["detected_ts"]), 1, 1))
        if not case.is_open:
            rows.append(("K93.closed", _day(case.closed), 1, 1))
            continue
        rows.append(("K93", _day(as_of), 1, 1))
        rows.append(("K93.age", _day(as_of), (as_of - case.found["detected_ts"]).total_seconds(), 1))
        if case.found["value_at_risk_amount"] is not None:
            rows.append(("K93.value", _day(as_of), float(case.found["value_at_risk_amount"]), 1))
    return _frame(rows)


def k94(known: list[Case], as_of: datetime) -> pl.DataFrame:
    """Business time from detection to taking and to resolving, pauses removed; elapsed time to detection."""
    rows: list[tuple[str, date, float, float]] = []
    for case in known:
        if case.is_retracted:
            continue
        begin = case.found["detected_ts"]
        rows.append(("K94.detect", _day(begin), (begin - case.found["opened_ts"]).total_seconds(), 1))
        if not case.hours.is_known:
            continue
        if case.taken is not None and case.taken >= begin:
            worked = case.hours.between(begin, case.taken) - case.paused(case.taken)
            rows.append(("K94", _day(case.taken), worked, 1))
        if case.ending in ("person", "automation"):
            worked = case.hours.between(begin, case.closed) - case.paused(case.closed)
            rows.append(("K94.resolve", _day(case.closed), worked, 1))
    return _frame(rows)


def k95(known: list[Case], as_of: datetime) -> pl.DataFrame:
    """Due in the period and resolved by then; pauses extend what is due; false alarms and merged ones are out."""
    rows: list[tuple[str, date, float, float]] = []
    for case in known:
        if case.is_retracted or case.ending in ("no_issue", "merged") or not case.hours.is_known or case.is_paused:
            continue
        begin = case.found["detected_ts"]
        due = case.hours.after(begin, case.sla + case.paused(case.closed))
        if due > as_of:
            continue
        in_time = not case.is_open and case.hours.between(begin, case.closed) - case.paused(case.closed) <= case.sla
        rows.append(("K95", _day(due), in_time, 1))
    return _frame(rows)


def k96(known: list[Case], as_of: datetime) -> pl.DataFrame:
    """Closed by automation alone and for good, of those closed by somebody; self-cleared of all closed."""
    rows: list[tuple[str, date, float, float]] = []
    for case in known:
        if case.is_retracted or case.is_open:
            continue
        rows.append(("K96.self_cleared", _day(case.closed), case.ending == "self_cleared", 1))
        if case.ending in ("person", "automation"):
            alone = case.ending == "automation" and not case.by_people and not case.reopened
            rows.append(("K96", _day(case.closed), alone, 1))
    return _frame(rows)


def k97(known: list[Case], as_of: datetime) -> pl.DataFrame:
    """Reopened, no issue and merged; what was disproved is a false alarm."""
    rows: list[tuple[str, date, float, float]] = []
    for case in known:
        if case.is_retracted:
            rows.append(("K97.false_alarm", _day(case.closed), 1, 1))
            continue
        rows.append(("K97.duplicate", _day(case.found["detected_ts"]), case.ending == "merged", 1))
        last = case.closed or (case.settled and case.settled["event_ts"])
        if last:
            rows.append(("K97", _day(last), case.reopened > 0, 1))
        if not case.is_open:
            rows.append(("K97.false_alarm", _day(case.closed), case.ending == "no_issue", 1))
    return _frame(rows)


def k98(known: list[Case], work: Iterable[Mapping[str, Any]], as_of: datetime) -> pl.DataFrame:
    """By code over 90 days: volume a month x median minutes x share of the commonest way x (1 - reopened)."""
    minutes: dict[str, float] = defaultdict(float)
    for row in work:
        minutes[row["item_id"]] += row["handling_seconds"] / 60
    by_code: dict[str, list[Case]] = defaultdict(list)
    for case in known:
        recent = case.closed is not None and as_of - timedelta(days=90) < case.closed <= as_of
        if not case.is_retracted and case.ending in ("person", "automation") and recent:
            by_code[case.kind["code"]].append(case)
    rows: list[tuple[str, date, float, float]] = []
    for settled in by_code.values():
        n = len(settled)
        ways = Counter(
            case.settled.get("outcome_code") or case.settled["action_code"] for case in settled if case.settled
        )
        share = max(ways.values()) / n
        told = [minutes[exception_id(case.found)] for case in settled if exception_id(case.found) in minutes]
        if share >= 0.8 and told:
            reopened = sum(case.reopened > 0 for case in settled) / n
            rows.append(("K98", _day(as_of), n / 3 * median(told) * share * (1 - reopened), 1))
    return _frame(rows)


def k104(actions: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Actions that conform, and overrides, of all that the policy was asked about."""
    rows: list[tuple[str, date, float, float]] = []
    for act in actions:
        rows.append(("K104", _day(act["event_ts"]), act["policy_result"] == "allowed", 1))
        rows.append(("K104.override", _day(act["event_ts"]), act["policy_result"] == "overridden", 1))
    return _frame(rows)


def k105(actions: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Whole records of what rules and models did."""
    rows: list[tuple[str, date, float, float]] = []
    for act in actions:
        if act["actor_type"] == "person":
            continue
        whole = all(act.get(name) for name in ("inputs_digest", "rule_version", "policy_result", "actor_id"))
        whole = whole and bool(act.get("approval_id") or not act.get("is_approval_needed"))
        whole = whole and bool(act.get("outcome_code") or act["action_code"] in ("route", "escalate", "alert"))
        rows.append(("K105", _day(act["event_ts"]), whole, 1))
    return _frame(rows)
