"""Challenge 2: answers that learners give."""

STEP = """
class Step(BaseModel):
    id: str = Field(default_factory=new_id)
    plan_id: str
    session_id: str
    action: str
    agent: str
    status: StepStatus = "planned"
    agent_reply: str | None = None
    human_feedback: str | None = None
"""

PLANNER = """
class LittlePlanner(LoudAgent):
    def __init__(self) -> None:
        super().__init__("Turns a goal into a plan.")

    @message_handler
    async def handle_input_task(self, message: InputTask, ctx: MessageContext) -> Plan:
        plan = Plan(session_id=message.session_id, initial_goal=message.description)
        for action in split_goal(message.description):
            plan.steps.append(Step(plan_id=plan.id, session_id=plan.session_id, action=action, agent="LittleWorker"))
        return plan
"""

MANAGER = """
class LittleManager(LoudAgent):
    def __init__(self) -> None:
        super().__init__("Leads the group.")

    @message_handler
    async def handle_input_task(self, message: InputTask, ctx: MessageContext) -> Plan:
        plan = await self.send_message(message, AgentId("LittlePlanner", self.id.key))
        for step in plan.steps:
            request = ActionRequest(session_id=plan.session_id, plan_id=plan.id, step_id=step.id, action=step.action)
            response = await self.send_message(request, AgentId(step.agent, self.id.key))
            step.agent_reply = response.message
            if response.status == "failure":
                step.status = plan.overall_status = "failed"
                return plan
            step.status = "completed"
        plan.overall_status = "completed"
        return plan
"""

ENGINE = """
async def little_engine(goals, handlers=()):
    runtime = SingleThreadedAgentRuntime(intervention_handlers=list(handlers))
    await LittlePlanner.register(runtime, "LittlePlanner", LittlePlanner)
    await LittleManager.register(runtime, "LittleManager", LittleManager)
    await LittleWorker.register(runtime, "LittleWorker", LittleWorker)
    runtime.start()
    plans = {}
    for session_id, goal in goals.items():
        task = InputTask(session_id=session_id, description=goal)
        plans[session_id] = await runtime.send_message(task, AgentId("LittleManager", session_id))
    await runtime.stop_when_idle()
    return plans
"""


def but(source: str, old: str, new: str) -> str:
    """The right answer with one thing changed."""
    assert old in source, old
    return source.replace(old, new)


PLAN_AGAIN = """
class Plan(BaseModel):
    id: str = Field(default_factory=new_id)
    session_id: str
    initial_goal: str
    overall_status: str = "in_progress"
    steps: list[Step] = Field(default_factory=list)
"""

INPUT_TASK_AGAIN = """
class InputTask(BaseModel):
    session_id: str = Field(default_factory=new_id)
    description: str
"""

