"""The tree of spans that a story of events makes, with its times: no OpenTelemetry needed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from macae.models import Event, EventType
from macae.monitoring.otel import names
from macae.monitoring.otel.calls import Form
from macae.monitoring.otel.drafts import MOST_NOTES, Draft
from macae.monitoring.otel.traces import READS, Traces
from macae.monitoring.scope import trace_id_of
from tests.monitoring.otel.conftest import TRACE, Story


def spans(events: Sequence[Event], traces: Traces | None = None, close: bool = False) -> list[Draft]:
    traces = traces or Traces()
    found = [draft for event in events for draft in traces.take(event)]
    return found + (traces.close() if close else [])


def one(found: Sequence[Draft], start: str) -> Draft:
    matching = [draft for draft in found if draft.name.startswith(start)]
    assert len(matching) == 1, [draft.name for draft in found]
    return matching[0]


def under(found: Sequence[Draft], parent: Draft) -> list[str]:
    return [d.name for d in sorted(found, key=lambda d: d.start) if d.parent == parent.id]


def length(draft: Draft) -> float:
    return round(draft.end - draft.start, 3)


def noted(draft: Draft) -> list[str]:
    return [note.name for note in draft.notes]


def test_one_plan_is_one_tree(story: Story) -> None:
    story.planned("MailAgent").worked("s1", at=64)
    found = spans(story.ended(74).events)
    root, step, agent = (
        one(found, "invoke_workflow plan"),
        one(found, "step"),
        one(found, "invoke_agent MailAgent"),
    )
    assert {draft.trace_id for draft in found} == {TRACE} and len({draft.id for draft in found}) == len(
        found
    ) == 8
    assert root.parent is None and length(root) == 74 and root.attributes[names.PLAN_STATUS] == "completed"
    assert under(found, root) == ["invoke_agent PlannerAgent", "step 1 MailAgent"]
    assert under(found, one(found, "invoke_agent PlannerAgent")) == ["chat gpt-4o"]
    assert under(found, step) == ["waiting for a person", "invoke_agent MailAgent"] and length(step) == 70
    assert under(found, agent) == ["chat gpt-4o", "execute_tool mail"] and length(agent) == 9
    waiting = one(found, "waiting")
    assert length(waiting) == 60 and waiting.attributes[names.DECISION] == "approved"
    assert length(one(found, "execute_tool")) == 3
    assert [length(d) for d in found if d.name == "chat gpt-4o"] == [2, 2]
    assert noted(step) == ["macae.step_approved"] and step.notes[0].attributes["macae.hash"] == "00ff"
    assert root.attributes | {names.TOKENS: 220, names.CALLS: 2, names.COST: 1.0} == root.attributes


def test_model_and_tool_calls_say_what_the_conventions_ask_for(story: Story) -> None:
    story.planned("A").worked("s1", at=5)
    found = spans(story.events, Traces(Form("openai")))
    chat = next(d for d in found if d.client and names.STEP in d.attributes)
    assert chat.attributes == {
        "gen_ai.conversation.id": "session-1",
        "macae.plan.id": "plan-1",
        "macae.step.id": "s1",
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.agent.name": "A",
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 10,
        "gen_ai.request.stream": True,
        "gen_ai.response.time_to_first_chunk": 0.25,
        "gen_ai.response.finish_reasons": ["stop"],
        "macae.cost.usd": 0.5,
    }
    tool = one(found, "execute_tool mail").attributes
    assert tool["gen_ai.tool.name"] == "mail" and tool["gen_ai.tool.call.id"] == "s1:7"
    assert tool["gen_ai.operation.name"] == "execute_tool" and tool["macae.tool.effect"] == "change"


def test_the_names_are_the_conventions() -> None:
    from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
    from opentelemetry.semconv._incubating.metrics import gen_ai_metrics

    known = {
        v for m in (gen_ai_attributes, gen_ai_metrics) for k, v in vars(m).items() if k.startswith("GEN_AI")
    }
    ours = {v for k, v in vars(names).items() if k.isupper() and v.startswith("gen_ai.")}
    assert ours and ours <= known


def test_what_the_conventions_have_no_operation_for_is_a_chain_to_phoenix(story: Story) -> None:
    story.planned("A").worked("s1", at=5)
    kinds = {d.name.split()[0]: d.attributes.get(names.KIND) for d in spans(story.ended(16).events)}
    assert kinds == {
        **dict.fromkeys(["invoke_workflow", "step", "waiting"], "CHAIN"),
        **dict.fromkeys(["invoke_agent", "chat", "execute_tool"]),
    }


def test_an_unpriced_call_has_no_price(story: Story) -> None:
    story.planned("A")
    story.called(6, 1, "s1", usd=None, first_token=None)
    chat = spans(story.events)[-1]
    assert names.COST not in chat.attributes and names.FIRST_TOKEN not in chat.attributes


def test_a_client_of_ones_own_is_not_said_to_be_the_settings(story: Story) -> None:
    story.planned("A")
    assert names.PROVIDER not in spans(story.events, Traces(Form("offline")))[0].attributes


def test_waiting_again_for_a_call_that_came_up(story: Story) -> None:
    story.planned("A")
    story.add("step_approved", 10, "s1", "auto:env")
    story.add("step_started", 11, "s1")
    story.add("step_paused", 13, "s1", "A", "mail {…}")
    story.add("step_approved", 113, "s1", "ann@example.org")
    story.add("step_started", 114, "s1")
    story.add("step_completed", 115, "s1", "A")
    found = spans(story.events)
    step = one(found, "step")
    assert under(found, step) == ["waiting for a person", "invoke_agent A"] * 2
    waits = [d for d in found if d.name.startswith("waiting")]
    assert [(length(d), d.attributes[names.WAITING]) for d in waits] == [(6, "approval"), (100, "call")]
    assert [n.attributes["macae.approval.by"] for n in step.notes] == ["auto:env", "person"]


def test_errors_are_statuses_and_a_retry_is_a_new_round(story: Story) -> None:
    story.planned("A")
    story.add("step_approved", 5, "s1")
    story.add("step_started", 5, "s1")
    story.called(7, 1, "s1", ok=False, error_type="ModelUnavailable", text="no connection")
    story.tool(8, 1, "s1", state="failed")
    story.add("step_failed", 10, "s1", "A", "it failed for Bob Jones")
    story.add("step_retried", 20, "s1", "ann@example.org")
    story.add("step_skipped", 30, "s1", "ann@example.org")
    found = spans(story.ended(31, "failed").events)
    first, second = (d for d in found if d.name.startswith("step"))
    assert (first.error, second.error) == ("step_failed", "") and first.id != second.id
    assert noted(second) == ["macae.step_retried", "macae.step_skipped"]
    assert second.attributes[names.STEP_ROUND] == 2 and second.attributes[names.STEP_STATUS] == "skipped"
    assert one(found, "execute_tool").error == "failed" and one(found, "invoke_workflow").error == "failed"
    chat = next(d for d in found if d.client and d.error)
    assert chat.error == chat.attributes["error.type"] == "ModelUnavailable"
    assert one(found, "invoke_agent A").error == "step_failed"
    assert not any(d.description for d in found)  # what was said is content


def test_a_step_that_a_limit_stopped_is_no_error(story: Story) -> None:
    story.planned("A")
    story.add("step_started", 5, "s1", "GroupChatManager", "go")
    story.add("step_failed", 6, "s1", "A", "30 are allowed (MACAE_PLAN_TOKENS).", why="limit")
    found = spans(story.events)
    assert one(found, "step 1 A").error == one(found, "invoke_agent A").error == ""
    assert one(found, "step 1 A").attributes["macae.step.status"] == "stopped"


def test_a_question_of_the_planner_is_waited_for(story: Story) -> None:
    story.planned()
    story.add("clarification_asked", 4, agent="PlannerAgent", text="Which Bob?")
    story.called(105, 1, agent="PlannerAgent", call="again")
    story.add("clarification_answered", 106, agent="ann@example.org", text="Jones")
    story.add("plan_changed", 106, agent="PlannerAgent", status="in_progress")
    found = spans(story.ended(107).events)
    waiting = one(found, "waiting")
    assert length(waiting) == 100, "it ends when the planner was asked again, not when that was stored"
    assert waiting.attributes[names.WAITING] == "clarification"
    plannings = [d for d in found if d.name == "invoke_agent PlannerAgent"]
    assert [length(d) for d in plannings] == [4, 2] and under(found, plannings[1]) == ["chat gpt-4o"]


def test_a_plan_that_waits_at_a_limit(story: Story) -> None:
    story.planned("A").add("plan_changed", 10, agent="GroupChatManager", status="paused")
    story.add("plan_changed", 40, agent="ann@example.org", status="in_progress")
    waiting = one(spans(story.events), "waiting")
    assert length(waiting) == 30 and waiting.attributes[names.WAITING] == "limit"


def test_alerts_and_violations_are_noted_and_none_is_lost(story: Story) -> None:
    story.planned("A")
    story.add(
        "violation_found", 5, route="model", entity="IBAN", action="mask", count=2, where="goal", rule="iban"
    )
    story.add("step_approved", 6, "s1")
    story.add("step_started", 6, "s1")
    story.add("tool_refused", 7, "s1", "A", "mail: not approved", tool="mail", arguments={"to": "Bob Jones"})
    story.add("step_completed", 8, "s1", "A")
    story.add(
        "reply_checked",
        9,
        "s1",
        "A",
        "half",
        score=0.5,
        claims=2,
        ungrounded=[{"kind": "name", "text": "Bob Jones"}],
    )
    story.ended(10)
    story.add("alert_resolved", 11, rule="errors", severity="warning", value=0.1, threshold=0.2)
    found = spans(story.events)
    root = one(found, "invoke_workflow")
    assert noted(root) == ["macae.violation_found", "macae.reply_checked"]
    assert (
        root.notes[0].attributes["macae.entity"] == "IBAN"
        and root.notes[1].attributes["macae.ungrounded"] == 1
    )
    assert noted(one(found, "invoke_agent A")) == ["macae.tool_refused"]
    late = one(found, "macae.alert_resolved")
    assert late.parent == root.id and length(late) == 0 and late.attributes["macae.rule"] == "errors"


def test_nothing_that_was_said_is_written_unless_asked_for(story: Story) -> None:
    story.planned("A").worked("s1", at=5)
    story.add(
        "memory_queried",
        16,
        "s1",
        "A",
        "Bob Jones",
        memory="knowledge",
        seconds=1,
        results=3,
        sources=["Bob.md"],
    )
    story.add("thought", 16, "s1", "A", "Bob Jones again")
    story.add("plan_changed", 17, text="Bob Jones is named", status="failed")
    quiet = spans(story.events)
    assert "Bob" not in repr(quiet) and "ann@example.org" not in repr(quiet)
    assert one(quiet, "retrieval knowledge").attributes[names.RESULTS] == 3
    told = spans(story.events, Traces(Form(content=True)))
    chat = next(d for d in told if d.client)
    assert json.loads(chat.attributes[names.INPUT])[0]["parts"][0]["content"] == "Bob Jones is to go."
    assert json.loads(chat.attributes[names.OUTPUT])[0]["parts"][0]["content"] == "Bob Jones was told."
    root = one(told, "invoke_workflow")
    assert root.attributes[names.GOAL] == "Fire Bob Jones" and root.description == "Bob Jones is named"
    assert root.attributes[names.USER] == "ann@example.org"
    tool = one(told, "execute_tool").attributes
    assert (
        json.loads(tool[names.ARGUMENTS]) == {"to": "Bob Jones"} and tool[names.RESULT] == "sent to Bob Jones"
    )
    assert one(told, "retrieval").attributes[names.QUERY] == "Bob Jones"


def test_long_content_is_cut_and_still_json(story: Story) -> None:
    story.planned("A")
    story.called(
        6, 1, "s1", sent=[{"role": "user", "text": "x" * 6000}, {"role": "user", "text": '"é' * 9000}]
    )
    text = spans(story.events, Traces(Form(content=True)))[-1].attributes[names.INPUT]
    assert len(text) < 10_000 and json.loads(text)[0]["role"] == "user"


def split(story: Story, at: int) -> tuple[list[Draft], list[Draft]]:
    """What two processes send when the second takes the plan up after event number `at`."""

    def past(event: Event, after: int) -> list[Event]:
        return [e for e in story.events if after < e.seq]

    return spans(story.events[:at], close=True), spans(story.events[at:], Traces(past=past), close=True)


def test_a_plan_that_another_process_continues_stays_one_trace(story: Story) -> None:
    story.planned("A", "B").worked("s1", at=10)
    story.worked("s2", at=3600)
    whole = {d.id for d in spans(story.ended(3611).events)}
    planned = next(e.seq for e in story.events if e.type == "plan_created")
    for at in range(planned, len(story.events)):  # planning itself dies with its process
        first, second = split(story, at)
        both = first + second
        ids = [d.id for d in both]
        assert len(set(ids)) == len(ids), "no span is sent twice"
        assert whole <= set(ids), "none is missing"
        assert {d.parent for d in both} - {None} <= set(ids), "every parent is sent by one of the two"
        root = one(both, "invoke_workflow plan")
        assert root.parent is None and root.attributes[names.PLAN_OPEN] and root in first
        more = one(second, "plan continued")
        assert more.parent == root.id and more.attributes[names.PLAN_STATUS] == "completed"


def test_waiting_over_a_night_is_as_long_as_it_was(story: Story) -> None:
    story.planned("A").worked("s1", at=50_000)
    offered = next(e.seq for e in story.events if e.type == "step_offered")
    first, second = split(story, offered)
    assert not [d for d in first if d.name.startswith("waiting")]
    assert length(one(second, "waiting")) == 50_000 - 4
    assert one(first, "invoke_workflow").attributes[names.PLAN_WAITING] == 1


def test_what_another_process_did_meanwhile_is_looked_up(story: Story) -> None:
    """Both are alive: one offers, the other decides; then the first offers the next."""
    story.planned("A", "B").worked("s1", at=10)
    story.add("step_edited", 30, "s2", "ann@example.org", "Write kindly.")  # by the other process
    story.add("step_rejected", 31, "s2", "ann@example.org")  # by the other process
    story.add("step_retried", 32, "s2", "ann@example.org")
    story.worked("s2", at=40)
    elsewhere = {e.seq for e in story.events if e.type in ("step_edited", "step_rejected")}
    past = lambda event, after: [e for e in story.events if e.seq > after]  # noqa: E731
    here = spans([e for e in story.events if e.seq not in elsewhere], Traces(past=past))
    there = spans([e for e in story.events if e.seq in elsewhere], Traces(past=past))
    assert [d.attributes[names.STEP_ROUND] for d in here + there if d.name.startswith("step 2")] == [2, 1]
    assert len({d.id for d in here + there}) == len(here + there)


def test_clocks_that_differ(story: Story) -> None:
    """The other machine's clock is behind: what it ended would have ended before it began."""
    story.planned("A").add("step_rejected", -60, "s1", "ann@example.org")
    found = spans(story.events)
    assert length(one(found, "waiting")) == length(one(found, "step")) == 0


