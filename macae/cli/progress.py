"""What happens in the engine, as it happens, one line each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from macae.cli.output import Screen, one_line
from macae.models import Event, EventType, PlanWithSteps, Step
from macae.monitoring.words import duration
from macae.ui.text import call_text, count

__all__ = ["Progress"]


class Progress:
    """An event sink: shows steps, tool calls and their results with seconds and tokens."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.steps: dict[str, Step] = {}
        self.began: dict[str, float] = {}
        self.tokens: Counter[str] = Counter()
        self.shown: Callable[[str], str] = str
        """What makes a text fit for the screen: the engine's `shown`."""
        self.early: list[Event] = []
        """What happened to steps that are not known yet."""
        self.said: dict[str, str] = {}
        """By step: the last tool result shown, so that a reply that repeats it is not shown again."""

    def take(self, plan: PlanWithSteps) -> None:
        """Know the plan's steps, so that lines can name them."""
        self.steps.update((step.id, step) for step in plan.steps)
        early, self.early = self.early, []
        for event in early:
            self(event)

    def __call__(self, event: Event) -> None:
        """Show one event, if it is one for people. Events of a step that is not known yet wait until it is."""
        show = SHOWN.get(event.type)
        if show is not None and (text := self.shown(event.text)) != event.text:
            event = event.model_copy(update={"text": text})
        if event.type is EventType.model_waiting and not event.step_id:
            self.screen.say(one_line(event.text), "yellow", 2)  # the planner's
        if show is None or not event.step_id:
            return
        if event.step_id in self.steps:
            show(self, event, event.step_id)
        else:
            self.early.append(event)

    def line(self, step_id: str, text: str, style: str = "") -> None:
        """One line, with its step's number."""
        self.screen.say(f"[{self.steps[step_id].index}] {text}", style, 2)

    def started(self, event: Event, step_id: str) -> None:
        """The step runs."""
        self.began[step_id] = event.time
        self.tokens[step_id] = 0
        self.line(step_id, f"{one_line(self.steps[step_id].agent, 60)} starts", "cyan")

    def model_called(self, event: Event, step_id: str) -> None:
        """Count what the model read and wrote for the step."""
        for name in ("prompt_tokens", "completion_tokens"):
            value = event.data.get(name)
            self.tokens[step_id] += value if isinstance(value, int) else 0

    def tool_started(self, event: Event, step_id: str) -> None:
        """A call begins."""
        call = call_text(str(event.data.get("tool", "")), event.data.get("arguments") or {})
        self.line(step_id, f"calls {one_line(call, 500)}")

    def tool_finished(self, event: Event, step_id: str) -> None:
        """A call has ended."""
        self.said[step_id] = event.text
        seconds = event.data.get("seconds")
        took = f" ({duration(seconds)})" if isinstance(seconds, int | float) else ""
        wrong = event.data.get("state") != "completed"
        what = "failed" if wrong else "gave"
        self.line(step_id, f"{what}{took}: {one_line(event.text)}", "red" if wrong else "")

    def tool_refused(self, event: Event, step_id: str) -> None:
        """The gate said no."""
        self.line(step_id, f"not run: {one_line(event.text)}", "yellow")

    def paused(self, event: Event, step_id: str) -> None:
        """The step asks again."""
        self.line(step_id, "asks again: this call is not covered by your yes", "yellow")

    def waiting(self, event: Event, step_id: str) -> None:
        """A model call waits."""
        self.line(step_id, one_line(event.text), "yellow")

    def ended(self, event: Event, step_id: str) -> None:
        """The step is completed, failed, interrupted or cancelled."""
        good = event.type is EventType.step_completed
        parts = ["stopped by a limit" if event.at_limit else event.type.value.removeprefix("step_")]
        if step_id in self.began:
            parts.append(duration(max(0.0, event.time - self.began[step_id])))
        if self.tokens[step_id]:
            parts.append(count(self.tokens[step_id], "token"))
        again = event.text.strip() == self.said.get(step_id, "").strip()
        reply = "" if again or not event.text.strip() else f": {one_line(event.text)}"
        self.line(
            step_id, " · ".join(parts) + reply, "green" if good else "yellow" if event.at_limit else "red"
        )


SHOWN = {
    EventType.step_started: Progress.started,
    EventType.model_called: Progress.model_called,
    EventType.model_waiting: Progress.waiting,
    EventType.tool_started: Progress.tool_started,
    EventType.tool_finished: Progress.tool_finished,
    EventType.tool_refused: Progress.tool_refused,
    EventType.step_paused: Progress.paused,
    EventType.step_completed: Progress.ended,
    EventType.step_failed: Progress.ended,
    EventType.step_interrupted: Progress.ended,
    EventType.step_cancelled: Progress.ended,
}
