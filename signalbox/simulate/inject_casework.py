"""People who work cases in a calm world, the few who do what they may not, and the truth about them.

Belongs here: the tower's own log, E66f, E66h. Not here: handling time (``office``), approvals of the retailer's own
systems (``inject_approvals``). Nobody works cases in an ordinary world. A case is routed by a rule, acknowledged by
somebody of its team, and resolved, or its remedy is proposed by that person and approved by a finance controller.
The cases are those of exceptions that the extracts no longer hold. A person in a key of the truth stands in braces,
since the warehouse knows people by pseudonyms alone.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from signalbox.simulate.clock import DAY, HOUR
from signalbox.simulate.cols import Cols, code, join, nullify, same
from signalbox.simulate.demand import World
from signalbox.simulate.faults import Plan
from signalbox.simulate.fulfil import NEVER
from signalbox.simulate.truth import INJECTED, NEAR_MISS, Truth

# Teams that own cases; the first four may approve remedies, too.
TEAMS = (
    "order_operations", "returns", "pricing", "procurement", "customer_service", "data_steward", "warehouse_lead",
    "store_manager",
)  # fmt: skip
MAY_APPROVE = 4
NOT_WITH_MONEY = (3, 1, 2, 6, 7)  # teams whose duties the policy keeps apart from the finance controller's
CONTROLLER, EXECUTIVE = len(TEAMS), len(TEAMS) + 1
ROLES = (*TEAMS, "finance_controller", "executive", "policy")
POLICY = len(ROLES) - 1
ACTIONS = ("route", "acknowledge", "note", "propose", "approve", "resolve", "dismiss")
ROUTE, ACKNOWLEDGE, NOTE, PROPOSE, APPROVE, RESOLVE, DISMISS = range(7)
PEOPLE = 3  # of a team
RULE, GUEST = 0, 900  # numbers of actors besides people: the tower's rules, and people who seldom come
DORMANT_DAYS = 90
ALLOWED, REFUSED = 0, 1


def log_frame(world: World, plan: Plan, truth: Truth) -> dict[str, pl.DataFrame]:
    """audit_log of a calm world; nothing of an ordinary one."""
    if not world.scale.is_calm:
        return {}
    cases = _cases(world)
    rows = _actions(world, cases)
    fit = np.flatnonzero(cases.proposed & (cases.team < MAY_APPROVE) & (cases.end < world.clock.end_ts - 4 * DAY))
    parts = [rows]
    for which, wrong, right in (("E66f", _conflict, _no_conflict), ("E66h", _anomaly, _no_anomaly)):
        for near, act in ((False, wrong), (True, right)):
            hit = plan.pick(which, 0, plan.days, fit, near)
            fit = np.setdiff1d(fit, hit)
            rng = plan.stream(which, 0, "near what" if near else "what")
            for turn, case in enumerate(rng.permutation(hit)):  # a handful
                parts.append(act(world, truth, rng, rows, cases.take(np.array([case])), turn))
    return {"audit_log": _frame(join(parts))}


def _cases(world: World) -> Cols:
    """On each working day some cases of every team; each third needs an approval."""
    clock, rng = world.clock, world.rng("casework")
    days = np.arange(clock.days)
    days = np.repeat(days[clock.weekday(days) < 6], max(8, world.scale.orders // clock.days // 8))
    n = days.size
    begin = clock.utc(days, rng.integers(8 * HOUR, 15 * HOUR, n))
    c = Cols(no=np.arange(1, n + 1), begin=begin, team=rng.integers(0, len(TEAMS), n))
    c.owner = 1 + c.team * PEOPLE + rng.integers(0, PEOPLE, n)
    c.proposed, c.false = rng.random(n) < 0.33, rng.random(n) < 0.1
    c.acknowledged = begin + rng.integers(300, 2700, n)
    c.tried = c.acknowledged + rng.integers(1200, 7200, n)
    c.approved = c.tried + rng.integers(900, 3 * HOUR, n)
    c.end = np.where(c.proposed, c.approved + 1, c.tried + rng.integers(300, 3600, n))
    c.controller = 1 + CONTROLLER * PEOPLE + rng.integers(0, 2, n)
    c.cents = rng.integers(2_000, 90_000, n)
    return c


def _actions(world: World, c: Cols) -> Cols:
    """What the log tells of each case, in the order in which it is done."""
    n, plain = c.size, ~c.proposed
    every, asked = np.arange(n), np.flatnonzero(c.proposed)
    return join([
        _rows(c, every, ROUTE, c.begin, np.full(n, RULE), np.full(n, POLICY)),
        _rows(c, every, ACKNOWLEDGE, c.acknowledged, c.owner, c.team),
        _rows(c, np.flatnonzero(plain), NOTE, c.tried, c.owner, c.team),
        _rows(c, asked, PROPOSE, c.tried, c.owner, c.team),
        _rows(c, asked, APPROVE, c.approved, c.controller, np.full(n, CONTROLLER)),
        _rows(c, asked, RESOLVE, c.end, np.full(n, RULE), np.full(n, POLICY)),
        _rows(c, np.flatnonzero(plain & ~c.false), RESOLVE, c.end, c.owner, c.team),
        _rows(c, np.flatnonzero(plain & c.false), DISMISS, c.end, c.owner, c.team),
    ])  # fmt: skip


def _rows(
    c: Cols, some: np.ndarray, action: int, ts: np.ndarray, who: np.ndarray, role: np.ndarray, result: int = ALLOWED
) -> Cols:  # fmt: skip
    n = some.size
    return Cols(
        case=c.no[some], ts=ts[some], who=who[some], role=role[some], action=np.full(n, action),
        result=np.full(n, result), cents=np.where(c.proposed, c.cents, -1)[some],
    )  # fmt: skip


def _one(c: Cols, action: int, ts: int, who: int, role: int, result: int = ALLOWED) -> Cols:
    """One row of one case."""
    one = np.zeros(1, dtype=np.int64)
    return _rows(c, one, action, one + ts, one + who, one + role, result)


def _conflict(world: World, truth: Truth, rng: np.random.Generator, rows: Cols, c: Cols, turn: int) -> Cols:
    """E66f: somebody covers for a controller on sick leave, or approves what they proposed themselves."""
    mine = rows.case == c.no[0]
    approval = np.flatnonzero(mine & (rows.action == APPROVE))
    if turn % 2 == 0:
        team = next(t for t in np.roll(NOT_WITH_MONEY, turn // 2) if t != c.team[0])
        who = 1 + team * PEOPLE + int(rng.integers(0, PEOPLE))
        rows.who[approval] = who
        begun = rows.ts[(rows.who == who) & (rows.role == team)].min(initial=NEVER)
        key = f"{_name(who)}|{TEAMS[team]}|finance_controller"
        _tell(truth, "E66f", key, INJECTED, max(int(begun), int(rows.ts[approval[0]])), NEVER, "duties in one hand")
        return rows.take(slice(0, 0))
    # nobody refused it while the teams moved to a new policy; every other time a controller looks at it days later
    rows.who[approval], rows.role[approval] = c.owner[0], c.team[0]
    day = world.clock.day(c.end) + rng.integers(1, 4, 1)
    again = int(world.clock.utc(day, rng.integers(9 * HOUR, 16 * HOUR, 1))[0]) if turn % 4 == 1 else NEVER
    key = f"{_case(c)}|{_name(int(c.owner[0]))}|propose|approve"
    _tell(truth, "E66f", key, INJECTED, int(rows.ts[approval[0]]), again, "proposed and approved by one person")
    reviewed = _one(c, APPROVE, again, int(c.controller[0]), CONTROLLER)
    return reviewed if again < NEVER else reviewed.take(slice(0, 0))


def _no_conflict(world: World, truth: Truth, rng: np.random.Generator, rows: Cols, c: Cols, turn: int) -> Cols:
    """Near misses of E66f: approving one's own proposal was refused; or covering for a team that may be combined."""
    who, when = int(c.owner[0]), int(c.tried[0]) + 60
    if turn % 2 == 0:
        key = f"{_case(c)}|{_name(who)}|propose|approve"
        _tell(truth, "E66f", key, NEAR_MISS, when, when, "approving one's own proposal was refused")
        return _one(c, APPROVE, when, who, int(c.team[0]), REFUSED)
    other = (int(c.team[0]) + 1) % len(TEAMS)
    key = f"{_name(who)}|{TEAMS[int(c.team[0])]}|{TEAMS[other]}"
    _tell(truth, "E66f", key, NEAR_MISS, when, when, "two roles that one person may hold")
    return _one(c, NOTE, when, who, other)


