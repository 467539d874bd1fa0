"""A session as a list of events, made by hand: who did what when is known exactly, so that what is read from it can be checked.

00.0  PlannerAgent plans 1.4 s: three steps                05.2  HrAgent: a search, model 2.8 s, tool, model 2.4 s
01.4  the person is waited for 3.7 s, approves all three   12.0  TechSupportAgent: a search, model, tool, model, tool, model
                                                           19.6  ProcurementAgent: model, a tool that fails (alert), model, tool,
30.8  the person is asked a question, answers after 4.3 s         model 6.4 s (alert)
35.2  PlannerAgent plans 3.0 s; the plan is completed at 38.2
"""

from __future__ import annotations

from typing import Any

from macae.models import Event, EventType

__all__ = ["PLAN", "SESSION", "START", "USER", "Script", "onboarding"]

SESSION, PLAN, USER = "S-7f3a", "plan-1", "local"
TRACE = "7f3a" * 8
START = 1_790_000_000.0
HOSTILE = '<img src=x onerror="alert(1)"> =HYPERLINK("http://x") \x1b[31m'

E = EventType


class Script:
    """Writes events, one after the other, at the seconds that it is told."""

    def __init__(
        self, session: str = SESSION, user: str = USER, trace: str = TRACE, start: float = START
    ) -> None:
        self.session, self.user, self.trace, self.start = session, user, trace, start
        self.plan, self.events, self._calls, self._stored = "", list[Event](), 0, 0
        self.model, self.price = "gpt-4o", (2.5e-6, 10e-6)
        """US dollars for a prompt token and a completion token; None: a model whose price nobody knows."""

    def add(
        self,
        at: float,
        type: EventType,
        agent: str = "",
        text: str = "",
        step: str | None = None,
        changes: dict[str, dict[str, Any]] | None = None,
        **data: Any,
    ) -> Event:
        """One stored event."""
        self._stored += 1
        event = Event(
            seq=self._stored,
            time=self.start + at,
            type=type,
            session_id=self.session,
            user_id=self.user,
            trace_id=self.trace,
            plan_id=self.plan,
            step_id=step,
            agent=agent,
            text=text,
            data=data,
            changes=changes or {},
        )
        self.events.append(event)
        return event

    def in_order(self) -> list[Event]:
        """The events by time, numbered anew."""
        self.events.sort(key=lambda event: event.time)
        for number, event in enumerate((e for e in self.events if e.seq > 0), 1):
            event.seq = number
        return self.events

    def model_call(
        self,
        start: float,
        end: float,
        agent: str,
        step: str | None = None,
        tokens: tuple[int, int] = (1000, 200),
        thought: str = "",
        error: str = "",
        reply: str = "",
        live: bool = False,
        **data: Any,
    ) -> None:
        """A model call; with `live` its beginning is told too."""
        self._calls += 1
        call = f"call-{self._calls}"
        if live:
            begun = self.add(start, E.model_started, agent, "", step, call=call, model=self.model)
            begun.seq, self._stored = 0, self._stored - 1
        prompt, completion = (0, 0) if error else tokens
        usd = prompt * self.price[0] + completion * self.price[1] if self.price else None
        more = {"reply": reply, "sent": [{"role": "user", "source": "user", "text": f"Your step: {step}"}], "sent_before": 0, "calls": []} if reply else {}  # fmt: skip
        figures = {
            "call": call,
            "model": self.model,
            "seconds": round(end - start, 4),
            "first_token": None if error else round((end - start) / 4, 4),
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "usd": None if error else usd,
            "ok": not error,
            "error_type": "ModelUnavailable" if error else None,
            "finish": None if error else "stop",
            "streamed": not error,
        }
        self.add(end, E.model_called, agent, error, step, None, **{**figures, **more, **data})
        if thought:
            self.add(end, E.thought, agent, thought, step, call=call)

    def tool_call(
        self,
        start: float,
        end: float | None,
        agent: str,
        step: str,
        tool: str,
        arguments: dict[str, Any],
        result: str = "done",
        effect: str = "change",
        state: str = "completed",
        number: int = 1,
    ) -> None:
        """A tool call; without an end nobody saw one."""
        key = f"{step}:{number}"
        self.add(
            start, E.tool_started, agent, tool, step, tool=tool, arguments=arguments, key=key, effect=effect
        )
        if end is not None:
            self.add(
                end,
                E.tool_finished,
                agent,
                result,
                step,
                tool=tool,
                key=key,
                state=state,
                seconds=round(end - start, 4),
            )

    def search(self, start: float, end: float, agent: str, step: str, query: str, *sources: str) -> None:
        """A search of the policies."""
        self.add(end, E.memory_queried, agent, query, step, memory="policies", seconds=round(end - start, 4), results=len(sources), sources=list(sources))  # fmt: skip

    def offer(self, at: float, step: str, index: int, agent: str, action: str, **fields: Any) -> None:
        """A step, put before the person."""
        document = {
            "data_type": "step",
            "version": 1,
            "id": step,
            "plan_id": self.plan,
            "session_id": self.session,
            "user_id": self.user,
            "index": index,
            "agent": agent,
            "action": action,
            "status": "awaiting_feedback",
            **fields,
        }
        self.add(at, E.step_offered, "GroupChatManager", action, step, changes={step: document})

    def approve(self, at: float, step: str, by: str = "", note: str = "") -> None:
        """The person's yes."""
        self.add(at, E.step_approved, by or self.user, note, step, version=1, hash="0123456789abcdef")

    def begin(self, at: float, step: str, text: str) -> None:
        """The step goes to its agent."""
        self.add(at, E.step_started, "GroupChatManager", text, step)