def test_without_a_past_the_tree_still_fits(story: Story) -> None:
    story.planned("A").worked("s1", at=50)
    offered = next(e.seq for e in story.events if e.type == "step_offered")
    second = spans(story.ended(61).events[offered:])
    whole = {d.id for d in spans(story.events)}
    step = one(second, "step")
    assert step.attributes[names.STARTED_ELSEWHERE] and step.id in whole
    assert {d.id for d in second} - whole == {one(second, "plan continued").id}


def test_an_attempt_that_a_dead_process_left_is_ended_by_the_next(story: Story) -> None:
    story.planned("A")
    story.add("step_approved", 5, "s1")
    story.add("step_started", 6, "s1")
    story.add("tool_started", 7, "s1", "A", "mail", tool="mail", key="s1:1", effect="change")
    story.add("step_interrupted", 100, "s1", "A", "mail: it may have run", calls=["mail: it may have run"])
    _, second = split(story, len(story.events) - 1)
    assert (
        one(second, "invoke_agent A").error == "interrupted" and length(one(second, "invoke_agent A")) == 94
    )
    assert one(second, "execute_tool").attributes[names.STATE] == "unknown"


def test_the_same_events_again_change_nothing(story: Story) -> None:
    story.planned("A").worked("s1", at=5)
    traces = Traces()
    first = spans(story.ended(16).events, traces)
    assert first and spans(story.events, traces, close=True) == []


