"""A recording of a session whose every second is known."""

from __future__ import annotations

import random
import time

import pytest

from macae.agents.team import HUMAN, MANAGER, PLANNER
from macae.errors import InvalidInput, NotFound
from macae.models import Event, EventType
from macae.monitoring import Recording
from macae.monitoring.replay import track, views
from macae.monitoring.replay.lives import Lives
from macae.ui.monitor.fragments import alerts
from tests.support.recordings import HOSTILE, PLAN, SESSION, START, Script, onboarding

E = EventType


def spans(recording: Recording, kind: str) -> list[tuple[str, float, float]]:
    return [(bar.agent, bar.start, bar.end) for bar in recording.bars if bar.kind == kind]


def test_the_names_are_those_of_the_agents_package() -> None:
    assert (views.HUMAN, views.PLANNER, views.MANAGER) == (HUMAN, PLANNER, MANAGER)


def test_who_did_what_when() -> None:
    r = Recording(onboarding())
    assert (r.session_id, r.title, r.status) == (SESSION, "onboard Jessica Smith", "finished")
    assert (r.start, r.seconds, r.end, r.plans) == (START, 38.2, START + 38.2, [PLAN])
    assert r.agents == ["PlannerAgent", "HumanAgent", "HrAgent", "TechSupportAgent", "ProcurementAgent"]
    assert spans(r, "waiting") == [("HumanAgent", 1.42, 5.12), ("HumanAgent", 30.85, 35.15)]
    assert spans(r, "memory") == [("HrAgent", 5.2, 5.35), ("TechSupportAgent", 12.0, 12.12)]
    assert spans(r, "error") == [("ProcurementAgent", 21.95, 22.5)]
    assert [s[0] for s in spans(r, "tool")] == [
        "HrAgent",
        "TechSupportAgent",
        "TechSupportAgent",
        "ProcurementAgent",
    ]
    assert spans(r, "model")[0] == ("PlannerAgent", 0.0, 1.4) and spans(r, "model")[-2] == (
        "ProcurementAgent",
        24.4,
        30.8,
    )
    assert all(bar.plan_id == PLAN for bar in r.bars), "the planner's first call is the plan's by its trace"
    assert not any(bar.open for bar in r.bars)
    assert [(h.source, h.target) for h in r.hand_overs] == [
        ("PlannerAgent", "HumanAgent"),
        ("HumanAgent", "HrAgent"),
        ("HrAgent", "TechSupportAgent"),
        ("TechSupportAgent", "ProcurementAgent"),
        ("PlannerAgent", "HumanAgent"),
        ("HumanAgent", "PlannerAgent"),
    ]


def test_steps_costs_and_troubles() -> None:
    r = Recording(onboarding())
    one, two, three = r.steps
    assert (one.index, one.agent, one.status, one.tokens, one.approved_by) == (
        1,
        "HrAgent",
        "completed",
        2500,
        "local",
    )
    assert (one.start, one.end, one.waited) == (5.15, 11.82, 3.7)
    assert one.usd == pytest.approx(2140 * 2.5e-6 + 360 * 10e-6)
    assert [s.grounded for s in r.steps] == [1.0, 0.5, 1.0]
    assert two.reply.endswith("VPN profile premium is granted.") and three.attempts == 1
    assert len(r.costs) == 10 and r.unpriced == 0
    assert r.costs[-1] == (38.2, pytest.approx(13_000 * 2.5e-6 + 2_430 * 10e-6))
    assert [(p.kind, p.agent) for p in r.errors] == [("tool", "ProcurementAgent")]
    assert [(a.rule, a.agent) for a in r.alerts] == [
        ("tool errors", "ProcurementAgent"),
        ("slow model call", "ProcurementAgent"),
    ]
    assert [(v.entity, v.count, v.action) for v in r.violations] == [("email", 2, "mask")]
    assert r.violations[0].text == "email found 2 times in what a model was sent: masked"
    shown = alerts(r, "", {})
    assert "what a model was sent" in shown and "model_called" not in shown
    assert [q.sources for q in r.memory_queries] == [("hr-101-onboarding", "hr-104-leave"), ("it-201-vpn",)]
    assert [line.text for line in r.thoughts][1] == "She must be registered first."


def test_the_conversation_is_in_order_and_keeps_hostile_text_as_data() -> None:
    lines = Recording(onboarding()).conversation
    assert [line.seconds for line in lines] == sorted(line.seconds for line in lines)
    assert (lines[0].source, lines[0].target, lines[0].kind) == ("HumanAgent", "PlannerAgent", "message")
    assert any(HOSTILE in line.text for line in lines)
    call = next(line for line in lines if line.kind == "tool" and line.target == "order_hardware")
    assert call.text == 'order_hardware(item="ThinkPad X1", quantity=1)'
    assert {"decision", "question", "reply", "thought", "memory", "result", "error", "task", "note"} <= {
        line.kind for line in lines
    }


