"""Buttons and small forms by which a person acts on the cases that they chose. What each does is ``signalbox.cases``.

Belongs here: asking for what an action needs, doing it, and telling how it went. Not here: which cases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import streamlit as st

from dashboards.components import html, numbers
from dashboards.desk import Seat
from dashboards.theme import Mark
from signalbox.errors import SignalboxError

_DONE, _NOT_DONE = Mark("✓", "Done", "good"), Mark("▲", "Not done", "bad")
_TOLD = "told_by_an_action"
Case = Mapping[str, Any]


def told() -> None:
    """What the action of the run before said, once."""
    for mark, text in st.session_state.pop(_TOLD, []):
        st.html(html.notice(mark, html.esc(text)))


def bar(seat: Seat, cases: Sequence[Case]) -> None:
    """What can be done with the chosen cases, as far as the person may; keys: A acknowledges, S settles."""
    from signalbox.cases import work

    if not cases:
        return
    count = "this case" if len(cases) == 1 else f"{len(cases)} cases"
    with st.container(horizontal=True, gap="small", key="acting"):
        if _any_may(seat, "acknowledge", cases):
            new = any(case["state_code"] == "new" for case in cases)
            if st.button("Acknowledge", key="do_ack", shortcut="a", disabled=not new, help=f"Take {count}"):
                _do(lambda: work.acknowledge(seat.desk, cases))
        if _any_may(seat, "assign", cases):
            with st.popover("Assign", key="open_assign"):
                _assign(seat, cases)
        if _any_may(seat, "note", cases):
            with st.popover("Note", key="open_note"):
                _asked("note", "Words for others", "Leave the note", lambda text: work.note(seat.desk, cases, text))
        if _any_may(seat, "pause", cases):
            if any(case["state_code"] == "paused" for case in cases):
                if st.button("Resume", key="do_resume"):
                    _do(lambda: work.resume(seat.desk, cases))
            else:
                with st.popover("Pause", key="open_pause"):
                    _asked("pause", "Waiting for", "Pause", lambda text: work.pause(seat.desk, cases, text))
        if _any_may(seat, "resolve", cases):
            with st.popover("Resolve", key="open_resolve"):
                _resolve(seat, cases)
        if _any_may(seat, "dismiss", cases):
            with st.popover("False alarm", key="open_dismiss"):
                _asked(
                    "dismiss", "Why it was never wrong", "Dismiss", lambda text: work.dismiss(seat.desk, cases, text)
                )
        if _any_may(seat, "reopen", cases) and any(case["state_code"] in work.SETTLED for case in cases):
            with st.popover("Reopen", key="open_reopen"):
                _asked("reopen", "What is still wrong", "Reopen", lambda text: work.reopen(seat.desk, cases, text))
        if len(cases) == 1 and _any_may(seat, "split", cases):
            with st.popover("Split", key="open_split"):
                _split(seat, cases[0])
        can_merge = len(cases) > 1 and _any_may(seat, "merge", cases)
        if can_merge and st.button("Merge into the first", key="do_merge"):
            _do(lambda: work.merge(seat.desk, cases[1:], cases[0]))


def decisions(seat: Seat, proposals: Sequence[Case], currency: str) -> None:
    """Each pending proposal with what it asks, and the buttons of who may decide on it, or why they may not."""
    from signalbox.cases import approvals

    for item in proposals:
        amount = numbers.money_whole(item["amount"], currency)
        votes = f"{item['votes']} of {item['votes_needed']} votes"
        st.html(
            html.words(
                {
                    "Proposed": f"{html.esc(numbers.words(item['outcome_code']))}, {amount}",
                    "By": html.esc(item["proposed_by"]),
                    "Because": html.esc(item["reason"]),
                    "Needs": html.esc(votes),
                }
            )
        )
        with seat.desk.store.reading() as con:
            obstacle = approvals.why_not(con, seat.desk, item["approval_id"])
        key = item["approval_id"]
        with st.container(horizontal=True, gap="small", key=f"deciding_{key}"):
            if obstacle is None:
                if st.button("Approve", key=f"approve_{key}", type="primary"):
                    _say(lambda key=key: f"The proposal is {approvals.decide(seat.desk, key, True)}")
                with st.popover("Refuse", key=f"open_refuse_{key}"):
                    _asked(
                        f"refuse_{key}", "Why", "Refuse",
                        lambda text, key=key: approvals.decide(seat.desk, key, False, text),
                    )  # fmt: skip
            else:
                st.html(html.remark(obstacle))
            if item["proposed_by"] == seat.desk.person.name and st.button("Withdraw", key=f"withdraw_{key}"):
                _say(lambda key=key: (approvals.withdraw(seat.desk, key), "The proposal is withdrawn")[1])


def _assign(seat: Seat, cases: Sequence[Case]) -> None:
    from signalbox.cases import work
    from signalbox.cases.access import role_for

    policy = seat.desk.policy
    able = [
        name for name, person in sorted(policy.people.items())
        if all(role_for(policy, person, "acknowledge", case) for case in cases)
    ]  # fmt: skip
    to = st.selectbox("To", able, format_func=lambda name: policy.people[name].title, key="assign_to")
    if st.button("Assign", key="do_assign", disabled=to is None):
        _do(lambda: work.assign(seat.desk, cases, str(to)))


def _resolve(seat: Seat, cases: Sequence[Case]) -> None:
    """An outcome with its amount; what needs others is proposed."""
    from signalbox.cases import approvals, work

    outcomes = seat.desk.policy.outcomes
    outcome = st.selectbox("Outcome", list(outcomes), format_func=lambda name: outcomes[name].text, key="outcome")
    known = outcomes[str(outcome)]
    amount = None
    if known.kind is not None:
        amount = _amount(st.text_input("Amount", key="amount", placeholder="12.50"))
    text = st.text_input("What was done", key="resolve_text")
    votes = 0
    if known.kind is not None and amount is not None:
        votes = seat.desk.policy.approval_rule(known.kind, amount).votes
    lacks = known.kind is not None and amount is None
    if votes and len(cases) == 1:
        st.html(html.remark(f"Needs {votes} {'approval' if votes == 1 else 'approvals'} of others."))
        if st.button("Propose", key="do_propose", type="primary", disabled=lacks or not text.strip()):
            _say(
                lambda: (
                    approvals.propose(seat.desk, cases[0], str(outcome), amount or Decimal(0), text),
                    "Proposed; others decide",
                )[1]
            )
    elif st.button("Resolve", key="do_resolve", type="primary", shortcut="s", disabled=lacks):
        _do(lambda: work.resolve(seat.desk, cases, str(outcome), amount, text or None))


def _split(seat: Seat, case: Case) -> None:
    from signalbox.cases import work

    names = st.text_area("Parts, one a line", key="split_parts")
    if st.button("Split", key="do_split", disabled=not names.strip()):
        parts = [name for name in names.splitlines() if name.strip()]
        _say(lambda: f"{len(work.split(seat.desk, case, parts))} parts were made")


def _asked(key: str, label: str, button: str, body: Callable[[str], Any]) -> None:
    text = st.text_input(label, key=f"text_{key}")
    if st.button(button, key=f"do_{key}", disabled=not text.strip()):
        _do(lambda: body(text))


def _do(body: Callable[[], Any]) -> None:
    """Act, keep what is to be told, and draw the page anew."""

    def run() -> str:
        done = body()
        changed, refused = getattr(done, "changed", {}), getattr(done, "refused", {})
        st.session_state.setdefault(_TOLD, []).extend((_NOT_DONE, why) for why in list(refused.values())[:5])
        if not hasattr(done, "changed"):
            return "Done"
        return f"Done with {len(changed)} of {len(changed) + len(refused)} cases" if len(changed) != 1 else "Done"

    _say(run)


def _say(body: Callable[[], str]) -> None:
    try:
        told_now = (_DONE, body())
    except SignalboxError as problem:
        told_now = (_NOT_DONE, str(problem))
    st.session_state.setdefault(_TOLD, []).append(told_now)
    st.rerun()


def _any_may(seat: Seat, action: str, cases: Sequence[Case]) -> bool:
    return any(seat.may(action, case) for case in cases)


def _amount(text: str | None) -> Decimal | None:
    try:
        amount = Decimal((text or "").strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount >= 0 else None
