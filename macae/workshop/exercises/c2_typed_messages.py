"""Challenge 2: Typed messages."""

from __future__ import annotations

from typing import Any

from macae.workshop.exercise import Challenge
from macae.workshop.props.little_manager_checks import has_the_goal_carried_out
from macae.workshop.props.little_planner_checks import answers_with_a_plan
from macae.workshop.props.runtime_checks import keeps_sessions_apart
from macae.workshop.props.step_checks import takes_and_refuses
from macae.workshop.props.unhandled_checks import raises_for_the_unknown
from macae.workshop.trial import Trial

__all__ = ["CHALLENGE"]

CHALLENGE = Challenge(2, "Typed messages", minutes=40, notebook="02-typed-messages")


@CHALLENGE.exercise(
    "Step",
    title="A message is a class",
    kind="class",
    minutes=6,
    hints=(
        "Look at `InputTask` in the cell above. Each line is a field: a name, a type, and perhaps a default.",
        "A field without a default must be given: `action: str`. One with a default may be left out: `agent_reply: str | None = None`.",
        'Two fields need a thought: `status: StepStatus = "planned"`, and an `id` that is new for each step: `Field(default_factory=new_id)`.',
        '```\nclass Step(BaseModel):\n    id: str = Field(default_factory=new_id)\n    plan_id: str\n    session_id: str\n    action: str\n    agent: str\n    status: StepStatus = "planned"\n    …\n```',
    ),
    when={
        "shared-id": "`id: str = new_id()` is worked out once, when the class is made. What makes pydantic call `new_id` for each object?",
        "factory": "`default_factory` wants the function: `new_id`, without `()`.",
        "accepts-nonsense": "With `str`, any text is a status. Which type in the cell above lists the only ones that there are?",
        "no-model": "A pydantic message has a base class. Which one does `InputTask` have?",
        "not-required": "A default makes a field optional. Which fields have no sensible default?",
        "default": "Compare your defaults with the table above the cell, row by row.",
    },
)
async def step(attempt: Any, trial: Trial) -> None:
    """A message class with the fields and defaults of the table, that refuses nonsense."""
    await takes_and_refuses(attempt, trial)


@CHALLENGE.exercise(
    "LoudAgent",
    title="No message is lost in silence",
    kind="class",
    minutes=5,
    seconds=5,
    hints=(
        "AutoGen calls a method of the agent when no handler fits. What you just saw is its default: it does nothing.",
        "The method is `async def on_unhandled_message(self, message, ctx)`. Whatever you raise in it reaches the sender.",
        "`type(message).__name__` is the name of the message's class, and `self.id.type` the name of the agent. Put both into the error.",
        '```\nasync def on_unhandled_message(self, message, ctx):\n    raise CantHandleException(f"{self.id.type} has no handler for {type(message).__name__}.")\n```',
    ),
    when={
        "silent": "Nothing reached the sender. A line in a log or a printed text does not: what does?",
        "refuses-all": "Messages that do have a handler must still reach it. Which method is called only for the others?",
        "nameless": "Think of the person who reads the error tomorrow: which message was it, and which agent?",
        "signature": "AutoGen calls it with the message and the context, as it calls a handler: `(self, message, ctx)`.",
    },
)
async def loud_agent(attempt: Any, trial: Trial) -> None:
    """An agent that raises, naming the message and itself, when it has no handler for a message."""
    await raises_for_the_unknown(attempt, trial)


@CHALLENGE.exercise(
    "LittlePlanner",
    title="An agent that answers",
    kind="class",
    minutes=7,
    seconds=5,
    hints=(
        "Look at `Echo`: what makes a method a handler, and how does AutoGen know which messages it is for?",
        "Three things: `@message_handler` above it, the types `message: InputTask, ctx: MessageContext`, and `-> Plan` for the answer. What you `return` is the answer.",
        "First the plan: `plan = Plan(session_id=message.session_id, initial_goal=message.description)`. Then a `Step` for each action in `split_goal(message.description)`.",
        '```\nfor action in split_goal(message.description):\n    step = Step(plan_id=plan.id, session_id=plan.session_id, action=action, agent="LittleWorker")\n    plan.steps.append(step)\nreturn plan\n```',
    ),
    when={
        "no-handler": "An agent with a method is not yet an agent with a handler. What stood above `Echo`'s method?",
        "no-answer": "The answer of a handler is what it returns. Does every way through yours end in `return plan`?",
        "not-a-plan": "One message is answered with one message. Which one of yours holds steps?",
        "refused": "pydantic names the field, and what is wrong with it. Which fields of that message have no default?",
        "wrong-session": "The task says which session it is for. Who passes that on to the plan and its steps?",
        "old-steps": "A list that belongs to the class, or to the agent, is still there at the next goal. Make the plan anew in the handler.",
        "redefined-message": "Run the cells from the message classes down, in order: menu Run, Run Selected Cell and All Below.",
    },
)
async def little_planner(attempt: Any, trial: Trial) -> None:
    """An agent that answers an InputTask with a Plan: one Step for each part of the goal."""
    await answers_with_a_plan(attempt, trial)