STEPS = (
    ("s1", "HrAgent", "Register Jessica Smith as a new employee and assign a mentor"),
    ("s2", "TechSupportAgent", "Set up the mailbox and VPN access of Jessica Smith"),
    ("s3", "ProcurementAgent", "Order a ThinkPad X1 laptop for Jessica Smith"),
)


def onboarding(live: bool = False, finished: bool = True) -> list[Event]:
    """The session of the table above. `live`: with events that are only shown live. Not `finished`: the last model call still runs."""
    s = Script()
    s.add(0.0, E.goal_received, USER, "onboard Jessica Smith")
    s.model_call(0.0, 1.4, "PlannerAgent", None, (1380, 190), "Three departments are needed.", live=live)
    s.plan = PLAN
    plan = {"data_type": "plan", "version": 1, "id": PLAN, "session_id": SESSION, "user_id": USER, "initial_goal": "onboard Jessica Smith", "overall_status": "in_progress"}  # fmt: skip
    s.add(1.4, E.plan_created, "PlannerAgent", "HR, then IT, then procurement.", None, {PLAN: plan}, steps=3)
    before: list[str] = []
    for index, (step, agent, action) in enumerate(STEPS, 1):
        s.offer(1.42, step, index, agent, action, depends_on=before[-1:])
        before.append(step)
    for step, _, _ in STEPS:
        s.approve(5.12, step)

    s.begin(5.15, "s1", STEPS[0][2])
    s.search(5.2, 5.35, "HrAgent", "s1", "onboarding of new employees", "hr-101-onboarding", "hr-104-leave")
    s.model_call(5.45, 8.25, "HrAgent", "s1", (980, 140), "She must be registered first.", live=live)
    s.tool_call(8.35, 9.3, "HrAgent", "s1", "register_employee", {"name": "Jessica Smith", "start": "2026-12-01"}, "Registered Jessica Smith, employee E-1042, from 2026-12-01.")  # fmt: skip
    s.model_call(9.4, 11.8, "HrAgent", "s1", (1160, 220), reply="Jessica Smith is registered as E-1042.", live=live)  # fmt: skip
    s.add(
        11.82,
        E.step_completed,
        "HrAgent",
        "Jessica Smith is registered as E-1042 from 1 December 2026.",
        "s1",
    )
    s.add(11.83, E.reply_checked, "HrAgent", "All 3 claims are borne out.", "s1", score=1.0, claims=3, ungrounded=[])  # fmt: skip

    s.begin(11.85, "s2", STEPS[1][2])
    s.search(12.0, 12.12, "TechSupportAgent", "s2", "VPN access", "it-201-vpn")
    s.model_call(12.3, 13.55, "TechSupportAgent", "s2", (900, 90), "Mailbox first, then VPN.", live=live)
    s.tool_call(13.6, 13.85, "TechSupportAgent", "s2", "create_mailbox", {"name": "Jessica Smith"}, "Mailbox jessica.smith@contoso.com created.")  # fmt: skip
    s.add(13.9, E.violation_found, "TechSupportAgent", "An e-mail address was masked.", "s2", route="model", entity="email", action="mask", count=2, where="model_called.sent", rule="gdpr")  # fmt: skip
    s.model_call(14.0, 16.35, "TechSupportAgent", "s2", (1210, 180), live=live)
    s.tool_call(16.5, 17.05, "TechSupportAgent", "s2", "grant_vpn", {"name": "Jessica Smith", "profile": "standard"}, "VPN profile standard granted.", number=2)  # fmt: skip
    s.model_call(17.15, 19.45, "TechSupportAgent", "s2", (1320, 400), f"Nearly done. {HOSTILE}", live=live)
    s.add(
        19.47,
        E.step_completed,
        "TechSupportAgent",
        "The mailbox jessica.smith@contoso.com is ready; VPN profile premium is granted.",
        "s2",
    )
    s.add(19.48, E.reply_checked, "TechSupportAgent", "1 of 2 claims is not borne out: premium.", "s2", score=0.5, claims=2, ungrounded=[{"kind": "name", "text": "premium"}])  # fmt: skip

    s.begin(19.5, "s3", STEPS[2][2])
    s.model_call(19.6, 21.9, "ProcurementAgent", "s3", (1400, 160), "Look at the stock first.", live=live)
    s.tool_call(21.95, 22.5, "ProcurementAgent", "s3", "check_stock", {"item": "ThinkPad X1"}, "The stock system does not answer.", "read", "failed")  # fmt: skip
    s.add(22.52, E.alert_raised, "", "A tool failed: check_stock.", "s3", rule="tool errors", key="ProcurementAgent", severity="warning", value=1, threshold=1)  # fmt: skip
    s.model_call(22.65, 23.5, "ProcurementAgent", "s3", (1450, 110), live=live)
    s.tool_call(23.6, 24.3, "ProcurementAgent", "s3", "order_hardware", {"item": "ThinkPad X1", "quantity": 1}, "Ordered 1 ThinkPad X1, order PO-7731, $1,450.00.", number=2)  # fmt: skip
    s.model_call(24.4, 30.8, "ProcurementAgent", "s3", (2200, 880), "The order is placed.", live=live)
    s.add(27.55, E.alert_raised, "ProcurementAgent", "A model call takes longer than 5 s.", "s3", rule="slow model call", key="ProcurementAgent", severity="warning", value=6.4, threshold=5.0)  # fmt: skip
    s.add(30.82, E.step_completed, "ProcurementAgent", "Ordered 1 ThinkPad X1 (PO-7731) for $1,450.", "s3")
    s.add(30.83, E.reply_checked, "ProcurementAgent", "All 4 claims are borne out.", "s3", score=1.0, claims=4, ungrounded=[])  # fmt: skip

    s.add(30.85, E.clarification_asked, "PlannerAgent", "Is anything else needed?")
    s.add(35.15, E.clarification_answered, USER, "No, that is all.")
    s.model_call(35.2, 38.2, "PlannerAgent", None, (1000, 60), "Nothing is left to do.", live=live)
    if not finished:
        s.events = [event for event in s.events if event.time < START + 38.0]
    else:
        s.add(38.2, E.plan_changed, "GroupChatManager", "completed", None, {PLAN: {"data_type": "plan", "version": 2, "overall_status": "completed"}}, status="completed")  # fmt: skip
    return s.in_order()