def _anomaly(world: World, truth: Truth, rng: np.random.Generator, rows: Cols, c: Cols, turn: int) -> Cols:
    """E66h: an approval or a resolution by somebody whose role may not, or the first action of a forgotten account."""
    mine = np.flatnonzero(rows.case == c.no[0])
    step = mine[rows.action[mine] == APPROVE]
    nothing = rows.take(slice(0, 0))
    if turn % 3 == 1:
        who, back = GUEST + turn, int(rng.integers(DORMANT_DAYS + 2, 3 * DORMANT_DAYS)) * DAY
        moved = mine[rows.who[mine] == c.owner[0]]
        rows.who[moved] = who
        when = int(rows.ts[moved].min())
        _tell(truth, "E66h", _use(world, who, when, "dormant"), INJECTED, when, NEVER, "an account long unused")
        return _one(_older(c), NOTE, when - back, who, int(c.team[0]))
    if turn % 3 == 2:
        step = mine[rows.action[mine] == RESOLVE]
        who, role = GUEST + turn, EXECUTIVE
    else:
        role = MAY_APPROVE + turn % (len(TEAMS) - MAY_APPROVE)
        who = 1 + role * PEOPLE + int(rng.integers(0, PEOPLE))
    rows.who[step], rows.role[step] = who, role
    when = int(rows.ts[step[0]])
    _tell(truth, "E66h", _use(world, who, when, "outside_role"), INJECTED, when, NEVER, "an action outside the role")
    return nothing


