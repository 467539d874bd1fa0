"""The board's pieces as HTML: pure functions of the plan, so that the live board and the static page look the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from macae.agents.budget import spent
from macae.models import PlanWithSteps, Step, StepStatus
from macae.models.plans import OPEN_STEP, CallRecord
from macae.monitoring.words import duration
from macae.ui.text import call_text, clip, count, esc
from macae.ui.view import HUMAN, Look, StepView, plan_look

__all__ = ["body", "call", "head", "notice", "pill", "plan_head", "plan_progress", "question", "stylesheet"]

CALL_ICON = {
    "started": "spinner fa-spin",
    "completed": "check",
    "failed": "exclamation-triangle",
    "unknown": "bolt",
}


NOT_DONE = (StepStatus.skipped, StepStatus.rejected, StepStatus.failed, StepStatus.cancelled)
"""Where a step has come to a stop, and is not done."""


@cache
def stylesheet() -> str:
    """The board's style sheet as an HTML element."""
    return f"<style>{Path(__file__).with_name('style.css').read_text(encoding='utf-8')}</style>"


def icon(name: str) -> str:
    """A Font Awesome icon that screen readers pass over."""
    return f'<i class="fa fa-{esc(name)}" aria-hidden="true"></i>'


def pill(look: Look) -> str:
    """A status in words, with icon and colour."""
    return f'<span class="macae-pill macae-tone-{look.tone}">{icon(look.icon)} {esc(look.label)}</span>'


def notice(text: str, tone: str = "ask", icon_name: str = "info-circle", role: str = "note") -> str:
    """A sentence that wants to be read. `text` is HTML already."""
    return f'<div class="macae-notice macae-tone-{tone}" role="{role}">{icon(icon_name)} <span>{text}</span></div>'


def waiting() -> str:
    """Something is under way."""
    return f'<div class="macae-sub" role="status">{icon("spinner fa-spin")} Working on it …</div>'


def measures(seconds: float, tokens: int, usd: float | None = None) -> str:
    """What it cost: seconds, tokens and, where a price is known, US dollars; empty before anything ran."""
    parts = [duration(seconds)] if seconds > 0 else []
    if tokens:
        parts.append(count(tokens, "token"))
    if usd:
        parts.append(f"${usd:.4f}")
    return " · ".join(parts)


def head(step: Step, seen: StepView, icons: Mapping[str, str]) -> str:
    """A card's first lines: number, action, agent, call, status, seconds and tokens."""
    call_line = ""
    if step.pending_call is None and step.function:
        call_line = f' <code class="macae-call">{esc(call_text(step.function, step.arguments))}</code>'
    who, figure = ("you", "user") if step.agent == HUMAN else (step.agent, icons.get(step.agent, "user"))
    cost = measures(step.seconds, step.tokens, step.usd)
    attempt = f" · attempt {step.attempt}" if step.attempt > 1 else ""
    return (
        f'<div class="macae-head"><span class="macae-number">{step.index}</span><div class="macae-what">'
        f'<div class="macae-action" role="heading" aria-level="4">{esc(step.task)}</div>'
        f'<div class="macae-sub"><span class="macae-agent">{icon(figure)} {esc(who)}{attempt}</span>{call_line}</div></div>'
        f'<div class="macae-side">{pill(seen.look)}<span class="macae-cost">{cost}</span></div></div>'
    )


def call(record: CallRecord) -> str:
    """One tool call: folded to a line, unfolded to its arguments and result."""
    result = record.result or ("running …" if record.state == "started" else "")
    if record.state == "unknown":
        result = result or "The work was stopped while this call ran. It may have had its effect."
    seconds = (
        f'<span class="macae-cost">{duration(record.seconds)}</span>' if record.seconds is not None else ""
    )
    tone = (
        "bad"
        if record.is_error or record.state == "failed"
        else "ask"
        if record.state == "unknown"
        else "quiet"
    )
    shown = "exclamation-triangle" if record.is_error else CALL_ICON[record.state]
    return (
        f'<details class="macae-tool macae-tone-{tone}"><summary>{icon(shown)} '
        f'<code>{esc(record.tool)}</code> <span class="macae-gist">{esc(clip(result, 200))}</span>{seconds}</summary>'
        f'<div class="macae-full"><code>{esc(call_text(record.tool, record.arguments))}</code>'
        f"<pre>{esc(clip(result))}</pre></div></details>"
    )


