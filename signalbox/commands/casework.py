"""Casework in the command: ``exceptions queue``, ``ack`` and the rest; ``approvals``; ``access``; ``audit``.

Belongs here: options and printing. Not here: who may do what, and what it changes (``signalbox.cases``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import click

from signalbox.commands.exceptions import exceptions
from signalbox.commands.options import Decorator, format_option, instant, pairs, settings_of
from signalbox.commands.output import emit
from signalbox.errors import SignalboxError, UsageError

if TYPE_CHECKING:
    from signalbox.cases.office import Office
    from signalbox.cases.work import Desk, Done

_QUEUE = (
    "case_id", "code", "exception_name", "severity_code", "state_code", "business_key", "location", "owner_role",
    "assignee", "hours_left", "value_at_risk_amount", "handling_minutes", "saving_per_minute",
)  # fmt: skip
_APPROVALS = (
    "approval_id", "business_key", "outcome_code", "amount", "reason", "proposed_by", "due_ts", "votes", "votes_needed",
)  # fmt: skip
_LOG = ("row_no", "moment_ts", "actor", "role", "action", "policy_result", "outcome", "details")
_SHOWN = 12

person_option: Decorator = click.option(
    "--as", "person", envvar="SIGNALBOX_PERSON", metavar="PERSON", help="Who acts; default: SIGNALBOX_PERSON."
)
cases_argument: Decorator = click.argument("ids", metavar="ID…", nargs=-1, required=True)
reason_option: Decorator = click.option("--reason", required=True, help="Others read it.")
amount_option: Decorator = click.option("--amount", help="In reporting currency, such as 12.50.")


@contextmanager
def _sitting(context: click.Context, person: str | None) -> Iterator[tuple[Office, Desk]]:
    """The home's cases and the desk of who acts."""
    from signalbox.cases.office import open_office

    if not person:
        raise UsageError("say who acts: --as PERSON, or SIGNALBOX_PERSON")
    with open_office(settings_of(context)) as office:
        yield office, office.desk(person)


def _acting(name: str, help_: str, *options: Decorator) -> Callable[[Callable[..., Done]], click.Command]:
    """A command that does something with cases: ``body(desk, cases, **options)``."""

    def command(body: Callable[..., Done]) -> click.Command:
        def run(context: click.Context, ids: tuple[str, ...], person: str | None, **given: Any) -> None:
            with _sitting(context, person) as (office, desk):
                _tell(body(desk, [office.find(desk, case_id) for case_id in ids], **given), name)

        decorated: Any = click.pass_context(run)
        for option in (*reversed(options), person_option, cases_argument):
            decorated = option(decorated)
        made: click.Command = exceptions.command(name, short_help=help_, help=help_)(decorated)
        return made

    return command


def _tell(done: Done, name: str) -> None:
    click.echo(f"{name}: {len(done.changed)} of {len(done.changed) + len(done.refused)} cases")
    for why in done.refused.values():
        click.echo(f"not done: {why}", err=True)
    if done.refused:
        raise SignalboxError(f"{len(done.refused)} cases were left as they were")


@_acting("ack", "Acknowledge cases: somebody works on them.")
def ack(desk: Desk, cases: list[dict[str, Any]]) -> Done:
    from signalbox.cases import work

    return work.acknowledge(desk, cases)


@_acting("assign", "Give cases to a person.", click.option("--to", required=True, metavar="PERSON"))
def assign(desk: Desk, cases: list[dict[str, Any]], to: str) -> Done:
    from signalbox.cases import work

    return work.assign(desk, cases, to)


@_acting("note", "Leave words on cases.", click.option("--text", required=True))
def note(desk: Desk, cases: list[dict[str, Any]], text: str) -> Done:
    from signalbox.cases import work

    return work.note(desk, cases, text)


@_acting("pause", "Wait for somebody else; the service level's clock stands still.", reason_option)
def pause(desk: Desk, cases: list[dict[str, Any]], reason: str) -> Done:
    from signalbox.cases import work

    return work.pause(desk, cases, reason)


