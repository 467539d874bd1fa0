"""Without the machine's own OpenTelemetry and Azure settings, and with small helpers to tell a story as events."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from macae.models import Event, EventType
from tests.support.otlp_server import InsightsServer, OtlpServer

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("OTEL_", "APPLICATIONINSIGHTS_", "APPINSIGHTS_")):
            monkeypatch.delenv(name)


@pytest.fixture
def collector() -> Iterator[OtlpServer]:
    with OtlpServer() as server:
        yield server


@pytest.fixture
def insights() -> Iterator[InsightsServer]:
    with InsightsServer() as server:
        yield server


class Story:
    """Events in order: each call adds one, `at` seconds after the story's begin."""

    def __init__(self, trace: str = TRACE, plan: str = "plan-1", begin: float = 1_800_000_000.0) -> None:
        self.trace, self.plan, self.begin = trace, plan, begin
        self.events: list[Event] = []

    def add(
        self, type: str, at: float, step: str | None = None, agent: str = "", text: str = "", **data: Any
    ) -> Event:
        changes = data.pop("changes", {})
        event = Event(
            seq=len(self.events) + 1,
            time=self.begin + at,
            type=EventType(type),
            session_id="session-1",
            user_id="ann@example.org",
            trace_id=self.trace,
            plan_id="" if type == "goal_received" else self.plan,
            step_id=step,
            agent=agent,
            text=text,
            data=data,
            changes=changes,
        )
        self.events.append(event)
        return event

    def planned(self, *agents: str) -> Story:
        """Goal at 0, planner's call from 1 to 3, plan at 4, a step offered for each agent."""
        self.add("goal_received", 0, agent="ann@example.org", text="Fire Bob Jones")
        call = self.called(3, 2, agent="PlannerAgent", call="call-plan")
        call.plan_id = ""
        steps = {
            f"s{i}": {"data_type": "step", "version": 1, "index": i, "agent": agent}
            for i, agent in enumerate(agents, 1)
        }
        self.add("plan_created", 4, agent="PlannerAgent", text="A plan.", steps=len(agents), changes=steps)
        for i, _ in enumerate(agents, 1):
            self.add("step_offered", 4, f"s{i}", "GroupChatManager", "Write to Bob Jones.")
        return self

    def called(
        self, at: float, seconds: float, step: str | None = None, agent: str = "A", **more: Any
    ) -> Event:
        data = {
            "call": f"call-{len(self.events)}",
            "model": "gpt-4o",
            "seconds": seconds,
            "first_token": 0.25,
            "prompt_tokens": 100,
            "completion_tokens": 10,
            "usd": 0.5,
            "ok": True,
            "error_type": None,
            "finish": "stop",
            "streamed": True,
            "sent": [{"role": "user", "source": "ann", "text": "Bob Jones is to go."}],
            "reply": "Bob Jones was told.",
        }
        return self.add("model_called", at, step, agent, more.pop("text", ""), **(data | more))

    def tool(self, at: float, seconds: float, step: str, state: str = "completed", **more: Any) -> None:
        key = f"{step}:{len(self.events)}"
        self.add(
            "tool_started",
            at,
            step,
            "A",
            "mail",
            tool="mail",
            key=key,
            effect="change",
            arguments={"to": "Bob Jones"},
        )
        self.add(
            "tool_finished",
            at + seconds,
            step,
            "A",
            "sent to Bob Jones",
            tool="mail",
            key=key,
            state=state,
            seconds=seconds,
        )

    def worked(self, step: str, at: float, agent: str = "A") -> None:
        """Approved, done: 10 seconds, one model call of 2, one tool call of 3."""
        self.add("step_approved", at, step, "ann@example.org", version=1, hash="00ff")
        self.add("step_started", at + 1, step, "GroupChatManager")
        self.called(at + 4, 2, step, agent)
        self.tool(at + 5, 3, step)
        self.add("step_completed", at + 10, step, agent, "Bob Jones was told.")

    def ended(self, at: float, status: str = "completed") -> Story:
        self.add("plan_changed", at, agent="GroupChatManager", text=status, status=status)
        return self


@pytest.fixture
def story() -> Story:
    return Story()
