"""What a monitor shows, computed from a recording: pure work for a thread, nothing here touches a widget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from macae.errors import NotFound
from macae.monitoring.recording import Recording
from macae.monitoring.words import count, duration
from macae.ui.monitor import fragments
from macae.ui.monitor.metrics import Metrics
from macae.ui.monitor.numbers import key_numbers
from macae.ui.monitor.picture import sheet, themed
from macae.ui.text import clean, clip, esc

__all__ = ["MESSAGES", "TABS", "THOUGHTS", "WIDTH", "Look", "Painted", "figure", "paint"]

TABS = ("Overview", "Conversation", "Steps", "Alerts", "Who talks to whom")
OVERVIEW, CONVERSATION, STEPS, ALERTS, TALKING = range(5)
MESSAGES, THOUGHTS = 10, 5
"""How much of the conversation is shown at first."""
WIDTH = 11.2
"""Inches of a figure: so wide is a notebook's cell on a usual screen."""


@dataclass(frozen=True)
class Look:
    """What is to be shown of a recording: which tab, whose, how much, and as of when."""

    tab: int = OVERVIEW
    agent: str = ""
    messages: int = MESSAGES
    thoughts: int = THOUGHTS
    step: str = ""
    mode: str = ""
    budget_usd: float | None = None
    limit_seconds: float = 5.0
    at: float | None = None
    """The moment that is shown of a replay, in seconds since its start."""


@dataclass(frozen=True)
class Painted:
    """It, ready to be put into widgets."""

    head: str
    clock: str
    strip: str
    tab: int
    body: str
    earlier: int
    """Lines of the conversation that are not shown."""
    agents: tuple[str, ...]
    steps: tuple[tuple[str, str], ...]
    """Words and id of each step."""
    troubles: int


def paint(whole: Any, seen: Any, look: Look, metrics: Metrics, body: bool = True) -> Painted:
    """Compute it. `whole` is all that is known, `seen` what had happened by the moment that is shown.

    `body`: whether the open tab's content is wanted too, or only what stands above it.
    """
    metrics.measure(whole, seen)
    inside, earlier = _body(whole, seen, look, metrics) if body else ("", 0)
    return Painted(
        head=fragments.head(seen, look.mode),
        clock=fragments.clock(duration(seen.seconds)),
        strip=fragments.strip(key_numbers(seen, metrics, look.budget_usd, look.limit_seconds)),
        tab=look.tab,
        body=inside,
        earlier=earlier,
        agents=tuple(whole.agents),
        steps=tuple((step_words(step, len(whole.plans) > 1), step.id) for step in seen.steps),
        troubles=fragments.trouble_count(seen),
    )


def step_words(step: Any, several: bool) -> str:
    """A step in a list: its number, agent and task."""
    plan = f"{step.plan_id[:6]} · " if several else ""
    return clean(clip(f"{plan}{step.index} · {step.agent} · {step.task}", 110)).replace("\n", " ")


def empty() -> str:
    """The overview of a session in which nothing has happened: the place of what will be there."""
    from macae.monitoring.figures import monitor_figure

    return themed(
        monitor_figure(Recording(), theme=sheet(), width=WIDTH, strip=False), "Nothing has happened yet."
    )


def figure(whole: Any, seen: Any, look: Look, metrics: Metrics, theme: Any, strip: bool = True) -> Any:
    """The overview's figure; without `strip`, the numbers that stand above it in a notebook anyway are left out."""
    from macae.monitoring.figures import monitor_figure

    return monitor_figure(
        seen,
        theme=theme,
        width=WIDTH,
        agents=[look.agent] if look.agent else None,
        metrics=metrics.series(seen.seconds),
        budget_usd=look.budget_usd,
        limit_seconds=look.limit_seconds,
        now=look.at if look.at is not None and look.at < whole.seconds else None,  # no line at the end
        whole=None if look.at is None else whole,
        strip=strip,
    )


def _body(whole: Any, seen: Any, look: Look, metrics: Metrics) -> tuple[str, int]:
    numbers = {step.id: step.index for step in seen.steps}
    if look.tab == CONVERSATION:
        return fragments.conversation(seen.conversation, look.agent, look.messages, look.thoughts, numbers)
    if look.tab == STEPS:
        return _step(seen, look.step), 0
    if look.tab == ALERTS:
        return fragments.alerts(seen, look.agent, numbers), 0
    if look.tab == TALKING:
        from macae.monitoring.figures import conversation_figure

        drawn = conversation_figure(seen, theme=sheet(), width=WIDTH)
        return themed(drawn, f"Who talks to whom: {', '.join(seen.agents)}"), 0
    return themed(figure(whole, seen, look, metrics, sheet(), strip=False), spoken(seen)), 0


def _step(seen: Any, step_id: str) -> str:
    from macae.monitoring.explaining import explain

    known = [step.id for step in seen.steps]
    if not known:
        return fragments.nothing("There are no steps yet.")
    if step_id not in known:
        return fragments.nothing("Choose a step: what it was sent, thought, called and replied stands here.")
    return f'<div class="macae-explain">{explain(seen, step_id).html()}</div>'


def step_id(recording: Any, step: Any) -> str:
    """The id of a step that is given by its number (of the newest plan), its id, or itself. Raises NotFound."""
    known = recording.steps
    if isinstance(step, int) and not isinstance(step, bool):
        newest = [one for one in known if recording.plans and one.plan_id == recording.plans[-1]]
        found = [one.id for one in newest if one.index == step]
    else:
        wanted = getattr(step, "id", step)
        found = [one.id for one in known if one.id == wanted]
    if not found:
        numbers = ", ".join(str(one.index) for one in known) or "none yet"
        raise NotFound(
            f"There is no step {str(getattr(step, 'id', step))[:60]!r} here. The steps are: {numbers}."
        )
    return str(found[0])


def spoken(seen: Any) -> str:
    """What the figure shows, for those who cannot see it."""
    return (
        f"{seen.title[:200]}: {seen.status_text} after {duration(seen.seconds)}. Agents: {', '.join(seen.agents) or 'none'}."
        f" {count(len(seen.model_calls), 'model call')}, {count(len(seen.tool_calls), 'tool call')}, {count(len(seen.errors), 'error')}."
    )


def failed(error: Exception) -> str:
    """What stands where something could not be drawn."""
    return fragments.nothing(
        f"This cannot be shown: {esc(type(error).__name__)}: {esc(clip(str(error), 500))}"
    )
