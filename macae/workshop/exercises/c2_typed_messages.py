"""Challenge 2: Typed messages."""

from __future__ import annotations

import asyncio
import inspect
import re
from functools import partial
from typing import Any

from autogen_core import AgentId, RoutedAgent
from pydantic import BaseModel, ValidationError

from macae.workshop.diagnose import home_of
from macae.workshop.exercise import Challenge
from macae.workshop.props.puppets import (
    ActionResponse,
    LoudPing,
    Notes,
    Ping,
    Pong,
    Puppet,
    answer_ping,
    explained,
    handled,
    message_class,
    new_step,
    solved_before,
)
from macae.workshop.trial import Trial

CHALLENGE = Challenge(2, "Typed messages", minutes=40, notebook="02-typed-messages")

STEP = {"plan_id": "p-1", "session_id": "s-1", "action": "Order 3 monitors", "agent": "LittleWorker"}
DEFAULTS = {"status": "planned", "agent_reply": None, "human_feedback": None}


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
    trial.expect(
        issubclass(attempt, BaseModel),
        expected="a pydantic class",
        seen=f"a class with the base {attempt.__mro__[1].__name__}",
        look="`class Step(BaseModel):`",
        kind="no-model",
    )
    try:
        one, two = attempt(**STEP), attempt(**STEP)
    except ValidationError as error:
        names = ", ".join(f"`{'.'.join(map(str, e['loc']))}` ({e['msg']})" for e in error.errors())
        trial.fail(expected="a Step from plan_id, session_id, action and agent alone", seen=f"pydantic refused it: {names}",
                   look="Which fields have a default, and is its type right?", kind="default")  # fmt: skip
    except TypeError as error:
        if "not callable" not in str(error):
            raise
        trial.fail(expected="a function as the `default_factory`, which pydantic calls for each new object", seen=f"TypeError: {error}",
                   look="`default_factory=new_id`, without the brackets `()`. With them, it is called at once, and what it gave is no function.", kind="factory")  # fmt: skip
    for name, value in STEP.items():
        seen = getattr(one, name, "no such field")
        trial.expect(seen == value, expected=f"`{name}` holds what was given: {value!r}", seen=seen, look=f"A line `{name}: str`.", kind="field")  # fmt: skip
    for name, default in DEFAULTS.items():
        seen = getattr(one, name, "no such field")
        trial.expect(seen == default, expected=f"`{name}` is {default!r} when it is not given", seen=seen, look="The table above the cell has the defaults.", kind="default")  # fmt: skip
    trial.expect(isinstance(getattr(one, "id", None), str) and one.id, expected="an `id`, a text", seen=getattr(one, "id", "no such field"), look="`Field(default_factory=new_id)`", kind="field")  # fmt: skip
    trial.expect(one.id != two.id, expected="two steps have two ids", seen=f"both have {one.id!r}", look="A default is worked out once; a `default_factory` is called for each object.", kind="shared-id")  # fmt: skip
    trial.proven("All fields are there, with their defaults, and each step has an id of its own.")
    for name in STEP:
        given = {key: value for key, value in STEP.items() if key != name}
        trial.expect(refuses(attempt, given), expected=f"a Step without `{name}` is refused", seen="it was accepted", look=f"`{name}: str`, without a default.", kind="not-required")  # fmt: skip
    nonsense: dict[str, Any] = {"status": "banana", "action": 7, "agent_reply": ["a", "b"]}
    for name, value in nonsense.items():
        trial.expect(refuses(attempt, {**STEP, name: value}), expected=f"`{name}={value!r}` is refused", seen="it was accepted", look=f"The type of `{name}` says what it may be.", kind="accepts-nonsense")  # fmt: skip
    trial.proven("What is missing or makes no sense is refused.")
    full = attempt(**STEP, id="s-7", status="completed", agent_reply="Done.", human_feedback="Thank you.")
    again = attempt.model_validate_json(full.model_dump_json())
    trial.expect(again == full, expected="the same step after a round trip through JSON", seen=again, look="Are all fields real fields, none of them computed on the way?", kind="json")  # fmt: skip
    trial.proven("It survives the way into JSON and back.")


