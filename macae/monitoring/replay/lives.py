"""The life of each plan and step: statuses, attempts, and when a person was asked."""

from __future__ import annotations

from typing import Any

from macae.models import Event, EventType, PlanStatus, StepStatus
from macae.models.plans import OVER_PLAN
from macae.monitoring.replay.fields import mapping, whole, words
from macae.monitoring.replay.known import Ask, Attempt, PlanLife, StepLife
from macae.monitoring.replay.one_event import row_of
from macae.monitoring.replay.ordering import Moment
from macae.monitoring.replay.planning import Plannings
from macae.monitoring.replay.views import HUMAN, MANAGER, PLANNER

__all__ = ["Lives"]

E, S = EventType, StepStatus

BECOMES = {
    E.step_offered: S.awaiting_feedback,
    E.step_edited: S.awaiting_feedback,
    E.step_retried: S.awaiting_feedback,
    E.step_paused: S.awaiting_feedback,
    E.step_approved: S.approved,
    E.step_rejected: S.rejected,
    E.step_started: S.action_requested,
    E.step_completed: S.completed,
    E.step_failed: S.failed,
    E.step_skipped: S.skipped,
    E.step_cancelled: S.cancelled,
    E.step_superseded: S.superseded,
}
"""The status that an event means; what its `changes` say goes first."""

QUESTIONS: dict[str, str] = {
    S.awaiting_feedback.value: "approve",
    S.rejected.value: "rejected",
    S.failed.value: "failed",
}
"""In these statuses a step waits for a person."""

LOST = 60.0
"""Seconds of silence before a step is found interrupted, after which nobody was at work in it until then: where the event does not
say itself whether its process was gone."""