WRONG = {
    "Step": [
        ("accepts-nonsense", but(STEP, "status: StepStatus", "status: str")),
        ("accepts-nonsense", but(STEP, "agent_reply: str | None", "agent_reply: object")),
        ("shared-id", but(STEP, "Field(default_factory=new_id)", "new_id()")),
        ("factory", but(STEP, "default_factory=new_id", "default_factory=new_id()")),
        ("not-required", but(STEP, "action: str\n", 'action: str = ""\n')),
        ("default", but(STEP, "agent_reply: str | None = None", "agent_reply: str | None")),
        ("default", but(STEP, ' = "planned"', ' = "approved"')),
        ("default", but(STEP, "    agent_reply: str | None = None\n", "")),
        ("field", but(STEP, "    agent: str\n", "")),
        ("json", but(STEP, "agent_reply: str | None = None", "agent_reply: str | None = Field(None, exclude=True)")),
        ("no-model", "from dataclasses import dataclass\n" + but(STEP, "class Step(BaseModel)", "@dataclass\nclass Step").replace("    id: str = Field(default_factory=new_id)\n", "")),
        ("instance", STEP + '\nStep = Step(plan_id="p", session_id="s", action="a", agent="b")'),
        ("not-attempted", 'class Step(BaseModel):\n    def __init__(self, **fields):\n        raise NotImplementedError("To do")'),
    ],
    "LoudAgent": [
        ("silent", "class LoudAgent(RoutedAgent):\n    async def on_unhandled_message(self, message, ctx):\n        print('cannot handle', type(message).__name__)"),
        ("silent", "class LoudAgent(RoutedAgent):\n    async def on_unhandled_message(self, message, ctx):\n        return f'{self.id.type} cannot handle {type(message).__name__}'"),
        ("silent", "class LoudAgent(RoutedAgent):\n    async def on_unhandled(self, message, ctx):\n        raise CantHandleException(type(message).__name__)"),
        ("nameless", "class LoudAgent(RoutedAgent):\n    async def on_unhandled_message(self, message, ctx):\n        raise CantHandleException('unknown message')"),
        ("nameless", "class LoudAgent(RoutedAgent):\n    async def on_unhandled_message(self, message, ctx):\n        raise CantHandleException(f'cannot handle {type(message).__name__}')"),
        ("refuses-all", "class LoudAgent(RoutedAgent):\n    async def on_message_impl(self, message, ctx):\n        raise CantHandleException(f'{self.id.type} cannot handle {type(message).__name__}')"),
        ("signature", "class LoudAgent(RoutedAgent):\n    async def on_unhandled_message(self, message):\n        raise CantHandleException(f'{self.id.type} cannot handle {type(message).__name__}')"),
        ("no-agent", "class LoudAgent:\n    async def on_unhandled_message(self, message, ctx):\n        raise CantHandleException(f'{self.id.type} cannot handle {type(message).__name__}')"),
        ("not-attempted", "class LoudAgent(RoutedAgent):\n    async def on_unhandled_message(self, message, ctx):\n        raise NotImplementedError('To do')"),
    ],
    "LittlePlanner": [
        ("no-handler", but(PLANNER, "    @message_handler\n", "")),
        ("no-handler", but(PLANNER, "message: InputTask", "message: ActionRequest").replace("message.description", "message.action")),
        ("not-async", but(PLANNER, "async def", "def")),
        ("no-answer", but(PLANNER, "        return plan\n", "")),
        ("no-answer", but(PLANNER, "        return plan\n", "").replace("-> Plan", "-> None")),
        ("not-a-plan", but(PLANNER, "return plan\n", "return plan.steps\n")),
        ("not-a-plan", but(PLANNER, "return plan\n", "return plan.model_dump_json()\n").replace("-> Plan", "-> str")),
        ("wrong-session", but(PLANNER, "session_id=message.session_id", 'session_id="session"')),
        ("plan-id", but(PLANNER, "plan_id=plan.id", "plan_id=new_id()")),
        ("goal", but(PLANNER, "initial_goal=message.description", 'initial_goal="a goal"')),
        ("agent", but(PLANNER, '"LittleWorker"', '"worker"')),
        ("steps", but(PLANNER, "split_goal(message.description)", "[message.description]")),
        ("steps", but(PLANNER, "split_goal(message.description)", '["Order 3 monitors", "book a training"]')),
        ("old-steps", but(PLANNER, "class LittlePlanner(LoudAgent):\n", "class LittlePlanner(LoudAgent):\n    kept = []\n").replace(
            "        for action", "        plan.steps = self.kept\n        for action")),
        ("redefined-message", PLANNER + INPUT_TASK_AGAIN),
        ("redefined-message", PLANNER + PLAN_AGAIN),
        ("redefined-message", STEP + but(PLANNER, "        for action in split_goal(message.description):\n            plan.steps.append(", "        plan = Plan(session_id=plan.session_id, initial_goal=plan.initial_goal, steps=[").replace(
            'action=action, agent="LittleWorker"))', 'action="a", agent="LittleWorker")])')),
        ("refused", but(PLANNER, "plan_id=plan.id, ", "")),
        ("not-attempted", "class LittlePlanner(LoudAgent):\n    def __init__(self):\n        super().__init__('p')\n\n    async def handle_input_task(self, message, ctx):\n        raise NotImplementedError('To do')"),
    ],
    "LittleManager": [
        ("no-planner", but(MANAGER, 'await self.send_message(message, AgentId("LittlePlanner", self.id.key))',
            "Plan(session_id=message.session_id, initial_goal=message.description)")),
        ("wrong-session", but(MANAGER, "AgentId(step.agent, self.id.key)", 'AgentId(step.agent, "default")')),
        ("wrong-session", but(MANAGER, '"LittlePlanner", self.id.key', '"LittlePlanner", "default"')),
        ("no-await", but(MANAGER, "plan = await self", "plan = self")),
        ("no-await", but(MANAGER, "response = await self", "response = self")),
        ("wrong-agent", but(MANAGER, "AgentId(step.agent,", 'AgentId("LittleWorker",')),
        ("goes-on", but(MANAGER, "                return plan\n", "                continue\n")),
        ("goes-on", "import asyncio\n" + MANAGER[: MANAGER.index("        for step")] + """
        async def work(step):
            request = ActionRequest(session_id=plan.session_id, plan_id=plan.id, step_id=step.id, action=step.action)
            response = await self.send_message(request, AgentId(step.agent, self.id.key))
            step.agent_reply = response.message
            step.status = "completed" if response.status == "success" else "failed"

        await asyncio.gather(*(work(step) for step in plan.steps))
        failed = any(step.status == "failed" for step in plan.steps)
        plan.overall_status = "failed" if failed else "completed"
        return plan
"""),
        ("order", but(MANAGER, "in plan.steps:", "in reversed(plan.steps):")),
        ("missing-steps", but(MANAGER, "in plan.steps:", "in plan.steps[:1]:")),
        ("refused", but(MANAGER, "plan_id=plan.id, ", "")),
        ("request", but(MANAGER, "step_id=step.id", "step_id=plan.id")),
        ("reply", but(MANAGER, "            step.agent_reply = response.message\n", "")),
        ("statuses", but(MANAGER, '            step.status = "completed"\n', "")),
        ("overall", but(MANAGER, '        plan.overall_status = "completed"\n', "")),
        ("no-answer", but(MANAGER, "completed\"\n        return plan\n", "completed\"\n")),
        ("no-answer", but(MANAGER, "return plan\n", "return\n").replace("-> Plan", "-> None")),
        ("too-slow", "import asyncio\n" + but(MANAGER, "        for step in plan.steps:\n", "        await asyncio.Event().wait()  # until the person says yes\n        for step in plan.steps:\n")),
        ("no-handler", but(MANAGER, "    @message_handler\n", "")),
        ("redefined-message", MANAGER + INPUT_TASK_AGAIN),
        ("not-attempted", MANAGER[: MANAGER.index("        plan = await")] + "        raise NotImplementedError('To do')"),
        ("missing", "class Step(BaseModel):\n    def __init__(self, **fields):\n        raise NotImplementedError('To do: write the fields here')\n" + MANAGER),
    ],
    "little_engine": [
        ("not-started", but(ENGINE, "    runtime.start()\n", "")),
        ("too-slow", but(ENGINE, "    runtime.start()\n", "").replace("    await runtime.stop_when_idle()\n", "")),
        ("shared-agent", but(ENGINE, "    await LittleWorker.register(runtime, \"LittleWorker\", LittleWorker)\n",
            "    kept = []\n\n    def factory():\n        kept[:] = kept or [LittleWorker()]\n        return kept[0]\n\n"
            "    await LittleWorker.register(runtime, \"LittleWorker\", factory)\n")),
        ("not-registered", but(ENGINE, '    await LittleWorker.register(runtime, "LittleWorker", LittleWorker)\n', "")),
        ("not-registered", but(ENGINE, 'runtime, "LittlePlanner"', 'runtime, "Planner"')),
        ("wrong-session", but(ENGINE, '"LittleManager", session_id', '"LittleManager", "default"')),
        ("shared-agent", but(ENGINE, '    await LittleWorker.register(runtime, "LittleWorker", LittleWorker)\n',
            '    worker = LittleWorker()\n    await LittleWorker.register(runtime, "LittleWorker", lambda: worker)\n')),
        ("no-factory", but(ENGINE, '"LittleManager", LittleManager)', '"LittleManager", LittleManager())')),
        ("no-factory", but(ENGINE, '"LittleWorker", LittleWorker)', '"LittleWorker", LittleWorker())')),
        ("not-stopped", but(ENGINE, "    await runtime.stop_when_idle()\n", "")),
        ("no-await", but(ENGINE, "    await runtime.stop_when_idle()\n", "    runtime.stop_when_idle()\n")),
        ("no-await", but(ENGINE, "await LittlePlanner.register", "LittlePlanner.register")),
        ("no-await", but(ENGINE, "= await runtime.send_message", "= runtime.send_message")),
        ("no-plans", but(ENGINE, "return plans\n", "return list(plans.values())\n")),
        ("no-plans", but(ENGINE, "    return plans\n", "")),
        ("unwatched", but(ENGINE, "intervention_handlers=list(handlers)", "")),
        ("asyncio-run", "import asyncio\n" + but(ENGINE, "async def little_engine", "async def work").replace("await LittleW", "await LittleW")
            + "\ndef little_engine(goals, handlers=()):\n    return asyncio.run(work(goals, handlers))\n"),
        ("registered-twice", but("RUNTIME = SingleThreadedAgentRuntime()\n" + ENGINE, "    runtime = SingleThreadedAgentRuntime(intervention_handlers=list(handlers))\n", "    runtime = RUNTIME\n")),
        ("redefined-message", "class ActionResponse(BaseModel):\n    status: str\n    message: str\n" + ENGINE),
        ("redefined-message", "class ActionRequest(BaseModel):\n    session_id: str\n    plan_id: str\n    step_id: str\n    action: str\n" + ENGINE),
        ("missing", "class LittlePlanner(LoudAgent):\n    async def handle_input_task(self, message, ctx):\n        raise NotImplementedError('To do')\n" + ENGINE),
        ("not-attempted", "async def little_engine(goals, handlers=()):\n    raise NotImplementedError('To do')"),
    ],
}  # fmt: skip

