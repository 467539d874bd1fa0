"""The person at the terminal decides, step by step."""

from __future__ import annotations

from typing import Any

from macae.cli.limits import ask_for_more
from macae.cli.output import one_line
from macae.cli.plantext import heading, show_call
from macae.cli.prompting import Left, Prompt
from macae.cli.recovery import recover
from macae.engine import Engine
from macae.errors import Conflict, InvalidInput, MacaeError
from macae.models import PlanStatus, PlanWithSteps, Step
from macae.ui.arguments import as_text, parse, schema_of
from macae.ui.text import clip
from macae.ui.view import view

__all__ = ["Terminal"]

DECIDE = {"y": "yes", "n": "no", "e": "edit", "a": "all that wait", "s": "skip", "q": "quit"}
ANSWER = {"d": "done", "s": "skip", "q": "quit"}
SETTLE = {"d": "it was done", "r": "run it again", "s": "skip", "q": "quit"}


class Terminal:
    """Asks about one thing after the other. Implements `Decider`."""

    def __init__(self, prompt: Prompt, answers: list[str]) -> None:
        self.prompt, self.answers = prompt, answers
        self.screen = prompt.screen

    async def act(self, engine: Engine, plan: PlanWithSteps) -> bool:
        """Have the person decide the next thing. False when they leave. What cannot be is said, and asked again."""
        try:
            if plan.overall_status is PlanStatus.awaiting_clarification:
                return await self.clarify(engine, plan)
            if plan.overall_status is PlanStatus.paused:
                return await ask_for_more(engine, plan, self.prompt)
            seen = [(step, view(step, plan)) for step in plan.steps]
            for step, look in seen:
                if look.recover:
                    return await recover(engine, plan, step, self.prompt)
            for step, look in seen:
                if look.asks:
                    self.show(step)
                    if look.settle:
                        return await self.settle(engine, step)
                    return await (self.answer if look.answer else self.decide)(engine, plan, step)
        except Left as left:
            if left.interrupted:
                raise KeyboardInterrupt from None
        except Conflict:
            raise
        except MacaeError as error:
            self.screen.say(str(error), "red", 5)
            return True
        return False

    def show(self, step: Step) -> None:
        """The step that is asked about."""
        self.screen.say()
        self.screen.say(heading(step), "bold", 2)
        show_call(self.screen, step)

    async def clarify(self, engine: Engine, plan: PlanWithSteps) -> bool:
        """The planner's question."""
        if self.answers:
            answer = self.answers.pop(0)
            self.screen.say(f"Answer: {one_line(answer, 1_000)}")
        else:
            question = plan.human_clarification_request or "What is missing?"
            self.screen.say(clip(question, 4_000), "yellow")
            answer = self.prompt.text("Your answer (q = quit):", 0)
        if answer.strip().lower() in ("q", "quit"):
            return False
        await engine.clarify(plan, answer)
        return True

    async def decide(self, engine: Engine, plan: PlanWithSteps, step: Step) -> bool:
        """A step that waits for a yes."""
        match self.prompt.choice("Approve?", DECIDE):
            case "y":
                await engine.approve(step)
            case "n":
                await engine.reject(step, self.prompt.text("Why? (Enter: no reason)").strip() or None)
            case "e":
                await self.edit(engine, step)
            case "a":
                await engine.approve_all(plan)
            case "s":
                await engine.skip(step)
            case _:
                return False
        return True

    async def edit(self, engine: Engine, step: Step) -> None:
        """Another action, or other arguments. The step is then asked about anew, with the call that goes with it."""
        action = self.prompt.text("New action (Enter: keep it, and edit the arguments):").strip()
        if action:
            await engine.edit(step, action)
            return
        pending = step.pending_call
        name = pending.tool if pending else step.function
        found = engine.team.tool(name or "")
        if name is None or found is None:
            raise InvalidInput("No function is bound to this step, so it has no arguments. Edit its action.")
        held = (pending.arguments if pending else step.arguments) or {}
        given: dict[str, Any] = {}
        for key, schema in found[1].parameters.items():
            has = key in held
            now = f" [{one_line(as_text(held[key]), 200)}]" if has else ""
            text = self.prompt.text(f"{one_line(key, 60)}{now}:")
            if text.strip():
                given[key] = parse(key, text.strip(), schema or schema_of(held.get(key)))
            elif has:
                given[key] = held[key]
        await engine.edit(step, function=name, arguments=given)

    async def answer(self, engine: Engine, plan: PlanWithSteps, step: Step) -> bool:
        """A step that is the person's own to do."""
        match self.prompt.choice("This step is yours.", ANSWER):
            case "d":
                result = self.prompt.text("What came of it? (Enter: done)").strip()
                await engine.approve(step, result or None)
            case "s":
                await engine.skip(step)
            case _:
                return False
        return True

    async def settle(self, engine: Engine, step: Step) -> bool:
        """A step that was interrupted while a call ran."""
        match self.prompt.choice("Was it done?", SETTLE):
            case "d":
                result = self.prompt.text("What came of it? (Enter: done)").strip()
                await engine.done(step, result or "done")
            case "r":
                await engine.approve(step)
            case "s":
                await engine.skip(step)
            case _:
                return False
        return True