def test_a_failed_plan_that_is_taken_up_again(story: Story) -> None:
    story.planned("A")
    story.ended(10, "failed")
    story.add("step_retried", 20, "s1", "ann@example.org")
    story.add("plan_changed", 20, agent="ann@example.org", status="in_progress")
    story.worked("s1", at=30)
    found = spans(story.ended(41).events)
    root, more = one(found, "invoke_workflow plan"), one(found, "plan continued")
    assert (
        root.error == "failed"
        and more.parent == root.id
        and more.attributes[names.PLAN_STATUS] == "completed"
    )


def test_a_goal_that_no_plan_came_of(story: Story) -> None:
    story.add("goal_received", 0, text="?")
    failed = story.called(2, 2, agent="PlannerAgent", ok=False, error_type="ModelAuthError")
    failed.plan_id = ""
    found = spans(story.events, close=True)
    root = one(found, "invoke_workflow")
    assert root.error == "ModelAuthError" and root.attributes[names.PLAN_OPEN] and len(found) == 3


def test_a_planning_that_failed_ends_the_trace(story: Story) -> None:
    story.add("goal_received", 0, text="?")
    story.called(2, 2, agent="PlannerAgent").plan_id = ""
    story.add("planning_failed", 3, text="no usable plan", error_type="PlanError").plan_id = ""
    found = spans(story.events)
    root, planning = one(found, "invoke_workflow"), one(found, "invoke_agent")
    assert root.error == planning.error == "PlanError" and root.attributes[names.PLAN_STATUS] == "failed"
    assert noted(planning) == ["macae.planning_failed"]