def _no_anomaly(world: World, truth: Truth, rng: np.random.Generator, rows: Cols, c: Cols, turn: int) -> Cols:
    """Near misses of E66h: back after some weeks, not quite so many days; or an approval that was refused."""
    if turn % 2 == 0:
        mine = np.flatnonzero((rows.case == c.no[0]) & (rows.who == c.owner[0]))
        who, back = GUEST + 50 + turn, int(rng.integers(DORMANT_DAYS - 30, DORMANT_DAYS - 1)) * DAY
        rows.who[mine] = who
        when = int(rows.ts[mine].min())
        _tell(truth, "E66h", _use(world, who, when, "dormant"), NEAR_MISS, when, when, "an account some weeks unused")
        return _one(_older(c), NOTE, when - back, who, int(c.team[0]))
    role = MAY_APPROVE + turn % (len(TEAMS) - MAY_APPROVE)
    who, when = 1 + role * PEOPLE, int(c.tried[0]) + 90
    _tell(
        truth, "E66h", _use(world, who, when, "outside_role"), NEAR_MISS, when, when, "refused, since outside the role"
    )
    return _one(c, APPROVE, when, who, role, REFUSED)


def _older(c: Cols) -> Cols:
    """A case of long before."""
    return Cols(no=-c.no, proposed=np.zeros(1, dtype=bool), cents=c.cents)


def _tell(truth: Truth, which: str, key: str, kind: int, opened: int, closed: int, text: str) -> None:
    truth.add(which, pl.Series([key]), kind, np.array([opened]), np.array([closed]), text)


def _use(world: World, who: int, ts: int, kind: str) -> str:
    day = int(world.clock.day(np.array([ts]))[0])
    return f"{_name(who)}|{world.clock.date(day)}|{kind}"


def _name(who: int) -> str:
    return "{" + _people(np.array([who]))[0] + "}"


def _case(c: Cols) -> str:
    return str(_numbers("CASE-", c.no)[0])


def _people(who: np.ndarray) -> pl.Series:
    """Names of actors: their team and number, a guest's number, or the rule."""
    team = np.clip((who - 1) // PEOPLE, 0, POLICY)
    named = code(team, ROLES).cast(pl.String) + pl.Series(["_"]) + pl.Series((who - 1) % PEOPLE + 1).cast(pl.String)
    guest = _numbers("guest_", who)
    return pl.select(
        pl.when(pl.Series(who == RULE)).then(pl.lit("routing rule")).when(pl.Series(who >= GUEST)).then(guest)
        .otherwise(named)
    ).to_series()  # fmt: skip


def _numbers(prefix: str, number: np.ndarray) -> pl.Series:
    old = pl.Series(np.where(number < 0, "OLD-", ""))
    return old + pl.select(pl.lit(prefix) + pl.Series(np.abs(number)).cast(pl.String).str.zfill(6)).to_series()


def _frame(rows: Cols) -> pl.DataFrame:
    """audit_log, numbered in the order in which things were done."""
    r = rows.take(np.lexsort((rows.action, rows.case, rows.ts)))
    n = r.size
    case, remedy, voted = _numbers("CASE-", r.case), _numbers("REMEDY-", r.case), r.action == APPROVE
    about_remedy = (r.cents >= 0) & np.isin(r.action, (PROPOSE, APPROVE, RESOLVE))
    seal = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    paid = (r.cents >= 0) & (r.action == RESOLVE)
    ended = np.select([paid, r.action == RESOLVE, r.action == DISMISS], [0, 1, 2], -1)
    return r.frame(
        row_no=np.arange(1, n + 1), event_ts="ts", actor_id=_people(r.who),
        actor_type=code((r.who == RULE).astype(np.int64), ("person", "rule")), role_code=code(r.role, ROLES),
        action_code=code(r.action, ACTIONS), object_type=code(voted.astype(np.int64), ("case", "approval")),
        object_id=pl.select(pl.when(pl.Series(voted)).then(remedy).otherwise(case)).to_series(), case_id=case,
        policy_result=code(r.result, ("allowed", "refused")), rule_version=same("2026-01", n),
        approval_id=nullify(remedy, ~about_remedy),
        outcome_code=code(ended, ("refunded", "corrected", "NOT_AN_ISSUE")).cast(pl.String),
        outcome_amount=nullify(r.cents, ~paid), is_approval_needed=about_remedy,
        log_hash=pl.Series(seal).cast(pl.String),
    )  # fmt: skip