RIGHT = {
    "Step": [
        """
from enum import StrEnum
from typing import Optional

from pydantic import ConfigDict


class Status(StrEnum):
    planned = "planned"
    awaiting_feedback = "awaiting_feedback"
    approved = "approved"
    rejected = "rejected"
    action_requested = "action_requested"
    completed = "completed"
    failed = "failed"


class Base(BaseModel):
    model_config = ConfigDict(extra="forbid", validate_assignment=True)
    id: str = Field(default_factory=lambda: uuid4().hex)


class Step(Base):
    plan_id: str
    session_id: str
    action: str = Field(min_length=1)
    agent: str
    status: Status = Status.planned
    agent_reply: Optional[str] = None
    human_feedback: Optional[str] = None
""",
    ],
    "LoudAgent": [
        """
class LoudAgent(RoutedAgent):
    async def on_unhandled_message(self, message, ctx):
        known = [kind.__name__ for handler in self._discover_handlers() for kind in handler.target_types]
        raise TypeError("%s takes %s, not %s" % (self.id, known, type(message).__qualname__))
""",
        """
class Unknown(Exception):
    pass


class LoudAgent(RoutedAgent):
    def on_unhandled_message(self, message, ctx):
        raise Unknown(type(self).__name__ + " has no handler for " + repr(type(message)))
""",
    ],
    "LittlePlanner": [
        """
class LittlePlanner(RoutedAgent):
    def __init__(self, description="Plans."):
        super().__init__(description)

    def steps(self, plan_id, task):
        return [
            Step(plan_id=plan_id, session_id=task.session_id, agent="LittleWorker", action=part)
            for part in split_goal(task.description)
        ]

    @message_handler
    async def plan_it(self, message: InputTask, ctx: MessageContext) -> Plan:
        name = new_id()
        return Plan(
            id=name,
            session_id=self.id.key,
            initial_goal=message.description,
            steps=self.steps(name, message),
        )
""",
    ],
    "LittleManager": [
        """
class LittleManager(LoudAgent):
    def __init__(self) -> None:
        super().__init__("Leads the group.")

    async def ask(self, agent, message):
        return await self.send_message(message, AgentId(agent, self.id.key))

    @message_handler
    async def lead(self, message: InputTask, ctx: MessageContext) -> Plan:
        plan = await self.ask("LittlePlanner", InputTask(**message.model_dump()))
        plan.overall_status = "completed" if await self.work(plan) else "failed"
        return plan

    async def work(self, plan):
        for step in plan.steps:
            answer = await self.ask(
                step.agent,
                ActionRequest(plan_id=plan.id, step_id=step.id, session_id=step.session_id, action=step.action),
            )
            good = answer.status == "success"
            step.status, step.agent_reply = "completed" if good else "failed", answer.message
            if not good:
                return False
        return True
""",
    ],
    "little_engine": [
        """
import asyncio


async def little_engine(goals, handlers=()):
    runtime = SingleThreadedAgentRuntime(intervention_handlers=list(handlers))
    runtime.start()
    try:
        await LittlePlanner.register(runtime, "LittlePlanner", lambda: LittlePlanner())
        await LittleManager.register(runtime, "LittleManager", lambda: LittleManager())
        await LittleWorker.register(runtime, "LittleWorker", lambda: LittleWorker())
        tasks = [InputTask(session_id=name, description=goal) for name, goal in goals.items()]
        answers = await asyncio.gather(
            *(runtime.send_message(task, AgentId("LittleManager", task.session_id)) for task in tasks)
        )
        return dict(zip(goals, answers))
    finally:
        await runtime.stop()
""",
    ],
}