def test_a_goal_that_was_refused_at_once(story: Story) -> None:
    refused = story.add("goal_refused", 0, text="Bob Jones is named", by="compliance")
    refused.plan_id = ""
    root = one(spans(story.events, close=True), "invoke_workflow")
    assert root.error == "goal_refused" and root.attributes[names.PLAN_STATUS] == "refused"


def test_an_answer_that_was_refused_ends_no_plan(story: Story) -> None:
    story.planned("A")
    story.add("goal_refused", 5, text="Bob Jones is named", by="safety", where="answer")
    story.worked("s1", at=6)
    root = one(spans(story.ended(17).events), "invoke_workflow")
    assert root.attributes[names.PLAN_STATUS] == "completed" and noted(root) == ["macae.goal_refused"]


def test_what_is_added_to_a_plan_without_its_trace(story: Story) -> None:
    story.planned("A")
    for trace in ("", trace_id_of("plan-1")):
        story.add("alert_raised", 5, rule="slow", severity="warning", value=1, threshold=0).trace_id = trace
    found = spans(story.ended(6).events, close=True)
    assert {d.trace_id for d in found} == {TRACE}
    assert noted(one(found, "invoke_workflow")) == ["macae.alert_raised"] * 2


def test_a_finding_that_belongs_to_no_plan_stands_alone(story: Story) -> None:
    story.add("violation_found", 1, entity="IBAN").plan_id = ""
    (alone,) = spans(story.events, close=True)
    assert alone.parent is None and alone.name == "macae.violation_found"