def refuses(model: Any, fields: dict[str, Any]) -> bool:
    """Whether the class does not accept these fields."""
    try:
        model(**fields)
    except (ValidationError, ValueError, TypeError):
        return True
    return False


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
    trial.expect(issubclass(attempt, RoutedAgent), expected="a RoutedAgent", seen=attempt.__mro__[1].__name__, look="`class LoudAgent(RoutedAgent):`", kind="no-agent")  # fmt: skip
    probe: Any = type("Probe", (attempt,), {"on_ping": answer_ping})
    twin: Any = type("Ping", (BaseModel,), {"__module__": __name__})
    async with trial.runtime() as runtime:
        await probe.register(runtime, "Probe", lambda: probe("A probe."))
        agent = AgentId("Probe", "s-1")
        for message in (LoudPing(), "a text", twin()):
            name = type(message).__name__
            what = (
                "a class of the same name, defined a second time"
                if message.__class__ is twin
                else f"a {name}"
            )
            try:
                answer = await trial.waits(runtime.send_message(message, agent), 2, "an error")
            except NotImplementedError as error:
                if name not in str(error):
                    raise
                text = str(error)
            except TypeError as error:
                if "positional" in str(error):
                    raise
                text = str(error)
            except Exception as error:
                text = str(error)
            else:
                trial.fail(expected=f"an error for {what}, which has no handler", seen=answer,
                           look="Override `on_unhandled_message`, and `raise` in it.", kind="silent")  # fmt: skip
            for part, role in ((name, "the message's class"), ("Probe", "the agent")):
                trial.expect(part in text, expected=f"an error that names {role}: {part}", seen=text or "an error without a text", look="`type(message).__name__` and `self.id.type`", kind="nameless")  # fmt: skip
        trial.proven("A message without a handler raises an error, which names the message and the agent.")
        for words in ("one", "two"):
            try:
                answer = await trial.waits(runtime.send_message(Ping(text=words), agent), 2, "an answer")
            except Exception as error:
                answer = f"{type(error).__name__}: {error}"
            trial.expect(isinstance(answer, Pong) and answer.text == words, expected="a message that has a handler is answered as ever", seen=answer, look="`on_unhandled_message` is called only for messages without a handler.", kind="refuses-all")  # fmt: skip
        trial.proven("A message with a handler is answered as ever.")