@_acting("resume", "Go on after a pause.")
def resume(desk: Desk, cases: list[dict[str, Any]]) -> Done:
    from signalbox.cases import work

    return work.resume(desk, cases)


@_acting(
    "resolve", "End cases with an outcome.", click.option("--outcome", required=True), amount_option,
    click.option("--text", help="What was done."),
)  # fmt: skip
def resolve(desk: Desk, cases: list[dict[str, Any]], outcome: str, amount: str | None, text: str | None) -> Done:
    from signalbox.cases import work

    return work.resolve(desk, cases, outcome, _amount(amount), text)


@_acting("dismiss", "They were never wrong: false alarms.", reason_option)
def dismiss(desk: Desk, cases: list[dict[str, Any]], reason: str) -> Done:
    from signalbox.cases import work

    return work.dismiss(desk, cases, reason)


@_acting("reopen", "They were not settled after all.", reason_option)
def reopen(desk: Desk, cases: list[dict[str, Any]], reason: str) -> Done:
    from signalbox.cases import work

    return work.reopen(desk, cases, reason)


@exceptions.command(short_help="The queue of a person, worth first.")
@person_option
@click.option("--where", multiple=True, metavar="NAME=VALUE", help="Such as code=E12 or state=paused; repeatable.")
@click.option("--causes", is_flag=True, help="An incident is one line, at its earliest cause.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@format_option
@click.pass_context
def queue(
    context: click.Context, person: str | None, where: tuple[str, ...], causes: bool, limit: int, fmt: str
) -> None:
    """What PERSON may see and work: what saves most per minute first."""
    from signalbox.cases.queue import page

    with _sitting(context, person) as (office, desk):
        filters = pairs(where, "--where")
        cases = office.overlay.table()
        con, fewest = office.snapshot.con, int(causes)
        found = page(con, cases, desk.policy, desk.person, desk.moment, filters, limit, fewest=fewest).to_pylist()
    if fmt == "table":
        found = [row | {"case_id": row["case_id"][:_SHOWN]} for row in found]
    columns = (*_QUEUE, "incident_cases", "incident_amount") if causes else _QUEUE
    emit(found, fmt, columns, f"nothing on the desk of {desk.person.title}")


@exceptions.command(short_help="Settle several cases as one.")
@cases_argument
@click.option("--into", required=True, metavar="ID", help="The case that goes on.")
@person_option
@click.pass_context
def merge(context: click.Context, ids: tuple[str, ...], into: str, person: str | None) -> None:
    """Merge the cases ID… into another one."""
    from signalbox.cases import work

    with _sitting(context, person) as (office, desk):
        _tell(work.merge(desk, [office.find(desk, case_id) for case_id in ids], office.find(desk, into)), "merge")


@exceptions.command(short_help="Make a case of its own for each part.")
@click.argument("case_id", metavar="ID")
@click.argument("parts", metavar="PART…", nargs=-1, required=True)
@person_option
@click.pass_context
def split(context: click.Context, case_id: str, parts: tuple[str, ...], person: str | None) -> None:
    """Split the case ID into parts, each named."""
    from signalbox.cases import work

    with _sitting(context, person) as (office, desk):
        for made in work.split(desk, office.find(desk, case_id), parts):
            click.echo(made)


@exceptions.command(short_help="Ask for approval to settle a case.")
@click.argument("case_id", metavar="ID")
@click.option("--outcome", required=True)
@click.option("--amount", required=True, help="In reporting currency, such as 12.50.")
@reason_option
@person_option
@click.pass_context
def propose(context: click.Context, case_id: str, outcome: str, amount: str, reason: str, person: str | None) -> None:
    """Propose an outcome of the case ID that the policy lets others approve; prints the proposal's id."""
    from signalbox.cases import approvals

    with _sitting(context, person) as (office, desk):
        money = _amount(amount) or Decimal(0)
        click.echo(approvals.propose(desk, office.find(desk, case_id), outcome, money, reason))


@click.group(short_help="What waits for a second person.")
def approvals() -> None:
    """Proposals, and who decides on them: never the person who proposed."""


@approvals.command("list", short_help="Proposals that wait, the earliest due first.")
@format_option
@click.pass_context
def list_(context: click.Context, fmt: str) -> None:
    """Pending proposals with votes so far and needed."""
    from signalbox.cases.approvals import waiting
    from signalbox.cases.store import open_store

    with open_store(settings_of(context)).reading() as con:
        emit(waiting(con), fmt, _APPROVALS, "nothing waits for approval")


@approvals.command(short_help="Vote for a proposal.")
@click.argument("approval_id", metavar="ID")
@click.option("--reason", default="")
@person_option
@click.pass_context
def approve(context: click.Context, approval_id: str, reason: str, person: str | None) -> None:
    """Vote for the proposal ID; the last vote that it needs settles its case."""
    from signalbox.cases.approvals import decide

    with _sitting(context, person) as (_, desk):
        click.echo(decide(desk, approval_id, True, reason))


@approvals.command(short_help="Vote against a proposal.")
@click.argument("approval_id", metavar="ID")
@reason_option
@person_option
@click.pass_context
def refuse(context: click.Context, approval_id: str, reason: str, person: str | None) -> None:
    """Refuse the proposal ID; its case stays open."""
    from signalbox.cases.approvals import decide

    with _sitting(context, person) as (_, desk):
        click.echo(decide(desk, approval_id, False, reason))


@approvals.command(short_help="Take back one's own proposal.")
@click.argument("approval_id", metavar="ID")
@person_option
@click.pass_context
def withdraw(context: click.Context, approval_id: str, person: str | None) -> None:
    """Withdraw the proposal ID."""
    from signalbox.cases import approvals as domain

    with _sitting(context, person) as (_, desk):
        domain.withdraw(desk, approval_id)
    click.echo("withdrawn")


@click.group(short_help="Prove and read the decision log.")
def audit() -> None:
    """The log of every action of people and rules."""


@audit.command(short_help="Prove that no row was altered, removed or put in.")
@click.pass_context
def verify(context: click.Context) -> None:
    """Walk the chain from its first row; names the first that does not hold, with exit status 1."""
    from signalbox.cases import log
    from signalbox.cases.store import open_store

    store = open_store(settings_of(context))
    with store.reading() as con:
        proof = log.verify(con, store.key)
    if not proof.holds:
        raise SignalboxError(f"the log does not hold: {proof.trouble} ({proof.rows:,} rows before it hold)")
    click.echo(f"{proof.rows:,} rows hold; the last one's hash is {proof.last_hash}")


@audit.command("show", short_help="What was done with a case, and on which data.")
@click.argument("case_id", metavar="ID")
@click.option("--as-known-at", "known_at", metavar="INSTANT", help="What the log and the data said then (UTC).")
@format_option
@click.pass_context
def show_(context: click.Context, case_id: str, known_at: str | None, fmt: str) -> None:
    """The log's rows of the case, exception or proposal ID, oldest first."""
    from signalbox.cases.history import decisions
    from signalbox.cases.store import open_store

    settings = settings_of(context)
    with open_store(settings).reading() as con:
        found = decisions(con, case_id, instant(known_at, "--as-known-at"))
    emit(found, fmt, _LOG, f"the log tells nothing of {case_id}")


@click.group(short_help="Who may do what, and who did what.")
def access() -> None:
    """The matrix of roles and actions, and its use."""


@access.command(short_help="The rights of every person.")
@format_option
@click.pass_context
def review(context: click.Context, fmt: str) -> None:
    """Every person with their roles, what they may do and how often they did it or were refused."""
    from signalbox.cases.history import rights
    from signalbox.cases.office import open_office

    with open_office(settings_of(context)) as office, office.store.reading() as con:
        emit(rights(con, office.policy), fmt)


def _amount(text: str | None) -> Decimal | None:
    try:
        amount = None if text is None else Decimal(text)
    except InvalidOperation as error:
        raise UsageError(f"--amount: {text!r} is not an amount such as 12.50") from error
    if amount is not None and (not amount.is_finite() or amount < 0 or amount != round(amount, 2)):
        raise UsageError(f"--amount: {text!r} is not an amount such as 12.50")
    return amount