@pytest.mark.parametrize(
    ("at", "kind", "agent", "start"),
    [
        (0.7, "model", "PlannerAgent", 0.0),
        (3.0, "waiting", "HumanAgent", 1.42),
        (5.3, "memory", "HrAgent", 5.2),
        (9.0, "tool", "HrAgent", 8.35),
        (22.0, "tool", "ProcurementAgent", 21.95),  # that it fails is not known yet
        (29.0, "model", "ProcurementAgent", 24.4),
        (33.0, "waiting", "HumanAgent", 30.85),
    ],
)
def test_what_runs_at_a_moment_is_an_open_bar(at: float, kind: str, agent: str, start: float) -> None:
    then = Recording(onboarding()).until(at)
    (bar,) = [bar for bar in then.bars if bar.open]
    assert (bar.kind, bar.agent, bar.start, bar.end) == (kind, agent, start, at)
    assert then.seconds == at
    assert then.status == ("planning" if at < 1 else "waiting" if kind == "waiting" else "working")


def test_a_replay_knows_only_what_was_known() -> None:
    whole = Recording(onboarding())
    then = whole.until(29.0)
    assert len(then.model_calls) == 8 and then.costs[-1][0] == 23.5
    assert then.steps[2].status == "action_requested" and then.steps[2].tokens == 1560 + 1560
    assert then.steps[2].grounded is None
    assert [a.rule for a in then.alerts] == ["tool errors", "slow model call"]
    assert whole.until(22.51).alerts == [] and whole.until(0.0).agents == ["PlannerAgent"]
    assert (
        whole.until(-5).seconds == 0.0 and whole.until(99).seconds == 38.2 and whole.until(20).start == START
    )
    assert whole.until(29.0).until(9.0).bars == whole.until(9.0).bars
    assert whole.until(29.0).until(29.0).bars == whole.until(29.0).bars
    assert [m for m in whole.moments if m <= 29.0] == [
        m for m in then.moments if m < 29.0 or m in whole.moments
    ]


def test_every_stop_of_the_slider_can_be_shown() -> None:
    whole = Recording(onboarding())
    assert whole.moments[0] == 0.0 and whole.moments[-1] == whole.seconds
    done = 0
    for at in whole.moments:
        then = whole.until(at)
        assert then.seconds == at and all(bar.end <= at for bar in then.bars)
        closed = [bar for bar in then.bars if not bar.open]
        assert all(bar in whole.bars or bar.kind == "waiting" for bar in closed)
        assert len(then.model_calls) >= done
        done = len(then.model_calls)


def test_live_and_replayed_are_the_same_at_the_end() -> None:
    live = Recording()
    for event in onboarding(live=True):
        live.append(event)
        assert live.seconds >= 0
        live.status, live.bars, live.agents  # noqa: B018 (computed while it grows, forgotten with the next event)
    stored = Recording(onboarding())
    assert live.bars == stored.bars
    assert live.steps == stored.steps and live.conversation == stored.conversation
    assert (
        live.costs == stored.costs and live.hand_overs == stored.hand_overs and live.seconds == stored.seconds
    )


def test_a_call_seen_live_is_an_open_bar_until_it_ends() -> None:
    r = Recording(onboarding(live=True, finished=False))
    (bar,) = [bar for bar in r.bars if bar.open]
    assert (bar.kind, bar.agent, bar.start, bar.label) == ("model", "PlannerAgent", 35.2, "gpt-4o")
    assert r.status == "planning" and len(r.model_calls) == 9


def test_order_of_arrival_and_doubles_change_nothing() -> None:
    events = onboarding(live=True)
    shuffled = [*events, *events[::3]]
    random.Random(7).shuffle(shuffled)
    r, grown = Recording(shuffled), Recording()
    for event in shuffled:
        grown.append(event)
    for other in (r, grown):
        assert other.bars == Recording(events).bars and other.steps == Recording(onboarding()).steps
        assert sum(e.seq > 0 for e in other.events) == len(onboarding())


def test_what_was_opened_long_before_the_goal_moves_nothing() -> None:
    opened = Event(type=E.session_opened, session_id=SESSION, user_id="local", time=START - 600)
    closed = Event(type=E.session_closed, session_id=SESSION, user_id="local", time=START + 900)
    r = Recording([opened, *onboarding(), closed])
    assert r.start == START and r.seconds == 38.2 and r.bars == Recording(onboarding()).bars
    grown = Recording([opened])
    for event in onboarding():
        grown.append(event)
    assert grown.start == START and grown.bars == r.bars


def test_a_copy_does_not_grow() -> None:
    events = onboarding()
    r = Recording(events[:10])
    still = r.copy()
    before = still.bars
    for event in events[10:]:
        r.append(event)
    assert still.bars == before and len(still.events) == 10 and r.status == "finished"