GOALS = (
    ("ada", "Order 3 monitors and book a training", ["Order 3 monitors", "book a training"]),
    ("ada", "Say hello", ["Say hello"]),
    ("bob", "Order lunch, invite the team and thank Ada", ["Order lunch", "invite the team", "thank Ada"]),
)


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
    task = await handled(attempt, "InputTask")
    seen_ids: set[str] = set()
    async with trial.runtime() as runtime:
        await attempt.register(runtime, "LittlePlanner", lambda: attempt())
        for session, goal, actions in GOALS:
            with explained("LittlePlanner", home_of(attempt)):
                sent = runtime.send_message(
                    task(session_id=session, description=goal), AgentId("LittlePlanner", session)
                )
                plan = await trial.waits(sent, 3, "a Plan")
            trial.expect(plan is not None, expected="a Plan as the answer", seen=plan, look="Does the handler `return` the plan?", kind="no-answer")  # fmt: skip
            steps: Any = getattr(plan, "steps", None)
            trial.expect(isinstance(steps, list) and hasattr(plan, "initial_goal"), expected="a Plan as the answer", seen=plan, look="Return the plan itself, with its steps in `plan.steps`.", kind="not-a-plan")  # fmt: skip
            trial.expect(plan.initial_goal == goal, expected=f"`initial_goal` is the task's description: {goal!r}", seen=plan.initial_goal, look="`initial_goal=message.description`", kind="goal")  # fmt: skip
            trial.expect(plan.session_id == session, expected=f"the plan is for the task's session, {session!r}", seen=plan.session_id, look="`session_id=message.session_id`", kind="wrong-session")  # fmt: skip
            found = [one.action for one in steps]
            if [one.strip().lower() for one in found] != [one.lower() for one in actions]:
                old = len(found) > len(actions) and seen_ids & {one.plan_id for one in steps}
                trial.fail(expected=f"a step for each part of the goal: {actions}", seen=found, look="`split_goal(message.description)` gives the parts.", kind="old-steps" if old else "steps")  # fmt: skip
            for one in steps:
                trial.expect(one.session_id == session, expected=f"each step is for session {session!r}", seen=one.session_id, look="`session_id=message.session_id`", kind="wrong-session")  # fmt: skip
                trial.expect(one.plan_id == plan.id, expected="each step names its plan: `plan_id` is the plan's `id`", seen=f"{one.plan_id!r}, where the plan's id is {plan.id!r}", look="`plan_id=plan.id`", kind="plan-id")  # fmt: skip
                trial.expect(one.agent == "LittleWorker" and one.status == "planned", expected="each step is planned, for the agent LittleWorker", seen=f"{one.status}, for {one.agent}", look='`agent="LittleWorker"`', kind="agent")  # fmt: skip
            trial.expect(plan.id not in seen_ids, expected="a new plan for each goal", seen="the plan of the goal before", look="Make the plan inside the handler.", kind="old-steps")  # fmt: skip
            seen_ids.add(plan.id)
    trial.proven("Three goals in two sessions: each was answered with a plan of its own.")
    trial.proven("Every step knows its plan, its session and its agent.")


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
    task = await handled(attempt, "InputTask")
    names = home_of(attempt)
    stage = Stage(names)
    async with trial.runtime() as runtime:
        await attempt.register(runtime, "LittleManager", lambda: attempt())
        for name in ("LittlePlanner", "LittleWorker", "LittleBaker"):
            await Puppet.register(runtime, name, partial(Puppet, partial(stage.play, name)))

        async def ask(session: str, goal: str) -> Any:
            sent = runtime.send_message(
                task(session_id=session, description=goal), AgentId("LittleManager", session)
            )
            with explained("LittleManager", home_of(attempt)):
                return await trial.waits(sent, 3, "the finished Plan")

        plan = await ask("ada", "two steps")
        stage.judge(trial, plan, "ada", "two steps", ["completed", "completed"], "completed")
        trial.proven("It asked the planner, and had each step carried out by the step's own agent, in order.")
        plan = await ask("ada", "the second fails")
        stage.judge(trial, plan, "ada", "the second fails", ["completed", "failed", "planned"], "failed")
        trial.proven("A step that fails ends the plan; the steps after it are left alone.")
        plans = await asyncio.gather(ask("cleo", "two steps"), ask("dan", "two steps"))
        for session, plan in zip(("cleo", "dan"), plans, strict=True):
            stage.judge(trial, plan, session, "two steps", ["completed", "completed"], "completed")
        trial.proven("Two sessions at the same time stayed apart.")


