"""Markup and scripts in every field that holds text: stored as given, shown as text on the board, in pages and in the terminal."""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup

from macae.models import PlanWithSteps
from macae.ui.static import plan_html
from tests.badinput.rig import Kept, Rig
from tests.badinput.table import Row, row
from tests.support.scripted import planned

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)><a href='javascript:alert(3)'>x</a>"
SHOWN = "It is stored as it was given, and shown as text."


def shown(plan: PlanWithSteps) -> str:
    """The text of the plan's page, in which nothing became markup."""
    page = BeautifulSoup(plan_html(plan), "html.parser")
    assert not page.find_all(["script", "img", "a"])
    return page.get_text()


def talks(answer: str, **plan: Any) -> Any:
    """Plans one step without a call; its agent answers so."""
    step = {"agent": "BakerAgent", "action": "Say something.", **plan.pop("step", {})}
    made = planned(step, **plan)
    return lambda messages, tools, json_output: made if json_output is not None else answer


async def is_stored(rig: Rig) -> None:
    (plan,) = await rig.plans()
    assert EVIL in plan.model_dump_json().replace("\\u0027", "'")


def field(name: str, act: Any) -> Row:
    async def deed(rig: Rig) -> str:
        plan = await act(rig)
        assert EVIL in shown(plan)
        return EVIL

    return row(f"markup in {name}", deed, None, EVIL, Kept(SHOWN, is_stored))


async def goal(rig: Rig) -> Any:
    return await rig.engine().submit(f"Bake {EVIL}")


async def action(rig: Rig) -> Any:
    return await rig.engine(talks("done", step={"action": f"Bake {EVIL}"})).submit("Bake")


async def summary(rig: Rig) -> Any:
    return await rig.engine(talks("done", summary=EVIL)).submit("Bake")


async def impossible(rig: Rig) -> Any:
    return await rig.engine(planned(impossible=f"No: {EVIL}")).submit("Bake")


async def argument(rig: Rig) -> Any:
    plan = planned({"agent": "BakerAgent", "function": "bake", "args": {"kind": EVIL.replace("'", "")}})
    made = await rig.engine(plan).submit("Bake")
    assert EVIL.replace("'", "") in shown(made)
    return await rig.engine().edit(made.steps[0], f"Bake {EVIL}", arguments={"kind": "oat"}) and (
        await rig.engine().plan(made)
    )


async def question(rig: Rig) -> Any:
    return await rig.engine(planned(human_clarification_request=f"Which? {EVIL}")).submit("Bake")


async def answer(rig: Rig) -> Any:
    engine = rig.engine(planned(human_clarification_request="Which?"))
    return await engine.clarify(await engine.submit("Bake"), f"oat {EVIL}")


async def note(rig: Rig) -> Any:
    engine = rig.engine(talks("done"))
    plan = await engine.submit("Bake")
    await engine.approve(plan.steps[0], f"gently {EVIL}")
    return await engine.wait(plan, 10)


async def reason(rig: Rig) -> Any:
    engine = rig.engine(talks("done"))
    plan = await engine.submit("Bake")
    await engine.reject(plan.steps[0], f"because {EVIL}")
    return await engine.plan(plan)


async def reply(rig: Rig) -> Any:
    return await rig.run(talks(f"Baked {EVIL}"))


async def result(rig: Rig) -> Any:
    from tests.badinput.tools import ACT, acting, returns

    return await rig.run(ACT, team=acting(returns(lambda: f"Baked {EVIL}")))


async def error(rig: Rig) -> Any:
    def script(messages: Any, tools: Any, json_output: Any) -> str:
        if json_output is None:
            raise RuntimeError(EVIL)
        return planned({"agent": "BakerAgent", "action": "Say something."})

    return await rig.run(script)


ROWS = [
    field("a goal", goal),
    field("an action", action),
    field("an argument and an edited action", argument),
    field("a summary", summary),
    field("the reason why a goal is impossible", impossible),
    field("a question", question),
    field("an answer", answer),
    field("a note", note),
    field("a reason for a no", reason),
    field("a model's reply", reply),
    field("a tool's result", result),
    field("a model's error", error),
]