def test_what_comes_from_the_store_is_not_quoted(story: Story) -> None:
    """It did not pass where this process masks what it sends."""
    story.planned("A").worked("s1", at=50)
    offered = next(e.seq for e in story.events if e.type == "step_offered")
    told = Traces(Form(content=True), past=lambda event, after: story.events[:offered])
    found = spans(story.ended(61).events[offered:], told)
    assert names.TASK not in one(found, "step").attributes and names.REPLY in one(found, "step").attributes


def test_calls_that_belong_to_no_plan_stand_alone(story: Story) -> None:
    call = story.called(2, 1, agent="PlannerAgent")
    call.plan_id = ""
    found = spans(story.events, close=True)
    assert [d.name for d in found] == ["chat gpt-4o"] and found[0].parent is None


@pytest.mark.parametrize("trace", ["", "0" * 32, "XYZ", "4BF92F3577B34DA6A3CE929D0E0E4736"])
def test_events_without_a_usable_trace_id(trace: str) -> None:
    story = Story(trace=trace)
    story.planned("A").worked("s1", at=5)
    found = spans(story.ended(20).events)
    # Where the plan is known its trace follows from it; a wrong id is left alone.
    assert (len({d.trace_id for d in found}) == 1) is (trace == "")


def test_two_plans_do_not_mix() -> None:
    one_story, other = Story(), Story(trace="a" * 32, plan="plan-2")
    for story in (one_story, other):
        story.planned("A").worked("s1", at=5)
        story.ended(16)
    mixed = [event for pair in zip(one_story.events, other.events, strict=True) for event in pair]
    found = spans(mixed)
    for story in (one_story, other):
        mine = [d for d in found if d.trace_id == story.trace]
        assert {d.id for d in mine} == {d.id for d in spans(story.events)}


