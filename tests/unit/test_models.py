"""The guide's readers find its models, fields and words."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from macae import models as m
from macae.models import PlanStatus, PlanWithSteps, Step, StepStatus

FIELDS: dict[type[BaseModel], str] = {
    m.BaseDataModel: "id ts",
    m.AgentMessage: "id data_type session_id user_id plan_id content source ts step_id",
    m.Session: "data_type current_status message_to_user ts session_id user_id",
    m.Plan: "data_type session_id initial_goal overall_status user_id source summary human_clarification_request human_clarification_response ts",
    m.Step: "data_type plan_id action agent status agent_reply human_feedback updated_action session_id user_id human_approval_status index depends_on function attempt interrupted_calls error",
    m.PlanWithSteps: "steps total_steps completed_steps pending_steps planned awaiting_feedback approved rejected action_requested completed failed",
    m.InputTask: "session_id description user_id",
    m.ApprovalRequest: "step_id plan_id session_id user_id approved human_feedback updated_action action agent id data_type",
    m.HumanFeedback: "step_id plan_id session_id approved human_feedback updated_action user_id",
    m.HumanClarification: "plan_id session_id human_clarification user_id",
    m.ActionRequest: "session_id plan_id step_id action user_id agent",
    m.ActionResponse: "status message data user_id step_id plan_id session_id result",
    m.PlanStateUpdate: "plan_id session_id new_state user_id timestamp",
    m.GroupChatMessage: "message_id session_id user_id content timestamp source target",
    m.RequestToSpeak: "request_id session_id user_id reason timestamp",
}


@pytest.mark.parametrize("model", FIELDS, ids=lambda model: model.__name__)
def test_fields(model: type[BaseModel]) -> None:
    assert set(FIELDS[model].split()) <= set(model.model_fields)


def test_words() -> None:
    assert [s.value for s in StepStatus] == [
        "planned", "awaiting_feedback", "approved", "rejected", "action_requested", "completed", "failed",
        "skipped", "cancelled", "superseded",
    ]  # fmt: skip
    assert {s.value for s in PlanStatus} == {
        "in_progress", "completed", "failed", "awaiting_clarification", "paused", "cancelled", "impossible",
    }  # fmt: skip
    assert {d.value for d in m.DataType} == {"plan", "session", "step", "agent_message"}
    assert {b.value for b in m.BAgentType} == {"human", "ai_assistant", "external_service"}
    assert {f.value for f in m.HumanFeedbackStatus} == {"pending", "addressed", "rejected"}


def test_defaults() -> None:
    plan = m.Plan(session_id="s", user_id="u", initial_goal="g")
    assert (plan.overall_status, plan.source, plan.data_type) == (
        PlanStatus.in_progress,
        "PlannerAgent",
        "plan",
    )
    step = Step(plan_id=plan.id, session_id="s", user_id="u", action="a", agent="AnyAgentAtAll")
    assert (step.status, step.data_type) == (StepStatus.planned, "step")
    assert m.AgentMessage(session_id="s", user_id="u", content="c", source="x").plan_id == ""
    assert m.InputTask(description="d").session_id != m.InputTask(description="d").session_id


def test_all_counts_add_up() -> None:
    plan = m.Plan(session_id="s", user_id="u", initial_goal="g")
    steps = [
        Step(plan_id=plan.id, session_id="s", user_id="u", action="a", agent="A", status=status, index=i)
        for i, status in enumerate([*StepStatus, StepStatus.completed])
    ]
    joined = PlanWithSteps.of(plan, steps)
    counts = {status: getattr(joined, status.value) for status in StepStatus}
    assert sum(counts.values()) == joined.total_steps == 11
    assert counts[StepStatus.completed] == joined.completed_steps == 2
    over = (
        joined.completed
        + joined.failed
        + joined.rejected
        + joined.skipped
        + joined.cancelled
        + joined.superseded
    )
    assert joined.pending_steps + over == joined.total_steps
    joined.steps.pop()
    joined.update_step_counts()
    assert (joined.total_steps, joined.completed_steps) == (10, 1)