class Lives:
    """Plans and steps in the order in which they appeared, filled by `take`."""

    def __init__(self) -> None:
        self.plans: dict[str, PlanLife] = {}
        self.steps: dict[str, StepLife] = {}
        self.plannings = Plannings()
        self.refused = False
        """Whether a goal was refused before anything was planned for it."""
        self.goals: list[tuple[str, str]] = []
        """Goals as they were given, with their trace ids."""
        self._actor = ""
        self._latest = 0.0

    def take(self, moment: Moment) -> None:
        """Take the next event in."""
        at, event = moment
        plan = self._plan(event)
        if event.changes:
            self._take_changes(event)
        if event.step_id:
            self._take_step(at, event, self._step(event.step_id, event))
        elif plan is not None:
            self._take_plan(at, event, plan)
        else:
            self._take_goal(at, event)
        self._latest = max(self._latest, at)
        if event.agent and event.agent != MANAGER and event.type not in (E.alert_raised, E.alert_resolved):
            self._actor = row_of(event)

    def plan_of(self, event: Event) -> str:
        """The plan's id; what belongs to a goal before its plan has one is found by the trace."""
        if event.plan_id or not event.trace_id:
            return event.plan_id
        return next((plan.id for plan in self.plans.values() if plan.trace_id == event.trace_id), "")

    # Goals and plans --------------------------------------------------------------------------------------------------

    def _plan(self, event: Event) -> PlanLife | None:
        if not event.plan_id:
            return None
        plan = self.plans.get(event.plan_id)
        if plan is None:
            plan = self.plans[event.plan_id] = PlanLife(event.plan_id, event.trace_id)
        return plan

    def _take_goal(self, at: float, event: Event) -> None:
        if event.type == E.goal_received:
            self.goals.append((event.text, event.trace_id))
        elif event.type == E.goal_refused:
            self.refused = True
        self.plannings.take(at, event)

    def _take_plan(self, at: float, event: Event, plan: PlanLife) -> None:
        if event.type == E.plan_created:
            begun = self.plannings.planned(event)
            plan.planning.append(Attempt(begun.start if begun else at, at))
            plan.summary = event.text
            plan.goal = plan.goal or self._goal_of(event)
        elif event.type == E.clarification_asked:
            plan.status = PlanStatus.awaiting_clarification.value
        elif event.type == E.clarification_answered:
            plan.planning.append(Attempt(at))
            plan.status = PlanStatus.in_progress.value
        elif event.type == E.plan_changed:
            plan.status = words(event.data.get("status")) or plan.status
            if plan.planning and plan.planning[-1].end is None:
                plan.planning[-1].end = at
        else:
            return
        why = {
            PlanStatus.awaiting_clarification.value: event.text,
            PlanStatus.paused.value: event.text or "The plan is paused at a limit.",
        }.get(plan.status)
        row = PLANNER if event.agent == PLANNER else self._actor
        self._ask(plan.asks, at, event, why, row)
        plan.ended = at if plan.status in OVER_PLAN else None
        if plan.ended is not None:
            for step in self.steps.values():
                if step.plan_id == plan.id:
                    self._ask(step.asks, at, event, None, "")

    def _goal_of(self, event: Event) -> str:
        same = [goal for goal, trace in self.goals if trace and trace == event.trace_id]
        return same[-1] if same else self.goals[-1][0] if self.goals else ""

    # Steps ------------------------------------------------------------------------------------------------------------

    def _step(self, id: str, event: Event) -> StepLife:
        step = self.steps.get(id)
        if step is None:
            step = self.steps[id] = StepLife(id, event.plan_id)
        return step

    def _take_changes(self, event: Event) -> None:
        for id, held in event.changes.items():
            change = mapping(held)
            if change.get("data_type") == "plan":
                plan = self.plans.setdefault(id, PlanLife(id, event.trace_id))
                plan.goal = words(change.get("initial_goal")) or plan.goal
                if event.type != E.clarification_asked:
                    plan.status = words(change.get("overall_status")) or plan.status
            elif change.get("data_type") == "step":
                self._fill(self._step(id, event), change)

    @staticmethod
    def _fill(step: StepLife, change: dict[str, Any]) -> None:
        step.plan_id = words(change.get("plan_id")) or step.plan_id
        step.agent = words(change.get("agent")) or step.agent
        step.task = words(change.get("updated_action") or change.get("action")) or step.task
        step.index = whole(change.get("index")) or step.index
        step.status = words(change.get("status")) or step.status
        if "function" in change:
            step.function = words(change["function"])
        if "arguments" in change:
            step.arguments = mapping(change["arguments"])
        if isinstance(needed := change.get("depends_on"), list):
            step.depends_on = [words(other) for other in needed]
        for call in map(mapping, mapping(change.get("calls")).values()):
            step.calls[words(call.get("key"))] = words(call.get("state")), words(call.get("result"))

    def _take_step(self, at: float, event: Event, step: StepLife) -> None:
        told = mapping(event.changes.get(step.id)).get("status")
        means = BECOMES.get(event.type)
        if event.type == E.step_interrupted:
            means = S.awaiting_feedback if event.data.get("calls") else S.approved
        if means is None:
            step.alive = at
            if event.type in (E.tool_started, E.model_called) and event.agent != MANAGER:
                step.agent = step.agent or event.agent
            if event.type != E.document_changed or told is None:
                return
        elif told is None:
            step.status = means.value
        self._note(at, event, step)
        self._attempts(at, event, step)
        why = "stopped by a limit" if event.at_limit else QUESTIONS.get(step.status)
        plan = self.plans.get(step.plan_id)
        if plan is not None and plan.status in OVER_PLAN:
            why = None
        if event.type == E.step_approved and event.agent.startswith("auto:") and step.asks:
            step.asks[-1].automatic = True
        row = step.agent if event.type in (E.step_failed, E.step_paused) else self._actor
        self._ask(step.asks, at, event, why, row)
        step.alive = at

    @staticmethod
    def _note(at: float, event: Event, step: StepLife) -> None:
        if event.type in (E.step_offered, E.step_started, E.step_edited):
            step.task = event.text or step.task
        elif event.type == E.step_approved:
            step.approvals.append((at, event.seq, event.agent))
        elif event.type == E.step_completed:
            step.reply, step.error = event.text, ""
            step.agent = step.agent or (event.agent if step.attempts else HUMAN)
        elif event.type in (E.step_failed, E.step_rejected):
            step.error = event.text
            step.at_limit = event.at_limit
            if event.type == E.step_failed:
                step.agent = step.agent or event.agent

    def _attempts(self, at: float, event: Event, step: StepLife) -> None:
        running = step.attempts[-1] if step.attempts and step.attempts[-1].end is None else None
        if event.type == E.step_started:
            if running is not None:
                running.end = at
            step.attempts.append(Attempt(at))
        elif running is not None and step.status != S.action_requested.value:
            told = event.data.get("lost")
            lost = told if isinstance(told, bool) else at - self._latest > LOST
            running.lost = lost and event.type == E.step_interrupted
            running.end = max(running.start, step.alive if running.lost else at)
        over = step.status in (S.completed, S.failed, S.skipped, S.cancelled, S.superseded)
        step.ended = at if over else None

    def _ask(self, asks: list[Ask], at: float, event: Event, why: str | None, cause: str) -> None:
        """Close the question that is open, and ask the next one, if there is one."""
        if asks and asks[-1].end is None:
            if why is not None and why == asks[-1].why:
                return
            asks[-1].end = at
        if why is not None:
            asks.append(Ask(at, why, event.seq, cause))