def test_only_so_many_plans_are_kept_in_mind() -> None:
    traces = Traces(most=3)
    stories = [Story(trace=f"{i:032x}", plan=f"p{i}").planned("A") for i in range(1, 6)]
    let_go = [d for story in stories for d in spans(story.events, traces) if names.PLAN_OPEN in d.attributes]
    assert [d.trace_id for d in let_go] == [stories[0].trace, stories[1].trace]


def test_plans_that_are_over_are_let_go_first() -> None:
    traces = Traces(most=3)
    stories = [Story(trace=f"{i:032x}", plan=f"p{i}").planned("A") for i in range(1, 6)]
    stories[1].ended(9)
    stories[2].ended(9)
    found = [draft for story in stories for draft in spans(story.events, traces)]
    assert not [draft for draft in found if names.PLAN_OPEN in draft.attributes]
    assert len(spans([], traces, close=True)) == 3, "those that are under way are still known"


def test_however_many_plans_there_are_the_store_is_not_asked_without_end() -> None:
    asked: list[str] = []
    traces = Traces(most=10, past=lambda event, after: asked.append(event.plan_id) or [])  # type: ignore[func-returns-value]
    for number in range(1, 301):
        story = Story(trace=f"{number:032x}", plan=f"p{number}")
        story.add("step_approved", 5, "s1", "ann@example.org")
        spans(story.events, traces)
    assert READS <= len(asked) < 300
    traces._reads.clear()  # a second later
    story.add("step_started", 6, "s2")
    spans(story.events[-1:], traces)
    assert asked[-1] == "p300"


def test_a_span_holds_only_so_many_notes(story: Story) -> None:
    story.planned("A")
    story.add("step_approved", 5, "s1")
    story.add("step_started", 5, "s1")
    for _ in range(MOST_NOTES + 7):
        story.add("violation_found", 6, "s1", entity="IBAN")
    story.add("step_completed", 9, "s1")
    found = spans(story.events)
    agent = one(found, "invoke_agent A")
    assert len(agent.notes) == MOST_NOTES and agent.attributes[names.UNNOTED] == 7
    assert names.UNNOTED not in one(found, "step").attributes


@pytest.mark.parametrize("odd", [None, "many", float("nan"), -1, [], {}, True])
def test_odd_data_harms_nothing(story: Story, odd: Any) -> None:
    story.planned("A")
    story.called(
        6,
        1,
        "s1",
        prompt_tokens=odd,
        completion_tokens=odd,
        usd=odd,
        model=odd,
        finish=odd,
        sent=odd,
        calls=odd,
    )
    last = story.events[-1]
    last.data["seconds"] = odd
    for type in EventType:
        story.add(
            type,
            7,
            "s1",
            **dict.fromkeys(("tool", "key", "state", "seconds", "results", "claims", "ungrounded"), odd),
        )
    for draft in spans(story.events, Traces(Form(content=True)), close=True):
        assert draft.end >= draft.start