class Stage:
    """The other agents, around a learner's manager."""

    def __init__(self, names: Any) -> None:
        self.names = names
        self.heard: list[tuple[str, str, str, Any]] = []
        """(agent, session key, goal or action, message)"""

    def play(self, agent: str, message: Any, key: str) -> Any:
        """Answer as the planner or as a worker."""
        words = getattr(message, "description", getattr(message, "action", repr(message)))
        self.heard.append((agent, key, words, message))
        if agent == "LittlePlanner":
            plan = message_class(self.names, "Plan")(session_id=key, initial_goal=words)
            for i in range(3 if "fails" in words else 2):
                fails = "fails" in words and i == 1
                plan.steps.append(
                    new_step(self.names, plan_id=plan.id, session_id=key, agent="LittleBaker" if i else "LittleWorker",
                             action=f"{'fail at' if fails else 'do'} part {i + 1} for {key}")
                )  # fmt: skip
            return plan
        status = "failure" if words.startswith("fail") else "success"
        response = self.names.get("ActionResponse", ActionResponse)  # a manager need not name it itself
        return response(status=status, message=f"{agent} of {key}: {words}")

    def judge(
        self, trial: Trial, plan: Any, session: str, goal: str, statuses: list[str], whole: str
    ) -> None:
        """Look at what the manager sent for one goal, and at its answer."""
        heard = [one for one in self.heard if session in (one[1], one[2].rpartition(" ")[2]) or one[1] not in ("ada", "cleo", "dan")]  # fmt: skip
        self.heard = [one for one in self.heard if one not in heard]
        for agent, key, _, _ in heard:
            trial.expect(key == session, expected=f"{agent} is asked in the session of the goal: AgentId({agent!r}, {session!r})", seen=f"AgentId({agent!r}, {key!r})", look="The key is `self.id.key`.", kind="wrong-session")  # fmt: skip
        asked = [one for one in heard if one[0] == "LittlePlanner"]
        trial.expect(len(asked) == 1 and asked[0][2] == goal, expected=f"the planner is asked once, with the goal {goal!r}", seen=[one[2] for one in asked] or "no message to LittlePlanner", look='`await self.send_message(message, AgentId("LittlePlanner", self.id.key))`', kind="no-planner")  # fmt: skip
        trial.expect(plan is not None, expected="the Plan as the answer", seen=plan, look="Does every way through the handler `return` the plan?", kind="no-answer")  # fmt: skip
        steps: Any = getattr(plan, "steps", None)
        trial.expect(isinstance(steps, list) and len(steps) == len(statuses), expected=f"the Plan with its {len(statuses)} steps as the answer", seen=plan, look="Return the plan that the planner gave, with what came of its steps.", kind="not-a-plan")  # fmt: skip
        run = [step for step, status in zip(steps, statuses, strict=True) if status != "planned"]
        work = [one for one in heard if one[0] != "LittlePlanner"]
        if len(work) > len(run):
            trial.fail(expected="nothing runs after a step that failed", seen=[one[2] for one in work], look="Leave the loop, or return, when `response.status` is \"failure\".", kind="goes-on")  # fmt: skip
        actions, wanted = [one[2] for one in work], [step.action for step in run]
        trial.expect(sorted(actions) == sorted(wanted), expected=f"an ActionRequest for each of {wanted}", seen=actions or "no ActionRequest", look="One `await self.send_message(ActionRequest(…), …)` for each step.", kind="missing-steps")  # fmt: skip
        trial.expect(actions == wanted, expected=f"the steps in their order: {wanted}", seen=actions, look="Go through `plan.steps` from the first to the last.", kind="order")  # fmt: skip
        for (agent, _, _, message), step in zip(work, run, strict=True):
            trial.expect(agent == step.agent, expected=f"the step {step.action!r} goes to its agent, {step.agent}", seen=agent, look="`AgentId(step.agent, self.id.key)`", kind="wrong-agent")  # fmt: skip
            ids = (getattr(message, "plan_id", None), getattr(message, "step_id", None), getattr(message, "session_id", None))  # fmt: skip
            trial.expect(ids == (plan.id, step.id, session), expected="the ActionRequest names its plan, step and session", seen=f"plan_id, step_id, session_id = {ids}", look="`plan_id=plan.id`, `step_id=step.id`, `session_id=plan.session_id`", kind="request")  # fmt: skip
            reply = f"{agent} of {session}: {step.action}"
            trial.expect(step.agent_reply == reply, expected=f"`agent_reply` holds what the agent answered: {reply!r}", seen=step.agent_reply, look="`step.agent_reply = response.message`", kind="reply")  # fmt: skip
        seen = [step.status for step in steps]
        trial.expect(seen == statuses, expected=f"the steps' statuses are {statuses}", seen=seen, look='`step.status = "completed"`, or `"failed"` when the response says "failure"; steps that never ran stay planned.', kind="statuses")  # fmt: skip
        trial.expect(plan.overall_status == whole, expected=f"`overall_status` is {whole!r}", seen=plan.overall_status, look="Set `plan.overall_status` before you return the plan.", kind="overall")  # fmt: skip