def body(step: Step, seen: StepView) -> str:
    """What came of a step so far, and what the person must know before deciding."""
    parts: list[str] = []
    if step.pending_call is not None and step.status in OPEN_STEP:
        wanted = esc(call_text(step.pending_call.tool, step.pending_call.arguments))
        parts.append(
            notice(
                f'{esc(step.agent)} wants to call <code class="macae-call">{wanted}</code>'
                " Your approval covers exactly this call.",
                icon_name="hand-paper-o",
            )
        )
    if step.interrupted and step.status in OPEN_STEP:
        calls = "; ".join(esc(text) for text in step.interrupted_calls)
        parts.append(
            notice(f"The work was cut off here: {calls}. Check what was done, then decide.", "ask", "bolt")
        )
    if seen.blocked_by:
        which = " and ".join(f"step {other.index} ({esc(other.status.value)})" for other in seen.blocked_by)
        parts.append(notice(f"Waits for {which}: retry or skip it.", "quiet", "lock"))
    if step.error and step.status is not StepStatus.completed:
        parts.append(f'<div class="macae-error">{esc(clip(step.error, 2_000))}</div>')
    if step.human_feedback and step.human_feedback != step.agent_reply:
        word = "Reason" if step.status in {StepStatus.rejected, StepStatus.skipped} else "Note"
        parts.append(f'<div class="macae-note">{word}: {esc(clip(step.human_feedback, 2_000))}</div>')
    failed = step.status is StepStatus.failed
    if step.agent_reply and not (failed and step.agent_reply in (step.error or "")):  # else it is said above
        says = f"{esc(step.agent)} says: " if failed else ""  # its fine words are not what happened
        parts.append(f'<div class="macae-reply">{says}{esc(clip(step.agent_reply))}</div>')
    return "".join(parts)


def plan_head(plan: PlanWithSteps, banner: str, stuck: bool = False) -> str:
    """The goal, the plan's status (see `plan_look`), its summary, and which model answers."""
    summary = f'<div class="macae-summary">{esc(clip(plan.summary, 2_000))}</div>' if plan.summary else ""
    line = f'<div class="macae-banner">{icon("microchip")} {esc(banner)}</div>' if banner else ""
    return (
        '<div class="macae-head"><div class="macae-what">'
        f'<div class="macae-goal" role="heading" aria-level="3">{esc(clip(plan.initial_goal, 4_000))}</div>{summary}</div>'
        f'<div class="macae-side">{pill(plan_look(plan, stuck))}</div></div>{line}'
    )


def plan_progress(plan: PlanWithSteps, waiting: Sequence[Step]) -> str:
    """How far the plan is, in words (also for screen readers) and as a bar. `waiting`: the steps a person has to decide on.

    Done is what was completed: a step that was skipped, rejected or failed is counted by that name.
    """
    counted = [step for step in plan.steps if step.status is not StepStatus.superseded]
    found = Counter(step.status for step in counted)
    done = found[StepStatus.completed]
    if not counted:
        return ""
    words = f"{done} of {count(len(counted), 'step')} done"
    words += "".join(f", {found[status]} {status.value}" for status in NOT_DONE if found[status])
    if waiting:
        words += f", {count(len(waiting), 'step')} {'waits' if len(waiting) == 1 else 'wait'} for you"
    used = spent(plan, plan.steps)
    cost = measures(used.seconds, used.tokens, used.usd)
    share = round(100 * done / len(counted))
    return (
        f'<div class="macae-bar" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuenow="{done}" '
        f'aria-valuemax="{len(counted)}"><div style="width:{share}%"></div></div>'
        f'<div class="macae-words"><span role="status" aria-live="polite">{words}</span>'
        f'<span class="macae-cost">{cost}</span></div>'
    )


def question(asked: str, answer: str | None) -> str:
    """The planner's question, with its answer once there is one."""
    replied = f'<div class="macae-note">Answer: {esc(clip(answer, 2_000))}</div>' if answer else ""
    return notice(f"{esc(clip(asked, 2_000))}{replied}", "quiet" if answer else "ask", "question-circle")
