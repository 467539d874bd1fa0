"""Events made by hand, for the checks of challenge 8."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

from macae.models import Event, EventType
from macae.workshop.trial import Trial

__all__ = ["called", "feed", "happened", "tool", "used"]

_seconds = count(1_794_906_000)


def happened(kind: str, agent: str = "ClerkAgent", text: str = "", step: str | None = None, **data: Any) -> Event:  # fmt: skip
    """One event of a made-up session."""
    return Event(
        seq=1, time=float(next(_seconds)), type=EventType(kind), session_id="made-up", user_id="ann",
        plan_id="plan", step_id=step, agent=agent, text=text, data=data,
    )  # fmt: skip


def called(agent: str, model: str = "gpt-4o", sent: int = 1000, back: int = 100, seconds: float = 1.0, ok: bool = True) -> Event:  # fmt: skip
    """A model call that has ended."""
    return happened(
        "model_called", agent, "" if ok else "The model did not answer.", call="c", model=model, seconds=seconds, first_token=None,
        prompt_tokens=sent, completion_tokens=back, usd=None, ok=ok, error_type=None if ok else "ModelTimeout", finish="stop", streamed=False,
    )  # fmt: skip


def used(agent: str, seconds: float, state: str = "completed") -> Event:
    """A tool call that has ended."""
    return happened("tool_finished", agent, "Done.", tool="order", key="k", state=state, seconds=seconds)


def tool(step: str, quantity: int | None, *, reply: str = "", key: str = "", state: str = "completed", effect: str = "change", result: str = "") -> list[Event]:  # fmt: skip
    """A tool call of a step, from its start to its end, and then the step's reply, if there is one."""
    key = key or f"{step}:1"
    arguments: dict[str, Any] = {"item_name": "chair"} | ({} if quantity is None else {"quantity": quantity})
    made = [
        happened(
            "tool_started", text="order", step=step, tool="order", arguments=arguments, key=key, effect=effect
        ),
        happened(
            "tool_finished",
            text=result or f"{quantity} done.",
            step=step,
            tool="order",
            key=key,
            state=state,
            seconds=0.1,
        ),
    ]
    return [*made, *([happened("step_completed", text=reply, step=step)] if reply else [])]


async def feed(trial: Trial, watcher: Any, events: Sequence[Event]) -> None:
    """Call the learner's watcher with each event, as the engine does: without waiting for anything."""
    for event in events:
        made = watcher(event)
        if hasattr(made, "close") and hasattr(made, "send"):
            made.close()
            trial.fail(
                expected="`def __call__(self, event)`, which has done its work when it returns",
                seen="`async def`: a coroutine that nobody awaits",
                look="The engine calls a sink and goes on. Leave the `async` out.",
                kind="async-def",
            )
