"""Checks of a manager among stand-ins: whom it asks, in which session and order, and what it makes of the answers."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from autogen_core import AgentId

from macae.workshop.diagnose import home_of
from macae.workshop.props.puppets import ActionResponse, Puppet, explained, handled, message_class, new_step
from macae.workshop.trial import Trial

__all__ = ["has_the_goal_carried_out"]


async def has_the_goal_carried_out(attempt: Any, trial: Trial) -> None:
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
