"""What stands around a manager, or a piece of one, while it is checked: a kitchen that takes notes, plans that are given, a manager that waits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autogen_core import MessageContext, RoutedAgent, message_handler
from autogen_core.models import FunctionExecutionResultMessage

from macae.agents import lifecycle
from macae.agents.context import AgentContext
from macae.agents.manager import GroupChatManager
from macae.agents.steprun import StepRun
from macae.agents.team import AgentSpec, Team
from macae.errors import ToolRefused
from macae.models import (
    ActionRequest,
    ActionResponse,
    InputTask,
    Plan,
    PlanStatus,
    PlanWithSteps,
    Step,
    StepStatus,
)
from macae.tools import tool

__all__ = [
    "BAKER",
    "SHOP",
    "Bench",
    "Courier",
    "Job",
    "Kitchen",
    "a_step",
    "claimed",
    "given_plans",
    "obedient",
]

BAKER, SHOP = "BakerAgent", "ShopAgent"


def a_step(number: int, status: str = "planned", *after: int, **more: Any) -> Step:
    """A step of a plan that is nowhere stored. Its id is `s1`, `s2`, …; it comes after the steps of those numbers."""
    given: dict[str, Any] = {
        "id": f"s{number}",
        "plan_id": "a-plan",
        "session_id": "a-session",
        "user_id": "local",
        "index": number,
        "agent": BAKER,
        "action": f"Bake tray {number}.",
        "function": "bake",
        "arguments": {"kind": f"tray {number}"},
        "status": StepStatus(status),
        "depends_on": [f"s{other}" for other in after],
        "version": 1,
    }
    return Step(**{**given, **more})


class Job(NamedTuple):
    """A step of a plan that is given: which tool is called with which kind, after the steps of which numbers."""

    function: str
    kind: str | None
    after: Sequence[int] = ()

    def step(self, number: int, ids: Sequence[str], task: InputTask, plan_id: str) -> Step:
        """As the planner would have made it. Without a kind its arguments are not known yet."""
        return Step(
            id=ids[number - 1],
            plan_id=plan_id,
            session_id=task.session_id,
            user_id=task.user_id,
            index=number,
            action=f"{self.function.capitalize()} {self.kind or 'what is there'}.",
            agent=SHOP if self.function == "sell" else BAKER,
            function=self.function,
            arguments=None if self.kind is None else {"kind": self.kind},
            depends_on=[ids[other - 1] for other in self.after],
        )


class GivenPlans(RoutedAgent):
    """A planner that has its plans ready. A text in a plan's place is a question to the person."""

    def __init__(self, plans: list[Sequence[Job] | str]) -> None:
        super().__init__("Gives plans.")
        self.plans = plans

    @message_handler
    async def handle_input_task(self, message: InputTask, ctx: MessageContext) -> PlanWithSteps:
        """The next plan; the last one again and again."""
        jobs = self.plans.pop(0) if len(self.plans) > 1 else self.plans[0]
        plan = Plan(session_id=message.session_id, user_id=message.user_id, initial_goal=message.description)
        if isinstance(jobs, str):
            status = PlanStatus.awaiting_clarification
            asks = plan.model_copy(update={"human_clarification_request": jobs, "overall_status": status})
            return PlanWithSteps.of(asks, [])
        ids = [f"{plan.id}-{number}" for number in range(1, len(jobs) + 1)]
        steps = [job.step(number, ids, message, plan.id) for number, job in enumerate(jobs, 1)]
        return PlanWithSteps.of(plan, steps)


def given_plans(*plans: Sequence[Job] | str) -> Callable[..., Any]:
    """A planner for `Engine(planner=…)` that gives these plans in order."""
    ready = list(plans)
    return lambda context: GivenPlans(ready)


def obedient(messages: Sequence[Any], tools: list[str]) -> Any:
    """A model for specialists: makes the approved call, then says what came of it."""
    if isinstance(messages[-1], FunctionExecutionResultMessage):
        return "; ".join(result.content for result in messages[-1].content)
    for line in str(messages[-1].content).splitlines():
        if line.startswith("Approved call: "):
            name, _, arguments = line.removeprefix("Approved call: ").partition(" ")
            return [(name, json.loads(arguments))]
    return [(tools[0], {"kind": "oat"})] if tools else "There is nothing to call."