TWO = {"ada": "Order 3 laptops and book a training", "bob": "Say hello, order lunch and thank Ada"}


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
    nothing = await carried_out(attempt, trial, {}, [])
    trial.expect(isinstance(nothing, dict), expected="a dictionary of plans (an empty one when there are no goals)", seen=nothing, look="`plans = {}` at the start, `return plans` at the end.", kind="no-plans")  # fmt: skip
    await solved_before(attempt, LittlePlanner="InputTask", LittleManager="InputTask", LittleWorker="ActionRequest")  # fmt: skip
    for goals in (TWO, {"cleo": "Say hello"}):
        notes = Notes()
        before = asyncio.all_tasks()
        plans = await carried_out(attempt, trial, goals, [notes])
        trial.expect(notes.sent, expected="the messages pass the handlers that were handed in", seen="no message passed them", look="Use the `runtime` of the function's first line.", kind="unwatched")  # fmt: skip
        trial.expect(isinstance(plans, dict) and set(plans) == set(goals), expected=f"a plan for each of the sessions {list(goals)}", seen=plans, look="`plans[session_id] = await runtime.send_message(…)`", kind="no-plans")  # fmt: skip
        for agent, key, message in notes.sent:
            named = getattr(message, "session_id", None)
            trial.expect(key == named, expected=f"a message of session {named!r} goes to the agent with that key", seen=f"AgentId({agent!r}, {key!r})", look='`AgentId("LittleManager", session_id)`', kind="wrong-session")  # fmt: skip
        for session, goal in goals.items():
            plan = plans[session]
            parts = re.split(r",\s*|\s+and\s+", goal)
            trial.expect(getattr(plan, "initial_goal", None) == goal and plan.session_id == session, expected=f"the plan of {session!r} is for the goal {goal!r}", seen=plan, look="`InputTask(session_id=session_id, description=goal)`", kind="no-plans")  # fmt: skip
            replies = [step.agent_reply for step in plan.steps]
            wanted = [f"Job {i}: {part}" for i, part in enumerate(parts, 1)]
            shared = [str(reply).split(":")[0] for reply in replies] != [one.split(":")[0] for one in wanted]
            trial.expect(not shared, expected=f"a worker of its own for each session, so {session!r} begins at Job 1", seen=replies, look='`await LittleWorker.register(runtime, "LittleWorker", LittleWorker)`', kind="shared-agent")  # fmt: skip
            trial.expect(plan.overall_status == "completed", expected=f"the plan of {session!r} is completed", seen=plan.overall_status, look="Does your LittleManager pass its check?", kind="overall")  # fmt: skip
        for _ in range(20):
            left = asyncio.all_tasks() - before
            if not left:
                break
            await asyncio.wait(left, timeout=0.01)
        trial.expect(not left, expected="a runtime that is stopped when the function is over", seen="it still runs in the background", look="`await runtime.stop_when_idle()` before the `return`.", kind="not-stopped")  # fmt: skip
    trial.proven("Each session had its own goal, plan and worker.")
    trial.proven("Every message was addressed to the agent of its own session.")
    trial.proven("The runtime was stopped at the end, and a second one could be made.")


async def carried_out(attempt: Any, trial: Trial, goals: dict[str, str], handlers: list[Any]) -> Any:
    """What a learner's little_engine gives. Raises NotYet for what AutoGen says in words of its own."""
    try:
        with explained("little_engine", home_of(attempt)):
            plans = await trial.call(attempt, goals, handlers)
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        if "Recipient not found" in said:
            trial.fail(expected="LittlePlanner, LittleManager and LittleWorker are registered", seen=said, look="The name in `register` and the name in `AgentId` must be the same.", kind="not-registered")  # fmt: skip
        if "already exists" in said:
            trial.fail(expected="a new runtime each time that the function is called", seen=said, look="Use the `runtime` of the function's first line, and register each agent once.", kind="registered-twice")  # fmt: skip
        if "Runtime is not started" in said:
            trial.fail(expected="a runtime that was started before it is stopped", seen=said, look="`runtime.start()`, after the agents are registered.", kind="not-started")  # fmt: skip
        made = re.search(r"'(Little\w+)' object is not callable", said)
        if made:
            trial.fail(expected=f"`register` is given the class {made[1]}, which the runtime calls for each session", seen=f"an agent that was made before: {said}",
                       look=f"`await {made[1]}.register(runtime, \"{made[1]}\", {made[1]})`, without `()` behind the last name.", kind="no-factory")  # fmt: skip
        if "has no attribute '_id'" in said:
            trial.fail(expected="a factory that makes a new agent for each session", seen="an agent that was made before, outside of the runtime", look="Register the class itself: the runtime calls it when it needs an agent.", kind="shared-agent")  # fmt: skip
        raise
    waiting = [one for one in plans.values() if inspect.iscoroutine(one)] if isinstance(plans, dict) else []
    for one in waiting:
        one.close()
    trial.expect(not waiting, expected="a plan for each session", seen="a coroutine that nobody awaited", look="`await runtime.send_message(…)`", kind="no-await")  # fmt: skip
    return plans