@CHALLENGE.exercise(
    "LittleManager",
    title="A manager that asks others",
    kind="class",
    minutes=9,
    seconds=5,
    hints=(
        "The manager asks the planner first. A question to another agent looks like yours from the notebook, with `self` in place of `runtime`.",
        '`plan = await self.send_message(message, AgentId("LittlePlanner", self.id.key))`. `self.id.key` is the session that this manager is for.',
        "For each step: send an `ActionRequest` to `AgentId(step.agent, self.id.key)`, wait for the answer, and note it in `step.agent_reply` and `step.status`.",
        'After a failure: `step.status` and `plan.overall_status` are `"failed"`, and the plan is returned at once. At the end of the loop it is `"completed"`.',
        '```\nfor step in plan.steps:\n    request = ActionRequest(session_id=plan.session_id, plan_id=plan.id, step_id=step.id, action=step.action)\n    response = await self.send_message(request, AgentId(step.agent, self.id.key))\n    step.agent_reply = response.message\n    if response.status == "failure":\n        …\n```',
    ),
    when={
        "no-planner": "The manager makes no plan of its own. Whom does it ask, and with which message?",
        "wrong-session": "`AgentId` takes two names: which agent, and which session. The second is the manager's own: `self.id.key`.",
        "wrong-agent": "Each step says who is to carry it out.",
        "order": "One step after the other: wait for the answer to the first before you send the second.",
        "goes-on": "One step failed. What is to happen to the ones after it?",
        "no-await": "`self.send_message(…)` alone sends nothing. What starts it, and gives you the answer?",
        "too-slow": "A handler that waits for a person, or for a message to its own agent, holds everything up. What does yours wait for?",
    },
)
async def little_manager(attempt: Any, trial: Trial) -> None:
    """An agent that has an InputTask planned, has each step carried out in order, and answers with the finished Plan."""
    await has_the_goal_carried_out(attempt, trial)


@CHALLENGE.exercise(
    "little_engine",
    title="A runtime, and sessions apart",
    minutes=7,
    seconds=5,
    hints=(
        "Four things to do with a runtime: register the agents, start it, send messages, stop it. In this order.",
        '`await LittlePlanner.register(runtime, "LittlePlanner", LittlePlanner)` tells the runtime how to make one. The class itself is the factory. The same for the other two.',
        '`runtime.start()`, without `await`. Then, for each session: `await runtime.send_message(InputTask(…), AgentId("LittleManager", session_id))`.',
        '```\nplans = {}\nfor session_id, goal in goals.items():\n    task = InputTask(session_id=session_id, description=goal)\n    plans[session_id] = await runtime.send_message(task, AgentId("LittleManager", session_id))\nawait runtime.stop_when_idle()\nreturn plans\n```',
    ),
    when={
        "too-slow": "A runtime that was not started keeps messages for later, and whoever sent one waits for ever. Where is `runtime.start()`?",
        "not-started": "Four things to do with a runtime: register, start, send, stop. Which one is missing?",
        "wrong-session": "`AgentId(type, key)`: the same key is the same agent, with its memory. Which key does each session need?",
        "shared-agent": "A factory makes a new agent for each session. One that returns an agent made before gives all sessions the same.",
        "no-factory": "`register` wants the class or a function that makes an agent, not an agent: `LittleManager`, without `()`.",
        "not-stopped": "A runtime goes on in the background when your function is over. Which call waits until it has nothing left to do, and stops it?",
        "not-registered": "Somebody was sent a message and does not exist. Which three agents does the runtime need to know?",
        "no-plans": "What does the function promise to return? See its docstring.",
        "unwatched": "The first line of the function, which makes the runtime, was given. Use that runtime, and make no other.",
    },
)
async def little_engine(attempt: Any, trial: Trial) -> None:
    """A function that makes a runtime with your agents, gives each session its goal, and returns the plans by session."""
    await keeps_sessions_apart(attempt, trial)
