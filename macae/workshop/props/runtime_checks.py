"""Checks of a runtime of the learner's: sessions apart, messages seen as they pass, and nothing left running."""

from __future__ import annotations

import asyncio
import inspect
import re
from typing import Any

from macae.workshop.diagnose import home_of
from macae.workshop.props.puppets import Notes, explained, solved_before
from macae.workshop.trial import Trial

__all__ = ["keeps_sessions_apart"]


TWO = {"ada": "Order 3 laptops and book a training", "bob": "Say hello, order lunch and thank Ada"}


async def keeps_sessions_apart(attempt: Any, trial: Trial) -> None:
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