def test_another_session_is_refused() -> None:
    other = Event(type=E.thought, session_id="S-other", user_id="eve", seq=99)
    with pytest.raises(InvalidInput, match="S-other"):
        Recording([*onboarding(), other])
    r = Recording(onboarding())
    with pytest.raises(InvalidInput, match="one session"):
        r.append(other)
    assert r.bars == Recording(onboarding()).bars
    r.append(Event(type=E.events_missed, session_id="", user_id="", time=START + 40, data={"missed": 12}))
    assert r.missed == 12 and r.seconds == 38.2


def test_one_plan_of_several() -> None:
    s = Script()
    for number, trace in enumerate(("a" * 32, "b" * 32)):
        at = 100.0 * number
        s.trace, s.plan = trace, ""
        s.add(at, E.goal_received, "local", f"goal {number}")
        s.model_call(at, at + 2, "PlannerAgent")
        s.plan = f"p{number}"
        s.add(at + 2, E.plan_created, "PlannerAgent", "a plan")
        s.offer(at + 2, f"p{number}-s", 1, "HrAgent", "look")
        s.approve(at + 5, f"p{number}-s")
        s.begin(at + 5, f"p{number}-s", "look")
        s.model_call(at + 5, at + 8, "HrAgent", f"p{number}-s")
        s.add(at + 8, E.step_completed, "HrAgent", "seen", f"p{number}-s")
        s.add(at + 8, E.plan_changed, "GroupChatManager", "completed", status="completed")
    both = Recording(s.events)
    assert (
        both.plans == ["p0", "p1"]
        and both.title == "2 plans: goal 0 (and 1 more)"
        and both.status == "finished"
    )
    second = both.of_plan("p1")
    assert (second.title, second.seconds, second.start) == ("goal 1", 8.0, START + 100)
    assert [(b.kind, b.start, b.end) for b in second.bars] == [
        ("model", 0.0, 2.0),
        ("waiting", 2.0, 5.0),
        ("model", 5.0, 8.0),
    ]
    assert len(second.steps) == 1 and len(both.steps) == 2
    assert both.until(106.0).of_plan("p1").bars[-1].open
    with pytest.raises(NotFound, match="p9"):
        both.of_plan("p9")


def test_ten_thousand_events_in_well_under_a_second_and_live_ones_are_cheap() -> None:
    s = Script()
    s.add(0, E.goal_received, "local", "a long day")
    s.plan = PLAN
    s.add(1, E.plan_created, "PlannerAgent", "many steps")
    for number in range(310):
        at, step = 2.0 + 9 * number, f"s{number}"
        s.offer(at, step, number + 1, f"Agent{number % 7}", "work")
        s.approve(at, step)
        s.begin(at, step, "work")
        for k in range(7):
            s.model_call(at + k, at + k + 0.5, f"Agent{number % 7}", step, thought="hm")
            s.tool_call(at + k + 0.5, at + k + 0.9, f"Agent{number % 7}", step, "look", {"k": k}, number=k)
        s.add(at + 8, E.step_completed, f"Agent{number % 7}", "done", step)
        if len(s.events) > 10_000:
            break
    first, rest = s.events[:-200], s.events[-200:]

    def look(r: Recording) -> None:
        r.bars, r.steps, r.conversation, r.hand_overs, r.costs, r.errors, r.moments  # noqa: B018

    began = time.process_time()
    r = Recording(first)
    look(r)
    for event in rest:
        r.append(event)
    look(r)
    assert time.process_time() - began < 4.0  # 0.7 s on a free core
    assert len(r.tool_calls) == len(r.model_calls) == 7 * (number + 1)
    assert r.bars == Recording(s.events).bars


def test_an_event_more_is_not_all_events_again(monkeypatch: pytest.MonkeyPatch) -> None:
    events = onboarding()
    taken: list[Event] = []
    sorts: list[int] = []
    take, sort = Lives.take, track.ordered
    monkeypatch.setattr(Lives, "take", lambda self, moment: (taken.append(moment.event), take(self, moment)))
    monkeypatch.setattr(track, "ordered", lambda events: (sorts.append(1), sort(events))[1])
    grown = Recording(events[:20])
    for event in events[20:]:
        grown.append(event)
        grown.bars, grown.steps  # noqa: B018
    assert len(taken) == len(events) and len(sorts) == 1
    backwards = Recording()
    for event in reversed(events):
        backwards.append(event)
    assert len(sorts) == 2, "late ones are put in order when somebody looks, all at once"
    whole = Recording(events)
    assert backwards.bars == grown.bars == whole.bars and backwards.steps == grown.steps == whole.steps
    assert backwards.events == grown.events == whole.events
