"""Wrong ids, wrong kinds, and what is another user's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from macae import Engine
from macae.errors import InvalidInput, NotFound
from macae.models import PlanWithSteps
from tests.badinput.rig import DOCUMENTS, NOTHING, UNTOUCHED, Rig
from tests.badinput.table import Deed, Row, row

Call = Callable[[Engine, PlanWithSteps], Awaitable[Any]]


def on(call: Call) -> Deed:
    """The call on an engine that has a plan."""

    async def deed(rig: Rig) -> None:
        engine, plan = await rig.planned()
        await call(engine, plan)

    return deed


def by_eve(call: Call) -> Deed:
    """The call by another user, who has seen the first one's ids."""

    async def deed(rig: Rig) -> None:
        _, plan = await rig.planned()
        eve = rig.engine(user_id="eve")
        assert (await eve.sessions()).items == []
        await call(eve, plan)

    return deed


def session(gave: str, value: Any, says: str) -> Row:
    async def deed(rig: Rig) -> None:
        await rig.engine().submit("Bake", session_id=value)

    return row(f"a new session: {gave}", deed, InvalidInput, says, NOTHING)


async def into_another_users_session(rig: Rig) -> None:
    _, plan = await rig.planned()
    eve = rig.engine(user_id="eve")
    await eve.submit("Bake for me", session_id=plan.session_id)


NO_PLAN, NO_STEP, NO_SESSION = "There is no plan", "There is no step", "There is no session"
USABLE = "it begins with a letter or digit, goes on with letters, digits and . _ : @ - only, and has at most 100 characters."
ROWS = [
    session("a number for its id", 7, "The session id must be text, not int."),
    session("an empty id", "", USABLE),
    session("a path for its id", "../../etc/passwd", USABLE),
    session("an id with a line end", "a\n", USABLE),
    session("an id of 101 characters", "a" * 101, "cannot be used (101 characters): it begins with a letter or digit"),
    session("an id that begins with a sign", "-x", "'-x' cannot be used (2 characters): it begins with a letter or digit"),
    session("markup for its id", "<script>", USABLE),
    session("half a character for its id", "\ud800", USABLE),
    row("a session that is not there", on(lambda e, p: e.plans("nope")), NotFound, "There is no session 'nope' of yours. engine.sessions() lists them.", UNTOUCHED),
    row("a session's id that is SQL", on(lambda e, p: e.plans("'; DROP TABLE documents;--")), NotFound, NO_SESSION, UNTOUCHED),
    row("a session's id that is a path", on(lambda e, p: e.resume("../../etc/passwd")), NotFound, NO_SESSION, UNTOUCHED),
    row("a session's id with control sequences", on(lambda e, p: e.resume("\x1b]0;x\x07")), NotFound, "There is no session '\\x1b]0;x\\x07' of yours", UNTOUCHED),
    row("half a character for a session", on(lambda e, p: e.plans("\ud800")), InvalidInput, "This cannot be stored or looked for", UNTOUCHED),
    row("no session", on(lambda e, p: e.plans(None)), InvalidInput, "The session id must be text, not NoneType.", UNTOUCHED),
    row("the company of a session that is not there", on(lambda e, p: e.company_for("nope")), NotFound, NO_SESSION, UNTOUCHED),
    row("a plan that is not there", on(lambda e, p: e.plan("nope")), NotFound, "There is no plan 'nope' of yours. engine.plans(session_id) lists a session's.", UNTOUCHED),
    row("a plan, looked for in another session", on(lambda e, p: e.plan(p.id, "elsewhere")), NotFound, NO_PLAN, UNTOUCHED),
    row("a number for a plan", on(lambda e, p: e.wait(7)), InvalidInput, "Give a plan or its id, not int.", UNTOUCHED),
    row("a step for a plan", on(lambda e, p: e.approve_all(p.steps[0])), InvalidInput, "Give a plan or its id, not Step. That is a step: its plan is step.plan_id.", UNTOUCHED),
    row("a list of steps for a plan", on(lambda e, p: e.cancel(p.steps)), InvalidInput, "Give a plan or its id, not list.", UNTOUCHED),
    row("a step that is not there", on(lambda e, p: e.approve("nope")), NotFound, "There is no step 'nope' of yours.", UNTOUCHED),
    row("a plan's id for a step", on(lambda e, p: e.approve(p.id)), NotFound, NO_STEP, UNTOUCHED),
    row("a plan for a step", on(lambda e, p: e.approve(p)), InvalidInput, "Give a step or its id, not PlanWithSteps. That is a plan: take one of plan.steps.", UNTOUCHED),
    row("nothing for a step", on(lambda e, p: e.reject(None)), InvalidInput, "Give a step or its id, not NoneType.", UNTOUCHED),
    row("a step said to be another plan's", on(lambda e, p: e.approve(p.steps[0].model_copy(update={"plan_id": "other", "version": 9}))), NotFound, NO_STEP, UNTOUCHED),
    row("a page of sessions that is none", on(lambda e, p: e.sessions(before="x\x1b")), InvalidInput, "is no page of sessions. Use the `next` of the page before.", UNTOUCHED),
    row("a page of 0 sessions", on(lambda e, p: e.sessions(0)), InvalidInput, "A page holds from 1 to 1,000 sessions, not 0.", UNTOUCHED),
    row("a page of 10**30 sessions", on(lambda e, p: e.sessions(10**30)), InvalidInput, "A page holds from 1 to 1,000 sessions", UNTOUCHED),
    row("another user's plan", by_eve(lambda e, p: e.plan(p)), NotFound, NO_PLAN, UNTOUCHED),
    row("another user's audit trail", by_eve(lambda e, p: e.trail(p.id)), NotFound, NO_PLAN, UNTOUCHED),
    row("another user's session", by_eve(lambda e, p: e.resume(p.session_id)), NotFound, NO_SESSION, UNTOUCHED),
    row("another user's company", by_eve(lambda e, p: e.company_for(p.session_id)), NotFound, NO_SESSION, UNTOUCHED),
    row("approving another user's step", by_eve(lambda e, p: e.approve(p.steps[0])), NotFound, NO_STEP, UNTOUCHED),
    row("approving another user's step by its id", by_eve(lambda e, p: e.approve(p.steps[0].id)), NotFound, NO_STEP, UNTOUCHED),
    row("editing another user's step", by_eve(lambda e, p: e.edit(p.steps[0], "Burn them.")), NotFound, NO_STEP, UNTOUCHED),
    row("cancelling another user's plan", by_eve(lambda e, p: e.cancel(p)), NotFound, NO_PLAN, UNTOUCHED),
    row("another user's plan, its user rewritten", by_eve(lambda e, p: e.approve(p.steps[0].model_copy(update={"user_id": "eve"}))), NotFound, NO_STEP, UNTOUCHED),
    row("a goal for another user's session", into_another_users_session, InvalidInput, ("The session id", "is taken. Choose another, or leave it out."), DOCUMENTS),
]  # fmt: skip