class Kitchen:
    """A small team whose tools take notes: what ran, in which order, and what ran at the same time."""

    def __init__(self) -> None:
        self.log: list[str] = []
        """`start oat`, `end oat`, in the order in which it happened."""
        self.broken: set[str] = set()
        """What cannot be baked just now."""
        self.together: set[str] = set()
        """What is only done once all of it was begun (or after a moment, so that nobody waits for ever)."""
        self.alone = False
        """Whether one of those had to go on although the others had not begun."""
        self.begun = asyncio.Event()
        """Set once something was begun."""
        self._all_begun = asyncio.Event()

    def before(self, first: str, then: str) -> bool:
        """Whether `first` had ended when `then` began."""
        return self.log.index(f"end {first}") < self.log.index(f"start {then}")

    async def work(self, kind: str) -> str:
        """Do it, and note it."""
        self.log.append(f"start {kind}")
        self.begun.set()
        if kind in self.together:
            if all(f"start {other}" in self.log for other in self.together):
                self._all_begun.set()
            try:
                await asyncio.wait_for(self._all_begun.wait(), 2.0)
            except TimeoutError:
                self.alone = True
        if kind in self.broken:
            self.log.append(f"refuse {kind}")
            raise ToolRefused(f"The oven is too cold for {kind}.")
        self.log.append(f"end {kind}")
        return f"{kind} is done."

    def team(self, agent_class: type | None = None) -> Team:
        """The bakers and the shop."""

        @tool(effect="change")
        async def bake(kind: str) -> str:
            """Bake cookies."""
            return await self.work(kind)

        @tool(effect="change")
        async def sell(kind: str) -> str:
            """Sell cookies."""
            return await self.work(f"sale of {kind}")

        return Team(
            [
                AgentSpec(BAKER, "You bake.", [bake], agent_class=agent_class),
                AgentSpec(SHOP, "You sell.", [sell], agent_class=agent_class),
            ],
            name="Kitchen",
        )


class Asked(NamedTuple):
    """What a courier was asked, and how things stood then."""

    message: ActionRequest
    stored: Step | None
    gate_open: bool


class Courier(RoutedAgent):
    """A specialist that does nothing but note what it is sent. Derive from it with `notes`, and `answer` for what it does."""

    notes: list[Asked]
    begun: asyncio.Event
    """Set once one was asked."""
    stopped: asyncio.Event
    """Set when one that waits may end."""
    answer: str = "success"

    def __init__(self, context: AgentContext) -> None:
        super().__init__("Takes notes.")
        self.context = context

    @message_handler
    async def handle_action_request(self, message: ActionRequest, ctx: MessageContext) -> ActionResponse:
        """Note it; then succeed, fail, break or wait, as `answer` says."""
        memory = self.context.memory
        stored = await memory.store.get(
            Step, message.step_id, user_id=memory.user_id, session_id=memory.session_id
        )
        self.notes.append(Asked(message, stored, message.step_id in self.context.gate.runs))
        self.begun.set()
        if self.answer == "wait":
            await self.stopped.wait()
        if self.answer == "break":
            raise RuntimeError("the oven door fell off")
        said = "The tray is in the shop." if self.answer == "success" else "There is no flour."
        return ActionResponse(
            status="success" if self.answer == "success" else "failure",
            message=said,
            result=said,
            step_id=message.step_id,
            plan_id=message.plan_id,
            session_id=message.session_id,
            user_id=message.user_id,
        )

    @classmethod
    def like(cls, answer: str = "success") -> type[Courier]:
        """A class of couriers with notes of their own."""
        own = {"notes": [], "answer": answer, "begun": asyncio.Event(), "stopped": asyncio.Event()}
        return type("Courier", (cls,), own)


class Bench(GroupChatManager):
    """Our manager, but nothing follows from a decision: the check itself does the next thing."""

    @classmethod
    def factory(cls, made: list[Bench]) -> Callable[..., Any]:
        """For `Engine(manager=…)`; each that is built is put into `made`."""

        def build(context: AgentContext) -> Bench:
            bench = cls(context)
            made.append(bench)
            return bench

        return build

    async def process_next_step(self, plan_id: str, step_ids: Sequence[str] | None = None) -> None:
        """Nothing."""


async def claimed(manager: Any, step: Step) -> StepRun:
    """A step that was approved, claimed and stored, with its gate open."""
    memory = manager.context.memory
    taken = lifecycle.claim(step, memory.store.owner)
    await memory.commit(taken)
    run: StepRun = manager.context.gate.open(taken)
    return run
